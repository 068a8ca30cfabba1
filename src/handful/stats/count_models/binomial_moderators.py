"""Covariates in the binomial–normal model: groups with their own mean, or a straight line in a number, with one τ.

x_i ~ Binomial(n_i, expit(θ_i)), θ_i ~ N(z_i'β, τ²). In uncontrolled series a covariate is a predictor of outcome,
not an effect modifier, and a line through studies' means is ecological (Fisher et al. 2017, 10.1136/bmj.j573). About
ten studies a coefficient are wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.count_models.average import LogitAverage
from handful.stats.count_models.count_models import INTERVALS, quantiles
from handful.stats.count_models.curves import BinomialCurves, expit
from handful.stats.count_models.one_effect_ml import Maximum, Separated, maximise
from handful.stats.count_models.profile import coefficient_limits, tau_limits
from handful.stats.count_models.random_effect import Quadrature, marginal
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.normal import normal_above
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


def regress_binomial_normal(
    x: FloatArray,
    n: FloatArray,
    labels: Sequence[str],
    by: Any,
    moderators: Any,
    *,
    level: float,
    interval: str,
    quadrature: Quadrature,
) -> Fit | NotEstimable:
    """The fit with covariates. ``details``: ``coefficients`` (rows with name, estimate, se, low, high, p),
    ``groups`` (with ``by``: k, events, people, average rate with limits, median rate), ``test_of_moderators``
    (likelihood ratio and Wald)."""
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    k = len(x)
    groups = None if by is None else _labels(by, k)
    names, design = _design(groups, moderators, k)
    if np.linalg.matrix_rank(design) < design.shape[1] or design.shape[1] > k:
        return NotEstimable(f"{design.shape[1]} coefficients cannot be told apart with these {k} studies")
    bad = _flat_group(groups, x, n)
    if bad is not None:
        return NotEstimable(bad)
    curves = BinomialCurves.of(x, n)
    try:
        top = maximise(curves, design, quadrature=quadrature)
        without = maximise(curves, np.ones((k, 1)), quadrature=quadrature)
        rows = _coefficients(curves, design, names, top, level, interval, quadrature)
        z, _, _ = quantiles("wald", level, k)
        tau_low, tau_high = tau_limits(curves, design, top, z, 0.5, quadrature)
    except Separated:
        return NotEstimable(
            "the covariates separate responders from the others, so a coefficient has no finite estimate"
        )
    no = NotEstimable("with covariates there is not one rate; see details")
    eta = design @ top.beta
    error = 0.0
    if top.tau > 0:
        taus = np.full(k, top.tau)
        finer = marginal(curves, eta, taus, quadrature.doubled()).value
        error = abs(float(marginal(curves, eta, taus, quadrature).value.sum() - finer.sum()))
    return Fit(
        model="binomial-normal",
        measure="proportion",
        estimate=no,
        low=no,
        high=no,
        level=level,
        interval_method=interval,
        coefficient=no,
        se=no,
        coefficient_low=no,
        coefficient_high=no,
        median=no,
        median_low=no,
        median_high=no,
        tau2=top.tau**2,
        tau2_interval=Interval(top.tau**2, tau_low**2, tau_high**2, level, "profile likelihood"),
        k=k,
        people=float(n.sum()),
        prediction=no,
        weights=NotEstimable("with covariates a study has a weight for each coefficient"),
        labels=tuple(labels),
        log_likelihood=top.value,
        converged=top.converged,
        numerical_error=error,
        notes=_notes(k, design.shape[1]),
        details={
            "scale": "logit",
            "coefficients": rows,
            "groups": () if groups is None else _groups(groups, design, top, x, n, level, interval),
            "test_of_moderators": _test(top, without, design),
            "tau2_without": without.tau**2,
            "fitted": tuple(float(v) for v in np.asarray(expit(eta))),
        },
    )


def _labels(by: Any, k: int) -> tuple[str, ...]:
    values = tuple(str(v) for v in by)
    if len(values) != k:
        raise InputError(f"by has {len(values)} labels for {k} studies", hint="give one label a study")
    return values


def _design(groups: tuple[str, ...] | None, moderators: Any, k: int) -> tuple[list[str], FloatArray]:
    """Intercept (the first group seen), the other groups' differences from it, then the numeric columns."""
    names, columns = ["intercept"], [np.ones(k)]
    if groups is not None:
        first, *others = dict.fromkeys(groups)
        names[0] = f"intercept ({first})"
        names += [f"{g} − {first}" for g in others]
        columns += [np.array([float(v == g) for v in groups]) for g in others]
    if moderators is not None:
        named = moderators if isinstance(moderators, Mapping) else {"moderator": moderators}
        for name, values in named.items():
            column = np.asarray(values, dtype=np.float64)
            if column.shape != (k,) or not bool(np.isfinite(column).all()):
                raise InputError(f"moderator {name!r} needs one finite number a study ({k})")
            names.append(str(name))
            columns.append(column)
    return names, np.stack(columns, axis=1)


def _flat_group(groups: tuple[str, ...] | None, x: FloatArray, n: FloatArray) -> str | None:
    """A group in which nobody, or everybody, responded has no finite mean."""
    for g in dict.fromkeys(groups or ()):
        own = np.array([v == g for v in groups or ()])
        if x[own].sum() == 0 or (x[own] == n[own]).all():
            which = "nobody" if x[own].sum() == 0 else "everybody"
            return f"in group {g} {which} of {n[own].sum():g} responded, so its mean has no finite estimate"
    return None


def _coefficients(
    curves: BinomialCurves,
    design: FloatArray,
    names: list[str],
    top: Maximum,
    level: float,
    interval: str,
    quadrature: Quadrature,
) -> tuple[dict[str, Any], ...]:
    k, p = design.shape
    z, q, _ = quantiles(interval, level, k)
    se = np.sqrt(np.diag(top.covariance))
    rows = []
    for j in range(p):
        b, s = float(top.beta[j]), float(se[j])
        if interval == "profile":
            low, high = coefficient_limits(curves, design, top, j, z, s, quadrature)
        else:
            low, high = b - q * s, b + q * s
        rows.append(
            {"name": names[j], "estimate": b, "se": s, "low": low, "high": high, "p": 2.0 * normal_above(abs(b / s))}
        )
    return tuple(rows)


def _groups(
    groups: tuple[str, ...], design: FloatArray, top: Maximum, x: FloatArray, n: FloatArray, level: float, interval: str
) -> tuple[dict[str, Any], ...]:
    """Each group at its studies' mean covariates: Wald limits on the logit of its average, τ's uncertainty included."""
    k, p = design.shape
    _, q, _ = quantiles("t" if interval == "t" else "wald", level, k)
    covariance = np.zeros((p + 1, p + 1))
    covariance[:p, :p] = top.covariance
    if not top.boundary:
        covariance = np.asarray(np.linalg.inv(top.information), dtype=np.float64)
    out = []
    for g in dict.fromkeys(groups):
        own = np.array([v == g for v in groups])
        row = design[own].mean(axis=0)
        mu = float(row @ top.beta)
        c, c_mu, c_tau = LogitAverage().scale(mu, top.tau)
        gradient = np.append(c_mu * row, c_tau)
        se = float(np.sqrt(gradient @ covariance @ gradient))
        ends = [float(expit(v)) for v in (c, c - q * se, c + q * se, mu)]
        out.append(
            {
                "group": g,
                "k": int(own.sum()),
                "events": int(x[own].sum()),
                "people": int(n[own].sum()),
                "estimate": ends[0],
                "low": ends[1],
                "high": ends[2],
                "median": ends[3],
            }
        )
    return tuple(out)


def _test(top: Maximum, without: Maximum, design: FloatArray) -> dict[str, float]:
    df = design.shape[1] - 1
    statistic = 2.0 * max(top.value - without.value, 0.0)
    b, v = top.beta[1:], top.covariance[1:, 1:]
    wald = float(b @ np.linalg.solve(v, b)) if df else 0.0
    return {
        "statistic": statistic,
        "df": float(df),
        "p": chi2_above(statistic, df),
        "wald": wald,
        "wald_p": chi2_above(wald, df),
    }


def _notes(k: int, p: int) -> tuple[Note, ...]:
    if k >= 10 * (p - 1):
        return ()
    text = f"{k} studies for {p - 1} {'covariate' if p == 2 else 'covariates'}: about ten studies each are wanted"
    return (Note("few-studies-per-covariate", text),)
