"""Every count that a further study of m people could give, at once: what the pooled rate would be after each.

The same model as :func:`~handful.stats.bayes.bayes_binomial.pool_binomial_bayes` on one fixed grid, for all counts
together. It is fast and good to about three digits; where a decision hangs on less, the single fit decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.priors import Normal, Prior

FloatArray: TypeAlias = npt.NDArray[np.float64]

ACCURACY = 3e-3
"""Probabilities are good to this (a test holds them against single fits): nearer to a cut-off nothing is decided."""

_TAUS = 32
_COARSEST = 0.06


@dataclass(frozen=True, eq=False)
class AfterFurther:
    """``above[j, r]``: P(average rate ≥ thresholds[j]) after r of ``people`` in a further study; ``mean[r]`` its mean;
    ``chance[r]`` the predictive probability of r."""

    people: int
    thresholds: tuple[float, ...]
    above: FloatArray
    mean: FloatArray
    chance: FloatArray


def after_further_study(
    events: Sequence[int],
    totals: Sequence[int],
    people: Sequence[int],
    thresholds: Sequence[float],
    *,
    mean_prior: Normal,
    tau_prior: Prior,
) -> tuple[AfterFurther, ...]:
    """For each number of ``people`` in a further study: what every count among them would leave.

    Model: x_i ~ Binomial(n_i, expit θ_i), θ_i ~ N(μ, τ²). Grid: τ at Gauss–Legendre points of its prior's quantiles, μ
    and θ uniform, finer the larger the studies. ``thresholds`` are rates.
    """
    largest, together = max([*totals, *people, 1]), max(sum(totals) + max(people), 1)
    theta = _uniform(mean_prior.mean, 6.5 * mean_prior.sd + 3.0, min(_COARSEST, 0.7 / math.sqrt(largest)))
    mu = _uniform(mean_prior.mean, 5.5 * mean_prior.sd, min(_COARSEST, 0.7 / math.sqrt(together)))
    share, weight = np.polynomial.legendre.leggauss(_TAUS)
    taus = np.asarray([float(tau_prior.quantile((1 + s) / 2)) for s in share])
    pairs = [*zip(events, totals, strict=True), *((r, m) for m in people for r in range(m + 1))]
    on_theta = _likelihoods(pairs, theta)
    k, rows = len(events), len(pairs)
    blocks = np.cumsum([0, *(m + 1 for m in people)]) + k
    prior = np.asarray(mean_prior.log_density(mu))
    width = len(mu)
    mass = np.zeros((rows - k, width))  # over μ, for every further count
    above = np.zeros((len(thresholds), rows - k))
    mean = np.zeros(rows - k)
    log_own = np.empty((_TAUS, width))
    kept = []
    for j, tau in enumerate(taus):
        if tau < 1.5 * (theta[1] - theta[0]):
            found = _likelihoods(pairs, mu)
        else:
            z = (theta[:, None] - mu) / tau
            kernel = np.exp(-0.5 * np.minimum(z * z, 1400.0))
            found = on_theta @ (kernel / kernel.sum(axis=0))
        with np.errstate(divide="ignore"):
            log_own[j] = np.log(found[:k]).sum(axis=0) + prior if k else prior
        kept.append(found[k:])
    log_own -= log_own.max()
    scale = 0.0
    for j, tau in enumerate(taus):
        own = np.exp(log_own[j]) * weight[j]
        scale += float(own.sum())
        joint = kept[j] * own
        average = _average(mu, float(tau))
        mass += joint
        mean += joint @ average
        for i, threshold in enumerate(thresholds):
            above[i] += joint @ _share_above(mu, average, threshold)
    total = mass.sum(axis=1)
    return tuple(
        AfterFurther(
            m,
            tuple(thresholds),
            above[:, a - k : b - k] / total[a - k : b - k],
            mean[a - k : b - k] / total[a - k : b - k],
            total[a - k : b - k] / scale,
        )
        for m, a, b in zip(people, blocks[:-1], blocks[1:], strict=True)
    )


def _uniform(centre: float, reach: float, step: float) -> FloatArray:
    count = math.ceil(reach / step)
    return np.asarray(centre + step * np.arange(-count, count + 1), dtype=np.float64)


def _likelihoods(pairs: Any, theta: FloatArray) -> FloatArray:
    """P(r of n) at every θ."""
    r = np.asarray([x for x, _ in pairs], dtype=float)[:, None]
    n = np.asarray([m for _, m in pairs], dtype=float)[:, None]
    ways = special.gammaln(n + 1) - special.gammaln(r + 1) - special.gammaln(n - r + 1)
    return np.asarray(np.exp(ways + r * special.log_expit(theta) + (n - r) * special.log_expit(-theta)))


def _average(mu: FloatArray, tau: float) -> FloatArray:
    """E[expit θ] for θ ~ N(μ, τ²)."""
    z = np.linspace(-7.0, 7.0, 71 if tau < 3 else 281)
    w = np.exp(-0.5 * z * z)
    found: FloatArray = special.expit(mu[:, None] + tau * z) @ (w / w.sum())
    return found


def _share_above(mu: FloatArray, average: FloatArray, threshold: float) -> FloatArray:
    """The share of each μ cell whose average rate is above the threshold; the average grows with μ."""
    step = mu[1] - mu[0]
    cut = float(np.interp(threshold, average, mu))
    if threshold <= average[0]:
        return np.ones_like(mu)
    if threshold >= average[-1]:
        return np.zeros_like(mu)
    share: FloatArray = np.clip((mu + step / 2 - cut) / step, 0.0, 1.0).astype(np.float64)
    return share
