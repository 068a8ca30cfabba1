"""Posterior rates as hills: positions and words, nothing to compute."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.figures import Axis, Plot
from handful.site.views.page import Link, Page
from handful.site.views.parts import MethodBlock


@dataclass(frozen=True)
class Hill:
    """A drawn density: ``path`` in a box of 50 × 100, the interval and the middle in % of the width."""

    title: str
    description: str
    path: str
    low: str
    width: str
    point: str


@dataclass(frozen=True)
class HillRow:
    """One row: who, the count or what is borrowed, the hill, the range in words; ``reason`` where there is no hill."""

    label: str
    sub: str
    number: str
    hill: Hill | None
    words: str
    note: str = ""


@dataclass(frozen=True)
class HillTable:
    """Hills on one axis. ``behind`` is drawn dashed over every row but the first."""

    caption: str
    columns: tuple[str, str, str]
    rows: tuple[HillRow, ...]
    behind: str = ""


@dataclass(frozen=True)
class PriorRow:
    """The rate of a group under one prior."""

    prior: str
    plot: Plot
    words: str


@dataclass(frozen=True)
class PriorTable:
    """One group under several priors."""

    caption: str
    rows: tuple[PriorRow, ...]


@dataclass(frozen=True)
class PassRow:
    """How likely it is that a group's rate is above a bar: at the bars of the table, and at 0, 1, … 100 in 100."""

    label: str
    count: str
    at: tuple[str, ...]
    everywhere: str
    prior: str


@dataclass(frozen=True)
class PassTable:
    """Every group against the same bars; ``first`` is the bar that stands there before a reader moves it."""

    bars: tuple[int, ...]
    first: int
    rows: tuple[PassRow, ...]


@dataclass(frozen=True)
class PosteriorPart:
    """What a question's page shows of its posteriors; ``more`` leads to the page with everything."""

    rates: HillTable
    borrowed: HillTable | None
    intro: tuple[str, ...]
    borrowing: tuple[str, ...]
    more: Link


@dataclass(frozen=True)
class PosteriorPage:
    """All posteriors of one question."""

    page: Page
    back: Link
    axis: Axis
    part: PosteriorPart
    blocks: tuple[MethodBlock, ...]
    priors: tuple[PriorTable, ...]
    passing: PassTable | None
