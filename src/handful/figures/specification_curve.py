"""Every defensible analysis side by side: estimates with intervals on top, below which choice each of them made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from handful.base.errors import InputError
from handful.base.wording import capital, percent
from handful.figures import theme
from handful.figures.theme import Axes
from handful.synthesis.sensitivity_result import Analysis, Choice, Dimension, GroupSensitivity, Sensitivity
from handful.synthesis.sensitivity_sentence import count_words

ROW = 0.17
"""Height of a line of the lower part, inches."""
TOP = 2.3
LEFT, WIDTH = 3.1, 6.0
TICKS = (0, 25, 50, 75, 100)
MOST_DRAWN = 2000


def specification_curve(found: Sensitivity, group: str = "overall", *, ax: Axes | None = None) -> Axes:
    """The specification curve of one group of an ``hf.sensitivity``.

    Above, the analyses sorted by their estimate (people in 100), each with its interval; the plan's own is a square
    with a line, a bound is hollow. Below, a mark for the choice that each analysis made. Of more than 2,000
    analyses evenly chosen ones are drawn, and the words say so.

    Raises:
        UnknownChoice: when there is no such group.
        InputError: when the group has no analysis.

    References: Simonsohn, Simmons & Nelson 2020 (10.1038/s41562-020-0912-z).
    """
    chosen = found.group(group)
    if not chosen.rows:
        raise InputError(f"nobody is counted in {group!r}", hint="draw another group of it")
    rows = _drawn(chosen.rows)
    lines = [(d, c) for d in found.dimensions if _varies(d, rows) for c in d.choices if _used(d.id, c.id, rows)]
    below = len(lines) + len({d.id for d, _ in lines}) + 1
    axes = ax
    if axes is None:
        height = TOP + ROW * below
        axes = theme.paper(LEFT + WIDTH + 0.25, height + 0.65)
        theme.margins(axes, left=LEFT, right=0.25, bottom=0.4, top=0.25)
    _estimates(axes, rows, chosen)
    _choices(axes, rows, lines)
    axes.set_ylim(-100 * ROW / TOP * below, 103)
    axes.set_xlim(-0.8, len(rows) - 0.2)
    axes.set_xticks([])
    axes.set_xlabel(f"analyses, lowest first; people in 100, {100 * found.level:g} % intervals")
    theme.dress(axes)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    words = (
        f"Specification plot of {len(chosen.rows)} analyses, {chosen.name}. {chosen.summary} "
        f"The lowest is {_told(chosen.rows[0])}, the highest {_told(chosen.rows[-1])}."
    )
    if len(rows) < len(chosen.rows):
        words += f" Drawn are {len(rows)} of {len(chosen.rows)}."
    return theme.describe(axes, words)


def _drawn(rows: tuple[Analysis, ...]) -> tuple[Analysis, ...]:
    if len(rows) <= MOST_DRAWN:
        return rows
    wanted = set(np.linspace(0, len(rows) - 1, MOST_DRAWN).round().astype(int).tolist())
    wanted |= {i for i, row in enumerate(rows) if row.headline}
    return tuple(rows[i] for i in sorted(wanted))


def _varies(dimension: Dimension, rows: Sequence[Analysis]) -> bool:
    return len({row.choices[dimension.id] for row in rows}) > 1


def _used(dimension: str, choice: str, rows: Sequence[Analysis]) -> bool:
    return any(row.choices[dimension] == choice for row in rows)


def _told(row: Analysis) -> str:
    return f"{percent(row.estimate)} ({count_words(row)})"


def _estimates(axes: Axes, rows: Sequence[Analysis], group: GroupSensitivity) -> None:
    x = np.arange(len(rows))
    estimate, low, high = (np.array([100 * getattr(r, name) for r in rows]) for name in ("estimate", "low", "high"))
    axes.hlines(TICKS, -0.8, len(rows) - 0.2, color=theme.GRID, linewidth=0.6, zorder=0)
    axes.vlines(x, low, high, color=theme.BAR_SOFT, linewidth=max(0.6, min(4.0, 240 / len(rows))), zorder=1)
    size = max(4.0, min(22.0, 900 / len(rows)))
    bound = np.array([r.bound for r in rows])
    axes.scatter(x[~bound], estimate[~bound], s=size, color=theme.ACCENT, zorder=3, label="analysis")
    if bound.any():
        hollow = {"facecolor": "white", "edgecolor": theme.ACCENT}
        axes.scatter(x[bound], estimate[bound], s=size, zorder=3, label="a bound", **hollow)
    for i, row in enumerate(rows):
        if row.headline:
            axes.vlines([i], 0, 100, color=theme.INK, linewidth=1.0, zorder=2)
            axes.scatter(
                [i], [100 * row.estimate], s=size * 2, marker="s", color=theme.INK, zorder=4, label="as planned"
            )
    if group.threshold is not None:
        at = 100 * group.threshold
        axes.hlines([at], -0.8, len(rows) - 0.2, color=theme.INK, linewidth=0.9, linestyle=":", label="threshold")
    corner = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.0}
    axes.legend(**corner, ncols=4, frameon=False, fontsize=theme.SMALL)


def _choices(axes: Axes, rows: Sequence[Analysis], lines: Sequence[tuple[Dimension, Choice]]) -> None:
    """One line of marks for each choice, under a heading for its dimension; the words are the ticks of the axis."""
    step = 100 * ROW / TOP
    ticks, labels, headings = [float(t) for t in TICKS], [str(t) for t in TICKS], []
    y, before = -step, ""
    size = max(0.6, min(3.0, 200 / len(rows)))
    for dimension, choice in lines:
        if dimension.id != before:
            before = dimension.id
            y -= step * 0.3
            headings.append(len(ticks))
            ticks.append(y)
            labels.append(_short(capital(dimension.name), 44))
            y -= step * 0.9
        places = [i for i, row in enumerate(rows) if row.made(dimension.id, choice.id)]
        axes.vlines(places, y - 0.32 * step, y + 0.32 * step, color=theme.ACCENT, linewidth=size)
        ticks.append(y)
        labels.append(_short(capital(choice.words)))
        y -= step * 0.9
    axes.set_yticks(ticks, labels)
    for place, label in enumerate(axes.get_yticklabels()):
        label.set_fontweight("bold" if place in headings else "normal")


def _short(words: str, most: int = 50) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
