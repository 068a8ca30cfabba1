"""What the counts of a group say about its rate: a posterior, and what the next people would show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from handful.question.plan import Plan
from handful.stats.bayes.bayes_binomial import MEAN_PRIOR, TAU_PRIOR
from handful.stats.bayes.further_study import ACCURACY
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, Normal
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.plan_priors import plan_priors
from handful.synthesis.pool import pool

Pair = tuple[int, int]
"""People with the outcome, people counted."""

BETA_PRIORS: dict[str, tuple[float, float]] = {"jeffreys": (0.5, 0.5), "uniform": (1.0, 1.0)}


@dataclass(frozen=True)
class Rate:
    """The posterior of a rate, on the natural scale.

    One count: Beta with the plan's prior of a single rate. Several counts: the population average of the plan's
    hierarchical model, as in the pooled answer. ``model`` and ``prior`` name it.
    """

    counts: tuple[Pair, ...]
    posterior: Posterior
    model: str
    prior: str
    fit: Fit | None = None

    @property
    def events(self) -> int:
        """People with the outcome, added up."""
        return sum(x for x, _ in self.counts)

    @property
    def total(self) -> int:
        """People counted, added up."""
        return sum(n for _, n in self.counts)

    @cached_property
    def mean(self) -> float:
        """Posterior mean."""
        return self.posterior.mean

    def at_least(self, threshold: float) -> float:
        """P(rate ≥ threshold)."""
        return self.posterior.probability(above=threshold) if threshold > 0 else 1.0

    def at_most(self, threshold: float) -> float:
        """P(rate ≤ threshold)."""
        return self.posterior.probability(below=threshold) if threshold < 1 else 1.0

    def reaches(self, threshold: float, probability: float) -> bool:
        """Whether P(rate ≥ threshold) is the probability or more."""
        return self.at_least(threshold) >= probability

    def next_people(self, people: int) -> tuple[float, ...]:
        """P(r of the next ``people`` have the outcome), r = 0 … people.

        One count: further people of the same kind, beta-binomial. Several: a further study, by quadrature over its
        predictive distribution.
        """
        if self.fit is not None:
            return tuple(self.fit.next_patients(people).probabilities)
        from handful.stats.bayes.beta_rate import BetaShape, beta_binomial_probabilities

        shape = self.posterior.shape
        assert isinstance(shape, BetaShape)
        return tuple(float(p) for p in beta_binomial_probabilities(shape.a, shape.b, people))


@dataclass(frozen=True)
class Screened:
    """A rate known to about three digits, with the exact one made only where a decision hangs on more."""

    counts: tuple[Pair, ...]
    above: Mapping[float, float]
    plan: Plan

    @property
    def total(self) -> int:
        """People counted, added up."""
        return sum(n for _, n in self.counts)

    def reaches(self, threshold: float, probability: float) -> bool:
        """Whether P(rate ≥ threshold) is the probability or more."""
        found = self.above.get(threshold)
        if found is not None and abs(found - probability) > ACCURACY:
            return found >= probability
        return self.exact.reaches(threshold, probability)

    @cached_property
    def exact(self) -> Rate:
        """The single fit."""
        made = rate_of(self.counts, self.plan)
        assert isinstance(made, Rate)
        return made


def rate_of(counts: Sequence[Pair], plan: Plan) -> Rate | NotEstimable:
    """The posterior of the rate behind ``counts``, under the plan. Counts of nobody carry nothing."""
    filled = tuple((x, n) for x, n in counts if n > 0)
    if not filled:
        return NotEstimable("nobody was counted")
    return _one(filled[0], plan.greater) if len(filled) == 1 else _several(filled, plan)


def _one(pair: Pair, prior: str) -> Rate:
    from handful.stats.bayes.beta_rate import beta_rate

    a, b = BETA_PRIORS[prior]
    return Rate((pair,), beta_rate(*pair, prior=(a, b)), "one count, Beta posterior", f"Beta({a:g}, {b:g})")


def hierarchical(counts: Sequence[Pair], plan: Plan) -> Rate | NotEstimable:
    """The same under the hierarchical model whatever the number of counts: what a further study is foretold from."""
    filled = tuple((x, n) for x, n in counts if n > 0)
    return _several(filled, plan) if filled else NotEstimable("nobody was counted")


def _several(counts: tuple[Pair, ...], plan: Plan) -> Rate | NotEstimable:
    fit = _fit(counts, plan)
    if isinstance(fit, NotEstimable):
        return fit
    prior = f"logit of the rate {fit.details['mean_prior']}; between studies {fit.details['tau_prior']}"
    average = fit.posterior("average", scale="natural")
    return Rate(counts, average, "binomial-normal, posterior of the population average", prior, fit)


@lru_cache(maxsize=2048)
def _cached(counts: tuple[Pair, ...], priors: tuple[tuple[str, Any], ...], level: float) -> Fit | NotEstimable:
    from handful.stats.evidence import one_arm

    evidence = one_arm([x for x, _ in counts], [n for _, n in counts])
    return pool(evidence, model="bayes", level=level, priors=dict(priors))


def priors_of(plan: Plan) -> tuple[Normal, HalfNormal | HalfCauchy]:
    """The plan's priors of the mean and of the spread between studies, the model's own where it names none."""
    named = plan_priors(plan)
    mean, tau = named.get("mean", MEAN_PRIOR), named.get("tau", TAU_PRIOR)
    assert isinstance(mean, Normal)
    assert isinstance(tau, HalfNormal | HalfCauchy)
    return mean, tau


def _fit(counts: tuple[Pair, ...], plan: Plan) -> Fit | NotEstimable:
    """Order of the studies does not matter, so it does not make a second computation either."""
    return _cached(tuple(sorted(counts)), tuple(sorted(plan_priors(plan).items())), plan.level)
