"""Where certainty starts: by the design of the studies counted, and by what the number is to be used for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handful.base.wording import human_list
from handful.certainty.certainty import LEVELS, Level
from handful.certainty.tool import tool_id
from handful.counts.rows import CountRow
from handful.records.judgement import Judgement
from handful.records.records import Records
from handful.records.study import DESIGN_WORDS

ROBINS_I = frozenset({"robins-i", "robins-i-v2"})
"""Tools after which a non-randomised comparison starts at high, because confounding is judged item by item."""

COMPARING = frozenset({"randomised", "non-randomised", "pooled-trials"})

NO_RATE_DESIGNS = frozenset({"spontaneous-reports", "literature-review"})
"""Collections of cases published or reported for what happened: they have no denominator, so they forecast nothing."""


def start_of_effect(
    rows: Iterable[CountRow], records: Records, judgements: Mapping[str, Judgement]
) -> tuple[Level, str]:
    """Start for the claim that the treatment changes how often the outcome happens; the lowest of the studies' starts.

    GRADE: randomised trials high, non-randomised comparisons low (high where ROBINS-I judged them), anything without a
    comparison very low. A comparison is there when another treatment of the same study has a count of the same outcome
    in the records; a trial's count without one (an open extension, say) is a count of one group: very low.
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
    if not _has_comparison(row, records):
        return "very-low", f"{words}, but this count has no comparison in the records" if row.design in COMPARING else (
            f"{words} without a comparison group"
        )
    if row.design in ("randomised", "pooled-trials"):
        return "high", f"{words} with a comparison"
    if any(tool_id(j.tool) in ROBINS_I for j in judgements.values() if j.study == row.study):
        return "high", f"{words} with a comparison, judged with ROBINS-I"
    return "low", f"{words} with a comparison, not randomised"


def _has_comparison(row: CountRow, records: Records) -> bool:
    """Whether another treatment of the study has a count of the same outcome."""
    study = records.studies.get(row.study)
    if study is None or row.design in NO_RATE_DESIGNS:
        return False
    others = (arm for arm in study.arms if arm.treatment != row.treatment)
    return any(counted.outcome == row.outcome for arm in others for counted in (*arm.outcomes, *arm.harms))


def _lowest(found: list[tuple[Level, str]]) -> tuple[Level, str]:
    if not found:
        return "very-low", "nobody was counted"
    lowest = min(LEVELS.index(level) for level, _ in found)
    reasons = dict.fromkeys(because for level, because in found if LEVELS.index(level) == lowest)
    return LEVELS[lowest], human_list(list(reasons))


__all__ = ["NO_RATE_DESIGNS", "ROBINS_I", "start_of_effect", "start_of_rate"]
