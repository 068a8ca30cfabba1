"""What would change a line: for each number of further people, every count among them and the line it would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from handful.base.errors import InputError
from handful.figures.theme import BAR, INK, MARK, SMALL, Axes, dress, margins, paper


class Counts(Protocol):
    """A number of further people, and runs of counts with one line: the line, first and last count, their chance."""

    @property
    def people(self) -> int: ...
    @property
    def now(self) -> str: ...
    @property
    def steps(self) -> tuple[tuple[str, int, int, float | None], ...]: ...


def next_people(further: Sequence[Counts], *, ax: Any = None) -> Axes:
    """A bar for each number of further people, from none to all of them with the outcome; each run of counts says its
    line, and its chance where it can be foretold.

    ``further``: ``place.what_would_change.people`` or ``.studies``. The run with the line of today is hollow; every run
    is labelled, so nothing rests on colour. Returns matplotlib axes.

    Raises:
        InputError: when there is nothing to draw.
    """
    listed = list(further)
    if not listed:
        raise InputError("next_people of nothing", hint="give place.what_would_change.people or .studies")
    axes = ax
    if axes is None:
        axes = paper(7.0, 0.6 * len(listed) + 1.0)
        margins(axes, left=0.9, right=0.25, bottom=0.6, top=0.2)
    for row, one in enumerate(reversed(listed)):
        whole = one.people + 1
        for line, low, high, chance in one.steps:
            same = line == one.now
            axes.barh(
                row,
                (high - low + 1) / whole,
                left=low / whole,
                height=0.7,
                color="none" if same else BAR,
                edgecolor=BAR,
            )
            counts = f"{low}" if low == high else f"{low}–{high}"
            said = f"{counts}: {line}" + ("" if chance is None else f"\n{chance:.2f}")
            axes.text(
                (low + high + 1) / 2 / whole,
                row,
                said,
                ha="center",
                va="center",
                fontsize=SMALL,
                color=INK if same else MARK,
            )
    axes.set_yticks(range(len(listed)), [f"{one.people} people" for one in reversed(listed)])
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 1], ["none", "all"])
    axes.set_xlabel("with the outcome")
    dress(axes, left=False)
    return axes
