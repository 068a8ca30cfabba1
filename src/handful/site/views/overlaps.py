"""What the section on shared people needs."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link


@dataclass(frozen=True)
class OverlapView:
    """One decision: the studies, what was decided, why, and what is counted."""

    first: tuple[Link, ...]
    whole: Link
    decided: str
    because: str
    counted: str
