"""Student's t and the F distribution: tails, and the t beyond which a probability lies.

Both are the incomplete beta function: P(|T| > t) = I_x(df/2, ½) at x = df/(df + t²). The continued fraction
of DiDonato and Morris is used on the side where it converges quickly, x < (a + 1)/(a + b + 2); the factor
x^a (1 − x)^b/B(a, b) is taken from Loader's pieces, and x and 1 − x are both computed without a subtraction.

Reference: DiDonato, Morris 1992, doi:10.1145/131766.131776.
"""

from __future__ import annotations

import functools
import math

from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.deviance import deviance, stirling_error
from handful.stats.distributions.newton import solve_log
from handful.stats.distributions.normal import normal_above, normal_quantile

_TINY = 1e-300
_LARGEST = 1e150  # a t beyond it is called infinite: its square is no float
_TWO_PI = 2 * math.pi


def t_two_sided(t: float, df: float) -> float:
    """P(|T| > |t|) with ``df`` > 0 degrees of freedom, full relative precision in the tail.

    >>> round(t_two_sided(2.776445, 4), 6)
    0.05
    """
    return 2.0 * normal_above(abs(t)) if df == math.inf else _shares(t, df)[0]


def t_above(t: float, df: float) -> float:
    """P(T > t); infinite ``df`` are the normal distribution, here and below.

    >>> round(t_above(2.776445, 4), 6)
    0.025
    """
    if df == math.inf:
        return normal_above(t)
    outside, inside = _shares(t, df)
    return 0.5 * outside if t >= 0 else 0.5 + 0.5 * inside


def f_above(f: float, df1: float, df2: float) -> float:
    """P(F > f) with ``df1`` and ``df2`` degrees of freedom.

    >>> round(f_above(6.94427, 2, 4), 6)
    0.05
    """
    if f <= 0.0 or f == math.inf:
        return 1.0 if f <= 0.0 else 0.0
    if df2 == math.inf:
        return chi2_above(df1 * f, df1)
    whole = df2 + df1 * f
    return beta_shares(0.5 * df2, 0.5 * df1, df2 / whole, df1 * f / whole)[0]


@functools.lru_cache(maxsize=4096)
def t_quantile(tail: float, df: float) -> float:
    """The t with probability ``tail`` above it, 0 < tail < 1; infinite where no float is large enough.

    >>> round(t_quantile(0.025, 4), 6)
    2.776445
    """
    if not 0.0 < tail < 1.0:
        return math.inf if tail <= 0.0 else -math.inf
    if tail > 0.5:
        return -t_quantile(1.0 - tail, df)
    if tail == 0.5:
        return 0.0
    if df < 3.0 and 2.0 * tail < _shares(_LARGEST, df)[0]:
        return math.inf
    z = normal_quantile(tail)
    if df == math.inf:
        return z
    start = z + 0.25 * z * (z * z + 1.0) / df if df > 2.0 else max(z, 1e-3)
    upper = tail < 0.25
    side, sign = (0, -1.0) if upper else (1, 1.0)

    def probability(t: float) -> tuple[float, float]:
        x, y = _split(t, df)
        factor = _factor(0.5 * df, 0.5, x, y)
        return _of_factor(0.5 * df, 0.5, x, y, factor)[side], sign * 2.0 * factor / t  # the density: dy/dt = 2xy/t

    return solve_log(probability, 2.0 * tail if upper else 1.0 - 2.0 * tail, start, rising=not upper)


def _split(t: float, df: float) -> tuple[float, float]:
    """df/(df + t²) and t²/(df + t²)."""
    if abs(t) > _LARGEST:
        return df / t / t, 1.0
    square = t * t
    return df / (df + square), square / (df + square)


def _shares(t: float, df: float) -> tuple[float, float]:
    """P(|T| > |t|) and P(|T| < |t|)."""
    if t == 0.0:
        return 1.0, 0.0
    if math.isinf(t):
        return 0.0, 1.0
    return beta_shares(0.5 * df, 0.5, *_split(t, df))


def beta_shares(a: float, b: float, x: float, y: float) -> tuple[float, float]:
    """I_x(a, b) and 1 − I_x(a, b), with y = 1 − x known to its own full precision."""
    if x <= 0.0 or y <= 0.0:
        return (0.0, 1.0) if x <= 0.0 else (1.0, 0.0)
    return _of_factor(a, b, x, y, _factor(a, b, x, y))


def _of_factor(a: float, b: float, x: float, y: float, factor: float) -> tuple[float, float]:
    if x < (a + 1.0) / (a + b + 2.0):
        below = factor * _fraction(a, b, x, y)
        return below, 1.0 - below
    above = factor * _fraction(b, a, y, x)
    return 1.0 - above, above


def _factor(a: float, b: float, x: float, y: float) -> float:
    """x^a y^b/B(a, b)."""
    whole = a + b
    errors = stirling_error(whole) - stirling_error(a) - stirling_error(b)
    exponent = errors - deviance(a, whole * x) - deviance(b, whole * y)
    return math.exp(exponent) * math.sqrt(a / whole * b / _TWO_PI)


def _fraction(a: float, b: float, x: float, y: float) -> float:
    """K of I_x = x^a y^b/B(a, b) · K, K = 1/(β₁ + α₂/(β₂ + α₃/(β₃ + …))), by Lentz's method, with

    α_{m+1} = (a + m − 1)(a + b + m − 1) m (b − m) x²/(a + 2m − 1)²,
    β_{m+1} = m + m (b − m) x/(a + 2m − 1) + (a + m)(ay − bx + 1 + m(2 − x))/(a + 2m + 1).
    """
    centre = a * y - b * x + 1.0
    d = (a + 1.0) / (a * centre)
    c = 1.0 / _TINY
    h, m = d, 0
    while True:
        m += 1
        odd = a + 2 * m - 1.0
        share = m * (b - m) * x / odd
        alpha = (a + m - 1.0) * (a + b + m - 1.0) * share * x / odd
        beta = m + share + (a + m) * (centre + m * (1.0 + y)) / (odd + 2.0)
        d = beta + alpha * d
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = beta + alpha / c
        c = c if abs(c) > _TINY else _TINY
        change = d * c
        h *= change
        if abs(change - 1.0) < 3e-16:
            return h
