"""From a reported interval or p value to an estimate with its standard error, and from one level to another.

A limit is estimate ± q se on the scale on which the interval was made (the logarithm for ratios), with q the normal
quantile, or that of t with ``df`` degrees of freedom.

References: Altman, Bland 2011, 10.1136/bmj.d2090 and 10.1136/bmj.d2304; Higgins, Li, Deeks, Cochrane Handbook, ch. 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.checked import choice
from handful.stats.converting.converted import (
    NATURAL_RULE,
    Converted,
    FloatArray,
    Numbers,
    scale_of,
    to_model,
    to_natural,
)
from handful.stats.results import Interval

_LOPSIDED = 0.1  # of half the interval: more than rounding to two figures makes


def from_interval(
    low: Any,
    high: Any,
    *,
    level: Any = 0.95,
    estimate: Any = None,
    measure: str = "GEN",
    scale: str | None = None,
    df: Any = None,
) -> Converted:
    """Estimate and standard error from a reported interval; everything may be an array.

    y = (T(low) + T(high))/2, or T(``estimate``) where it was reported; se = (T(high) − T(low))/(2q); T: logarithm for
    ratios (OR, RR, HR, IRR), logit for proportions, atanh for correlations, else nothing; ``scale`` says it by name.
    ``df``: the interval was made with Student's t (means of small groups).

    If the reported estimate is far from the middle on that scale, a note says so: then either the interval was made
    another way (exact, profile, bootstrap) or a digit is wrong. Errors: low not below high, an estimate outside, limits
    that the scale does not have (an odds ratio of 0).

    >>> found = from_interval(0.70, 0.94, estimate=0.81, measure="RR")
    >>> round(found.estimate, 3), round(found.se, 3)
    (-0.211, 0.075)
    """
    kind = scale_of(measure, scale)
    rule = NATURAL_RULE[kind]
    named: dict[str, tuple[Any, str]] = {"low": (low, rule), "high": (high, rule), "level": (level, "proportion")}
    if estimate is not None:
        named["estimate"] = (estimate, rule)
    if df is not None:
        named["df"] = (df, "positive")
    given = Numbers(**named)
    given.problem("low", given["low"] >= given["high"], "is not below high")
    if estimate is not None:
        outside = (given["estimate"] < given["low"]) | (given["estimate"] > given["high"])
        given.problem("estimate", outside, "is outside its own interval")
    checked = given.finish(f"low < high, finite, on a {kind} scale; level between 0 and 1")
    bottom, top = to_model(given["low"], kind), to_model(given["high"], kind)
    middle, half = 0.5 * (bottom + top), 0.5 * (top - bottom)
    y = middle if estimate is None else to_model(given["estimate"], kind)
    notes: tuple[Note, ...] = ()
    lopsided = np.abs(y - middle) > _LOPSIDED * half
    if lopsided.any():
        where = "" if checked.scalar else f" ({checked.positions(lopsided)})"
        text = f"the estimate is not in the middle of its interval on the {kind} scale{where}: check the digits"
        notes = (Note("interval-lopsided", text),)
    se = half / _quantile(given, df)
    return Converted(checked.back(y), checked.back(se), measure, f"from an interval, {kind} scale", notes)


def from_p(
    estimate: Any, p: Any, *, measure: str = "GEN", scale: str | None = None, df: Any = None, sides: str = "two"
) -> Converted:
    """Standard error from an estimate and its p value: se = |T(estimate)|/q, q the quantile that belongs to p.

    ``estimate`` on the natural scale (an odds ratio of 0.73). ``df``: p came from a t test. ``sides="one"``: p was
    one-sided, in the direction of the estimate. "p < 0.05" is not a p value: taking it as 0.05 gives the largest
    standard error that is possible, and so is cautious. Errors: an estimate of no effect, p = 1 (neither says anything
    about the standard error), and p = 0, which is a rounded one.

    >>> found = from_p(3.8, 0.008, df=45)
    >>> round(found.se, 2)
    1.37
    """
    kind = scale_of(measure, scale)
    named: dict[str, tuple[Any, str]] = {"estimate": (estimate, NATURAL_RULE[kind]), "p": (p, "p")}
    if df is not None:
        named["df"] = (df, "positive")
    given = Numbers(**named)
    both = choice("sides", sides, ("two", "one")) == "two"
    most = 1.0 if both else 0.5
    given.problem("p", given["p"] >= most, f"is {most:g} or more, which says nothing about the standard error")
    usable = np.where(given["estimate"] > 0, given["estimate"], 0.5) if kind in ("log", "logit") else given["estimate"]
    if kind == "atanh":
        usable = np.where(np.abs(usable) < 1, usable, 0.5)
    if kind == "logit":
        usable = np.where(usable < 1, usable, 0.25)
    with np.errstate(invalid="ignore"):
        y = to_model(usable, kind)
    given.problem("estimate", y == 0, "is no effect at all, which says nothing about the standard error")
    checked = given.finish("an estimate other than no effect, and a p value above 0 and below 1")
    tail = 0.5 * given["p"] if both else given["p"]
    q = normal_or_t(tail, given["df"] if df is not None else None)
    return Converted(checked.back(y), checked.back(np.abs(y) / q), measure, f"from a p value, {kind} scale")


def change_level(
    low: Any, high: Any, *, level: float, to: float, measure: str = "GEN", scale: str | None = None, df: Any = None
) -> Interval:
    """The interval of level ``to`` that belongs to a reported one of ``level``: wider or narrower about its middle.

    On the scale on which intervals of the measure are symmetric; exact limits (Clopper-Pearson) are symmetric on
    none, and must be made anew from the counts.

    >>> change_level(0.5, 2.0, level=0.90, to=0.95, measure="OR").low.__round__(3)
    0.438
    """
    kind = scale_of(measure, scale)
    rule = NATURAL_RULE[kind]
    named: dict[str, tuple[Any, str]] = {"low": (low, rule), "high": (high, rule), "level": (level, "proportion")}
    named["to"] = (to, "proportion")
    if df is not None:
        named["df"] = (df, "positive")
    if np.ndim(level) or np.ndim(to):
        raise InputError("level and to are single numbers", hint="call once for each level")
    given = Numbers(**named)
    given.problem("low", given["low"] >= given["high"], "is not below high")
    checked = given.finish(f"low < high, finite, on a {kind} scale; levels between 0 and 1")
    bottom, top = to_model(given["low"], kind), to_model(given["high"], kind)
    middle, half = 0.5 * (bottom + top), 0.5 * (top - bottom)
    wider = normal_or_t(0.5 * (1 - given["to"]), given["df"] if df is not None else None) / _quantile(given, df)
    centre, bottom, top = (checked.back(to_natural(middle + sign * half * wider, kind)) for sign in (0, -1, 1))
    return Interval(centre, bottom, top, float(to), f"from the {100 * level:g} % interval")


def normal_or_t(tail: FloatArray, df: FloatArray | None) -> FloatArray:
    """The quantile with probability ``tail`` above it: normal, or Student's t with ``df`` degrees of freedom."""
    from scipy.special import ndtri, stdtrit

    return np.asarray(-ndtri(tail) if df is None else -stdtrit(df, tail), dtype=np.float64)


def _quantile(given: Numbers, df: Any) -> FloatArray:
    return normal_or_t(0.5 * (1 - given["level"]), given["df"] if df is not None else None)
