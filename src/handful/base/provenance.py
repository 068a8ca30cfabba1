"""A number together with where it was read.

A reported value is read (``at:`` says where), derived (``derived:`` gives the arithmetic, ``from:`` the sources) or
back-calculated from a printed percentage. It may name a source of its own, apart from the paper of its study.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Generic, Literal, TypeAlias, TypeVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import AsPrinted, Count, Id, Ids, Missing, Number, Percent, PValue, Quote, Typed, Words

T = TypeVar("T")

HowKnown: TypeAlias = Literal["read", "derived", "back-calculated"]


class KnownFault(Typed):
    """A fault of the source, declared: shown on the page, no failure of the check; expires when the number changes."""

    code: Annotated[
        str, Field(description="the code of the problem that the check reports, e.g. percentage-fits-no-count")
    ]
    because: Words
    value: Annotated[
        Number | str | None, Field(description="the number the fault was declared for; another number makes it expire")
    ] = None


class Earlier(Typed):
    """What the number was before it was replaced, why, when, and by what; kept and shown."""

    value: Annotated[Number | str, Field(description="the number that stood here before")]
    by: Annotated[
        Literal["erratum", "correction", "registry-update", "read-again"],
        Field(description="what replaced it; read-again: the record was wrong, not the paper"),
    ]
    on: datetime.date | Missing = "not recorded"
    because: Words
    source: Annotated[Id | None, Field(description="the notice or entry that replaced it")] = None


class BackCalculated(Typed):
    """The percentage that was printed, and the number of people it was taken of."""

    percent: Percent
    of: Count


class Reported(Typed, Generic[T]):
    """A value and where it was read.

    ``source`` defaults to the paper of the study it stands in. Exactly one of ``at`` (read there), ``derived`` (with
    ``from``) or ``back-calculated`` (with ``at``) says how it is known.
    """

    value: T
    source: Annotated[Id | None, Field(description="source id, where that is not the study's own paper")] = None
    at: Annotated[Words | None, Field(description="where in the source: page, table, figure, paragraph")] = None
    quote: Annotated[Quote | None, Field(description="at most 25 words of the source")] = None
    derived: Annotated[
        Words | None, Field(description="the arithmetic, in words; 'a - b = c' inside it is checked")
    ] = None
    from_: Annotated[Ids, Field(alias="from", description="sources of the numbers it was derived from")] = ()
    back_calculated: Annotated[BackCalculated | None, Field(alias="back-calculated")] = None
    known: KnownFault | None = None
    was: Annotated[tuple[Earlier, ...], Field(description="what it was before, the latest first")] = ()
    note: Words | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Reported[T]:
        if self.derived is not None:
            if self.back_calculated is not None:
                raise PydanticCustomError(
                    "two_origins", "is both `derived` and `back-calculated`; a number has one origin"
                )
            if not self.from_:
                raise PydanticCustomError("derived_from_nothing", "is derived, but `from:` names no source")
        elif self.at is None:
            raise PydanticCustomError(
                "no_locator", "does not say where it was read: `at:` is missing (or `derived:` with `from:`)"
            )
        elif self.from_:
            raise PydanticCustomError("from_without_derived", "has `from:` but no `derived:` with the arithmetic")
        return self

    @property
    def how(self) -> HowKnown:
        """Whether the number was read, derived or back-calculated."""
        if self.derived is not None:
            return "derived"
        return "read" if self.back_calculated is None else "back-calculated"


class ReportedText(Typed):
    """A statement and where it was read."""

    text: Words
    source: Id
    at: Words
    quote: Quote | None = None


ReportedCount: TypeAlias = Reported[Count]
ReportedNumber: TypeAlias = Reported[Number]
ReportedPercent: TypeAlias = Reported[Percent]
ReportedPrinted: TypeAlias = Reported[AsPrinted]
ReportedP: TypeAlias = Reported[PValue]
