"""The page of a question's evidence: the way from the records to the answer, and when each piece was published."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.figures import Axis
from handful.site.views.page import Link, Page


@dataclass(frozen=True)
class FlowBox:
    """A box of the flow: its words in lines, where it stands, whether it was left out, whether an arrow leads on."""

    lines: tuple[str, ...]
    y: int
    height: int
    aside: bool
    arrow: bool


@dataclass(frozen=True)
class FlowRow:
    """The same as a row of a table: what, and how many."""

    what: str
    number: str
    aside: bool


@dataclass(frozen=True)
class FlowView:
    """The drawing and its table; ``told`` says all numbers in words."""

    boxes: tuple[FlowBox, ...]
    height: int
    told: str
    rows: tuple[FlowRow, ...]


@dataclass(frozen=True)
class Dated:
    """A study or report: its year and where that stands, its people, and how many were counted until then."""

    link: Link
    sub: str
    year: str
    x: str
    people: str
    until: str
    counted: bool
    title: str
    told: str


@dataclass(frozen=True)
class TimelineView:
    """Everything with a year, from the first to the last; ``undated`` says what has none."""

    axis: Axis
    rows: tuple[Dated, ...]
    undated: str


@dataclass(frozen=True)
class EvidencePage:
    """Both drawings, each with its table."""

    page: Page
    back: Link
    flow: FlowView
    timeline: TimelineView | None
