"""The curve of one study over the log risk ratio, with the baseline risk at its best value.

θ = log(p₁/p₂). For each θ the two risks restricted to p₁ = p₂e^θ are a root of a quadratic (Koopman 1984,
10.2307/2531405), and the highest log-likelihood is taken (a profile likelihood). Unlike a baseline integrated over a
prior of one group's risk it treats the groups alike. It is concave, for it is the maximum of a jointly concave function
in (log p₁, log p₂) along a line. No event in one group: one-sided; no event in either: flat. Everybody had the event in
both groups: a peak at θ = 0, for equal risks of 100 % are information about a ratio of risks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.curve_rows import Rows, columns_of

FloatArray: TypeAlias = npt.NDArray[np.float64]

_GRAIN = 0.5
_MOST_PANELS = 400
_ROOT_2PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True, eq=False)
class RiskRatioCurves(Rows):
    """x1 of n1 against x2 of n2, log-likelihood less the binomial coefficients."""

    x1: FloatArray
    n1: FloatArray
    x2: FloatArray
    n2: FloatArray

    def value(self, theta: FloatArray) -> FloatArray:
        """The highest log-likelihood at each θ."""
        return self.slopes(theta)[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """That, with its first and second derivative."""
        x1, n1, x2, n2 = columns_of(theta, self.x1, self.n1, self.x2, self.n2)
        # with the groups exchanged where θ < 0 the first has the larger risk and e^−|θ| never overflows
        up = theta >= 0
        xa, na = np.where(up, x1, x2), np.where(up, n1, n2)
        xb, nb = np.where(up, x2, x1), np.where(up, n2, n1)
        ratio = np.exp(-np.abs(theta))
        second = ratio * (nb + xa) + xb + na
        events = xa + xb
        root = np.sqrt(np.maximum(second * second - 4.0 * (na + nb) * ratio * events, 0.0))
        larger = np.minimum(2.0 * events / (second + root), 1.0)
        smaller = larger * ratio
        rest_a, rest_b = na - xa, nb - xb
        full = (larger == 1.0) | (rest_a == 0) & (larger > 1.0 - 1e-15)
        log_larger = np.log(np.where(larger > 0, larger, 1.0))
        value = events * log_larger - xb * np.abs(theta)
        value += np.where(rest_a > 0, rest_a * np.log1p(-np.where(full, 0.0, larger)), 0.0)
        value += np.where(rest_b > 0, rest_b * np.log1p(-np.where(smaller < 1.0, smaller, 0.0)), 0.0)
        below = 1.0 - np.where(smaller < 1.0, smaller, 0.0)
        # with the larger risk held only the smaller moves: −l_b'(log p_b)
        slope = np.where(rest_b > 0, rest_b * smaller / below, 0.0) - xb
        bend_b = -rest_b * smaller / below**2
        bend_a = np.where(full, 0.0, -rest_a * larger / np.where(full, 1.0, 1.0 - larger) ** 2)
        together = np.minimum(bend_a + bend_b, -1e-300)
        bend = np.where(full, bend_b, bend_a * bend_b / together)
        return value, np.where(up, slope, -slope), bend

    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Far to the left the first risk is 0, far to the right the second."""
        return np.where(self.x1 == 0, _top(self.x2, self.n2), -np.inf), np.where(
            self.x2 == 0, _top(self.x1, self.n1), -np.inf
        )

    def modes(self) -> FloatArray:
        """log of the observed risks' ratio; infinite where a group has no event, 0 where both have none."""
        none = (self.x1 == 0) & (self.x2 == 0)
        with np.errstate(divide="ignore"):
            out = np.log(np.where(none, 1.0, self.x1 / self.n1)) - np.log(np.where(none, 1.0, self.x2 / self.n2))
        return np.asarray(out)

    def grains(self) -> FloatArray:
        """The root has branch points nearer to the real line than a binomial curve has poles."""
        return np.full(len(self), _GRAIN)


@dataclass(frozen=True, eq=False)
class FullArmCurves(RiskRatioCurves):
    """Rows in which everybody had the event in one group, or in both: smooth but for one corner.

    From θ = ±log((n₁+n₂)/(x₁+x₂)) on the larger risk stays at 100 % (0 when both groups are full). A shared table
    would resolve the corner slowly, so these rows' marginal likelihoods are integrated on either side of it.
    """

    def corners(self) -> FloatArray:
        """Where the second derivative jumps (the first, when both groups are full)."""
        way = np.where(self.x1 == self.n1, 1.0, 0.0) - np.where(self.x2 == self.n2, 1.0, 0.0)
        return np.asarray(way * np.log((self.n1 + self.n2) / (self.x1 + self.x2)))

    def cusps(self) -> bool:
        """Whether both groups of any row are full: then the curve is −n|θ| near 0."""
        return bool(((self.x1 == self.n1) & (self.x2 == self.n2)).any())

    def log_marginals(self, mu: FloatArray, tau: float) -> FloatArray:
        """log ∫ L(θ) N(θ; μ, τ²) dθ, rows × means, by Gauss–Legendre panels on both sides of the corner."""
        from handful.stats.bayes.likelihood_shape import shapes

        form = shapes(self)
        out = np.empty((len(self), len(mu)))
        for i, corner in enumerate(self.corners()):
            row = self.take(np.array([i]))
            low, high, peak = float(form.low[i]), float(form.high[i]), float(form.peak[i])
            # a concave integrand is highest between μ and one Newton step from it
            rise = tau * tau * row.slopes(mu[None, :])[1][0]
            left = np.clip(np.minimum(mu, mu + rise) - 10.0 * tau, low, high)
            right = np.clip(np.maximum(mu, mu + rise) + 10.0 * tau, low, high)
            middle = np.clip(corner, left, right)
            width = min(2.0 * float(form.grain[i]), 3.0 * tau)
            count = max(1, int(np.ceil(float(np.maximum(middle - left, right - middle).max()) / width)))
            share, weight = _panels(min(count, _MOST_PANELS))
            total = np.zeros(len(mu))
            for start, end in ((left, middle), (middle, right)):
                theta = start[:, None] + (end - start)[:, None] * share
                z = (theta - mu[:, None]) / tau
                log_f = row.value(theta.reshape(1, -1)).reshape(theta.shape) - peak - 0.5 * z * z
                total += np.exp(np.maximum(log_f, -700.0)) @ weight * (end - start)
            total /= tau * _ROOT_2PI
            total += np.exp(form.left[i] - peak) * special.ndtr((low - mu) / tau)
            total += np.exp(form.right[i] - peak) * special.ndtr((mu - high) / tau)
            out[i] = np.log(np.maximum(total, 1e-300)) + peak
        return out


@lru_cache(maxsize=64)
def _panels(count: int) -> tuple[FloatArray, FloatArray]:
    """Places in (0, 1) and weights of ``count`` equal panels of 16 Gauss–Legendre nodes."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    starts = np.arange(count)[:, None]
    return ((starts + (nodes + 1) / 2) / count).ravel(), np.tile(weights / (2 * count), count)


def with_corners_apart(x1: FloatArray, n1: FloatArray, x2: FloatArray, n2: FloatArray) -> Any:
    """The curves of these tables; full arms are rows of their own kind."""
    from handful.stats.bayes.curve_rows import MixedCurves

    full = (x1 == n1) | (x2 == n2)
    if not full.any():
        return RiskRatioCurves(x1, n1, x2, n2)
    columns = (x1, n1, x2, n2)
    parts = [RiskRatioCurves(*(c[~full] for c in columns)), FullArmCurves(*(c[full] for c in columns))]
    order = np.concatenate([np.flatnonzero(~full), np.flatnonzero(full)])
    return MixedCurves.of(parts).take(np.argsort(order))


def _top(x: FloatArray, n: FloatArray) -> FloatArray:
    from scipy.special import xlog1py, xlogy

    return np.asarray(xlogy(x, x / n) + xlog1py(n - x, -x / n))
