"""Tests on several 2×2 tables, or several pairs of rates: is there an association, and is it the same in all?

With m = a + c events among N = n1 + n2 people, E = n1 m/N and V = n1 n2 m (N − m)/(N²(N − 1)) given both margins:

Cochran–Mantel–Haenszel
    (|Σ(a − E)| − ½)² / ΣV against χ²₁; without the ½ when ``correct=False``. For rates E = m t1/T, V = m t1 t2/T².
Breslow–Day
    Σ (a − A)²/V_A against χ² with one degree of freedom less than studies: A the expected count at the common odds
    ratio with the margins kept (a root of a quadratic), 1/V_A = 1/A + 1/(n1 − A) + 1/(m − A) + 1/(n2 − m + A).
Tarone
    Breslow–Day less (Σ(a − A))²/ΣV_A, which makes it valid for the Mantel–Haenszel estimate.

References: Cochran 1954, 10.2307/3001616; Mantel & Haenszel 1959, 10.1093/jnci/22.4.719; Breslow & Day 1980, vol. 1;
Tarone 1985, 10.1093/biomet/72.1.91.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Test:
    """A statistic, its χ² degrees of freedom and its p-value."""

    statistic: float
    df: float
    p: float
    method: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"statistic": self.statistic, "df": self.df, "p": self.p, "method": self.method}


def _test(statistic: float, df: float, method: str) -> Test:
    return Test(statistic, df, chi2_above(statistic, df), method)


def association(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, *, correct: bool = True
) -> Test | NotEstimable:
    """Cochran, Mantel and Haenszel's test of no association in any study."""
    n1, n2, m1, m2 = a + b, c + d, a + c, b + d
    n = n1 + n2
    some = n > 1
    variance = float((n1 * n2 * m1 * m2 / np.where(some, n * n * (n - 1), 1.0))[some].sum())
    if variance == 0:
        return NotEstimable("no study has both events and non-events, so there is nothing to associate")
    return _association(float((a - n1 * m1 / n).sum()), variance, correct)


def rates_association(
    x1: FloatArray, t1: FloatArray, x2: FloatArray, t2: FloatArray, *, correct: bool = True
) -> Test | NotEstimable:
    """The same for events in person-time."""
    m, t = x1 + x2, t1 + t2
    variance = float((m * (t1 / t) * (t2 / t)).sum())
    if variance == 0:
        return NotEstimable("there is no event")
    return _association(float((x1 - m * t1 / t).sum()), variance, correct)


def _association(distance: float, variance: float, correct: bool) -> Test:
    # a distance below ½ is no evidence at all: the correction stops at 0
    reached = max(abs(distance) - 0.5, 0.0) if correct else abs(distance)
    words = "Cochran–Mantel–Haenszel" + (" with continuity correction" if correct else "")
    return _test(reached * reached / variance, 1.0, words)


def same_odds_ratio(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, log_odds_ratio: float
) -> tuple[Test | NotEstimable, Test | NotEstimable]:
    """Breslow and Day's test and Tarone's, of one common odds ratio; studies without events or non-events say
    nothing."""
    n1, n2, m = a + b, c + d, a + c
    some = (m > 0) & (b + d > 0)
    if int(some.sum()) < 2:
        no = NotEstimable("fewer than two studies have both events and non-events")
        return no, no
    a, n1, n2, m = a[some], n1[some], n2[some], m[some]
    expected = expected_events(n1, n2, m, log_odds_ratio)
    variance = 1.0 / (1 / expected + 1 / (n1 - expected) + 1 / (m - expected) + 1 / (n2 - m + expected))
    distance = a - expected
    plain = float((distance**2 / variance).sum())
    df = float(len(a) - 1)
    tarone = max(plain - float(distance.sum()) ** 2 / float(variance.sum()), 0.0)
    return _test(plain, df, "Breslow–Day"), _test(tarone, df, "Breslow–Day with Tarone's correction")


def expected_events(n1: FloatArray, n2: FloatArray, m: FloatArray, log_odds_ratio: float) -> FloatArray:
    """A with A(n2 − m + A) = ψ (n1 − A)(m − A) and max(0, m − n2) ≤ A ≤ min(n1, m)."""
    psi = float(np.exp(abs(log_odds_ratio)))
    if log_odds_ratio < 0:  # with the groups exchanged the odds ratio is above 1 and the root below never cancels
        n1, n2 = n2, n1
    # (ψ − 1)A² − BA + ψ n1 m = 0 with B = ψ(n1 + m) + n2 − m > 0: the smaller root, written without cancellation
    second = psi * (n1 + m) + n2 - m
    root = 2 * psi * n1 * m / (second + np.sqrt(np.maximum(second**2 - 4 * (psi - 1) * psi * n1 * m, 0.0)))
    return np.asarray(m - root if log_odds_ratio < 0 else root)


def same_rate_ratio(
    x1: FloatArray, t1: FloatArray, x2: FloatArray, t2: FloatArray, log_rate_ratio: float
) -> Test | NotEstimable:
    """Tarone's test of one common rate ratio."""
    m = x1 + x2
    some = m > 0
    if int(some.sum()) < 2:
        return NotEstimable("fewer than two studies have an event")
    m, x1, t1, t2 = m[some], x1[some], t1[some], t2[some]
    share = t1 * np.exp(log_rate_ratio) / (t1 * np.exp(log_rate_ratio) + t2)
    variance = m * share * (1 - share)
    distance = x1 - m * share
    statistic = float((distance**2 / variance).sum()) - float(distance.sum()) ** 2 / float(variance.sum())
    return _test(max(statistic, 0.0), float(len(m) - 1), "Tarone")
