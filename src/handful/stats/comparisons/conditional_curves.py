"""Log-likelihood curves of a comparison given the number of events in both groups: no baseline is left to estimate.

``ConditionalTables``
    x1 of n1 against x2 of n2 given m = x1 + x2: Fisher's non-central hypergeometric distribution at the log odds
    ratio θ, log C(n1, x1) C(n2, x2) + x1 θ − log Σ_u C(n1, u) C(n2, m − u) e^{uθ}. Its generating polynomial has
    only real roots, so the curve is concave and analytic within ±iπ, as a binomial's is.
``ShiftedBinomialCurves``
    x1 of m at log odds θ + shift: for rates shift = log(T1/T2), which is exact; for odds ratios shift = log(n1/n2),
    an approximation for rare events.

No event, or nothing but events, in both groups: the curve is flat, 0 everywhere. An x1 at the end of what the
margins allow: one-sided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.count_models.curves import BinomialCurves
from handful.stats.two_groups.conditional_odds import conditional_estimate

FloatArray: TypeAlias = npt.NDArray[np.float64]
IndexArray: TypeAlias = npt.NDArray[np.intp]

#: longer supports are summed only where their mass is
_WHOLE = 256
#: the window reaches this many standard deviations, and at least this many points, to either side
_SDS, _LEAST = 9.0, 30.0
#: at most this many terms at once
_CELLS = 3_000_000


@dataclass(frozen=True, eq=False)
class ConditionalTables:
    """``weight[i, j]`` is log C(n1, u) C(n2, m − u) less its value at x1, for u = bottom + j; −∞ beyond the support."""

    x1: FloatArray
    n1: FloatArray
    x2: FloatArray
    n2: FloatArray
    bottom: FloatArray
    top: FloatArray
    weight: FloatArray
    top_at: FloatArray
    repeat: FloatArray

    @classmethod
    def of(cls, events1: Any, totals1: Any, events2: Any, totals2: Any) -> ConditionalTables:
        """One curve a table."""
        x1, n1, x2, n2 = (np.asarray(v, dtype=np.float64) for v in (events1, totals1, events2, totals2))
        m = x1 + x2
        bottom, top = np.maximum(0.0, m - n2), np.minimum(n1, m)
        longest = int((top - bottom).max(initial=0.0)) + 1
        u = bottom[:, None] + np.arange(longest)
        inside = u < top[:, None]
        # log of the ratio of neighbours, added up from the bottom: no large logarithms of factorials to subtract
        up = np.where(inside, (n1[:, None] - u) * (m[:, None] - u), 1.0)
        down = np.where(inside, (u + 1) * (n2[:, None] - m[:, None] + u + 1), 1.0)
        weight = np.zeros((len(x1), longest))
        weight[:, 1:] = np.cumsum(np.log(up) - np.log(down), axis=1)[:, :-1]
        weight -= weight[np.arange(len(x1)), (x1 - bottom).astype(np.intp)][:, None]
        weight[u > top[:, None]] = -np.inf
        with np.errstate(divide="ignore"):
            top_at = np.log(conditional_estimate(x1, n1, x2, n2))
        return cls(x1, n1, x2, n2, bottom, top, weight, top_at, np.ones(len(x1)))

    def __len__(self) -> int:
        return len(self.x1)

    def value(self, theta: FloatArray) -> FloatArray:
        """log P(x1 | margins, θ)."""
        return self.slopes(theta)[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The value, x1 − E(U) and −Var(U)."""
        shape = np.shape(theta)
        points = np.reshape(theta, (len(self.x1), -1))
        rows, count = points.shape
        out = np.empty((3, rows, count))
        width = self.weight.shape[1]
        step = max(1, _CELLS // max(1, min(width, 2 * _WHOLE) * count))
        for first in range(0, rows, step):
            block = slice(first, min(first + step, rows))
            work = self._windowed if width > _WHOLE else self._whole
            out[:, block] = work(block, points[block])
        value, slope, bend = out.reshape((3, *shape))
        return value, slope, bend

    def _whole(self, block: slice, theta: FloatArray) -> FloatArray:
        distance = self.bottom[block, None] + np.arange(self.weight.shape[1]) - self.x1[block, None]
        return _sums(self.weight[block, None, :], distance[:, None, :], theta)

    def _windowed(self, block: slice, theta: FloatArray) -> FloatArray:
        """Sums over the part of the support that carries mass at each θ."""
        bottom, top = self.bottom[block, None], self.top[block, None]
        centre, sd = self._where(block, theta)
        half = int(np.ceil(_SDS * float(sd.max()) + _LEAST))
        longest = self.weight.shape[1]
        size = min(2 * half + 1, longest)
        first = np.clip(np.floor(centre) - half, bottom, np.maximum(top - size + 1, bottom))
        index = (first - bottom).astype(np.intp)[:, :, None] + np.arange(size)
        index = np.minimum(index, longest - 1)
        rows = np.arange(self.weight.shape[0])[block][:, None, None]
        weight = self.weight[rows, index]
        # positions repeated at the end of the array count once
        weight = np.where((first - bottom)[:, :, None] + np.arange(size) <= longest - 1, weight, -np.inf)
        distance = first[:, :, None] + np.arange(size) - self.x1[block, None, None]
        return _sums(weight, distance, theta)

    def _where(self, block: slice, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """About where the distribution sits and how wide it is: the saddle point and its curvature."""
        n1, n2, m = self.n1[block, None], self.n2[block, None], (self.x1 + self.x2)[block, None]
        flip = theta < 0
        psi = np.exp(np.minimum(np.abs(theta), 600.0))
        big, small = np.where(flip, n2, n1), np.where(flip, n1, n2)
        second = psi * (big + m) + small - m
        inner = np.maximum(1.0 - 4 * (psi - 1) / second * (psi * big / second) * m, 0.0)
        root = 2 * (psi * big / second) * m / (1.0 + np.sqrt(inner))
        centre = np.where(flip, m - root, root)
        rest = (centre + 0.5, n1 - centre + 0.5, m - centre + 0.5, n2 - m + centre + 0.5)
        precision = np.sum([1.0 / np.maximum(part, 0.5) for part in rest], axis=0)
        return centre, 1.0 / np.sqrt(precision)

    def take(self, rows: Any) -> ConditionalTables:
        """The chosen rows."""
        kept = (self.x1, self.n1, self.x2, self.n2, self.bottom, self.top, self.weight, self.top_at, self.repeat)
        return ConditionalTables(*(v[rows] for v in kept))

    def shared_by(self, repeat: FloatArray) -> ConditionalTables:
        """The same rows, each standing for ``repeat`` studies."""
        return replace(self, repeat=repeat)

    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Far to the left and to the right: 0 where x1 is at that end of its support, −∞ elsewhere."""
        left = np.where(self.x1 == self.bottom, 0.0, -np.inf)
        return left, np.where(self.x1 == self.top, 0.0, -np.inf)

    def modes(self) -> FloatArray:
        """The conditional estimate of the log odds ratio; infinite for one-sided curves, 0 for flat ones."""
        return self.top_at

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Where the top is; nothing is claimed about the slopes."""
        return np.full(len(self), -np.inf), self.top_at, np.full(len(self), np.inf)


def _sums(weight: FloatArray, distance: FloatArray, theta: FloatArray) -> FloatArray:
    """Value, slope and bend from the terms; distances are from x1, whose own term is 1 before scaling."""
    log = weight + distance * theta[:, :, None]
    peak = log.max(axis=2)
    mass = np.exp(log - peak[:, :, None])
    total = mass.sum(axis=2)
    mean = np.einsum("ijk,ijk->ij", mass, np.broadcast_to(distance, mass.shape)) / total
    apart = distance - mean[:, :, None]
    spread = np.einsum("ijk,ijk,ijk->ij", mass, apart, apart) / total
    return np.stack([-(peak + np.log(total)), -mean, -spread])


@dataclass(frozen=True, eq=False)
class ShiftedBinomialCurves:
    """x1 of m at log odds θ + ``shift``."""

    inner: BinomialCurves
    shift: FloatArray

    @classmethod
    def of(cls, events: Any, totals: Any, shift: Any) -> ShiftedBinomialCurves:
        """One curve a study."""
        return cls(BinomialCurves.of(events, totals), np.asarray(shift, dtype=np.float64))

    @property
    def repeat(self) -> FloatArray:
        """How many studies share a row."""
        return self.inner.repeat

    def __len__(self) -> int:
        return len(self.shift)

    def _moved(self, theta: FloatArray) -> FloatArray:
        return np.asarray(theta + self.shift.reshape(self.shift.shape + (1,) * (np.ndim(theta) - 1)))

    def value(self, theta: FloatArray) -> FloatArray:
        """Log-likelihood at θ."""
        return self.inner.value(self._moved(theta))

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood and its first and second derivative."""
        return self.inner.slopes(self._moved(theta))

    def take(self, rows: Any) -> ShiftedBinomialCurves:
        """The chosen rows."""
        return ShiftedBinomialCurves(self.inner.take(rows), self.shift[rows])

    def shared_by(self, repeat: FloatArray) -> ShiftedBinomialCurves:
        """The same rows, each standing for ``repeat`` studies."""
        return ShiftedBinomialCurves(replace(self.inner, repeat=repeat), self.shift)

    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Far to the left and to the right, −∞ where the curve falls for ever."""
        left = np.where(self.inner.x == 0, self.inner.constant, -np.inf)
        return left, np.where(self.inner.x == self.inner.n, self.inner.constant, -np.inf)

    def modes(self) -> FloatArray:
        """logit(x1/m) − shift; infinite for one-sided curves, 0 for flat ones."""
        x, n = self.inner.x, self.inner.n
        flat = n == 0
        with np.errstate(divide="ignore"):
            found = np.log(np.where(flat, 1.0, x)) - np.log(np.where(flat, 1.0, n - x))
        return np.asarray(np.where(flat, 0.0, found - self.shift))

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Where the top is; nothing is claimed about the slopes."""
        return np.full(len(self), -np.inf), self.modes(), np.full(len(self), np.inf)
