"""Which axis an effect is drawn on: ratios on a logarithmic one, shares from 0 to 1, differences on a plain one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from handful.base.wording import decimal
from handful.stats.effects.natural_scale import natural_scale

_OWN = {
    "proportion": "proportion",
    "rate": "events per unit of time",
    "HR": "hazard ratio",
    "GR": "ratio of geometric means",
    "ROR": "ratio of odds ratios",
    "GEN": "effect",
}


@dataclass(frozen=True)
class Scale:
    """``kind``: ``log``, ``share`` or ``plain``. ``null`` is "no effect" on the natural scale, None where there is
    none; ``back`` takes the model scale to the natural one."""

    kind: str
    null: float | None
    words: str
    back: Callable[[float], float]


def scale_of(measure: str) -> Scale:
    """The scale of a measure's code."""
    from handful.stats.effects.measures import MEASURES

    if measure == "proportion":
        return Scale("share", None, _OWN[measure], float)
    if measure == "rate":
        return Scale("plain", None, _OWN[measure], float)
    back = natural_scale(measure)
    found = MEASURES.get(measure)
    if found is None:
        log = measure != "GEN"
        return Scale("log" if log else "plain", 1.0 if log else 0.0, _OWN[measure], back)
    words = found.words.split(" on ")[0] if found.scale in ("log", "logit", "atanh") else found.words
    if found.scale == "log":
        return Scale("log", None if found.null is None else 1.0, words, back)
    if found.scale == "logit" or measure == "PR":
        return Scale("share", None, words, back)
    return Scale("plain", found.null, words, back)


def number(value: float, scale: Scale | None = None, digits: int = 2) -> str:
    """A number for a figure's column: about three figures, a true minus sign, never "0.00" for what is not 0."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 100:
        digits = 0
    elif size >= 10:
        digits = min(digits, 1)
    elif 0 < size < 0.5 * 10.0**-digits:
        first = -math.floor(math.log10(size))
        return decimal(value, first) if first <= 4 else f"{value:.0e}".replace("-", "−")
    return decimal(value, digits)


def ranged(low: float, high: float, scale: Scale | None = None) -> str:
    """'0.36 to 1.20'."""
    return f"{number(low, scale)} to {number(high, scale)}"


def log_ticks(low: float, high: float) -> list[float]:
    """About four to eight round numbers between two positive ends."""
    decades = math.log10(high / low)
    steps: tuple[float, ...] = (1.0,) if decades > 3.2 else (1.0, 2.0, 5.0) if decades > 0.75 else (
        1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0,
    )  # fmt: skip
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / 7)) if steps == (1.0,) else 1
    powers = [p for p in range(first, last + 1) if p % every == 0]
    found = [s * 10.0**p for p in powers for s in steps]
    return [tick for tick in found if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]


def span(values: Iterable[float], core: Iterable[float], scale: Scale) -> tuple[float, float]:
    """Ends of an axis that holds the ``core`` (estimates and the pooled result) and, as far as they do not dwarf it,
    all ``values`` (interval ends); what does not fit ends in an arrow."""
    if scale.kind == "share":
        return 0.0, 1.0
    if scale.kind == "log":
        inner = [math.log(v) for v in core if 0 < v < math.inf]
        outer = [math.log(v) for v in values if 0 < v < math.inf] or inner
        start, end = _ends(inner, outer, [] if scale.null is None else [math.log(scale.null)], least=math.log(30.0))
        return math.exp(start), math.exp(end)
    inner = [v for v in core if math.isfinite(v)]
    outer = [v for v in values if math.isfinite(v)] or inner
    start, end = _ends(inner, outer, [] if scale.null is None else [scale.null], least=0.0)
    return (max(start, 0.0) if scale.words == _OWN["rate"] else start), end


def _ends(inner: list[float], outer: list[float], null: list[float], *, least: float) -> tuple[float, float]:
    low, high = min([*inner, *null], default=0.0), max([*inner, *null], default=1.0)
    middle = sorted(outer)
    reach = middle[int(0.9 * (len(middle) - 1))] - middle[int(0.1 * (len(middle) - 1))] if middle else 1.0
    room = max(0.75 * max(high - low, reach), least)
    low, high = max(min(outer, default=low), low - room), min(max(outer, default=high), high + room)
    low, high = min([low, *inner, *null]), max([high, *inner, *null])
    pad = 0.04 * (high - low) or 1.0
    return low - pad, high + pad


def set_axis(axes: Any, scale: Scale, low: float, high: float, *, which: str = "x") -> None:
    """Scale, limits and round ticks of one axis, on the natural scale."""
    axis, set_scale, set_limits = (
        (axes.xaxis, axes.set_xscale, axes.set_xlim) if which == "x" else (axes.yaxis, axes.set_yscale, axes.set_ylim)
    )
    if scale.kind == "log":
        from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

        set_scale("log")
        axis.set_major_locator(FixedLocator(log_ticks(low, high)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    set_limits(low, high)
