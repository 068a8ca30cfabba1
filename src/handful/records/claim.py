"""What guidelines, reviews and articles claim, in our words with their quote, kept apart from counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handful.base.typed import Id, Ids, Missing, Quote, Typed, Words


class Claim(Typed):
    """One statement of a source."""

    id: Id
    kind: Literal[
        "line-of-therapy",
        "effect",
        "harm",
        "approval",
        "dose",
        "guideline",
        "outcome-target",
        "epidemiology",
        "ongoing-trial",
    ]
    treatments: Ids = ()
    about: Annotated[Words, Field(description="the people it speaks of, in the source's terms")] = "not reported"
    line: Annotated[Words | None, Field(description="first, second, third, not first …")] = None
    year: Annotated[int, Field(ge=1500, le=2200)] | Missing = "not reported"
    region: Words | Missing = "not reported"
    statement: Words
    quote: Quote | None = None
    source: Id
    at: Words
    note: Words | None = None


class ClaimsFile(Typed):
    """``claims.yaml``."""

    claims: tuple[Claim, ...]
