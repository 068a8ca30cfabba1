"""Printed p-values, statistics and intervals of a comparison against each other and against the counts."""

from __future__ import annotations

from collections.abc import Iterator

from handful.printed.intervals import IntervalFits, interval_fits
from handful.printed.p_values import PFits, p_value_fits, p_value_fits_counts
from handful.printed.rounding import printed
from handful.records.checks.finding import Count, Finding, Path, counts, find
from handful.records.comparison import LOG_MEASURES, Comparison
from handful.records.records import Records
from handful.records.study import Study

_DECLARE = "look them up; if the source really prints them, declare it with `known:` beside the number"


def check_comparisons(records: Records, study: Study) -> Iterator[Finding]:
    """Every comparison of the study."""
    for index, comparison in enumerate(study.comparisons):
        path: Path = ("comparisons", index)
        if comparison.statistic is not None and comparison.p is not None and comparison.test not in (None, "other"):
            yield from _statistic(records, study, comparison, path)
        elif comparison.p is not None and comparison.between and comparison.outcome is not None:
            yield from _counts(records, study, comparison, path)
        if comparison.low is not None and comparison.high is not None:
            yield from _interval(records, study, comparison, path)


def _statistic(records: Records, study: Study, comparison: Comparison, path: Path) -> Iterator[Finding]:
    assert comparison.statistic is not None
    assert comparison.p is not None
    found = p_value_fits(
        comparison.p.value,
        comparison.test or "",
        comparison.statistic.value,
        tuple(comparison.df),
        sides=comparison.sides,
    )
    if not found:
        code = "p-does-not-match-statistic"
        yield _wrong(records, study, comparison, path, code, found, (*path, "statistic"))


def _counts(records: Records, study: Study, comparison: Comparison, path: Path) -> Iterator[Finding]:
    """The p-value against the recorded counts: any usual test, any kind of people, any time both arms were counted."""
    assert comparison.p is not None
    first, second = (
        [c for c in counts(study) if c.arm.id == arm and c.item.outcome == comparison.outcome and c.number is not None]
        for arm in comparison.between
    )
    tried: list[tuple[PFits, Count, Count]] = []
    for one in first:
        for two in second:
            if one.item.time != two.item.time:
                continue
            for n1, n2 in _sizes(one, two):
                assert one.number is not None
                assert two.number is not None
                x1, x2 = one.number.value, two.number.value
                if x1 <= n1 and x2 <= n2:
                    found = p_value_fits_counts(comparison.p.value, x1, n1, x2, n2, sides=comparison.sides)
                    tried.append((found, one, two))
    if tried and not any(found for found, _, _ in tried):
        worst, one, two = tried[0]
        numbers = (one.number_path, two.number_path)
        code = "p-does-not-match-counts"
        yield _wrong(records, study, comparison, path, code, worst, *numbers)


def _sizes(one: Count, two: Count) -> list[tuple[int, int]]:
    """Numbers of people of both arms: of the same kind where they have one, else every pairing."""
    a, b = ({p.kind: p.value for p in c.people if p.value > 0} for c in (one, two))
    both = [(a[kind], b[kind]) for kind in a if kind in b]
    return list(dict.fromkeys(both or [(x, y) for x in a.values() for y in b.values()]))


def _wrong(
    records: Records, study: Study, comparison: Comparison, path: Path, code: str, found: PFits, *about: Path
) -> Finding:
    hint = _DECLARE
    if found.if_one_sided:
        hint = f"if the paper says that its test has one side, write `sides: 1`\n{hint}"
    if found.changes_the_verdict:
        hint = f"printed and computed lie on different sides of 0.05\n{hint}"
    return find(records, study, (*path, "p"), code, f"{comparison.about}: {found.because}", hint, *about)


def _interval(records: Records, study: Study, comparison: Comparison, path: Path) -> Iterator[Finding]:
    low, high, estimate = comparison.low, comparison.high, comparison.estimate
    assert low is not None
    assert high is not None
    ends: tuple[Path, ...] = ((*path, "low"), (*path, "high"))
    if printed(low.value).value > printed(high.value).value:
        message = f"{comparison.about}: the interval ends ({high.value}) before it begins ({low.value})"
        yield find(records, study, ends[0], "interval-reversed", message, _DECLARE, ends[1])
        return
    if estimate is None:
        return
    scale = "log" if comparison.measure in LOG_MEASURES else "plain"
    symmetric = comparison.interval == "symmetric" and comparison.measure in (*LOG_MEASURES, "RD", "MD", "SMD")
    found = interval_fits(
        estimate.value,
        low.value,
        high.value,
        scale=scale,
        level=comparison.level,
        se=comparison.se.value if comparison.se is not None and symmetric else None,
        p=comparison.p.value if comparison.p is not None and symmetric and comparison.sides == 2 else None,
    )
    yield from _of_interval(records, study, comparison, path, found, symmetric)


def _of_interval(
    records: Records, study: Study, comparison: Comparison, path: Path, found: IntervalFits, symmetric: bool
) -> Iterator[Finding]:
    ends: tuple[Path, ...] = ((*path, "low"), (*path, "high"))
    message = f"{comparison.about}: {found.because}"
    if not found.contains:
        yield find(records, study, (*path, "estimate"), "interval-misses-estimate", message, _DECLARE, *ends)
        return
    if symmetric and found.symmetric is False:
        hint = f"exact, score, profile or bootstrap limits: write `interval: not-symmetric`\n{_DECLARE}"
        yield find(records, study, (*path, "estimate"), "interval-not-symmetric", message, hint, *ends)
        return
    if found.se_fits is False:
        yield find(records, study, (*path, "se"), "se-does-not-match-interval", message, _DECLARE, *ends)
    if found.p_fits is False:
        yield find(records, study, (*path, "p"), "p-does-not-match-interval", message, _DECLARE, *ends)
