"""Each study's own effect under random effects: drawn towards the mean as far as its variance says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.stats.distributions.normal import normal_quantile
from handful.stats.results import Fit


@dataclass(frozen=True, slots=True)
class ShrunkenEffect:
    """A study's effect on the model scale: (1 − s) y + s μ̂ with s = v/(v + τ²), and normal limits."""

    label: str
    estimate: float
    se: float
    low: float
    high: float
    shrinkage: float


def shrunken_effects(yi: Any, vi: Any, fit: Fit) -> tuple[ShrunkenEffect, ...]:
    """Empirical Bayes estimates for the studies of a random-effects ``fit`` of these ``yi`` and ``vi``.

    Variance τ²v/(v + τ²) + s² Var μ̂: τ² is taken as known, so few studies give limits that are too narrow. With τ² = 0
    every study has the pooled effect. Reference: Raudenbush & Bryk 1985, 10.3102/10769986010002075.

    >>> from handful.stats.estimates.inverse_variance import pool_inverse_variance
    >>> y, v = [0.1, 0.9, 0.4], [0.04, 0.05, 0.03]
    >>> fit = pool_inverse_variance(y, v, tau2="DL", interval="wald")
    >>> [round(e.estimate, 3) for e in shrunken_effects(y, v, fit)]
    [0.201, 0.753, 0.413]
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    tau2, mean, se = float(fit.tau2), float(fit.coefficient), float(fit.se)  # type: ignore[arg-type]
    z = normal_quantile((1.0 - fit.level) / 2)
    out = []
    for label, own, variance in zip(fit.labels, y.tolist(), v.tolist(), strict=True):
        s = variance / (variance + tau2)
        estimate = (1.0 - s) * own + s * mean
        error = math.sqrt(tau2 * s + s * s * se * se)
        out.append(ShrunkenEffect(label, estimate, error, estimate - z * error, estimate + z * error, s))
    return tuple(out)
