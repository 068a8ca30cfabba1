"""What a forest shows, row by row: each study's counts, estimate and limits, from whatever kind of evidence it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.wording import count
from handful.figures.scales import Scale, scale_of
from handful.stats.clusters.multilevel_result import Multilevel
from handful.stats.effects.effect_sizes import EffectSizes
from handful.stats.effects.measures import measures_for
from handful.stats.estimates.regression_result import Regression
from handful.stats.evidence import Estimates, OneArm, OneArmRates, TwoArmRates, TwoArms
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.combined import Combined

STUDY_INTERVALS = ("exact", "wald")


@dataclass(frozen=True)
class Row:
    """One line of a forest. ``kind``: study, pooled, prediction, heading or words (a result that there is not)."""

    kind: str
    label: str
    counts: tuple[str, ...] = ()
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    weight: float | None = None
    words: str = ""


@dataclass(frozen=True)
class Studies:
    """The studies' rows, what stands over their columns of counts, their scale, and how the limits were made."""

    rows: tuple[Row, ...]
    headings: tuple[str, ...]
    scale: Scale
    method: str


def evidence_of(result: Any, evidence: Any = None) -> Any:
    """The evidence behind a result: given, kept in the fit, or the thing itself."""
    if evidence is None and isinstance(result, Multilevel):
        raise InputError("a multilevel result does not keep its estimates", hint="give them too: evidence=...")
    if evidence is None:
        evidence = getattr(result.recipe, "evidence", None) if isinstance(result, Fit) else result
        if evidence is None and isinstance(result, Fit):
            raise InputError("this fit does not know its studies", hint="give evidence=, or a fit that hf.pool made")
    if isinstance(evidence, NotEstimable):
        raise InputError(f"there is nothing to draw: {evidence.reason}")
    if isinstance(evidence, EffectSizes):
        evidence = evidence.estimates()
    if not isinstance(evidence, (Estimates, Combined)) and not measures_for(type(evidence).__name__):
        hint = "a fit of hf.pool, evidence such as hf.two_arms(...), or hf.estimates(...)"
        if isinstance(evidence, Regression):
            hint = "a regression is drawn by hf.figures.bubble"
        raise InputError(f"this figure cannot draw {type(evidence).__name__}", hint=hint)
    return evidence


def measure_of(result: Any, evidence: Any) -> str:
    """The code of what is drawn: the fit's, or the usual one of this kind of evidence."""
    if isinstance(result, (Fit, Multilevel)):
        return result.measure
    if isinstance(evidence, (Estimates, Combined)):
        return evidence.measure
    kind = type(evidence).__name__
    return {"OneArm": "proportion", "OneArmRates": "rate"}.get(kind, measures_for(kind)[0])


def studies(evidence: Any, measure: str, level: float, intervals: str, weights: Any = None) -> Studies:
    """Rows of the studies, on the natural scale of ``measure``.

    ``intervals="exact"``: of counts the interval that holds its level at any size (Clopper–Pearson, Garwood,
    conditional exact, Koopman, Miettinen–Nurminen), so that 0 of n needs nothing added; ``"wald"``: estimate ± z
    standard errors on the model scale. Estimates have the latter in any case.
    """
    if intervals not in STUDY_INTERVALS:
        raise UnknownChoice("intervals", intervals, STUDY_INTERVALS)
    if isinstance(evidence, Combined):
        from handful.figures.combined import combined_studies

        return combined_studies(evidence, level)
    counts, headings = _counts(evidence)
    exact = _exact(evidence, measure) if intervals == "exact" else None
    if exact is not None:
        ends, method = _each(exact, len(evidence), level)
    else:
        ends, method = _wald(evidence, measure, level), "estimate ± z standard errors"
    scale = scale_of("proportion" if isinstance(evidence, OneArm) else
                     "rate" if isinstance(evidence, OneArmRates) else measure)  # fmt: skip
    shares = _shares(weights, len(evidence))
    rows = []
    for i, label in enumerate(evidence.labels):
        estimate, low, high, words = ends[i]
        rows.append(Row("study", label, counts[i], estimate, low, high, shares[i], words))
    return Studies(tuple(rows), headings, scale, method)


def _shares(weights: Any, k: int) -> list[float | None]:
    if weights is None or isinstance(weights, NotEstimable) or len(weights) != k:
        return [None] * k
    total = math.fsum(weights)
    return [float(w) / total if total > 0 else None for w in weights]


def _counts(evidence: Any) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    def over(events: Any, time: Any) -> str:
        return f"{events} in {time:g}"

    if isinstance(evidence, OneArm):
        return [(count(int(x), int(n)),) for x, n in zip(evidence.events, evidence.totals, strict=True)], ("events",)
    if isinstance(evidence, OneArmRates):
        return [(over(x, t),) for x, t in zip(evidence.events, evidence.time, strict=True)], ("events in time",)
    if isinstance(evidence, TwoArms):
        columns = zip(evidence.events1, evidence.totals1, evidence.events2, evidence.totals2, strict=True)
        return [(count(int(a), int(b)), count(int(c), int(d))) for a, b, c, d in columns], ("group 1", "group 2")
    if isinstance(evidence, TwoArmRates):
        columns = zip(evidence.events1, evidence.time1, evidence.events2, evidence.time2, strict=True)
        return [(over(a, b), over(c, d)) for a, b, c, d in columns], ("group 1", "group 2")
    return [() for _ in evidence.labels], ()


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
    back = scale_of(values.measure).back
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


def pooled_rows(fit: Fit | Multilevel | NotEstimable, label: str, *, prediction: bool = True) -> list[Row]:
    """The pooled result and where a next study may lie; words where there is no number."""
    if isinstance(fit, NotEstimable):
        return [Row("words", label, words=f"not estimable: {fit.reason}")]
    if isinstance(fit.estimate, NotEstimable):
        return [Row("words", label, words=f"not estimable: {fit.estimate.reason}")]
    ends = [math.nan if isinstance(end, NotEstimable) else float(end) for end in (fit.low, fit.high)]
    rows = [Row("pooled", label, (), float(fit.estimate), ends[0], ends[1])]
    if prediction and isinstance(fit.prediction, Interval):
        ahead = fit.prediction
        rows.append(Row("prediction", "  next study", (), math.nan, float(ahead.low), float(ahead.high)))
    return rows


def finite(values: Any) -> list[float]:
    """The numbers among them."""
    return [float(v) for v in np.ravel(values) if not math.isnan(float(v))]
