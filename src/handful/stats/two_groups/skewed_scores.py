"""Score limits corrected for skewness (Gart and Nam; Laud's SCAS) and, for the odds ratio, for bias.

The score S of a contrast has variance V and third moment T at the restricted estimates q1, q2. The corrected
statistic z solves S/sqrt(V) = z + (z^2 - 1) T/(6 V^1.5). With V' the variance without N/(N - 1):

==========  ===============  ======================================  =====================================
            S                V'                                      T
difference  p1 - p2 - d      q1 (1 - q1)/n1 + q2 (1 - q2)/n2         sum of +- q (1 - q)(1 - 2 q)/n^2
ratio       p1 - r p2        q1 (1 - q1)/n1 + r^2 q2 (1 - q2)/n2     the same, the second with r^3
odds ratio  m V' - bias      1/(n1 q1 (1 - q1)) + 1/(n2 q2 (1 - q2)) sum of +- (1 - 2 q)/(n q (1 - q))^2
==========  ===============  ======================================  =====================================

with bias = (q1 - q2)/(n1 q1 (1 - q1) + n2 q2 (1 - q2)) for the odds ratio. The corrected statistic need not be
monotone where V is nearly 0, so the outermost root is taken.

References: Gart 1985, doi:10.1093/biomet/72.3.673; Gart, Nam 1988, doi:10.2307/2531848; Gart, Nam 1990,
Biometrics 46:637; Laud 2017, doi:10.1002/pst.1813 (with the correction doi:10.1002/pst.1855).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from handful.stats.checked import in_blocks
from handful.stats.distributions.normal import normal_quantile
from handful.stats.two_groups.score_intervals import restricted

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Limits: TypeAlias = tuple[Array, Array]
    #: (position between the estimate at -infinity and the far end at +infinity) -> (contrast, S, V, T)
    Moments: TypeAlias = Callable[[Array], tuple[Array, Array, Array, Array]]
    Path: TypeAlias = Callable[[Array, Array, Array, Array], Moments]

#: where the sign of the corrected statistic is looked for, in the logarithm of the multiplier's position
_LOOK = np.linspace(12.0, -12.0, 193)


def skewed_difference_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, total: bool = True) -> Limits:
    """``total`` keeps N/(N - 1), as Laud; without it they are Gart and Nam's."""
    low = _lower(_difference_path, x1, n1, x2, n2, tail, -1.0, total=total)
    return low, -_lower(_difference_path, x2, n2, x1, n1, tail, -1.0, total=total)


def skewed_ratio_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, total: bool = True) -> Limits:
    low = _lower(_ratio_path, x1, n1, x2, n2, tail, 0.0, total=total)
    return low, _reciprocal(_lower(_ratio_path, x2, n2, x1, n1, tail, 0.0, total=total))


def skewed_odds_ratio_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    low = _lower(_odds_path, x1, n1, x2, n2, tail, 0.0)
    return low, _reciprocal(_lower(_odds_path, x2, n2, x1, n1, tail, 0.0))


def unbiased_odds_ratio_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Miettinen and Nurminen's limits with the bias, but not the skewness, corrected."""
    low = _lower(_odds_path, x1, n1, x2, n2, tail, 0.0, skew=False)
    return low, _reciprocal(_lower(_odds_path, x2, n2, x1, n1, tail, 0.0, skew=False))


def _reciprocal(value: Array) -> Array:
    inverse: Array = np.divide(1.0, value, out=np.full(value.size, np.inf), where=value > 0)
    return inverse


def _lower(
    path: Path,
    x1: Array,
    n1: Array,
    x2: Array,
    n2: Array,
    tail: float,
    end: float,
    *,
    skew: bool = True,
    total: bool = True,
) -> Array:
    """The contrast at the outermost crossing of z, or ``end`` if the statistic never gets there."""
    z = normal_quantile(tail)

    def one_block(x1: Array, n1: Array, x2: Array, n2: Array) -> tuple[Array]:
        return (_outermost(path, x1, n1, x2, n2, z, end, skew, total),)

    return in_blocks(one_block, x1, n1, x2, n2, rows=512)[0]


def _excess(
    path: Path, x1: Array, n1: Array, x2: Array, n2: Array, z: float, skew: bool, total: bool
) -> tuple[Moments, Callable[[Array], Array]]:
    """The path, and how far the corrected statistic is above z along it; -1 where the variance is 0."""
    moments = path(x1, n1, x2, n2)
    factor = (n1 + n2) / (n1 + n2 - 1) if total else np.ones(n1.size)

    def excess(t: Array) -> Array:
        _, score, variance, third = moments(t)
        v = variance * factor
        usable = v > 0
        safe = np.where(usable, v, 1.0)
        value = score / np.sqrt(safe) - z
        if skew:
            value = value - (z * z - 1) * third / (6 * safe**1.5)
        return np.where(usable, value, -1.0)

    return moments, excess


def _outermost(
    path: Path, x1: Array, n1: Array, x2: Array, n2: Array, z: float, end: float, skew: bool, total: bool
) -> Array:
    size = x1.size
    many = [np.tile(column, _LOOK.size) for column in (x1, n1, x2, n2)]
    _, look = _excess(path, many[0], many[1], many[2], many[3], z, skew, total)
    above = look(np.repeat(_LOOK, size)).reshape(_LOOK.size, size) >= 0
    # coming from the far end, the first point below after one above
    crossing = above[:-1] & ~above[1:]
    found, place = crossing.any(axis=0), crossing.argmax(axis=0)
    outside, inside = _LOOK[place], _LOOK[place + 1]
    moments, excess = _excess(path, x1, n1, x2, n2, z, skew, total)
    for _ in range(60):
        middle = 0.5 * (inside + outside)
        higher = excess(middle) >= 0
        inside, outside = np.where(higher, inside, middle), np.where(higher, middle, outside)
    return np.where(found, moments(0.5 * (inside + outside))[0], end)


def _difference_path(x1: Array, n1: Array, x2: Array, n2: Array) -> Moments:
    y2, scale = n2 - x2, np.sqrt(n1 * n2)

    def moments(t: Array) -> tuple[Array, Array, Array, Array]:
        m = scale * np.exp(t)
        q1, v1, _ = restricted(m, x1, n1)
        r2, v2, _ = restricted(m, y2, n2)
        variance = v1 / n1 + v2 / n2
        third = v1 * (1 - 2 * q1) / n1**2 + v2 * (1 - 2 * r2) / n2**2
        return q1 + r2 - 1, m * variance, variance, third

    return moments


def _ratio_path(x1: Array, n1: Array, x2: Array, n2: Array) -> Moments:
    every = x1 == n1

    def moments(t: Array) -> tuple[Array, Array, Array, Array]:
        w = np.exp(t)
        m = np.where(every, n1 * np.minimum(w, 1), x1 * w / (1 + w))
        left = x1 / (1 + w)
        q1 = np.where(every, 1 / np.maximum(w, 1), left / np.maximum(n1 - x1 + left, 1e-300))
        q2 = (x2 + m) / (n2 + m)
        usable = q2 > 0
        r = np.where(usable, q1 / np.where(usable, q2, 1.0), 0.0)
        v1, v2 = q1 * (1 - q1) / n1, r * r * q2 * (1 - q2) / n2
        third = v1 * (1 - 2 * q1) / n1 - v2 * r * (1 - 2 * q2) / n2
        return r, np.where(usable, x1 / n1 - r * x2 / n2, 0.0), np.where(usable, v1 + v2, 0.0), third

    return moments


def _odds_path(x1: Array, n1: Array, x2: Array, n2: Array) -> Moments:
    y2 = n2 - x2
    end = np.minimum(x1, y2)

    def moments(t: Array) -> tuple[Array, Array, Array, Array]:
        w = np.exp(t)
        left = end / (1 + w)
        m = left * w
        u, v = (x1 - end) + left, (y2 - end) + left  # n1 q1 and n2 (1 - q2)
        i1, i2 = u * (n1 - u) / n1, v * (n2 - v) / n2  # n q (1 - q)
        usable = (i1 > 0) & (i2 > 0)
        i1, i2 = np.where(usable, i1, 1.0), np.where(usable, i2, 1.0)
        variance = 1 / i1 + 1 / i2
        bias = (u / n1 + v / n2 - 1) / (i1 + i2)
        third = (1 - 2 * u / n1) / i1**2 + (1 - 2 * v / n2) / i2**2
        odds = np.where(usable, u / np.maximum(n1 - u, 1e-300) * (v / np.maximum(n2 - v, 1e-300)), 0.0)
        return odds, m * variance - bias, np.where(usable, variance, 0.0), third

    return moments
