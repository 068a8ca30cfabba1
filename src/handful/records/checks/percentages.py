"""Percentages against whole people: 9.4 % of 21 is nobody's count.

A percentage printed with d decimals fits a count c of n when 100 c / n, rounded to d decimals, gives it back (halves
away from zero, to the even digit, or as binary numbers print). Everything is done in fractions; see
:mod:`handful.printed.granularity`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from handful.base.provenance import Reported
from handful.base.wording import human_list
from handful.printed.granularity import people_that_fit, percentage_fits
from handful.printed.rounding import printed as as_printed
from handful.records.checks.finding import Count, Finding, Path, People, counts, find, reported_numbers
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS, Study


def fits(percent: str, count: int, of: int) -> bool:
    """Is the printed percentage what ``count`` of ``of`` rounds to?"""
    return 0 <= count <= of and of > 0 and as_printed(percent, name="percent").rounds(Fraction(100 * count, of))


def _fitting(percent: str, of: int) -> tuple[int, ...]:
    """The whole numbers of people that the printed percentage may stand for; of very many only the first are listed."""
    return percentage_fits(percent, of).possible if of > 0 else ()


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
    subject = f'arm "{count.arm.id}", {count.item.outcome}'
    together = [
        c.item.percent.value
        for c in counts(study)
        if c.arm.id == count.arm.id
        and c.key == count.key
        and c.item.percent is not None
        and not c.item.modelled
        and (c.item.time, c.item.missing, c.item.n) == (count.item.time, count.item.missing, count.item.n)
    ]
    number = (count.number.value, count.number_path) if count.number is not None else None
    yield from percent_findings(records, study, count.path, subject, percent, number, count.people, together)


def percent_findings(
    records: Records,
    study: Study,
    path: Path,
    subject: str,
    percent: Reported[str],
    number: tuple[int, Path] | None,
    base: tuple[People, ...],
    together: list[str],
) -> Iterator[Finding]:
    """A printed percentage at ``path`` against its people and the count beside it; ``together``: those of one table."""
    printed = percent.value
    where = (*path, "percent")
    if not any(_fitting(printed, p.value) for p in base):
        nearest = max(base, key=lambda p: p.value)
        yield find(
            records,
            study,
            where,
            "percentage-fits-no-count",
            f"{subject}: {printed} % of {_of(base)} is no whole number of people",
            f"{_neighbours(printed, nearest.value)}\n{_other_people(together, nearest.value)}\n{_LOOK_UP}",
        )
        return
    if number is not None and not any(fits(printed, number[0], p.value) for p in base):
        nearest = next((p for p in base if p.value), base[0])
        line = records.place(study.id, (*number[1], "value")).line
        possible = _fitting(printed, nearest.value)
        yield find(
            records,
            study,
            where,
            "percentage-does-not-match-count",
            f"{subject}: {printed} % is not {number[0]} of {_of(base)}",
            f"{number[0]} stands in line {line}; {printed} % of {nearest.value} would be "
            f"{' or '.join(map(str, possible[:3])) or 'no whole number'}",
            number[1],
        )


def _of(people: tuple[People, ...]) -> str:
    values = list(dict.fromkeys(p.value for p in people))
    if len(values) == 1:
        return str(values[0])
    return " or ".join(f"{p.value} ({DENOMINATOR_WORDS[p.kind]})" for p in people)


def _neighbours(percent: str, of: int) -> str:
    """'1 of 21 is 4.8 %, 2 of 21 is 9.5 %': what would be accepted, and what cutting digits off would have given."""
    if of <= 0:
        return "nobody is counted"
    found = percentage_fits(percent, of)
    said = ", ".join(f"{count} of {of} is {text} %" for count, text in found.nearest)
    if found.if_cut:
        said += f"\n{found.if_cut[0]} of {of} would print {percent} % if digits were cut off, not rounded"
    return said


SMALLEST_SHARE = 2
"""Other numbers of people are looked for down to a half of the recorded one."""

MOST_NAMED = 6
"""No more other numbers of people than this are named: with more, they tell nothing."""


def _other_people(percentages: list[str], of: int) -> str:
    """'of 24 people they would fit': smaller numbers of people that all percentages of one table then fit."""
    if of <= 1 or not percentages:
        return ""
    found = people_that_fit(percentages, of - 1, least=max(1, of // SMALLEST_SHARE))
    if not found or len(found) > MOST_NAMED:
        return ""
    which = "it would fit" if len(percentages) == 1 else f"all {len(percentages)} percentages of that time would fit"
    return f"of {human_list([str(n) for n in found], last='or')} people {which}: perhaps fewer were evaluated"


def _back_calculated(
    records: Records, study: Study, path: tuple[str | int, ...], reported: Reported[object]
) -> Iterator[Finding]:
    back = reported.back_calculated
    if back is None:
        return
    possible = _fitting(back.percent, back.of)
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
