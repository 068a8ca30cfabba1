"""Both ways: of the same people, who got better, and who got worse or got the disease the drug is meant to treat."""

from __future__ import annotations

from dataclasses import dataclass

from handful.counts.rows import CountRow
from handful.records.study import Outcome
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.synthesis import RowAnswer, Synthesis


@dataclass(frozen=True)
class BothWays:
    """One arm: the count of a harm that is the opposite of the benefit, and that of the benefit where there is one.

    The two are counts of the same people, so together they cannot be more than all; each interval is of its own count.
    """

    worse: RowAnswer
    better: int | None
    better_name: str
    better_interval: Interval | NotEstimable

    @property
    def row(self) -> CountRow:
        """The count that got worse."""
        return self.worse.row


def both_ways(answer: Synthesis) -> tuple[BothWays, ...]:
    """Every countable arm in which the question's opposite harms were counted; none where it names no such harm."""
    opposite = answer.question.harms.opposite
    return tuple(
        _both(worse, answer) for worse in answer.harms if worse.row.outcome in opposite and worse.row.countable
    )


def _both(worse: RowAnswer, answer: Synthesis) -> BothWays:
    row = worse.row
    found = _benefit(row, answer)
    if found is None or found.responders is None or row.total is None:
        return BothWays(worse, None, "", NotEstimable("how many got better was not counted in the same people"))
    name = answer.counts.records.definition(found.outcome).name
    if isinstance(worse.interval, NotEstimable):
        return BothWays(worse, found.responders.value, name, worse.interval)
    interval = proportion(found.responders.value, row.total.value, method=answer.plan.interval, level=answer.plan.level)
    return BothWays(worse, found.responders.value, name, interval)


def _benefit(row: CountRow, answer: Synthesis) -> Outcome | None:
    """The benefit counted in the same arm with the same people: one the question accepts, else the first there is."""
    study = answer.counts.records.studies.get(row.study)
    arm = study.arm(row.arm) if study is not None else None
    if arm is None:
        return None
    records = answer.counts.records
    there = [
        o
        for o in arm.outcomes
        if o.responders is not None and o.n is None and records.definition(o.outcome).kind == "benefit"
    ]
    asked = [a.outcome for words in (answer.question.outcome, *answer.question.also) for a in words.accepts]
    return min(there, key=lambda o: asked.index(o.outcome) if o.outcome in asked else len(asked), default=None)


__all__ = ["BothWays", "both_ways"]
