"""The posterior of the population average rate of many studies without some of them, for many such choices at once.

The model is that of ``pool_binomial_bayes``. With hundreds of studies a run for each study left out would cost the
square of their number; here every study's marginal likelihood is evaluated once, on a grid of (c, τ) with
c = logit E[expit(μ + τz)] that is placed on the posterior of all of them, and what is left out is taken off the sum:

    log p(c, τ | all but S) = Σ_i log M_i(μ(c, τ), τ) − Σ_{i∈S} log M_i(μ(c, τ), τ) + log priors + log ∂μ/∂c + constant.

The sums over both axes are those of ``average_rate_many``. A choice whose posterior leaves the grid (a study that was
most of the evidence) comes back as not covered, to be fitted on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.average_rate_many import ManyAverages, logit_average, mean_with_average
from handful.stats.bayes.bayes_binomial import MEAN_PRIOR, TAU_PRIOR
from handful.stats.bayes.bayes_binomial_many import DensityReader
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.posterior_placement import Placement, Scan
from handful.stats.bayes.priors import Normal, Prior
from handful.stats.checked import events_and_totals, level_and_side
from handful.stats.count_models.curves import BinomialCurves, expit

FloatArray: TypeAlias = npt.NDArray[np.float64]

_EDGE = 1e-9
"""A posterior is covered when less than this of it lies at an edge of the grid: far less than a limit's last digit."""


_LONGEST = 4000
"""Points of c at most; more are asked for only by a prior whose tails reach τ in the hundreds."""


def average_rate_without(
    events: Any,
    totals: Any,
    left_out: Sequence[Sequence[int]],
    *,
    mean_prior: Normal = MEAN_PRIOR,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
) -> tuple[ManyAverages, npt.NDArray[np.bool_]]:
    """Headline of ``pool_binomial_bayes`` without each of the sets of rows ``left_out``; and which of them are covered.

    ``events`` of ``totals``, one entry a row, nobody's study among them; ``()`` in ``left_out`` leaves nothing out. The
    cost is linear in rows and in what is left out. Agrees with ``pool_binomial_bayes`` on the other rows to 1e-7 where
    covered; the numbers of a choice that is not covered are not to be used.

    >>> many, covered = average_rate_without([1, 0, 3, 5], [4, 4, 9, 12], [(), (3,)])
    >>> [round(float(v), 2) for v in many.estimate], bool(covered.all())
    ([0.3, 0.24], True)
    """
    level, _, tail = level_and_side(level, "two")
    x, n = events_and_totals(events=events, totals=totals).values
    curves = BinomialCurves.of(x, n)
    pairs, row = np.unique(np.stack([x, n]), axis=1, return_inverse=True)
    times = np.bincount(row.reshape(-1), minlength=pairs.shape[1]).astype(float)
    different = BinomialCurves.of(pairs[0], pairs[1])
    off = np.zeros((len(left_out), pairs.shape[1]))
    for i, rows in enumerate(left_out):
        np.add.at(off[i], row.reshape(-1)[np.asarray(rows, dtype=np.int64)], 1.0)
    sets, which = np.unique(off, axis=0, return_inverse=True)
    kept = times - sets

    scan = Placement(curves, shapes(curves), mean_prior).scan(tau_prior)
    grid, product = scan.grid(1.0)
    weights = grid.product_weights(tau_prior) if product else grid.trapezoid(tau_prior)
    c = _averages(scan, grid.tau)
    if c is None:  # a prior with heavy tails: nothing is covered
        nothing = np.full(len(left_out), np.nan)
        return ManyAverages(nothing, nothing, nothing, level), np.zeros(len(left_out), dtype=bool)
    tables = MarginalTables.of(different, shapes(different), 1.2)
    near, reach = c.copy(), 12.0 * mean_prior.sd
    logs = np.full((len(grid.tau), len(sets), len(c)), -np.inf)
    for j, tau in enumerate(grid.tau):
        near, slope = mean_with_average(c, float(tau), near, mean_prior.mean, reach)
        inside = np.isfinite(slope)
        each = tables.log_marginals(near, float(tau), far=True)
        change = mean_prior.log_density(near) + np.log(np.where(inside, slope, 1.0))
        logs[j] = np.where(inside, kept @ each + change, -np.inf)
    top = logs.max(axis=(0, 2), keepdims=True)
    joint = np.exp(np.maximum(logs - top, -745.0)) * weights[:, None, None]
    by_c, by_tau = joint.sum(axis=0), np.abs(joint.sum(axis=2).T)
    mass = by_c.sum(axis=1, keepdims=True)
    at_ends = np.abs(by_c[:, [0, -1]]).max(axis=1) / mass[:, 0]
    at_top = by_tau[:, -1] / mass[:, 0]
    below = 0.0 if grid.from_zero else by_tau[:, 0] / mass[:, 0]
    covered = (at_ends < _EDGE) & (at_top < _EDGE) & (below < _EDGE) & (by_c.min(axis=1) > -_EDGE * mass[:, 0])
    reader = DensityReader(len(c), False)
    density = by_c / mass
    low, estimate, high = (expit(c[0] + (c[1] - c[0]) * reader.quantile(density, q)) for q in (tail, 0.5, 1 - tail))
    which = which.reshape(-1)
    return ManyAverages(estimate[which], low[which], high[which], level), covered[which]


def _averages(scan: Scan, tau: FloatArray) -> FloatArray | None:
    """Equal steps of c, fine against every conditional posterior, from below the lowest to above the highest."""
    found = np.interp(np.arcsinh(tau / scan.scale), scan.u, scan.sd)
    ends = [np.interp(np.arcsinh(tau / scan.scale), scan.u_ends, side) for side in (scan.low, scan.high)]
    low, high, finest = np.inf, -np.inf, np.inf
    for t, sd, left, right in zip(tau, found, *ends, strict=True):
        mu = np.array([left, 0.5 * (left + right), right])
        c, slope = (mu, np.ones(3)) if t == 0.0 else logit_average(mu, float(t))
        low, high = min(low, float(c[0])), max(high, float(c[2]))
        finest = min(finest, float(sd * slope.min()))
    step = 0.36 * finest
    margin = 0.15 * (high - low)  # without a study the posterior is wider
    count = int(min(np.ceil((high - low + 2 * margin) / step), _LONGEST)) + 1
    return np.asarray(low - margin + step * np.arange(count)) if count <= _LONGEST else None
