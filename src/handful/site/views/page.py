"""What every page has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Words and where they lead; ``href`` empty: words alone."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Page:
    """What every page has."""

    title: str
    heading: str
    root: str
    path: str
    language: str
    review_title: str
    description: str
    disclaimer: str
    licence: str
    version: str
    status: str
    searched: str
    kicker: str = ""
    contents: tuple[Link, ...] = ()
    navigation: tuple[Link, ...] = ()
