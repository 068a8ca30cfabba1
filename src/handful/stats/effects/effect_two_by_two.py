"""Effects of a 2×2 table, with their sampling variances.

a, b | c, d are events and non-events of the first and the second group; n1 = a + b, n2 = c + d, N = n1 + n2; p1, p2 the
proportions. Everything may be an array; cells may have had something added to them and so need not be whole.

======  ==============================================  ==========================================================
RR      log(p1/p2)                                      b/(a n1) + d/(c n2)
OR      log(ad/bc)                                      S = 1/a + 1/b + 1/c + 1/d
RD      p1 − p2                                         p1(1 − p1)/n1 + p2(1 − p2)/n2
AS      asin √p1 − asin √p2                             1/(4 n1) + 1/(4 n2)
PETO    (a − E)/V, E = n1 (a + c)/N                     1/V, V = n1 n2 (a + c)(b + d)/(N²(N − 1))
PHI     φ = (ad − bc)/√(n1 n2 (a + c)(b + d))           large-sample variance of φ, N people fixed
ZPHI    atanh φ                                         that, over (1 − φ²)²
YUQ     Q = (ad − bc)/(ad + bc)                         ¼ (1 − Q²)² S
YUY     Y = (√ad − √bc)/(√ad + √bc)                     (1 − Y²)² S/16
RTET    tetrachoric correlation                         its large-sample variance (``tetrachoric.py``)
PBIT    Φ⁻¹(p1) − Φ⁻¹(p2)                               Σ 2π p(1 − p) exp(z²)/n
OR2DL   log(ad/bc) √3/π                                 3 S/π²
OR2DN   log(ad/bc)/1.65                                 S/1.65²
======  ==============================================  ==========================================================

RR, RD with ``vtype="AV"``: every study's variance from the same two proportions, those of all studies together (less
noisy where counts are small). RD with ``"UB"``: n − 1 in place of n. Infinite or NaN where an effect does not exist;
``effect_sizes`` leaves such studies out and says so.

References: Woolf 1955, 10.1111/j.1469-1809.1955.tb01348.x; Katz et al. 1978, 10.2307/2530610; Yusuf et al. 1985,
10.1016/S0033-0620(85)80003-7; Rücker et al. 2009 (AS), 10.1002/sim.3511; Yule 1912, 10.2307/2340126; Bishop, Fienberg,
Holland 1975 (φ); Sánchez-Meca et al. 2003, 10.1037/1082-989X.8.4.448; Hasselblad, Hedges 1995,
10.1037/0033-2909.117.1.167; Cox, Snell 1989 (1.65).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Effects: TypeAlias = tuple[FloatArray, FloatArray]
Cells: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

LOGISTIC_SD = np.pi / np.sqrt(3.0)  # standard deviation of the logistic distribution: log odds ratio per SMD
COX = 1.65  # Cox's round figure for the same


def two_by_two_effects(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, measure: str, vtype: str) -> Effects:
    """y and v of ``measure`` for cells of one shape; not finite where the effect or its variance is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure in ("RR", "RD"):
            return _SHARED[measure](a, b, c, d, vtype)
        return _PLAIN[measure](a, b, c, d)


def empty_cell(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Mask:
    """Where any of the four cells is 0."""
    return np.asarray((a == 0) | (b == 0) | (c == 0) | (d == 0))


def same_in_both(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Mask:
    """Where neither group has an event, or neither a non-event."""
    return np.asarray(((a == 0) & (c == 0)) | ((b == 0) & (d == 0)))


def _proportions(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Cells:
    n1, n2 = a + b, c + d
    return a / n1, n1, c / n2, n2


def _together(a: FloatArray, b: FloatArray) -> FloatArray:
    """The proportion of all studies taken as one."""
    nobody = (a + b) == 0
    return np.asarray(np.where(nobody, 0.0, a).sum() / np.where(nobody, 0.0, a + b).sum())


def _risk_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, vtype: str) -> Effects:
    p1, n1, p2, n2 = _proportions(a, b, c, d)
    if vtype == "AV":
        q1, q2 = _together(a, b), _together(c, d)
        return np.log(p1 / p2), (1 - q1) / (q1 * n1) + (1 - q2) / (q2 * n2)
    return np.log(p1 / p2), b / (a * n1) + d / (c * n2)


def _risk_difference(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, vtype: str) -> Effects:
    p1, n1, p2, n2 = _proportions(a, b, c, d)
    if vtype == "AV":
        q1, q2 = _together(a, b), _together(c, d)
        return p1 - p2, q1 * (1 - q1) / n1 + q2 * (1 - q2) / n2
    less = 1.0 if vtype == "UB" else 0.0
    return p1 - p2, p1 * (b / n1) / (n1 - less) + p2 * (d / n2) / (n2 - less)


def _log_odds_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    return np.log((a * d) / (b * c)), _reciprocals(a, b, c, d)


def _reciprocals(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    return 1 / a + 1 / b + 1 / c + 1 / d


def _arcsine(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    p1, n1, p2, n2 = _proportions(a, b, c, d)
    return np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2)), 0.25 / n1 + 0.25 / n2


def _peto(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    n1, n2, m = a + b, c + d, a + c
    n = n1 + n2
    variance = (n1 / n) * (n2 / n) * m * (b + d) / (n - 1)
    return (a * d - b * c) / n / variance, 1 / variance  # a − E = (ad − bc)/N


def _phi(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    n1, n2, m1, m2 = a + b, c + d, a + c, b + d
    n = n1 + n2
    phi = (a * d - b * c) / (np.sqrt(n1 * n2) * np.sqrt(m1 * m2))
    rows, columns = (n1 - n2) / n, (m1 - m2) / n
    row_spread, column_spread = n1 * n2 / n**2, m1 * m2 / n**2
    square = phi**2
    variance = (
        1
        - square
        + phi * (1 + 0.5 * square) * rows * columns / np.sqrt(row_spread * column_spread)
        - 0.75 * square * (rows**2 / row_spread + columns**2 / column_spread)
    ) / n
    return phi, np.maximum(variance, 0.0)  # a sum of squares in another form: below 0 by rounding only, at φ = ±1


def _phi_z(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    phi, variance = _phi(a, b, c, d)
    return np.arctanh(phi), variance / (1 - phi**2) ** 2


def _yule_q(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    q = (a * d - b * c) / (a * d + b * c)
    return q, 0.25 * (1 - q**2) ** 2 * _reciprocals(a, b, c, d)


def _yule_y(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    one, other = np.sqrt(a * d), np.sqrt(b * c)
    y = (one - other) / (one + other)
    return y, (1 - y**2) ** 2 * _reciprocals(a, b, c, d) / 16


def _tetrachoric(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    from handful.stats.effects.tetrachoric import tetrachoric

    return tetrachoric(a, b, c, d)


def _probit(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    from scipy.special import ndtri

    p1, n1, p2, n2 = _proportions(a, b, c, d)
    z1, z2 = ndtri(p1), ndtri(p2)
    return z1 - z2, 2 * np.pi * (p1 * (b / n1) * np.exp(z1**2) / n1 + p2 * (d / n2) * np.exp(z2**2) / n2)


def _logistic_smd(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    y, v = _log_odds_ratio(a, b, c, d)
    return y / LOGISTIC_SD, v / LOGISTIC_SD**2


def _cox_smd(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Effects:
    y, v = _log_odds_ratio(a, b, c, d)
    return y / COX, v / COX**2


_SHARED: dict[str, Callable[[FloatArray, FloatArray, FloatArray, FloatArray, str], Effects]] = {
    "RR": _risk_ratio,
    "RD": _risk_difference,
}
_PLAIN: dict[str, Callable[[FloatArray, FloatArray, FloatArray, FloatArray], Effects]] = {
    "OR": _log_odds_ratio,
    "AS": _arcsine,
    "PETO": _peto,
    "PHI": _phi,
    "ZPHI": _phi_z,
    "YUQ": _yule_q,
    "YUY": _yule_y,
    "RTET": _tetrachoric,
    "PBIT": _probit,
    "OR2DL": _logistic_smd,
    "OR2DN": _cox_smd,
}
