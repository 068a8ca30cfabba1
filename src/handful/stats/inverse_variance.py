"""Pooling estimates by inverse variance: common effect and random effects, with Hartung–Knapp and its safe form.

μ̂ = Σ w y / Σ w, Var = 1/Σ w with w = 1/(v + τ²). Intervals: ``wald`` (normal), ``t`` (Wald with k − 1 degrees of
freedom), ``hartung-knapp``: t with k − 1 and Var multiplied by q = Σ w (y − μ̂)² / (k − 1); ``hartung-knapp-safe``:
by max(1, q), so it is never narrower than ``t`` (Hartung & Knapp 2001, 10.1002/sim.791; Röver, Knapp & Friede 2015,
10.1186/s12874-015-0091-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.between_study import estimate_tau2, log_likelihood, q_profile, weighted
from handful.stats.count_models import chi2_above
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

INTERVALS = ("hartung-knapp-safe", "hartung-knapp", "t", "wald")


def pool_inverse_variance(
    yi: Any,
    vi: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    tau2: str = "REML",
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    measure: str = "GEN",
) -> Fit | NotEstimable:
    """Random-effects pooling of ``yi`` with variances ``vi`` > 0, shape (k,). Everything stays on the scale of ``yi``.

    ``tau2``: REML (default), PM, DL, ML, EB, HE, HS, SJ. ``prediction``: degrees of freedom ``k-1``, ``k-2`` or
    ``normal``; its variance is τ² plus the one the interval uses. I² is a percentage. With τ² = 0 the result is the
    common effect exactly. One study: that study, normal limits; Q, τ² and prediction are not estimable.

    >>> fit = pool_inverse_variance([0.1, 0.9, 0.4], [0.04, 0.05, 0.03], tau2="DL", interval="wald")
    >>> round(fit.estimate, 4), round(fit.tau2, 4)
    (0.4555, 0.1012)
    """
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    names = _names(labels, len(y))
    if len(y) == 0:
        return NotEstimable("there is no estimate")
    if len(y) == 1:
        return _common(y, v, names, level, measure, "single-study")
    x = np.ones((len(y), 1))
    t2 = estimate_tau2(y, v, tau2)
    return _build(y, v, x, t2, names, level, interval, prediction, measure, "random-effects", tau2)


def pool_inverse_variance_common(
    yi: Any, vi: Any, *, labels: Sequence[str] | None = None, level: float = 0.95, measure: str = "GEN"
) -> Fit | NotEstimable:
    """Common effect: weights 1/v, normal limits; Q and I² describe how badly it fits."""
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if len(y) == 0:
        return NotEstimable("there is no estimate")
    return _common(y, v, _names(labels, len(y)), level, measure, "common-effect")


def _names(labels: Sequence[str] | None, k: int) -> tuple[str, ...]:
    return tuple(f"study {i + 1}" for i in range(k)) if labels is None else tuple(labels)


def _common(y: FloatArray, v: FloatArray, names: tuple[str, ...], level: float, measure: str, model: str) -> Fit:
    return _build(y, v, np.ones((len(y), 1)), 0.0, names, level, "wald", "normal", measure, model, "")


def _build(
    y: FloatArray,
    v: FloatArray,
    x: FloatArray,
    t2: float,
    names: tuple[str, ...],
    level: float,
    interval: str,
    prediction: str,
    measure: str,
    model: str,
    estimator: str,
) -> Fit:
    from scipy.special import ndtri, stdtrit

    k = len(y)
    common = weighted(y, v, x, 0.0)
    fit = weighted(y, v, x, t2)
    mean, plain = float(fit.beta[0]), float(fit.covariance[0, 0])
    factor = fit.q / (k - 1) if k > 1 else 1.0
    used = {"hartung-knapp": factor, "hartung-knapp-safe": max(1.0, factor)}.get(interval, 1.0)
    variance = plain * used
    se = float(np.sqrt(variance))
    df = float("inf") if interval == "wald" else float(k - 1)
    tail = 0.5 + level / 2
    quantile = float(ndtri(tail)) if interval == "wald" else float(stdtrit(k - 1, tail))
    low, high = mean - quantile * se, mean + quantile * se
    alone = NotEstimable("one study says nothing about differences between studies")
    limits = q_profile(y, v, x, level) if k > 1 else None
    typical = (k - 1) / common.trace_p if k > 1 else float("nan")
    random = model == "random-effects"
    i2 = 100.0 * t2 / (t2 + typical) if random else 100.0 * max(1.0 - (k - 1) / common.q, 0.0) if common.q > 0 else 0.0
    h2 = 1.0 + t2 / typical if random else (common.q / (k - 1) if k > 1 else 1.0)
    share = fit.weights / fit.weights.sum()
    return Fit(
        model=model,
        measure=measure,
        estimate=mean,
        low=low,
        high=high,
        level=level,
        interval_method=interval,
        coefficient=mean,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=mean,
        median_low=low,
        median_high=high,
        tau2=alone if k == 1 else t2,
        tau2_interval=alone if limits is None else Interval(t2, limits[0], limits[1], level, "Q-profile"),
        k=k,
        people=float(k),
        prediction=_predict(mean, t2, variance, k, level, prediction) if random else _no_spread(k),
        weights=tuple(float(s) for s in share),
        labels=names,
        i2=alone if k == 1 else i2,
        h2=alone if k == 1 else h2,
        q=alone if k == 1 else common.q,
        q_df=alone if k == 1 else float(k - 1),
        q_p=alone if k == 1 else chi2_above(common.q, k - 1),
        log_likelihood=log_likelihood(y, v, x, t2, restricted=estimator == "REML"),
        numerical_error=0.0,
        notes=_notes(k, t2, interval, factor, share, names, random),
        details={
            "tau2_estimator": estimator,
            "se_plain": float(np.sqrt(plain)),
            "hartung_knapp_factor": factor,
            "interval_df": df,
            "typical_variance": typical if k > 1 else alone,
            "i2_from_q": 100.0 * max(1.0 - (k - 1) / common.q, 0.0) if common.q > 0 else 0.0,
            "predictive": ("normal", mean, float(np.sqrt(t2 + variance))),
        },
    )


def _no_spread(k: int) -> NotEstimable:
    if k == 1:
        return NotEstimable("one study says nothing about how a next one would differ")
    return NotEstimable("the model has no spread between studies")


def _predict(mean: float, t2: float, variance: float, k: int, level: float, prediction: str) -> Interval | NotEstimable:
    from scipy.special import ndtri, stdtrit

    allowed = ("k-1", "k-2", "normal")
    if prediction not in allowed:
        raise UnknownChoice("prediction", prediction, allowed)
    if k < 3:
        return NotEstimable("two studies cannot say how much a next one would differ")
    tail = 0.5 + level / 2
    df = {"k-1": k - 1, "k-2": k - 2}.get(prediction)
    q = float(ndtri(tail)) if df is None else float(stdtrit(df, tail))
    half = q * float(np.sqrt(t2 + variance))
    words = "normal" if df is None else f"t with {prediction} = {df} degrees of freedom"
    return Interval(mean, mean - half, mean + half, level, words)


def _notes(
    k: int, t2: float, interval: str, factor: float, share: FloatArray, names: tuple[str, ...], random: bool
) -> tuple[Note, ...]:
    notes = []
    if k == 1:
        return (Note("single-study", "one study: nothing is pooled", about=names[0]),)
    if random and t2 == 0:
        text = f"τ² is estimated at 0; with {k} studies that is no evidence that they agree, see its interval"
        notes.append(Note("tau2-zero", text))
    if interval == "hartung-knapp" and factor < 1:
        text = (
            f"the Hartung–Knapp factor is {factor:.3g}: these limits are narrower than Wald's with the same t quantile"
        )
        notes.append(Note("hartung-knapp-narrow", text))
    if random and k < 5 and interval.startswith("hartung"):
        notes.append(Note("few-studies", f"with {k} studies Hartung–Knapp limits can be too wide to be of use"))
    if float(share.max()) > 0.8:
        notes.append(Note("one-study-dominates", "has more than 80 % of the weight", about=names[int(share.argmax())]))
    return tuple(notes)
