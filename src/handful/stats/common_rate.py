"""One rate for all studies: total events over total people (or person-time), with its exact interval.

Only as a reference line. It is the right model when nothing but chance differs between the studies, which cannot be
known from a handful, and its interval ignores whatever else differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.results import Fit, Interval, NotEstimable


def clopper_pearson(x: float, n: float, level: float) -> tuple[float, float]:
    """Exact limits of x of n (Clopper & Pearson 1934, 10.1093/biomet/26.4.404): 0 at x = 0, 1 at x = n."""
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else 1.0 - float(betaincinv(n - x, x + 1, tail))
    return low, high


def garwood(x: float, time: float, level: float) -> tuple[float, float]:
    """Exact limits of a Poisson rate (Garwood 1936, 10.1093/biomet/28.3-4.437)."""
    from scipy.special import gammainccinv, gammaincinv

    tail = (1.0 - level) / 2.0
    low = 0.0 if x == 0 else float(gammaincinv(x, tail)) / time
    return low, float(gammainccinv(x + 1, tail)) / time


def one_sided_on_total(x: float, n: float, level: float, *, time: bool = False) -> Interval:
    """The exact one-sided bound on the total, for sets with no event at all or nothing but events.

    0 of n: upper bound 1 − (1 − level)^(1/n); n of n: its mirror image; no event in time T: −log(1 − level)/T.
    """
    if time:
        return Interval(0.0, 0.0, -float(np.log1p(-level)) / n, level, "exact, on the total", "upper")
    if x == 0:
        return Interval(0.0, 0.0, -float(np.expm1(np.log1p(-level) / n)), level, "exact, on the total", "upper")
    return Interval(1.0, float(np.exp(np.log1p(-level) / n)), 1.0, level, "exact, on the total", "lower")


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
    low, high = garwood(total, size, level) if time else clopper_pearson(total, size, level)
    rate = total / size
    scale = "log rate" if time else "log odds"
    edge = total == 0 or (total == size and not time)
    infinite = NotEstimable(f"the {scale} of {total:g} of {size:g} is infinite")

    def link(p: float) -> float:
        return float(np.log(p)) if time else float(np.log(p) - np.log1p(-p))

    spread = total if time else total * (1.0 - rate)
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
        estimate=rate,
        low=low,
        high=high,
        level=level,
        interval_method="garwood" if time else "clopper-pearson",
        coefficient=infinite if edge else link(rate),
        se=infinite if edge else float(spread**-0.5),
        coefficient_low=link(low) if low > 0 else -np.inf,
        coefficient_high=np.inf if (high == 1 and not time) else link(high),
        median=rate,
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
        log_likelihood=_log_likelihood(x, n, rate, time),
        numerical_error=0.0,
        notes=notes,
        details={"events": total, "of": size, "scale": "log" if time else "logit", "predictive": ("point", rate)},
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
