"""Views of patient rows: the count as the bar moves, and people one by one."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.figures import Tick
from handful.site.views.page import Link, Page


@dataclass(frozen=True)
class Curve:
    """The count at every height of the bar: a stepped line in its band of intervals, in a box of 1000 × 100."""

    name: str
    title: str
    description: str
    line: str
    band: str
    cut: str
    cut_words: str


@dataclass(frozen=True)
class BarRow:
    """One height of the bar: in words, whether it is the page's own, and the count of every arm."""

    bar: str
    own: bool
    counts: tuple[str, ...]
    spans: tuple[str, ...]


@dataclass(frozen=True)
class MovingTable:
    """One rule with its bar free to move: a curve for every arm, and a table with the same numbers."""

    title: str
    what: str
    arms: tuple[str, ...]
    ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    rows: tuple[BarRow, ...]


@dataclass(frozen=True)
class PatientsPart:
    """What a question's page says about the bar: it moves, or why it cannot."""

    intro: tuple[str, ...]
    tables: tuple[MovingTable, ...] = ()
    more: Link | None = None


@dataclass(frozen=True)
class Waterfall:
    """Everybody's change, from the largest fall to the largest rise, in a box as wide as there are people."""

    name: str
    title: str
    description: str
    people: int
    met: str
    others: str
    cut: str
    zero: str
    ticks: tuple[Tick, ...]
    note: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class Swimmer:
    """One person: who, the visits along the weeks, and the scores in words."""

    person: str
    who: str
    end: str
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    scores: str
    place: str
    visits: str = ""
    """At how many visits the bar was met; empty where it never was."""


@dataclass(frozen=True)
class SwimmerTable:
    """The people of an arm, one a row."""

    caption: str
    note: str
    ticks: tuple[Tick, ...]
    rows: tuple[Swimmer, ...]


@dataclass(frozen=True)
class PatientsPage:
    """A question's people, one by one."""

    page: Page
    back: Link
    intro: tuple[str, ...]
    tables: tuple[MovingTable, ...]
    waterfalls: tuple[Waterfall, ...]
    swimmers: tuple[SwimmerTable, ...]
