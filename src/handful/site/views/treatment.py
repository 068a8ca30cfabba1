"""A treatment's page."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.figures import Forest
from handful.site.views.page import Link, Page
from handful.site.views.parts import CaseView, ClaimView, Fact


@dataclass(frozen=True)
class Mechanism:
    """How it works, and where that was read."""

    text: str
    source: Link
    at: str
    quote: str
    source_id: str


@dataclass(frozen=True)
class Given:
    """How a treatment was given, and in which studies."""

    dose: str
    studies: tuple[Link, ...]


@dataclass(frozen=True)
class ApprovalView:
    """An approval, or its absence, with who says so."""

    region: str
    authority: str
    status: str
    indication: str
    ages: str
    on: str
    source: Link
    source_id: str
    at: str
    quote: str
    note: str


@dataclass(frozen=True)
class TreatmentPage:
    """All that the records hold of a treatment."""

    page: Page
    facts: tuple[Fact, ...]
    mechanism: Mechanism | None
    approvals: tuple[ApprovalView, ...]
    given: tuple[Given, ...]
    parts: tuple[Link, ...]
    part_of: tuple[Link, ...]
    note: str
    benefits: Forest | None
    courses: Forest | None
    harms: Forest | None
    cases: tuple[CaseView, ...]
    claims: tuple[ClaimView, ...]
    questions: tuple[Link, ...]
    under_way: tuple[Link, ...]
    method: str
