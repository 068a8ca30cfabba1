"""A confidence interval around the common effect that allows for heterogeneity and leans less on small studies.

θ̂ = Σwy/Σw with w = 1/v, so suppressed small studies move it little; its variance allows for τ² (DerSimonian & Laird).
With W_j = Σw^j, R = (θ̂ − θ)√W₁ ~ N(0, 1 + τ²W₂/W₁) and T = R/√(1 + τ̂²W₂/W₁), P(T > t) is the integral over r > t of
P(Q ≤ k − 1 + (W₁²/W₂ − 1)((r/t)² − 1) | R = r); given R, Q is taken as a gamma variable with its exact mean and
variance (Henmi & Copas 2010, 10.1002/sim.4029).
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.distributions.normal import normal_quantile
from handful.stats.estimates.between_study import estimate_tau2
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def henmi_copas_of(y: FloatArray, v: FloatArray, level: float = 0.95) -> tuple[Interval, float, float] | NotEstimable:
    """The interval, its standard error √(W₁ + τ̂²W₂)/W₁, and τ̂²; for y, v of shape (k,), k ≥ 3."""
    from scipy.optimize import brentq
    from scipy.special import gammainc

    k = len(y)
    if k < 3:
        return NotEstimable(f"this interval needs three studies; there are {k}")
    w = 1.0 / v
    w1, w2 = float(w.sum()), float((w * w).sum())
    centre = float(w @ y) / w1
    tau2 = estimate_tau2(y, v, "DL")
    ratio = 1.0 + tau2 * w2 / w1
    own = (1.0 + tau2 * w) / math.sqrt(w1)  # covariance of each estimate with R
    spread = np.diag(v + tau2) - np.outer(own, own) / ratio
    inner = w[:, None] * spread
    mean_flat, variance_flat = float(np.trace(inner)), 2.0 * float((inner * inner.T).sum())
    slope = own / ratio  # mean of each estimate is slope · r
    mean_square = float(w @ (slope * slope)) - 1.0  # Q = Σ w e² − r²
    variance_square = 4.0 * float((w * slope) @ spread @ (w * slope))

    def beyond(t: float) -> float:
        end = t + 12.0 * math.sqrt(ratio)
        r = 0.5 * (end - t) * _NODES + 0.5 * (end + t)
        limit = (k - 1) + (w1 * w1 / w2 - 1.0) * ((r / t) ** 2 - 1.0)
        mean = mean_flat + mean_square * r * r
        variance = variance_flat + variance_square * r * r
        density = np.exp(-0.5 * r * r / ratio) / math.sqrt(2.0 * math.pi * ratio)
        values = gammainc(mean * mean / variance, limit * mean / variance) * density
        return 0.5 * (end - t) * float(_WEIGHTS @ values)

    tail = 0.5 * (1.0 - level)
    z = normal_quantile(tail)
    low, high = 0.5 * z, 2.0 * z
    while beyond(high) > tail:
        high *= 2.0
    while beyond(low) < tail:
        low *= 0.5
    reach = float(brentq(lambda t: beyond(t) - tail, low, high, xtol=1e-13, rtol=1e-13))
    error = math.sqrt(w1 + tau2 * w2) / w1
    return Interval(centre, centre - reach * error, centre + reach * error, level, "henmi-copas"), error, tau2
