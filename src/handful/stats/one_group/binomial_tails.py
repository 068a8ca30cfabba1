"""Binomial probabilities to full relative precision in both tails, for arrays; x may be outside 0..n."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import special

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]


def at_least(x: Array, n: Array, p: Array) -> Array:
    """P(X >= x) for X ~ Binomial(n, p): the regularised beta function I_p(x, n - x + 1)."""
    inside = (x > 0) & (x <= n)
    value = special.betainc(np.where(inside, x, 1.0), np.where(inside, n - x + 1, 1.0), p)
    return np.where(inside, value, np.where(x <= 0, 1.0, 0.0))


def at_most(x: Array, n: Array, p: Array) -> Array:
    """P(X <= x), from the other end: I_{1-p}(n - x, x + 1)."""
    return at_least(n - x, n, 1 - p)


def density(x: Array, n: Array, p: Array) -> Array:
    """P(X = x) for 0 <= x <= n and 0 < p < 1."""
    log = special.xlogy(x, p) + special.xlog1py(n - x, -p) - special.betaln(x + 1, n - x + 1) - np.log(n + 1)
    probability: Array = np.exp(log)
    return probability
