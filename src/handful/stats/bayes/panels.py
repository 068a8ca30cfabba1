"""A density as polynomials on panels: found by splitting, integrated and inverted without further error.

A smooth function is written on each panel [a, b] as Σ_l c_l P_l(t), t in [−1, 1], with Legendre polynomials P_l. The
coefficients come from the 16 Gauss–Legendre nodes; a panel whose last coefficients have not died away is halved. The
distribution function is the exact integral of those polynomials, so density, distribution function, quantiles and
moments agree with each other to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
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
_AT_NODES = np.polynomial.legendre.legvander(NODES, ORDER - 1).T
_FINE = np.linspace(-1.0, 1.0, 65)
_FINE_VALUES = np.polynomial.legendre.legvander(_FINE, ORDER).T
_MOST_SPLITS = 60
_MOST_PANELS = 600


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
        return self._nodes

    @cached_property
    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        half = np.diff(self.edges) / 2
        x = (self.edges[:-1] + half)[:, None] + half[:, None] * NODES
        values = self.coefficients @ _AT_NODES
        return x.ravel(), (values * WEIGHTS * half[:, None]).ravel()

    @cached_property
    def at_inner_edges(self) -> FloatArray:
        """The density where two panels meet: every P_l is 1 at the right end."""
        return np.asarray(np.maximum(self.coefficients[:-1].sum(axis=1), 0.0))

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
        density, integral = self.coefficients[panel], _integral(self.coefficients)[panel]
        target = np.where(lower, q - self.below[panel], half * integral.sum(axis=1) - ((1 - q) - self.above[panel + 1]))
        target = target / half
        coarse = np.maximum.accumulate(integral @ _FINE_VALUES, axis=1)
        cell = np.clip((coarse < target[:, None]).sum(axis=1), 1, len(_FINE) - 1)
        left, right = _FINE[cell - 1], _FINE[cell]
        t = 0.5 * (left + right)
        for _ in range(60):
            values = _legendre(t)
            gap = np.einsum("ij,ij->i", integral, values) - target
            slope = np.einsum("ij,ij->i", density, values[:, :-1])
            right, left = np.where(gap > 0, t, right), np.where(gap > 0, left, t)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = t - gap / slope
            arrived = np.abs(step - t) <= 1e-13  # rounding may put the last step just outside the bracket
            new = np.where(arrived | ((step > left) & (step < right)), step, 0.5 * (left + right))
            moved = np.abs(new - t)
            t = new
            if np.all((moved <= 1e-12) | (right - left <= 1e-15)):
                break
        x = self.edges[panel] + half * (1 + t)
        return np.asarray(np.where(q <= 0, self.edges[0], np.where(q >= 1, self.edges[-1], x)))

    def _locate(self, x: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray, npt.NDArray[np.bool_]]:
        last = len(self.coefficients) - 1
        panel = np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, last)
        left, right = self.edges[panel], self.edges[panel + 1]
        inside = (x >= self.edges[0]) & (x <= self.edges[-1])
        t = np.where(inside, 2 * (np.where(inside, x, left) - left) / (right - left) - 1, 0.0)
        return panel, t, inside


def fit_panels(
    function: Function, edges: npt.ArrayLike, *, tolerance: float = 1e-10, weight: Function | None = None
) -> Panels:
    """The density proportional to ``function`` between the outermost ``edges``.

    ``tolerance`` bounds the probability that a panel's last coefficients stand for. ``function`` takes and returns a
    flat array and must be non-negative and smooth except at the given edges. With a ``weight`` the product is
    resolved too: for a tail that hardly counts in probability but does in the variance.
    """
    return fit_panels_together(lambda x: function(x)[None, :], edges, tolerance=tolerance, weight=weight)[0]


def fit_panels_together(
    function: Function, edges: npt.ArrayLike, *, tolerance: float = 1e-10, weight: Function | None = None
) -> list[Panels]:
    """Several densities on common panels: ``function`` takes n points and returns an array of shape (densities, n)."""
    starts = np.asarray(edges, dtype=float)
    pending = np.stack([starts[:-1], starts[1:]], axis=1)
    spans: list[FloatArray] = []
    parts: list[FloatArray] = []
    scale: FloatArray | float = 0.0
    kept_mass: FloatArray | float = 0.0
    kept_moment: FloatArray | float = 0.0
    count = 0
    for split in range(_MOST_SPLITS + 1):
        half = (pending[:, 1] - pending[:, 0]) / 2
        x = (pending[:, 0] + half)[:, None] + half[:, None] * NODES
        values = np.asarray(function(x.ravel()), dtype=float)
        coefficients = values.reshape(len(values), *x.shape) @ _TO_COEFFICIENTS.T  # densities × panels × order
        sizes = np.abs(coefficients)
        masses = 2 * half * sizes[:, :, 0]
        scale = np.maximum(scale, masses.sum(axis=1) + kept_mass)
        tail = sizes[:, :, -3:].max(axis=2)
        if weight is not None:
            heavy = np.asarray(weight(x.ravel()), dtype=float).reshape(x.shape)
            moments = 2 * half * (np.abs(values.reshape(len(values), *x.shape) * heavy) @ (WEIGHTS / 2))
            kept_moment = np.maximum(kept_moment, moments.sum(axis=1))
            tail = np.maximum(tail, tail * heavy.max(axis=1) * (scale / np.maximum(kept_moment, 1e-300))[:, None])
        # rounding of a peak inside the panel is no reason to split
        resolved = (2 * half * tail <= tolerance * np.maximum(scale, 1e-300)[:, None]) | (
            tail <= 1e-14 * sizes.max(axis=2)
        )
        good = resolved.all(axis=0)
        count += len(pending)
        if split == _MOST_SPLITS or count + 2 * int((~good).sum()) > _MOST_PANELS:
            good = np.ones_like(good)
        spans.append(pending[good])
        parts.append(coefficients[:, good])
        kept_mass = kept_mass + masses[:, good].sum(axis=1)
        bad = pending[~good]
        if len(bad) == 0:
            break
        middle = bad.mean(axis=1)
        pending = np.concatenate([np.stack([bad[:, 0], middle], axis=1), np.stack([middle, bad[:, 1]], axis=1)])
    all_spans, all_parts = np.concatenate(spans), np.concatenate(parts, axis=1)
    order = np.argsort(all_spans[:, 0], kind="stable")
    all_spans, all_parts = all_spans[order], all_parts[:, order]
    joined = np.append(all_spans[:, 0], all_spans[-1, 1])
    return [_normalised(joined, part) for part in all_parts]


def change(
    function: Function | FloatArray,
    panels: Panels,
    scale: tuple[Function, Function] | None = None,
    moments: tuple[bool, bool] = (True, True),
) -> float:
    """How far another density lies from that on ``panels``: the largest change of mean, sd or any central quantile, in
    sds of the latter.

    ``function`` is the other density up to a factor, or its values at the nodes. A quantile moves by the gap of the
    distribution functions over the density; it is looked at where a panel ends. ``scale`` = (forward, its slope) says
    on which scale means and quantiles are taken; ``moments`` says which exist. Without an sd the unit is the
    interquartile range over 1.349.
    """
    x, weights = panels.nodes()
    plain = (np.diff(panels.edges)[:, None] / 2 * WEIGHTS).ravel()
    other = np.asarray(function(x) if callable(function) else function, dtype=float) * plain
    difference = other / float(other.sum()) - weights
    at = x if scale is None else np.asarray(scale[0](x))
    if moments[1]:
        centre = float(weights @ at)
        unit = math.sqrt(max(float(weights @ (at - centre) ** 2), 1e-300))
    else:
        quarters = panels.quantile(np.array([0.25, 0.5, 0.75]))
        low, centre, high = (float(v) for v in (quarters if scale is None else scale[0](quarters)))
        unit = (high - low) / 1.349
    gap = (at - centre) / unit
    first = abs(float(difference @ gap)) if moments[0] else 0.0
    second = abs(float(difference @ (gap * gap))) / 2 if moments[1] else 0.0
    inner = panels.edges[1:-1]
    central = (panels.below[1:-1] > 0.004) & (panels.above[1:-1] > 0.004)
    moved = np.abs(np.cumsum(difference.reshape(-1, ORDER).sum(axis=1))[:-1][central])
    if scale is not None:
        moved = moved * np.asarray(scale[1](inner[central]))
    quantiles = float((moved / np.maximum(panels.at_inner_edges[central], 1e-300)).max(initial=0.0)) / unit
    return max(quantiles, first, second)


def _normalised(edges: FloatArray, coefficients: FloatArray) -> Panels:
    pieces = np.diff(edges) * coefficients[:, 0]
    mass = math.fsum(pieces)
    pieces = pieces / mass
    below = np.concatenate([[0.0], np.cumsum(pieces)])
    above = np.concatenate([np.cumsum(pieces[::-1])[::-1], [0.0]])
    return Panels(edges, coefficients / mass, np.maximum.accumulate(below), np.minimum.accumulate(above), mass)


def graded_edges(low: float, high: float, centre: float, scale: float, step: float = 0.8) -> FloatArray:
    """First panel edges: about ``step`` scales wide at the centre, growing with the distance from it."""
    left, right = math.asinh((low - centre) / scale), math.asinh((high - centre) / scale)
    count = max(2, math.ceil((right - left) / step))
    edges = centre + scale * np.sinh(np.linspace(left, right, count + 1))
    edges[0], edges[-1] = low, high
    return np.asarray(edges)


def _series(coefficients: FloatArray, t: FloatArray) -> FloatArray:
    """Σ_l c_l P_l(t) row by row."""
    out: FloatArray = np.einsum("ij,ij->i", coefficients, _legendre(t, coefficients.shape[1]))
    return out


def _chebyshev_factors(count: int) -> FloatArray:
    """P_n = Σ_m factor[m, n] T_m, from the discrete orthogonality of T at its own nodes."""
    angles = math.pi * (np.arange(count) + 0.5) / count
    legendre = np.polynomial.legendre.legvander(np.cos(angles), count - 1)
    factors: FloatArray = np.cos(np.outer(np.arange(count), angles)) @ legendre * (2 / count)
    factors[0] /= 2
    return factors


_FACTORS = _chebyshev_factors(ORDER + 1)


def _legendre(t: FloatArray, count: int = ORDER + 1) -> FloatArray:
    """P_0(t) … P_{count−1}(t), one row for each t: T_m(t) = cos(m arccos t) costs a few calls whatever the degree."""
    out: FloatArray = np.cos(np.arccos(np.clip(t, -1.0, 1.0))[:, None] * np.arange(ORDER + 1)) @ _FACTORS[:, :count]
    return out


def _integral(coefficients: FloatArray) -> FloatArray:
    """Coefficients of ∫_{−1}^{t}: ∫ P_l = (P_{l+1} − P_{l−1}) / (2l + 1)."""
    size = coefficients.shape[1]
    scaled = coefficients / (2 * np.arange(size) + 1)
    out = np.zeros((len(coefficients), size + 1))
    out[:, 1:] += scaled
    out[:, : size - 1] -= scaled[:, 1:]
    out[:, 0] += scaled[:, 0]  # P_0 integrates to t + 1
    return out
