"""A density as polynomials on panels: found by splitting, integrated and inverted without further error.

A smooth function is written on each panel [a, b] as Σ_l c_l P_l(t), t in [−1, 1], with Legendre polynomials P_l. The coefficients
come from the 16 Gauss–Legendre nodes; a panel whose last coefficients have not died away is halved. The distribution function is the exact
integral of those polynomials, so density, distribution function, quantiles and moments agree with each other to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Function: TypeAlias = Callable[[FloatArray], FloatArray]

ORDER = 16
NODES, WEIGHTS = (np.asarray(v) for v in np.polynomial.legendre.leggauss(ORDER))
#: values at the nodes -> Legendre coefficients
_TO_COEFFICIENTS = (np.polynomial.legendre.legvander(NODES, ORDER - 1) * WEIGHTS[:, None]).T * (
    (2 * np.arange(ORDER) + 1) / 2
)[:, None]
_LARGEST_SPLITS = 60
_MOST_PANELS = 3000


@dataclass(frozen=True, eq=False)
class Panels:
    """A density on panels. Use :func:`fit_panels` to make one; it is normalised to total probability 1."""

    edges: FloatArray  # (P + 1,)
    coefficients: FloatArray  # (P, 16)
    below: FloatArray  # (P + 1,) probability below each edge
    above: FloatArray  # (P + 1,) and above it, summed from the other side so that small tails keep their digits
    mass: float  # what the function integrated to before it was normalised

    @property
    def support(self) -> tuple[float, float]:
        return float(self.edges[0]), float(self.edges[-1])

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Points and probability weights with which Σ w g(x) is the expectation of g."""
        half = np.diff(self.edges) / 2
        x = (self.edges[:-1] + half)[:, None] + half[:, None] * NODES
        values = self.coefficients @ np.polynomial.legendre.legvander(NODES, ORDER - 1).T
        return x.ravel(), (values * WEIGHTS * half[:, None]).ravel()

    def density(self, x: FloatArray) -> FloatArray:
        panel, t, inside = self._locate(x)
        return np.where(inside, np.maximum(_series(self.coefficients[panel], t), 0.0), 0.0)

    def cdf(self, x: FloatArray) -> FloatArray:
        panel, t, _ = self._locate(x)
        half = (self.edges[panel + 1] - self.edges[panel]) / 2
        part = half * _series(_integral(self.coefficients)[panel], t)
        value = np.clip(self.below[panel] + part, 0.0, 1.0)
        return np.where(x <= self.edges[0], 0.0, np.where(x >= self.edges[-1], 1.0, value))

    def survival(self, x: FloatArray) -> FloatArray:
        panel, t, _ = self._locate(x)
        half = (self.edges[panel + 1] - self.edges[panel]) / 2
        integral = _integral(self.coefficients)
        part = half * (integral.sum(axis=1)[panel] - _series(integral[panel], t))
        value = np.clip(self.above[panel + 1] + part, 0.0, 1.0)
        return np.where(x <= self.edges[0], 1.0, np.where(x >= self.edges[-1], 0.0, value))

    def quantile(self, q: FloatArray) -> FloatArray:
        """Newton's method inside the panel, kept in a bracket; from the nearer end, so both tails are sharp."""
        lower = q <= 0.5
        last = len(self.coefficients) - 1
        panel = np.clip(
            np.where(
                lower,
                np.searchsorted(self.below, q, side="left") - 1,
                last + 1 - np.searchsorted(self.above[::-1], 1 - q, side="left"),
            ),
            0,
            last,
        )
        half = (self.edges[panel + 1] - self.edges[panel]) / 2
        density = self.coefficients[panel]
        integral = _integral(self.coefficients)[panel]
        target = np.where(lower, q - self.below[panel], half * integral.sum(axis=1) - ((1 - q) - self.above[panel + 1]))
        left, right = -np.ones_like(q), np.ones_like(q)
        t = np.zeros_like(q)
        for _ in range(200):
            gap = half * _series(integral, t) - target
            right = np.where(gap > 0, t, right)
            left = np.where(gap > 0, left, t)
            slope = half * _series(density, t)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = t - gap / slope
            inside = (step > left) & (step < right)
            new = np.where(inside, step, (left + right) / 2)
            moved = np.abs(new - t)
            t = new
            if np.all((moved <= 1e-15) | (right - left <= 1e-15)):
                break
        x = self.edges[panel] + half * (1 + t)
        return np.where(q <= 0, self.edges[0], np.where(q >= 1, self.edges[-1], x))

    def _locate(self, x: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray, npt.NDArray[np.bool_]]:
        last = len(self.coefficients) - 1
        panel = np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, last)
        left, right = self.edges[panel], self.edges[panel + 1]
        inside = (x >= self.edges[0]) & (x <= self.edges[-1])
        t = np.where(inside, 2 * (np.where(inside, x, left) - left) / (right - left) - 1, 0.0)
        return panel, t, inside


def fit_panels(function: Function, edges: npt.ArrayLike, *, tolerance: float = 1e-10) -> Panels:
    """The density proportional to ``function`` between the outermost ``edges``.

    ``tolerance`` bounds the probability that a panel's last coefficients stand for. ``function`` takes and returns a flat array and must be
    non-negative and smooth except at the given edges.
    """
    starts = np.asarray(edges, dtype=float)
    pending = np.stack([starts[:-1], starts[1:]], axis=1)
    done_edges: list[FloatArray] = []
    done_coefficients: list[FloatArray] = []
    total = 0.0
    count = 0
    for split in range(_LARGEST_SPLITS):
        half = (pending[:, 1] - pending[:, 0]) / 2
        x = (pending[:, 0] + half)[:, None] + half[:, None] * NODES
        values = np.asarray(function(x.ravel()), dtype=float).reshape(x.shape)
        coefficients = values @ _TO_COEFFICIENTS.T
        masses = 2 * half * np.abs(coefficients[:, 0])
        if split == 0:
            total = float(masses.sum())
        tail = 2 * half * np.abs(coefficients[:, -3:]).max(axis=1)
        # rounding of a peak inside the panel is no reason to split
        good = (tail <= tolerance * max(total, 1e-300)) | (
            tail <= 1e-14 * 2 * half * np.abs(coefficients).max(axis=1, initial=0.0)
        )
        total = max(
            total, float(masses.sum()) + sum(_mass(e, c) for e, c in zip(done_edges, done_coefficients, strict=True))
        )
        done_edges.append(pending[good])
        done_coefficients.append(coefficients[good])
        count += int(good.sum())
        bad = pending[~good]
        if len(bad) == 0:
            break
        if split == _LARGEST_SPLITS - 1 or count + 2 * len(bad) > _MOST_PANELS:
            done_edges.append(bad)
            done_coefficients.append(coefficients[~good])
            break
        middle = bad.mean(axis=1)
        pending = np.concatenate([np.stack([bad[:, 0], middle], axis=1), np.stack([middle, bad[:, 1]], axis=1)])
    spans, all_coefficients = np.concatenate(done_edges), np.concatenate(done_coefficients)
    order = np.argsort(spans[:, 0], kind="stable")
    spans, all_coefficients = spans[order], all_coefficients[order]
    return _normalised(np.append(spans[:, 0], spans[-1, 1]), all_coefficients)


def _normalised(edges: FloatArray, coefficients: FloatArray) -> Panels:
    pieces = np.diff(edges) * coefficients[:, 0]
    mass = math.fsum(pieces)
    pieces = pieces / mass
    below = np.concatenate([[0.0], np.cumsum(pieces)])
    above = np.concatenate([np.cumsum(pieces[::-1])[::-1], [0.0]])
    return Panels(edges, coefficients / mass, np.maximum.accumulate(below), np.minimum.accumulate(above), mass)


def _mass(spans: FloatArray, coefficients: FloatArray) -> float:
    return float(np.sum((spans[:, 1] - spans[:, 0]) * np.abs(coefficients[:, 0]))) if len(spans) else 0.0


def _series(coefficients: FloatArray, t: FloatArray) -> FloatArray:
    """Σ_l c_l P_l(t) row by row (Clenshaw)."""
    size = coefficients.shape[-1]
    second = np.zeros_like(t)
    first = coefficients[..., size - 1] + 0.0 * t
    for degree in range(size - 2, -1, -1):
        first, second = (
            coefficients[..., degree]
            + (2 * degree + 1) / (degree + 1) * t * first
            - (degree + 1) / (degree + 2) * second,
            first,
        )
    return first


def _integral(coefficients: FloatArray) -> FloatArray:
    """Coefficients of ∫_{−1}^{t}: ∫ P_l = (P_{l+1} − P_{l−1}) / (2l + 1)."""
    size = coefficients.shape[1]
    scaled = coefficients / (2 * np.arange(size) + 1)
    out = np.zeros((len(coefficients), size + 1))
    out[:, 1:] += scaled
    out[:, : size - 1] -= scaled[:, 1:]
    out[:, 0] += scaled[:, 0]  # P_0 integrates to t + 1
    return out
