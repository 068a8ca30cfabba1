"""Pooling estimates by inverse variance: common effect and random effects, with Hartung–Knapp and its safe form.

μ̂ = Σ w y / Σ w, Var = 1/Σ w with w = 1/(v + τ²). Intervals: ``wald`` (normal), ``t`` (Wald with k − 1 degrees of
freedom), ``hartung-knapp``: t with k − 1 and Var multiplied by q = Σ w (y − μ̂)² / (k − 1); ``hartung-knapp-safe``:
by max(1, q), so it is never narrower than ``t`` (Hartung & Knapp 2001, 10.1002/sim.791; Röver, Knapp & Friede 2015,
10.1186/s12874-015-0091-1); ``profile``: where the likelihood has fallen far enough (``profile_mean.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.student import t_quantile, t_two_sided
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.estimates.between_study import ESTIMATORS, between_study, profile_limits, q_limits
from handful.stats.estimates.information_criteria import criteria
from handful.stats.estimates.profile_mean import mean_limits
from handful.stats.estimates.tau2_error import tau2_standard_error
from handful.stats.estimates.weighted_mean import CommonMean, WeightedMean, common_mean, weighted_mean
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

INTERVALS = ("hartung-knapp-safe", "hartung-knapp", "t", "wald", "profile")
PREDICTIONS = ("k-1", "k-2", "normal")
TAU2_INTERVALS = ("q-profile", "profile-likelihood")
ALONE = NotEstimable("one study says nothing about differences between studies")
LOG_TWO_PI = math.log(2 * math.pi)
NO_PEOPLE = NotEstimable("estimates alone do not say how many people are behind them")


def pool_inverse_variance(
    yi: Any,
    vi: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    tau2: str | float | None = None,
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    tau2_interval: str = "q-profile",
    weights: Any = None,
    measure: str = "GEN",
    natural: bool = False,
) -> Fit | NotEstimable:
    """Random-effects pooling of ``yi`` with variances ``vi`` > 0, shape (k,).

    ``tau2``: REML (default), PM, DL, ML, EB, HE, HS, SJ, or a number that is known from elsewhere;
    ``interval="profile"`` belongs to ML and brings it. ``tau2_interval``: ``q-profile`` or ``profile-likelihood`` (of
    ML under ML, else of REML). ``prediction``: degrees of freedom ``k-1``, ``k-2`` or ``normal``; its variance is τ²
    plus the one the interval uses. ``weights``: ``"equal"`` or a column, instead of 1/(v + τ²), for ``wald`` and
    ``t``. I² is a percentage. With τ² = 0 the result is the common effect exactly. One study: that study, normal
    limits; Q, τ² and prediction are not estimable. Results are on the scale of ``yi``; ``natural=True`` takes
    estimate, limits and prediction back by ``measure``.

    >>> fit = pool_inverse_variance([0.1, 0.9, 0.4], [0.04, 0.05, 0.03], tau2="DL", interval="wald")
    >>> round(fit.estimate, 4), round(fit.tau2, 4)
    (0.4555, 0.1012)
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    asked = _asked("random-effects", measure, level, interval, prediction, tau2_interval, tau2, weights, natural)
    return _pool(y, v, _names(labels, len(y)), asked)


def pool_inverse_variance_common(
    yi: Any,
    vi: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "wald",
    weights: Any = None,
    measure: str = "GEN",
    natural: bool = False,
) -> Fit | NotEstimable:
    """Common effect: weights 1/v, normal limits unless ``interval`` says ``t``, ``hartung-knapp`` or its safe form.

    Q and I² describe how badly it fits.
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if interval == "profile":
        raise InputError("a common effect has no profile limits", hint="its likelihood is normal: wald is the same")
    asked = _asked("common-effect", measure, level, interval, "normal", "q-profile", 0.0, weights, natural)
    return _pool(y, v, _names(labels, len(y)), asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    model: str
    measure: str
    level: float
    interval: str
    prediction: str
    tau2_interval: str
    estimator: str
    given: float | None
    weights: Any
    back: Callable[[float], float]


def _asked(
    model: str, measure: str, level: float, interval: str, prediction: str, tau2_interval: str,
    tau2: str | float | None, weights: Any, natural: bool,
) -> _Asked:  # fmt: skip
    for option, value, allowed in (
        ("interval", interval, INTERVALS),
        ("prediction", prediction, PREDICTIONS),
        ("tau2_interval", tau2_interval, TAU2_INTERVALS),
    ):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    if tau2 is None:
        tau2 = "ML" if interval == "profile" else "REML"
    if isinstance(tau2, str):
        if tau2 not in ESTIMATORS:
            raise UnknownChoice("tau2", tau2, ESTIMATORS)
        if interval == "profile" and tau2 != "ML":
            raise InputError(f"profile limits belong to maximum likelihood, not to tau2={tau2!r}", hint='use tau2="ML"')
    elif isinstance(tau2, bool) or not 0 <= float(tau2) < math.inf or interval == "profile":
        raise InputError(f"tau2={tau2!r} cannot be used", hint="a name, or a number of at least 0 (not with profile)")
    if weights is not None and interval not in ("wald", "t"):
        raise InputError("weights of your own have wald and t limits only", hint='interval="wald"')
    known = None if isinstance(tau2, str) else float(tau2)
    back = natural_scale(measure) if natural else float
    name = tau2 if isinstance(tau2, str) else ""
    return _Asked(model, measure, level, interval, prediction, tau2_interval, name, known, weights, back)


def _names(labels: Sequence[str] | None, k: int) -> tuple[str, ...]:
    return tuple(f"study {i + 1}" for i in range(k)) if labels is None else tuple(labels)


def _pool(y: FloatArray, v: FloatArray, names: tuple[str, ...], asked: _Asked) -> Fit | NotEstimable:
    if len(y) == 0:
        return NotEstimable("there is no estimate")
    if len(y) == 1:
        alone = _Asked(
            "single-study", asked.measure, asked.level, "wald", "normal", "q-profile", "", 0.0, None, asked.back
        )
        return _build(y, v, common_mean(y, v), 0.0, names, alone)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        try:
            common = common_mean(y, v)
            t2 = between_study(y, v, asked.estimator, common) if asked.given is None else asked.given
            fit = _build(y, v, common, t2, names, asked)
        except (ZeroDivisionError, OverflowError):
            fit = None
    if fit is None or not math.isfinite(float(fit.se) + float(fit.coefficient) + t2):  # type: ignore[arg-type]
        return NotEstimable("the estimates or variances are too far apart for double precision")
    return fit


def _build(y: FloatArray, v: FloatArray, common: CommonMean, t2: float, names: tuple[str, ...], asked: _Asked) -> Fit:
    k, level, interval, back = len(y), asked.level, asked.interval, asked.back
    random, alone = asked.model == "random-effects", k == 1
    at = weighted_mean(common, t2)
    q, q_at = common.q, at.q
    centre = mean = common.mean + at.shift
    plain, share = 1.0 / at.total, at.shares
    if q_at < 1e-25 * (q_at + at.total * mean * mean):  # what is left of equal estimates is rounding
        q_at = 0.0
    if asked.weights is not None:
        own = _own_weights(asked.weights, k)
        mean, plain, share = float(own @ y), float((own * own) @ (v + t2)), tuple(own.tolist())
    factor = q_at / (k - 1) if k > 1 else 1.0
    used = {"hartung-knapp": factor, "hartung-knapp-safe": max(1.0, factor)}.get(interval, 1.0)
    variance = plain * used
    se = math.sqrt(variance)
    normal = interval in ("wald", "profile")
    df = math.inf if normal else float(k - 1)
    tail = (1.0 - level) / 2
    if interval == "profile":
        low, high = mean_limits(y, v, mean, math.sqrt(plain), t2, level)
    else:
        half = t_quantile(tail, df) * se
        low, high = mean - half, mean + half
    statistic = mean / se if se > 0 else math.copysign(math.inf, mean) if mean else 0.0
    p = t_two_sided(statistic, df)
    typical = (k - 1) / common.trace if k > 1 else math.nan
    i2 = 100.0 * t2 / (t2 + typical) if random else 100.0 * max(1.0 - (k - 1) / q, 0.0) if q > 0 else 0.0
    h2 = 1.0 + t2 / typical if random else (q / (k - 1) if k > 1 else 1.0)
    likelihoods = _log_likelihoods(k, at, q_at + at.total * (mean - centre) ** 2)
    limits = _tau2_limits(y, v, common, at, t2, asked) if k > 1 else ALONE
    ahead = _predict(mean, t2, variance, k, asked) if random else _no_spread(k)
    estimate, natural_low, natural_high = back(mean), back(low), back(high)
    return Fit(
        model=asked.model,
        measure=asked.measure,
        estimate=estimate,
        low=natural_low,
        high=natural_high,
        level=level,
        interval_method=interval,
        coefficient=mean,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=estimate,
        median_low=natural_low,
        median_high=natural_high,
        tau2=ALONE if alone else t2,
        tau2_interval=limits,
        k=k,
        people=NO_PEOPLE,
        prediction=_taken_back(ahead, back),
        weights=share,
        labels=names,
        i2=ALONE if alone else i2,
        h2=ALONE if alone else h2,
        q=ALONE if alone else q,
        q_df=ALONE if alone else float(k - 1),
        q_p=ALONE if alone else chi2_above(q, k - 1),
        log_likelihood=likelihoods["REML" if asked.estimator == "REML" else "ML"],
        numerical_error=0.0,
        notes=_notes(k, t2, asked, factor, share, names),
        details={
            "tau2_estimator": asked.estimator,
            "tau2_se": _tau2_se(y, v, at, t2, asked.estimator),
            "se_plain": math.sqrt(plain),
            "hartung_knapp_factor": factor,
            "interval_df": df,
            "statistic": statistic,
            "p": p,
            "typical_variance": typical if k > 1 else ALONE,
            "i2_interval": _of_tau2(limits, lambda t: 100.0 * t / (t + typical), i2),
            "h2_interval": _of_tau2(limits, lambda t: 1.0 + t / typical, h2),
            "i2_from_q": 100.0 * max(1.0 - (k - 1) / q, 0.0) if q > 0 else 0.0,
            "likelihoods": likelihoods,
            "criteria": {
                kind: criteria(value, 1 + bool(asked.estimator), k - (kind == "REML"))
                for kind, value in likelihoods.items()
            },
            "prediction_coefficient": ahead,
            "predictive": ("normal", mean, math.sqrt(t2 + variance)),
        },
    )


def _own_weights(weights: Any, k: int) -> FloatArray:
    if isinstance(weights, str):
        if weights != "equal":
            raise UnknownChoice("weights", weights, ("equal",))
        return np.full(k, 1.0 / k)
    column = np.asarray(weights, dtype=np.float64)
    if column.shape != (k,) or not bool(np.all((column >= 0) & np.isfinite(column))) or column.sum() == 0:
        raise InputError(f"weights needs {k} numbers of at least 0, not all 0", hint="one weight a study")
    return np.asarray(column / column.sum(), dtype=np.float64)


def _tau2_limits(
    y: FloatArray, v: FloatArray, common: CommonMean, at: WeightedMean, t2: float, asked: _Asked
) -> Interval | NotEstimable:
    if asked.tau2_interval == "q-profile":
        return Interval(t2, *q_limits(common, at, t2, asked.level), asked.level, "Q-profile")
    restricted = asked.estimator != "ML"
    low, high = profile_limits(y, v, np.ones((len(y), 1)), asked.level, restricted=restricted)
    kind = "restricted profile likelihood" if restricted else "profile likelihood"
    return Interval(t2, low, high, asked.level, kind)


def _of_tau2(limits: Interval | NotEstimable, of: Callable[[float], float], at: float) -> Interval | NotEstimable:
    if isinstance(limits, NotEstimable):
        return limits
    return Interval(at, of(float(limits.low)), of(float(limits.high)), limits.level, limits.method)


def _tau2_se(y: FloatArray, v: FloatArray, at: WeightedMean, t2: float, estimator: str) -> float | NotEstimable:
    if not estimator or len(y) == 1:
        return ALONE if len(y) == 1 else NotEstimable("τ² was not estimated")
    return math.sqrt(2.0 / at.trace_pp) if estimator == "REML" else tau2_standard_error(y, v, estimator, t2)


def _log_likelihoods(k: int, at: WeightedMean, squares: float) -> dict[str, float]:
    """At the mean in use, Σ w (y − mean)² = ``squares``; restricted: of the residual contrasts, with ½ log k for the
    design."""
    value = 0.5 * at.log_weights - 0.5 * squares
    whole = {"ML": value - 0.5 * k * LOG_TWO_PI}
    if k > 1:
        whole["REML"] = value - 0.5 * (k - 1) * LOG_TWO_PI - 0.5 * math.log(at.total) + 0.5 * math.log(k)
    return whole


def _no_spread(k: int) -> NotEstimable:
    if k == 1:
        return NotEstimable("one study says nothing about how a next one would differ")
    return NotEstimable("the model has no spread between studies")


def _predict(mean: float, t2: float, variance: float, k: int, asked: _Asked) -> Interval | NotEstimable:
    if k < 3:
        return NotEstimable("two studies cannot say how much a next one would differ")
    tail, rule = (1.0 - asked.level) / 2, asked.prediction
    df = {"k-1": k - 1, "k-2": k - 2}.get(rule)
    half = t_quantile(tail, math.inf if df is None else df) * math.sqrt(t2 + variance)
    words = "normal" if df is None else f"t with {rule} = {df} degrees of freedom"
    return Interval(mean, mean - half, mean + half, asked.level, words)


def _taken_back(ahead: Interval | NotEstimable, back: Callable[[float], float]) -> Interval | NotEstimable:
    if back is float or isinstance(ahead, NotEstimable):
        return ahead
    ends = (back(float(ahead.estimate)), back(float(ahead.low)), back(float(ahead.high)))
    return Interval(*ends, ahead.level, ahead.method)


def _notes(
    k: int, t2: float, asked: _Asked, factor: float, share: tuple[float, ...], names: tuple[str, ...]
) -> tuple[Note, ...]:
    notes = []
    random = asked.model == "random-effects"
    if k == 1:
        return (Note("single-study", "one study: nothing is pooled", about=names[0]),)
    if random and t2 == 0 and asked.estimator:
        text = f"τ² is estimated at 0; with {k} studies that is no evidence that they agree, see its interval"
        notes.append(Note("tau2-zero", text))
    if random and not asked.estimator:
        notes.append(Note("tau2-given", f"τ² = {t2:.4g} was given, not estimated from these studies"))
    if asked.interval == "hartung-knapp" and factor == 0:
        text = "all estimates are equal: Hartung–Knapp limits have no width; hartung-knapp-safe has"
        notes.append(Note("equal-estimates", text))
    elif asked.interval == "hartung-knapp" and factor < 1:
        text = (
            f"the Hartung–Knapp factor is {factor:.3g}: these limits are narrower than Wald's with the same t quantile"
        )
        notes.append(Note("hartung-knapp-narrow", text))
    if random and k < 5 and asked.interval.startswith("hartung"):
        notes.append(Note("few-studies", f"with {k} studies Hartung–Knapp limits can be too wide to be of use"))
    if asked.weights is not None:
        notes.append(Note("own-weights", "the studies are weighted as you said, not by their precision"))
    if max(share) > 0.8:
        notes.append(
            Note("one-study-dominates", "has more than 80 % of the weight", about=names[share.index(max(share))])
        )
    return tuple(notes)
