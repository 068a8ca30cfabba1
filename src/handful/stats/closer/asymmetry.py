"""Tests of funnel asymmetry: do small studies find other effects than large ones?

Regression tests put a line through effects against a measure of their precision, rank tests correlate the two. None
says why: small studies may be other studies, not selected ones.

=====================  ======================================================================================
egger                  y on √v, weights 1/v, error variance estimated (Egger et al. 1997, 10.1136/bmj.315.7109.629)
thompson-sharp         y on √v, weights 1/(v + τ²), τ² by moments (Thompson & Sharp 1999,
                       10.1002/(SICI)1097-0258(19991030)18:20<2693::AID-SIM235>3.0.CO;2-V)
begg                   Kendall's rank correlation of (y − μ̂)/√(v − 1/Σw) with v (Begg & Mazumdar 1994, 10.2307/2533446)
harbord                Z/V on 1/√V, weights V, the efficient score and its variance (Harbord et al. 2006,
                       10.1002/sim.2380)
peters                 log odds ratio on 1/n, weights 1/(1/events + 1/others) (Peters et al. 2006,
                       10.1001/jama.295.6.676)
macaskill              y on n, weights 1/v (Macaskill et al. 2001, 10.1002/sim.698)
deeks                  y on 1/√ESS, weights ESS = 4 n₁n₂/n (Deeks et al. 2005, 10.1016/j.jclinepi.2005.01.016)
schwarzer              rank correlation of standardised cell counts with their precision, hypergeometric at the
                       Mantel–Haenszel odds ratio (Schwarzer et al. 2007, 10.1002/sim.2588)
=====================  ======================================================================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.notes import Note
from handful.stats.distributions.normal import normal_above
from handful.stats.estimates.between_study import estimate_tau2, weighted
from handful.stats.estimates.meta_regression import below, quantile, ratio
from handful.stats.fit_text import number, plain
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

#: what a regression test may have on its horizontal axis
PREDICTORS = ("se", "variance", "n", "1/n", "sqrt(n)", "1/sqrt(n)")


@dataclass(frozen=True)
class Asymmetry:
    """One test: ``statistic`` (t with ``df``, or normal where that is infinite) and its two-sided ``p``.

    ``slope, se`` are those of the regression; for a rank test Kendall's score (concordant less discordant pairs) and
    its standard deviation, with ``tau`` the correlation. ``limit``: where the line ends for an infinitely large study.
    """

    test: str
    statistic: float
    df: float
    p: float
    slope: float
    se: float
    k: int
    limit: Interval | NotEstimable
    tau2: float | NotEstimable
    tau: float | NotEstimable
    predictor: str
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "notes"} | {
            "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        }

    def __str__(self) -> str:
        name = "z" if math.isinf(self.df) else f"t({self.df:g})"
        what = f"{name} = {number(self.statistic)}"
        if not isinstance(self.tau, NotEstimable):
            what = f"Kendall's tau = {number(self.tau)}"
        out = f"{self.test}: {what}, p = {number(self.p)}, {self.k} studies"
        if isinstance(self.limit, Interval):
            out += f"\nat infinite size: {number(self.limit.estimate)}"
            out += f" ({number(self.limit.low)} to {number(self.limit.high)}), {100 * self.limit.level:g} %"
        return "\n".join([out, *(f"note: {note}" for note in self.notes)])


def line_test(
    name: str,
    y: FloatArray,
    x: FloatArray,
    weights: FloatArray,
    *,
    predictor: str,
    level: float,
    limit: bool,
) -> Asymmetry | NotEstimable:
    """y on x with these weights; the error variance is estimated, so t with k − 2 degrees of freedom."""
    k = len(y)
    why = _impossible(k, x, predictor)
    if why:
        return NotEstimable(why)
    variances = 1.0 / weights
    fit = weighted(y, variances, np.column_stack([np.ones(k), x]), 0.0)
    scale = fit.q / (k - 2)
    error = np.sqrt(np.diag(fit.covariance) * scale)
    return _found(name, fit.beta, error, float(k - 2), k, predictor, level, limit, NotEstimable("no τ² in this test"))


def mixed_test(
    name: str, y: FloatArray, v: FloatArray, x: FloatArray, method: str, df: float | None, *,
    predictor: str, level: float, limit: bool,
) -> Asymmetry | NotEstimable:  # fmt: skip
    """y on x with weights 1/(v + τ²), τ² by ``method`` ("" for none); normal, or t where ``df`` says so."""
    k = len(y)
    why = _impossible(k, x, predictor)
    if why:
        return NotEstimable(why)
    scaled = x / float(np.abs(x).max())  # sizes in tens of thousands would cost the digits of the intercept
    design = np.column_stack([np.ones(k), scaled])
    tau2 = estimate_tau2(y, v, method, design) if method else 0.0
    fit = weighted(y, v, design, tau2)
    units = np.array([1.0, float(np.abs(x).max())])
    error = np.sqrt(np.diag(fit.covariance)) / units
    return _found(name, fit.beta / units, error, math.inf if df is None else df, k, predictor, level, limit, tau2)


def rank_test(name: str, first: FloatArray, second: FloatArray, *, exact: bool) -> Asymmetry | NotEstimable:
    """Kendall's correlation of two columns. ``exact``: all orders are counted where there are no ties and k < 50."""
    k = len(first)
    if k < 3:
        return NotEstimable(_too_few(k))
    score, tau, deviation, ties = kendall(first, second)
    if deviation == 0:
        return NotEstimable("all studies are equally large, so there is nothing to rank them by")
    statistic = score / deviation
    counted = exact and not ties and k < 50
    p = exact_p(score, k) if counted else 2.0 * normal_above(abs(statistic))
    none = NotEstimable("a rank test has no line")
    notes = () if not exact or counted else (Note("ties", "equal values or many studies: the p value is approximate"),)
    return Asymmetry(name, statistic, math.inf, p, score, deviation, k, none, none, tau, "rank", notes)


def _too_few(k: int) -> str:
    return f"{k} {'study' if k == 1 else 'studies'} cannot be ranked against anything; three are needed"


def _impossible(k: int, x: FloatArray, predictor: str) -> str:
    if k < 3:
        return f"a line needs three studies to be tested, and there {'is one' if k == 1 else f'are {k}'}"
    if float(np.ptp(x)) <= 1e-12 * float(np.abs(x).max()):
        return f"{predictor} is the same in every study, so there are no small and large ones to compare"
    return ""


def _found(
    name: str, beta: FloatArray, error: FloatArray, df: float, k: int, predictor: str, level: float, limit: bool,
    tau2: float | NotEstimable,
) -> Asymmetry:  # fmt: skip
    statistic = ratio(float(beta[1]), float(error[1]))
    end: Interval | NotEstimable = NotEstimable("this line does not end at an infinitely large study")
    if limit:
        half = quantile(df, 0.5 + level / 2) * float(error[0])
        middle = float(beta[0])
        end = Interval(middle, middle - half, middle + half, level, name)
    p = 2.0 * below(-abs(statistic), df)
    none = NotEstimable("a line, no rank correlation")
    return Asymmetry(name, statistic, df, p, float(beta[1]), float(error[1]), k, end, tau2, none, predictor)


def kendall(first: FloatArray, second: FloatArray) -> tuple[float, float, float, bool]:
    """Concordant less discordant pairs; τ_b; the standard deviation of the former under independence; any ties."""
    k = len(first)
    a, b = np.sign(first[:, None] - first[None, :]), np.sign(second[:, None] - second[None, :])
    score = 0.5 * float((a * b).sum())
    pairs = k * (k - 1)
    tied = [np.unique(column, return_counts=True)[1].astype(np.float64) for column in (first, second)]
    two, three, full = ([float(f(t).sum()) for t in tied] for f in (_two, _three, _full))
    variance = (pairs * (2 * k + 5) - full[0] - full[1]) / 18.0 + two[0] * two[1] / (2.0 * pairs)
    if k > 2:
        variance += three[0] * three[1] / (9.0 * pairs * (k - 2))
    whole = math.sqrt((pairs - two[0]) * (pairs - two[1]))
    return score, 2.0 * score / whole if whole > 0 else 0.0, math.sqrt(max(variance, 0.0)), two != [0.0, 0.0]


def _two(t: FloatArray) -> FloatArray:
    return np.asarray(t * (t - 1), dtype=np.float64)


def _three(t: FloatArray) -> FloatArray:
    return np.asarray(t * (t - 1) * (t - 2), dtype=np.float64)


def _full(t: FloatArray) -> FloatArray:
    return np.asarray(t * (t - 1) * (2 * t + 5), dtype=np.float64)


def exact_p(score: float, k: int) -> float:
    """Two-sided: the share of all k! orders whose score is at least as far from 0; by counting inversions."""
    ways = np.ones(1)
    for size in range(2, k + 1):
        ways = np.convolve(ways, np.full(size, 1.0 / size))
    most = k * (k - 1) // 2
    scores = most - 2 * np.arange(most + 1)
    upper = float(ways[scores >= abs(score) - 1e-9].sum())
    return min(1.0, 2.0 * upper)


def begg(y: FloatArray, v: FloatArray, *, exact: bool = True) -> Asymmetry | NotEstimable:
    """Standardised effects against variances, in ranks."""
    if len(y) < 3:
        return NotEstimable(_too_few(len(y)))
    w = 1.0 / v
    rest = y - float(w @ y) / float(w.sum())
    spread = v - 1.0 / float(w.sum())
    return rank_test("begg", rest / np.sqrt(spread), v, exact=exact)


def harbord(
    events1: FloatArray, totals1: FloatArray, events2: FloatArray, totals2: FloatArray, level: float
) -> Asymmetry | NotEstimable:
    """Efficient scores of the log odds ratio; needs an event and a non-event in each study."""
    n, m = totals1 + totals2, events1 + events2
    z = events1 - m * totals1 / n
    v = totals1 * totals2 * m * (n - m) / (n * n * (n - 1.0))
    return line_test("harbord", z / v, 1.0 / np.sqrt(v), v, predictor="1/sqrt(V)", level=level, limit=False)


def peters(y: FloatArray, events: FloatArray, totals: FloatArray, level: float) -> Asymmetry | NotEstimable:
    """y on 1/n, weighted by events and others of both groups together."""
    weights = 1.0 / (1.0 / events + 1.0 / (totals - events))
    return line_test("peters", y, 1.0 / totals, weights, predictor="1/n", level=level, limit=True)


def schwarzer(
    events1: FloatArray, totals1: FloatArray, events2: FloatArray, totals2: FloatArray, odds_ratio: float
) -> Asymmetry | NotEstimable:
    """First cells against their expectation given the margins and one odds ratio, ranked against 1/variance."""
    from scipy.special import gammaln

    standard, precision = np.empty(len(events1)), np.empty(len(events1))
    for i, (a, n1, c, n2) in enumerate(zip(events1, totals1, events2, totals2, strict=True)):
        m = a + c
        u = np.arange(max(0.0, m - n2), min(n1, m) + 1.0)
        log = -gammaln(u + 1) - gammaln(n1 - u + 1) - gammaln(m - u + 1) - gammaln(n2 - m + u + 1)
        log += u * math.log(odds_ratio)
        chance = np.exp(log - log.max())
        chance /= chance.sum()
        mean = float(chance @ u)
        variance = float(chance @ (u - mean) ** 2)
        standard[i], precision[i] = (a - mean) / math.sqrt(variance), 1.0 / variance
    # equal tables are ties: not to be told apart by rounding
    return rank_test("schwarzer", _rounded(standard), _rounded(precision), exact=False)


def _rounded(values: FloatArray) -> FloatArray:
    return np.array([float(f"{value:.9e}") for value in values.tolist()])
