"""The chi-squared distribution: P(X > x), P(X < x), and the x beyond which a probability lies.

With a = df/2, y = x/2 these are the regularised incomplete gamma functions: below y = a + 1 the series
P = f Σ yⁿ/((a + 1)…(a + n)), f = y^a e^(−y)/Γ(a + 1); above it the continued fraction of Q by Lentz's method
(Abramowitz & Stegun 6.5.29, 6.5.31). The factor is taken from Loader's pieces and loses no digit for large a.
"""

from __future__ import annotations

import functools
import math

from handful.stats.distributions.deviance import deviance, stirling_error
from handful.stats.distributions.newton import solve_log
from handful.stats.distributions.normal import normal_quantile

_TINY = 1e-300
_TWO_PI = 2 * math.pi


def chi2_above(x: float, df: float) -> float:
    """P(X > x) with ``df`` degrees of freedom, full relative precision in the tail; 1 where there are none.

    >>> round(chi2_above(3.841459, 1), 6)
    0.05
    """
    return _tails(0.5 * df, 0.5 * x)[1] if df > 0 else 1.0


def chi2_below(x: float, df: float) -> float:
    """P(X < x) with ``df`` > 0 degrees of freedom.

    >>> round(chi2_below(3.841459, 1), 6)
    0.95
    """
    return _tails(0.5 * df, 0.5 * x)[0]


@functools.lru_cache(maxsize=4096)
def chi2_quantile(tail: float, df: float) -> float:
    """The x with probability ``tail`` above it, 0 < tail < 1.

    >>> round(chi2_quantile(0.05, 1), 6)
    3.841459
    """
    if not 0.0 < tail < 1.0:
        return math.inf if tail <= 0.0 else 0.0
    a = 0.5 * df
    upper = tail <= 0.5
    spread = 2.0 / (9.0 * df)  # Wilson and Hilferty 1931
    cube = 1.0 - spread + normal_quantile(tail) * math.sqrt(spread)
    start = a * cube**3
    if cube <= 0.1:  # near 0 the density is that of a power: P = y^a/Γ(a + 1)
        start = math.exp(max((math.log1p(-tail) + math.lgamma(a + 1.0)) / a, -700.0))
    side = 1 if upper else 0
    sign = -1.0 if upper else 1.0

    def probability(y: float) -> tuple[float, float]:
        factor = _factor(a, y)
        return _of_factor(a, y, factor)[side], sign * factor / y

    return 2.0 * solve_log(probability, tail if upper else 1.0 - tail, max(start, 1e-300), rising=not upper)


def _tails(a: float, y: float) -> tuple[float, float]:
    """P(a, y) and Q(a, y)."""
    if y <= 0.0 or y == math.inf:
        return (0.0, 1.0) if y <= 0.0 else (1.0, 0.0)
    return _of_factor(a, y, _factor(a, y))


def _factor(a: float, y: float) -> float:
    """y^a e^(−y)/Γ(a)."""
    return math.exp(-deviance(a, y) - stirling_error(a)) * math.sqrt(a / _TWO_PI)


def _of_factor(a: float, y: float, factor: float) -> tuple[float, float]:
    if y < a + 1.0:
        term, total, n = 1.0, 1.0, a
        while term > 1e-17 * total:
            n += 1.0
            term *= y / n
            total += term
        below = factor * total / a
        return below, 1.0 - below
    b = y + 1.0 - a
    c, d = 1.0 / _TINY, 1.0 / b
    h, i = d, 0
    while True:
        i += 1
        an = -i * (i - a)
        b += 2.0
        d = an * d + b
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = b + an / c
        c = c if abs(c) > _TINY else _TINY
        change = d * c
        h *= change
        if abs(change - 1.0) < 3e-16:
            break
    above = factor * h
    return 1.0 - above, above
