"""One study of two groups: its own effect with the interval that belongs to it. Nothing is pooled."""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.results import Fit, Interval, NotEstimable

RATIOS = ("OR", "RR", "IRR")


def single_comparison(
    first: float, size1: float, second: float, size2: float, label: str, measure: str, level: float
) -> Fit | NotEstimable:
    """k = 1: OR and IRR with conditional exact limits, RR with Koopman's, RD with Miettinen and Nurminen's.

    An empty group gives a ratio of 0 or infinity with one finite limit. Where the study says nothing about the effect:
    ``NotEstimable``.
    """
    interval = _interval(first, size1, second, size2, measure, level)
    if isinstance(interval, NotEstimable) or any(note.code.startswith("no-information") for note in interval.notes):
        return NotEstimable(f"the one study says nothing about the {measure}")
    alone = NotEstimable("one study says nothing about differences between studies")
    middle, low, high = float(interval.estimate), float(interval.low), float(interval.high)
    c, c_low, c_high = (_model(v, measure) for v in (middle, low, high))
    text = f"one study with information: nothing is pooled; this is its own {measure}, {interval.method}"
    return Fit(
        model="single-study",
        measure=measure,
        estimate=middle,
        low=low,
        high=high,
        level=level,
        interval_method=interval.method,
        coefficient=c,
        se=NotEstimable("the interval does not come from a standard error"),
        coefficient_low=c_low,
        coefficient_high=c_high,
        median=middle,
        median_low=low,
        median_high=high,
        tau2=alone,
        tau2_interval=alone,
        k=1,
        people=size1 + size2,
        prediction=alone,
        weights=(1.0,),
        labels=(label,),
        i2=alone,
        h2=alone,
        q=alone,
        q_df=alone,
        q_p=alone,
        notes=(Note("single-study", text, about=label),),
        numerical_error=0.0,
        details={"scale": "log" if measure in RATIOS else "identity"},
    )


def _interval(x1: float, n1: float, x2: float, n2: float, measure: str, level: float) -> Any:
    if measure == "IRR":
        from handful.stats.two_groups.two_rates import two_rates

        return two_rates(x1, n1, x2, n2).rate_ratio(level=level)
    from handful.stats.two_groups.two_by_two import two_groups

    groups = two_groups(x1, n1, x2, n2)
    found: Interval | NotEstimable
    if measure == "OR":
        found = groups.odds_ratio(level=level)
    elif measure == "RR":
        found = groups.risk_ratio(level=level)
    else:
        found = groups.risk_difference(level=level)
    return found


def _model(value: float, measure: str) -> float:
    if measure not in RATIOS:
        return value
    with np.errstate(divide="ignore"):
        return float(np.log(value))
