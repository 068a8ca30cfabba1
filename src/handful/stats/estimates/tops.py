"""Where the (restricted) likelihood of τ² is highest, with a proof that no other top is higher.

There is an orthonormal basis in which the restricted likelihood is that of k − p independent z_i ~ N(0, δ_i + τ²). So
with a = y'PPy = Σ z²/(δ + τ²)², b = tr P = Σ 1/(δ + τ²), c = y'PPPy, d = tr PP (``ragged_kernels.py``)

- all of a, b, h = c/a and ρ = d/b fall in τ², and the score is a − b;
- 1/√a and 1/b, power means of straight lines, are concave in τ², with slopes h/√a and ρ/b, and 1/√a never rises more
  slowly than 1/√(Σ z²).

A chord is below and a tangent above a concave function, so four numbers at the ends of an interval decide what can be
inside it: that the score is positive throughout, negative throughout, or that a/b falls (2 h ≥ ρ), so that it changes
its sign once at most. The search is: Newton on b/a − 1, which is a straight line where all variances are equal, inside
a bracket; then what lies below and above that top is certified, mostly from numbers that are there already, else in
steps. Data sets that a step cannot be certified for (several tops, or nearly) are searched by halving intervals until
each is certified, and the highest top wins. For the likelihood itself b = Σ 1/(v + τ²) and d = Σ 1/(v + τ²)² behave
alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.estimates.ragged_kernels import Pieces, Problems, log_likelihoods, pieces, q_statistic

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_ROUNDS = 100
#: a Newton step this short, relative to τ² and the variances, leaves an error of about its square
_SHORT = 1e-7


@dataclass(frozen=True, slots=True)
class Highest:
    """One entry a data set: τ², whether the search ended, and whether there is more than one top."""

    tau2: FloatArray
    converged: Mask
    several_tops: Mask


def highest(problems: Problems, restricted: bool) -> Highest:
    """The τ² ≥ 0 at the highest top of each data set's likelihood; y must be residuals of some fit, and k > p."""
    n = problems.n
    # at least Σ z²; the likelihood falls from the largest z² − δ on
    ceiling = np.broadcast_to(np.einsum("ij,ij->j", problems.y, problems.y), n).copy()
    tau2, converged = np.zeros(n), np.ones(n, dtype=bool)
    several = np.zeros(n, dtype=bool)
    columns = np.flatnonzero(ceiling > 0)  # where all estimates are equal the answer is 0
    if columns.size == 0:
        return Highest(tau2, converged, several)
    whole = problems
    if columns.size < n:
        problems, ceiling = problems.take(columns), ceiling[columns]
    start = pieces(problems, np.zeros(columns.size), restricted)
    found, ends, sure = _climb(problems, start, np.zeros(columns.size), ceiling, restricted)
    certain = _certified(problems, start, found, ends, ceiling, restricted)
    tau2[columns], converged[columns] = found, sure
    for j in np.flatnonzero(~certain | ~sure):
        best, tops = _thorough(whole.take(columns[j : j + 1]), ceiling[j : j + 1], restricted)
        tau2[columns[j]], several[columns[j]], converged[columns[j]] = best, tops > 1, True
    return Highest(tau2, converged, several)


def _climb(
    problems: Problems, here: Pieces, low: FloatArray, high: FloatArray, restricted: bool
) -> tuple[FloatArray, Pieces, Mask]:
    """A top between ``low``, where ``here`` are the pieces, and ``high``, where the score is not positive.

    Newton on b/a − 1 inside a shrinking bracket; with the pieces close to the top, and whether each search ended. Where
    the score is not positive at ``low``, that is the answer.
    """
    out, last, done = low.copy(), here, ~(here.score > 0)
    alive = ~done
    if not alive.any():
        return out, last, done
    last = Pieces(here.a.copy(), here.b.copy(), here.c.copy(), here.d.copy())
    rows, t, lo, hi = np.arange(len(low)), low.copy(), low.copy(), high.copy()
    for _ in range(_ROUNDS):
        score = here.score
        rising = score > 0
        lo = np.where(rising, t, lo)
        hi = np.where(rising, hi, t)
        slope = 2.0 * here.b * here.c - here.a * here.d
        straight = slope > 0
        step = score * np.where(straight, here.a / np.where(straight, slope, 1.0), 1.0 / here.d)
        new = t + step
        short = np.abs(step) <= _SHORT * (t + here.b / here.d)
        outside = (new <= lo) | (new >= hi)
        # a short step out of the bracket stays at its end; a long one is replaced by halving
        new = np.where(outside, np.where(short, np.clip(new, lo, hi), 0.5 * (lo + hi)), new)
        ended = alive & (short | (score == 0.0) | (hi - lo <= 4e-16 * hi))
        at = rows[ended]
        out[at], done[at] = new[ended], True
        for name in ("a", "b", "c", "d"):
            getattr(last, name)[at] = getattr(here, name)[ended]
        alive &= ~ended
        left = int(alive.sum())
        if left == 0:
            return out, last, done
        if left < 0.6 * alive.size:  # copying what is left costs less than taking the rest along
            keep = np.flatnonzero(alive)
            rows, lo, hi, new, problems = rows[keep], lo[keep], hi[keep], new[keep], problems.take(keep)
            alive = np.ones(left, dtype=bool)
        t = new
        here = pieces(problems, t, restricted)
    out[rows[alive]] = t[alive]
    return out, last, done


def _positive(left: Pieces, right: Pieces, width: FloatArray) -> Mask:
    """Certified: the score is positive between. 1/√a is below its tangent at the right, 1/b above its chord; the square
    of the one less the other is convex, so its ends decide."""
    bend = np.maximum(1.0 - width * right.c / right.a, 0.0)
    return np.asarray((bend * bend * left.b < right.a) | (right.a > left.b), dtype=np.bool_)


def _negative(left: Pieces, right: Pieces, width: FloatArray) -> Mask:
    """Certified: the score is negative between. 1/√a is above its chord, 1/b below its tangent at the left."""
    first = 1.0 / np.sqrt(left.a)
    return _stays_above(left, first, (1.0 / np.sqrt(right.a) - first) / width, width)


def _negative_for_good(here: Pieces, squares: FloatArray) -> Mask:
    """Certified: the score is negative from here on; 1/√a rises at least by 1/√Σz² a unit."""
    return _stays_above(here, 1.0 / np.sqrt(here.a), 1.0 / np.sqrt(squares), np.inf)


def _stays_above(here: Pieces, first: FloatArray, slope: FloatArray, width: FloatArray | float) -> Mask:
    """(first + slope u)² > 1/b + u ρ/b for 0 < u < width: a parabola that opens upwards, not negative at 0."""
    line = here.d / (here.b * here.b)
    gap = np.maximum(first * first - 1.0 / here.b, 0.0)
    rise = 2.0 * first * slope - line
    lowest = -rise / (2.0 * slope * slope)
    beyond = lowest >= width
    at_end = gap + rise * width + (slope * width) ** 2 > 0 if np.ndim(width) else False
    return np.asarray((rise >= 0) | (rise * rise < 4.0 * slope * slope * gap) | (beyond & at_end), dtype=np.bool_)


def _falls_between(left: Pieces, right: Pieces) -> Mask:
    """Certified: a/b falls between these two points, so there is one top at most."""
    return np.asarray(2.0 * right.c * left.b >= left.d * right.a, dtype=np.bool_)


def _rises_between(left: Pieces, right: Pieces) -> Mask:
    """Certified: a/b rises between these two points, so there is no top."""
    return np.asarray(2.0 * left.c * right.b <= right.d * left.a, dtype=np.bool_)


def _certified(
    problems: Problems, start: Pieces, top: FloatArray, at_top: Pieces, squares: FloatArray, restricted: bool
) -> Mask:
    """Whether ``top`` (0, or the top that was found) is the only one."""
    above = _negative_for_good(at_top, squares)
    certain: Mask = above & ((top == 0.0) | _positive(start, at_top, top) | _falls_between(start, at_top))
    left = np.flatnonzero(~certain)
    if left.size:
        some = problems.take(left)
        certain[left] = _walked(some, start.at(left), top[left], at_top.at(left), squares[left], restricted)
    return certain


def _walked(
    problems: Problems, start: Pieces, top: FloatArray, at_top: Pieces, squares: FloatArray, restricted: bool
) -> Mask:
    """The same in steps from 0 to beyond the last possible top; a step that cannot be certified is made shorter."""
    certain = np.zeros(len(top), dtype=bool)
    rows = np.arange(len(top))
    t, here, reach = np.zeros(len(top)), start, np.ones(len(top))
    passed = (top == 0.0) | _positive(start, at_top, top) | _falls_between(start, at_top)
    t, here = np.where(passed, top, t), _chosen(passed, at_top, here)
    for _ in range(60):
        below = (here.score <= 0) | (t == top)
        ended = passed & below & (_negative_for_good(here, squares) | (t >= squares))
        certain[rows[ended]] = True
        keep = np.flatnonzero(~ended & (reach > 0.02))
        if keep.size == 0:
            break
        if keep.size < ended.size:
            rows, t, here, passed, reach = rows[keep], t[keep], here.at(keep), passed[keep], reach[keep]
            problems, top, at_top = problems.take(keep), top[keep], at_top.at(keep)
            squares, below = squares[keep], below[keep]
        new = t + reach * here.b / here.d
        to_top = ~passed & (new >= 0.999 * top)
        new = np.where(to_top, top, new)
        there = _chosen(to_top, at_top, pieces(problems, new, restricted))
        width = new - t
        down = to_top | (there.score <= 0)
        good = _falls_between(here, there) & (to_top | (below == down))
        good |= ~below & (to_top | ~down) & _positive(here, there, width)
        good |= below & down & ~to_top & _negative(here, there, width)
        good |= ~to_top & (below == down) & _rises_between(here, there)
        t, here = np.where(good, new, t), _chosen(good, there, here)
        passed = passed | (good & to_top)
        reach = np.where(good, np.minimum(2.0 * reach, 8.0), 0.35 * reach)
    return certain


def _chosen(mask: Mask, yes: Pieces, no: Pieces) -> Pieces:
    return Pieces(*(np.where(mask, getattr(yes, name), getattr(no, name)) for name in ("a", "b", "c", "d")))


def _thorough(problem: Problems, ceiling: FloatArray, restricted: bool) -> tuple[float, int]:
    """The highest top of one data set, and how many tops there are: intervals halved until each is certified."""
    there = np.isfinite(problem.v[:, 0])  # blocks of several sizes are filled up with studies of no weight
    if not there.all():
        problem = Problems(problem.y[there], problem.v[there])
    top = float(ceiling[0])
    least = float(problem.v.min())
    grid = np.concatenate([[0.0], np.geomspace(min(1e-3 * least, 1e-3 * top), 1.0001 * top, 48)])
    at = pieces(problem, grid, restricted)
    for _ in range(40):
        left, right = at.at(np.arange(len(grid) - 1)), at.at(np.arange(1, len(grid)))
        width = np.diff(grid)
        up, down = left.score > 0, right.score <= 0
        open_ = ~(_falls_between(left, right) | _rises_between(left, right))
        open_ &= ~(up & ~down & _positive(left, right, width)) & ~(~up & down & _negative(left, right, width))
        open_ &= width > 1e-13 * grid[1:]
        if not open_.any():
            break
        middles = 0.5 * (grid[:-1] + grid[1:])[open_]
        more = pieces(problem, middles, restricted)
        order = np.argsort(np.concatenate([grid, middles]), kind="stable")
        grid = np.concatenate([grid, middles])[order]
        at = Pieces(*(np.concatenate([getattr(at, n), getattr(more, n)])[order] for n in ("a", "b", "c", "d")))
    rising = at.score > 0
    tops = [] if rising[0] else [0.0]
    crossing = np.flatnonzero(rising[:-1] & ~rising[1:])
    if crossing.size:
        many = Problems(np.repeat(problem.y, crossing.size, axis=1), problem.v, problem.basis)
        found, _, _ = _climb(many, at.at(crossing), grid[crossing], grid[crossing + 1], restricted)
        tops += [float(t) for t in found]
    values = log_likelihoods(problem, np.array(tops), restricted)
    return tops[int(np.argmax(values))], len(tops)


def solve_q(problems: Problems, target: FloatArray | float) -> tuple[FloatArray, Mask]:
    """The τ² ≥ 0 with Q(τ²) = target, or 0 where Q(0) is not above it, and whether the search ended.

    Newton on 1/Q, which is a straight line where all variances are equal (Q is a sum of poles), starting from 0: it
    comes from below and never overshoots, because 1/Q is concave.
    """
    n = max(problems.n, np.size(target))
    goal = np.broadcast_to(np.asarray(target, dtype=np.float64), n)
    tau2, done = np.zeros(n), np.ones(n, dtype=bool)
    q, fall = q_statistic(problems, np.zeros(n))
    rows = np.flatnonzero(q > goal)
    q, fall, problems = q[rows], fall[rows], problems.take(rows)
    done[rows] = False
    for _ in range(_ROUNDS):
        if rows.size == 0:
            break
        step = (q / goal[rows] - 1.0) * q / fall
        tau2[rows] += step
        ended = np.abs(step) <= 1e-9 * tau2[rows]
        done[rows[ended]] = True
        keep = np.flatnonzero(~ended)
        rows, problems = rows[keep], problems.take(keep)
        if rows.size:
            q, fall = q_statistic(problems, tau2[rows])
    return np.maximum(tau2, 0.0), done
