"""What other studies predict for a new one, and how the new one's own data update that prediction.

θ_1, …, θ_k (source) and θ_target are drawn from N(μ, τ²). The predictive distribution of θ_target given the source
alone is the meta-analytic-predictive (MAP) prior; updated by the target's data it is the target's own posterior in the
joint analysis of all k + 1 studies, which is how it is computed here: exactly, whatever the conflict, and with the
predictive probability of the target's data as the ratio of two evidences.

Robust MAP (Schmidli et al. 2014) mixes it with a vague prior. With prior weight w on MAP the posterior weight is w m₁ /
(w m₁ + (1 − w) m₀), m₁ and m₀ the probability of the target's data under the two.

References: Neuenschwander et al. 2010 (10.1177/1740774509356002); Schmidli et al. 2014 (10.1111/biom.12242).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.bayes_normal import pool_normal_bayes
from handful.stats.bayes.bayes_rates import pool_rates_bayes
from handful.stats.bayes.one_effect import OneEffect
from handful.stats.bayes.posterior import Posterior, Shape, Transformed
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import Normal
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

TARGET = "the target"


@dataclass(frozen=True, eq=False)
class Predicted:
    """``prior`` is the MAP prior, ``after`` the target's posterior under it, both on the model scale;
    ``log_evidence`` the log predictive probability (for estimates: density) of the target's data."""

    source: Fit
    prior: Posterior
    after: Shape
    log_evidence: float


def predict(
    source: tuple[FloatArray, FloatArray], target: OneEffect, mean_prior: Normal | None, tau_prior: Prior
) -> Predicted | NotEstimable:
    """MAP prior from the source's studies and its update; ``NotEstimable`` when the source says nothing."""
    alone = pooled(target.kind, source[0], source[1], mean_prior, tau_prior)
    if isinstance(alone, NotEstimable):
        return NotEstimable(f"the source says nothing: {alone.reason}", alone.notes)
    first, second = np.append(source[0], target.first), np.append(source[1], target.second)
    together = pooled(target.kind, first, second, mean_prior, tau_prior)
    assert isinstance(together, Fit)
    gain = float(together.details["log_evidence"]) - float(alone.details["log_evidence"])
    return Predicted(alone, alone.posterior("prediction"), own_shape(together, len(first)), gain)


def pooled(
    kind: str, first: FloatArray, second: FloatArray, mean_prior: Normal | None, tau_prior: Prior
) -> Fit | NotEstimable:
    """The random-effects posterior of rows of one kind, the last row labelled as the target's where it is one."""
    labels = [f"source {i + 1}" for i in range(len(first) - 1)] + [TARGET]
    priors: dict[str, Any] = {"mean_prior": mean_prior, "tau_prior": tau_prior, "labels": labels}
    if kind == "counts":
        return pool_binomial_bayes(first, second, **priors)
    if kind == "rates":
        return pool_rates_bayes(first, second, **priors)
    return pool_normal_bayes(first, second, **priors)


def own_shape(fit: Fit, rows: int) -> Shape:
    """The posterior of the last of ``rows`` studies, on the model scale."""
    found: Posterior = fit.posterior_of(TARGET)
    return found.shape


def weight_after(weight: float, log_evidence: float, log_evidence_vague: float) -> float:
    """The posterior weight of the borrowed part."""
    if weight in (0.0, 1.0):
        return weight
    return float(special.expit(math.log(weight) - math.log1p(-weight) + log_evidence - log_evidence_vague))


@dataclass(frozen=True)
class Conflict:
    """How surprising the target's data are to the source: ``p`` is twice the smaller tail of the predictive
    distribution, the observed value in both tails, at most 1. Below 0.05 it is flagged."""

    p: float
    at_most: float
    at_least: float

    @property
    def flag(self) -> bool:
        return self.p < 0.05

    def __str__(self) -> str:
        word = "conflict" if self.flag else "no conflict"
        return f"{word}: the source gives the target's data, or more extreme ones, probability {self.p:.2g}"


def conflict(prior: Posterior, target: OneEffect) -> Conflict:
    """The predictive tail probability of the target's data (Box 1980, 10.2307/2982063)."""
    theta, w = Transformed(prior.shape, _same, _same, np.ones_like).nodes()
    w = np.maximum(w, 0.0) / float(np.maximum(w, 0.0).sum())
    x, n = target.first, target.second
    if target.kind == "counts":
        below = 1.0 if x == n else float(w @ special.betainc(n - x, x + 1, special.expit(-theta)))
        above = 1.0 if x == 0 else float(w @ special.betainc(x, n - x + 1, special.expit(theta)))
    elif target.kind == "rates":
        expected = n * np.exp(np.minimum(theta, 600.0))
        below = float(w @ special.gammaincc(x + 1, expected))
        above = 1.0 if x == 0 else float(w @ special.gammainc(x, expected))
    else:
        z = (x - theta) / math.sqrt(n)
        below, above = float(w @ special.ndtr(z)), float(w @ special.ndtr(-z))
    below, above = min(below, 1.0), min(above, 1.0)
    return Conflict(min(1.0, 2 * min(below, above)), below, above)


def _same(x: FloatArray) -> FloatArray:
    return x
