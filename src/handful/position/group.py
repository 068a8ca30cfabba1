"""One group of people on a ladder: its counts, the rule applied to them, and all else that a count is decided with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from handful.counts.rows import CountRow
from handful.position.alternatives import Alternative, losses_for
from handful.position.authority import Authority
from handful.position.ladder import About, Band, Ladder
from handful.position.losses import Losses, Option
from handful.position.rate import Pair, Rate, Screened, rate_of
from handful.position.rule import Clause, Decision, Facts, decide, line_of, rank
from handful.question.question import Question
from handful.records.people import Names
from handful.records.study import Study
from handful.stats.results import NotEstimable

if TYPE_CHECKING:
    from handful.position.what_would_change import Change

CertaintyOf: TypeAlias = Callable[[Sequence[Pair], About], "str | None"]
"""The level of certainty of the effect or the rate when a group's counts are these; None where nobody judged it."""


@dataclass(frozen=True)
class Setting:
    """Everything about a group but its counts: what a hypothetical count is decided with."""

    question: Question
    ladder: Ladder
    treatments: tuple[str, ...]
    name: str
    authority: Authority
    harms: Mapping[str, Rate | NotEstimable]
    alternatives: tuple[Alternative, ...]
    band: Band | None
    studies: tuple[str, ...]
    certainty: CertaintyOf
    under_way: tuple[Study, ...] = ()
    names: Names = field(default_factory=dict, repr=False)

    def facts(self, counts: Sequence[Pair], screened: Screened | None = None) -> Facts:
        """What the rule is applied to when the group's counts are these."""
        rate = screened or rate_of(counts, self.question.plan)

        def loss() -> float | NotEstimable:
            found = self.losses(facts.exact)
            return found if isinstance(found, NotEstimable) else found.of(self.own_id)

        facts = Facts(rate, lambda about: self.certainty(counts, about), self.authority, self.harms, loss)
        return facts

    def decide(self, counts: Sequence[Pair]) -> Decision:
        """Every clause and the line when the group's counts are these."""
        return decide(self.ladder, self.facts(counts))

    def line(self, counts: Sequence[Pair], screened: Screened | None = None) -> str:
        """The line alone when the group's counts are these."""
        return line_of(self.ladder, self.facts(counts, screened))

    def losses(self, rate: Rate | NotEstimable) -> Losses | NotEstimable:
        """The expected losses beside the alternatives when the rate is this."""
        own = rate if isinstance(rate, NotEstimable) else Option(self.own_id, self.name, rate, self.studies)
        return losses_for(own, self.alternatives, self.question, self.ladder, self.band)

    @property
    def own_id(self) -> str:
        """What the question's treatment is called among the options."""
        return self.treatments[0] if len(self.treatments) == 1 else self.question.id


@dataclass(frozen=True)
class GroupPlace:
    """The place for one group of people: a band of the ladder, a group of the question, or everybody together.

    ``because`` holds every clause of every line in order. ``reason`` says why there is no line where nobody was
    counted. ``at_best`` is the line were every clause that cannot be told a met one.
    """

    id: str
    name: str
    line: str
    counts: tuple[Pair, ...]
    rows: tuple[CountRow, ...]
    decision: Decision
    facts: Facts
    setting: Setting = field(repr=False)
    probabilities: Mapping[str, float] = field(default_factory=dict)
    """Of each line were the rate known, the other clauses as they stand."""
    probabilities_by_rate: Mapping[str, float] = field(default_factory=dict)
    """The same as if every other clause were met: where the rate alone would put it."""
    nearest: Clause | None = None
    nearest_alone: bool = False
    together: tuple[str, ...] = ()
    """Names of the bands that the counts are of, where they are of more than the band asked about."""
    left: tuple[CountRow, ...] = ()
    unknown: tuple[CountRow, ...] = ()
    reason: str = ""

    @property
    def because(self) -> tuple[Clause, ...]:
        """Every clause, in the order of the lines, with its number."""
        return self.decision.clauses

    @property
    def deciding(self) -> tuple[Clause, ...]:
        """What decided: the clauses of the line that holds, and those that keep it from each better line."""
        unmet = tuple(c for c in self.because if not c.met and c.line != self.line)
        return tuple(c for c in self.because if c.line == self.line or c in unmet)

    @property
    def missing(self) -> tuple[Clause, ...]:
        """What keeps it from the nearest better line: the unmet clauses of that line; none on the best line."""
        lines = [rung.line for rung in self.setting.ladder.rungs if rank(rung.line) < rank(self.line)]
        return tuple(c for c in self.decision.of(lines[-1]) if not c.met) if lines else ()

    @property
    def missing_besides(self) -> tuple[Clause, ...]:
        """Of what is missing, the clauses that no further count of the outcome can meet: on harm, licence or loss."""
        return tuple(c for c in self.missing if c.kind in ("harm", "harm-people", "authorised", "loss"))

    @property
    def at_best(self) -> str:
        """The line were every clause that cannot be told a met one."""
        return self.decision.at_best

    @property
    def rate(self) -> Rate | NotEstimable:
        """The posterior of the rate."""
        return self.facts.exact

    @property
    def events(self) -> int:
        """People with the outcome, added up."""
        return sum(x for x, _ in self.counts)

    @property
    def total(self) -> int:
        """People counted, added up."""
        return sum(n for _, n in self.counts)

    @property
    def studies(self) -> tuple[str, ...]:
        """Ids of the studies behind it."""
        return self.setting.studies

    @cached_property
    def losses(self) -> Losses | NotEstimable:
        """The expected loss of choosing each alternative. Rates of different studies: labelled so."""
        return self.setting.losses(self.rate)

    @cached_property
    def what_would_change(self) -> Change:
        """Which counts among the next people, or of a further study, move the line."""
        from handful.position.what_would_change import change_of

        return change_of(self)
