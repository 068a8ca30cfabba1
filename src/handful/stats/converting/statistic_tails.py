"""From a test statistic to its p-value: t, F, χ², z and r, by the tails themselves (no 1 − cdf)."""

from __future__ import annotations

from math import sqrt

from scipy import special


def p_of_statistic(kind: str, value: float, df: tuple[float, ...], sides: int = 2) -> float:
    """The p-value of a statistic: ``t`` (one df), ``F`` (two), ``chi2`` (one), ``z`` (none), ``r`` (one: n − 2).

    ``sides`` counts for t, z and r; F and χ² have one tail. r of ±1 gives 0.

    >>> round(p_of_statistic("t", -1.96, (97.2,)), 7)
    0.0528594
    """
    if kind == "F":
        return float(special.fdtrc(df[0], df[1], max(value, 0.0)))
    if kind == "chi2":
        return float(special.chdtrc(df[0], max(value, 0.0)))
    if kind == "z":
        return sides * float(special.ndtr(-abs(value)))
    if kind == "r":
        if abs(value) >= 1:
            return 0.0
        value = value * sqrt(df[0] / (1 - value * value))
    return sides * float(special.stdtr(df[0], -abs(value)))


def quantile_of(level: float, df: float | None = None) -> float:
    """The two-sided critical value at ``level``: normal, or t with ``df``."""
    tail = (1 - level) / 2
    return float(-special.ndtri(tail)) if df is None else float(-special.stdtrit(df, tail))
