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
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.lagrange import stencil
from handful.stats.bayes.panels import Panels, fit_panels, fit_panels_together, graded_edges
from handful.stats.bayes.posterior import Transformed
from handful.stats.bayes.posterior_columns import Column, Columns
from handful.stats.bayes.posterior_placement import moment_order
from handful.stats.count_models.curves import expit

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROOT_2PI = math.sqrt(2 * math.pi)


def _tolerance(joint: Columns) -> float:
    return 1e-9 if joint.fineness <= 1 else 1e-12


def mean_density(joint: Columns) -> Panels:
    """Posterior of μ."""
    used = [c for c in joint.columns if np.abs(c.weights).max() > 1e-17]
    lows, highs = [c.mu[0] for c in used], [c.mu[-1] for c in used]
    centre, sd = _centre(joint)
    return fit_panels(
        lambda x: _mixture_of_columns(used, x),
        graded_edges(min(lows), max(highs), centre, sd, 1.2),
        tolerance=_tolerance(joint),
        weight=_moment_weight(joint, centre, sd),
    )


def tau_density(joint: Columns) -> Transformed:
    """Posterior of τ, held in u."""
    grid, prior = joint.grid, joint.tau_prior
    top = float(joint.log_integrals.max())
    shift = float(np.max(joint.log_integrals + np.maximum(grid.log_prior(prior, np.maximum(grid.u, 1e-9)), -1e6)))

    def density(u: FloatArray) -> FloatArray:
        log_likelihood = grid.interpolate(joint.log_integrals - top, u) + top
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(grid.log_prior(prior, u) + log_likelihood - shift))

    low, high = joint.u_range
    cuts = grid.u_of(np.array(prior.edges)) if prior.edges else np.empty(0)
    count = max(2, math.ceil((high - low) / grid.step / 6))
    edges = np.unique(np.concatenate([np.linspace(low, high, count + 1), cuts[(cuts > low) & (cuts < high)]]))
    order = moment_order(joint.tail_power)
    panels = fit_panels(density, edges, tolerance=_tolerance(joint), weight=lambda u: np.cosh(u) ** order)
    return Transformed(panels, grid.tau_of, grid.u_of, grid.slope)


def new_density(joint: Columns) -> Panels:
    """Posterior of a new study's effect alone."""
    wide = [c for c in joint.columns if c.tau > 0]
    mu = np.concatenate([c.mu for c in wide])
    tau = np.concatenate([np.full(len(c.mu), c.tau) for c in wide])
    return _new(joint, mu, tau, np.concatenate([c.weights for c in wide]))


def _new(joint: Columns, mu: FloatArray, tau: FloatArray, weight: FloatArray) -> Panels:
    point = [c for c in joint.columns if c.tau == 0]
    centre, sd = _centre(joint)
    used = _counts(joint, tau, weight, sd)
    mu, tau, weight = mu[used], tau[used], weight[used]
    low, high = float((mu - 8.5 * tau).min()), float((mu + 8.5 * tau).max())
    return fit_panels(
        lambda x: weight @ _kernel(x, mu, tau) + _mixture_of_columns(point, x),
        graded_edges(low, high, centre, sd, 1.2),
        tolerance=_tolerance(joint),
        weight=_moment_weight(joint, centre, sd),
    )


def _counts(joint: Columns, tau: FloatArray, weight: FloatArray, sd: float) -> npt.NDArray[np.bool_]:
    """The points that count in probability, or in the moments that exist."""
    reach = (1 + tau / sd) ** moment_order(joint.tail_power)
    return np.asarray(np.abs(weight) * reach > 1e-17 * np.abs(weight).max())


def effect_densities(joint: Columns, rows: npt.NDArray[np.intp] | None = None) -> tuple[Panels, list[Panels]]:
    """Posterior of a new study's effect, and of the studies' own effects (all, or the chosen rows)."""
    wide = [c for c in joint.columns if c.tau > 0]
    point = [c for c in joint.columns if c.tau == 0]
    mu = np.concatenate([c.mu for c in wide])
    tau = np.concatenate([np.full(len(c.mu), c.tau) for c in wide])
    weight = np.concatenate([c.weights for c in wide])
    log_m = np.concatenate([c.log_marginals for c in wide], axis=1)
    centre, sd = _centre(joint)
    new = _new(joint, mu, tau, weight)
    used = _counts(joint, tau, weight, sd)
    mu, tau, weight, log_m = mu[used], tau[used], weight[used], log_m[:, used]
    low, high = float((mu - 8.5 * tau).min()), float((mu + 8.5 * tau).max())
    form = joint.shapes
    chosen = np.arange(len(joint.curves)) if rows is None else rows
    found: dict[int, Panels] = {}
    for block in _alike(joint, chosen, sd):
        curves, peak = joint.curves.take(block), form.peak[block]
        # weights without the study itself; the largest factor is taken out so that nothing overflows
        own = log_m[block] - peak[:, None]
        with np.errstate(divide="ignore"):
            log_w = np.log(np.abs(weight)) - own
        shift = log_w.max(axis=1)
        outside = np.exp(log_w - shift[:, None]) * np.sign(weight)

        def densities(
            x: FloatArray,
            curves: object = curves,
            peak: FloatArray = peak,
            outside: FloatArray = outside,
            shift: FloatArray = shift,
        ) -> FloatArray:
            kernel = outside @ _kernel(x, mu, tau)
            with np.errstate(divide="ignore"):
                log_kernel = np.log(np.maximum(kernel, 0.0))
            log_curve = curves.value(x[None, :]) - peak[:, None]  # type: ignore[attr-defined]
            with np.errstate(under="ignore"):
                out = np.exp(np.minimum(log_kernel + log_curve + shift[:, None], 600.0))
            return np.asarray(out + _mixture_of_columns(point, x))

        start = np.where(np.isfinite(form.mode[block]), form.mode[block], centre)
        middle = float(np.clip(np.median(start), centre - 6 * sd, centre + 6 * sd))
        left = max(low, min(float(form.low[block].min()), middle - 12 * sd))
        right = min(high, max(float(form.high[block].max()), middle + 12 * sd))
        width = min(sd, float(np.median(form.grain[block])))
        edges = graded_edges(left, right, middle, width, 1.2)
        found.update(
            zip(block.tolist(), fit_panels_together(densities, edges, tolerance=_tolerance(joint)), strict=True)
        )
    return new, [found[int(i)] for i in chosen]


def average_density(joint: Columns) -> Panels:
    """Posterior of logit E[expit(θ)], the population average rate on the logit scale."""
    used = [c for c in joint.columns if np.abs(c.weights).max() > 1e-17]
    maps = [_AverageMap(c) for c in used]
    lows, highs = [m.eta[0] for m in maps], [m.eta[-1] for m in maps]
    centre = float(sum(float(c.weights @ m.eta) for c, m in zip(used, maps, strict=True)))
    _, sd = _centre(joint)

    def density(x: FloatArray) -> FloatArray:
        out = np.zeros_like(x)
        for column, transform in zip(used, maps, strict=True):
            inside = (x > transform.eta[0]) & (x < transform.eta[-1])
            if inside.any():
                mu, slope = transform.inverse(x[inside])
                out[inside] += _mixture_of_columns([column], mu) / slope
        return out

    return fit_panels(density, graded_edges(min(lows), max(highs), centre, sd, 1.2), tolerance=_tolerance(joint))


class _AverageMap:
    """μ ↦ logit E[expit(μ + τz)] for one τ, and back."""

    def __init__(self, column: Column) -> None:
        self.tau = column.tau
        self.mu = column.mu
        if self.tau > 2:  # over the logistic density instead: smooth for any τ
            self.z = 0.5 * np.arange(-80, 81)
            self.w = 0.5 * expit(self.z) * expit(-self.z)
        else:
            step = min(0.8, 0.7 / self.tau) if self.tau > 0 else 1.0
            reach = math.ceil(8.3 / step) if self.tau > 0 else 0
            self.z = step * np.arange(-reach, reach + 1)
            self.w = np.exp(-0.5 * self.z * self.z)
        self.w = self.w / self.w.sum()
        self.eta, self.slope = self.at(self.mu)

    def at(self, mu: FloatArray) -> tuple[FloatArray, FloatArray]:
        """η and dη/dμ."""
        if self.tau == 0:
            return mu, np.ones_like(mu)
        if self.tau > 2:
            y = (mu[:, None] - self.z) / self.tau
            p, q = special.ndtr(y) @ self.w, special.ndtr(-y) @ self.w
            slope = np.exp(-0.5 * y * y) @ self.w / (self.tau * _ROOT_2PI)
        else:
            theta = mu[:, None] + self.tau * self.z
            upper, lower = expit(theta), expit(-theta)
            p, q = upper @ self.w, lower @ self.w
            slope = (upper * lower) @ self.w
        return np.asarray(np.log(p) - np.log(q)), np.asarray(slope / (p * q))

    def inverse(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """μ and dη/dμ at given η: Newton's method on the interpolated map, from the nearest column points."""
        if self.tau == 0:
            return eta, np.ones_like(eta)
        mu = np.interp(eta, self.eta, self.mu)
        step = self.mu[1] - self.mu[0]
        slope = np.ones_like(mu)
        for _ in range(6):
            index, factors = stencil((mu - self.mu[0]) / step, len(self.mu))
            slope = np.einsum("ij,ij->i", self.slope[index], factors)
            gap = (eta - np.einsum("ij,ij->i", self.eta[index], factors)) / slope
            mu = np.clip(mu + gap, self.mu[0], self.mu[-1])
            if float(np.abs(gap).max(initial=0.0)) < 1e-8:
                break
        return mu, slope


def average_mean(joint: Columns) -> float:
    """Posterior mean of the population average rate."""
    return float(sum(float(c.weights @ expit(_AverageMap(c).eta)) for c in joint.columns if c.weights.any()))


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


def _mixture_of_columns(columns: tuple[Column, ...] | list[Column], x: FloatArray) -> FloatArray:
    """Σ_j p(x | τ_j) w_j by the cardinal series of each column; 0 outside a column's reach."""
    out = np.zeros_like(x)
    for c in columns:
        inside = (x >= c.mu[0]) & (x <= c.mu[-1])
        if not inside.any():
            continue
        place = (x[inside] - c.mu[0]) / c.step
        nearest = np.rint(place)
        rest = place - nearest
        sine = np.sin(math.pi * rest) / math.pi
        gaps = place[:, None] - np.arange(len(c.mu))
        on = np.abs(rest) < 1e-9
        index = nearest.astype(np.intp)
        gaps[np.flatnonzero(on), np.minimum(index[on], len(c.mu) - 1)] = 1.0
        alternating = c.weights * (-1.0) ** np.arange(len(c.mu))
        series = ((1 / gaps) @ alternating) * sine * np.where(index % 2 == 0, 1.0, -1.0)
        value = np.where(on, c.weights[np.minimum(index, len(c.mu) - 1)], series)
        out[inside] += value / c.step
    return out


def _alike(joint: Columns, rows: npt.NDArray[np.intp], sd: float) -> list[npt.NDArray[np.intp]]:
    """Studies that can share panels: those about as wide as the posterior together, sharper ones each alone."""
    sharp = joint.shapes.grain[rows] < 0.25 * sd
    groups = [rows[~sharp]] if (~sharp).any() else []
    return groups + [rows[i : i + 1] for i in np.flatnonzero(sharp)]
