"""What the data page needs."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page
from handful.site.views.parts import Fact


@dataclass(frozen=True)
class DataPage:
    """Everything that can be downloaded, whose it is, and how to cite it."""

    page: Page
    citation: str
    facts: tuple[Fact, ...]
    whole: Link
    tables: tuple[Link, ...]
    references: tuple[Link, ...]
    results: tuple[Link, ...]
    others: tuple[Link, ...]
