"""Percentages against whole people: 9.4 % of 21 is nobody's count.

A percentage printed with d decimals fits a count c of n when 100 c / n, rounded to d decimals, gives it back (halves
upward or to the even digit, as programs differ). Everything is done in whole numbers; nothing is lost to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from handful.base.provenance import Reported
from handful.records.checks.finding import Count, Finding, People, counts, find, reported_numbers
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS, Study


def fits(percent: str, count: int, of: int) -> bool:
    """Is the printed percentage what ``count`` of ``of`` rounds to?"""
    if of <= 0 or not 0 <= count <= of:
        return False
    scale, printed = _printed(percent)
    exact = Fraction(100 * scale * count, of)
    half = Fraction(1, 2)
    if printed - half <= exact < printed + half:
        return True
    return exact == printed + half and printed % 2 == 0


def counts_that_fit(percent: str, of: int) -> tuple[int, ...]:
    """Every whole number of people out of ``of`` that the printed percentage may stand for.

    >>> counts_that_fit("32.5", 40), counts_that_fit("9.4", 21), counts_that_fit("1", 300)
    ((13,), (), (2, 3, 4))
    """
    if of <= 0:
        return ()
    scale, printed = _printed(percent)
    lowest = max(0, ((2 * printed - 1) * of) // (200 * scale))
    highest = min(of, -((-(2 * printed + 1) * of) // (200 * scale)))
    return tuple(c for c in range(lowest, highest + 1) if fits(percent, c, of))


def _printed(percent: str) -> tuple[int, int]:
    """Ten to the number of decimals, and the percentage in units of its last decimal."""
    decimals = len(percent.partition(".")[2])
    scale: int = 10**decimals
    return scale, int(Fraction(percent) * scale)


_LOOK_UP = """look it up; if it is of other people, give the outcome its own `n:`
if a model estimated it, write `modelled: true`
if the source really prints it, declare it with `known:` beside the percentage"""


def check_percentages(records: Records, study: Study) -> Iterator[Finding]:
    """Printed percentages against their people, and counts that were calculated back from one."""
    for count in counts(study):
        if count.item.percent is None or count.item.modelled or not count.people:
            continue
        yield from _percent(records, study, count, count.item.percent)
    for path, reported in reported_numbers(study):
        if reported.back_calculated is not None:
            yield from _back_calculated(records, study, path, reported)


def _percent(records: Records, study: Study, count: Count, percent: Reported[str]) -> Iterator[Finding]:
    path = (*count.path, "percent")
    printed = percent.value
    subject = f'arm "{count.arm.id}", {count.item.outcome}'
    if not any(counts_that_fit(printed, p.value) for p in count.people):
        nearest = max(count.people, key=lambda p: p.value)
        yield find(
            records,
            study,
            path,
            "percentage-fits-no-count",
            f"{subject}: {printed} % of {_of(count.people)} is no whole number of people",
            f"{_neighbours(printed, nearest.value)}\n{_LOOK_UP}",
        )
        return
    number = count.number
    if number is not None and not any(fits(printed, number.value, p.value) for p in count.people):
        nearest = next((p for p in count.people if p.value), count.people[0])
        line = records.place(study.id, (*count.number_path, "value")).line
        possible = counts_that_fit(printed, nearest.value)
        yield find(
            records,
            study,
            path,
            "percentage-does-not-match-count",
            f"{subject}: {printed} % is not {number.value} of {_of(count.people)}",
            f"{number.value} stands in line {line}; {printed} % of {nearest.value} would be "
            f"{' or '.join(map(str, possible[:3])) or 'no whole number'}",
            count.number_path,
        )


def _of(people: tuple[People, ...]) -> str:
    values = list(dict.fromkeys(p.value for p in people))
    if len(values) == 1:
        return str(values[0])
    return " or ".join(f"{p.value} ({DENOMINATOR_WORDS[p.kind]})" for p in people)


def _neighbours(percent: str, of: int) -> str:
    """'1 of 21 is 4.8 %, 2 of 21 is 9.5 %': what would be accepted."""
    if of <= 0:
        return "nobody is counted"
    decimals = len(percent.partition(".")[2])
    below = min(int(Fraction(percent) * of / 100), of)
    shown = [c for c in (below, below + 1) if c <= of]
    return ", ".join(f"{c} of {of} is {_rounded(Fraction(100 * c, of), decimals)} %" for c in shown)


def _rounded(value: Fraction, decimals: int) -> str:
    units = (value * 10**decimals + Fraction(1, 2)).__floor__()
    digits = str(units).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def _back_calculated(
    records: Records, study: Study, path: tuple[str | int, ...], reported: Reported[object]
) -> Iterator[Finding]:
    back = reported.back_calculated
    if back is None:
        return
    possible = counts_that_fit(back.percent, back.of)
    if possible == (reported.value,):
        return
    what = f"{back.percent} % of {back.of}"
    if not possible:
        code, message = "percentage-fits-no-count", f"{what} is no whole number of people"
        hint = f"{_neighbours(back.percent, back.of)}\nkeep `percent:` and leave the count out"
    elif reported.value not in possible:
        code, message = "back-calculation-wrong", f"{what} is {_choices(possible)}, not {reported.value}"
        hint = "correct the count, the percentage or the number of people"
    else:
        code, message = "back-calculation-ambiguous", f"{what} may be {_choices(possible)}"
        hint = "a count is calculated back only where one whole number fits; keep `percent:`, leave the count out"
    yield find(records, study, path, code, message, hint)


def _choices(possible: tuple[int, ...]) -> str:
    if len(possible) <= 3:
        return " or ".join(map(str, possible))
    return f"anything from {possible[0]} to {possible[-1]}"
