"""Effects of two means (differences, standardised, ratios, spreads), with their sampling variances.

n, m, s are size, mean and standard deviation; f = n1 + n2 − 2; pooled s² = ((n1 − 1)s1² + (n2 − 1)s2²)/f; J(f) is the
factor of ``small_sample_factor``; d stands for the standardised difference before J and g after; CV = s/m.

=====  ==============================  ===================================================================
MD     m1 − m2                         LS: s1²/n1 + s2²/n2
                                       HO: s² (1/n1 + 1/n2), one standard deviation for both groups
SMD    J(f) (m1 − m2)/s                LS: 1/n1 + 1/n2 + g²/(2(n1 + n2))
                                       LS2: J² (1/n1 + 1/n2 + d²/(2(n1 + n2)))
                                       UB: 1/n1 + 1/n2 + (1 − (f − 2)/(f J²)) g², unbiased
                                       AV: LS with one g for all, their average weighted by n1 + n2
SMDH   J(f) (m1 − m2)/s,               LS: g² (s1⁴/(n1−1) + s2⁴/(n2−1))/(8 s⁴) + (s1²/(n1−1) + s2²/(n2−1))/s²
       s² = (s1² + s2²)/2              LS2: n in place of n − 1
SMD1   J(n2 − 1) (m1 − m2)/s2          1/n1 + 1/n2 + g²/(2 n2)
SMD1H  the same                        s1²/((n1 − 1) s2²) + 1/(n2 − 1) + g²/(2(n2 − 1))
ROM    log(m1/m2), means of one sign   LS: CV1²/n1 + CV2²/n2
                                       HO: the pooled s² in both
                                       AV: each group's CV averaged over the studies, weighted by n
                                       AVHO: one CV, averaged over studies and groups
CVR    log(CV1/CV2), means above 0     those of ROM (LS) and VR added
VR     log(s1/s2)                      1/(2(n1 − 1)) + 1/(2(n2 − 1))
RPB    d/√(d² + h), h = f/n1 + f/n2    ST: h²/(h + d²)³ times the LS variance of d, group sizes fixed
D2ORL  d π/√3                          π²/3 times the LS variance of d; a log odds ratio
D2ORN  1.65 d                          1.65² times the LS variance of d; a log odds ratio
=====  ==============================  ===================================================================

``correct`` takes bias out: J for the standardised (else d stands for g throughout); + ½(CV1²/n1 − CV2²/n2) for ROM;
+ 1/(2(n1−1)) − 1/(2(n2−1)) for VR; for CVR that of VR less that of ROM.

References: Hedges 1981, 10.3102/10769986006002107; Hedges, Olkin 1985; Bonett 2008, 10.1037/1082-989X.13.2.99 (SMDH),
2009, 10.1037/a0016619; Hedges, Gurevitch, Curtis 1999, and Lajeunesse 2015, 10.1890/14-2402.1 (ROM); Doncaster, Spake
2018, 10.1111/2041-210X.12927 (averages); Nakagawa et al. 2015, 10.1111/2041-210X.12309, Senior et al. 2020,
10.1002/jrsm.1423 (CVR, VR); Jacobs, Viechtbauer 2017, 10.1002/jrsm.1218 (RPB).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.effects.effect_two_by_two import COX, LOGISTIC_SD
from handful.stats.effects.small_sample_factor import small_sample_factor

FloatArray: TypeAlias = npt.NDArray[np.float64]
Effects: TypeAlias = tuple[FloatArray, FloatArray]

STANDARDISED = ("SMD", "SMDH", "SMD1", "SMD1H")


def mean_effects(
    n1: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    n2: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    measure: str,
    vtype: str,
    correct: bool,
) -> Effects:
    """y and v of ``measure``; not finite where the effect or its variance is not (no spread, a mean of 0 or below)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "MD":
            if vtype == "HO":
                return m1 - m2, _pooled(n1, s1, n2, s2) * (1 / n1 + 1 / n2)
            return m1 - m2, s1**2 / n1 + s2**2 / n2
        if measure == "SMD":
            return _pooled_smd(n1, m1, s1, n2, m2, s2, vtype, correct)
        if measure == "SMDH":
            return _separate_smd(n1, m1, s1, n2, m2, s2, vtype, correct)
        if measure in ("SMD1", "SMD1H"):
            return _second_smd(n1, m1, s1, n2, m2, s2, measure, correct)
        if measure in ("ROM", "CVR", "VR"):
            return _ratios(n1, m1, s1, n2, m2, s2, measure, vtype, correct)
        d = (m1 - m2) / np.sqrt(_pooled(n1, s1, n2, s2))
        v = smd_variance(d, n1, n2)
        if measure == "RPB":
            return point_biserial(d, n1, n2)
        factor = LOGISTIC_SD if measure == "D2ORL" else COX
        return factor * d, factor**2 * v


def smd_variance(d: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """The large-sample variance 1/n1 + 1/n2 + d²/(2(n1 + n2))."""
    return np.asarray(1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)), dtype=np.float64)


def point_biserial(d: FloatArray, n1: FloatArray, n2: FloatArray) -> Effects:
    """r = d/√(d² + h) and its variance (dr/dd)² times that of d, the group sizes fixed by design."""
    f = n1 + n2 - 2
    h = f / n1 + f / n2
    return d / np.sqrt(d**2 + h), h**2 / (h + d**2) ** 3 * smd_variance(d, n1, n2)


def log_ratio(m1: FloatArray, m2: FloatArray) -> FloatArray:
    """log(m1/m2) for two numbers of one sign (two negative means have a ratio too); NaN for others."""
    return np.asarray(np.where(np.sign(m1) * np.sign(m2) > 0, np.log(np.abs(m1 / m2)), np.nan), dtype=np.float64)


def _pooled(n1: FloatArray, s1: FloatArray, n2: FloatArray, s2: FloatArray) -> FloatArray:
    return np.asarray(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2), dtype=np.float64)


def _pooled_smd(
    n1: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    n2: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    f = n1 + n2 - 2
    factor = small_sample_factor(f)
    d = (m1 - m2) / np.sqrt(_pooled(n1, s1, n2, s2))
    g = factor * d if correct else d
    if vtype == "LS2":
        return g, factor**2 * smd_variance(d, n1, n2)
    if vtype == "UB":
        return g, 1 / n1 + 1 / n2 + (1 - (f - 2) / (f * factor**2)) * g**2
    if vtype == "AV":
        usable = np.isfinite(g)
        size = np.where(usable, n1 + n2, 0.0)
        return g, smd_variance((size * np.where(usable, g, 0.0)).sum() / size.sum(), n1, n2)
    return g, smd_variance(g, n1, n2)


def _separate_smd(
    n1: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    n2: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    vtype: str,
    correct: bool,
) -> Effects:
    factor = small_sample_factor(n1 + n2 - 2)
    s = 0.5 * (s1**2 + s2**2)
    d = (m1 - m2) / np.sqrt(s)
    g = factor * d if correct else d

    less = 0.0 if vtype == "LS2" else 1.0
    fourth = s1**4 / (n1 - less) + s2**4 / (n2 - less)
    return g, g**2 * fourth / (8 * s**2) + (s1**2 / (n1 - less) + s2**2 / (n2 - less)) / s


def _second_smd(
    n1: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    n2: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    measure: str,
    correct: bool,
) -> Effects:
    g = (m1 - m2) / s2 * (small_sample_factor(n2 - 1) if correct else 1.0)
    if measure == "SMD1":
        return g, 1 / n1 + 1 / n2 + g**2 / (2 * n2)
    return g, (s1 / s2) ** 2 / (n1 - 1) + 1 / (n2 - 1) + g**2 / (2 * (n2 - 1))


def _ratios(
    n1: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    n2: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    measure: str,
    vtype: str,
    correct: bool,
) -> Effects:
    spread, half = np.log(s1 / s2), 0.5 / (n1 - 1) - 0.5 / (n2 - 1)
    spread_v = 0.5 / (n1 - 1) + 0.5 / (n2 - 1)
    if measure == "VR":
        return spread + (half if correct else 0.0), spread_v
    means = log_ratio(m1, m2)
    one, two = (s1 / m1) ** 2 / n1, (s2 / m2) ** 2 / n2
    bias = 0.5 * (one - two)
    if measure == "CVR":
        positive = (m1 > 0) & (m2 > 0)
        y = spread - means + (half - bias if correct else 0.0)
        return np.where(positive, y, np.nan), one + two + spread_v
    y = means + (bias if correct else 0.0)
    if vtype == "HO":
        pooled = _pooled(n1, s1, n2, s2)
        return y, pooled / (n1 * m1**2) + pooled / (n2 * m2**2)
    if vtype in ("AV", "AVHO"):
        usable = np.isfinite(y)
        return y, _average_cv(usable, n1, s1 / m1, n2, s2 / m2, vtype)
    return y, one + two


def _average_cv(
    usable: npt.NDArray[np.bool_], n1: FloatArray, c1: FloatArray, n2: FloatArray, c2: FloatArray, vtype: str
) -> FloatArray:
    """The variance of ROM from the CV averaged over studies, weighted by size: by group, or over both groups."""
    sizes = [np.where(usable, n, 0.0) for n in (n1, n2)]
    sums = [(n * np.where(usable, c, 0.0)).sum() for n, c in zip(sizes, (c1, c2), strict=True)]
    if vtype == "AVHO":
        sums = [sum(sums)] * 2
        sizes = [sizes[0] + sizes[1]] * 2
    first, second = ((total / n.sum()) ** 2 for total, n in zip(sums, sizes, strict=True))
    return np.asarray(first / n1 + second / n2, dtype=np.float64)
