"""How likely a result is to be seen, given its p value: the weight functions of selection models.

p is one-sided, for effects in the direction that is thought to be preferred (``two-sided``: in both). Relative weights,
since a common factor cannot be seen:

    step       1 for p ≤ α₁, δ₁ for p between α₁ and α₂, ... (Vevea & Hedges 1995, 10.1007/BF02294384)
    beta       p^(δ₁ − 1) (1 − p)^(δ₂ − 1) (Citkowicz & Vevea 2017, 10.1037/met0000119)
    halfnorm   exp(−δ p²)      negexp  exp(−δ p)      logistic  2/(1 + exp(δ p))      power  (1 − p)^δ
               (Preston, Ashby & Smyth 2004, 10.1111/j.1365-2753.2003.00457.x)

A study's likelihood is w(p) N(y; μ, v + τ²) over A = ∫ w(p(y)) N(y; μ, v + τ²) dy: a sum of normal probabilities for
steps, for curves two of them (p below .00001 or above .99999 counts as that) and Gauss–Legendre quadrature between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.distributions.normal import normal_quantile

FloatArray: TypeAlias = npt.NDArray[np.float64]

CURVES = ("beta", "halfnorm", "negexp", "logistic", "power")
ALTERNATIVES = ("greater", "less", "two-sided")

#: for the curves, p below this and above 1 − this counts as this: no reader tells them apart, and p^(δ − 1) would run
#: away
SMALLEST_P = 1e-5
_NODES, _OWN = np.polynomial.legendre.leggauss(96)


@dataclass(frozen=True, eq=False)
class Steps:
    """Cuts 0 < α₁ < α₂ < ... < 1; ``which[i]`` is the interval of study i."""

    cuts: FloatArray
    alternative: str
    which: npt.NDArray[np.int64]
    error: FloatArray

    def log_likelihood(self, mean: float, variance: FloatArray, delta: FloatArray) -> float:
        """Σ log w − log A; ``delta`` for all intervals, the first too."""
        from scipy.special import ndtr, ndtri

        spread = np.sqrt(variance)
        chances = np.empty((len(spread), len(self.cuts) + 1))
        if self.alternative == "two-sided":
            ends = -ndtri(self.cuts / 2.0)
            outside = [ndtr((mean - z * self.error) / spread) + ndtr((-mean - z * self.error) / spread) for z in ends]
        else:
            sign = 1.0 if self.alternative == "greater" else -1.0
            outside = [ndtr((sign * mean + ndtri(cut) * self.error) / spread) for cut in self.cuts]
        before = np.zeros(len(spread))
        for j, beyond in enumerate(outside):
            chances[:, j] = beyond - before
            before = beyond
        chances[:, -1] = 1.0 - before
        seen = delta[self.which]
        whole = chances @ delta
        if not bool(np.all(seen > 0)) or not bool(np.all(whole > 0)):
            return -np.inf
        return float(np.log(seen).sum() - np.log(whole).sum())


@dataclass(frozen=True, eq=False)
class Curve:
    """A smooth weight: ``kind`` of ``CURVES``; z are the studies' y/√v towards the preferred side.

    Beyond ``end`` the weight is constant, so A is two normal probabilities and a Gauss–Legendre sum between.
    """

    kind: str
    alternative: str
    z: FloatArray
    error: FloatArray
    nodes: FloatArray
    seen: tuple[FloatArray, FloatArray, FloatArray]
    of_nodes: tuple[FloatArray, FloatArray, FloatArray]

    def log_likelihood(self, mean: float, variance: FloatArray, delta: FloatArray) -> float:
        """Σ log w − log A."""
        from scipy.special import ndtr

        middle = (-mean if self.alternative == "less" else mean) / self.error
        spread = np.sqrt(variance) / self.error
        weights = self.log_weight(self.of_nodes, delta)
        top = float(weights.max())
        own = np.exp(weights - top)
        end = float(self.nodes[-1])
        inside = (self.nodes[None, 1:-1] - middle[:, None]) / spread[:, None]
        density = np.exp(-0.5 * inside * inside) / (np.sqrt(2.0 * np.pi) * spread[:, None])
        whole = density @ (end * _OWN * own[1:-1])
        whole += own[0] * ndtr((-end - middle) / spread) + own[-1] * ndtr((middle - end) / spread)
        if not bool(np.all(whole > 0)):
            return -np.inf
        return float(self.log_weight(self.seen, delta).sum() - (np.log(whole) + top).sum())

    def log_weight(self, of: tuple[FloatArray, FloatArray, FloatArray], delta: FloatArray) -> FloatArray:
        """log w from (log p, log(1 − p), p)."""
        log_p, log_rest, p = of
        d = float(delta[0])
        if self.kind == "beta":
            return (d - 1.0) * log_p + (float(delta[1]) - 1.0) * log_rest
        if self.kind == "halfnorm":
            return -d * p * p
        if self.kind == "negexp":
            return -d * p
        if self.kind == "logistic":
            return np.asarray(np.log(2.0) - np.logaddexp(0.0, d * p), dtype=np.float64)
        return d * log_rest


def curve(kind: str, alternative: str, y: FloatArray, v: FloatArray) -> Curve:
    """The weight function of these studies, with what does not depend on its parameters."""

    error = np.sqrt(v)
    z = y / error * (-1.0 if alternative == "less" else 1.0)
    end = normal_quantile(SMALLEST_P)
    nodes = np.concatenate([[-end], end * _NODES, [end]])
    return Curve(kind, alternative, z, error, nodes, _of(z), _of(nodes))


def _of(z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    from scipy.special import ndtr

    p = np.clip(ndtr(-z), SMALLEST_P, 1.0 - SMALLEST_P)
    return np.log(p), np.log1p(-p), p


def one_sided_p(y: FloatArray, v: FloatArray, alternative: str) -> FloatArray:
    """p of each study towards ``alternative``."""
    from scipy.special import ndtr

    z = y / np.sqrt(v)
    if alternative == "two-sided":
        return np.asarray(2.0 * ndtr(-np.abs(z)), dtype=np.float64)
    return np.asarray(ndtr(-z if alternative == "greater" else z), dtype=np.float64)
