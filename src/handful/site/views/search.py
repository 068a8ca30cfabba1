"""The search page: every thing of a review that has an address, in groups."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page


@dataclass(frozen=True)
class SearchGroup:
    """Things of one kind; a link's note is what they are also found by."""

    anchor: str
    title: str
    items: tuple[Link, ...]


@dataclass(frozen=True)
class SearchPage:
    """All groups; ``number`` counts the things in them."""

    page: Page
    number: int
    groups: tuple[SearchGroup, ...]
