"""Published reviews' way: pool transformed proportions or rates by inverse variance, and take the result back.

Kept so that reviews can be reproduced and compared. The variances are themselves estimated from the counts, which
goes wrong where counts are small, and the back-transformed mean is the median study, not the population average.
Freeman–Tukey's way back to a rate depends on a sample size that nobody has and can be seriously misleading
(Schwarzer et al. 2019, 10.1002/jrsm.1348; Röver & Friede 2022, 10.1002/jrsm.1591), so it always carries a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.notes import Note
from handful.stats.count_models.average import normal_average
from handful.stats.estimates.inverse_variance import pool_inverse_variance
from handful.stats.one_group.transforms import back, transform_proportions, transform_rates
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

_FREEMAN_TUKEY = (
    "Freeman–Tukey's back-transformation depends on a sample size chosen for the purpose (here the harmonic mean, "
    "{size:.4g}) and can be seriously misleading; for reproducing published reviews only (10.1002/jrsm.1348)"
)


def pool_proportions(
    events: Any,
    totals: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    measure: str = "PLO",
    tau2: str = "REML",
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    add: float = 0.0,
    to: str = "none",
) -> Fit | NotEstimable:
    """Random effects on PLO, PAS, PFT, PLN, PR or PRZ. ``estimate`` is the back-transformed mean (what reviews print).

    A study whose transformed rate or variance is not finite and positive (PLO, PLN, PR of 0 of n or n of n) is left
    out with a note, unless a correction is asked for by name: ``add=0.5, to="only0"``.

    >>> fit = pool_proportions([3, 6, 10, 1], [11, 17, 21, 6], measure="PFT")
    >>> round(fit.estimate, 4)
    0.3595
    """
    x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    y, v = transform_proportions(x, n, measure, add=add, to=to)
    return _pool(y, v, x, n, measure, labels, level, tau2, interval, prediction, add, to, "proportion")


def pool_rates(
    events: Any,
    time: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    measure: str = "IRLN",
    tau2: str = "REML",
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    add: float = 0.0,
    to: str = "none",
) -> Fit | NotEstimable:
    """Random effects on IR, IRLN, IRS or IRFT; as ``pool_proportions``."""
    x, t = np.asarray(events, dtype=np.float64), np.asarray(time, dtype=np.float64)
    y, v = transform_rates(x, t, measure, add=add, to=to)
    return _pool(y, v, x, t, measure, labels, level, tau2, interval, prediction, add, to, "rate")


def _pool(
    y: FloatArray,
    v: FloatArray,
    x: FloatArray,
    size: FloatArray,
    measure: str,
    labels: Sequence[str] | None,
    level: float,
    tau2: str,
    interval: str,
    prediction: str,
    add: float,
    to: str,
    what: str,
) -> Fit | NotEstimable:
    names = tuple(f"study {i + 1}" for i in range(len(y))) if labels is None else tuple(labels)
    usable = np.isfinite(y) & np.isfinite(v) & (v > 0)
    notes = [
        Note(
            "study-left-out",
            f"{x[i]:g} of {size[i]:g} has no finite {measure} with a variance above 0: left out",
            names[i],
        )
        for i in np.flatnonzero(~usable)
    ]
    if to != "none" and add > 0:
        where = {
            "only0": "in empty or full studies",
            "if0all": "in all, if one is empty or full",
            "all": "in all studies",
        }
        cells = "events and to non-events" if what == "proportion" else "events"
        notes.append(Note("continuity-correction", f"{add:g} was added to {cells} {where[to]}, as asked"))
    if not usable.any():
        return NotEstimable(f"no study has a finite {measure} with a variance above 0", tuple(notes))
    kept = tuple(name for name, use in zip(names, usable, strict=True) if use)
    found = pool_inverse_variance(
        y[usable],
        v[usable],
        labels=kept,
        level=level,
        tau2=tau2,
        interval=interval,
        prediction=prediction,
        measure=measure,
    )
    if isinstance(found, NotEstimable):
        return found
    harmonic = float(1.0 / np.mean(1.0 / size[usable]))
    if measure in ("PFT", "IRFT"):
        notes.append(Note("freeman-tukey", _FREEMAN_TUKEY.format(size=harmonic)))
    if measure not in ("PR", "IR"):
        text = "the back-transformed mean is the median study, not the population average"
        notes.append(Note("median-not-average", text))
    return _natural(found, measure, harmonic, float(size[usable].sum()), tuple(notes))


def _natural(fit: Fit, measure: str, size: float, people: float, notes: tuple[Note, ...]) -> Fit:
    def to_natural(value: Any) -> Any:
        return value if isinstance(value, NotEstimable) else back(float(value), measure, size)

    p = fit.prediction
    natural: Callable[[Any], Any] = to_natural
    estimate, low, high = natural(fit.coefficient), natural(fit.coefficient_low), natural(fit.coefficient_high)
    average = _average(fit, measure)
    return replace(
        fit,
        estimate=estimate,
        low=low,
        high=high,
        median=estimate,
        median_low=low,
        median_high=high,
        people=people,
        prediction=p
        if isinstance(p, NotEstimable)
        else Interval(natural(p.estimate), natural(p.low), natural(p.high), p.level, p.method),
        notes=(*notes, *fit.notes),
        details={**fit.details, "average": average, "prediction_coefficient": p, "back_size": size},
    )


def _average(fit: Fit, measure: str) -> float | NotEstimable:
    """E of the back-transformed normal distribution of study effects, where it has one without further assumption."""
    if isinstance(fit.coefficient, NotEstimable) or isinstance(fit.tau2, NotEstimable):
        return NotEstimable("one study says nothing about differences between studies")
    mu, t2 = float(fit.coefficient), float(fit.tau2)
    if measure == "PLO":
        return normal_average(mu, float(np.sqrt(t2))).m
    if measure in ("PR", "IR"):
        return mu
    if measure == "IRLN":
        return float(np.exp(mu + 0.5 * t2))
    if measure == "PRZ":
        from scipy.special import ndtr

        return float(ndtr(mu / np.sqrt(1.0 + t2)))
    if measure == "IRS":
        return mu * mu + t2
    return NotEstimable(f"a normal spread on {measure} leaves the range of a rate, so it has no average there")
