"""Whole pages."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from handful.site.views.certainty import BothWaysPart, CertaintyPart, Sure
from handful.site.views.corrections import CorrectionsPart
from handful.site.views.figures import Axis, Forest, Plot
from handful.site.views.history import HistoryPart
from handful.site.views.instrument import Explained
from handful.site.views.overlaps import OverlapView
from handful.site.views.page import Link, Page
from handful.site.views.parts import (
    Answer,
    AuthorView,
    Cases,
    CaseView,
    ClaimView,
    ConflictView,
    Fact,
    MethodFact,
    Scores,
    SourceView,
    StudyView,
    Trait,
    UnderWay,
)
from handful.site.views.patients import PatientsPart
from handful.site.views.place import PlacePart
from handful.site.views.posterior import PosteriorPart
from handful.site.views.sensitivity import SensitivityPart


@dataclass(frozen=True)
class QuestionView:
    """Everything on a question's page, top to bottom."""

    page: Page
    facts: tuple[Fact, ...]
    answer: Answer
    terms: tuple[Explained, ...]
    prose: Markup
    figure: Forest
    also: tuple[Forest, ...]
    also_who: str
    cases: Cases | None
    alternatives: Forest | None
    alternatives_text: tuple[str, ...]
    scores: tuple[Scores, ...]
    traits: tuple[Trait, ...]
    failed: tuple[Trait, ...]
    courses: Forest | None
    harms: Forest | None
    harm_cases: Cases | None
    harms_text: tuple[str, ...]
    conflicts: tuple[ConflictView, ...]
    conflicts_in_full: frozenset[str]
    excluded: tuple[Link, ...]
    studies: tuple[StudyView, ...]
    shown_open: tuple[str, ...]
    plan: str
    methods: Link
    notes: tuple[str, ...]
    under_way: tuple[UnderWay, ...]
    claims: tuple[ClaimView, ...]
    author: AuthorView | None
    sources: tuple[SourceView, ...]
    related: tuple[Link, ...]
    results: Link
    pdf: str
    evidence: str
    citation: str
    question_note: str = ""
    posterior: PosteriorPart | None = None
    sensitivity: SensitivityPart | None = None
    corrections: CorrectionsPart | None = None
    certainty: CertaintyPart | None = None
    both_ways: BothWaysPart | None = None
    patients: PatientsPart | None = None
    history: HistoryPart | None = None
    place: PlacePart | None = None


@dataclass(frozen=True)
class GlanceGroup:
    """A group's count at a glance."""

    name: str
    count: str
    span: str
    plot: Plot | None


@dataclass(frozen=True)
class Glance:
    """A question at a glance."""

    title: str
    href: str
    outcome: str
    groups: tuple[GlanceGroup, ...]
    basis: str
    cases: str
    first: bool
    sure: Sure
    line: str
    """The computed line of therapy, where the question names a ladder."""


@dataclass(frozen=True)
class HomeView:
    """The first page."""

    page: Page
    summary: str
    facts: tuple[Fact, ...]
    questions: tuple[Glance, ...]
    axis: Axis
    guidance: tuple[Link, ...]
    treatments: tuple[Link, ...]
    instruments: tuple[Link, ...]
    more: tuple[Link, ...]


@dataclass(frozen=True)
class StudyPage:
    """A study's page."""

    page: Page
    study: StudyView
    source: SourceView | None
    people: tuple[CaseView, ...]
    conflicts: tuple[ConflictView, ...]
    questions: tuple[Link, ...]
    facts: tuple[Fact, ...]
    corrections: CorrectionsPart


@dataclass(frozen=True)
class SourcesPage:
    """All sources."""

    page: Page
    text: str
    sources: tuple[SourceView, ...]


@dataclass(frozen=True)
class ConflictsPage:
    """All declared conflicts."""

    page: Page
    conflicts: tuple[ConflictView, ...]
    overlaps: tuple[OverlapView, ...] = ()


@dataclass(frozen=True)
class TipView:
    """A piece of advice and what it rests on."""

    tip: str
    basis: str
    because: str
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class GuidancePage:
    """Advice, each piece with its basis."""

    page: Page
    body: Markup
    tips: tuple[TipView, ...]
    read_in: tuple[Link, ...]


@dataclass(frozen=True)
class AboutPage:
    """Who made it, how, and what was left out."""

    page: Page
    summary: str
    people: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    rules: tuple[str, ...]
    methods: tuple[MethodFact, ...]
    left_out: tuple[Fact, ...]
    notes: tuple[str, ...]
    studies: tuple[Link, ...]
