"""``review.yaml`` and the front matter of guidance pages."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Count, Id, Ids, Map, Missing, TextList, Typed, Words


class Responsible(Typed):
    """A person or group who answers for the review."""

    name: Words
    role: Words
    interests: Words = "not recorded"


class LeftOut(Typed):
    """Facts in hand that were not recorded, how many, and why."""

    what: Words
    count: Count
    because: Words


class Replies(Typed):
    """Where readers send what they find wrong: an address for mail, or one where an issue is opened, or both."""

    mail: Annotated[str, Field(pattern=r"^[^@\s<>?&%]+@[^@\s<>?&%]+$")] | None = None
    issues: Annotated[str, Field(pattern=r"^https?://[^\s<>\"']+$", max_length=300)] | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Replies:
        if self.mail is None and self.issues is None:
            raise PydanticCustomError("no_address", "needs `mail:` or `issues:`, an address that readers can write to")
        return self


class ReviewFile(Typed):
    """``review.yaml``: what the review is, and who answers for it."""

    id: Id
    title: Words
    condition: Words
    summary: Words | None = None
    people: Annotated[tuple[Responsible, ...], Field(min_length=1)]
    funding: Words | Missing = "not recorded"
    interests: Words | Missing = "not recorded"
    disclaimer: Words
    last_search: Annotated[
        datetime.date | Literal["none"],
        Field(description="date of the last systematic search; `none` where there was none"),
    ]
    search_note: Words | None = None
    records_assembled: Words = "not recorded"
    status: Literal["living", "paused", "retired"] = "living"
    next_look: datetime.date | Missing = "not recorded"
    version: Words = "0.1"
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    licence: Words = "not recorded"
    contact: Words | None = None
    address: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^\s<>\"'?#@]+/$",
            max_length=300,
            description="where the site stands, ending in /; without it no page names a whole address of its own",
        ),
    ] = None
    replies: Annotated[Replies | None, Field(description="where readers send what they find wrong")] = None
    attributes: Annotated[
        Map[Words, Map[Words, Words]],
        Field(description="attributes of people and their values, each with its name for readers"),
    ] = Field(default_factory=dict)
    glossary: Annotated[
        Map[Words, Words],
        Field(description="terms of this field that a reader may not know, each in plain words; see words/glossary.py"),
    ] = Field(default_factory=dict)
    first_question: Id | None = None
    left_out: tuple[LeftOut, ...] = ()
    notes: TextList = ()


class Tip(Typed):
    """One piece of advice and what it rests on."""

    tip: Words
    basis: Annotated[
        Literal["custom", "records"], Field(description="custom: no study in our records; records: the sources named")
    ]
    sources: Ids = ()
    because: Words


class GuidanceFile(Typed):
    """Front matter of ``guidance/<id>.md``."""

    id: Id
    title: Words
    tips: Annotated[tuple[Tip, ...], Field(min_length=1)]
    read_in: Ids = ()
