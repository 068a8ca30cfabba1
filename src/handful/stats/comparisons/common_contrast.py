"""A common-effect comparison dressed as a fit: the estimate, its limits, Cochran's Q of the studies around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.notes import Note
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.normal import normal_above, normal_quantile
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

RATIOS = ("OR", "RR", "IRR")
"""Measures pooled on the log scale."""

NO_SPREAD = NotEstimable("a common-effect model has no spread between studies")


@dataclass(frozen=True)
class Around:
    """Cochran's Q of k effects around a centre, with I² = max(0, (Q − (k − 1))/Q) in percent and H² = Q/(k − 1)."""

    q: float | NotEstimable
    df: float | NotEstimable
    p: float | NotEstimable
    i2: float | NotEstimable
    h2: float | NotEstimable
    k: int


def natural(measure: str, value: float) -> float:
    """A coefficient on the natural scale: exp for ratios, itself for differences."""
    return float(np.exp(min(value, 709.0))) if measure in RATIOS else value


def around(y: FloatArray, v: FloatArray, centre: float) -> Around:
    """Q of the effects that exist with a variance above 0; not estimable with fewer than two of them."""
    there = np.isfinite(y) & np.isfinite(v) & (v > 0)
    k = int(there.sum())
    if k < 2:
        no = NotEstimable("fewer than two studies have an effect of their own with a variance above 0")
        return Around(no, no, no, no, no, k)
    q = float(((y[there] - centre) ** 2 / v[there]).sum())
    i2 = 100.0 * max(1.0 - (k - 1) / q, 0.0) if q > 0 else 0.0
    return Around(q, float(k - 1), chi2_above(q, k - 1), i2, q / (k - 1), k)


NO_WIDTH = NotEstimable("all or none had the event in every group: this variance is 0, and no width is no interval")


def _limit(measure: str, limit: float | NotEstimable) -> float | NotEstimable:
    return limit if isinstance(limit, NotEstimable) else natural(measure, limit)


def common_fit(
    *,
    model: str,
    measure: str,
    coefficient: float,
    variance: float,
    level: float,
    k: int,
    people: float,
    labels: Sequence[str],
    weights: FloatArray,
    spread: Around,
    notes: tuple[Note, ...],
    details: Mapping[str, Any],
) -> Fit:
    """Wald limits on the model scale, everything else as given."""
    se = float(np.sqrt(variance))
    z = normal_quantile((1.0 - level) / 2)
    low: float | NotEstimable = NO_WIDTH if se == 0 else coefficient - z * se
    high: float | NotEstimable = NO_WIDTH if se == 0 else coefficient + z * se
    statistic = coefficient / se if se > 0 else NotEstimable("the standard error is 0")
    p = NotEstimable("the standard error is 0") if se == 0 else 2.0 * normal_above(abs(coefficient / se))
    estimate = natural(measure, coefficient)
    total = float(weights.sum())
    if se == 0:
        notes += (Note("interval-without-width", f"limits: not estimable ({NO_WIDTH.reason})"),)
    return Fit(
        model=model,
        measure=measure,
        estimate=estimate,
        low=_limit(measure, low),
        high=_limit(measure, high),
        level=level,
        interval_method="wald",
        coefficient=coefficient,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=estimate,
        median_low=_limit(measure, low),
        median_high=_limit(measure, high),
        tau2=NO_SPREAD,
        tau2_interval=NO_SPREAD,
        k=k,
        people=people,
        prediction=NO_SPREAD,
        weights=tuple(float(w / total) for w in weights) if total > 0 else NotEstimable("no study has any weight"),
        labels=tuple(labels),
        i2=spread.i2,
        h2=spread.h2,
        q=spread.q,
        q_df=spread.df,
        q_p=spread.p,
        notes=notes,
        numerical_error=0.0,
        details={
            "scale": "log" if measure in RATIOS else "identity",
            "statistic": statistic,
            "p": p,
            "q_studies": spread.k,
            **details,
        },
    )
