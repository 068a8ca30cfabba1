"""Score limits for a difference, a ratio and an odds ratio of two proportions: one root in one variable each.

For a given value of the contrast let q1, q2 be the maximum-likelihood proportions restricted to it. The score
statistic is z(contrast) = (estimate - contrast) / sqrt(V(q1, q2)), and the limits are where it is +-z (Mee; Miettinen
and Nurminen, who multiply V by N/(N - 1); Koopman). Usually q1 and q2 come from a cubic for each trial value. Here
the equations are solved in their Lagrange multiplier instead, in which q1, q2, the contrast and the statistic are all
elementary and monotone, so that each limit is one well-behaved root:

difference   x1 - n1 q1 = m q1 (1 - q1),  x2 - n2 q2 = -m q2 (1 - q2):   z^2 = m^2 [q1 (1 - q1)/n1 + q2 (1 - q2)/n2]
ratio        q1 = (x1 - m)/(n1 - m),      q2 = (x2 + m)/(n2 + m):        z^2 = m^2 [(1 - q1)/(n1 q1) + (1 - q2)/(n2 q2)]
odds ratio   q1 = (x1 - m)/n1,            q2 = (x2 + m)/n2:              z^2 = m^2 [1/(n1 q1 (1 - q1)) + 1/(n2 q2 (1 -
q2))]

Only lower limits are written: the upper limit is minus (one over) the lower limit of the groups exchanged.

References: Mee 1984, Biometrics 40:1175; Miettinen, Nurminen 1985, doi:10.1002/sim.4780040211; Koopman 1984,
doi:10.2307/2531405; Gart, Nam 1990, Biometrics 46:637; Laud 2017, doi:10.1002/pst.1813.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from handful.stats.distributions.normal import normal_quantile
from handful.stats.roots import increasing_root

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Limits: TypeAlias = tuple[Array, Array]


def difference_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, total: bool) -> Limits:
    """Limits of p1 - p2 in [-1, 1]; ``total`` multiplies the variance by N/(N - 1)."""
    return _signed(_difference, x1, n1, x2, n2, tail, total), -_signed(_difference, x2, n2, x1, n1, tail, total)


def ratio_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, total: bool) -> Limits:
    """Limits of p1/p2 in [0, infinity]."""
    low = _signed(_ratio, x1, n1, x2, n2, tail, total, ratio=True)
    return low, _reciprocal(_signed(_ratio, x2, n2, x1, n1, tail, total, ratio=True))


def odds_ratio_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, total: bool) -> Limits:
    """Limits of the odds ratio in [0, infinity]."""
    low = _signed(_odds_ratio, x1, n1, x2, n2, tail, total, ratio=True)
    return low, _reciprocal(_signed(_odds_ratio, x2, n2, x1, n1, tail, total, ratio=True))


def _signed(
    lower: Callable[..., Array],
    x1: Array,
    n1: Array,
    x2: Array,
    n2: Array,
    tail: float,
    total: bool,
    ratio: bool = False,
) -> Array:
    """The lower limit; for a level under one half, where z < 0, it is the mirrored limit on the other side of the
    estimate."""
    z = normal_quantile(tail)
    factor = (n1 + n2) / (n1 + n2 - 1) if total else np.ones(n1.size)
    target = np.maximum(z * z, 1e-300) * factor
    if z >= 0:
        return lower(x1, n1, x2, n2, target)
    mirrored = lower(x2, n2, x1, n1, target)
    return _reciprocal(mirrored) if ratio else -mirrored


def _reciprocal(value: Array) -> Array:
    inverse: Array = np.divide(1.0, value, out=np.full(value.size, np.inf), where=value > 0)
    return inverse


# --- difference -------------------------------------------------------------------------------------------------------


def restricted(m: Array, x: Array, n: Array) -> tuple[Array, Array, Array]:
    """q with x - n q = m q (1 - q) for m > 0, then q (1 - q), and the root of the discriminant."""
    root = np.sqrt((m - n) ** 2 + 4 * m * (n - x))
    base = m + n + root
    q = 2 * x / base
    return q, q * ((m + n - 2 * x) + root) / base, root


def _difference_bracket(x1: Array, n1: Array, y2: Array, n2: Array, target: Array) -> tuple[Array, Array, Array]:
    """Bottom, top and start for the multiplier: z^2 <= m^2 (1/n1 + 1/n2)/4, and z^2 >= m p1 - x1."""
    bottom = np.sqrt(4 * target / (1 / n1 + 1 / n2))
    with np.errstate(divide="ignore"):
        top = np.minimum(n1 + target * n1 / x1, n2 + target * n2 / y2)
        spread = x1 * (n1 - x1) / n1**3 + y2 * (n2 - y2) / n2**3
        start = np.where(spread > 0, np.sqrt(target / np.where(spread > 0, spread, 1.0)), top)
    return bottom * (1 - 1e-12), top * (1 + 1e-12), start


def _difference(x1: Array, n1: Array, x2: Array, n2: Array, target: Array) -> Array:
    y2 = n2 - x2
    low = np.full(x1.size, -1.0)
    # 0 of n1 against all of n2: the estimate is -1 and so is the limit
    some = np.flatnonzero((x1 > 0) | (y2 > 0))
    a, na, b, nb, goal = x1[some], n1[some], y2[some], n2[some], target[some]
    bottom, top, start = _difference_bracket(a, na, b, nb, goal)
    log_goal = np.log(goal)

    def function(t: Array, rows: Rows) -> tuple[Array, Array]:
        m = np.exp(t)
        _, v1, s1 = restricted(m, a[rows], na[rows])
        _, v2, s2 = restricted(m, b[rows], nb[rows])
        value = m * m * (v1 / na[rows] + v2 / nb[rows])
        fall = v1 / np.maximum(s1, 1e-300) + v2 / np.maximum(s2, 1e-300)
        positive = value > 0
        safe = np.where(positive, value, 1.0)
        slope = np.where(positive, 1 + m * m * fall / safe, 0.0)
        return np.where(positive, np.log(safe), -np.inf) - log_goal[rows], slope

    m = np.exp(increasing_root(function, np.log(bottom), np.log(top), np.log(start)))
    q1, r2 = restricted(m, a, na)[0], restricted(m, b, nb)[0]
    low[some] = np.maximum(q1 + r2 - 1, -1)
    return low


# --- ratio ------------------------------------------------------------------------------------------------------------


def _ratio(x1: Array, n1: Array, x2: Array, n2: Array, target: Array) -> Array:
    low = np.zeros(x1.size)
    inner = np.flatnonzero((x1 > 0) & (x1 < n1))
    low[inner] = _ratio_inner(x1[inner], n1[inner], x2[inner], n2[inner], target[inner])
    every = np.flatnonzero(x1 == n1)
    low[every] = _ratio_all(n1[every], x2[every], n2[every], target[every])
    return low


def _ratio_inner(x1: Array, n1: Array, x2: Array, n2: Array, target: Array) -> Array:
    """0 < x1 < n1. The multiplier runs from 0 to x1; w = m/(x1 - m) runs from 0 to infinity."""
    a, b = (n1 - x1) / n1, (n2 - x2) / n2
    log_goal = np.log(target)

    def function(t: Array, rows: Rows) -> tuple[Array, Array]:
        w = np.exp(t)
        x, y = x1[rows], x2[rows]
        left = x / (1 + w)
        m = left * w
        first, second = a[rows] / left, b[rows] / (y + m)
        whole = first + second
        # d log/d log m = 2 + (m first/left - m second/(y + m))/whole, and d log m/d log w = 1/(1 + w)
        slope = (2 + (m * first / left - m * second / (y + m)) / whole) / (1 + w)
        return 2 * np.log(m) + np.log(whole) - log_goal[rows], slope

    span = np.full(x1.size, 300.0)
    with np.errstate(divide="ignore"):
        m0 = np.sqrt(target / (a / x1 + b / np.maximum(x2, 0.5)))
    w = np.exp(increasing_root(function, -span, span, np.log(m0 / x1)))
    left = x1 / (1 + w)
    m = left * w
    ratio: Array = left / (n1 - x1 + left) * (n2 + m) / (x2 + m)
    return ratio


def _ratio_all(n1: Array, x2: Array, n2: Array, target: Array) -> Array:
    """x1 = n1: q1 stays 1 until the multiplier reaches n1, where q2 stops and q1 falls."""
    b = (n2 - x2) / n2
    half = np.divide(target, b, out=np.full(n1.size, np.inf), where=b > 0) / 2
    finite = np.isfinite(half)
    safe = np.where(finite, half, 0.0)
    m = np.where(finite, safe + np.sqrt(safe * safe + 2 * safe * x2), np.inf)
    m = np.minimum(m, n1)
    rest = np.maximum(target - n1 * n1 * b / (x2 + n1), 0.0)
    q1 = np.where(m < n1, 1.0, n1 / (n1 + rest))
    return q1 * (n2 + m) / (x2 + m)


# --- odds ratio -------------------------------------------------------------------------------------------------------


def _odds_ratio(x1: Array, n1: Array, x2: Array, n2: Array, target: Array) -> Array:
    low = np.zeros(x1.size)
    some = np.flatnonzero((x1 > 0) & (x2 < n2))
    a, na, b, nb, goal = x1[some], n1[some], n2[some] - x2[some], n2[some], np.log(target[some])
    end = np.minimum(a, b)

    def parts(t: Array, rows: Rows) -> tuple[Array, Array, Array, Array, Array]:
        w = np.exp(t)
        left = end[rows] / (1 + w)
        m = left * w
        return left, m, (a[rows] - end[rows]) + left, (b[rows] - end[rows]) + left, w

    def function(t: Array, rows: Rows) -> tuple[Array, Array]:
        _, m, u, v, w = parts(t, rows)
        first, second = na[rows] / (u * (na[rows] - u)), nb[rows] / (v * (nb[rows] - v))
        whole = first + second
        slope = 2 + m * (first * (1 / u - 1 / (na[rows] - u)) + second * (1 / v - 1 / (nb[rows] - v))) / whole
        return 2 * np.log(m) + np.log(whole) - goal[rows], slope / (1 + w)

    span = np.full(some.size, 300.0)
    guess = np.exp(goal) / (na / np.maximum(a * (na - a), 0.5 * na) + nb / np.maximum(b * (nb - b), 0.5 * nb))
    t = increasing_root(function, -span, span, 0.5 * np.log(guess) - np.log(end))
    _, m, u, v, _ = parts(t, np.arange(some.size))
    low[some] = u / (na - a + m) * (v / (nb - b + m))
    return low
