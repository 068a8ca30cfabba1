"""The joint posterior of (μ, τ) on columns: for every τ its own grid of means, where the posterior is.

Column j holds a uniform grid μ_jm with weights W_jm, so that Σ_j Σ_m W_jm g(μ_jm, τ_j) is the posterior mean of g.
The grids follow the conditional posterior from τ to τ: narrow near 0, wide for large τ. Steps are short against both
its width and τ, so that sums over a column give the densities of μ, of a new study and of every study's own effect
without more integration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.curve_rows import CurveRows, MixedCurves
from handful.stats.bayes.likelihood_shape import Shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.posterior_placement import Placement, Scan, drop_at, tail_power
from handful.stats.bayes.priors import Normal, Prior
from handful.stats.bayes.tau_grid import TauGrid

FloatArray: TypeAlias = npt.NDArray[np.float64]


_AT_CORNERS = 16.0


@dataclass(frozen=True, eq=False)
class Column:
    """One τ: the means, their log marginal likelihoods (studies × means), and the weights."""

    tau: float
    mu: FloatArray
    step: float
    log_marginals: FloatArray
    weights: FloatArray


@dataclass(frozen=True, eq=False)
class Columns:
    """The joint posterior. ``log_evidence`` is log ∫∫ likelihood × priors (density 1 for a flat mean)."""

    curves: CurveRows
    shapes: Shapes
    grid: TauGrid
    columns: tuple[Column, ...]
    log_integrals: FloatArray  # log ∫ p(data, μ | τ_j) dμ
    log_evidence: float
    tau_prior: Prior
    tail_power: float  # p(τ | data) falls like τ^−tail_power
    fineness: float
    u_range: tuple[float, float]  # where the posterior of τ is not negligible


def columns(
    curves: CurveRows,
    form: Shapes,
    mean_prior: Normal | None,
    tau_prior: Prior,
    fineness: float,
    scan: Scan | None = None,
) -> Columns:
    """Place the grids, evaluate every study on them, and weigh. A ``scan`` made before saves making it again."""
    scan = scan or Placement(curves, form, mean_prior).scan(tau_prior)
    grid, product = scan.grid(fineness)
    tau = grid.tau
    sd, low, high = scan.columns(grid)
    tables = MarginalTables.of(curves, form, fineness)
    coarsest = 0.35 * float(form.grain.min()) / 1.2
    corners = has_corners(curves)
    found = []
    for j, t in enumerate(tau):
        widest = math.hypot(coarsest, 0.35 * t)
        step = min(0.42 * float(sd[j]), widest, t / 1.25 if t > 0 else math.inf) / fineness
        if t == 0 and corners:  # elsewhere the kernel has rounded them off
            step /= _AT_CORNERS
        found.append(column_at(tables, mean_prior, float(t), step, float(low[j]), float(high[j]), drop_at(fineness)))
    log_integrals = np.array([integral_of(total, h) for _, _, total, h in found])
    top = float(max(total.max() for _, _, total, _ in found))
    prior_weights = grid.product_weights(tau_prior) if product else grid.trapezoid(tau_prior)
    mass = float(prior_weights @ np.exp(log_integrals - top))
    built = tuple(
        Column(float(t), mu, h, log_m, np.exp(total - top) * (h * w / mass))
        for t, (mu, log_m, total, h), w in zip(tau, found, prior_weights, strict=True)
    )
    return Columns(
        curves,
        form,
        grid,
        built,
        log_integrals,
        math.log(mass) + top,
        tau_prior,
        tail_power(form, mean_prior is None, tau_prior),
        fineness,
        inner_span(scan, grid, fineness),
    )


def has_corners(curves: CurveRows, *, cusps: bool = False) -> bool:
    """Whether any row is smooth only on either side of a point; with ``cusps``, whether even its slope jumps there."""
    parts: list[Any] = [part for _, part in curves.groups()] if isinstance(curves, MixedCurves) else [curves]
    return any(part.cusps() if cusps else True for part in parts if hasattr(part, "corners"))


def inner_span(scan: Scan, grid: TauGrid, fineness: float) -> tuple[float, float]:
    """Where in u the posterior of τ is not negligible, inside the grid."""
    low, high = scan.span(fineness)
    return max(low, float(grid.u[0])), min(high, float(grid.u[-1]))


def integral_of(log_values: FloatArray, step: float) -> float:
    """Log of the trapezoid sum of a column."""
    top = float(log_values.max())
    return math.log(float(np.exp(log_values - top).sum()) * step) + top


def column_at(
    tables: MarginalTables, mean_prior: Normal | None, tau: float, step: float, low: float, high: float, drop: float
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Means, log marginals, log p(data, μ | τ) and step; longer than asked for where that is still high at an end."""
    mu = low + step * np.arange(math.ceil((high - low) / step) + 1, dtype=float)
    for _ in range(60):
        log_m = tables.log_marginals(mu, tau)
        total = np.add.reduce(log_m, axis=0)
        if mean_prior is not None:
            total = total + mean_prior.log_density(mu)
        level = float(total.max()) - drop + 2
        (alive,) = (total > level).nonzero()
        first, last = int(alive[0]), int(alive[-1])
        if first > 0 and last < len(mu) - 1:
            keep = slice(max(first - 1, 0), last + 2)
            return mu[keep], log_m[:, keep], total[keep], step
        more = max(4, len(mu) // 4)
        left, right = more * (first == 0), more * (last == len(mu) - 1)
        mu = mu[0] + step * np.arange(-left, len(mu) + right, dtype=float)
    return mu, log_m, total, step
