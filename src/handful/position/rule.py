"""The declared rule applied: every clause of every line, met or not or not known, and the line that follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from handful.position.authority import Authority
from handful.position.ladder import CERTAINTY, LINES, About, HarmLimit, Ladder, Rung
from handful.position.rate import Rate, Screened
from handful.stats.results import NotEstimable

Kind: TypeAlias = Literal["rate", "people", "certainty", "authorised", "harm", "harm-people", "loss"]


NOBODY = NotEstimable("nobody was counted for it")
NO_LOSS = NotEstimable("no alternative with a count")


def _not_judged(_about: About) -> str | None:
    return None


def _no_loss() -> float | NotEstimable:
    return NO_LOSS


@dataclass(frozen=True)
class Facts:
    """What a rule is applied to. Nothing in it is a wish: what is not known says so.

    ``certainty`` of the effect or of the rate, and ``loss``, are asked for only where a line turns on them.
    """

    rate: Rate | Screened | NotEstimable
    certainty: Callable[[About], str | None] = _not_judged
    authority: Authority = field(default_factory=Authority)
    harms: Mapping[str, Rate | NotEstimable] = field(default_factory=dict)
    loss: Callable[[], float | NotEstimable] = _no_loss

    @property
    def people(self) -> int:
        """People counted."""
        return 0 if isinstance(self.rate, NotEstimable) else self.rate.total

    @property
    def exact(self) -> Rate | NotEstimable:
        """The rate in full."""
        return self.rate.exact if isinstance(self.rate, Screened) else self.rate


@dataclass(frozen=True)
class Clause:
    """One demand of a line and what was found. ``met`` None: it cannot be told, ``why`` says why.

    ``asked`` is the threshold (a rate, a number of people, a level of certainty, a kind of authority), ``cut`` the
    probability it must hold with, ``found`` the number or word found: for a rate the probability that it reaches the
    threshold.
    """

    line: str
    kind: Kind
    asked: float | int | str
    cut: float | None
    found: float | int | str | None
    met: bool | None
    about: str = ""
    why: str = ""

    def __str__(self) -> str:
        state = {True: "met", False: "not met", None: "not known"}[self.met]
        found = str(self.found) if self.found is not None else self.why or "nothing"
        if isinstance(self.found, float):
            found = f"{self.found:.3g}"
        demand = {
            "rate": f"P(rate ≥ {self.asked}) ≥ {self.cut}",
            "people": f"people ≥ {self.asked}",
            "certainty": f"certainty ≥ {self.asked}",
            "authorised": str(self.asked),
            "harm": f"P({self.about} ≤ {self.asked}) ≥ {self.cut}",
            "harm-people": f"{self.about} counted in ≥ {self.asked}",
            "loss": f"expected loss ≤ {self.asked}",
        }[self.kind]
        return f"{self.line} line, {demand}: {found}, {state}"

    @property
    def distance(self) -> float:
        """How far it is from flipping; infinite for yes and no.

        In log odds of the probability, as a share of the people asked for, in levels of certainty: one level counts as
        much as a factor of e in the odds. Enough to order clauses by, and nothing more.
        """
        if self.met is None or not isinstance(self.found, float | int | str):
            return math.inf
        if self.kind in ("rate", "harm") and self.cut is not None:
            return abs(_log_odds(float(self.found)) - _log_odds(self.cut))
        if self.kind == "loss":
            return abs(float(self.found) - float(self.asked))
        if self.kind in ("people", "harm-people"):
            asked = int(self.asked)
            return (abs(int(self.found) - asked) + (1 if self.met else 0)) / max(asked, 1)
        if self.kind == "certainty" and self.found in CERTAINTY:
            steps = CERTAINTY.index(self.found) - CERTAINTY.index(self.asked)
            return float(abs(steps) + (1 if self.met else 0))
        return math.inf


def _log_odds(p: float) -> float:
    inside = min(max(p, 1e-15), 1 - 1e-15)
    return math.log(inside) - math.log1p(-inside)


@dataclass(frozen=True)
class Decision:
    """The line that follows, every clause in order, and the best line were every unknown clause met."""

    line: str
    clauses: tuple[Clause, ...]
    at_best: str

    def of(self, line: str) -> tuple[Clause, ...]:
        """The clauses of one line."""
        return tuple(clause for clause in self.clauses if clause.line == line)


def decide(ladder: Ladder, facts: Facts) -> Decision:
    """Apply the rule: the first line all of whose clauses are met; where nobody was counted, none."""
    clauses = tuple(clause for rung in ladder.rungs for clause in clauses_of(rung, facts))
    return Decision(line_from(ladder, clauses, facts), clauses, line_from(ladder, clauses, facts, hopeful=True))


def line_of(ladder: Ladder, facts: Facts) -> str:
    """The line alone. What is dear to find out (certainty, loss) is looked at last, and only where it decides."""
    if isinstance(facts.rate, NotEstimable):
        return ladder.otherwise
    return next((rung.line for rung in ladder.rungs if _holds(rung, facts)), ladder.otherwise)


def _holds(rung: Rung, facts: Facts) -> bool:
    assert not isinstance(facts.rate, NotEstimable)
    if rung.people_at_least is not None and facts.people < rung.people_at_least:
        return False
    if rung.authorised is not None and not _authorised(rung, facts.authority).met:
        return False
    threshold, cut = rung.rate_at_least, rung.with_probability
    if threshold is not None and cut is not None and not facts.rate.reaches(threshold, cut):
        return False
    if not all(clause.met for limit in rung.harms for clause in _harm(rung, limit, facts)):
        return False
    if rung.certainty_at_least is not None and not _certainty(rung, facts).met:
        return False
    return rung.loss_at_most is None or bool(_loss(rung, facts.loss()).met)


def line_from(ladder: Ladder, clauses: tuple[Clause, ...], facts: Facts, *, hopeful: bool = False) -> str:
    """The first line whose clauses are all met (``hopeful``: none of them is known to be missed)."""
    if isinstance(facts.rate, NotEstimable):
        return ladder.otherwise
    for rung in ladder.rungs:
        own = [clause.met for clause in clauses if clause.line == rung.line]
        if all(met or (met is None and hopeful) for met in own):
            return rung.line
    return ladder.otherwise


def rank(line: str) -> int:
    """0 for first line; what is not established comes after every line."""
    return LINES.index(line) if line in LINES else len(LINES)


def clauses_of(rung: Rung, facts: Facts) -> Iterator[Clause]:
    """The clauses of one line, in the order in which they are told."""
    rate = facts.exact
    if rung.rate_at_least is not None and rung.with_probability is not None:
        if isinstance(rate, NotEstimable):
            yield Clause(rung.line, "rate", rung.rate_at_least, rung.with_probability, None, None, why=rate.reason)
        else:
            found = rate.at_least(rung.rate_at_least)
            met = found >= rung.with_probability
            yield Clause(rung.line, "rate", rung.rate_at_least, rung.with_probability, found, met)
    if rung.people_at_least is not None:
        met = facts.people >= rung.people_at_least
        yield Clause(rung.line, "people", rung.people_at_least, None, facts.people, met)
    if rung.certainty_at_least is not None:
        yield _certainty(rung, facts)
    if rung.authorised is not None:
        yield _authorised(rung, facts.authority)
    for limit in rung.harms:
        yield from _harm(rung, limit, facts)
    if rung.loss_at_most is not None:
        yield _loss(rung, facts.loss())


def _loss(rung: Rung, loss: float | NotEstimable) -> Clause:
    asked = rung.loss_at_most
    assert asked is not None
    if isinstance(loss, NotEstimable):
        return Clause(rung.line, "loss", asked, None, None, None, why=loss.reason)
    return Clause(rung.line, "loss", asked, None, loss, loss <= asked)


def _certainty(rung: Rung, facts: Facts) -> Clause:
    asked = rung.certainty_at_least
    assert asked is not None
    level = facts.certainty(rung.certainty_of)
    if level not in CERTAINTY:
        return Clause(rung.line, "certainty", asked, None, None, None, rung.certainty_of, "not judged")
    met = CERTAINTY.index(level) >= CERTAINTY.index(asked)
    return Clause(rung.line, "certainty", asked, None, level, met, rung.certainty_of)


def _authorised(rung: Rung, authority: Authority) -> Clause:
    asked = rung.authorised
    assert asked is not None
    licences = authority.licences if asked != "guideline" else ()
    guidelines = authority.guidelines_at(rung.line) if asked != "licence" else ()
    found = tuple(licences) + tuple(guidelines)
    if found:
        return Clause(rung.line, "authorised", asked, None, "; ".join(str(one) for one in found), True)
    if authority.unknown and asked != "guideline":
        return Clause(rung.line, "authorised", asked, None, None, None, why=authority.unknown)
    return Clause(rung.line, "authorised", asked, None, None, False, why="none in the records")


def _harm(rung: Rung, limit: HarmLimit, facts: Facts) -> Iterator[Clause]:
    """How rare it is, and in how many people it was counted; where nobody was counted neither can be told."""
    rate = facts.harms.get(limit.outcome, NOBODY)
    line, about, asked, cut = rung.line, limit.outcome, limit.rate_at_most, limit.with_probability
    if asked is not None and cut is not None:
        if isinstance(rate, NotEstimable):
            yield Clause(line, "harm", asked, cut, None, None, about, rate.reason)
        else:
            found = rate.at_most(asked)
            yield Clause(line, "harm", asked, cut, found, found >= cut, about)
    least = limit.counted_in_at_least
    if least is not None:
        people = 0 if isinstance(rate, NotEstimable) else rate.total
        yield Clause(line, "harm-people", least, None, people, people >= least, about)


def nearest(ladder: Ladder, decision: Decision, facts: Facts) -> tuple[Clause, bool] | None:
    """The clause nearest to flipping, and whether its flip alone would change the line.

    Among the clauses whose flip alone changes the line the one with the smallest distance; where no single one does,
    the nearest unmet clause of the next better line.
    """
    if isinstance(facts.rate, NotEstimable):
        return None
    alone = []
    for index, clause in enumerate(decision.clauses):
        if clause.met is None:
            continue
        flipped = _flip(clause)
        others = (*decision.clauses[:index], flipped, *decision.clauses[index + 1 :])
        if line_from(ladder, others, facts) != decision.line:
            alone.append(clause)
    measured = [clause for clause in alone if math.isfinite(clause.distance)]
    if measured:
        return min(measured, key=lambda clause: clause.distance), True
    if alone:
        return alone[0], True
    better = [rung.line for rung in ladder.rungs if rank(rung.line) < rank(decision.line)]
    for line in reversed(better):
        unmet = [clause for clause in decision.of(line) if not clause.met]
        if unmet:
            return min(unmet, key=lambda clause: clause.distance), False
    return None


def _flip(clause: Clause) -> Clause:
    return replace(clause, met=not clause.met)


def line_probabilities(
    ladder: Ladder, decision: Decision, facts: Facts, *, rate_alone: bool = False
) -> dict[str, float]:
    """The probability of each line if the rate became known: over the posterior, the other clauses as they stand.

    Were the rate θ known, a clause on it would hold for certain or not at all; so a line takes the probability that θ
    reaches its threshold and no better line's. ``rate_alone``: as if every other clause were met.
    """
    shares = {rung.line: 0.0 for rung in ladder.rungs} | {ladder.otherwise: 0.0}
    rate = facts.exact
    if isinstance(rate, NotEstimable):
        return {}
    above = 0.0  # P(some better line holds)
    for rung in ladder.rungs:
        others = [c.met for c in decision.of(rung.line) if c.kind != "rate"]
        if not rate_alone and not all(others):
            continue
        reach = rate.at_least(rung.rate_at_least) if rung.rate_at_least is not None else 1.0
        shares[rung.line] = max(reach - above, 0.0)
        above = max(above, reach)
    shares[ladder.otherwise] += max(1.0 - above, 0.0)
    return shares
