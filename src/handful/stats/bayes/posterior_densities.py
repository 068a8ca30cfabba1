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
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.column_series import LARGEST, Series
from handful.stats.bayes.panels import Panels, fit_panels, fit_panels_together, graded_edges
from handful.stats.bayes.population_average import AverageSeries
from handful.stats.bayes.posterior import Transformed
from handful.stats.bayes.posterior_columns import Column, Columns
from handful.stats.bayes.posterior_placement import drop_at, moment_order
from handful.stats.bayes.priors import Prior
from handful.stats.bayes.tau_grid import TauGrid

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROOT_2PI = math.sqrt(2 * math.pi)
_SHARES = np.array([1e-3, 0.02, 0.2, 0.5, 0.8, 0.98, 0.999])


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
    own = _within(grid, prior)  # a prior narrower than one step is highest between the columns
    everywhere = np.concatenate([grid.u, own])
    likelihood = np.concatenate([joint.log_integrals, grid.interpolate(joint.log_integrals - top, own) + top])
    shift = float(np.max(likelihood + np.maximum(grid.log_prior(prior, np.maximum(everywhere, 1e-9)), -1e6)))

    def density(u: FloatArray) -> FloatArray:
        log_likelihood = grid.interpolate(joint.log_integrals - top, u) + top
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(grid.log_prior(prior, u) + log_likelihood - shift))

    return density


def _within(grid: TauGrid, prior: Prior) -> FloatArray:
    """Where the prior's quantiles lie on the grid of u."""
    if not prior.proper:
        return np.empty(0)
    u = grid.u_of(np.asarray(prior.quantile(_SHARES), dtype=float))
    return np.asarray(u[(u > grid.u[0]) & (u < grid.u[-1])])


def tau_density(joint: Columns) -> Transformed:
    """Posterior of τ, held in u."""
    grid, prior = joint.grid, joint.tau_prior
    low, high = joint.u_range
    cuts = _within(grid, prior)
    if prior.edges:
        cuts = np.concatenate([cuts, grid.u_of(np.array(prior.edges))])
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
        most = max(1, LARGEST // max(1, len(self.mu)))
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


def average_series(joint: Columns, scale: str) -> Series | AverageSeries:
    """The density of the population average on the model scale, up to a factor.

    Logit scale: logit E[expit(θ)]. Log scale: log E[e^θ] = μ + τ²/2, each column moved by τ²/2.
    """
    used = used_columns(joint)
    if scale == "log":
        return Series([Column(c.tau, c.mu + 0.5 * c.tau * c.tau, c.step, c.log_marginals, c.weights) for c in used])
    return AverageSeries(used, joint.fineness)


def average_density(joint: Columns, series: Series | AverageSeries) -> Panels:
    """Posterior of the population average."""
    centre, sd = _centre(joint)
    if isinstance(series, AverageSeries):
        centre = series.centre
    else:
        centre = float(((series.start + series.step * series.index) * series.weights).sum())
    low, high = series.span
    return fit_panels(series, graded_edges(low, high, centre, sd, 1.2), tolerance=_tolerance(joint))


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


def _alike(joint: Columns, rows: npt.NDArray[np.intp], sd: float) -> list[npt.NDArray[np.intp]]:
    """Studies that can share panels: those about as wide as the posterior together, sharper ones each alone."""
    sharp = joint.shapes.grain[rows] < 0.25 * sd
    groups = [rows[~sharp]] if (~sharp).any() else []
    return groups + [rows[i : i + 1] for i in np.flatnonzero(sharp)]
