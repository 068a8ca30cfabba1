"""One-group effect sizes: a proportion or a rate on another scale, with its sampling variance, and the way back.

=====  ==========================================  =============================
PR     p = x/n                                     p(1 − p)/n
PLN    log p                                       1/x − 1/n
PLO    logit p                                     1/x + 1/(n − x)
PRZ    Φ⁻¹(p)                                      2π p(1 − p) exp(z²)/n
PAS    asin √p                                     1/(4n)
PFT    ½(asin √(x/(n+1)) + asin √((x+1)/(n+1)))    1/(4n + 2)
IR     x/T                                         x/T²
IRLN   log(x/T)                                    1/x
IRS    √(x/T)                                      1/(4T)
IRFT   ½(√(x/T) + √((x+1)/T))                      1/(4T)
=====  ==========================================  =============================

Nothing is added to any count unless asked by name: ``add`` and ``to`` ("none", "only0": to studies that need it,
"if0all": to all as soon as one needs it, "all"). On proportions ``add`` goes to the events and to the non-events, on
rates to the events.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.stats.count_models.curves import expit, logit

FloatArray: TypeAlias = npt.NDArray[np.float64]

PROPORTIONS = ("PLO", "PAS", "PFT", "PLN", "PR", "PRZ")
RATES = ("IRLN", "IR", "IRS", "IRFT")
TO = ("none", "only0", "if0all", "all")
VARIANCES = ("own", "unbiased", "average")


def added(need: npt.NDArray[np.bool_], add: float, to: str) -> FloatArray:
    """How much each study gets; ``need`` marks those with an empty cell."""
    if to not in TO:
        raise UnknownChoice("to", to, TO)
    if not (np.isfinite(add) and add >= 0):
        raise InputError(f"add={add!r} is not a number of at least 0")
    which = {
        "none": np.zeros_like(need),
        "only0": need,
        "if0all": np.full_like(need, bool(need.any())),
        "all": np.ones_like(need),
    }[to]
    return np.asarray(add * which, dtype=np.float64)


def transform_proportions(
    events: npt.ArrayLike,
    totals: npt.ArrayLike,
    measure: str = "PLO",
    *,
    add: float = 0.0,
    to: str = "none",
    variance: str = "own",
) -> tuple[FloatArray, FloatArray]:
    """y and v; infinite where the transform is (log and logit of an empty study), never NaN.

    ``variance`` for PR only: ``own`` p(1 − p)/n; ``unbiased`` divides by n − 1; ``average`` uses the overall rate in
    every study.

    >>> y, v = transform_proportions([1], [4], "PLO")
    >>> round(float(y[0]), 4), round(float(v[0]), 4)
    (-1.0986, 1.3333)
    """
    if measure not in PROPORTIONS:
        raise UnknownChoice("measure", measure, PROPORTIONS)
    if variance not in VARIANCES:
        raise UnknownChoice("variance", variance, VARIANCES)
    x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    extra = added((x == 0) | (x == n), add, to)
    x, n = x + extra, n + 2.0 * extra
    p = x / n
    with np.errstate(divide="ignore"):
        if measure == "PLN":
            return np.log(p), np.where(x == 0, np.inf, 1.0 / x - 1.0 / n)
        if measure == "PLO":
            return np.asarray(logit(p)), 1.0 / x + 1.0 / (n - x)
        if measure == "PRZ":
            return _probit(p, n)
    if measure == "PAS":
        return np.arcsin(np.sqrt(p)), 0.25 / n
    if measure == "PFT":
        y = 0.5 * (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1))))
        return y, 1.0 / (4 * n + 2)
    if variance == "average":
        q = (n * p).sum() / n.sum()
        return p, q * (1.0 - q) / n
    if variance == "unbiased":
        return p, p * (1.0 - p) / np.maximum(n - 1.0, 1.0)
    return p, p * (1.0 - p) / n


def _probit(p: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    from scipy.special import ndtri

    z = np.asarray(ndtri(p), dtype=np.float64)
    inside = (p > 0) & (p < 1)
    finite = np.where(inside, z, 0.0)
    return z, np.where(inside, 2 * np.pi * p * (1 - p) * np.exp(finite**2) / n, np.inf)


def transform_rates(
    events: npt.ArrayLike, time: npt.ArrayLike, measure: str = "IRLN", *, add: float = 0.0, to: str = "none"
) -> tuple[FloatArray, FloatArray]:
    """y and v of rates per person-time; infinite where the transform is."""
    if measure not in RATES:
        raise UnknownChoice("measure", measure, RATES)
    x, t = np.asarray(events, dtype=np.float64), np.asarray(time, dtype=np.float64)
    x = x + added(x == 0, add, to)
    if measure == "IR":
        return x / t, x / t**2
    if measure == "IRLN":
        with np.errstate(divide="ignore"):
            return np.log(x / t), 1.0 / x
    if measure == "IRS":
        return np.sqrt(x / t), 0.25 / t
    return 0.5 * (np.sqrt(x / t) + np.sqrt((x + 1) / t)), 0.25 / t


def back(y: float, measure: str, size: float) -> float:
    """From the transformed scale to a proportion or rate, kept within its range.

    ``size`` is used by PFT and IRFT only: the sample size or person-time that the inverse assumes (Miller 1978,
    10.1080/00031305.1978.10479283). A pooled value belongs to no one size, so the harmonic mean is customary, and
    arbitrary.
    """
    if measure in ("PR", "IR"):
        return min(max(y, 0.0), 1.0) if measure == "PR" else max(y, 0.0)
    if measure in ("PLN", "IRLN"):
        rate = float(np.exp(min(y, 700.0)))
        return min(rate, 1.0) if measure == "PLN" else rate
    if measure == "PLO":
        return float(expit(y))
    if measure == "PRZ":
        from scipy.special import ndtr

        return float(ndtr(y))
    if measure == "PAS":
        return float(np.sin(min(max(y, 0.0), 0.5 * np.pi)) ** 2)
    if measure == "IRS":
        return max(y, 0.0) ** 2
    if measure == "PFT":
        return _back_freeman_tukey(y, size)
    return _back_freeman_tukey_rate(y, size)


def _back_freeman_tukey(y: float, n: float) -> float:
    lowest = 0.5 * float(np.arcsin(np.sqrt(1.0 / (n + 1.0))))
    if y <= lowest:
        return 0.0
    if y >= 0.5 * np.pi - lowest:
        return 1.0
    s = float(np.sin(2.0 * y))
    inner = 1.0 - (s + (s - 1.0 / s) / n) ** 2
    return 0.5 * (1.0 - float(np.sign(np.cos(2.0 * y))) * float(np.sqrt(max(inner, 0.0))))


def _back_freeman_tukey_rate(y: float, t: float) -> float:
    if y <= 0.5 * float(np.sqrt(1.0 / t)):
        return 0.0
    # √(x/t) + √((x+1)/t) = 2y; their difference is 1/(2yt)
    return max((y - 0.25 / (y * t)) ** 2, 0.0)
