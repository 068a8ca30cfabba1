"""Mean and standard deviation from a median with quartiles, or with the extremes, or with both.

a, q1, m, q3, b are smallest value, first quartile, median, third quartile, largest; n people; Φ⁻¹ the normal quantile.

Mean. ``luo-2018`` (default): a weighted average of mid-range, mid-quartile and median, the weights by n:
    a, m, b            w (a + b)/2 + (1 − w) m,                 w = 4/(4 + n^0.75)
    q1, m, q3          w (q1 + q3)/2 + (1 − w) m,               w = 0.7 + 0.39/n
    all five           w₁ (a + b)/2 + w₂ (q1 + q3)/2 + (1 − w₁ − w₂) m,  w₁ = 2.2/(2.2 + n^0.75), w₂ = 0.7 − 0.72/n^0.55
``wan-2014``: (a + 2m + b)/4, (q1 + m + q3)/3, (a + 2q1 + 2m + 2q3 + b)/8.

Standard deviation, with ξ = 2Φ⁻¹((n − 0.375)/(n + 0.25)) and η = 2Φ⁻¹((0.75n − 0.125)/(n + 0.25)):
    a, m, b            (b − a)/ξ
    q1, m, q3          (q3 − q1)/η
    all five           ``shi-2020`` (default): w (b − a)/ξ + (1 − w)(q3 − q1)/η, w = 1/(1 + 0.07 n^0.6);
                       ``wan-2014``: the mean of the two

All assume normal data. The skewness check (Shi et al. 2023) is a test of that at 5 %:
    a, m, b            |a + b − 2m|/(b − a)    above 1/log(n + 9) + 2.5/(n + 1)
    q1, m, q3          |q1 + q3 − 2m|/(q3 − q1)  above 2.65/√n − 6/n²
    all five           the larger of 2.65 log(0.6 n)/√n times the first and the second, above 3/√n − 40/n³

References: Wan et al. 2014, 10.1186/1471-2288-14-135; Luo et al. 2018, 10.1177/0962280216669183; Shi et al. 2020,
10.1002/jrsm.1429; Shi et al. 2023, 10.1177/09622802231172043.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.checked import choice
from handful.stats.converting.converted import Numbers

FloatArray: TypeAlias = npt.NDArray[np.float64]

_SMALLEST = 5  # people: below, five numbers are nearly the data, and no formula here was made for it


@dataclass(frozen=True, eq=False)
class MeanSd:
    """An estimated mean and standard deviation, numbers or arrays of one shape, with the skewness check.

    ``skewed`` is true where the check finds that the data cannot have been normal: there the estimates mean little.
    ``skewness`` is its statistic, ``skewness_limit`` what it may reach.
    """

    mean: Any
    sd: Any
    skewed: Any
    skewness: Any
    skewness_limit: Any
    method: str
    notes: tuple[Note, ...] = ()


def mean_sd_from_quantiles(
    n: Any,
    *,
    median: Any,
    q1: Any = None,
    q3: Any = None,
    minimum: Any = None,
    maximum: Any = None,
    mean_method: str = "luo-2018",
    sd_method: str = "default",
) -> MeanSd:
    """Mean and standard deviation of a group of ``n`` from its median with quartiles, extremes, or both; arrays too.

    Give q1 and q3 together, minimum and maximum together. ``mean_method``: luo-2018, wan-2014; ``sd_method``: wan-2014,
    shi-2020 (only with all five numbers, and the default there). Formulas and references stand in the module.

    The result is noisier than a reported mean and standard deviation, and variances computed from it are too small
    (McGrath et al. 2023, 10.1177/09622802221139233).

    Skewed data are not refused: ``skewed`` marks them and a note names them, for a median was often reported *because*
    the data are skewed. Better then to ask the authors, to work on the logarithm, or to pool medians. Errors, every
    bad row named: numbers out of order, no spread, fewer than 5 people.

    >>> found = mean_sd_from_quantiles(50, median=10.0, q1=8.0, q3=13.0)
    >>> round(found.mean, 3), round(found.sd, 3), found.skewed
    (10.354, 3.817, False)
    """
    quartiles, extremes = q1 is not None, minimum is not None
    if quartiles != (q3 is not None) or extremes != (maximum is not None) or not (quartiles or extremes):
        raise InputError(
            "mean_sd_from_quantiles needs q1 and q3, or minimum and maximum, or all four",
            hint="quartiles and extremes come in pairs",
        )
    five = quartiles and extremes
    picked_mean = choice("mean_method", mean_method, ("luo-2018", "wan-2014"))
    picked_sd = choice("sd_method", sd_method, ("default", "wan-2014", "shi-2020"))
    if picked_sd == "shi-2020" and not five:
        raise InputError("sd_method='shi-2020' needs quartiles and extremes", hint="leave sd_method away, or wan-2014")
    if picked_sd == "default":
        picked_sd = "shi-2020" if five else "wan-2014"
    named: dict[str, tuple[Any, str]] = {"n": (n, "size")}
    order = {"minimum": minimum, "q1": q1, "median": median, "q3": q3, "maximum": maximum}
    named |= {name: (value, "finite") for name, value in order.items() if value is not None}
    given = Numbers(**named)
    given.problem("n", given["n"] < _SMALLEST, f"is too small: at least {_SMALLEST} people")
    present = [name for name in order if name in named]
    for lower, upper in pairwise(present):
        given.problem(lower, given[lower] > given[upper], f"is above {upper}")
    if quartiles:
        given.problem("q1", given["q1"] == given["q3"], "is q3 as well: no spread to take a standard deviation from")
    given.problem(present[0], given[present[0]] == given[present[-1]], f"is {present[-1]} as well: no spread")
    checked = given.finish("minimum <= q1 <= median <= q3 <= maximum, with spread, and whole n of at least 5")
    size, middle = given["n"], given["median"]
    outer = (given["minimum"], given["maximum"]) if extremes else None
    inner = (given["q1"], given["q3"]) if quartiles else None
    mean = _mean(size, middle, outer, inner, picked_mean)
    sd = _sd(size, outer, inner, picked_sd)
    statistic, limit = _skewness(size, middle, outer, inner)
    skewed = statistic > limit
    notes: tuple[Note, ...] = ()
    if skewed.any():
        where = "" if checked.scalar else f" ({checked.positions(skewed)})"
        text = f"the data are skewed{where}: a mean and standard deviation made from quantiles mean little there"
        notes = (Note("skewed", text),)
    flags: Any = bool(skewed[0]) if checked.scalar else skewed.reshape(checked.shape)
    method = f"mean {picked_mean}, standard deviation {picked_sd}"
    return MeanSd(
        checked.back(mean), checked.back(sd), flags, checked.back(statistic), checked.back(limit), method, notes
    )


_Pair: TypeAlias = tuple[FloatArray, FloatArray]


def _mean(n: FloatArray, m: FloatArray, outer: _Pair | None, inner: _Pair | None, method: str) -> FloatArray:
    wan = method == "wan-2014"
    if outer is not None and inner is not None:
        w1 = np.full_like(n, 0.25) if wan else 2.2 / (2.2 + n**0.75)
        w2 = np.full_like(n, 0.5) if wan else 0.7 - 0.72 / n**0.55
        return np.asarray(0.5 * w1 * (outer[0] + outer[1]) + 0.5 * w2 * (inner[0] + inner[1]) + (1 - w1 - w2) * m)
    if outer is not None:
        w = np.full_like(n, 0.5) if wan else 4.0 / (4.0 + n**0.75)
        return np.asarray(0.5 * w * (outer[0] + outer[1]) + (1 - w) * m)
    assert inner is not None
    w = np.full_like(n, 2 / 3) if wan else 0.7 + 0.39 / n
    return np.asarray(0.5 * w * (inner[0] + inner[1]) + (1 - w) * m)


def _sd(n: FloatArray, outer: _Pair | None, inner: _Pair | None, method: str) -> FloatArray:
    by_range = by_quartiles = np.zeros_like(n)
    if outer is not None:
        by_range = (outer[1] - outer[0]) / (2 * special.ndtri((n - 0.375) / (n + 0.25)))
    if inner is not None:
        by_quartiles = (inner[1] - inner[0]) / (2 * special.ndtri((0.75 * n - 0.125) / (n + 0.25)))
    if outer is None or inner is None:
        return np.asarray(by_range + by_quartiles)
    w = 1 / (1 + 0.07 * n**0.6) if method == "shi-2020" else np.full_like(n, 0.5)
    return np.asarray(w * by_range + (1 - w) * by_quartiles)


def _skewness(n: FloatArray, m: FloatArray, outer: _Pair | None, inner: _Pair | None) -> _Pair:
    first = second = np.zeros_like(n)
    if outer is not None:
        first = np.abs(outer[0] + outer[1] - 2 * m) / (outer[1] - outer[0])
    if inner is not None:
        second = np.abs(inner[0] + inner[1] - 2 * m) / (inner[1] - inner[0])
    if outer is not None and inner is not None:
        return np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * first, second), 3 / np.sqrt(n) - 40 / n**3
    if outer is not None:
        return first, 1 / np.log(n + 9) + 2.5 / (n + 1)
    return second, 2.65 / np.sqrt(n) - 6 / n**2
