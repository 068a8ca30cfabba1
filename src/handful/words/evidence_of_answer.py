"""What stands behind the text of a question's page: from its answer and how sure it is to the words it may use.

A page that tells of one group of people has no comparison, whatever the design of its studies. It has one where every
study that it counts also counts the same outcome in people on another treatment: then the texts may compare, in the
direction that holds in all of these studies, with the verb of the least sure answer of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handful.certainty.certainty import Grading
from handful.counts.count import RowMaker
from handful.counts.rows import CountRow
from handful.question.entries import Entry
from handful.stats.results import NotEstimable
from handful.stats.two_groups.two_by_two import two_groups
from handful.synthesis.posteriors import NO_RATE
from handful.synthesis.synthesis import GroupAnswer, Synthesis
from handful.words.certainty_words import LEVELS, CertaintyLevel, Thresholds
from handful.words.designs import COMPARED
from handful.words.evidence_behind import EvidenceBehind
from handful.words.number_index import counted_in

Limits = tuple[float, float]


def evidence_of_answer(answer: Synthesis, sure: Grading | None = None) -> EvidenceBehind:
    """What the texts of a question may rest on: the least that holds of its main outcome, in every group.

    ``sure`` is its certainty; without it, none is stored. The limits of the rate are the lowest lower and the highest
    upper one of its groups; those of the difference the widest over its studies. Sizes are named against the plan's
    thresholds only where these are of differences.
    """
    main = answer.main
    rows = main.overall.count.rows
    declared = answer.plan.thresholds
    differences = list(_differences(answer)) if rows else []
    compared = bool(rows) and all(found is not None for found in differences)
    sizes = declared is not None and declared.unit == "difference"
    most_from = declared.large if declared is not None and declared.unit == "rate" else 0.5
    return EvidenceBehind(
        design=_design(rows, compared=compared),
        people=main.overall.count.total or None,
        certainty=_least_sure(sure) if sure is not None and rows else None,
        rate=_widest([_rate(group) for group in (*main.groups, main.overall) if group.count.rows]),
        difference=_widest(differences) if compared else None,
        thresholds=Thresholds(("small", "moderate", "large"), declared.values) if sizes and declared else None,
        most_from=max(0.5, most_from),
    )


def least_of(found: Sequence[EvidenceBehind]) -> EvidenceBehind:
    """What every one of them carries: for a text that belongs to no question, or to all."""
    if not found:
        return EvidenceBehind()
    if len(found) == 1:
        return found[0]
    people = [one.people for one in found]
    sure = [one.certainty for one in found]
    compared = all(one.compared for one in found)
    thresholds = {one.thresholds for one in found}
    return EvidenceBehind(
        design=found[0].design if compared else None,
        people=None if None in people else min(p for p in people if p is not None),
        certainty=None if None in sure else min((c for c in sure if c is not None), key=LEVELS.index),
        rate=_widest([one.rate for one in found]),
        difference=_widest([one.difference for one in found]) if compared else None,
        thresholds=thresholds.pop() if len(thresholds) == 1 else None,
        most_from=max(one.most_from for one in found),
    )


def _design(rows: Sequence[CountRow], *, compared: bool) -> str | None:
    designs = {row.design for row in rows}
    if compared:
        return "randomised" if designs <= {"randomised", "pooled-trials"} else "non-randomised"
    return next((row.design for row in rows if row.design not in COMPARED), None)


def _differences(answer: Synthesis) -> Iterator[Limits | None]:
    """For each count, the limits of its difference from every other treatment of its study; None without one."""
    for row in answer.main.overall.count.rows:
        others = list(_beside(row, answer)) if row.design in COMPARED else []
        yield _widest([_difference(row, other) for other in others]) if others else None


def _beside(row: CountRow, answer: Synthesis) -> Iterator[CountRow]:
    """Counts of the same outcome in people of the same study on another treatment."""
    records = answer.counts.records
    study = records.studies.get(row.study)
    maker = RowMaker(records, answer.question)
    for i, arm in enumerate(study.arms if study else ()):
        if arm.treatment == row.treatment:
            continue
        assert study is not None
        for kind, j, one in counted_in(arm):
            if one.outcome == row.outcome:
                yield maker.row(Entry(study, arm, one, ("arms", i, kind, j)))


def _difference(row: CountRow, other: CountRow) -> Limits | None:
    numbers = (row.events, row.total, other.events, other.total)
    x1, n1, x2, n2 = (number.value if number is not None else 0 for number in numbers)
    if None in numbers or not n1 or not n2:
        return None
    found = two_groups(x1, n1, x2, n2).risk_difference()
    return None if isinstance(found, NotEstimable) else (float(found.low), float(found.high))


def _rate(group: GroupAnswer) -> Limits | None:
    interval = group.interval
    if isinstance(interval, NotEstimable) or any(row.design in NO_RATE for row in group.count.rows):
        return None
    return float(interval.low), float(interval.high)


def _widest(found: Sequence[Limits | None]) -> Limits | None:
    """From the lowest to the highest limit; None where one of them is not known."""
    known = [limits for limits in found if limits is not None]
    if not known or len(known) < len(found):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def _least_sure(sure: Grading) -> CertaintyLevel | None:
    levels = [row.level for row in sure.rows if row.kind == "main"]
    return min(levels, key=LEVELS.index) if levels else None


__all__ = ["evidence_of_answer", "least_of"]
