"""Figures: positions and words, nothing to compute."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where (in % of the width), its words, and on which side of the mark they stand."""

    x: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Axis:
    """The axis that all drawings of a table share."""

    ticks: tuple[Tick, ...]
    label: str


@dataclass(frozen=True)
class Plot:
    """One drawn interval. Positions are percentages of the width, as text with a fixed number of digits."""

    title: str
    description: str
    low: str
    width: str
    point: str
    kind: str
    arrow_left: bool = False
    arrow_right: bool = False
    has_interval: bool = True


@dataclass(frozen=True)
class ForestRow:
    """One row of a figure that is also a table."""

    label: Link
    sub: str
    count: str
    count_href: str
    words: str
    digits: str
    plot: Plot | None
    kind: str = "study"
    anchor: str = ""
    definition: str = ""
    meaning: str = ""
    time: str = ""
    marks: tuple[Link, ...] = ()
    reason: str = ""
    count_note: str = ""
    digits_span: str = ""
    unsaid: str = ""
    """The definition where the heading above says it."""


@dataclass(frozen=True)
class ForestGroup:
    """Rows that belong together under one heading."""

    title: str
    note: str
    rows: tuple[ForestRow, ...]
    href: str = ""
    anchor: str = ""
    more: str = ""
    """What of it stands elsewhere, and is led to by ``href``."""


@dataclass(frozen=True)
class Forest:
    """A forest plot as a table with the numbers beside each drawing."""

    caption: str
    first_column: str
    axis: Axis
    groups: tuple[ForestGroup, ...]
    definitions: tuple[Link, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True)
class Icon:
    """One person: where in the grid, and whether with the outcome."""

    x: int
    y: int
    filled: bool


@dataclass(frozen=True)
class IconArray:
    """One icon a person."""

    icons: tuple[Icon, ...]
    width: int
    height: int
    size: str
    title: str
    description: str
