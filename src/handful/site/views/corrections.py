"""Readers' points about numbers, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link


@dataclass(frozen=True)
class CorrectionView:
    """One point: the number it is about, who made it and when, what they say, and what became of it."""

    id: str
    number: Link
    by: str
    says: str
    status: str
    is_open: bool
    reply: str
    reply_by: str


@dataclass(frozen=True)
class CorrectionsPart:
    """The points about the numbers of a page, open ones first; where to send another, when the review says where."""

    sentence: str
    points: tuple[CorrectionView, ...]
    send: tuple[Link, ...]


__all__ = ["CorrectionView", "CorrectionsPart"]
