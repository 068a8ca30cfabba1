"""The answer to a question: by group and together, under every outcome word, with its intervals, notes and digests."""

from __future__ import annotations

from dataclasses import dataclass

from handful.base.notes import Note
from handful.counts.rows import CountRow, Counts, GroupCount
from handful.question.plan import Plan
from handful.question.question import Question
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.posterior_types import GroupPosterior, PlannedBorrowing

FEWEST_FOR_A_HEADLINE = 3
"""With fewer studies the page lists them and states no pooled rate."""


NO_BORROWING = NotEstimable("the plan asks for no borrowing")


@dataclass(frozen=True)
class RowAnswer:
    """One arm's count with its interval."""

    row: CountRow
    interval: Interval | NotEstimable


@dataclass(frozen=True)
class GroupAnswer:
    """One group: its arms, their sum with its interval, and the pooled rate where there are two arms or more.

    ``added`` says that the interval is that of counts added up, which pretends that all people came from one study.
    """

    count: GroupCount
    rows: tuple[RowAnswer, ...]
    interval: Interval | NotEstimable
    likelihood: Fit | NotEstimable
    posterior: Fit | NotEstimable

    @property
    def id(self) -> str:
        """The group's id; ``overall`` for everything together."""
        return self.count.id

    @property
    def added(self) -> bool:
        """Whether counts of several arms were added up."""
        return len(self.count.rows) > 1

    @property
    def mixes_definitions(self) -> bool:
        """Whether the sum mixes definitions of the outcome."""
        return len(self.count.definitions) > 1

    @property
    def pooled_headline(self) -> bool:
        """Whether a pooled rate may be stated: three studies or more, and one definition."""
        return len(self.count.studies) >= FEWEST_FOR_A_HEADLINE and not self.mixes_definitions


@dataclass(frozen=True)
class Comparison:
    """Two groups of one question side by side. Different people in different studies: described, never a cause."""

    first: str
    second: str
    difference: Interval | NotEstimable
    p_value: float | NotEstimable
    test: str
    greater: float | NotEstimable
    greater_prior: str
    difference_p: float | NotEstimable


@dataclass(frozen=True)
class SetAnswer:
    """One outcome word: its groups, everything together, and the groups side by side."""

    id: str
    name: str
    groups: tuple[GroupAnswer, ...]
    overall: GroupAnswer
    comparisons: tuple[Comparison, ...]

    def group(self, identifier: str) -> GroupAnswer | None:
        """The group of that id; ``overall`` is everything together."""
        if identifier == "overall":
            return self.overall
        return next((g for g in self.groups if g.id == identifier), None)


@dataclass(frozen=True)
class Synthesis:
    """Everything computed for one question, with the counts it came from and the hash of what it was computed from."""

    question: Question
    plan: Plan
    counts: Counts
    main: SetAnswer
    also: tuple[SetAnswer, ...]
    alternatives: tuple[RowAnswer, ...]
    harms: tuple[RowAnswer, ...]
    courses: tuple[RowAnswer, ...]
    notes: tuple[Note, ...]
    digest: str
    posteriors: tuple[GroupPosterior, ...] = ()
    borrowing: PlannedBorrowing | NotEstimable = NO_BORROWING

    @property
    def sets(self) -> tuple[SetAnswer, ...]:
        """The main outcome and the other words, in order."""
        return (self.main, *self.also)

    @property
    def people(self) -> int:
        """People counted under the main outcome."""
        return self.main.overall.count.total

    @property
    def studies(self) -> tuple[str, ...]:
        """Ids of the studies counted under the main outcome."""
        return self.main.overall.count.studies

    def posterior(self, group: str) -> GroupPosterior | None:
        """The posterior rate of a group under the main outcome; ``overall`` is everything together."""
        return next((p for p in self.posteriors if p.id == group), None)
