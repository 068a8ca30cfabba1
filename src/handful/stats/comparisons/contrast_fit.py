"""A comparison with a normal effect between studies, by maximum likelihood, for any curve of a study.

θ_i ~ N(μ, τ²); study i contributes log ∫ exp(l_i(θ)) N(θ; μ, τ²) dθ. What differs between the models of odds and rate
ratios is only the curve l_i. Estimation, profile limits, the limits of τ² and both heterogeneity statistics are the
same for all and made here; the search and the integration are those of the one-group models.

The two groups may be exchanged, and for most curves events and non-events too: both turn θ into −θ. Every such set is
brought into one fixed form before the search, so that the answer changes its sign to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.common_contrast import NO_SPREAD, natural
from handful.stats.comparisons.two_arm_notes import few_notes, weight_notes
from handful.stats.count_models.count_models import INTERVALS, quantiles
from handful.stats.count_models.curves import Curves
from handful.stats.count_models.one_effect_ml import Maximum, Separated, common_effect, maximise
from handful.stats.count_models.profile import mean_limits, signed_root_limit, tau_limits
from handful.stats.count_models.random_effect import Quadrature, marginal
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.normal import normal_quantile
from handful.stats.distributions.student import t_quantile
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

Four: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

#: a spread of log odds ratios beyond this is no estimate: every study is at one end or the other
LARGEST_SPREAD = 30.0
PREDICTIONS = ("k-1", "k-2", "normal")


class ContrastCurves(Curves, Protocol):
    """Curves that know where they go far out and where they are highest."""

    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood far to the left and far to the right, −∞ where it falls for ever."""
        ...

    def modes(self) -> FloatArray:
        """Where each is highest; ±∞ for one-sided ones."""
        ...

    def shared_by(self, repeat: FloatArray) -> Any:
        """The same rows, each standing for ``repeat`` studies."""
        ...


@dataclass(frozen=True)
class Studies:
    """Four columns of the studies with information, in the form the search uses; ``sign`` −1 if θ was mirrored."""

    columns: Four
    labels: tuple[str, ...]
    sign: float

    def __len__(self) -> int:
        return len(self.labels)


def four(first: Any, size1: Any, second: Any, size2: Any) -> Four:
    """Four columns of numbers."""
    return (
        np.asarray(first, dtype=np.float64),
        np.asarray(size1, dtype=np.float64),
        np.asarray(second, dtype=np.float64),
        np.asarray(size2, dtype=np.float64),
    )


def mirrored(
    x1: FloatArray, n1: FloatArray, x2: FloatArray, n2: FloatArray, labels: Sequence[str], *, events: bool
) -> Studies:
    """The set, or its mirror image if that sorts first: groups exchanged, and with ``events`` also events and
    non-events. The two mirrors undo each other's sign."""
    forms = [(1.0, (x1, n1, x2, n2)), (-1.0, (x2, n2, x1, n1))]
    if events:
        forms += [(-1.0, (n1 - x1, n1, n2 - x2, n2)), (1.0, (n2 - x2, n2, n1 - x1, n1))]
    keys = [sorted(zip(*(v.tolist() for v in columns), strict=True)) for _, columns in forms]
    sign, columns = forms[min(range(len(forms)), key=lambda i: keys[i])]
    return Studies(columns, tuple(labels), sign)


def fit_contrast(
    model: str,
    measure: str,
    studies: Studies,
    make: Callable[..., Any],
    *,
    people: float,
    typical: float,
    level: float,
    interval: str,
    prediction: str,
    quadrature: Quadrature,
    common: bool = False,
    notes: tuple[Note, ...] = (),
    details: Mapping[str, Any] | None = None,
    constant: float = 0.0,
) -> Fit | NotEstimable:
    """Fit studies that all carry information. ``typical`` is the within-study variance for I² and H².

    ``common`` keeps τ at 0. A set whose curves all rise to the same side has no finite estimate.
    """
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    if prediction not in PREDICTIONS:
        raise UnknownChoice("prediction", prediction, PREDICTIONS)
    if len(studies) == 0:
        return NotEstimable("no study carries information on this effect", notes)
    k, sign = len(studies), studies.sign
    table = np.stack(studies.columns, axis=1)
    _, first, inverse, repeat = np.unique(table, axis=0, return_index=True, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1)
    every: Any = make(*(column[first] for column in studies.columns))
    curves: Any = every.shared_by(repeat.astype(np.float64))
    left, right = curves.limits()
    rising_left, rising_right = np.isfinite(left), np.isfinite(right)
    if bool(rising_left.all()) or bool(rising_right.all()):
        return one_sided(measure, curves, sign, level, notes, to_left=bool(rising_left.all()))
    design = np.ones((len(curves), 1))
    z, q, df = quantiles(interval, level, k)
    common = common or k == 1
    try:
        top = _common(curves, design) if common else maximise(curves, design, quadrature=quadrature)
    except Separated:
        return NotEstimable("the likelihood keeps rising as τ grows: every study points to one end or the other", notes)
    mu, tau = float(top.beta[0]), top.tau
    if tau > LARGEST_SPREAD:
        return NotEstimable("the likelihood keeps rising as τ grows: the studies point to opposite ends", notes)
    covariance = top.covariance
    se = float(np.sqrt(covariance[0, 0]))
    if interval == "profile":
        low, high = _limits(curves, top, z, se, quadrature, common)
    else:
        low, high = mu - q * se, mu + q * se
    alone = NotEstimable("one study says nothing about differences between studies")
    spread: dict[str, Any] = {}
    if common:
        tau2_interval: Interval | NotEstimable = alone if k == 1 else NO_SPREAD
    else:
        se_tau = float(np.sqrt(np.linalg.inv(top.information)[1, 1])) if tau > 0 else 0.5
        ends = tau_limits(curves, design, top, z, se_tau / tau if tau > 0 else 0.5, quadrature)
        tau2_interval = Interval(tau * tau, ends[0] ** 2, ends[1] ** 2, level, "profile likelihood")
        spread["se_tau"] = se_tau if tau > 0 else NotEstimable("τ² = 0 lies on the boundary")
        gain = 2.0 * max(top.value - top.common_value, 0.0)
        spread["tau2_test"] = {
            "statistic": gain,
            "p": 0.5 * chi2_above(gain, 1) if tau > 0 else 1.0,
            "method": "likelihood ratio against τ² = 0, half χ² with 1 degree of freedom (Self & Liang 1987)",
        }
    value, error, information, nodes, effects = _assess(curves, top, quadrature)
    weights = information[inverse] / information[inverse].sum()
    ratio, wald = heterogeneity(curves, top.common_value)
    mu, low, high = sign * mu, *((low, high) if sign > 0 else (-high, -low))
    back = [natural(measure, v) for v in (mu, low, high)]
    two = k > 1
    notes = (*notes, *few_notes(k), *weight_notes(studies.labels, weights), *_notes(top, k, interval, common))
    return Fit(
        model=model,
        measure=measure,
        estimate=back[0],
        low=back[1],
        high=back[2],
        level=level,
        interval_method=interval,
        coefficient=mu,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=back[0],
        median_low=back[1],
        median_high=back[2],
        tau2=tau2_interval if isinstance(tau2_interval, NotEstimable) else tau * tau,
        tau2_interval=tau2_interval,
        k=k,
        people=people,
        prediction=predict(measure, mu, se, tau, k, level, prediction, common),
        weights=tuple(float(w) for w in weights),
        labels=studies.labels,
        i2=alone if not two else NO_SPREAD if common else 100.0 * tau * tau / (tau * tau + typical),
        h2=alone if not two else NO_SPREAD if common else 1.0 + tau * tau / typical,
        q=ratio if two else alone,
        q_df=float(k - 1) if two else alone,
        q_p=chi2_above(ratio, k - 1) if two else alone,
        log_likelihood=value + constant,
        converged=top.converged,
        numerical_error=error,
        notes=notes,
        details={
            "scale": "log",
            "common_effect": sign * float(top.common_beta[0]),
            "common_se": 1.0 / float(np.sqrt(top.common_information[0, 0])),
            "common_log_likelihood": top.common_value + constant,
            "q_wald": wald if two else alone,
            "q_wald_p": chi2_above(wald, k - 1) if two else alone,
            "typical_variance": typical,
            "quadrature": {"rule": quadrature.rule, "nodes": nodes, "evaluations": top.evaluations},
            "study_effects": tuple(sign * float(v) for v in effects[inverse]),
            "interval_df": df,
            "predictive": ("log-normal", mu, float(np.sqrt(tau * tau + se * se))),
            **spread,
            **(details or {}),
        },
    )


def _common(curves: Any, design: FloatArray) -> Maximum:
    """τ = 0 taken as known."""
    zeros = np.zeros(len(curves))
    beta, value, information, _, _ = common_effect(curves, design, zeros)
    full = np.zeros((2, 2))
    full[0, 0] = information[0, 0]
    return Maximum(beta, 0.0, value, True, full, 0.0, beta, value, information, 1, 1, zeros, True)


def _limits(
    curves: Any, top: Maximum, z: float, se: float, quadrature: Quadrature, common: bool
) -> tuple[float, float]:
    if not common:
        return mean_limits(curves, top, z, se, quadrature)

    def profile(c: float) -> tuple[float, float]:
        value, slope, _ = curves.slopes(np.full(len(curves), c))
        return float(curves.repeat @ value), float(curves.repeat @ slope)

    centre = float(top.beta[0])
    low, high = (signed_root_limit(profile, top.value, centre, side * z * se, z, 2e3) for side in (-1.0, 1.0))
    return low, high


def _assess(curves: Any, top: Maximum, quadrature: Quadrature) -> tuple[float, float, FloatArray, int, FloatArray]:
    """Log-likelihood, its change when the nodes are doubled, information on μ and effect of each row, nodes."""
    k, mu = len(curves), float(top.beta[0])
    if top.tau == 0:
        _, _, bend = curves.slopes(np.full(k, mu))
        return top.value, 0.0, -np.asarray(bend), 1, np.full(k, mu)
    eta, tau = np.full(k, mu), np.full(k, top.tau)
    once = marginal(curves, eta, tau, quadrature)
    twice = marginal(curves, eta, tau, quadrature.doubled())
    error = abs(float(once.value.sum() - twice.value.sum()))
    return top.value, error, -once.d_eta_eta / curves.repeat, once.nodes, mu + top.tau * once.mean_u


def heterogeneity(curves: Any, common_value: float) -> tuple[float, float]:
    """Likelihood ratio and Wald statistics of k separate effects against one, k − 1 degrees of freedom.

    In the Wald statistic a one-sided curve counts 0, its limit: its weight falls faster than its distance grows.
    """
    modes = curves.modes()
    there = np.isfinite(modes)
    value, _, bend = curves.slopes(np.where(there, modes, 0.0))
    left, right = curves.limits()
    best = np.where(there, value, np.fmax(left, right))
    w = np.where(there, -curves.repeat * bend, 0.0)
    y = np.where(there, modes, 0.0)
    centre = float((w * y).sum() / w.sum()) if bool(there.any()) else 0.0
    wald = float((w * (y - centre) ** 2).sum())
    return max(2.0 * (float(curves.repeat @ best) - common_value), 0.0), wald


def one_sided(
    measure: str, curves: Any, sign: float, level: float, notes: tuple[Note, ...], *, to_left: bool
) -> NotEstimable:
    """Every curve rises for ever to the same side: no estimate, but an exact bound on a common effect.

    The chance of a result as far out as this one is Π P_i(x_i; θ), the likelihood itself: its root at 1 − level is
    the one-sided bound.
    """
    goal = float(np.log1p(-level))
    step = 1.0 if to_left else -1.0
    inside, outside = 0.0, step
    offset = np.fmax(*curves.limits())

    def value(theta: float) -> float:
        return float(curves.repeat @ (curves.value(np.full(len(curves), theta)) - offset))

    while value(inside) < goal:
        inside -= 2.0 * step * (1.0 + abs(inside))
    while value(outside) > goal and abs(outside) < 500:
        outside += 2.0 * step * (1.0 + abs(outside))
    for _ in range(200):
        middle = 0.5 * (inside + outside)
        if middle in (inside, outside):
            break
        inside, outside = (middle, outside) if value(middle) > goal else (inside, middle)
    bound, below = natural(measure, sign * inside), to_left == (sign > 0)
    side, word = ("upper", "below") if below else ("lower", "above")
    text = (
        f"exact one-sided {100 * level:g} % {side} bound on a common {measure}: {bound:.4g}; "
        "it holds if all studies share one effect"
    )
    reason = (
        f"every study lies at the {'lower' if below else 'upper'} end of what its margins allow, so the likelihood "
        f"rises for ever: the {measure} is {word} {bound:.4g} with {100 * level:g} % confidence, no more can be said"
    )
    return NotEstimable(reason, (*notes, Note("one-sided-bound", text)))


def predict(
    measure: str, mu: float, se: float, tau: float, k: int, level: float, prediction: str, common: bool = False
) -> Interval | NotEstimable:
    """The effect in a next study: μ ± quantile · √(τ² + se²), on the natural scale."""
    if common:
        return NotEstimable("a common-effect model has no spread between studies")
    if k < 3:
        return NotEstimable("two studies cannot say how much a next one would differ")
    tail = (1.0 - level) / 2
    if prediction == "normal":
        q, words = normal_quantile(tail), "normal"
    else:
        df = k - 1 if prediction == "k-1" else k - 2
        q, words = t_quantile(tail, df), f"t with {prediction} = {df} degrees of freedom"
    half = q * float(np.sqrt(tau * tau + se * se))
    return Interval(natural(measure, mu), natural(measure, mu - half), natural(measure, mu + half), level, words)


def _notes(top: Maximum, k: int, interval: str, common: bool) -> tuple[Note, ...]:
    notes = []
    if top.boundary and not common:
        text = f"τ² is estimated at 0; with {k} studies that is no evidence that they agree, see its interval"
        notes.append(Note("tau2-zero", text))
    if not top.converged:
        notes.append(Note("not-converged", "the search stopped before its criterion was met; see numerical_error"))
    if interval == "wald" and not common and k < 20:
        text = f"Wald limits are too narrow with few studies (k = {k}); profile is the default"
        notes.append(Note("wald-few-studies", text))
    return tuple(notes)
