"""Closed-form limits for two proportions: square-and-add, adjusted and logarithmic; mostly for comparison.

Each function takes x1, n1, x2, n2 (flat arrays, n >= 1) and the probability beyond each limit, and returns both limits.

References: Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I; Agresti, Caffo 2000,
doi:10.1080/00031305.2000.10474560; Katz et al. 1978, doi:10.2307/2530610; Newcombe 2001 (inverse sinh), Am Stat 55:200;
Donner, Zou 2012 (MOVER-R), Stat Methods Med Res 21:347; Fagerland, Newcombe 2013, doi:10.1002/sim.5714; Price, Bonett
2008, Comput Stat Data Anal 52:3497; Woolf 1955, doi:10.1111/j.1469-1809.1955.tb01348.x; Gart 1966, J R Stat Soc B
28:164.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from handful.stats.distributions.normal import normal_quantile

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Limits: TypeAlias = tuple[Array, Array]


def _wilson(x: Array, n: Array, z: float) -> Limits:
    """Both Wilson limits; z may be negative (they then change places)."""
    centre, root = x + z * z / 2, z * np.sqrt(x * (n - x) / n + z * z / 4)
    low, high = (centre - root) / (n + z * z), (centre + root) / (n + z * z)
    if z >= 0:
        low, high = np.where(x == 0, 0.0, low), np.where(x == n, 1.0, high)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


# --- difference -------------------------------------------------------------------------------------------------------


def newcombe(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Square-and-add of the Wilson limits (Newcombe's method 10)."""
    z = normal_quantile(tail)
    p1, p2 = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = _wilson(x1, n1, z), _wilson(x2, n2, z)
    sign = np.sign(z) if z else 0.0
    return p1 - p2 - sign * np.hypot(p1 - l1, u2 - p2), p1 - p2 + sign * np.hypot(u1 - p1, p2 - l2)


def agresti_caffo(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Wald after one event and one non-event are added to each group."""
    return wald(x1 + 1, n1 + 2, x2 + 1, n2 + 2, tail)


def wald(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    p1, p2 = x1 / n1, x2 / n2
    half = normal_quantile(tail) * np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return p1 - p2 - half, p1 - p2 + half


def wald_cc(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Wald widened by half (1/n1 + 1/n2), or by the difference itself where that is less (Yates; as R's
    ``prop.test``)."""
    low, high = wald(x1, n1, x2, n2, tail)
    widen = np.minimum(0.5 * (1 / n1 + 1 / n2), np.abs(x1 / n1 - x2 / n2))
    return low - widen, high + widen


# --- ratio ------------------------------------------------------------------------------------------------------------


def katz(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Wald on the log scale; 0 to infinity with no events in a group."""
    usable = (x1 > 0) & (x2 > 0)
    a, b = np.where(usable, x1, 1.0), np.where(usable, x2, 1.0)
    half = normal_quantile(tail) * np.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n2)
    return _around((a / n1) / (b / n2), half, usable)


def inverse_sinh(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """As Katz, with 2 asinh(half/2) in place of half."""
    usable = (x1 > 0) & (x2 > 0)
    a, b = np.where(usable, x1, 1.0), np.where(usable, x2, 1.0)
    half = normal_quantile(tail) * np.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n2)
    return _around((a / n1) / (b / n2), 2 * np.arcsinh(half / 2), usable)


def price_bonett(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """The approximate Bayes interval: a quarter event and one and a half non-events added to each group."""
    a, b = x1 + 0.25, x2 + 0.25
    variance = 1 / (a + a * a / (n1 - x1 + 1.5)) + 1 / (b + b * b / (n2 - x2 + 1.5))
    ratio = (a / (n1 + 1.75)) / (b / (n2 + 1.75))
    return _around(ratio, normal_quantile(tail) * np.sqrt(variance), np.ones(x1.size, dtype=bool))


def mover_r_wilson(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Variances recovered from the Wilson limits, for a ratio."""
    z = normal_quantile(tail)
    low = _mover_low(x1 / n1, _wilson(x1, n1, z)[0], x2 / n2, _wilson(x2, n2, z)[1])
    other = _mover_low(x2 / n2, _wilson(x2, n2, z)[0], x1 / n1, _wilson(x1, n1, z)[1])
    return low, np.divide(1.0, other, out=np.full(low.size, np.inf), where=other > 0)


def _mover_low(p1: Array, l1: Array, p2: Array, u2: Array) -> Array:
    """l1 (2 p1 - l1)/(p1 p2 + sqrt(D)), the form of the formula that has no 0/0 but at p1 = 0."""
    top = l1 * (2 * p1 - l1)
    root = np.sqrt(np.maximum((p1 * p2) ** 2 - top * u2 * (2 * p2 - u2), 0))
    bottom = p1 * p2 + root
    return np.divide(top, bottom, out=np.zeros(p1.size), where=(bottom > 0) & (top > 0))


# --- odds ratio -------------------------------------------------------------------------------------------------------


def woolf(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Wald on the log scale; 0 to infinity with an empty cell."""
    usable = (x1 > 0) & (x1 < n1) & (x2 > 0) & (x2 < n2)
    a, b = np.where(usable, x1, 1.0), np.where(usable, n1 - x1, 1.0)
    c, d = np.where(usable, x2, 1.0), np.where(usable, n2 - x2, 1.0)
    return _around(a * d / (b * c), normal_quantile(tail) * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d), usable)


def gart(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Woolf after half a person is added to each cell (Gart's adjusted logit)."""
    return woolf(x1 + 0.5, n1 + 1, x2 + 0.5, n2 + 1, tail)


def mover_r_wilson_odds(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """Variances recovered from the Wilson limits of each group's odds, for their ratio."""
    return _mover_odds(x1, n1, x2, n2, normal_quantile(tail), odds=True)


def mover_r_wilson_mixed(x1: Array, n1: Array, x2: Array, n2: Array, tail: float) -> Limits:
    """As it is printed and programmed elsewhere: the limits of the *proportions* beside the estimates of the *odds*.

    It does not shrink to a point as the groups grow; kept to reproduce published numbers. Where everyone in a group
    had the event the published form counts the non-events instead, with the groups exchanged.
    """
    turn = (x1 == n1) | (x2 == n2)
    x1, n1, x2, n2 = (
        np.where(turn, n2 - x2, x1),
        np.where(turn, n2, n1),
        np.where(turn, n1 - x1, x2),
        np.where(turn, n1, n2),
    )
    return _mover_odds(x1, n1, x2, n2, normal_quantile(tail), odds=False)


def _mover_odds(x1: Array, n1: Array, x2: Array, n2: Array, z: float, *, odds: bool) -> Limits:
    low = _mover_odds_low(x1, n1, x2, n2, z, odds)
    other = _mover_odds_low(x2, n2, x1, n1, z, odds)
    return low, np.divide(1.0, other, out=np.full(low.size, np.inf), where=other > 0)


def _mover_odds_low(x1: Array, n1: Array, x2: Array, n2: Array, z: float, odds: bool) -> Array:
    """With o the odds p/(1 - p), l1 and u2 the limits: l1 (2 - l1/o1)/(o2 + sqrt(o2^2 - (l1/o1)(2 - l1/o1) u2 (2 o2 -
    u2))).

    This form also holds at its limits 1/o1 = 0 and o2 = 0, one at a time; with both the limit is 0.
    """
    l1, u2 = _wilson(x1, n1, z)[0], _wilson(x2, n2, z)[1]
    if odds:
        l1 = l1 / np.where(l1 < 1, 1 - l1, 1.0)
        u2 = np.where(u2 < 1, u2 / np.where(u2 < 1, 1 - u2, 1.0), np.inf)
    usable = (x1 > 0) & (x2 < n2) & np.isfinite(u2)
    i1 = np.where(usable, (n1 - x1) / np.maximum(x1, 1.0), 1.0)
    o, u = np.where(usable, x2 / np.maximum(n2 - x2, 1.0), 1.0), np.where(usable, u2, 1.0)
    top = l1 * (2 - l1 * i1)
    bottom = o + np.sqrt(np.maximum(o * o - top * i1 * u * (2 * o - u), 0))
    low = np.divide(top, bottom, out=np.zeros(x1.size), where=bottom > 0)
    return np.where(usable, low, 0.0)


def _around(centre: Array, half: Array, usable: npt.NDArray[np.bool_]) -> Limits:
    return np.where(usable, centre * np.exp(-half), 0.0), np.where(usable, centre * np.exp(half), np.inf)
