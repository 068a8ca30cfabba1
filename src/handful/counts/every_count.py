"""Every count of a treatment that the records hold, whatever the questions ask."""

from __future__ import annotations

from collections.abc import Iterator

from handful.counts.count import RowMaker
from handful.counts.rows import CountRow
from handful.question.entries import Entry
from handful.question.plan import Plan
from handful.question.question import AskedOutcome, Question, Treatments
from handful.records.records import Records
from handful.records.study import Arm, Harm, Outcome


def every_count(records: Records, treatment: str, plan: Plan | None = None) -> tuple[CountRow, ...]:
    """Each reported count of each arm on the treatment, in the order of the records, as rows with their traces.

    ``plan`` says of which number of people (the default order when none is given). Nothing is left out for its people,
    time, design or outcome, and nothing is added up.
    """
    no_question = Question.model_construct(  # rows ask a question only for its plan and its groups
        id=treatment,
        title="",
        treatment=Treatments.model_construct(ids=(treatment,)),
        outcome=AskedOutcome.model_construct(name="every outcome", accepts=()),
        plan=plan or Plan(),
        groups={},
    )
    maker = RowMaker(records, no_question)
    return tuple(
        maker.row(Entry(study, arm, counted, ("arms", i, kind, j)))
        for study in records.studies_on(treatment)
        for i, arm in enumerate(study.arms)
        if arm.treatment == treatment
        for kind, j, counted in _counted(arm)
    )


def _counted(arm: Arm) -> Iterator[tuple[str, int, Outcome | Harm]]:
    for j, outcome in enumerate(arm.outcomes):
        yield "outcomes", j, outcome
    for j, harm in enumerate(arm.harms):
        yield "harms", j, harm


__all__ = ["every_count"]
