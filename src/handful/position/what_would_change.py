"""What would change the line: the next people, a further study, a miscount, and the trials under way.

Nothing is assumed about direction: the rule is applied to every count r of m, so a count that moves the line the
unexpected way is found and told. The probability of each count is its posterior predictive probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from handful.base.errors import InputError, UnknownChoice
from handful.position.rate import Pair, Screened, priors_of, rate_of
from handful.position.rule import rank
from handful.position.value import Value, value_of
from handful.stats.bayes.further_study import AfterFurther, after_further_study
from handful.stats.results import NotEstimable

if TYPE_CHECKING:
    from handful.position.group import GroupPlace

NEXT = (3, 6, 10, 20)
"""How many further people are looked at."""
MOST = 1000
"""The most further people that are looked at one count at a time."""

How: TypeAlias = Literal["further-people", "further-study"]


@dataclass(frozen=True)
class IfCount:
    """One count among the further people: r of m, the line then, its predictive probability (None: nothing known)."""

    responders: int
    line: str
    probability: float | None


@dataclass(frozen=True)
class Further:
    """Every count of ``people`` further people and the line it would give.

    ``how``: "further-people", added to the one count there is; "further-study", a study of its own.
    """

    people: int
    how: How
    now: str
    counts: tuple[IfCount, ...]

    @property
    def better(self) -> tuple[IfCount, ...]:
        """The counts that move the line up."""
        return tuple(c for c in self.counts if rank(c.line) < rank(self.now))

    @property
    def worse(self) -> tuple[IfCount, ...]:
        """The counts that move the line down."""
        return tuple(c for c in self.counts if rank(c.line) > rank(self.now))

    @property
    def smallest_better(self) -> IfCount | None:
        """The smallest count that moves the line up."""
        return next(iter(self.better), None)

    @property
    def largest_worse(self) -> IfCount | None:
        """The largest count that moves the line down."""
        return next(reversed(self.worse), None)

    @property
    def probability_better(self) -> float | None:
        """P(the line moves up)."""
        return _sum(self.better) if self.known else None

    @property
    def probability_worse(self) -> float | None:
        """P(the line moves down)."""
        return _sum(self.worse) if self.known else None

    @property
    def known(self) -> bool:
        """Whether counts can be foretold; not where nobody was counted so far."""
        return all(c.probability is not None for c in self.counts)

    @property
    def monotone(self) -> bool:
        """Whether more people with the outcome never give a worse line."""
        ranks = [rank(c.line) for c in self.counts]
        return all(a >= b for a, b in pairwise(ranks))

    @property
    def steps(self) -> tuple[tuple[str, int, int, float | None], ...]:
        """Runs of counts with one line: the line, first and last count, their probability."""
        runs: list[list[IfCount]] = []
        for c in self.counts:
            if runs and runs[-1][0].line == c.line:
                runs[-1].append(c)
            else:
                runs.append([c])
        return tuple((r[0].line, r[0].responders, r[-1].responders, _sum(r) if self.known else None) for r in runs)


@dataclass(frozen=True)
class Miscount:
    """How far one study's count would have to be off before the line moved.

    The nearest smaller and larger count of the study that give another line, the people counted kept; None where no
    count of these people does.
    """

    study: str
    arm: str
    count: Pair
    lower: IfCount | None
    higher: IfCount | None

    @property
    def off_by(self) -> int | None:
        """The smallest number of people by which the count would have to be off."""
        found = [abs(c.responders - self.count[0]) for c in (self.lower, self.higher) if c is not None]
        return min(found, default=None)


@dataclass(frozen=True)
class TrialAhead:
    """A trial under way on the treatment: its size, whom of these people it would count, what its count could change.

    ``wider`` says why its people are not all those asked about; ``further`` is what a count among all who get the
    treatment would give, as a study of its own.
    """

    study: str
    title: str
    registration: str
    planned: int | None
    treated: int | None
    treated_how: str
    wider: str
    further: Further | None


@dataclass(frozen=True)
class Change:
    """What would change the line of one group of people."""

    now: str
    people: tuple[Further, ...]
    studies: tuple[Further, ...]
    miscounts: tuple[Miscount, ...]
    trials: tuple[TrialAhead, ...]
    group: GroupPlace = field(repr=False)

    def further(self, people: int, how: How = "further-people") -> Further:
        """Every count of that many further people and the line it would give.

        Raises:
            InputError: unless ``people`` is a whole number from 1 to 1000, or for another ``how``.
        """
        if how not in get_args(How):
            raise UnknownChoice("how", how, list(get_args(How)))
        if isinstance(people, bool) or not isinstance(people, Integral) or not 1 <= people <= MOST:
            raise InputError(
                f"people={people!r} cannot be looked at", hint=f"give a whole number of further people, 1 to {MOST}"
            )
        listed = self.people if how == "further-people" else self.studies
        found = next((f for f in listed if f.people == people), None)
        return found or further_many(self.group, [people], how)[0]

    @cached_property
    def value(self) -> tuple[Value, ...]:
        """The value of knowing the rate, and of m further people, before a choice by the rule's thresholds."""
        return value_of(self.group, NEXT)


def change_of(group: GroupPlace, sizes: Sequence[int] = NEXT) -> Change:
    """What would change the line of a group.

    With one count so far the next people are further people like those counted; with several they are a study of
    their own (there is no telling which of the studies they would belong to).
    """
    from handful.position.trials import reaching, trials_ahead

    ahead = reaching(group)
    treated = [n for _, _, n, _ in ahead if n and n <= MOST]
    several = len(group.counts) > 1
    studies = further_many(group, [*(sizes if several else ()), *treated], "further-study")
    people = () if several else further_many(group, sizes, "further-people")
    return Change(
        now=group.line,
        people=people,
        studies=studies[: len(sizes)] if several else (),
        miscounts=_miscounts(group),
        trials=trials_ahead(group, ahead, {f.people: f for f in studies}),
        group=group,
    )


def further_many(group: GroupPlace, sizes: Sequence[int], how: How) -> tuple[Further, ...]:
    """For each number of further people every count among them, by applying the rule to each."""
    counts, setting = group.counts, group.setting
    if how == "further-people" and len(counts) < 2:
        rate = rate_of(counts, setting.question.plan)
        chances = {m: None if isinstance(rate, NotEstimable) else rate.next_people(m) for m in sizes}
        after = {m: tuple(setting.line(_with(counts, (r, m), how)) for r in range(m + 1)) for m in sizes}
    elif not counts:  # a first study: one count, so its own people
        return further_many(group, sizes, "further-people")
    else:
        found = _screened(group, counts, sizes)
        chances = {m: tuple(float(p) for p in found[m].chance) for m in sizes}
        after = {m: tuple(_line_after(group, (*counts, (r, m)), found[m], r) for r in range(m + 1)) for m in sizes}
    return tuple(
        Further(m, how, group.line, tuple(IfCount(r, after[m][r], _chance(chances[m], r)) for r in range(m + 1)))
        for m in sizes
    )


def _chance(chances: tuple[float, ...] | None, r: int) -> float | None:
    return None if chances is None else chances[r]


def _screened(group: GroupPlace, counts: Sequence[Pair], sizes: Sequence[int]) -> dict[int, AfterFurther]:
    """Every count of a further study at once, on one grid."""
    if not sizes:
        return {}
    mean, tau = priors_of(group.setting.question.plan)
    found = after_further_study(
        [x for x, _ in counts],
        [n for _, n in counts],
        tuple(dict.fromkeys(sizes)),
        [rung.rate_at_least for rung in group.setting.ladder.rungs if rung.rate_at_least is not None],
        mean_prior=mean,
        tau_prior=tau,
    )
    return {one.people: one for one in found}


def _line_after(group: GroupPlace, counts: tuple[Pair, ...], found: AfterFurther, r: int) -> str:
    """The line after a further study's count; ``counts`` are all of them, in the order of the rows."""
    above = {threshold: float(found.above[i, r]) for i, threshold in enumerate(found.thresholds)}
    return group.setting.line(counts, Screened(counts, above, group.setting.question.plan))


def _with(counts: Sequence[Pair], more: Pair, how: How) -> tuple[Pair, ...]:
    if how == "further-people" and len(counts) == 1:
        ((x, n),) = counts
        return ((x + more[0], n + more[1]),)
    return (*counts, more)


def _miscounts(group: GroupPlace) -> tuple[Miscount, ...]:
    """Every other count of each study's people; that of one study among several is what a further study of its size
    would give beside the others."""
    made = []
    for index, (row, (x, n)) in enumerate(zip(group.rows, group.counts, strict=True)):
        others = (*group.counts[:index], *group.counts[index + 1 :])
        found = _screened(group, others, [n])[n] if others and n else None

        def line(r: int, beside: AfterFurther | None = found, i: int = index, of: int = n) -> str:
            counts = (*group.counts[:i], (r, of), *group.counts[i + 1 :])
            return group.setting.line(counts) if beside is None else _line_after(group, counts, beside, r)

        lower = next((IfCount(r, got, None) for r in range(x - 1, -1, -1) if (got := line(r)) != group.line), None)
        higher = next((IfCount(r, got, None) for r in range(x + 1, n + 1) if (got := line(r)) != group.line), None)
        made.append(Miscount(row.study, row.arm, (x, n), lower, higher))
    return tuple(made)


def _sum(counts: Sequence[IfCount]) -> float:
    return min(sum(c.probability or 0.0 for c in counts), 1.0)


__all__ = ["NEXT", "Change", "Further", "How", "IfCount", "Miscount", "TrialAhead", "change_of", "further_many"]
