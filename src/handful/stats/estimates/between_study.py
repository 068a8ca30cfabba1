"""The between-study variance τ² of estimates y with sampling variances v: eight estimators and the Q-profile interval.

y_i ~ N(x_i'β, v_i + τ²), i = 1..k; X has p columns (one column of ones where nothing is said). With w_i = 1/(v_i +
τ²), residuals r at the weighted least squares β, P = W − WX(X'WX)⁻¹X'W:

====  =====================================================================================================
DL    (Q − (k − p)) / tr P at τ² = 0 (DerSimonian & Laird 1986, 10.1016/0197-2456(86)90046-2)
HE    (Σ r² − Σ v (1 − h)) / (k − p), unweighted (Hedges & Olkin 1985)
HS    (Q − k) / Σ w at τ² = 0 (Hunter & Schmidt)
SJ    τ₀² Q(τ₀²) / (k − p) with τ₀² = Σ (y − ȳ)² / k (Sidik & Jonkman 2005, 10.1111/j.1467-9876.2005.00489.x)
ML    Σ w² r² = Σ w, where the likelihood is highest
REML  y'PPy = tr P, where the restricted likelihood is highest (Viechtbauer 2005, 10.3102/10769986030003261)
PM    Q(τ²) = k − p (Paule & Mandel 1982); EB is the same equation (Morris 1983)
====  =====================================================================================================

All are cut at 0 (Veroniki et al. 2016, 10.1002/jrsm.1164 compare them). ML and REML can have several tops; the
highest is taken, and certified to be it (``tops.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.stats.distributions.chi_squared import chi2_quantile
from handful.stats.estimates import one_small_fit as small
from handful.stats.estimates import tops
from handful.stats.estimates.ragged_kernels import log_likelihoods, one_problem
from handful.stats.estimates.weighted_mean import CommonMean, WeightedMean, common_mean, trace_of_mean

FloatArray: TypeAlias = npt.NDArray[np.float64]

ESTIMATORS = ("REML", "PM", "DL", "ML", "EB", "HE", "HS", "SJ")


@dataclass(frozen=True, slots=True)
class Weighted:
    """Weighted least squares at one τ²."""

    beta: FloatArray
    covariance: FloatArray
    q: float
    weights: FloatArray
    trace_p: float
    trace_pp: float
    squared: float
    log_det: float


def weighted(y: FloatArray, v: FloatArray, design: FloatArray, tau2: float) -> Weighted:
    """β = (X'WX)⁻¹X'Wy and what the estimators need: Q = Σ w r², y'PPy = Σ w² r², tr P, tr PP, log det X'WX."""
    if design.shape[1] > 1:  # columns far from each other's scale (1 and a year) would cost digits
        basis, triangle = np.linalg.qr(design)
        inside = _weighted(y, v, basis, tau2)
        back = np.linalg.inv(triangle)
        log_det = inside.log_det + 2.0 * float(np.log(np.abs(np.diag(triangle))).sum())
        return replace(inside, beta=back @ inside.beta, covariance=back @ inside.covariance @ back.T, log_det=log_det)
    return _weighted(y, v, design, tau2)


def _weighted(y: FloatArray, v: FloatArray, design: FloatArray, tau2: float) -> Weighted:
    w = 1.0 / (v + tau2)
    weighted_design = design * w[:, None]
    a = weighted_design.T @ design
    covariance = np.asarray(np.linalg.inv(a), dtype=np.float64)
    # centred first: one dominating study would otherwise cost the digits of the others
    first = covariance @ (weighted_design.T @ y)
    first = first + covariance @ (weighted_design.T @ (y - design @ first))
    r = y - design @ first
    b = covariance @ (weighted_design.T @ weighted_design)
    c = covariance @ ((weighted_design * w[:, None]).T @ weighted_design)
    return Weighted(
        beta=first,
        covariance=covariance,
        q=float((w * r * r).sum()),
        weights=w,
        trace_p=float(w.sum() - np.trace(b)),
        trace_pp=float((w * w).sum() - 2.0 * np.trace(c) + np.trace(b @ b)),
        squared=float((w * w * r * r).sum()),
        log_det=float(np.linalg.slogdet(a)[1]),
    )


def log_likelihood(y: FloatArray, v: FloatArray, design: FloatArray, tau2: float, *, restricted: bool) -> float:
    """Normal log-likelihood with β at its best; restricted: the one of the residual contrasts, with ½ log det X'X."""
    k, p = design.shape
    fit = weighted(y, v, design, tau2)
    value: float = 0.5 * float(np.log(fit.weights).sum()) - 0.5 * fit.q
    if not restricted:
        return float(value - 0.5 * k * np.log(2 * np.pi))
    of_design = float(np.linalg.slogdet(design.T @ design)[1])
    return float(value - 0.5 * (k - p) * np.log(2 * np.pi) - 0.5 * fit.log_det + 0.5 * of_design)


def estimate_tau2(y: FloatArray, v: FloatArray, method: str = "REML", design: FloatArray | None = None) -> float:
    """τ² by the named method, never below 0; 0 where k = p (nothing is left to estimate it from).

    >>> round(estimate_tau2(np.array([0.1, 0.9, 0.4]), np.array([0.04, 0.05, 0.03]), "DL"), 6)
    0.10125
    """
    if method not in ESTIMATORS:
        raise UnknownChoice("tau2", method, ESTIMATORS)
    if design is None:
        return between_study(y, v, method)
    x = design
    k, p = int(x.shape[0]), int(x.shape[1])
    if k <= p:
        return 0.0
    if method == "HE":
        projection = x @ np.linalg.solve(x.T @ x, x.T)
        r = y - projection @ y
        expected = float((v * (1.0 - np.diag(projection))).sum())
        return max((float((r * r).sum()) - expected) / float(k - p), 0.0)
    if method == "SJ":
        start = float(((y - y.mean()) ** 2).sum()) / k
        return 0.0 if start == 0.0 else float(start * weighted(y, v, x, start).q / (k - p))
    if method in ("DL", "HS"):
        at_zero = weighted(y, v, x, 0.0)
        value = (at_zero.q - (k - p)) / at_zero.trace_p if method == "DL" else (at_zero.q - k) / at_zero.weights.sum()
        return max(float(value), 0.0)
    if method in ("PM", "EB"):
        return solve_q(y, v, x, float(k - p))
    return float(tops.highest(one_problem(y, v, x), method == "REML").tau2[0])


def between_study(y: FloatArray, v: FloatArray, method: str, common: CommonMean | None = None) -> float:
    """``estimate_tau2`` for one mean, known to be one of ``ESTIMATORS``: closed forms, and lists where k is small.

    ``common``: the sums at τ² = 0, by whoever has them already.
    """
    k = len(y)
    if k < 2:
        return 0.0
    if method in ("REML", "ML", "PM", "EB"):
        common = common_mean(y, v) if common is None else common
        rest, variances = common.rest, common.variances
        if method in ("PM", "EB"):
            return _solve_q(common, None, [float(k - 1)])[0]
        found = None
        if isinstance(rest, list) and isinstance(variances, list):
            found = small.highest_small(rest, variances, method == "REML")
        return float(tops.highest(one_problem(y, v), method == "REML").tau2[0]) if found is None else found
    rest = y - y.mean()
    spread = float(rest @ rest)
    if method == "HE":
        return max(spread / (k - 1) - float(v.mean()), 0.0)
    start = spread / k if method == "SJ" else 0.0
    if method == "SJ" and start == 0.0:
        return 0.0
    w = 1.0 / (v + start)
    total = float(w.sum())
    rest = rest - float(w @ rest) / total
    q = float(w @ (rest * rest))
    if method == "SJ":
        return start * q / (k - 1)
    return max((q - k) / total if method == "HS" else (q - (k - 1)) / trace_of_mean(w), 0.0)


def q_limits(common: CommonMean, at: WeightedMean, tau2: float, level: float) -> tuple[float, float]:
    """``q_profile`` for one mean, from its sums at τ² = 0 and at ``tau2``."""
    tail = (1.0 - level) / 2.0
    df = len(common.rest) - 1
    known = None if tau2 == 0 else (tau2, at.q, at.fall)
    low, high = _solve_q(common, known, [chi2_quantile(tail, df), chi2_quantile(1.0 - tail, df)])
    return low, high


def _solve_q(common: CommonMean, known: small.QPoint | None, targets: list[float]) -> list[float]:
    rest, variances = common.rest, common.variances
    if not isinstance(rest, list) or not isinstance(variances, list):
        return [
            float(t) for t in tops.solve_q(one_problem(np.asarray(rest), np.asarray(variances)), np.array(targets))[0]
        ]
    at_zero = (0.0, common.q, common.fall)
    points = [at_zero] if known is None else [at_zero, known]
    return [small.solve_q_small(rest, variances, target, points) for target in targets]


def solve_q(y: FloatArray, v: FloatArray, design: FloatArray, target: float) -> float:
    """The τ² ≥ 0 with Q(τ²) = target; 0 where Q(0) is already at most that. Q falls in τ²."""
    found, _ = tops.solve_q(one_problem(y, v, design), target)
    return float(found[0])


def q_profile(y: FloatArray, v: FloatArray, design: FloatArray, level: float) -> tuple[float, float]:
    """Limits of τ² (Viechtbauer 2007, 10.1002/sim.2514): where Q(τ²) equals the χ² quantiles with k − p degrees of
    freedom.

    Both are 0 where even Q(0) is below the lower quantile: the estimates agree better than chance would make them.
    """
    df = design.shape[0] - design.shape[1]
    tail = (1.0 - level) / 2.0
    found, _ = tops.solve_q(
        one_problem(y, v, design), np.array([chi2_quantile(tail, df), chi2_quantile(1.0 - tail, df)])
    )
    return float(found[0]), float(found[1])


def profile_limits(
    y: FloatArray, v: FloatArray, design: FloatArray, level: float, *, restricted: bool = True
) -> tuple[float, float]:
    """Limits of τ² by the (restricted) likelihood: where it has fallen from its top by half the χ² quantile with one
    degree of freedom (Hardy & Thompson 1996, 10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A).

    Where the likelihood has several tops, the outermost such points; the lower limit is 0 where the fall to τ² = 0 is
    less than that.
    """
    problem = one_problem(y, v, design)
    top = tops.highest(problem, restricted).tau2
    least = float(log_likelihoods(problem, top, restricted)[0]) - 0.5 * chi2_quantile(1.0 - level, 1)

    def above(tau2: FloatArray) -> FloatArray:
        return np.asarray(log_likelihoods(problem, tau2, restricted) - least, dtype=np.float64)

    scale = float(np.exp(np.log(v).mean())) + float(top[0])
    end = scale
    while float(above(np.array([end]))[0]) > 0 or end <= top[0]:
        end *= 4.0
    grid = np.concatenate([[0.0], np.geomspace(min(1e-4 * scale, end / 2), end, 200), top])
    grid.sort()
    inside = np.flatnonzero(above(grid) > 0)
    last = int(inside[-1]) if inside.size else int(np.searchsorted(grid, top[0]))
    first = int(inside[0]) if inside.size else last

    def one(tau2: float) -> float:
        return float(above(np.array([tau2]))[0])

    high = falling_root(one, float(grid[last]), float(grid[last + 1]))
    low = 0.0 if first == 0 else -falling_root(lambda t: one(-t), -float(grid[first]), -float(grid[first - 1]))
    return low, high


def falling_root(function: Callable[[float], float], low: float, high: float) -> float:
    """The root of a function positive at ``low`` and not at ``high``: false position that halves a stuck end, to the
    last digit."""
    at_low, at_high, stuck = function(low), function(high), 0
    if at_high == 0.0:
        return high
    for _ in range(200):
        middle = low + (high - low) * at_low / (at_low - at_high)
        if not low < middle < high or stuck > 3:
            middle, stuck = 0.5 * (low + high), 0
        value = function(middle)
        if value == 0.0 or high - low <= 4e-16 * (abs(low) + abs(high)):
            return middle
        if value > 0:
            low, at_low = middle, value
            at_high *= 0.5
        else:
            high, at_high = middle, value
            at_low *= 0.5
        stuck += 1 if high - low > 0.5 * abs(middle) * 1e-3 else 0
    return 0.5 * (low + high)
