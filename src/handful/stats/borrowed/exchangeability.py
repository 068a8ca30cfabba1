"""Strata that may be exchangeable: two that share a distribution, or several of which each may stand apart (EXNEX).

**Exchangeable**: θ_target, θ_source ~ N(μ, τ²); the source's studies count as one stratum with one rate. τ → 0 is
pooling, τ → ∞ is the target alone.

**EXNEX** (Neuenschwander et al. 2016, 10.1002/pst.1730): every stratum is, with the same prior weight, either
exchangeable with the others of that kind, θ_j ~ N(μ, τ²), or on its own with a vague prior. The 2^J assignments are
all computed, each exactly, and weighted by their evidence; nothing is sampled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.one_effect import OneEffect, OwnPrior, posterior_of_one
from handful.stats.bayes.posterior import Shape
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import Normal
from handful.stats.borrowed.meta_analytic_predictive import own_shape, pooled
from handful.stats.borrowed.weighted_shapes import weighted
from handful.stats.results import Fit

FloatArray: TypeAlias = npt.NDArray[np.float64]

MOST_STRATA = 7


def exchangeable(source: OneEffect, target: OneEffect, mean_prior: Normal | None, tau_prior: Prior) -> Shape:
    """The target's posterior when both strata come from one normal distribution."""
    first, second = np.array([source.first, target.first]), np.array([source.second, target.second])
    fit = pooled(target.kind, first, second, mean_prior, tau_prior)
    assert isinstance(fit, Fit)
    return own_shape(fit, 2)


@dataclass(frozen=True, eq=False)
class Assignments:
    """Every way to share the strata out, to be weighted by any prior weight: (how many exchangeable, log evidence,
    target's posterior, whether the target is among them)."""

    strata: int
    rows: tuple[tuple[int, float, Shape, bool], ...]

    def at(self, weight: float) -> tuple[Shape, float]:
        """The target's posterior, and the posterior probability that it is exchangeable."""
        sizes = np.array([size for size, *_ in self.rows], dtype=float)
        log_w = np.array([evidence for _, evidence, *_ in self.rows])
        log_w = log_w + special.xlogy(sizes, weight) + special.xlog1py(self.strata - sizes, -weight)
        w = np.exp(log_w - special.logsumexp(log_w))
        shape = weighted([(float(p), shape) for p, (_, _, shape, _) in zip(w, self.rows, strict=True)])
        share = math.fsum(float(p) for p, (*_, inside) in zip(w, self.rows, strict=True) if inside)
        return shape, min(share, 1.0)


def assignments(
    sources: Sequence[OneEffect], target: OneEffect, own: OwnPrior, mean_prior: Normal | None, tau_prior: Prior
) -> Assignments:
    """Fit every assignment of the strata; the target is the last one."""
    strata = [*sources, target]
    count = len(strata)
    if count > MOST_STRATA:
        raise InputError(
            f"exnex with {count} strata means {2**count} assignments",
            hint=f"at most {MOST_STRATA} strata, the target among them; robust-map takes any number of studies",
        )
    if mean_prior is None:
        raise InputError(
            "exnex compares evidences, so it needs a proper prior of the mean",
            hint='priors={"mean": hf.Normal(0, 2)}, on the model scale',
        )
    alone = [posterior_of_one(own, one) for one in strata]
    rows: list[tuple[int, float, Shape, bool]] = []
    for size in range(count + 1):
        for chosen in combinations(range(count), size):
            evidence = math.fsum(alone[i][1] for i in range(count) if i not in chosen)
            shape, inside = alone[-1][0], count - 1 in chosen
            if chosen:
                first = np.array([strata[i].first for i in chosen])
                second = np.array([strata[i].second for i in chosen])
                fit = pooled(target.kind, first, second, mean_prior, tau_prior)
                assert isinstance(fit, Fit)
                evidence += float(fit.details["log_evidence"])
                shape = own_shape(fit, size) if inside else shape
            rows.append((size, evidence, shape, inside))
    return Assignments(count, tuple(rows))
