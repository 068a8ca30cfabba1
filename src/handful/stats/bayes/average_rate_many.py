"""The posterior of the population average rate for many sets of studies with one pair of priors in one call.

The model is that of ``pool_binomial_bayes``; what is wanted is its headline: median and central limits of
m = E[expit(μ + τz)], z ~ N(0, 1). All sets share one grid in (c, τ) with c = logit m: for every τ the mean μ(c, τ) that
has this average is found once, the marginal likelihood of every different pair (x, n) is tabulated there, and the log
posterior of a set is a sum of table rows, the prior of μ and log ∂μ/∂c. It is smooth in c and even in τ, so sums over
both are exact to the last digits that matter; quantiles come from the cardinal series of the density of c.

References: Lin & Chu 2020 (10.1097/EDE.0000000000001232) for the average; Trefethen & Weideman 2014
(10.1137/130932132) for the sums.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.bayes_binomial import MEAN_PRIOR, TAU_PRIOR
from handful.stats.bayes.bayes_binomial_many import DensityReader
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.bayes.tau_grid import TauGrid
from handful.stats.checked import events_and_totals, level_and_side
from handful.stats.count_models.curves import BinomialCurves, expit

FloatArray: TypeAlias = npt.NDArray[np.float64]

_CHUNK = 128
_REACH = 8.5


@dataclass(frozen=True, eq=False)
class ManyAverages:
    """Posterior median and central limits of the population average rate, one value a set."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    level: float


def average_rate_many(
    events: Any,
    totals: Any,
    sets: Any,
    *,
    mean_prior: Normal = MEAN_PRIOR,
    tau_priors: Sequence[HalfNormal] = (TAU_PRIOR,),
    level: float = 0.95,
) -> tuple[ManyAverages, ...]:
    """Headline of ``pool_binomial_bayes`` for many sets: row r is ``events[r]`` of ``totals[r]`` in set ``sets[r]``.

    Sets are numbered from 0 without gaps; a study of nobody may not be among the rows. One result for each of
    ``tau_priors``, which share the tables; they must be half-normal: heavier tails squeeze c together where τ is large,
    and fit singly. Agrees with ``pool_binomial_bayes`` to 2e-8 in the limits of very flat posteriors, to 2e-9 in the
    median.

    >>> (many,) = average_rate_many([1, 0, 3, 5], [4, 4, 9, 12], [0, 0, 1, 1])
    >>> [round(float(v), 2) for v in many.estimate]
    [0.19, 0.39]
    """
    level, _, tail = level_and_side(level, "two")
    x, n = events_and_totals(events=events, totals=totals).values
    which = np.asarray(sets)
    if which.shape != x.shape or which.dtype.kind not in "iu" or (len(which) and which.min() < 0):
        raise InputError("sets must hold one whole number from 0 for each row", hint="the number of the row's set")
    priors = tuple(tau_priors)
    other = next((prior for prior in priors if not isinstance(prior, HalfNormal)), None)
    if other is not None or not priors:
        raise InputError(f"{other} in a batch", hint="half-normal; other priors of τ fit singly")
    count = int(which.max()) + 1 if len(which) else 0
    size = np.bincount(which, minlength=count)
    if size.min(initial=1) == 0:
        raise InputError("some set has no row", hint="number the sets 0, 1, 2, … without gaps")
    if (n == 0).any():
        raise InputError("a study of nobody in a batch", hint="leave rows with a total of 0 out")
    out = np.empty((len(priors), 3, count))
    # sets of like size and like information share a grid, so that few large studies do not slow many small ones
    people = np.bincount(which, weights=n, minlength=count)
    kind = np.floor(np.log2(np.maximum(people, 8)) / 2).astype(int)
    order = np.argsort(which, kind="stable")
    starts = np.concatenate([[0], np.cumsum(size)])
    for value in np.unique(kind):
        mine = np.flatnonzero(kind == value)
        rows = np.concatenate([order[starts[s] : starts[s + 1]] for s in mine])
        grid = _grid(_up(float(people[mine].max())), _up(float(size[mine].max())), mean_prior, priors)
        _run(grid, x[rows], n[rows], size[mine], mine, out, tail)
    return tuple(ManyAverages(estimate, low, high, level) for low, estimate, high in out)


@dataclass(frozen=True, eq=False)
class _Grid:
    """The shared grid: c equally spaced, τ = s·sinh(u), μ(c, τ), and the log prior with the change of variable."""

    c: FloatArray
    tau: TauGrid
    mu: FloatArray  # τ × c; NaN where the prior leaves nothing
    priors: tuple[FloatArray, ...]  # τ × c, one for each prior of τ


def _up(value: float) -> float:
    """The next power of two, so that sets of like size find the same grid again."""
    return float(2.0 ** math.ceil(math.log2(max(value, 2.0))))


@lru_cache(maxsize=12)
def _grid(people: float, studies: float, mean_prior: Normal, priors: tuple[HalfNormal, ...]) -> _Grid:
    """A grid fine enough for sets of up to so many people in up to so many studies."""
    # the narrowest density of c: the most informative set at τ = 0, the most studies or the prior alone at large τ
    squeezed = 1.7 * mean_prior.sd / max(float(prior.quantile(1 - 1e-7)) for prior in priors)
    finest = min(float(people / 4 + mean_prior.sd**-2) ** -0.5, 1.7 / math.sqrt(studies), squeezed)
    step = min(0.36 * finest, 0.2)
    reach = _REACH * mean_prior.sd
    c = mean_prior.mean - reach + step * np.arange(math.ceil(2 * reach / step) + 1)
    top = max(float(prior.quantile(1 - 1e-11)) for prior in priors)
    scale = min(finest, 0.5 * min(float(prior.quantile(0.5)) for prior in priors))
    u_step = min(0.1, 0.75 / math.sqrt(2 * studies))
    u = u_step * np.arange(math.ceil(math.asinh(top / scale) / u_step) + 1, dtype=float)
    grid = TauGrid(u, scale, True)
    mu, slope = np.empty((len(u), len(c))), np.empty((len(u), len(c)))
    near = c.copy()
    for j, tau in enumerate(grid.tau):
        near, slope[j] = mean_with_average(c, float(tau), near, mean_prior.mean, 1.3 * reach)
        mu[j] = near
    inside = np.isfinite(slope)
    change = np.log(np.where(inside, slope, 1.0))
    made = []
    for prior in priors:
        log_u = grid.log_prior(prior, u)
        log_u[0] -= math.log(2)
        made.append(np.where(inside, log_u[:, None] + mean_prior.log_density(mu) + change, -np.inf))
    return _Grid(c, grid, mu, tuple(made))


def mean_with_average(
    c: FloatArray, tau: float, near: FloatArray, centre: float, reach: float
) -> tuple[FloatArray, FloatArray]:
    """μ with logit E[expit(μ + τz)] = c, and dμ/dc; beyond ``reach`` of the prior's centre the slope is NaN."""
    if tau == 0.0:
        return c.copy(), np.where(np.abs(c - centre) > reach, np.nan, 1.0)
    mu = np.clip(near, centre - reach, centre + reach)
    slope = np.ones(len(c))
    live = np.arange(len(c))
    for _ in range(30):
        there, derivative = logit_average(mu[live], tau)
        slope[live] = 1.0 / derivative
        step = np.clip((c[live] - there) * slope[live], -4.0, 4.0)
        new = np.clip(mu[live] + step, centre - reach, centre + reach)
        moved = np.abs(new - mu[live])
        mu[live] = new
        live = live[moved > 1e-7]  # Newton squares what is left
        if len(live) == 0:
            break
    return mu, np.where(np.abs(mu - centre) >= reach, np.nan, slope)


def logit_average(mu: FloatArray, tau: float) -> tuple[FloatArray, FloatArray]:
    """logit of E[expit(μ + τz)] and its derivative in μ: over z, or for τ > 1 over the logistic, E[Φ((μ − t)/τ)].

    Worked at −|μ|, so that neither tail loses digits.
    """
    below = -np.abs(mu)[:, None]
    if tau > 1.0:
        t = 0.5 * np.arange(-84, 85)
        w = expit(t) * expit(-t)
        w /= w.sum()
        z = (below - t) / tau
        average = special.ndtr(z) @ w
        slope = (np.exp(-0.5 * np.minimum(z * z, 1400.0)) @ w) / (tau * math.sqrt(2 * math.pi))
    else:
        z = np.arange(-26, 27) * 0.34
        w = np.exp(-0.5 * z * z)
        w /= w.sum()
        p = expit(below + tau * z)
        average = p @ w
        slope = (p * (1.0 - p)) @ w
    logit = np.log(average) - np.log1p(-average)
    return np.where(mu > 0, -logit, logit), slope / (average * (1.0 - average))


def _run(
    grid: _Grid,
    x: FloatArray,
    n: FloatArray,
    size: npt.NDArray[np.intp],
    mine: npt.NDArray[np.intp],
    out: FloatArray,
    tail: float,
) -> None:
    pairs, row = np.unique(np.stack([x, n]), axis=1, return_inverse=True)
    row = row.reshape(-1)
    table = _table(BinomialCurves.of(pairs[0], pairs[1]), grid)
    starts = np.concatenate([[0], np.cumsum(size)])
    for first in range(0, len(mine), _CHUNK):
        last = min(first + _CHUNK, len(mine))
        rows, offsets = row[starts[first] : starts[last]], starts[first:last] - starts[first]
        coarse = np.add.reduceat(table[:, ::2, ::8][rows], offsets, axis=0)
        for which, prior in enumerate(grid.priors):
            # the part of the grid that any set of the chunk needs
            rough = coarse + prior[::2, ::8]
            alive = (rough > rough.max(axis=(1, 2), keepdims=True) - 40).any(axis=0)
            some_c, some_u = np.flatnonzero(alive.any(axis=0)), np.flatnonzero(alive.any(axis=1))
            left, right = max(8 * int(some_c[0]) - 8, 0), min(8 * int(some_c[-1]) + 9, len(grid.c))
            top = min(2 * int(some_u[-1]) + 3, len(grid.tau.u))
            log_p = np.add.reduceat(np.ascontiguousarray(table[:, :top, left:right])[rows], offsets, axis=0)
            log_p += prior[:top, left:right]
            log_p -= log_p.max(axis=(1, 2), keepdims=True)
            weight = np.exp(np.maximum(log_p, -745.0, out=log_p), out=log_p).sum(axis=1)
            weight /= weight.sum(axis=1, keepdims=True)
            reader = DensityReader(right - left, False)
            for place, q in enumerate((tail, 0.5, 1 - tail)):
                found = grid.c[left] + (grid.c[1] - grid.c[0]) * reader.quantile(weight, q)
                out[which, place, mine[first:last]] = expit(found)


def _table(curves: BinomialCurves, grid: _Grid) -> FloatArray:
    """Log marginal likelihood of every different pair on the grid: pairs × τ × c."""
    tables = MarginalTables.of(curves, shapes(curves), 1.6)
    out = np.empty((len(curves), len(grid.tau.u), len(grid.c)))
    for j, tau in enumerate(grid.tau.tau):
        out[:, j] = tables.log_marginals(grid.mu[j], float(tau), far=False)
    return out
