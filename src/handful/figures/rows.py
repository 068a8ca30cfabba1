"""What a forest shows, row by row: each study's counts, estimate and limits, from whatever kind of evidence it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.base.wording import count
from handful.figures.scales import Scale, scale_of
from handful.stats.clusters.multilevel_result import Multilevel
from handful.stats.effects.effect_sizes import EffectSizes
from handful.stats.effects.measures import measures_for
from handful.stats.estimates.regression_result import Regression
from handful.stats.evidence import Estimates, OneArm, OneArmRates, TwoArmRates, TwoArms
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.combined import Combined
from handful.synthesis.study_effects import study_effects


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
    """Rows of the studies, on the natural scale of ``measure``; ``intervals`` as in ``study_effects``."""
    effects, method = study_effects(evidence, measure, level, intervals)
    counts, headings = _counts(evidence)
    scale = scale_of("proportion" if isinstance(evidence, OneArm) else
                     "rate" if isinstance(evidence, OneArmRates) else measure)  # fmt: skip
    shares = _shares(weights, len(evidence))
    rows = tuple(
        Row("study", e.label, counts[i], e.estimate, e.low, e.high, shares[i], e.words) for i, e in enumerate(effects)
    )
    return Studies(rows, headings, scale, method)


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
    if isinstance(evidence, Combined):
        return [(curve.what,) for curve in evidence.curves], ("made of",)
    return [() for _ in evidence.labels], ()


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
