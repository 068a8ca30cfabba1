"""Sums over j = 0, 1, ..., n − 1 of smooth terms with weights that are steps in j, at few points however large n is.

The first terms are taken one by one. What follows is cut into blocks [J, J') with J' ≤ 2J and no step inside, and each
is summed by the Gauss rule of the integers J, ..., J' − 1 themselves (the discrete Chebyshev, or Gram, polynomials):
with q points it is exact for polynomials of degree 2q − 1. The terms here, log(m + jφ) with m, φ > 0 and its
derivatives, are analytic but at j = −m/φ ≤ 0, as far from a block as the block is long, so that the error falls like
(3 + √8)^(−2q): 1e-21 for q = 14.

Reference: Gautschi 2004, Orthogonal Polynomials: Computation and Approximation, 1.5.2 and 3.1.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ONE_BY_ONE = 64
_POINTS = 14


def summation_points(size: int, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places j and weights w with Σ_{j < size} s(j) f(j) = Σ w s(j) f(j), s constant between the whole numbers
    ``steps``.

    >>> j, w = summation_points(1_000_000, np.array([1_000_000.0]))
    >>> len(j), round(float(w @ np.log1p(j)), 4)  # log of 1,000,000!
    (260, 12815518.3847)
    """
    first = min(size, _ONE_BY_ONE)
    places, weights = [np.arange(first, dtype=np.float64)], [np.ones(first)]
    edges = [*np.unique(steps[(steps > first) & (steps < size)]).tolist(), size]
    start = first
    for edge in edges:
        while start < edge:
            end = int(min(edge, 2 * start))
            j, w = _block(start, end)
            places.append(j)
            weights.append(w)
            start = end
    return np.concatenate(places), np.concatenate(weights)


def _block(start: int, end: int) -> tuple[FloatArray, FloatArray]:
    """The Gauss rule of the integers start, ..., end − 1 (Golub and Welsch)."""
    many = float(end - start)
    if many <= _POINTS:
        return np.arange(start, end, dtype=np.float64), np.ones(end - start)
    i = np.arange(1.0, _POINTS)
    off = np.sqrt(i * i * (many - i) * (many + i) / (4.0 * (4.0 * i * i - 1.0)))
    roots, vectors = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    return start + 0.5 * (many - 1.0) + roots, many * vectors[0] ** 2
