"""The page of an instrument, and the glossary."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page
from handful.site.views.parts import Fact


@dataclass(frozen=True)
class Part:
    """A weighted part of a score, as a piece of a bar: where it starts and how wide it is, in % of the width."""

    name: str
    weight: str
    x: str
    width: str
    middle: str


@dataclass(frozen=True)
class Cut:
    """A cut that papers use, or a named grade: its name, its rule in words, and where that was read."""

    name: str
    rule: str
    source: Link


@dataclass(frozen=True)
class InstrumentPage:
    """What a scale measures, how it is read, and what uses it."""

    page: Page
    measures: str
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    parts_told: str
    thresholds: tuple[Cut, ...]
    categories: tuple[Cut, ...]
    note: str
    source: Link
    outcomes: tuple[Fact, ...]
    questions: tuple[Link, ...]


@dataclass(frozen=True)
class Explained:
    """A term and its meaning in plain words."""

    anchor: str
    name: str
    means: str
    also: str = ""


@dataclass(frozen=True)
class GlossaryPage:
    """Every term."""

    page: Page
    terms: tuple[Explained, ...]
