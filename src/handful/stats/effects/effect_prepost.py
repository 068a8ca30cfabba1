"""Effects of one group measured twice (or of matched pairs), with their sampling variances.

n pairs, means m1 and m2, standard deviations s1 and s2, correlation r between the two measurements;
s_D² = s1² + s2² − 2 r s1 s2 is the variance of the differences.

======  ============================================  =================================================================
MC      m1 − m2                                       s_D²/n
SMCC    g = J(n − 1)(m1 − m2)/s_D                     1/n + g²/(2n)
SMCR    g = J(n − 1)(m1 − m2)/s1                      2(1 − r)/n + g²/(2n)
SMCRH   the same                                      s_D²/(s1² (n − 1)) + g²/(2(n − 1))
SMCRP   g = J(f)(m1 − m2)/√((s1² + s2²)/2)            2(1 − r)/n + g²(1 + r²)/(4n); f = 2(n − 1)/(1 + r²)
SMCRPH  the same, s² the mean of the two              s_D²/(s² (n − 1)) + g²(s1⁴ + s2⁴ + 2 r² s1² s2²)/(8 s⁴ (n − 1))
ROMC    log(m1/m2)                                    s1²/(n m1²) + s2²/(n m2²) − 2 r s1 s2/(n m1 m2)
CVRC    log(CV1/CV2)                                  that of ROMC + (1 − r²)/(n − 1)
VRC     log(s1/s2)                                    (1 − r²)/(n − 1)
======  ============================================  =================================================================

SMCR and SMCRH divide by the standard deviation of the *first* measurement; with ``standardiser="sd2"`` by that of the
second. H: the two variances need not be equal. ``correct`` takes bias out: J for the standardised, + ½(CV1² − CV2²)/n
for ROMC and the opposite for CVRC.

References: Becker 1988, 10.1111/j.2044-8317.1988.tb00901.x; Gibbons, Hedeker, Davis 1993 (SMCC),
10.3102/10769986018003271; Morris, DeShon 2002, 10.1037/1082-989X.7.1.105; Morris 2008, 10.1177/1094428106291059; Bonett
2008, 10.1037/1082-989X.13.2.99; Cousineau 2020, 10.20982/tqmp.16.4.p418 (f); Lajeunesse 2011, 10.1890/11-0423.1 (ROMC);
Nakagawa et al. 2015, 10.1111/2041-210X.12309 (CVRC, VRC).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.effects.effect_means import log_ratio
from handful.stats.effects.small_sample_factor import small_sample_factor

FloatArray: TypeAlias = npt.NDArray[np.float64]
Effects: TypeAlias = tuple[FloatArray, FloatArray]


def pre_post_effects(
    n: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    r: FloatArray,
    measure: str,
    correct: bool,
    standardiser: str = "sd1",
) -> Effects:
    """y and v of ``measure``; not finite where the effect or its variance is not (no spread, a mean of 0 or below)."""
    # (s1 − s2)² + 2(1 − r) s1 s2 does not lose its digits when r is near 1
    differences = (s1 - s2) ** 2 + 2 * (1 - r) * s1 * s2
    with np.errstate(divide="ignore", invalid="ignore"):
        change = m1 - m2
        if measure == "MC":
            return change, differences / n
        if measure in ("VRC", "ROMC", "CVRC"):
            return _ratios(n, m1, s1, m2, s2, r, measure, correct)
        if measure == "SMCC":
            g = change / np.sqrt(differences) * (small_sample_factor(n - 1) if correct else 1.0)
            return g, 1 / n + g**2 / (2 * n)
        if measure in ("SMCR", "SMCRH"):
            unit = s1 if standardiser == "sd1" else s2
            g = change / unit * (small_sample_factor(n - 1) if correct else 1.0)
            if measure == "SMCR":
                return g, 2 * (1 - r) / n + g**2 / (2 * n)
            return g, differences / unit**2 / (n - 1) + g**2 / (2 * (n - 1))
        s = 0.5 * (s1**2 + s2**2)
        g = change / np.sqrt(s) * (small_sample_factor(2 * (n - 1) / (1 + r**2)) if correct else 1.0)
        if measure == "SMCRP":
            return g, 2 * (1 - r) / n + g**2 * (1 + r**2) / (4 * n)
        fourth = s1**4 + s2**4 + 2 * r**2 * s1**2 * s2**2
        return g, differences / s / (n - 1) + g**2 * fourth / (8 * s**2 * (n - 1))


def _ratios(
    n: FloatArray,
    m1: FloatArray,
    s1: FloatArray,
    m2: FloatArray,
    s2: FloatArray,
    r: FloatArray,
    measure: str,
    correct: bool,
) -> Effects:
    spread, spread_v = np.log(s1 / s2), np.where(n > 1, (1 - r) * (1 + r) / (n - 1), np.nan)
    if measure == "VRC":
        return spread, spread_v
    c1, c2 = s1 / m1, s2 / m2
    means = log_ratio(m1, m2)
    bias = 0.5 * (c1**2 - c2**2) / n if correct else np.zeros_like(means)
    variance = ((c1 - c2) ** 2 + 2 * (1 - r) * c1 * c2) / n
    if measure == "ROMC":
        return means + bias, variance
    positive = (m1 > 0) & (m2 > 0)
    return np.where(positive, spread - means - bias, np.nan), variance + spread_v
