"""Meta-regression: weighted least squares of estimates on moderators, with a between-study variance.

y_i ~ N(x_i'β, v_i + τ²), W = diag(1/(v + τ²)), β̂ = (X'WX)⁻¹X'Wy, Var β̂ = s (X'WX)⁻¹. τ² by the same estimators as
without moderators, in their trace forms (Raudenbush 2009). Tests of a coefficient: ``z`` and ``t`` take s = 1 with the
normal and the t distribution with k − p degrees of freedom; ``knapp-hartung`` takes t and s = Σ w r² / (k − p) (Knapp &
Hartung 2003, 10.1002/sim.1482); ``knapp-hartung-safe`` s = max(1, that). All moderators together: QM = b'Var(b)⁻¹b for
the m coefficients beside the intercept, χ² with m degrees of freedom under ``z``, else F = QM/m with m and k − p.

QE = Q at τ² = 0 around the regression. I² = τ²/(τ² + (k − p)/tr P), H² likewise; R² = 1 − τ²/τ₀² with τ₀² the variance
without moderators, cut at 0. With few studies R² is very unsure (López-López et al. 2014, 10.1111/bmsp.12002).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.student import f_above, t_above, t_quantile
from handful.stats.estimates.between_study import estimate_tau2, q_profile, weighted
from handful.stats.estimates.ragged_kernels import one_problem, pieces, q_statistic
from handful.stats.results import Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

TESTS = ("knapp-hartung-safe", "knapp-hartung", "t", "z")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient on the model scale: the difference for a step of 1, or against the reference level."""

    name: str
    estimate: float
    se: float
    statistic: float | NotEstimable
    df: float
    p: float | NotEstimable
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class RegressionNumbers:
    """What a design and a τ² give; ``regress`` puts names and words to it."""

    beta: FloatArray
    covariance: FloatArray
    scale: float
    coefficients: tuple[Coefficient, ...]
    tau2: float
    tau2_se: float | NotEstimable
    tau2_interval: Interval
    typical_variance: float
    i2: float
    h2: float
    r2: float | NotEstimable
    qe: float
    qe_df: int
    qe_p: float
    qm: float
    qm_df: tuple[int, float]
    qm_p: float
    likelihoods: dict[str, float]
    df: float


def regression(
    y: FloatArray,
    v: FloatArray,
    design: FloatArray,
    names: tuple[str, ...],
    tested: tuple[int, ...],
    *,
    method: str = "REML",
    given: float | None = None,
    test: str = "knapp-hartung",
    level: float = 0.95,
) -> RegressionNumbers:
    """The fit for y, v of shape (k,) and a design (k, p) of full rank, p < k.

    ``tested`` are the columns of QM. ``method`` "" is a common effect (τ² = 0); ``given`` a τ² known from elsewhere.
    """
    k, p = design.shape
    tau2 = given if given is not None else estimate_tau2(y, v, method, design) if method else 0.0
    fit = weighted(y, v, design, tau2)
    zero = fit if tau2 == 0.0 else weighted(y, v, design, 0.0)
    # what is left of an exact fit is rounding
    scale = fit.q / (k - p) if fit.q > 1e-25 * float(fit.weights @ (y * y)) else 0.0
    used = {"knapp-hartung": scale, "knapp-hartung-safe": max(scale, 1.0)}.get(test, 1.0)
    covariance = fit.covariance * used
    df = math.inf if test == "z" else float(k - p)
    typical = (k - p) / zero.trace_p
    low, high = q_profile(y, v, design, level)
    random = bool(method) or given is not None
    qm, qm_df, qm_p = wald_test(fit.beta, covariance, tested, df)
    return RegressionNumbers(
        beta=fit.beta,
        covariance=covariance,
        scale=used,
        coefficients=coefficient_table(names, fit.beta, covariance, df, level),
        tau2=tau2,
        tau2_se=tau2_error(y, v, design, method, tau2) if method and given is None else NotEstimable("τ² was given"),
        tau2_interval=Interval(tau2, low, high, level, "Q-profile"),
        typical_variance=typical,
        i2=100.0 * tau2 / (tau2 + typical) if random else 100.0 * max(1.0 - (k - p) / zero.q, 0.0) if zero.q else 0.0,
        h2=1.0 + tau2 / typical if random else zero.q / (k - p),
        r2=_explained(y, v, design, method, given, tau2, zero.q / (k - p)),
        qe=zero.q,
        qe_df=k - p,
        qe_p=chi2_above(zero.q, k - p),
        qm=qm,
        qm_df=qm_df,
        qm_p=qm_p,
        likelihoods={
            kind: _log_likelihood(fit.q, fit.weights, fit.log_det, design, kind == "REML") for kind in ("ML", "REML")
        },
        df=df,
    )


def coefficient_table(
    names: tuple[str, ...], beta: FloatArray, covariance: FloatArray, df: float, level: float
) -> tuple[Coefficient, ...]:
    """Each coefficient with its test and limits."""
    reach = quantile(df, 0.5 + level / 2)
    rows = []
    for name, value, variance in zip(names, beta, np.diag(covariance), strict=True):
        estimate, se = float(value), math.sqrt(max(float(variance), 0.0))
        statistic = ratio(estimate, se)
        p = 2.0 * below(-abs(statistic), df)
        rows.append(Coefficient(name, estimate, se, statistic, df, p, estimate - reach * se, estimate + reach * se))
    return tuple(rows)


def ratio(estimate: float, se: float) -> float:
    """estimate/se; 0 for 0/0, infinite for a standard error of 0."""
    if se > 0:
        return estimate / se
    return math.copysign(math.inf, estimate) if estimate else 0.0


def quantile(df: float, probability: float) -> float:
    """Of t, or of the normal distribution for infinite ``df``."""
    return -t_quantile(probability, df)


def below(x: float, df: float) -> float:
    """P(t ≤ x), or of the normal distribution for infinite ``df``."""
    return t_above(-x, df)


def wald_test(
    beta: FloatArray, covariance: FloatArray, tested: tuple[int, ...], df: float
) -> tuple[float, tuple[int, float], float]:
    """b'Var(b)⁻¹b: χ² where ``df`` is infinite, else divided by m and referred to F(m, df)."""
    m = len(tested)
    if m == 0:
        return 0.0, (0, df), 1.0
    own = np.array(tested)
    b, part = beta[own], covariance[np.ix_(own, own)]
    if not bool(np.all(np.diag(part) > 0)):
        value = math.inf if bool(np.any(b)) else 0.0
        return value, (m, df), 0.0 if value else 1.0
    step = np.sqrt(np.diag(part))  # to one scale first: a slope a gram and one a year differ by powers of ten
    scaled = b / step
    value = float(scaled @ np.linalg.solve(part / np.outer(step, step), scaled))
    if math.isinf(df):
        return value, (m, df), chi2_above(value, m)
    return value / m, (m, df), f_above(value / m, m, df)


def _explained(
    y: FloatArray, v: FloatArray, design: FloatArray, method: str, given: float | None, tau2: float, residual: float
) -> float | NotEstimable:
    """R² in percent: of τ² without moderators, or of Q/df under a common effect."""
    k = len(y)
    if given is not None:
        return NotEstimable("τ² was given, so no share of it is explained")
    outside = np.ones(k) - design @ np.linalg.lstsq(design, np.ones(k), rcond=None)[0]
    if float(np.abs(outside).max()) > 1e-8:
        return NotEstimable("the design holds no intercept, so there is nothing to compare with")
    if method:
        without = estimate_tau2(y, v, method)
        if without == 0.0:
            return NotEstimable("without moderators τ² is 0: there is nothing to explain")
        return 100.0 * max(1.0 - tau2 / without, 0.0)
    q = float(q_statistic(one_problem(y, v), np.zeros(1))[0][0])
    return 100.0 * max(1.0 - residual * (k - 1) / q, 0.0) if q > 0 else NotEstimable("the estimates do not differ")


def tau2_error(y: FloatArray, v: FloatArray, design: FloatArray, method: str, tau2: float) -> float:
    """Standard error of τ², as ``tau2_error.py`` has it, with P of this design."""
    k, p = len(y), int(design.shape[1])
    w = 1.0 / (v + tau2)
    if method in ("EB", "PM"):
        return float(np.sqrt(2.0 * k * k / (k - p)) / w.sum())
    if method == "ML":
        return math.sqrt(2.0 / float((w * w).sum()))
    if method == "REML":
        return math.sqrt(2.0 / float(pieces(one_problem(y, v, design), np.array([tau2]), True).d[0]))
    start = 0.0
    if method == "HE":
        weight, scale = np.ones(k), 1.0 / (k - p)
    elif method == "SJ":
        start = float(((y - y.mean()) ** 2).sum()) / k
        weight, scale = 1.0 / (v + start), start / (k - p)
    else:
        weight, scale = 1.0 / v, 1.0
    half = np.sqrt(weight)
    basis, _ = np.linalg.qr(design * half[:, None])
    projection = (np.eye(k) - basis @ basis.T) * np.outer(half, half)
    if method == "DL":
        scale = 1.0 / float(np.trace(projection))
    elif method == "HS":
        scale = 1.0 / float(weight.sum())
    form = projection * (v + tau2)
    return float(scale) * math.sqrt(2.0 * float((form * form.T).sum()))


def _log_likelihood(q: float, w: FloatArray, log_det: float, design: FloatArray, restricted: bool) -> float:
    k, p = int(design.shape[0]), int(design.shape[1])
    value = 0.5 * float(np.log(w).sum()) - 0.5 * q
    if not restricted:
        return value - 0.5 * k * math.log(2 * math.pi)
    of_design = float(np.linalg.slogdet(design.T @ design)[1])
    return value - 0.5 * (k - p) * math.log(2 * math.pi) - 0.5 * log_det + 0.5 * of_design


def inflation(covariance: FloatArray, intercept: bool) -> FloatArray:
    """Variance inflation factors of the coefficients (but the intercept): V_jj (V⁻¹)_jj."""
    part = covariance[1:, 1:] if intercept else covariance
    if part.shape[0] == 0:
        return np.empty(0)
    step = np.sqrt(np.diag(part))
    return np.asarray(np.diag(np.linalg.inv(part / np.outer(step, step))), dtype=np.float64)
