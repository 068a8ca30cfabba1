"""What the section on other choices and the page of every analysis need."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.figures import Axis, Plot
from handful.site.views.page import Link, Page


@dataclass(frozen=True)
class ChoiceRow:
    """One analysis: what was chosen otherwise, its count, and its interval."""

    label: str
    beside: str
    count: str
    note: str
    digits: str
    words: str
    plot: Plot
    kind: str = ""
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoicePanel:
    """The main alternatives of one group, by choice, and what is said of all its analyses."""

    id: str
    title: str
    summary: str
    rows: tuple[ChoiceRow, ...]


@dataclass(frozen=True)
class SensitivityPart:
    """The section of a question's page; ``told`` are sentences in the place of panels, ``more`` leads to all."""

    intro: tuple[str, ...]
    panels: tuple[ChoicePanel, ...]
    told: tuple[str, ...]
    moves: str
    more: Link | None
    axis: Axis


@dataclass(frozen=True)
class Strip:
    """Which analyses made one choice: ``path`` holds a tick at the place of each."""

    label: str
    many: str
    path: str
    bound: bool = False


@dataclass(frozen=True)
class StripGroup:
    """The choices of one dimension."""

    name: str
    moves: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class Curve:
    """All analyses of a group side by side, sorted: intervals, estimates, the plan's own, and the choices below."""

    id: str
    title: str
    summary: str
    description: str
    width: int
    intervals: str
    points: str
    bounds: str
    own: str
    threshold: str
    strips: tuple[StripGroup, ...]
    thinned: str = ""


@dataclass(frozen=True)
class AnalysisRow:
    """One line of the table of all analyses."""

    choices: str
    count: str
    k: str
    estimate: str
    span: str
    same: str
    kind: str = ""


@dataclass(frozen=True)
class AnalysisTable:
    """All analyses of one group; ``left`` says how many stand only in the file."""

    id: str
    caption: str
    rows: tuple[AnalysisRow, ...]
    left: str = ""


@dataclass(frozen=True)
class NotRunView:
    """What was not run, and why."""

    what: str
    reason: str
    many: str


@dataclass(frozen=True)
class ChoiceMeaning:
    """A dimension: the choices in words, each with its reason."""

    name: str
    choices: tuple[Link, ...]


@dataclass(frozen=True)
class EveryAnalysisPage:
    """The page of every analysis of a question."""

    page: Page
    back: Link
    intro: tuple[str, ...]
    curves: tuple[Curve, ...]
    panels: tuple[ChoicePanel, ...]
    axis: Axis
    meanings: tuple[ChoiceMeaning, ...]
    tables: tuple[AnalysisTable, ...]
    not_run: tuple[NotRunView, ...]
    downloads: tuple[Link, ...]
