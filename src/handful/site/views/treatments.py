"""The page that lists every treatment: approvals, doses, and what happened later, one row each."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page
from handful.site.views.treatment import Given


@dataclass(frozen=True)
class TreatmentRow:
    """One treatment: what the records hold of its approvals, its doses, and the course after the outcome."""

    treatment: Link
    kind: str
    approvals: tuple[str, ...]
    given: tuple[Given, ...]
    later: tuple[Link, ...]


@dataclass(frozen=True)
class TreatmentsPage:
    """All treatments that people were given."""

    page: Page
    rows: tuple[TreatmentRow, ...]
