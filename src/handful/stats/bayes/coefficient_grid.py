"""A grid over the coefficients around their conditional top: one number f on an axis of its own, the rest summed out.

With the covariance C of a normal approximation and f = a'β, β = top + f·Ca/a'Ca + Σ_d z_d·o_d, where the o_d span what
is left of C given f, one conditional sd each. Points lie on equal steps in all of them, inside an ellipsoid whose
half-axes grow where the density at its rim is not yet nothing. Sums over z are trapezoid rules of analytic functions
that vanish at the rim.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

_RIM = 0.85  # of the squared half-axes: what lies beyond is the rim
_NOTHING = 0.7  # of the drop: the rim must have fallen so far
_GROWTH = 1.35
_MOST = 4_000_000  # points in all; beyond, memory and minutes


@dataclass(frozen=True, eq=False)
class Axes:
    """``along`` (p) changes f by 1; ``others`` (p × (p − 1)) leave it alone, one conditional sd each."""

    along: FloatArray
    others: FloatArray
    spread: float  # sd of f
    volume: float  # |det| of (along, others): of one unit of f and z in β

    @classmethod
    def of(cls, covariance: FloatArray, asked: FloatArray) -> Axes:
        spread = math.sqrt(float(asked @ covariance @ asked))
        along = covariance @ asked / spread**2
        left = covariance - np.outer(covariance @ asked, covariance @ asked) / spread**2
        values, vectors = np.linalg.eigh((left + left.T) / 2)
        # the smallest eigenvalue is that of f itself, nothing but rounding
        others = vectors[:, 1:] * np.sqrt(np.maximum(values[1:], 1e-300))
        # a'o_d is 0 up to rounding; make it so
        others = others - np.outer(along, asked @ others)
        volume = abs(float(np.linalg.det(np.column_stack([along, others]))))
        return cls(along, others, spread, volume)


def summed(
    value: Callable[[FloatArray, FloatArray], FloatArray], steps: FloatArray, reach: FloatArray, drop: float
) -> tuple[FloatArray, FloatArray]:
    """f on its axis and log Σ_z exp(value) at each; ``value`` takes f (n) and z (n × rest) and gives log densities.

    ``steps`` of (f, z…); ``reach`` are the first half-axes, where a normal has fallen by the ``drop``.
    """
    size = len(steps)
    ends = np.stack([reach, reach], axis=1)
    for _ in range(60):
        counts = np.ceil(ends / steps[:, None]).astype(int)
        lines = [np.arange(-low, high + 1) * step for (low, high), step in zip(counts, steps, strict=True)]
        shares = [
            np.where(line < 0, line / low, line / high) ** 2 for line, (low, high) in zip(lines, ends, strict=True)
        ]
        points, inside = _inside(shares)
        z = np.stack([lines[d][points[d]] for d in range(1, size)], axis=1) if size > 1 else np.empty((len(inside), 0))
        values = value(lines[0][points[0]], z)
        roof = float(values.max())
        rim = np.flatnonzero((inside > _RIM) & (values > roof - _NOTHING * drop))
        if not len(rim) or len(inside) > _MOST:
            break
        for d in range(size):
            own = points[d][rim]
            part = shares[d][own] > 0.5 / size
            for side, there in ((0, lines[d][own] < 0), (1, lines[d][own] > 0)):
                if bool((part & there).any()):
                    ends[d, side] *= _GROWTH
    with np.errstate(divide="ignore", under="ignore"):
        sums = np.log(np.bincount(points[0], np.exp(values - roof), minlength=len(lines[0]))) + roof
    return lines[0], np.asarray(sums)


def _inside(shares: list[FloatArray]) -> tuple[list[npt.NDArray[np.intp]], FloatArray]:
    """Indices along every axis of the points inside the ellipsoid, and their share of the squared radius."""
    points = [np.arange(len(shares[0]), dtype=np.intp)]
    radius = shares[0]
    keep = radius <= 1.0
    points, radius = [points[0][keep]], radius[keep]
    for share in shares[1:]:
        whole = radius[:, None] + share
        old, new = np.nonzero(whole <= 1.0)
        points = [*(p[old] for p in points), new]
        radius = whole[old, new]
    return points, radius
