"""Thousands of pooled rates with one pair of priors in one call: for simulation, resampling and prior sweeps.

All sets share one grid of (μ, τ). The marginal likelihood of every *different* pair (x, n) is tabulated on it once;
the log posterior of a set is then a sum of table rows. The summaries are trapezoid sums, and quantiles come from the
cardinal series of the density, so the accuracy is that of the single fit as long as the grid is finer than the
narrowest posterior, which it is made to be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.bayes_binomial import MEAN_PRIOR, TAU_PRIOR
from handful.stats.bayes.lagrange import stencil
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, HalfT, Normal, Prior
from handful.stats.bayes.tau_grid import TauGrid
from handful.stats.checked import events_and_totals, level_and_side
from handful.stats.count_models.curves import BinomialCurves, expit

FloatArray: TypeAlias = npt.NDArray[np.float64]

_CHUNK = 250


@dataclass(frozen=True, eq=False)
class ManyPosteriors:
    """One value a set: μ on the logit, the between-study sd, and ``rate``, the mean of the average rate."""

    mean: FloatArray
    sd: FloatArray
    median: FloatArray
    low: FloatArray
    high: FloatArray
    tau_mean: FloatArray
    tau_median: FloatArray
    tau_high: FloatArray
    rate: FloatArray
    level: float
    labels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.mean)

    def to_dict(self) -> dict[str, Any]:
        """Columns by name; ``label`` first where sets have one."""
        named = {"label": np.array(self.labels, dtype=object)} if self.labels else {}
        return {**named, **{f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("level", "labels")}}

    def to_frame(self) -> Any:
        """A pandas DataFrame where pandas is installed, else the dict of columns."""
        try:
            import pandas
        except ImportError:
            return self.to_dict()
        return pandas.DataFrame(self.to_dict())


def pool_binomial_bayes_many(
    events: Any,
    totals: Any,
    sets: Any,
    *,
    mean_prior: Normal = MEAN_PRIOR,
    tau_prior: HalfNormal | HalfT | HalfCauchy = TAU_PRIOR,
    level: float = 0.95,
) -> ManyPosteriors:
    """Posteriors of many sets of studies: row r is ``events[r]`` of ``totals[r]`` in set ``sets[r]``, from 0.

    The model is that of :func:`~handful.stats.bayes.bayes_binomial.pool_binomial_bayes`, with a proper Normal prior
    for the mean and a τ prior that is smooth at 0. Returned are the posterior mean, sd, median and central limits of μ
    on the logit, mean, median and upper limit of τ, and the posterior mean of the population average rate (the chance
    that the next patient responds).
    """
    level, _, tail = level_and_side(level, "two")
    x, n = events_and_totals(events=events, totals=totals).values
    which = np.asarray(sets)
    if which.shape != x.shape or which.dtype.kind not in "iu" or (len(which) and which.min() < 0):
        raise InputError("sets must hold one whole number from 0 for each row", hint="the number of the row's set")
    if not isinstance(mean_prior, Normal):
        raise InputError(f"the mean's prior is {mean_prior!r}", hint="hf.Normal(mean, sd) on the logit")
    if not isinstance(tau_prior, Prior):
        raise InputError(f"τ's prior is {tau_prior!r}", hint="half-normal, half-t or half-Cauchy")
    if len(x) == 0:
        raise InputError("no rows", hint="at least one study in one set")
    if not tau_prior.even:
        raise InputError(f"{tau_prior} in a batch", hint="half-normal, half-t or half-Cauchy; others fit singly")
    count = int(which.max()) + 1 if len(which) else 0
    if np.bincount(which, minlength=count).min(initial=1) == 0:
        raise InputError("some set has no row", hint="number the sets 0, 1, 2, … without gaps")
    if (n == 0).any():
        raise InputError("a study of nobody in a batch", hint="leave rows with a total of 0 out")
    pairs, row = np.unique(np.stack([x, n]), axis=1, return_inverse=True)
    row = row.reshape(-1)
    curves = BinomialCurves.of(pairs[0], pairs[1])
    grid, mu = _grid(x, n, which, count, mean_prior, tau_prior)
    table, prior = _tables(curves, grid, mu, mean_prior, tau_prior)
    # neighbours in a chunk should be alike, so that the part of the grid they need is small
    share = np.bincount(which, weights=x, minlength=count) / np.bincount(which, weights=n, minlength=count)
    place = np.empty(count, dtype=np.intp)
    by_share = np.argsort(share, kind="stable")
    place[by_share] = np.arange(count)
    order = np.argsort(place[which], kind="stable")
    starts = np.searchsorted(place[which][order], np.arange(count + 1))
    average = np.stack([_average(mu, float(t)) for t in grid.tau])
    two_sided = np.bincount(which, weights=(x > 0) & (x < n), minlength=count)
    out = {name: np.empty(count) for name in ManyPosteriors.__dataclass_fields__ if name not in ("level", "labels")}
    reader = DensityReader(len(grid.u), True)
    for first in range(0, count, _CHUNK):
        last = min(first + _CHUNK, count)
        rows, offsets = row[order[starts[first] : starts[last]]], starts[first:last] - starts[first]
        here = by_share[first:last]
        rough = np.add.reduceat(table[:, ::2, ::8][rows], offsets, axis=0) + prior[::2, ::8]
        alive = (rough > rough.max(axis=(1, 2), keepdims=True) - 36).any(axis=0)
        some_mu, some_u = np.flatnonzero(alive.any(axis=0)), np.flatnonzero(alive.any(axis=1))
        left, right = max(8 * int(some_mu[0]) - 8, 0), min(8 * int(some_mu[-1]) + 9, len(mu))
        top = min(2 * int(some_u[-1]) + 3, len(grid.u))
        log_p = np.add.reduceat(np.ascontiguousarray(table[:, :top, left:right])[rows], offsets, axis=0)
        log_p += prior[:top, left:right]
        log_p -= log_p.max(axis=(1, 2), keepdims=True)
        weight = np.exp(np.maximum(log_p, -700.0, out=log_p), out=log_p)
        weight /= weight.sum(axis=(1, 2), keepdims=True)
        near = mu[left:right]
        over_mu, over_u = weight.sum(axis=1), np.zeros((last - first, len(grid.u)))
        over_u[:, :top] = weight.sum(axis=2)
        out["mean"][here] = over_mu @ near
        centred = near - out["mean"][here][:, None]
        out["sd"][here] = np.sqrt(np.einsum("ij,ij->i", over_mu, centred * centred))
        mean_reader = DensityReader(len(near), False)
        for name, q in (("low", tail), ("median", 0.5), ("high", 1 - tail)):
            out[name][here] = near[0] + (mu[1] - mu[0]) * mean_reader.quantile(over_mu, q)
        for name, q in (("tau_median", 0.5), ("tau_high", 1 - tail)):
            out[name][here] = grid.tau_of(grid.step * reader.quantile(over_u, q))
        out["tau_mean"][here] = np.where(tau_prior.tail_power + two_sided[here] > 2, _odd_mean(over_u, grid), math.inf)
        out["rate"][here] = np.einsum("ijk,jk->i", weight, average[:top, left:right])
    return ManyPosteriors(level=level, labels=(), **out)


def _grid(
    x: FloatArray, n: FloatArray, which: npt.NDArray[np.intp], count: int, mean_prior: Normal, tau_prior: Any
) -> tuple[TauGrid, FloatArray]:
    """One grid for all: fine enough for the set with the most information, wide enough for the one with the least."""
    information = np.bincount(which, weights=n, minlength=count) / 4 + mean_prior.sd**-2
    finest = float(information.max()) ** -0.5
    reach = 8.5 * mean_prior.sd
    step = min(0.42 * finest, 0.3)
    low = mean_prior.mean - reach
    mu = low + step * np.arange(math.ceil(2 * reach / step) + 1)
    top = float(tau_prior.quantile(1 - 1e-11))
    scale = min(finest, 0.5 * float(tau_prior.quantile(0.5)))
    u_high = math.asinh(top / scale)
    largest = float(np.bincount(which, minlength=count).max())
    u_step = min(0.15, 0.9 / math.sqrt(2 * largest))  # τ far from 0 is known to about τ/√(2k)
    return TauGrid(u_step * np.arange(math.ceil(u_high / u_step) + 1, dtype=float), scale, True), mu


def _tables(
    curves: BinomialCurves, grid: TauGrid, mu: FloatArray, mean_prior: Normal, tau_prior: Any
) -> tuple[FloatArray, FloatArray]:
    tables = MarginalTables.of(curves, shapes(curves), 1.0)
    table = np.empty((len(curves), len(grid.u), len(mu)))
    for j, tau in enumerate(grid.tau):
        table[:, j] = tables.log_marginals(mu, float(tau), far=False)
    log_u = grid.log_prior(tau_prior, grid.u)
    log_u[0] -= math.log(2)
    prior = log_u[:, None] + mean_prior.log_density(mu)
    return table, prior


def _average(mu: FloatArray, tau: float) -> FloatArray:
    step = min(0.8, 0.7 / tau) if tau > 0 else 1.0
    if tau > 2:  # over the logistic density instead
        z = 0.5 * np.arange(-80, 81)
        w = expit(z) * expit(-z)
        return np.asarray(special.ndtr((mu[:, None] - z) / tau) @ (w / w.sum()))
    z = step * np.arange(-math.ceil(8.3 / step), math.ceil(8.3 / step) + 1)
    w = np.exp(-0.5 * z * z)
    return np.asarray(expit(mu[:, None] + tau * z) @ (w / w.sum()))


class DensityReader:
    """Quantiles of densities given on a uniform grid: the integral of the cardinal series, inverted."""

    def __init__(self, count: int, even: bool) -> None:
        at = np.arange(count)
        gaps = at[:, None] - at
        self.even = even
        self.matrix = 0.5 + special.sici(math.pi * gaps)[0] / math.pi  # share of the mass of node n below node m
        if even:  # the mirror images lie below 0; node 0 carries half of itself
            mirror = 0.5 + special.sici(math.pi * (at[:, None] + at))[0] / math.pi
            self.matrix = self.matrix + mirror - 1.0

    def quantile(self, mass: FloatArray, q: float) -> FloatArray:
        """In units of the step from node 0, one for each row of ``mass``."""
        cdf = mass @ self.matrix.T
        rows = np.arange(len(cdf))
        place = np.clip((cdf < q).argmin(axis=1), 1, cdf.shape[1] - 1)
        low, high = place - 1.0, place.astype(float)
        t = low + (q - cdf[rows, place - 1]) / (cdf[rows, place] - cdf[rows, place - 1])
        for _ in range(40):
            index, factors = stencil(t, cdf.shape[1])
            gap = np.einsum("ij,ij->i", cdf[rows[:, None], index], factors) - q
            high, low = np.where(gap > 0, t, high), np.where(gap > 0, low, t)
            density = np.einsum("ij,ij->i", mass[rows[:, None], index], factors)
            step = np.where(density > 0, gap / np.maximum(density, 1e-300), 0.0)
            new = t - step
            new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
            moved = np.abs(new - t)
            t = new
            if bool(np.all(moved < 1e-11)):
                break
        return np.asarray(t)


def _odd_mean(mass: FloatArray, grid: TauGrid) -> FloatArray:
    """E[τ]: τ is odd in u, so the trapezoid rule needs its correction at 0 (Euler–Maclaurin)."""
    density = mass / grid.step
    density = density * np.where(np.arange(len(grid.u)) == 0, 2.0, 1.0)  # as a density on u ≥ 0
    plain = mass @ grid.tau
    slope = density[:, 0] * grid.scale
    h = grid.step
    second = (2 * density[:, 1] - 2 * density[:, 0]) / h**2
    third = 3 * second * grid.scale + slope  # third derivative of p(u) s·sinh(u) at 0
    return np.asarray(plain + h**2 / 12 * slope - h**4 / 720 * third)
