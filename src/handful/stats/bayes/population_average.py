"""The population average rate E[expit(θ)] on the logit scale, η(μ, τ) = logit E[expit(μ + τz)], and its posterior.

η rises with μ with a slope of at most 1. For every column it is tabulated with two derivatives; the inverse μ(η) is
read from it by quintic Hermite interpolation, so that p(η | τ) = p(μ(η) | τ) dμ/dη.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.column_series import Series
from handful.stats.bayes.posterior_columns import Column

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROOT_2PI = math.sqrt(2 * math.pi)
_WIDE = 6.0  # from this τ on the integral runs over the logistic density, smooth for any τ
_SHARED = (0.0, 1.0, 2.0, 3.5, _WIDE, math.inf)  # columns whose τ lies between two of these share their nodes


class AverageSeries:
    """Σ_j p(η | τ_j) w_j from columns of μ."""

    def __init__(self, columns: Sequence[Column], fineness: float) -> None:
        self.columns = Series(columns)
        fine = fineness > 1
        parts = 4 if fine else 2
        step = self.columns.step / parts
        self.last = (self.columns.last[:, 0] * parts).astype(np.intp)
        index = np.minimum(np.arange((self.columns.longest - 1) * parts + 1, dtype=float), self.last[:, None])
        self.mu = self.columns.start + step * index
        tau = np.array([c.tau for c in columns])
        self.eta, slope, bend = (np.empty(self.mu.shape) for _ in range(3))
        for low, high in itertools.pairwise(_SHARED):
            rows = np.flatnonzero((tau > low) & (tau <= high)) if low else np.flatnonzero(tau <= high)
            if len(rows):
                self.eta[rows], slope[rows], bend[rows] = logit_of_average(self.mu[rows], tau[rows], fine=fine)
        self.first = 1 / slope  # of μ as a function of η
        self.second = -bend * self.first**3
        every = self.eta[:, ::parts]
        self.centre = float((self.columns.weights[:, : every.shape[1]] * every).sum())

    @property
    def span(self) -> tuple[float, float]:
        return float(self.eta[:, 0].min()), float(self.eta.max())

    def __call__(self, x: FloatArray) -> FloatArray:
        out = np.empty_like(x)
        most = self.columns.most
        for first in range(0, len(x), most):
            part = x[first : first + most]
            mu, slope = self._inverse(part)
            out[first : first + most] = (self.columns.each(mu) * slope).sum(axis=0)
        return out

    def _inverse(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """μ(η) and its slope for every column (columns × points); μ is −∞ outside a column's reach."""
        rows = np.arange(len(self.eta))[:, None]
        right = np.stack([np.searchsorted(e[: n + 1], x) for e, n in zip(self.eta, self.last, strict=True)])
        right = np.minimum(np.maximum(right, 1), self.last[:, None])
        left = right - 1
        start, end = self.eta[rows, left], self.eta[rows, right]
        h = end - start
        t = (x - start) / h
        outside = (t < 0) | (t > 1)
        np.clip(t, 0.0, 1.0, out=t)
        a, b = self.mu[rows, left], self.mu[rows, right]
        p, q = self.first[rows, left] * h, self.first[rows, right] * h
        r, s = 0.5 * self.second[rows, left] * h * h, 0.5 * self.second[rows, right] * h * h
        rise = b - a
        # a + pt + rt² + c₃t³ + c₄t⁴ + c₅t⁵ with value, slope and bend given at both ends
        one, two, three = rise - p - r, q - p - 2 * r, s - r
        c3, c4, c5 = 10 * one - 4 * two + three, 7 * two - 15 * one - 2 * three, 6 * one - 3 * two + three
        mu = a + t * (p + t * (r + t * (c3 + t * (c4 + t * c5))))
        slope = (p + t * (2 * r + t * (3 * c3 + t * (4 * c4 + t * (5 * c5))))) / h
        mu[outside] = -np.inf
        return mu, slope


def logit_of_average(
    mu: FloatArray, tau: FloatArray, *, fine: bool = True
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """η = logit E[expit(μ + τz)], z standard normal, with dη/dμ and d²η/dμ²; τ has one value for each row of μ.

    Trapezoid rules, exponentially accurate: exp(−2π²/h²) for the normal weight, exp(−2π²/τh) for the poles of expit.
    Computed at −|μ|, where no digits are lost: η is odd in μ.
    """
    m, t = -np.abs(mu), tau[:, None]
    rate, slope, bend = np.empty(mu.shape), np.empty(mu.shape), np.empty(mu.shape)
    # so far out that e^μ vanishes, or so wide that a normal around τ and not the logistic curve makes the rate
    far = (m < -500.0) | ((t > _WIDE) & (m < -20.0) & (m < -0.5 * t * t))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore", under="ignore"):
        p, first, second = _by_rule(m, tau, fine)
        both = p * (1 - p)
        slope[:] = first / both
        bend[:] = second / both - slope * slope * (1 - 2 * p)
        rate[:] = np.log(p) - np.log1p(-p)
    for row in np.flatnonzero(far.any(axis=1)):
        here = far[row]
        rate[row, here], slope[row, here], bend[row, here] = _far_out(m[row, here], float(tau[row]), fine)
    sign = np.where(mu > 0, -1.0, 1.0)
    return sign * rate, slope, sign * bend


def _by_rule(m: FloatArray, tau: FloatArray, fine: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """E[expit(m + τz)] and two derivatives in m, for m ≤ 0."""
    widest = float(tau.max())
    below, least, longest = (8.3, 0.7, 0.8) if fine else (6.2, 1.0, 0.9)
    if widest <= _WIDE:
        step = min(longest, least / max(widest, 1e-300))
        # a rate that is small on average is made by large z: around τ, not around 0
        z = step * np.arange(-math.ceil(below / step), math.ceil((below + widest) / step) + 1)
        w = np.exp(-0.5 * z * z)
        w /= w.sum()
        share = 1 / (1 + np.exp(-(m[:, :, None] + tau[:, None, None] * z)))
        spread = share * (1 - share)
        return share @ w, spread @ w, (spread * (1 - 2 * share)) @ w
    step = 0.5 if fine else 1.0
    z = step * np.arange(-math.ceil(40 / step), math.ceil(40 / step) + 1)
    e = np.exp(-np.abs(z))
    w = step * e / (1 + e) ** 2
    w /= w.sum()
    y = (m[:, :, None] - z) / tau[:, None, None]
    density = np.exp(-0.5 * y * y)
    first = density @ w / (tau[:, None] * _ROOT_2PI)
    return special.ndtr(y) @ w, first, (density * -y) @ w / (tau[:, None] ** 2 * _ROOT_2PI)


def _far_out(m: FloatArray, tau: float, fine: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """η with two derivatives where the rate is very small: the same sum over z, in logarithms."""
    below, least, longest = (8.3, 0.7, 0.8) if fine else (6.2, 1.0, 0.9)
    step = min(longest, least / max(tau, 1e-300))
    z = step * np.arange(-math.ceil(below / step), math.ceil((below + tau) / step) + 1)
    logit = m[:, None] + tau * z
    log_share = np.minimum(logit, 0.0) - np.log1p(np.exp(-np.abs(logit)))
    log_w = log_share - 0.5 * z * z
    top = log_w.max(axis=1)
    w = np.exp(log_w - top[:, None])
    total = w.sum(axis=1)
    log_p = top + np.log(total * step / _ROOT_2PI)
    rest = 1 - np.exp(log_share)
    p = np.exp(log_p)
    first = (w * rest).sum(axis=1) / total
    second = (w * rest * (2 * rest - 1)).sum(axis=1) / total
    slope = first / (1 - p)
    return log_p - np.log1p(-p), slope, second / (1 - p) - slope * slope * (1 - 2 * p)
