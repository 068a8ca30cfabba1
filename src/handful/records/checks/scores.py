"""Means, standard deviations and ranges against the scale, the number of people, and each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from handful.base.provenance import Reported
from handful.printed.granularity import grim
from handful.printed.intervals import interval_fits
from handful.printed.rounding import printed
from handful.printed.spread import grimmer, sd_possible
from handful.records.checks.finding import Finding, Path, find, people
from handful.records.measured import Measured
from handful.records.records import Records
from handful.records.study import Arm, Denominators, Score, Study

CHANGES = frozenset({"mean-change", "least-squares-mean-change"})
SMALLEST_GROUP = 2
"""Where the number of people is not known, the standard deviation may be the greatest that any group can have."""

_DECLARE = "look it up; if the source really prints it, declare it with `known:` beside the number"


@dataclass(frozen=True, slots=True)
class _Mean:
    """A mean with its spread, the ends its values can have, and whether they are whole numbers."""

    subject: str
    path: Path
    mean: tuple[Reported[Any], Path] | None
    sd: tuple[Reported[Any], Path] | None
    sizes: tuple[int, ...]
    low: float | None
    high: float | None
    whole: bool
    items: int
    scale: str


def check_scores(records: Records, study: Study) -> Iterator[Finding]:
    """Scores of instruments, and what was measured at the start."""
    for a, arm in enumerate(study.arms):
        for i, score in enumerate(arm.scores):
            path: Path = ("arms", a, "scores", i)
            yield from _mean(records, study, _of_score(records, arm, score, path))
            yield from _interval(records, study, arm, score, path)
        for i, measured in enumerate(arm.measured):
            path = ("arms", a, "measured", i)
            yield from _mean(records, study, _of_measured(arm, measured, path))
            yield from _seen(records, study, arm, measured, path)


def _of_score(records: Records, arm: Arm, score: Score, path: Path) -> _Mean:
    scale = records.instruments.get(score.instrument)
    low, high = (scale.low, scale.high) if scale is not None else (None, None)
    if score.what == "percent-change":
        low = high = None
    elif score.what in CHANGES and low is not None and high is not None:
        low, high = low - high, high - low
    own = score.n if score.n is not None and score.n.kinds() else arm.n
    return _Mean(
        f'arm "{arm.id}", {score.instrument} ({score.what.replace("-", " ")})',
        path,
        (score.estimate, (*path, "estimate")),
        (score.sd, (*path, "sd")) if score.sd is not None else None,
        _sizes(own),
        low,
        high,
        scale is not None and scale.whole and score.what in ("mean", "mean-change"),
        1,
        scale.name if scale is not None else score.instrument,
    )


def _of_measured(arm: Arm, measured: Measured, path: Path) -> _Mean:
    low, high = measured.least, measured.most
    if measured.low is not None and measured.high is not None:  # the range that was seen is narrower still
        low, high = float(printed(measured.low.value).low), float(printed(measured.high.value).high)
    return _Mean(
        f'arm "{arm.id}", {measured.about}',
        path,
        (measured.mean, (*path, "mean")) if measured.mean is not None else None,
        (measured.sd, (*path, "sd")) if measured.sd is not None else None,
        (measured.n.value,) if measured.n is not None else _sizes(arm.n),
        low,
        high,
        measured.whole,
        measured.items,
        "the range given",
    )


def _sizes(n: Denominators) -> tuple[int, ...]:
    return tuple(dict.fromkeys(p.value for p in people(n, ()) if p.value > 0))


def _mean(records: Records, study: Study, given: _Mean) -> Iterator[Finding]:
    if given.mean is None:
        return
    mean, where = given.mean
    number = printed(mean.value)
    low, high = given.low, given.high
    if (low is not None and float(number.high) < low) or (high is not None and float(number.low) > high):
        message = f"{given.subject}: {number.text} lies outside {_ends(low, high)}, the range of {given.scale}"
        yield find(records, study, where, "score-outside-instrument", message, _DECLARE)
        return
    if given.whole and given.sizes:
        found = [grim(mean.value, n, items=given.items, low=low, high=high) for n in given.sizes]
        if not any(found):
            message = f"{given.subject}: {found[0].because}"
            hint = f"{_rest([f.because for f in found[1:]])}{_DECLARE}\nif it is of other people, give it its own `n:`"
            yield find(records, study, where, "mean-fits-no-sum", message, hint)
            return
    yield from _spread(records, study, given)


def _spread(records: Records, study: Study, given: _Mean) -> Iterator[Finding]:
    if given.sd is None or given.mean is None:
        return
    (mean, mean_path), (sd, where) = given.mean, given.sd
    if float(printed(sd.value).high) < 0:
        message = f"{given.subject}: a standard deviation of {sd.value} is below 0"
        yield find(records, study, where, "sd-impossible", message, _DECLARE)
        return
    sizes = tuple(n for n in given.sizes if n >= SMALLEST_GROUP)
    if given.low is not None and given.high is not None and given.low < given.high:
        wide = [sd_possible(mean.value, sd.value, n, given.low, given.high) for n in sizes or (SMALLEST_GROUP,)]
        if not any(wide):
            message = f"{given.subject}: {wide[0].because}"
            hint = f"a standard error may have been printed as a standard deviation, or the reverse\n{_DECLARE}"
            yield find(records, study, where, "sd-impossible", message, hint, mean_path)
            return
    if given.whole and sizes:
        ends = {"low": given.low, "high": given.high}
        found = [grimmer(mean.value, sd.value, n, items=given.items, **ends) for n in sizes]
        if not any(found) and any(f.mean_fits for f in found):
            message = f"{given.subject}: {next(f.because for f in found if f.mean_fits)}"
            yield find(records, study, where, "sd-fits-no-scores", message, _DECLARE, mean_path)


def _interval(records: Records, study: Study, arm: Arm, score: Score, path: Path) -> Iterator[Finding]:
    if score.low is None or score.high is None:
        return
    subject = f'arm "{arm.id}", {score.instrument}'
    if score.low.value > score.high.value:
        message = f"{subject}: the interval ends ({score.high.value:g}) before it begins ({score.low.value:g})"
        yield find(records, study, (*path, "low"), "interval-reversed", message, _DECLARE, (*path, "high"))
        return
    found = interval_fits(score.estimate.value, score.low.value, score.high.value)
    about = ((*path, "low"), (*path, "high"))
    if not found.contains:
        message = f"{subject}: {found.because}"
        yield find(records, study, (*path, "estimate"), "interval-misses-estimate", message, _DECLARE, *about)
    elif found.symmetric is False:
        hint = f"limits of a mean lie evenly around it, unless they were bootstrapped\n{_DECLARE}"
        message = f"{subject}: {found.because}"
        yield find(records, study, (*path, "estimate"), "interval-not-symmetric", message, hint, *about)


def _seen(records: Records, study: Study, arm: Arm, measured: Measured, path: Path) -> Iterator[Finding]:
    """The smallest value seen, the median and the largest stand in this order, inside what there can be."""
    order = [(k, v) for k, v in (("low", measured.low), ("median", measured.median), ("high", measured.high)) if v]
    for (small, less), (large, more) in pairwise(order):
        if printed(less.value).low > printed(more.value).high:
            message = f'arm "{arm.id}", {measured.about}: {small} {less.value} is above {large} {more.value}'
            yield find(records, study, (*path, small), "range-out-of-order", message, _DECLARE, (*path, large))
    for key, value in order:
        number = printed(value.value)
        if (measured.least is not None and float(number.high) < measured.least) or (
            measured.most is not None and float(number.low) > measured.most
        ):
            ends = _ends(measured.least, measured.most)
            message = f'arm "{arm.id}", {measured.about}: {key} {value.value} lies outside {ends}'
            yield find(records, study, (*path, key), "score-outside-instrument", message, _DECLARE)


def _ends(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"{low:g} to {high:g}" if high is not None else f"at least {low:g}"


def _rest(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
