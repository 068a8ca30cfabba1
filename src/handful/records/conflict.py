"""Sources that disagree: both numbers kept, the one that is used, why, and with what consequence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Ids, Number, Quote, Typed, Words
from handful.base.wording import capital, spoken


class About(Typed):
    """What the conflict is about: a number of a study, or a topic."""

    study: Id | None = None
    arm: Id | None = None
    outcome: Id | None = None
    what: Annotated[
        Words | None, Field(alias="field", description="n, responders, events, percent, time, definition …")
    ] = None
    topic: Words | None = None

    @model_validator(mode="after")
    def _something(self) -> About:
        if self.study is None and self.topic is None:
            raise PydanticCustomError("about_nothing", "names neither a `study:` nor a `topic:`")
        return self


class ConflictingValue(Typed):
    """One of the values, and the source that gives it."""

    value: Number | Words
    source: Id
    at: Words | None = None
    quote: Quote | None = None
    note: Words | None = None


class Conflict(Typed):
    """A declared conflict between sources (or inside one)."""

    id: Id
    title: Annotated[
        Words,
        Field(
            default_factory=lambda given: capital(spoken(given.get("id", ""))),
            description="a question for readers; without one, the id read aloud",
        ),
    ]
    about: About
    values: Annotated[tuple[ConflictingValue, ...], Field(min_length=1)]
    used: Annotated[Number | Words, Field(description="the value that is used, or 'neither' or 'both'")]
    because: Words
    consequence: Annotated[
        Literal["bounds", "sensitivity", "shown", "excluded"],
        Field(description="bounds: the answer under each; sensitivity: run with each; shown: told; excluded: unused"),
    ]
    note: Words | None = None
    studies: Annotated[Ids, Field(description="further studies whose pages should show it")] = ()


class ConflictsFile(Typed):
    """``conflicts.yaml``."""

    conflicts: tuple[Conflict, ...]
