"""Maximum likelihood for a random baseline and a random effect: (α, μ, σ, τ), with σ and τ possibly 0.

The log-likelihood is even in σ and in τ, so 0 is a stationary point of both for every data set. Newton's method runs in
(α, μ, log σ, log τ) from inside; the boundaries are fitted on their own, and the highest of all is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.one_effect_ml import uphill_step
from handful.stats.random_effect import Quadrature
from handful.stats.two_effects import Groups, Height, height, laplace

FloatArray: TypeAlias = npt.NDArray[np.float64]

_FURTHEST = 40.0
_SMALLEST = 1e-4
_SMALL = 0.1


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
    common_value: float = -np.inf
    without_tau: float = -np.inf
    numerical_error: float = 0.0

    @property
    def point(self) -> FloatArray:
        """(α, μ, σ, τ)."""
        return np.array([self.alpha, self.mu, self.sigma, self.tau])


def highest(groups: Groups, rule: Quadrature | None, *, common: bool = False) -> Top | None:
    """The highest point; with ``common`` τ stays 0. None where something runs to infinity."""
    near = highest(groups, None, common=common) if rule is not None else None  # Laplace's top is close, and cheap
    alpha, mu = _rough(groups) if near is None else (near.alpha, near.mu)
    begin = np.array([alpha, mu, 0.7 if near is None or near.sigma == 0 else near.sigma, 0.0])
    without = _climb(groups, rule, begin, free=(True, True, True, False))
    if without is None or without.sigma < _SMALL:
        begin[2] = 0.0
        without = _better(without, _climb(groups, rule, begin, free=(True, True, False, False)))
    if without is None:
        return None
    best = without
    spreads = () if common else (0.4, 1.2) if near is None or near.tau == 0 else (near.tau,)
    for tau in spreads:
        begin = np.array([without.alpha, without.mu, without.sigma, tau])
        found = _climb(groups, rule, begin, free=(True, True, without.sigma > 0, True))
        if found is None and without.sigma > 0:
            begin[2] = 0.0
            found = _climb(groups, rule, begin, free=(True, True, False, True))
        if found is not None and found.value > best.value + 1e-10 * (1 + abs(best.value)):
            best = found
            break
    error = 0.0
    if rule is not None:
        again = height(groups, best.alpha, best.mu, best.sigma, best.tau, rule.doubled())
        error = abs(again.value - best.value)
    return replace(best, common_value=without.value, without_tau=without.value, numerical_error=error)


def highest_given(
    groups: Groups, rule: Quadrature | None, held: int, value: float, near: Top, *, common: bool = False
) -> Top:
    """The highest point with one parameter held, from a neighbouring one."""
    point = near.point
    point[held] = value
    found: Top | None = None
    spreads = [(max(float(point[2]), 0.3), 2)] + ([(max(float(point[3]), 0.3), 3)] if held != 3 and not common else [])
    tries = [(True, True)] if held == 3 or common else [(True, True), (True, False)]
    for sigma_free, tau_free in tries:
        begin = point.copy()
        for start, place in spreads:
            begin[place] = start
        if held != 3 and (common or not tau_free):
            begin[3] = 0.0
        free = [held != 0, held != 1, sigma_free, held != 3 and tau_free and not common]
        found = _better(found, _climb(groups, rule, begin, free=(free[0], free[1], free[2], free[3])))
    if found is None or near.sigma == 0:
        begin = point.copy()
        begin[2] = 0.0
        free_tau = held != 3 and bool(begin[3] > 0)
        found = _better(found, _climb(groups, rule, begin, free=(held != 0, held != 1, False, free_tau)))
    if found is None:
        return replace(near, value=-np.inf, slope=0.0)
    return replace(found, slope=float(_at(groups, rule, found.point).gradient[held]))


def _better(one: Top | None, other: Top | None) -> Top | None:
    if one is None or other is None:
        return one or other
    return other if other.value > one.value + 1e-10 * (1 + abs(one.value)) else one


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
    groups: Groups, rule: Quadrature | None, start: FloatArray, *, free: tuple[bool, bool, bool, bool]
) -> Top | None:
    """Newton over the free parameters, σ and τ by their logarithms; None if one runs to 0 or to infinity."""
    point = start.copy()
    kept = np.flatnonzero(free)
    logs = [i for i in (2, 3) if free[i]]
    here = _at(groups, rule, point)
    converged = False
    finest = 1e-13 if rule is not None else 1e-11
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
            return None
        if any(point[i] < _SMALLEST for i in logs):
            return None
        if decrement < finest * (1 + abs(here.value)):
            converged = True
            break
    information = -here.hessian[np.ix_(kept, kept)]
    covariance = np.zeros((4, 4))
    covariance[np.ix_(kept, kept)] = np.linalg.inv(information)
    alpha, mu, sigma, tau = point.tolist()
    return Top(alpha, mu, sigma, tau, here.value, 0.0, covariance, here.effects, here.nodes, converged)


def _moved(point: FloatArray, step: FloatArray, logs: list[int]) -> FloatArray:
    new = point + step
    for i in logs:
        new[i] = point[i] * np.exp(step[i])
    return new
