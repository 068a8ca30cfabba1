"""The highest point of the one-stage likelihood, and how far each parameter may go from it.

Newton with the exact score and Hessian in (a, β, τ); where the Hessian is not that of a top, its eigenvalues are turned
round. A normal prior with mean 0 on coefficients is added where it is asked for. Whether τ = 0 is the top is settled
there, by the slope in τ², and never by a search that creeps towards it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.patients.one_stage_likelihood import At, Likelihood

FloatArray: TypeAlias = npt.NDArray[np.float64]

_STEPS = 60
_NEAR = 1e-15  # half the squared Newton decrement, relative to 1 + |log-likelihood| / 1e4
_FAR = 30.0  # a linear predictor that a covariate alone moves so far is on its way to infinity
_NO_PRIOR = 0.0


class Separated(Exception):
    """The likelihood rises for ever along a covariate; its place among the covariates."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, eq=False, slots=True)
class Top:
    """The parameters (a, β, τ), the value there, and the covariance of those that are not held."""

    theta: FloatArray
    value: float
    covariance: FloatArray
    converged: bool
    evaluations: int

    @property
    def boundary(self) -> bool:
        """τ is 0."""
        return bool(self.theta[-1] == 0.0)


class Search:
    """Maximises one likelihood; ``precision`` is the inverse variance of the prior on each coefficient (0: none)."""

    def __init__(self, likelihood: Likelihood, precision: FloatArray) -> None:
        self.likelihood = likelihood
        self.precision = np.concatenate([[0.0], precision, [0.0]])
        self.span = np.ptp(likelihood.cells.x, axis=1) if likelihood.cells.x.size else np.zeros(0)
        self.evaluations = 0

    def at(self, theta: FloatArray) -> At:
        """The likelihood with the prior."""
        self.evaluations += 1
        found = self.likelihood.at(theta)
        pull = self.precision * theta
        value = found.value - 0.5 * float(pull @ theta)
        return At(value, found.score - pull, found.hessian - np.diag(self.precision), found.slope)

    def highest(self, start: float) -> Top:
        """The top of all: from τ = 0 if that is one, and from a positive start."""
        theta = np.zeros(self.likelihood.size)
        theta[0] = start
        common, here = self._climb(theta, self._free(tau=False))
        tops = [self._top(common, here, self._free(tau=False))] if here.slope <= 0 else []
        if self.likelihood.cells.studies > 1:
            theta = common.copy()
            theta[-1] = _first_tau(here) if here.slope > 0 else 0.7
            theta, here = self._climb(theta, self._free(tau=True))
            if theta[-1] > 1e-4:
                tops.append(self._top(theta, here, self._free(tau=True)))
            elif not tops:  # so near 0 that the two cannot be told apart
                common, here = self._climb(common, self._free(tau=False))
                tops.append(self._top(common, here, self._free(tau=False)))
        return max(tops, key=lambda top: top.value)

    def held(self, theta: FloatArray, place: int) -> float:
        """The highest value with the parameter at ``place`` as it is in ``theta``; ``theta`` moves to where it is."""
        free = self._free(tau=theta[-1] != 0.0)
        free[place] = False
        start = theta.copy()
        if theta[-1] == 0.0 and place != len(theta) - 1:  # τ may leave 0 once another is held
            moved, here = self._climb(start, free)
            if here.slope <= 0:
                theta[:] = moved
                return here.value
            start, free = moved, self._free(tau=True)
            free[place] = False
            start[-1] = _first_tau(here)
        moved, here = self._climb(start, free)
        theta[:] = moved
        return here.value

    def _free(self, *, tau: bool) -> npt.NDArray[np.bool_]:
        free = np.ones(self.likelihood.size, dtype=bool)
        free[-1] = tau
        return free

    def _climb(self, theta: FloatArray, free: npt.NDArray[np.bool_]) -> tuple[FloatArray, At]:
        here = self.at(theta)
        for _ in range(_STEPS):
            step, gain = _newton(here, free)
            if gain <= _NEAR * (1.0 + abs(here.value) * 1e-4):
                break
            share = 1.0
            while True:
                new = theta.copy()
                new[free] += share * step
                new[-1] = abs(new[-1])
                if new[-1] == 0.0 and free[-1]:
                    new[-1] = 1e-8
                there = self.at(new)
                if there.value >= here.value - 1e-12 * abs(here.value):
                    break
                share *= 0.5
                if share < 1e-8:
                    return theta, here
            theta, here = new, there
            if self.span.size:
                reach = np.abs(theta[1:-1]) * self.span * (self.precision[1:-1] == _NO_PRIOR)
                if float(reach.max()) > _FAR:
                    raise Separated(int(reach.argmax()))
        return theta, here

    def _top(self, theta: FloatArray, here: At, free: npt.NDArray[np.bool_]) -> Top:
        covariance = np.zeros((len(theta), len(theta)))
        information = -here.hessian[np.ix_(free, free)]
        try:
            covariance[np.ix_(free, free)] = np.linalg.inv(information)
            known = bool(np.all(np.diag(covariance)[free] > 0))
        except np.linalg.LinAlgError:
            known = False
        _, gain = _newton(here, free)
        settled = gain <= 1e-8 * (1.0 + abs(here.value) * 1e-4)
        return Top(theta, here.value, covariance, known and settled, self.evaluations)


def _newton(here: At, free: npt.NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """The step among the free parameters, and half the squared decrement that it promises."""
    score = here.score[free]
    values, vectors = np.linalg.eigh(-here.hessian[np.ix_(free, free)])
    floor = 1e-10 * max(float(np.abs(values).max(initial=0.0)), 1e-300)
    step = vectors @ ((vectors.T @ score) / np.maximum(np.abs(values), floor))
    return step, 0.5 * float(step @ score)


def _first_tau(here: At) -> float:
    """A first τ from the slope in τ² at 0, between a twentieth and two."""
    return min(max(math.sqrt(abs(here.slope) / max(abs(here.hessian[0, 0]), 1e-300)) * 2.0, 0.05), 2.0)


def reach(
    value_at: Callable[[float], float], centre: float, top: float, first: float, fall: float, end: float
) -> float:
    """How far from ``centre``, in the direction of ``first``, the profile falls by ``fall``; ``end`` if it never does.

    The signed root of twice the fall is nearly a straight line: secants on it, inside a bracket.
    """
    goal, sign = math.sqrt(2.0 * fall), math.copysign(1.0, first)
    near, far = (0.0, 0.0), (abs(first), _root(top, value_at(centre + first)))
    for _ in range(60):
        if far[1] >= goal:
            break
        if centre + sign * far[0] == end or far[0] > 1e3 * max(abs(first), 1.0):
            return end
        wanted = far[0] * min(max(1.05 * goal / max(far[1], 1e-3 * goal), 1.2), 4.0)
        at = centre + sign * wanted
        at = min(at, end) if sign > 0 else max(at, end)
        near, far = far, (abs(at - centre), _root(top, value_at(at)))
    for _ in range(60):
        if far[0] - near[0] <= 1e-9 * max(far[0], 1e-300) or abs(far[1] - goal) <= 1e-9:
            break
        guess = near[0] + (goal - near[1]) * (far[0] - near[0]) / (far[1] - near[1])
        guess = min(max(guess, near[0] + 1e-3 * (far[0] - near[0])), far[0] - 1e-3 * (far[0] - near[0]))
        value = _root(top, value_at(centre + sign * guess))
        if abs(value - goal) <= 1e-8:
            return centre + sign * guess
        near, far = ((guess, value), far) if value < goal else (near, (guess, value))
    return centre + sign * far[0]


def _root(top: float, value: float) -> float:
    return math.sqrt(max(2.0 * (top - value), 0.0))
