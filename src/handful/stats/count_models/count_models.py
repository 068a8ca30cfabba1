"""Counts with a normal effect between studies, by maximum likelihood: what the binomial–normal and Poisson–normal
models share.

Everything here is the same for both: where the likelihood is highest, profile or Wald limits of the mean effect, of
the population average and of τ², the test of τ² = 0, the two classical heterogeneity statistics, the prediction for
a next study. What differs (the curve of a study, how the average depends on μ and τ) is the ``Family``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.count_models.average import LogAverage, LogitAverage
from handful.stats.count_models.curves import BinomialCurves, Curves, PoissonCurves, expit
from handful.stats.count_models.one_effect_ml import Maximum, maximise, score_and_hessian
from handful.stats.count_models.profile import Average, average_limits, mean_limits, tau_limits
from handful.stats.count_models.random_effect import Quadrature, marginal
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.normal import normal_quantile
from handful.stats.distributions.student import t_quantile
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

INTERVALS = ("profile", "wald", "t")
LARGEST_ORDER = 150  # twice that still has weights above the smallest float
RULES = ("trapezoid", "gauss-hermite")


@dataclass(frozen=True)
class Family:
    """What is particular to one kind of count."""

    model: str
    measure: str
    scale: str
    average: Average
    back: Callable[[float], float]
    curves: Callable[[Any, Any], Curves]


BINOMIAL = Family(
    "binomial-normal", "proportion", "logit", LogitAverage(), lambda c: float(expit(c)), BinomialCurves.of
)
POISSON = Family(
    "poisson-normal", "rate", "log", LogAverage(), lambda c: float(np.exp(min(c, 700.0))), PoissonCurves.of
)


def chosen_quadrature(quadrature: str, order: int) -> Quadrature:
    """The rule by name."""
    if quadrature not in RULES:
        raise UnknownChoice("quadrature", quadrature, RULES)
    if not 1 <= order <= LARGEST_ORDER:
        raise InputError(f"order={order!r} is not between 1 and {LARGEST_ORDER}")
    return Quadrature(quadrature, order)


def fit_counts(
    family: Family,
    x: FloatArray,
    size: FloatArray,
    labels: Sequence[str],
    *,
    level: float,
    interval: str,
    quadrature: Quadrature,
    prediction: str,
) -> Fit:
    """Fit a set of at least two studies that is neither empty nor full (the callers see to those)."""
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    named = quadrature.rule != "trapezoid"
    if named and interval == "profile":
        raise InputError(
            f"profile limits are not computed with quadrature={quadrature.rule!r}",
            hint='take interval="wald" to reproduce other programs, or the default rule',
        )
    k = len(x)
    curves, inverse = distinct(family.curves(x, size), x, size)
    design = np.ones((len(curves), 1))
    top = maximise(curves, design, quadrature=quadrature)
    mu, tau = float(top.beta[0]), top.tau
    covariance = _covariance(top, curves, quadrature)
    se = float(np.sqrt(covariance[0, 0]))
    c, c_mu, c_tau = family.average.scale(mu, tau)
    gradient = np.array([c_mu, c_tau])
    se_c = float(np.sqrt(gradient @ covariance @ gradient))
    z, q, df = quantiles(interval, level, k)

    if interval == "profile":
        low, high = mean_limits(curves, top, z, se, quadrature)
        c_low, c_high = average_limits(curves, top, z, c, se_c, family.average, quadrature)
    else:
        low, high, c_low, c_high = mu - q * se, mu + q * se, c - q * se_c, c + q * se_c
    se_tau = float(np.sqrt(covariance[1, 1])) if tau > 0 else 0.5
    tau2_interval: Interval | NotEstimable = NotEstimable("profile limits need the default quadrature")
    if not named:
        ends = tau_limits(curves, design, top, z, se_tau / tau if tau > 0 else 0.5, quadrature)
        tau2_interval = Interval(tau * tau, ends[0] ** 2, ends[1] ** 2, level, "profile likelihood")
    value, error, information, nodes = _assess(curves, top, quadrature)
    typical = _typical_variance(x, size, family)
    statistics = heterogeneity(x, size, family, top.common_value)
    return Fit(
        model=family.model,
        measure=family.measure,
        estimate=family.back(c),
        low=family.back(c_low),
        high=family.back(c_high),
        level=level,
        interval_method=interval,
        coefficient=mu,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=family.back(mu),
        median_low=family.back(low),
        median_high=family.back(high),
        tau2=tau * tau,
        tau2_interval=tau2_interval,
        k=k,
        people=float(size.sum()),
        prediction=predict(family, mu, se, tau, k, level, prediction),
        weights=tuple(float(v) for v in information[inverse] / information[inverse].sum()),
        labels=tuple(labels),
        i2=100.0 * tau * tau / (tau * tau + typical),
        h2=1.0 + tau * tau / typical,
        q=statistics["likelihood-ratio"],
        q_df=float(k - 1),
        q_p=chi2_above(statistics["likelihood-ratio"], k - 1),
        log_likelihood=value,
        converged=top.converged,
        numerical_error=error,
        notes=(*_notes(top, k, interval), *_far_average(family, c_high, high)),
        details={
            "scale": family.scale,
            "log_average": c if family.scale == "log" else None,
            "logit_average": c if family.scale == "logit" else None,
            "se_average": se_c,
            "se_tau": se_tau if tau > 0 else NotEstimable("τ² = 0 lies on the boundary"),
            "common_effect": float(top.common_beta[0]),
            "common_log_likelihood": top.common_value,
            "tau2_test": {
                "statistic": 2.0 * max(top.value - top.common_value, 0.0),
                "p": 0.5 * chi2_above(2.0 * max(top.value - top.common_value, 0.0), 1) if tau > 0 else 1.0,
                "method": "likelihood ratio against τ² = 0, half χ² with 1 degree of freedom (Self & Liang 1987)",
            },
            "q_wald": statistics["wald"],
            "q_wald_p": chi2_above(statistics["wald"], k - 1),
            "quadrature": {"rule": quadrature.rule, "nodes": nodes, "evaluations": top.evaluations},
            "study_effects": tuple(float(v) for v in mu + tau * top.mean_u[inverse]),
            "interval_df": df,
            "predictive": (f"{family.scale}-normal", mu, float(np.sqrt(tau * tau + se * se))),
        },
    )


def distinct(curves: Curves, x: FloatArray, size: FloatArray) -> tuple[Curves, npt.NDArray[np.intp]]:
    """Studies with equal counts share a curve: the distinct curves, with how many each stands for, and where each
    study went."""
    pairs = np.stack([x, size], axis=1)
    _, first, inverse, repeat = np.unique(pairs, axis=0, return_index=True, return_inverse=True, return_counts=True)
    return replace(curves.take(first), repeat=repeat.astype(np.float64)), inverse.reshape(-1)  # type: ignore[type-var]


def quantiles(interval: str, level: float, k: int) -> tuple[float, float, float]:
    """The normal quantile, the one this interval uses, and its degrees of freedom (infinite for normal)."""
    z = normal_quantile((1.0 - level) / 2)
    if interval == "t":
        return z, t_quantile((1.0 - level) / 2, k - 1), float(k - 1)
    return z, z, float("inf")


def _covariance(top: Maximum, curves: Curves, quadrature: Quadrature) -> FloatArray:
    """Of (μ, τ); with τ = 0 on the boundary the mean's variance given τ = 0, and nothing for τ.

    A named coarse rule places the maximum; the curvature there is taken from the fine one, because a coarse rule's own
    can have the wrong sign.
    """
    out = np.zeros((2, 2))
    if top.boundary:
        out[0, 0] = 1.0 / top.common_information[0, 0]
        return out
    information = top.information
    if quadrature.rule != "trapezoid":
        design = np.ones((len(curves), 1))
        eta = np.full(len(curves), float(top.beta[0]))
        _, hessian = score_and_hessian(marginal(curves, eta, np.full(len(curves), top.tau), Quadrature()), design)
        information = -hessian
    if np.linalg.eigvalsh(information)[0] <= 0:
        out[0, 0] = 1.0 / abs(float(information[0, 0]))
        return out
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def _assess(curves: Curves, top: Maximum, quadrature: Quadrature) -> tuple[float, float, FloatArray, int]:
    """Log-likelihood, its change when the nodes are doubled, each study's information on μ, and the number of nodes."""
    k = len(curves)
    if top.tau == 0:
        _, _, bend = curves.slopes(np.full(k, float(top.beta[0])))
        return top.value, 0.0, -np.asarray(bend), 1
    eta, tau = np.full(k, float(top.beta[0])), np.full(k, top.tau)
    once = marginal(curves, eta, tau, quadrature)
    twice = marginal(curves, eta, tau, quadrature.doubled())
    return top.value, abs(float(once.value.sum() - twice.value.sum())), -once.d_eta_eta / curves.repeat, once.nodes


def _typical_variance(x: FloatArray, size: FloatArray, family: Family) -> float:
    """Higgins & Thompson's (2002, 10.1002/sim.1186) typical within-study variance; ½ is added to empty and full
    studies for this only."""
    if family.scale == "logit":
        edge = ((x == 0) | (x == size)).astype(np.float64)
        a, n = x + 0.5 * edge, size + edge
        w = a * (n - a) / n
    else:
        w = np.where(x == 0, 0.5, x)
    total = float(w.sum())
    return (len(x) - 1) * total / (total * total - float((w * w).sum()))


def heterogeneity(x: FloatArray, size: FloatArray, family: Family, common_value: float) -> dict[str, float]:
    """Two statistics against one common effect, each with k − 1 degrees of freedom: likelihood ratio and Wald.

    The Wald statistic's limit is used where a study is empty or full (its weight falls faster than its distance grows).
    """
    from scipy.special import gammaln, xlogy

    if family.scale == "logit":
        constant = gammaln(size + 1) - gammaln(x + 1) - gammaln(size - x + 1)
        best = constant + xlogy(x, x / size) + xlogy(size - x, 1.0 - x / size)
        w = x * (size - x) / size
    else:
        best = xlogy(x, x) - x - gammaln(x + 1)
        w = x
    inside = w > 0
    w = w[inside]
    y = np.log(x[inside] / (size[inside] - x[inside] if family.scale == "logit" else size[inside]))
    centre = float((w * y).sum() / w.sum()) if len(w) else 0.0
    return {
        "likelihood-ratio": max(2.0 * (float(best.sum()) - common_value), 0.0),
        "wald": float((w * (y - centre) ** 2).sum()),
    }


def predict(
    family: Family, mu: float, se: float, tau: float, k: int, level: float, prediction: str
) -> Interval | NotEstimable:
    """The rate of a next study: μ ± quantile · √(τ² + se²), taken back to the natural scale."""
    allowed = ("k-1", "k-2", "normal")
    if prediction not in allowed:
        raise UnknownChoice("prediction", prediction, allowed)
    if k < 3:
        return NotEstimable("two studies cannot say how much a next one would differ")
    tail = (1.0 - level) / 2
    if prediction == "normal":
        q, words = normal_quantile(tail), "normal"
    else:
        df = k - 1 if prediction == "k-1" else k - 2
        q, words = t_quantile(tail, df), f"t with {prediction} = {df} degrees of freedom"
    half = q * float(np.sqrt(tau * tau + se * se))
    return Interval(family.back(mu), family.back(mu - half), family.back(mu + half), level, words)


def _far_average(family: Family, c_high: float, high: float) -> tuple[Note, ...]:
    """The average of a log-normal spread of rates is ruled by its largest ones, which few studies do not bound."""
    if family.scale != "log" or c_high - high < np.log(3.0):
        return ()
    text = "the upper limit of the average rests on rates that no study has shown; read the median study beside it"
    return (Note("average-hardly-bounded", text),)


def _notes(top: Maximum, k: int, interval: str) -> tuple[Note, ...]:
    notes = []
    if top.boundary:
        text = f"τ² is estimated at 0; with {k} studies that is no evidence that they agree, see its interval"
        notes.append(Note("tau2-zero", text))
    if not top.converged:
        notes.append(Note("not-converged", "the search stopped before its criterion was met; see numerical_error"))
    if interval == "wald" and k < 20:
        notes.append(
            Note("wald-few-studies", f"Wald limits are too narrow with few studies (k = {k}); profile is the default")
        )
    if k == 2:
        notes.append(Note("two-studies", "two studies cannot inform heterogeneity: list them beside this result"))
    return tuple(notes)
