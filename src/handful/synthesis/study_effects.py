"""Each study's own result, before anything is pooled: its effect with limits, from any kind of evidence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handful.base.errors import InputError, UnknownChoice
from handful.stats.effects.natural_scale import natural_scale
from handful.stats.evidence import Estimates, OneArm, OneArmRates, TwoArmRates, TwoArms
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.combined import Combined

if TYPE_CHECKING:
    from handful.stats.bayes.likelihood_curves import LikelihoodCurve

STUDY_INTERVALS = ("exact", "wald")
_FARTHEST = 60.0  # on a logit or log scale nothing is left beyond


@dataclass(frozen=True)
class StudyEffect:
    """One study alone, on the natural scale; ``words`` where there is no number, and why. Without a number the three
    are nan: a drawing leaves them out, a table shows nothing."""

    label: str
    estimate: float
    low: float
    high: float
    words: str = ""


def study_effects(
    evidence: Any, measure: str, level: float = 0.95, intervals: str = "exact"
) -> tuple[tuple[StudyEffect, ...], str]:
    """Each study's own effect and limits on the natural scale of ``measure``, and how the limits were made.

    ``intervals="exact"``: of counts the interval that holds its level at any size (Clopper–Pearson, Garwood,
    conditional exact, Koopman, Miettinen–Nurminen), so that 0 of n needs nothing added; ``"wald"``: estimate ± z
    standard errors on the model scale. Estimates have the latter in any case; counts and estimates together the ends
    where the likelihood has fallen by z²/2.
    """
    if intervals not in STUDY_INTERVALS:
        raise UnknownChoice("intervals", intervals, STUDY_INTERVALS)
    if isinstance(evidence, Combined):
        return _combined(evidence, level), "where the likelihood has fallen by z²/2"
    exact = _exact(evidence, measure) if intervals == "exact" else None
    if exact is not None:
        ends, method = _each(exact, len(evidence), level)
    else:
        ends, method = _wald(evidence, measure, level), "estimate ± z standard errors"
    return tuple(StudyEffect(label, *ends[i]) for i, label in enumerate(evidence.labels)), method


Found = Callable[[int, float], "Interval | NotEstimable"]


def _exact(evidence: Any, measure: str) -> Found | None:
    """The small-sample interval of study i at a level; None where the measure has none."""
    if isinstance(evidence, OneArm):
        from handful.stats.one_group.proportion import proportion

        return lambda i, level: proportion(int(evidence.events[i]), int(evidence.totals[i]), level=level)
    if isinstance(evidence, OneArmRates):
        from handful.stats.one_group.rates import rate

        return lambda i, level: rate(int(evidence.events[i]), float(evidence.time[i]), level=level)
    if isinstance(evidence, TwoArms) and measure in ("OR", "RR", "RD", "PETO"):
        from handful.stats.two_groups.two_by_two import two_groups

        name = {"RR": "risk_ratio", "RD": "risk_difference"}.get(measure, "odds_ratio")

        def compared(i: int, level: float) -> Interval | NotEstimable:
            four = (evidence.events1[i], evidence.totals1[i], evidence.events2[i], evidence.totals2[i])
            found: Interval | NotEstimable = getattr(two_groups(*map(int, four)), name)(level=level)
            return found

        return compared
    if isinstance(evidence, TwoArmRates) and measure == "IRR":
        from handful.stats.two_groups.two_rates import two_rates

        return lambda i, level: two_rates(
            int(evidence.events1[i]), float(evidence.time1[i]), int(evidence.events2[i]), float(evidence.time2[i])
        ).rate_ratio(level=level)
    return None


Ends = tuple[float, float, float, str]


def _each(found: Found, k: int, level: float) -> tuple[list[Ends], str]:
    out: list[Ends] = []
    method = ""
    for i in range(k):
        interval = found(i, level)
        if isinstance(interval, NotEstimable):
            out.append((math.nan, math.nan, math.nan, interval.reason))
            continue
        method = method or interval.method
        estimate = interval.estimate
        point = math.nan if isinstance(estimate, NotEstimable) else float(estimate)
        silent = interval.low == 0 and interval.high == math.inf
        out.append((point, float(interval.low), float(interval.high), "says nothing about a ratio" if silent else ""))
    return out, method


def _wald(evidence: Any, measure: str, level: float) -> list[Ends]:
    from handful.stats.estimates.meta_regression import quantile

    values = estimates_of(evidence, measure)
    back = natural_scale(values.measure)
    z = quantile(math.inf, 0.5 + level / 2)
    out: list[Ends] = [(math.nan, math.nan, math.nan, f"no {values.measure}")] * len(evidence)
    places = range(len(values)) if isinstance(evidence, Estimates) or values.rows is None else values.rows
    for i, y, v in zip(places, values.yi.tolist(), values.vi.tolist(), strict=True):
        half = z * math.sqrt(v)
        out[int(i)] = (back(y), back(y - half), back(y + half), "")
    return out


def estimates_of(evidence: Any, measure: str) -> Estimates:
    """Estimates with variances on the model scale; counts become effect sizes, nothing added to any of them."""
    if isinstance(evidence, Estimates):
        return evidence
    if isinstance(evidence, Combined):
        raise InputError("this figure needs a standard error for each study, which counts and estimates together lack",
                         hint="hf.figures.forest draws them")  # fmt: skip
    from handful.stats.effects.effect_sizes import effect_sizes

    code = {"proportion": "PLO", "rate": "IRLN"}.get(measure, measure)
    return effect_sizes(evidence, code).estimates()


def _combined(combined: Combined, level: float) -> tuple[StudyEffect, ...]:
    found = []
    for label, curve in zip(combined.labels, combined.curves, strict=True):
        if curve.flat:
            found.append(StudyEffect(label, math.nan, math.nan, math.nan, "says nothing about this effect"))
            continue
        estimate, low, high = (_natural(theta, curve.scale) for theta in (curve.mode, *support(curve, level)))
        found.append(StudyEffect(label, estimate, low, high))
    return tuple(found)


def support(curve: LikelihoodCurve, level: float) -> tuple[float, float]:
    """The θ at which the log-likelihood has fallen by z²/2 from its top; infinite where it never does."""
    import numpy as np

    from handful.stats.bayes.likelihood_shape import shapes
    from handful.stats.estimates.meta_regression import quantile

    form = shapes(curve.rows)
    floor = float(form.peak[0]) - 0.5 * quantile(math.inf, 0.5 + level / 2) ** 2
    inside = float(np.clip(form.mode[0], form.low[0], form.high[0]))
    step = float(form.grain[0]) or 1.0
    return _fallen(curve, inside, -step, floor), _fallen(curve, inside, step, floor)


def _fallen(curve: LikelihoodCurve, inside: float, step: float, floor: float) -> float:
    outside = inside + step
    while curve.log_likelihood(outside) > floor:
        step *= 2.0
        inside, outside = outside, outside + step
        if abs(step) > 64.0 * _FARTHEST:
            return math.copysign(math.inf, step)
    for _ in range(80):
        middle = 0.5 * (inside + outside)
        if curve.log_likelihood(middle) > floor:
            inside = middle
        else:
            outside = middle
    return 0.5 * (inside + outside)


def _natural(theta: float, scale: str) -> float:
    if scale == "log":
        return math.exp(theta) if theta < 709.0 else math.inf
    if scale == "logit":
        return 1.0 / (1.0 + math.exp(-theta)) if theta > -709.0 else 0.0
    return theta
