"""A ladder: the alternatives of a population and what each line of therapy asks for, as typed by people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handful.base.typed import Id, Ids, Level, Number, TextList, Typed, Words
from handful.records.people import People


class Rung(Typed):
    """What a line asks for: a chance that the rate reaches a threshold, certainty, approval."""

    line: Literal["first", "second", "third", "later"]
    rate_at_least: Annotated[Number | None, Field(description="threshold of the rate, between 0 and 1")] = None
    with_probability: Level | None = None
    certainty_at_least: Literal["very-low", "low", "moderate", "high"] | None = None
    approved: bool | None = None
    because: Words


class Ladder(Typed):
    """``ladders/<name>.yaml``: a place after what has failed."""

    id: Id
    title: Words
    people: People = Field(default_factory=dict)
    after_failure_of: Ids = ()
    contraindications: TextList = ()
    alternatives: Ids
    outcome: Id
    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]
    otherwise: Words = "not established"
