"""Versions of a review, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from handful.site.views.figures import Axis, Forest
from handful.site.views.page import Link, Page
from handful.site.views.parts import Fact


@dataclass(frozen=True)
class VersionLine:
    """One version at a glance: its page, its date, and whether a conclusion changed."""

    link: Link
    on: str
    conclusion: str
    plan: str


@dataclass(frozen=True)
class HistoryPart:
    """On a question's page: what the last version changed, and the way to all of them."""

    sentence: str
    last: VersionLine | None
    more: Link


@dataclass(frozen=True)
class HistoryPage:
    """Every version, and the answer to each question at each of them, drawn on one axis."""

    page: Page
    sentence: str
    versions: tuple[VersionLine, ...]
    figures: tuple[Forest, ...]
    axis: Axis


@dataclass(frozen=True)
class VersionPage:
    """One version for good: what it answered, what had changed, how to cite it."""

    page: Page
    facts: tuple[Fact, ...]
    figures: tuple[Forest, ...]
    axis: Axis
    verdicts: tuple[Fact, ...]
    note: Markup


__all__ = ["HistoryPage", "HistoryPart", "VersionLine", "VersionPage"]
