"""From the joint posterior on columns to the posterior of each quantity, as polynomials on panels.

μ:        p(μ) = Σ_j p(μ | τ_j) w_j, each conditional density interpolated by its cardinal (sinc) series
θ new:    Σ_j Σ_m W_jm N(θ; μ_jm, τ_j²)
θ_i:      L_i(θ) Σ_j Σ_m W_jm / M_i(μ_jm, τ_j) N(θ; μ_jm, τ_j²)
average:  logit of E[expit(μ + τz)], through the increasing map from μ to it for every τ
τ:        prior × likelihood in u = asinh(τ / s)
At τ = 0 the effects coincide with μ. All sums are trapezoid rules whose step was chosen for exponential convergence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.panels import Panels, fit_panels, fit_panels_together, graded_edges
from handful.stats.bayes.posterior import Transformed
from handful.stats.bayes.posterior_columns import Column, Columns
from handful.stats.bayes.posterior_placement import drop_at, moment_order
from handful.stats.count_models.curves import expit

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROOT_2PI = math.sqrt(2 * math.pi)


def _tolerance(joint: Columns) -> float:
    return 1e-9 if joint.fineness <= 1 else 1e-12


def used_columns(joint: Columns) -> list[Column]:
    """The columns that count at this fineness."""
    least = math.exp(-drop_at(joint.fineness) - 2)
    return [c for c in joint.columns if np.abs(c.weights).max() > least]


def mean_density(joint: Columns) -> Panels:
    """Posterior of μ."""
    used = used_columns(joint)
    centre, sd = _centre(joint)
    return fit_panels(
        Series(used),
        graded_edges(min(c.mu[0] for c in used), max(c.mu[-1] for c in used), centre, sd, 1.2),
        tolerance=_tolerance(joint),
        weight=_moment_weight(joint, centre, sd),
    )


def tau_function(joint: Columns) -> Callable[[FloatArray], FloatArray]:
    """The density of u, up to a factor."""
    grid, prior = joint.grid, joint.tau_prior
    top = float(joint.log_integrals.max())
    shift = float(np.max(joint.log_integrals + np.maximum(grid.log_prior(prior, np.maximum(grid.u, 1e-9)), -1e6)))

    def density(u: FloatArray) -> FloatArray:
        log_likelihood = grid.interpolate(joint.log_integrals - top, u) + top
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(grid.log_prior(prior, u) + log_likelihood - shift))

    return density


def tau_density(joint: Columns) -> Transformed:
    """Posterior of τ, held in u."""
    grid, prior = joint.grid, joint.tau_prior
    low, high = joint.u_range
    cuts = grid.u_of(np.array(prior.edges)) if prior.edges else np.empty(0)
    count = max(2, math.ceil((high - low) / grid.step / 6))
    edges = np.unique(np.concatenate([np.linspace(low, high, count + 1), cuts[(cuts > low) & (cuts < high)]]))
    order = moment_order(joint.tail_power)
    panels = fit_panels(tau_function(joint), edges, tolerance=_tolerance(joint), weight=lambda u: np.cosh(u) ** order)
    return Transformed(panels, grid.tau_of, grid.u_of, grid.slope)


@dataclass(frozen=True, eq=False)
class Points:
    """The points of all columns with τ > 0 that count in probability, or in the moments that exist."""

    mu: FloatArray
    tau: FloatArray
    weight: FloatArray
    log_marginals: FloatArray
    at_zero: Series  # the column of τ = 0

    @classmethod
    def of(cls, joint: Columns) -> Points:
        wide = [c for c in joint.columns if c.tau > 0]
        mu = np.concatenate([c.mu for c in wide])
        tau = np.concatenate([np.full(len(c.mu), c.tau) for c in wide])
        weight = np.concatenate([c.weights for c in wide])
        log_m = np.concatenate([c.log_marginals for c in wide], axis=1)
        reach = (1 + tau / _centre(joint)[1]) ** moment_order(joint.tail_power)
        used = np.abs(weight) * reach > math.exp(-drop_at(joint.fineness) - 2) * np.abs(weight).max()
        zero = Series([c for c in joint.columns if c.tau == 0])
        return cls(mu[used], tau[used], weight[used], log_m[:, used], zero)

    def new(self, x: FloatArray) -> FloatArray:
        """The density of a new study's effect."""
        return np.asarray(self.mixed(self.weight[None, :], x)[0] + self.at_zero(x))

    def mixed(self, weights: FloatArray, x: FloatArray) -> FloatArray:
        """Σ w N(x; μ, τ²) for each row of weights (rows × points), in blocks that bound the memory."""
        out = np.empty((len(weights), len(x)))
        most = max(1, _LARGEST // max(1, len(self.mu)))
        for first in range(0, len(x), most):
            part = slice(first, first + most)
            out[:, part] = weights @ _kernel(x[part], self.mu, self.tau)
        return out

    def own(self, joint: Columns, block: npt.NDArray[np.intp]) -> Callable[[FloatArray], FloatArray]:
        """The densities of these studies' own effects (studies × points)."""
        curves, peak = joint.curves.take(block), joint.shapes.peak[block]
        # weights without the study itself; the largest factor is taken out so that nothing overflows
        with np.errstate(divide="ignore"):
            log_w = np.log(np.abs(self.weight)) - (self.log_marginals[block] - peak[:, None])
        shift = log_w.max(axis=1)
        outside = np.exp(log_w - shift[:, None]) * np.sign(self.weight)

        def densities(x: FloatArray) -> FloatArray:
            kernel = self.mixed(outside, x)
            with np.errstate(divide="ignore"):
                log_kernel = np.log(np.maximum(kernel, 0.0))
            log_curve = curves.value(x[None, :]) - peak[:, None]
            with np.errstate(under="ignore"):
                out = np.exp(np.minimum(log_kernel + log_curve + shift[:, None], 600.0))
            return np.asarray(out + self.at_zero(x))

        return densities

    def span(self) -> tuple[float, float]:
        return float((self.mu - 8.5 * self.tau).min()), float((self.mu + 8.5 * self.tau).max())


def new_density(joint: Columns, points: Points | None = None) -> Panels:
    """Posterior of a new study's effect."""
    points = points or Points.of(joint)
    centre, sd = _centre(joint)
    return fit_panels(
        points.new,
        graded_edges(*points.span(), centre, sd, 1.2),
        tolerance=_tolerance(joint),
        weight=_moment_weight(joint, centre, sd),
    )


def effect_densities(joint: Columns, rows: npt.NDArray[np.intp] | None = None) -> tuple[Panels, list[Panels]]:
    """Posterior of a new study's effect, and of the studies' own effects (all, or the chosen rows)."""
    points = Points.of(joint)
    new = new_density(joint, points)
    low, high = points.span()
    centre, sd = _centre(joint)
    form = joint.shapes
    chosen = np.arange(len(joint.curves)) if rows is None else rows
    found: dict[int, Panels] = {}
    for block in _alike(joint, chosen, sd):
        start = np.where(np.isfinite(form.mode[block]), form.mode[block], centre)
        middle = float(np.clip(np.median(start), centre - 6 * sd, centre + 6 * sd))
        left = max(low, min(float(form.low[block].min()), middle - 12 * sd))
        right = min(high, max(float(form.high[block].max()), middle + 12 * sd))
        width = min(sd, float(np.median(form.grain[block])))
        edges = graded_edges(left, right, middle, width, 1.2)
        densities = points.own(joint, block)
        found.update(
            zip(block.tolist(), fit_panels_together(densities, edges, tolerance=_tolerance(joint)), strict=True)
        )
    return new, [found[int(i)] for i in chosen]


def average_columns(joint: Columns) -> list[Column]:
    """Columns of logit E[expit(θ)], the population average rate on the logit scale."""
    return [_on_the_average(c, joint.fineness) for c in used_columns(joint)]


def log_average_columns(joint: Columns) -> list[Column]:
    """Columns of log E[e^θ] = μ + τ²/2, the population average of a rate per person-time: each moved by τ²/2."""
    return [Column(c.tau, c.mu + 0.5 * c.tau * c.tau, c.step, c.log_marginals, c.weights) for c in used_columns(joint)]


def average_density(joint: Columns, turned: Sequence[Column]) -> Panels:
    """Posterior of the population average, from its columns."""
    centre = float(sum(float(c.weights @ c.mu) for c in turned))
    _, sd = _centre(joint)
    return fit_panels(
        Series(turned),
        graded_edges(min(c.mu[0] for c in turned), max(c.mu[-1] for c in turned), centre, sd, 1.2),
        tolerance=_tolerance(joint),
    )


def _on_the_average(column: Column, fineness: float) -> Column:
    """The same column as a density of η = logit E[expit(μ + τz)], on equal steps of η.

    η(μ) is smooth and increasing with a slope of at most 1; steps are shortened by the least slope, so that a density
    resolved in μ is resolved in η, and the cardinal series of the one may be read at the points of the other.
    """
    if column.tau == 0:
        return column
    rule = _AverageRule.of(column.tau)
    eta, slope = rule.at(column.mu)
    step = column.step * float(slope.min())
    points = eta[0] + step * np.arange(math.floor((eta[-1] - eta[0]) / step) + 1, dtype=float)
    mu = _hermite(points, eta, column.mu, 1 / slope)
    for _ in range(8):
        value, slope = rule.at(mu)
        gap = (points - value) / slope
        mu = np.clip(mu + gap, column.mu[0], column.mu[-1])
        # the slope is that of the point before the last step: wrong by a tenth of that step
        if float(np.abs(gap).max(initial=0.0)) < (1e-6 if fineness <= 1 else 1e-9):
            break
    density = _mixture_of_columns([column], mu) / slope
    return Column(column.tau, points, step, np.empty((0, len(points))), density * step)


def _hermite(x: FloatArray, at: FloatArray, values: FloatArray, slopes: FloatArray) -> FloatArray:
    """Cubic interpolation by values and slopes."""
    i = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 2)
    width = at[i + 1] - at[i]
    t = (x - at[i]) / width
    rest = 1 - t
    ends = values[i] * (1 + 2 * t) * rest * rest + values[i + 1] * t * t * (3 - 2 * t)
    return np.asarray(ends + width * t * rest * (slopes[i] * rest - slopes[i + 1] * t))


@dataclass(frozen=True, eq=False)
class _AverageRule:
    """μ ↦ logit E[expit(μ + τz)] for one τ: points and weights of the integral."""

    tau: float
    z: FloatArray
    w: FloatArray

    @classmethod
    def of(cls, tau: float) -> _AverageRule:
        if tau > 2:  # over the logistic density instead: smooth for any τ
            z = 0.5 * np.arange(-80, 81)
            w = 0.5 * expit(z) * expit(-z)
        else:
            step = min(0.8, 0.7 / tau)
            z = step * np.arange(-math.ceil(8.3 / step), math.ceil(8.3 / step) + 1)
            w = np.exp(-0.5 * z * z)
        return cls(tau, np.asarray(z, dtype=float), np.asarray(w / w.sum(), dtype=float))

    def at(self, mu: FloatArray) -> tuple[FloatArray, FloatArray]:
        """η and dη/dμ."""
        if self.tau > 2:
            y = (mu[:, None] - self.z) / self.tau
            p, q = special.ndtr(y) @ self.w, special.ndtr(-y) @ self.w
            slope = np.exp(-0.5 * y * y) @ self.w / (self.tau * _ROOT_2PI)
        else:
            theta = mu[:, None] + self.tau * self.z
            small = np.exp(-np.abs(theta))
            near = 1 / (1 + small)
            far = small * near
            positive = theta >= 0
            p, q = np.where(positive, near, far) @ self.w, np.where(positive, far, near) @ self.w
            slope = (near * far) @ self.w
        return np.asarray(np.log(p) - np.log(q)), np.asarray(slope / (p * q))


def average_mean(joint: Columns) -> float:
    """Posterior mean of the population average rate."""
    total = 0.0
    for c in joint.columns:
        if c.weights.any():
            eta = c.mu if c.tau == 0 else _AverageRule.of(c.tau).at(c.mu)[0]
            total += float(c.weights @ expit(eta))
    return total


def _moment_weight(joint: Columns, centre: float, sd: float) -> Callable[[FloatArray], FloatArray] | None:
    """For heavy tails: what makes the variance visible to the panels."""
    order = moment_order(joint.tail_power)
    if order == 0 or joint.tail_power == math.inf:
        return None
    return lambda x: (1 + np.abs((x - centre) / sd)) ** order


def _centre(joint: Columns) -> tuple[float, float]:
    mean = sum(float(c.weights @ c.mu) for c in joint.columns)
    variance = sum(float(c.weights @ (c.mu - mean) ** 2) for c in joint.columns)
    return mean, math.sqrt(max(variance, 1e-300))


def _kernel(x: FloatArray, mu: FloatArray, tau: FloatArray) -> FloatArray:
    """N(x; μ, τ²), components × points."""
    z = x[None, :] - mu[:, None]
    z /= tau[:, None]
    np.square(z, out=z)
    z *= -0.5
    np.maximum(z, -700.0, out=z)
    np.exp(z, out=z)
    z *= (1 / (tau * _ROOT_2PI))[:, None]
    return z


class Series:
    """Σ_j p(x | τ_j) w_j by the cardinal series of each column; 0 outside a column's reach. All columns at once."""

    def __init__(self, columns: Sequence[Column]) -> None:
        sizes = [len(c.mu) for c in columns]
        self.longest = max(sizes, default=0)
        self.start = np.array([c.mu[0] for c in columns])[:, None]
        self.step = np.array([c.step for c in columns])[:, None]
        self.last = np.array(sizes, dtype=float)[:, None] - 1
        self.weights = np.zeros((len(columns), self.longest))
        for row, column in zip(self.weights, columns, strict=True):
            row[: len(column.weights)] = column.weights
        self.alternating = self.weights * (-1.0) ** np.arange(self.longest)
        self.index = np.arange(self.longest, dtype=float)

    def __call__(self, x: FloatArray) -> FloatArray:
        if self.longest == 0:
            return np.zeros_like(x)
        out = np.empty_like(x)
        most = max(1, _LARGEST // (len(self.start) * self.longest))
        for first in range(0, len(x), most):
            out[first : first + most] = self._at(x[first : first + most])
        return out

    def _at(self, x: FloatArray) -> FloatArray:
        place = (x - self.start) / self.step  # columns × points
        inside = (place >= 0) & (place <= self.last)
        place = np.where(inside, place, 0.5)
        nearest = np.rint(place)
        rest = place - nearest
        on = np.abs(rest) < 1e-9
        gaps = np.where(on, 0.5, place)[:, :, None] - self.index
        np.reciprocal(gaps, out=gaps)
        series = np.matmul(gaps, self.alternating[:, :, None])[:, :, 0]
        series *= np.sin(math.pi * rest) / math.pi * np.where(nearest % 2 == 0, 1.0, -1.0)
        if on.any():
            row = np.nonzero(on)[0]
            series[on] = self.weights[row, np.minimum(nearest[on], self.last[row, 0]).astype(np.intp)]
        return np.asarray(np.where(inside, series / self.step, 0.0).sum(axis=0))


_LARGEST = 400_000  # numbers of one block of work


def _mixture_of_columns(columns: Sequence[Column], x: FloatArray) -> FloatArray:
    return Series(columns)(x)


def _alike(joint: Columns, rows: npt.NDArray[np.intp], sd: float) -> list[npt.NDArray[np.intp]]:
    """Studies that can share panels: those about as wide as the posterior together, sharper ones each alone."""
    sharp = joint.shapes.grain[rows] < 0.25 * sd
    groups = [rows[~sharp]] if (~sharp).any() else []
    return groups + [rows[i : i + 1] for i in np.flatnonzero(sharp)]
