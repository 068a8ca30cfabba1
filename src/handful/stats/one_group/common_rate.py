"""One rate for all studies: total events over total people (or person-time), with its exact interval.

Only as a reference line. It is the right model when nothing but chance differs between the studies, which cannot be
known from a handful, and its interval ignores whatever else differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.one_group.proportion import proportion
from handful.stats.one_group.rates import rate
from handful.stats.one_group.rule_of_three import (
    highest_rate_without_events,
    highest_without_events,
    lowest_without_exception,
)
from handful.stats.results import Fit, Interval, NotEstimable


def one_sided_on_total(x: float, n: float, level: float, *, time: bool = False) -> Interval:
    """The exact one-sided bound on the total, for sets with no event at all or nothing but events.

    0 of n: upper bound 1 − (1 − level)^(1/n); n of n: its mirror image; no event in time T: −log(1 − level)/T.
    """
    if time:
        return Interval(0.0, 0.0, highest_rate_without_events(n, level), level, "exact, on the total", "upper")
    if x == 0:
        return Interval(0.0, 0.0, highest_without_events(n, level), level, "exact, on the total", "upper")
    return Interval(1.0, lowest_without_exception(n, level), 1.0, level, "exact, on the total", "lower")


def pool_common_rate(
    events: Any,
    sizes: Any,
    *,
    labels: Sequence[str],
    level: float = 0.95,
    time: bool = False,
    name: str = "common-effect",
) -> Fit:
    """Total events over total people (``time=False``) or person-time (``time=True``), interval Clopper–Pearson or
    Garwood.

    Edges: no events give 0 with a finite upper limit; all events 1 with a lower one. One study is that study.

    >>> fit = pool_common_rate([1, 0], [4, 4], labels=["adults", "children"])
    >>> fit.estimate, round(fit.low, 4), round(fit.high, 4)
    (0.125, 0.0032, 0.5265)
    """
    x, n = np.asarray(events, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    total, size = float(x.sum()), float(n.sum())
    exact = rate(total, size, level=level) if time else proportion(total, size, level=level)
    assert isinstance(exact, Interval)  # someone was observed
    share, low, high = (float(v) for v in (exact.estimate, exact.low, exact.high))
    scale = "log rate" if time else "log odds"
    edge = total == 0 or (total == size and not time)
    infinite = NotEstimable(f"the {scale} of {total:g} of {size:g} is infinite")

    def link(p: float) -> float:
        return float(np.log(p)) if time else float(np.log(p) - np.log1p(-p))

    spread = total if time else total * (1.0 - share)
    single = len(labels) == 1
    fixed = NotEstimable("one study says nothing about differences between studies") if single else 0.0
    fixed_interval = NotEstimable(
        "one study says nothing about differences between studies" if single else "the model assumes τ² = 0"
    )
    notes = (
        ()
        if single
        else (Note("common-effect", "assumes that every study has the same rate; shown as a reference only"),)
    )
    return Fit(
        model=name,
        measure="rate" if time else "proportion",
        estimate=share,
        low=low,
        high=high,
        level=level,
        interval_method=exact.method,
        coefficient=infinite if edge else link(share),
        se=infinite if edge else float(spread**-0.5),
        coefficient_low=link(low) if low > 0 else -np.inf,
        coefficient_high=np.inf if (high == 1 and not time) else link(high),
        median=share,
        median_low=low,
        median_high=high,
        tau2=fixed,
        tau2_interval=fixed_interval,
        k=len(labels),
        people=size,
        prediction=NotEstimable("one study says nothing about how a next one would differ")
        if single
        else NotEstimable("the model has no spread between studies, so a next study is predicted at the common rate"),
        weights=tuple(float(v) for v in n / size),
        labels=tuple(labels),
        log_likelihood=_log_likelihood(x, n, share, time),
        numerical_error=0.0,
        notes=notes,
        details={
            "events": total,
            "of": size,
            "scale": "log" if time else "logit",
            "predictive": ("point", share),
            **({"total": one_sided_on_total(total, size, level, time=time)} if edge else {}),
        },
    )


def _log_likelihood(x: Any, n: Any, rate: float, time: bool) -> float:
    from scipy.special import gammaln, xlog1py, xlogy

    if time:
        return float((xlogy(x, n * rate) - n * rate - gammaln(x + 1)).sum())
    constant = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return float((constant + xlogy(x, rate) + xlog1py(n - x, -rate)).sum())


def single_study(x: float, n: float, label: str, level: float, *, time: bool = False) -> Fit:
    """k = 1: that study, plainly labelled; no τ, no prediction."""
    from dataclasses import replace

    fit = pool_common_rate([x], [n], labels=[label], level=level, time=time, name="single-study")
    text = "one study: nothing is pooled; this is its own rate with its exact interval"
    return replace(fit, notes=(Note("single-study", text, about=label),))


def pool_common_person_time(events: Any, time: Any, *, labels: Sequence[str], level: float = 0.95) -> Fit:
    """Total events over total person-time, with Garwood's exact interval."""
    return pool_common_rate(events, time, labels=labels, level=level, time=True)
