"""Where certainty starts: by the design of the studies counted, and by what the number is to be used for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handful.base.wording import human_list
from handful.certainty.certainty import LEVELS, Level
from handful.counts.rows import CountRow
from handful.records.judgement import Judgement
from handful.records.records import Records
from handful.records.study import DESIGN_WORDS

ROBINS_I = frozenset({"robins-i", "robins-i-v2"})
"""Tools after which a non-randomised comparison starts at high, because confounding is judged item by item."""

NO_RATE_DESIGNS = frozenset({"spontaneous-reports", "literature-review"})
"""Collections of cases published or reported for what happened: they have no denominator, so they forecast nothing."""


def start_of_effect(
    rows: Iterable[CountRow], records: Records, judgements: Mapping[str, Judgement]
) -> tuple[Level, str]:
    """Start for the claim that the treatment changes how often the outcome happens; the lowest of the studies' starts.

    GRADE: randomised trials high, non-randomised comparisons low (high where ROBINS-I judged them), anything without a
    comparison very low. A trial whose comparison arm is not in the records is one arm here, and starts at low.
    """
    return _lowest([_effect(row, records, judgements) for row in rows])


def start_of_rate(rows: Iterable[CountRow]) -> tuple[Level, str]:
    """Start for the count as a forecast of how often the outcome is seen in such people: prognosis starts at high.

    GRADE for prognosis (Iorio 2015, doi:10.1136/bmj.h870): following people over time is the right design for a rate,
    with or without a comparison; collections of published or reported cases have no denominator and start at very low.
    """
    found: list[tuple[Level, str]] = []
    for row in rows:
        if row.design in NO_RATE_DESIGNS:
            found.append(("very-low", f"{row.design_words}: no rate can be read from them"))
        elif row.design == "cross-sectional":
            found.append(("low", "people seen once, not followed"))
        else:
            found.append(("high", "people followed over time, as for a forecast"))
    return _lowest(found)


def _effect(row: CountRow, records: Records, judgements: Mapping[str, Judgement]) -> tuple[Level, str]:
    words = DESIGN_WORDS.get(row.design, row.design)
    compared = _has_comparison(row, records)
    if row.design in ("randomised", "pooled-trials"):
        if compared:
            return "high", f"{words} with its comparison arm in the records"
        return "low", f"{words}, of which only one arm is in the records"
    if row.design in ("non-randomised", "cohort") and compared:
        tools = {j.tool for j in judgements.values() if j.study == row.study}
        if tools & ROBINS_I:
            return "high", f"{words} judged with ROBINS-I"
        return "low", f"{words}, not randomised"
    return "very-low", f"{words} without a comparison group"


def _has_comparison(row: CountRow, records: Records) -> bool:
    """Whether the study of that count has an arm with another treatment."""
    study = records.studies.get(row.study)
    return study is not None and any(arm.treatment != row.treatment for arm in study.arms)


def _lowest(found: list[tuple[Level, str]]) -> tuple[Level, str]:
    if not found:
        return "very-low", "nobody was counted"
    lowest = min(LEVELS.index(level) for level, _ in found)
    reasons = dict.fromkeys(because for level, because in found if LEVELS.index(level) == lowest)
    return LEVELS[lowest], human_list(list(reasons))


__all__ = ["NO_RATE_DESIGNS", "ROBINS_I", "start_of_effect", "start_of_rate"]
