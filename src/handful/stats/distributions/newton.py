"""The value at which a probability is reached: Newton on the logarithms of both.

The logarithm of each tail used here is concave in the logarithm of its argument (the densities of log x and log t are
log-concave, and so are their integrals). A tangent of a concave function lies above it: whatever the start, the second
step and all later ones come from one side and never pass the root.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_STEPS = 400
_LARGEST = 709.0  # its exponential is nearly the largest float
_NEAR = 1e-9  # steps so small end with the first that is no smaller than the one before: only rounding is left


def solve_log(tail: Callable[[float], tuple[float, float]], probability: float, start: float, *, rising: bool) -> float:
    """The x > 0 with ``tail(x)[0] = probability``; ``tail`` gives the probability and minus or plus its density.

    0 or infinity where the answer is no float.
    """
    wanted, u = math.log(probability), math.log(start)
    good, before = None, math.inf
    for _ in range(_STEPS):
        x = math.exp(u)
        p, slope = tail(x)
        if p <= 0.0 or slope == 0.0:  # too far out for a float: back towards where there was one
            u = 0.5 * (u + good) if good is not None else u + (1.0 if rising else -1.0)
            continue
        good = u
        step = (math.log(p) - wanted) * p / (x * slope)
        if abs(step) < _NEAR and abs(step) >= before:
            break
        u, before = u - step, abs(step)
        if abs(u) > _LARGEST:
            return math.inf if u > 0 else 0.0
        if step == 0.0:
            break
    return math.exp(u)
