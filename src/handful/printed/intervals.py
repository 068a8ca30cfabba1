"""A printed estimate, its interval, standard error and p-value against each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

from handful.base.errors import InputError, UnknownChoice
from handful.printed.p_values import printed_p
from handful.printed.rounding import Printed, printed

SCALES = ("plain", "log")
FACTOR = 2.0
"""A p-value recomputed from an interval is approximate (tests and intervals differ): it must be off by this factor."""


@dataclass(frozen=True, slots=True)
class IntervalFits:
    """Whether the printed numbers of one estimate agree.

    ``contains``: the estimate lies inside. ``symmetric``: it lies in the middle on its scale, within rounding.
    ``se_fits``: the standard error is that of the interval. ``p_fits``: the p-value says what the interval says. None
    where it was not asked, or cannot be told.
    """

    contains: bool
    symmetric: bool | None
    se_fits: bool | None
    p_fits: bool | None
    middle: tuple[float, float]
    se: tuple[float, float]
    because: str

    @property
    def fits(self) -> bool:
        """True when nothing that could be told is wrong."""
        return self.contains and False not in (self.symmetric, self.se_fits, self.p_fits)

    def __bool__(self) -> bool:
        return self.fits

    def __str__(self) -> str:
        return self.because


def interval_fits(
    estimate: Any,
    low: Any,
    high: Any,
    *,
    scale: str = "plain",
    se: Any = None,
    p: Any = None,
    level: float = 0.95,
    df: float | None = None,
) -> IntervalFits:
    """Whether a printed estimate, its interval, standard error and p-value agree, each as rounded.

    ``scale``: ``log`` for ratios (odds, risk, hazard, rate ratios), on which such intervals are symmetric; ``plain``
    for differences and means. ``se``: on that scale. ``df``: degrees of freedom of t limits; without, normal limits,
    and for the standard error any t limits with 10 or more are accepted too.

    When to use: normal or t intervals. Exact, score, profile and bootstrap intervals need not be symmetric; only
    ``contains`` is then a fault. p is held against the interval roughly: a fault when they disagree on whether the null
    (0, or a ratio of 1) is inside, and p recomputed from the interval is off by more than a factor of 2.
    Edges: a lower end of 0 on the log scale leaves ``symmetric`` None.
    Raises: :class:`~handful.base.errors.InputError` for ends out of order or text that is no number.
    Source: Altman, Bland 2011, doi:10.1136/bmj.d2090 (standard error) and doi:10.1136/bmj.d2304 (p from an interval).

    >>> print(interval_fits("0.81", "0.70", "0.94", scale="log", p="0.005"))
    0.81 (0.70 to 0.94) agrees
    >>> print(interval_fits("2.6", "1.1", "3.2", scale="log"))
    2.6 (1.1 to 3.2) is not symmetric: its middle on the log scale lies between 1.82 and 1.93
    """
    if scale not in SCALES:
        raise UnknownChoice("scale", scale, SCALES)
    centre, bottom, top = (printed(v, name=k) for k, v in (("estimate", estimate), ("low", low), ("high", high)))
    if bottom.value > top.value:
        raise InputError(f"low={low!r} lies above high={high!r}", hint="exchange them")
    name = f"{centre.text} ({bottom.text} to {top.text})"
    faults: list[str] = []
    contains = bottom.low <= centre.high and centre.low <= top.high
    if not contains:
        faults.append(f"{name} does not contain its estimate")
    middle, width = _middle(bottom, top, scale)
    usable = middle[0] == middle[0]
    symmetric: bool | None = None
    if usable:
        symmetric = middle[0] <= float(centre.high) * (1 + 1e-12) + 1e-12 and middle[1] >= float(centre.low) - 1e-12
        if contains and not symmetric:
            where = " on the log scale" if scale == "log" else ""
            faults.append(
                f"{name} is not symmetric: its middle{where} lies between {middle[0]:.3g} and {middle[1]:.3g}"
            )
    errors = _errors(width, level, df) if usable else (float("nan"), float("nan"))
    se_fits = p_fits = None
    if se is not None and usable:
        error = printed(se, name="se")
        se_fits = errors[0] <= float(error.high) and errors[1] >= float(error.low)
        if not se_fits:
            faults.append(f"{name} has a standard error from {errors[0]:.3g} to {errors[1]:.3g}, not {error.text}")
    if p is not None and usable and symmetric:
        p_fits, computed = _p(centre, errors, p, level, scale, bottom, top)
        if not p_fits:
            faults.append(f"{name} has p from about {computed[0]:.2g} to {computed[1]:.2g}, not {p}")
    because = "; ".join(faults) or f"{name} agrees"
    return IntervalFits(contains, symmetric, se_fits, p_fits, middle, errors, because)


def _middle(bottom: Printed, top: Printed, scale: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The span of the middle (natural scale) and of the width (on the scale), over all roundings."""
    ends = [float(v) for v in (bottom.low, bottom.high, top.low, top.high)]
    if scale == "log":
        if ends[0] <= 0:
            nan = (float("nan"), float("nan"))
            return nan, nan
        a, b, c, d = (log(v) for v in ends)
        return (exp((a + c) / 2), exp((b + d) / 2)), (max(c - b, 0.0), d - a)
    a, b, c, d = ends
    return ((a + c) / 2, (b + d) / 2), (max(c - b, 0.0), d - a)


def _errors(width: tuple[float, float], level: float, df: float | None) -> tuple[float, float]:
    from handful.stats.converting.statistic_tails import quantile_of

    normal = quantile_of(level)
    wide = quantile_of(level, df if df is not None else 10.0)
    return width[0] / 2 / max(wide, normal), width[1] / 2 / normal


def _p(
    centre: Printed,
    errors: tuple[float, float],
    p: Any,
    level: float,
    scale: str,
    bottom: Printed,
    top: Printed,
) -> tuple[bool, tuple[float, float]]:
    from handful.stats.converting.statistic_tails import p_of_statistic

    said = printed_p(p)
    null = 1.0 if scale == "log" else 0.0
    ends = [float(centre.low), float(centre.high)]
    if scale == "log":
        if ends[0] <= 0:
            return True, (0.0, 1.0)
        ends = [log(v) for v in ends]
    sizes = [abs(v) for v in ends]
    smallest = 0.0 if ends[0] <= 0 <= ends[1] else min(sizes)
    low = p_of_statistic("z", max(sizes) / errors[0], ()) if errors[0] > 0 else 0.0
    high = p_of_statistic("z", smallest / errors[1], ())
    alpha = round(1 - level, 12)  # 1 − 0.95 is a little more than 0.05
    inside = float(bottom.high) < null < float(top.low)
    outside = float(bottom.low) > null or float(top.high) < null
    number = float(said.number.value)
    says_below = (said.sign == "<" and number <= alpha) or (said.sign == "=" and float(said.number.high) < alpha)
    says_above = (said.sign == ">" and number >= alpha) or (said.sign == "=" and float(said.number.low) > alpha)
    contradicts = (inside and says_below) or (outside and says_above)
    if not contradicts:
        return True, (low, high)
    return said.holds(low / FACTOR, min(1.0, high * FACTOR)), (low, high)
