"""The top of a smooth function of a few parameters, and its curvature there, from its values alone.

Newton's method with differences of fourth order; where the function bends upwards the direction is turned round, so
that every step climbs, and a stop on a pass is left along the way up. For likelihoods whose derivatives are longer than
they are; accurate to about 1e-7 of a parameter's unit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Function: TypeAlias = Callable[[FloatArray], float]

_STEP = 2e-3


def gradient_and_hessian(function: Function, at: FloatArray, units: FloatArray) -> tuple[FloatArray, FloatArray]:
    """In parameters measured in ``units``: differences over ±h and ±2h."""
    n, here = len(at), function(at)
    slope, bend = np.empty(n), np.empty((n, n))
    step = np.diag(_STEP * units)
    for i in range(n):
        a, b, c, d = (function(at + m * step[i]) for m in (-2.0, -1.0, 1.0, 2.0))
        slope[i] = (a - 8.0 * b + 8.0 * c - d) / (12.0 * _STEP)
        bend[i, i] = (-a + 16.0 * b - 30.0 * here + 16.0 * c - d) / (12.0 * _STEP**2)
    for i in range(n):
        for j in range(i):
            mixed = []
            for m in (1.0, 2.0):
                p, q = m * step[i], m * step[j]
                found = function(at + p + q) - function(at + p - q) - function(at - p + q) + function(at - p - q)
                mixed.append(found / (4.0 * (m * _STEP) ** 2))
            bend[i, j] = bend[j, i] = (4.0 * mixed[0] - mixed[1]) / 3.0
    return slope, bend


def climb_to_top(function: Function, start: FloatArray, units: FloatArray) -> tuple[FloatArray, float, bool]:
    """The top reached from ``start``, the value there, and whether the search ended."""
    at, value = np.array(start, dtype=np.float64), function(start)
    if not np.isfinite(value):
        return at, value, False
    pushes = 0
    for _ in range(200):
        slope, bend = gradient_and_hessian(function, at, units)
        if not (np.all(np.isfinite(slope)) and np.all(np.isfinite(bend))):
            return at, value, False
        roots, directions = np.linalg.eigh(-bend)
        curved = np.maximum(np.abs(roots), 1e-8 * (1.0 + float(np.abs(roots).max())))
        step = directions @ ((directions.T @ slope) / curved)
        longest = float(np.abs(step).max())
        if longest > 2.0:
            step *= 2.0 / longest
        gain = float(slope @ step)
        if gain < 1e-11 * (1.0 + abs(value)):
            if roots[0] > -1e-5 * (1.0 + float(np.abs(roots).max())) or pushes > 6:
                return at, value, True
            pushes += 1
            step = 0.1 * directions[:, 0]
        moved = False
        for halving in range(30):
            for sign in (1.0, -1.0):
                new = at + sign * step * units * 0.5**halving
                there = function(new)
                if np.isfinite(there) and there > value:
                    at, value, moved = new, there, True
                    break
            if moved:
                break
        if not moved:
            return at, value, gain < 1e-8 * (1.0 + abs(value))
    return at, value, False
