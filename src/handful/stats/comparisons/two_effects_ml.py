"""Maximum likelihood for a random baseline and a random effect: (α, μ, σ, τ), with σ and τ possibly 0.

The log-likelihood is even in σ and in τ, so 0 is a stationary point of both for every data set: whether it is a top
there is told by dL/dσ² and dL/dτ². Newton's method runs in (α, μ, log σ, log τ); a spread that runs to 0 is held there,
and one at 0 is let go where the likelihood rises with its square. Laplace's approximation, which is cheap, finds where
to begin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.comparisons.two_effects import Groups, Height, height, laplace
from handful.stats.count_models.one_effect_ml import uphill_step
from handful.stats.count_models.random_effect import Quadrature

FloatArray: TypeAlias = npt.NDArray[np.float64]

_FURTHEST = 40.0
_SMALLEST = 1e-3
_FINE, _ROUGH = 1e-13, 1e-10


class _Runaway(Exception):
    """A parameter runs to infinity; the likelihood had risen to ``value`` by then."""

    def __init__(self, value: float) -> None:
        super().__init__(value)
        self.value = value


@dataclass(frozen=True)
class Top:
    """Where the likelihood is highest; ``slope`` is the one in a parameter that was held."""

    alpha: float
    mu: float
    sigma: float
    tau: float
    value: float
    slope: float
    covariance: FloatArray
    effects: FloatArray
    nodes: int
    converged: bool
    rises: tuple[float, float]
    common_value: float = -np.inf
    numerical_error: float = 0.0

    @property
    def point(self) -> FloatArray:
        """(α, μ, σ, τ)."""
        return np.array([self.alpha, self.mu, self.sigma, self.tau])


def highest(groups: Groups, rule: Quadrature | None, *, common: bool = False) -> Top | None:
    """The highest point (``rule`` None: of Laplace's approximation); with ``common`` τ stays 0. None where something
    runs to infinity."""
    near = highest(groups, None, common=common) if rule is not None else None
    begin = [*_rough(groups), 0.7, 0.0] if near is None else [near.alpha, near.mu, near.sigma, 0.0]
    try:
        without = _settle(groups, rule, np.array(begin), held=(3,))
    except _Runaway:
        return None
    best = without
    if not common:
        tau = near.tau if near is not None and near.tau > 0 else 0.5  # a top at τ = 0 does not exclude one inside
        try:
            inside = _settle(groups, rule, np.array([without.alpha, without.mu, without.sigma, tau]))
        except _Runaway as end:
            if end.value > without.value:
                return None
            inside = without
        if inside.value > best.value + 1e-10 * (1 + abs(best.value)):
            best = inside
    error = 0.0
    if rule is not None:
        again = height(groups, best.alpha, best.mu, best.sigma, best.tau, rule.doubled())
        error = abs(again.value - best.value)
    return replace(best, common_value=without.value, numerical_error=error)


def highest_given(
    groups: Groups, rule: Quadrature | None, held: int, value: float, near: Top, *, common: bool = False
) -> Top:
    """The highest point with one parameter held, from a neighbouring one."""
    point = near.point
    point[held] = value
    try:
        found = _settle(groups, rule, point, held=(held, 3) if common else (held,), fine=_ROUGH)
    except _Runaway as end:
        return replace(near, value=end.value, slope=0.0)
    return replace(found, slope=float(_at(groups, rule, found.point).gradient[held]))


def _settle(
    groups: Groups, rule: Quadrature | None, start: FloatArray, *, held: tuple[int, ...] = (), fine: float = _FINE
) -> Top:
    """The nearest top: spreads that run to 0 are put there, spreads at 0 from which the likelihood rises are let go."""
    point = start.copy()
    freed: set[int] = set()
    for _ in range(6):
        zero = [i for i in (2, 3) if i not in held and point[i] == 0]
        free = tuple(i not in held and i not in zero for i in range(4))
        found = _climb(groups, rule, point, free, fine)
        if isinstance(found, int):
            point[found] = 0.0
            freed.add(found)
            continue
        rising = [i for i in zero if found.rises[i - 2] > 1e-9 * (1 + abs(found.value)) and i not in freed]
        if not rising:
            return found
        point = found.point
        for i in rising:
            point[i] = 0.3
            freed.add(i)
    raise _Runaway(-np.inf)


def _rough(groups: Groups) -> tuple[float, float]:
    """α and μ of all studies taken as one, by Newton on two parameters."""
    at = np.zeros(2)
    for _ in range(100):
        _, g1, h1 = groups.first.slopes(np.full(len(groups), at[0] + at[1] / 2))
        _, g2, h2 = groups.second.slopes(np.full(len(groups), at[0] - at[1] / 2))
        many = groups.repeat
        a, b, c, d = (float(many @ v) for v in (g1, g2, h1, h2))
        step = np.array([0.5 * (a / -c + b / -d), a / -c - b / -d])
        step = np.clip(step, -2.0, 2.0)
        at = at + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return float(at[0]), float(at[1])


def _at(groups: Groups, rule: Quadrature | None, point: FloatArray) -> Height:
    alpha, mu, sigma, tau = point.tolist()
    return laplace(groups, alpha, mu, sigma, tau) if rule is None else height(groups, alpha, mu, sigma, tau, rule)


def _climb(
    groups: Groups, rule: Quadrature | None, start: FloatArray, free: tuple[bool, ...], fine: float
) -> Top | int:
    """Newton over the free parameters, σ and τ by their logarithms; the number of a spread that runs to 0."""
    point = start.copy()
    kept = np.flatnonzero(free)
    logs = [i for i in (2, 3) if free[i]]
    here = _at(groups, rule, point)
    converged = False
    finest = fine if rule is not None else 1e-11
    for _ in range(80):
        scale = np.ones(4)
        scale[logs] = point[logs]
        g = here.gradient * scale
        h = here.hessian * np.outer(scale, scale)
        for i in logs:
            h[i, i] += g[i]
        step = np.zeros(4)
        step[kept] = uphill_step(g[kept], h[np.ix_(kept, kept)])
        decrement = float(g @ step)
        step /= max(1.0, float(np.abs(step).max()) / 1.5)
        for _ in range(30):
            new = _moved(point, step, logs)
            there = _at(groups, rule, new)
            if there.value >= here.value - 1e-11 * (1 + abs(here.value)):
                break
            step /= 2
        else:
            converged = decrement < 1e-7
            break
        point, here = new, there
        if float(np.abs(point[:2]).max()) > _FURTHEST or any(point[i] > _FURTHEST for i in logs):
            raise _Runaway(here.value)
        for i in logs:
            if point[i] < _SMALLEST or (point[i] < 0.03 and g[i] < 0 and here.rises[i - 2] < 0 and step[i] < -0.5):
                return i
        if decrement < finest * (1 + abs(here.value)):
            converged = True
            break
    information = -here.hessian[np.ix_(kept, kept)]
    covariance = np.zeros((4, 4))
    covariance[np.ix_(kept, kept)] = np.linalg.inv(information)
    alpha, mu, sigma, tau = point.tolist()
    return Top(alpha, mu, sigma, tau, here.value, 0.0, covariance, here.effects, here.nodes, converged, here.rises)


def _moved(point: FloatArray, step: FloatArray, logs: list[int]) -> FloatArray:
    new = point + step
    for i in logs:
        new[i] = point[i] * np.exp(step[i])
    return new
