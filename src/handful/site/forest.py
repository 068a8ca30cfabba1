"""Where the marks of a figure stand: intervals on a shared axis, and one icon a person.

Horizontal positions are percentages of the drawing's width, so that a drawing may be as wide as its cell while its
words keep their size. An interval that leaves the axis ends in an arrow and never vanishes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from handful.base.wording import count, decimal, percent, percent_range
from handful.site.views import Axis, Icon, IconArray, Plot, Tick
from handful.words.language import told as phrase

MOST_ICONS = 100
"""One icon is one person up to here; beyond it no icons are drawn."""

ICON_WIDTH, ICON_HEIGHT = 16, 22


def share_axis() -> Axis:
    """0 to 100 in 100: the axis of every rate on every page."""
    marks = (0, 25, 50, 75, 100)
    return Axis(tuple(_tick(m / 100, str(m)) for m in marks), "people in 100")


def value_axis(low: float, high: float, label: str) -> Axis:
    """An axis in an instrument's own units, with whole steps and both ends marked."""
    step = nice_step(high - low)
    first = math.ceil(low / step - 1e-9)
    marks = [first * step + i * step for i in range(int((high - first * step) / step + 1e-9) + 1)]
    span = high - low
    return Axis(tuple(_tick((m - low) / span, decimal(m, _digits(step))) for m in marks), label)


def nice_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, for four to eight marks."""
    raw = span / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)


def nice_ends(values: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis that holds all values, on whole steps; some width even for one value."""
    low, high = min(*values, 0.0), max(*values, 0.0)
    if low == high:
        low, high = low - 1, high + 1
    step = nice_step(high - low)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def rate_plot(name: str, events: int, total: int, low: float, high: float, *, kind: str = "study") -> Plot:
    """The interval of a count, with all its numbers in words."""
    description = phrase("cell.nobody")
    if total:
        description = phrase("cell.plot", percent=percent(events / total), range=percent_range(low, high, digits=2))
    title = phrase("cell.title", name=name, count=count(events, total)) if name else count(events, total)
    return interval_plot(title, description, (events / total, low, high), (0, 1), kind)


def percent_plot(name: str, text: str, share: float) -> Plot:
    """A printed percentage without a count: a mark alone, since no interval is known."""
    return Plot(
        title=name,
        description=text,
        low=_position(share),
        width=_position(0),
        point=_position(share),
        kind="percent",
        has_interval=False,
    )


def interval_plot(
    title: str, description: str, estimate: tuple[float, float, float], axis: tuple[float, float], kind: str = "study"
) -> Plot:
    """An estimate with its ends (estimate, low, high) on an axis; ends beyond it become arrows."""
    start, end = axis
    point, low, high = ((value - start) / (end - start) for value in estimate)
    from_, to = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
    return Plot(
        title=title,
        description=description,
        low=_position(from_),
        width=_position(to - from_),
        point=_position(min(max(point, 0.0), 1.0)),
        kind=kind,
        arrow_left=low < -1e-9,
        arrow_right=high > 1 + 1e-9,
    )


def icon_array(events: int, total: int, *, name: str, what: str) -> IconArray | None:
    """One icon a person up to a hundred people, those with the outcome first; None beyond, and for nobody."""
    if not 0 < total <= MOST_ICONS:
        return None
    columns = total if total <= 10 else 10 if total <= 50 else 20
    icons = tuple(
        Icon((i % columns) * ICON_WIDTH, (i // columns) * ICON_HEIGHT, filled=i < events) for i in range(total)
    )
    return IconArray(
        icons,
        columns * ICON_WIDTH,
        math.ceil(total / columns) * ICON_HEIGHT,
        "large" if total <= 10 else "small",
        phrase("cell.title", name=name, count=count(events, total)),
        phrase("cell.icons", count=count(events, total), what=what),
    )


def _tick(share: float, text: str) -> Tick:
    anchor = "start" if share < 0.02 else "end" if share > 0.98 else "middle"
    return Tick(_position(share), text, anchor)


def _position(share: float) -> str:
    """'25.00%'; the same digits everywhere, so that the same numbers give the same bytes."""
    return f"{100 * share:.2f}%"


def _digits(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))
