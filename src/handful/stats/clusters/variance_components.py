"""Where the (restricted) likelihood of variance components is highest, and their profile-likelihood limits.

Newton with the exact second derivatives; directions in which the likelihood bends upwards are turned round, so each
step climbs. The parameters are standard deviations and angles (``random_structures.py``): at 0 the slope is 0 by
symmetry, so a stop there is a top only if no direction bends upwards; if one does, the climb goes on along it. Several
starts, because such likelihoods can have several tops; the highest wins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.clusters.block_likelihood import Stack, Value, evaluate
from handful.stats.clusters.random_structures import Structure
from handful.stats.distributions.chi_squared import chi2_quantile

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Top:
    """A top of the likelihood: parameters, coefficients of the patterns, and what ``evaluate`` says there."""

    theta: FloatArray
    c: FloatArray
    at: Value
    converged: bool


@dataclass(frozen=True, eq=False)
class Problem:
    """The stacks, the structures whose coefficients follow one another in c, and whether ``restricted``.

    ``scale`` is a typical standard error: parameters are measured in it.
    """

    stacks: tuple[Stack, ...]
    structures: tuple[Structure, ...]
    restricted: bool
    scale: float
    spread: float

    def split(self, theta: FloatArray) -> list[FloatArray]:
        ends = np.cumsum([s.parameters for s in self.structures])[:-1]
        return np.split(theta, ends) if len(self.structures) else []

    def coefficients(self, theta: FloatArray) -> FloatArray:
        parts = [s.coefficients(own) for s, own in zip(self.structures, self.split(theta), strict=True)]
        return np.concatenate(parts) if parts else np.empty(0)

    def jacobian(self, theta: FloatArray) -> FloatArray:
        blocks = [s.jacobian(own) for s, own in zip(self.structures, self.split(theta), strict=True)]
        out = np.zeros((sum(b.shape[0] for b in blocks), sum(b.shape[1] for b in blocks)))
        row = column = 0
        for block in blocks:
            out[row : row + block.shape[0], column : column + block.shape[1]] = block
            row, column = row + block.shape[0], column + block.shape[1]
        return out

    def floors(self) -> FloatArray:
        """0 for standard deviations whose sign would turn a correlation round, else no bound."""
        parts = []
        for s in self.structures:
            own = np.full(s.parameters, -np.inf)
            if s.correlated and not s.triangular and s.deviations > 1:
                own[: s.deviations] = 0.0
            parts.append(own)
        return np.concatenate(parts) if parts else np.empty(0)

    def units(self) -> FloatArray:
        """What one unit of each parameter is: a typical standard error, or one radian."""
        parts = []
        for s in self.structures:
            own = np.full(s.parameters, self.scale)
            if s.correlated and not s.triangular:
                own[-1] = 1.0
            parts.append(own)
        return np.concatenate(parts) if parts else np.empty(0)

    def bends(self, theta: FloatArray, slope: FloatArray) -> FloatArray:
        """Σ_j slope_j ∂²c_j/∂θ², by differences of the exact Jacobian: it steers the steps and is no result."""
        units = self.units()
        out = np.empty((len(theta), len(theta)))
        for i in range(len(theta)):
            step = np.zeros(len(theta))
            step[i] = 1e-4 * units[i]
            change = (self.jacobian(theta + step) - self.jacobian(theta - step)) / (2e-4 * units[i])
            out[i] = slope @ change
        return 0.5 * (out + out.T)

    def starts(self) -> list[FloatArray]:
        """Several shares of the spread between the components, and several sizes of the whole."""
        n = len(self.structures)
        shares = [np.full(n, 1.0 / n)] + [np.where(np.arange(n) == i, 0.94, 0.06) for i in range(n if n > 1 else 0)]
        out = []
        for size in (1.0, 0.1):
            for share in shares:
                for correlation in (0.3, -0.3) if any(s.correlated for s in self.structures) else (0.0,):
                    deviations = np.sqrt(size * share) * self.spread
                    parts = [s.start(float(d), correlation) for s, d in zip(self.structures, deviations, strict=True)]
                    out.append(np.concatenate(parts))
        return out


def climb(problem: Problem, start: FloatArray, free: Sequence[int] | None = None) -> Top | None:
    """A top from ``start`` with all but the ``free`` parameters held."""
    theta = np.array(start, dtype=np.float64)
    movable = np.arange(len(theta)) if free is None else np.array(free, dtype=np.int64)
    at = evaluate(problem.stacks, problem.coefficients(theta), problem.restricted)
    if at is None:
        return None
    if movable.size == 0:
        return Top(theta, problem.coefficients(theta), at, True)
    all_units, floors = problem.units(), problem.floors()
    converged, pushes = False, 0
    for _ in range(_ROUNDS):
        jacobian = problem.jacobian(theta)
        whole_slope = at.gradient @ jacobian
        own = movable[~((theta <= floors) & (whole_slope <= 0))[movable]]
        if own.size == 0:
            converged = True
            break
        units = all_units[own]
        slope = whole_slope[own] * units
        second = jacobian.T @ at.second @ jacobian + problem.bends(theta, at.gradient)
        second = second[np.ix_(own, own)] * np.outer(units, units)
        roots, directions = np.linalg.eigh(-second)
        along = directions.T @ slope
        floor = 1e-10 * (1.0 + float(np.abs(roots).max()))
        curved = np.maximum(np.abs(roots), floor)
        step = directions @ (along / curved)
        longest = float(np.abs(step).max())
        if longest > 4.0:
            step *= 4.0 / longest
        decrement = float(slope @ step)
        if decrement < 1e-13 * (1.0 + abs(at.value)):
            # a stop where the likelihood bends upwards is a pass, not a top
            if roots[0] < -1e-6 * (1.0 + float(np.abs(roots).max())) and pushes < 8:
                pushes += 1
                step = 0.1 * directions[:, 0]
            else:
                converged = True
                break
        moved = _climbing(problem, theta, own, step * units, floors, at.value)
        if moved is None:
            converged = decrement < 1e-9 * (1.0 + abs(at.value))
            break
        theta, at = moved
    return Top(theta, problem.coefficients(theta), at, converged)


def _climbing(
    problem: Problem, theta: FloatArray, own: npt.NDArray[np.int64], step: FloatArray, floors: FloatArray, value: float
) -> tuple[FloatArray, Value] | None:
    """The first of ever shorter steps, either way, that does not go down."""
    for halving in range(40):
        for sign in (1.0, -1.0):
            new = theta.copy()
            new[own] += sign * step * 0.5**halving
            new = np.maximum(new, floors)
            there = evaluate(problem.stacks, problem.coefficients(new), problem.restricted)
            if there is not None and there.value > value:
                return new, there
    return None


def highest(problem: Problem) -> Top | None:
    """The highest top that any start leads to; None where the likelihood cannot be computed anywhere."""
    if not problem.structures:
        return climb(problem, np.empty(0))
    tops = [top for start in problem.starts() if (top := climb(problem, start)) is not None]
    if not tops:
        return None
    best = max(top.at.value for top in tops)
    near = [top for top in tops if top.at.value > best - 1e-9 * (1.0 + abs(best))]
    return _idle_at_zero(problem, max(near, key=lambda top: (top.converged, top.at.value)))


def _idle_at_zero(problem: Problem, top: Top) -> Top:
    """A standard deviation that the climb left within a millionth of a typical standard error of 0 is 0, where the
    likelihood is as high there: what the climb leaves is where it stopped, no estimate."""
    theta, place = top.theta.copy(), 0
    for s in problem.structures:
        for i in range(place, place + (0 if s.triangular else s.deviations)):
            if abs(theta[i]) < 1e-6 * problem.scale:
                theta[i] = 0.0
        place += s.parameters
    if bool(np.all(theta == top.theta)):
        return top
    at = evaluate(problem.stacks, problem.coefficients(theta), problem.restricted)
    if at is None or at.value < top.at.value - 1e-12 * (1.0 + abs(top.at.value)):
        return top
    return Top(theta, problem.coefficients(theta), at, top.converged)


def profile_limits(
    problem: Problem, top: Top, place: int, level: float, *, low: float, high: float, unit: float
) -> tuple[float, float]:
    """Limits of the parameter at ``place`` (a standard deviation or an angle) between ``low`` and ``high``: where twice
    the fall of the highest likelihood that goes with it reaches the χ² quantile with one degree of freedom.
    """
    allowed = 0.5 * chi2_quantile(1.0 - level, 1)
    free = [i for i in range(len(top.theta)) if i != place]
    centre = float(top.theta[place])
    if low >= 0.0:
        centre = abs(centre)
    known: dict[float, FloatArray] = {centre: top.theta}

    def above(value: float) -> float:
        near = min(known, key=lambda seen: abs(seen - value))
        tops = []
        for begin in (known[near], top.theta):
            start = begin.copy()
            start[place] = value
            tops.append(climb(problem, start, free))
        found = max((t for t in tops if t is not None), key=lambda t: t.at.value, default=None)
        if found is None:
            return -np.inf
        known[value] = found.theta
        return found.at.value - (top.at.value - allowed)

    return _limit(above, centre, low, -unit), _limit(above, centre, high, unit)


def _limit(above: Callable[[float], float], centre: float, end: float, step: float) -> float:
    """The crossing between ``centre`` and ``end``; ``end`` itself where the likelihood never falls so far."""
    if np.isfinite(end) and above(end) >= 0:
        return end
    inside, outside = centre, centre + step
    while True:
        if np.isfinite(end) and (outside - end) * step >= 0:
            outside = end
            break
        if above(outside) < 0:
            break
        inside, outside, step = outside, outside + 2.0 * step, 2.0 * step
        if abs(step) > 1e12:
            return float(np.copysign(np.inf, step))
    from scipy.optimize import brentq

    return float(brentq(above, inside, outside, xtol=1e-12 * (1.0 + abs(outside)), rtol=1e-10))
