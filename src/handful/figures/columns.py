"""The table beside a forest: columns of words left and right of the axes, as wide as their words are."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from handful.figures.theme import INK, SIZE, SMALL, SOFT, Axes

GAP = 11.0
"""Between two columns, in points."""
ROOM = 1.06
"""Letters on a screen stand on whole pixels and are then wider than their outlines, by up to 5 in 100."""


@dataclass(frozen=True)
class Line:
    """One line: its label, columns left of the axes, columns right of them."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    bold: bool = False
    soft: bool = False


@dataclass(frozen=True)
class Table:
    """The heading, the lines from the top, and a sentence under it all."""

    head: Line
    lines: tuple[Line, ...]
    caption: str


def write_columns(axes: Axes, table: Table, foot: float) -> tuple[float, float, float]:
    """Write the table beside the axes, its sentence ``foot`` points below them; returns the room that the columns need
    left and right and the sentence below, in inches."""
    measure = _Measure(axes)
    lines = (table.head, *table.lines)
    label = max(measure(line.label, line.bold or line is table.head) for line in lines)
    left = [max(measure(line.left[i], line.bold) for line in lines) for i in range(len(table.head.left))]
    right = [
        max(measure(line.right[i], line.bold) if i < len(line.right) else 0.0 for line in lines)
        for i in range(len(table.head.right))
    ]
    starts, at = [], -GAP
    for width in reversed(left):
        starts.append(at)
        at -= width + GAP
    starts.reverse()
    at_label = at - label
    for i, line in enumerate(lines):
        y = float(i - 1)
        head = i == 0
        _put(axes, line.label, 0, at_label, y, "left", line, head)
        for text, end in zip(line.left, starts, strict=True):
            _put(axes, text, 0, end, y, "right", line, head)
        at = GAP
        for j, text in enumerate(line.right):
            if j == 0:
                _put(axes, text, 1, at, y, "left", line, head)
            else:
                _put(axes, text, 1, at + right[j], y, "right", line, head)
            at += right[j] + GAP
    total_left, total_right = -at_label + GAP / 2, GAP + sum(right) + GAP * len(right)
    words = max(40, int((total_left + total_right + 230) / 4.25))
    wrapped = textwrap.fill(table.caption, words)
    if wrapped:
        axes.annotate(
            wrapped, (0, 0), xycoords="axes fraction", xytext=(at_label, -foot), textcoords="offset points",
            ha="left", va="top", fontsize=SMALL, color=SOFT, linespacing=1.25, annotation_clip=False,
        )  # fmt: skip
    below = (wrapped.count("\n") + 1) * SMALL * 1.35 + 10 if wrapped else 0.0
    return total_left / 72, total_right / 72, below / 72


def _put(axes: Axes, text: str, edge: int, offset: float, y: float, side: str, line: Line, head: bool) -> None:
    if not text:
        return
    axes.annotate(
        text,
        (edge, y),
        xycoords=("axes fraction", "data"),
        xytext=(offset, 0),
        textcoords="offset points",
        ha=side,
        va="center_baseline",
        fontsize=SMALL if head else SIZE,
        fontweight="bold" if line.bold else "normal",
        color=SOFT if head or line.soft else INK,
        annotation_clip=False,
    )


class _Measure:
    """How wide words are, in points."""

    def __init__(self, axes: Axes) -> None:
        from matplotlib.textpath import TextToPath

        self._path = TextToPath()
        self._known: dict[tuple[str, bool], float] = {}

    def __call__(self, text: str, bold: bool) -> float:
        from matplotlib.font_manager import FontProperties

        if not text:
            return 0.0
        if (text, bold) not in self._known:
            font: Any = FontProperties(size=SIZE, weight="bold" if bold else "normal")
            width, _, _ = self._path.get_text_width_height_descent(text, font, False)
            self._known[text, bold] = ROOM * float(width)
        return self._known[text, bold]
