"""The two pieces of which binomial, gamma and beta densities are made without losing digits (Loader 2000).

Γ(z + 1) = √(2πz) z^z e^(−z) e^δ(z), with the Stirling error δ; and the deviance x log(x/m) + m − x.

Reference: Loader 2000, Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

import functools
import math

#: from so large a z on the series of the Stirling error is exact in double precision
_SERIES = 16.0
_HALF_LOG_2_PI = 0.5 * math.log(2 * math.pi)
_COEFFICIENTS = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


@functools.lru_cache(maxsize=4096)
def stirling_error(z: float) -> float:
    """δ(z) of log Γ(z + 1) = (z + ½) log z − z + ½ log 2π + δ(z), z > 0."""
    if z < 1:  # the definition: nothing cancels here
        return math.lgamma(z + 1) - (z + 0.5) * math.log(z) + z - _HALF_LOG_2_PI
    down = 0.0
    while z < _SERIES:  # δ(z) = δ(z + 1) + (z + ½) log(1 + 1/z) − 1
        down += _step(z)
        z += 1
    square, power, total = 1 / (z * z), 1 / z, 0.0
    for coefficient in _COEFFICIENTS:
        total += coefficient * power
        power *= square
    return down + total


def _step(z: float) -> float:
    """(z + ½) log(1 + 1/z) − 1 = Σ 1/((2j + 1)(2z + 1)^2j), j ≥ 1: atanh, without its first term."""
    w = 1 / (2 * z + 1) ** 2
    total, power = 0.0, 1.0
    for j in range(3, 60, 2):
        power *= w
        add = power / j
        total += add
        if add < 1e-18 * total:
            break
    return total


def deviance(x: float, m: float) -> float:
    """x log(x/m) + m − x, at least 0; x ≥ 0, m ≥ 0."""
    if x == 0 or m == 0:
        return m if x == 0 else math.inf
    gap = x - m
    if abs(gap) < 0.1 * (x + m):
        v = gap / (x + m)
        total = gap * v
        odd, square = 2 * x * v, v * v
        for j in range(3, 200, 2):
            odd *= square
            larger = total + odd / j
            if larger == total:
                return total
            total = larger
    return x * math.log(x / m) - gap
