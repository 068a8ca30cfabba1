"""The gamma-Poisson shrinker: the posterior of true over expected reports under a database's own prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

from scipy import special

from handful.base.errors import InputError


@dataclass(frozen=True)
class GammaMixture:
    """The prior λ ~ w Γ(shape₁, rate₁) + (1 − w) Γ(shape₂, rate₂), with the hyperparameters of a database.

    They are estimated from all pairs of drugs and events of the database by whoever holds it, and given here.
    """

    weight: float
    shape1: float
    rate1: float
    shape2: float
    rate2: float

    def __post_init__(self) -> None:
        positive = (self.shape1, self.rate1, self.shape2, self.rate2)
        known = all(isinstance(p, Real) for p in (self.weight, *positive))
        if not known or not 0 <= self.weight <= 1 or not all(p > 0 and math.isfinite(p) for p in positive):
            raise InputError(f"{self}", hint="a weight between 0 and 1; shapes and rates above 0")


@dataclass(frozen=True)
class ReportPosterior:
    """The posterior of λ after n reports where E are expected: again a mixture of two gammas."""

    weight: float
    shapes: tuple[float, float]
    rates: tuple[float, float]

    @property
    def geometric_mean(self) -> float:
        """exp E[log λ]."""
        logs = [float(special.digamma(s)) - math.log(r) for s, r in zip(self.shapes, self.rates, strict=True)]
        return math.exp(self.weight * logs[0] + (1 - self.weight) * logs[1])

    def cdf(self, x: float) -> float:
        """P(λ ≤ x)."""
        parts = [float(special.gammainc(s, r * x)) for s, r in zip(self.shapes, self.rates, strict=True)]
        return self.weight * parts[0] + (1 - self.weight) * parts[1]

    def quantile(self, q: float) -> float:
        """The value below which the probability is q; bracketed by the two components' own quantiles."""
        ends = [float(special.gammaincinv(s, q)) / r for s, r in zip(self.shapes, self.rates, strict=True)]
        low, high = min(ends), max(ends)
        if self.cdf(low) >= q or high <= low:
            return low
        from scipy import optimize  # dear to load, and only the limits need it

        return float(optimize.brentq(lambda x: self.cdf(x) - q, low, high, xtol=1e-14, rtol=1e-14))


def posterior_of(n: int, expected: float, prior: GammaMixture) -> ReportPosterior:
    """n ~ Poisson(λE). The weights follow from the negative binomial probabilities of n under each component."""
    logs = []
    for weight, shape, rate in (
        (prior.weight, prior.shape1, prior.rate1),
        (1 - prior.weight, prior.shape2, prior.rate2),
    ):
        # log of Γ(s+n)/Γ(s) · r^s E^n / (r+E)^(s+n); n! is common to both
        known = float(special.gammaln(shape + n) - special.gammaln(shape)) + shape * math.log(rate)
        known += float(special.xlogy(n, expected)) - (shape + n) * math.log(rate + expected)
        logs.append(math.log(weight) + known if weight > 0 else -math.inf)
    first = 1 / (1 + math.exp(min(logs[1] - logs[0], 700.0))) if logs[0] > -math.inf else 0.0
    return ReportPosterior(
        first, (prior.shape1 + n, prior.shape2 + n), (prior.rate1 + expected, prior.rate2 + expected)
    )
