"""A reader's point about one number, and what became of it."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Missing, Typed, Words

CorrectionStatus = Literal["open", "accepted", "declined"]


class Reply(Typed):
    """The answer to a reader: by whom, when, in which words, and the commit that changed the record."""

    by: Words
    on: datetime.date
    says: Words
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")] | None = None


class ReaderCorrection(Typed):
    """One point of a reader, tied to a number by its name on the pages (what stands behind ``#`` in its address)."""

    id: Id
    number: Annotated[str, Field(pattern=r"^n-[a-z0-9-]+$", description="the number's name: n-… from its address")]
    question: Annotated[Id | None, Field(description="the question on whose page the point was made")] = None
    by: Words | Missing = "not recorded"
    on: datetime.date
    says: Words
    status: CorrectionStatus = "open"
    reply: Reply | None = None

    @model_validator(mode="after")
    def _answered(self) -> ReaderCorrection:
        if self.status != "open" and self.reply is None:
            raise PydanticCustomError("no_reply", "is no longer open, so it needs a `reply:` with by, on and says")
        if self.reply is not None and self.reply.on < self.on:
            raise PydanticCustomError("reply_before_point", "is answered before it was made; check the dates")
        return self


class CorrectionsFile(Typed):
    """``corrections.yaml``: what readers found, open ones first on the pages, none ever deleted."""

    corrections: tuple[ReaderCorrection, ...]
