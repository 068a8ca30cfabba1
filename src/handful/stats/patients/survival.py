"""``time_to_event``: Kaplan and Meier's curve with limits that hold for few people."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from handful.base.notes import Note
from handful.stats.checked import choice, level_and_side
from handful.stats.columns import Columns, FloatArray, IntArray, frozen
from handful.stats.distributions.normal import normal_quantile
from handful.stats.patients.beta_product import MOST_EVENTS, product_quantile
from handful.stats.patients.survival_result import TimeToEvent
from handful.stats.results import Interval, NotEstimable

Ends: TypeAlias = tuple[FloatArray, FloatArray]

METHODS = ("beta-product", "log-log", "log", "plain")
_FEW = 20  # events; below, limits by Greenwood's variance are a guess


def time_to_event(
    time: Any, event: Any, *, method: str = "beta-product", level: float = 0.95
) -> TimeToEvent | NotEstimable:
    """The share of people who have not had the event yet, as time goes on, with limits, median and numbers at risk.

    ``time`` of at least 0 and ``event`` (1: it happened then, 0: followed without it until then), one row a person;
    people with a missing value are left out with a note. Kaplan–Meier: S(t) = Π (1 − d_i/Y_i) over event times up to t,
    d_i events among Y_i at risk; somebody who leaves at the time of an event was still at risk.

    ``method``: ``beta-product`` (default; Fay, Brittain, Proschan 2013) keeps its level for any number of people and is
    Clopper and Pearson's interval where nobody left early. ``log-log``, ``log`` and ``plain`` are Greenwood's variance
    on that scale, for comparison: they have no width before the first event or at S = 0, and are too narrow for few.
    The median's limits are the times at which the curve's limits cross a half.

    Edges: no event: S is 1 throughout with a lower limit, the median ``NotEstimable``. Leaving must have nothing to do
    with the event; no number here can show that. Events that something else can make impossible (death, another
    treatment) need another method.

    References: Kaplan, Meier 1958, doi:10.1080/01621459.1958.10501452; Fay, Brittain, Proschan 2013,
    doi:10.1093/biostatistics/kxt016; Brookmeyer, Crowley 1982, doi:10.2307/2530286.

    >>> curve = time_to_event([2, 3, 3, 5, 8, 12], [1, 1, 0, 1, 0, 0])
    >>> print(curve.had_event_by(6))
    0.5556 (0.1297 to 0.9398), 95 % beta-product
    """
    choice("method", method, METHODS)
    confidence, _, tail = level_and_side(level, "two")
    table = Columns("time_to_event", None, time=time, event=event)
    kept, left_out = table.without_missing()
    t, d = table.not_negative("time") if kept.all() else _positive(table, kept), table.columns["event"]
    table.flag(kept & (d != 0) & (d != 1), lambda i: f"event is {d[i]:g}; it must be 0 or 1 (1: it happened)")
    table.finish("give each person a time, and 1 or 0; a missing value leaves the person out, with a note")
    notes = _said(left_out)
    if not kept.any():
        return NotEstimable("there is nobody with a time and an outcome", notes)
    times, at_risk, events, censored = _steps(t[kept], d[kept])
    with np.errstate(divide="ignore", invalid="ignore"):
        kept_share = np.where(at_risk > 0, 1.0 - events / np.maximum(at_risk, 1), 1.0)
    survival: FloatArray = np.cumprod(kept_share).astype(np.float64)
    if method == "beta-product":
        low, high = _beta_product(at_risk, events, censored, tail)
        if int(events.sum()) > MOST_EVENTS:
            text = f"more than {MOST_EVENTS} events: each product of betas is taken for one beta with its two moments"
            notes = (*notes, Note("beta-product-approximate", text))
    else:
        low, high = _greenwood(at_risk, events, survival, method, normal_quantile(tail))
        if int(events.sum()) < _FEW:
            text = f"{int(events.sum())} events: limits by Greenwood's variance are too narrow for so few"
            notes = (*notes, Note("few-events", text))
    return TimeToEvent(
        times=frozen(times),
        at_risk=_whole(at_risk),
        events=_whole(events),
        censored=_whole(censored),
        survival=frozen(survival),
        low=frozen(low),
        high=frozen(high),
        level=confidence,
        method=method,
        people=int(kept.sum()),
        median=_median(times, survival, low, high, confidence, method),
        notes=notes,
    )


def _positive(table: Columns, kept: Any) -> FloatArray:
    column = table.numbers("time", kept)
    table.flag(kept & (column < 0), lambda i: f"time is {column[i]:g}, below 0")
    return column


def _said(left_out: tuple[Note, ...]) -> tuple[Note, ...]:
    if len(left_out) <= 20:
        return tuple(Note(n.code, n.text, n.about.replace("study", "person")) for n in left_out)
    return (Note("people-left-out", f"{len(left_out)} people left out: time or event missing"),)


def _steps(t: FloatArray, d: FloatArray) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Different times with 0 in front, and who is at risk, has the event, leaves at each."""
    found, place = np.unique(t, return_inverse=True)
    events = np.bincount(place.reshape(-1), weights=d).astype(np.int64)
    gone = np.bincount(place.reshape(-1)).astype(np.int64)
    at_risk = len(t) - np.concatenate([[0], np.cumsum(gone)[:-1]]).astype(np.int64)
    censored = gone - events
    if found[0] > 0:
        zero = np.zeros(1, dtype=np.int64)
        found = np.concatenate([[0.0], found])
        events, censored = np.concatenate([zero, events]), np.concatenate([zero, censored])
        at_risk = np.concatenate([[len(t)], at_risk]).astype(np.int64)
    return found, at_risk, events, censored


def _beta_product(at_risk: IntArray, events: IntArray, censored: IntArray, tail: float) -> Ends:
    exact = int(events.sum()) <= MOST_EVENTS
    low, high = np.zeros(len(events)), np.ones(len(events))
    rates: tuple[int, ...] = ()
    for j, (y, d, c) in enumerate(zip(at_risk.tolist(), events.tolist(), censored.tolist(), strict=True)):
        rates = (*rates, *range(y, y - d, -1))
        high[j] = high[j - 1] if j and d == 0 else product_quantile(rates, 1.0 - tail, exact=exact)
        low[j] = product_quantile((*rates, y - d - c), tail, exact=exact)
    return low, high


def _greenwood(at_risk: IntArray, events: IntArray, s: FloatArray, method: str, z: float) -> Ends:
    left = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.cumsum(np.where(events > 0, events / (at_risk * np.maximum(left, 0).astype(float)), 0.0))
        se = np.sqrt(sums)
        if method == "plain":
            low, high = s - z * s * se, s + z * s * se
        elif method == "log":
            low, high = s * np.exp(-z * se), s * np.exp(z * se)
        else:
            logs = np.log(s)
            low, high = (np.exp(logs * np.exp(sign * z * se / -logs)) for sign in (1.0, -1.0))
    known = (s > 0) & (s < 1)  # elsewhere the variance is 0 or there is none
    return np.where(known, np.clip(low, 0.0, 1.0), s), np.where(known, np.clip(high, 0.0, 1.0), s)


def _median(
    times: FloatArray, survival: FloatArray, low: FloatArray, high: FloatArray, level: float, method: str
) -> Interval | NotEstimable:
    def first(reached: Any) -> float:
        found = np.flatnonzero(reached)
        return float(times[found[0]]) if found.size else math.inf

    middle = first(survival <= 0.5 + 1e-12)
    if math.isinf(middle):
        ends = f"its lower limit is {first(low <= 0.5):g}" if (low <= 0.5).any() else "nor has its lower limit an end"
        return NotEstimable(f"not reached: fewer than half had the event ({ends})")
    return Interval(middle, first(low <= 0.5), first(high < 0.5), level, method)


def _whole(values: IntArray) -> IntArray:
    values.setflags(write=False)
    return values
