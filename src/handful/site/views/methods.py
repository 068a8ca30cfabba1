"""The page with a question's methods in full."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page
from handful.site.views.parts import Excluded, MethodBlock


@dataclass(frozen=True)
class Reasons:
    """An outcome, how sure one can be of it, and every reason."""

    name: str
    effect: str
    forecast: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class MethodsPage:
    """What was asked, the plan, what it gave, how sure and why, and what was not counted."""

    page: Page
    question: Link
    blocks: tuple[MethodBlock, ...]
    notes: tuple[str, ...]
    reasons: tuple[Reasons, ...]
    judged: str
    excluded: tuple[Excluded, ...]
    results: Link
    digest: str
    more: tuple[Link, ...]
    searched: str
