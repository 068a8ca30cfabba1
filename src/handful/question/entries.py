"""What a selection is made of: one count of one arm, and what was not taken."""

from __future__ import annotations

from dataclasses import dataclass

from handful.question.people_counted import PeopleCounted
from handful.records.study import Arm, Harm, Outcome, Study

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Entry:
    """One reported count: the study, the arm and the outcome it stands in, and its path in the study's file."""

    study: Study
    arm: Arm
    counted: Outcome | Harm
    path: Where
    time_not_reported: bool = False
    people: PeopleCounted | None = None
    """The patient rows it was counted from, where a rule was asked of them."""


@dataclass(frozen=True)
class Excluded:
    """What was not taken, and why."""

    study: str
    arm: str | None
    reason: str
    code: str


__all__ = ["Entry", "Excluded", "Where"]
