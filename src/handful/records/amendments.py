"""What happened to a paper after publication: erratum, correction, expression of concern, retraction; each dated."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from handful.base.typed import Id, Missing, Typed, Words


class _Dated(Typed):
    """When it appeared, what it says, and where it stands."""

    on: datetime.date | Missing
    note: Annotated[Words | None, Field(description="what it says, in a sentence")] = None
    source: Annotated[Id | None, Field(description="the source that is the notice itself, where it is recorded")] = None
    doi: Annotated[str | None, Field(pattern=r"^10\.\S+$", description="DOI of the notice")] = None

    @property
    def day(self) -> str:
        """'3 May 2024'; nothing where the date is not known."""
        if not isinstance(self.on, datetime.date):
            return ""
        return f"{self.on.day} {self.on:%B %Y}"

    @property
    def words(self) -> str:
        """'on 3 May 2024: the note', as far as known."""
        return (f" on {self.day}" if self.day else "") + (f": {self.note}" if self.note else "")


class Erratum(_Dated):
    """The publisher's or the authors' error, put right; numbers that it replaces keep what they `was:`."""

    kind: Literal["erratum"]


class Correction(_Dated):
    """A later change to the paper (authors, methods, numbers) that is not called an erratum."""

    kind: Literal["correction"]


class ExpressionOfConcern(_Dated):
    """The journal doubts the paper; it stays in the counts, and every page says so."""

    kind: Literal["expression-of-concern"]


class Retraction(_Dated):
    """The paper was withdrawn after publication: its studies leave every count, and stay visible with the mark."""

    kind: Literal["retraction"]


Amendment: TypeAlias = Annotated[Erratum | Correction | ExpressionOfConcern | Retraction, Field(discriminator="kind")]

MARKS: dict[str, str] = {
    "erratum": "corrected by an erratum",
    "correction": "corrected",
    "expression-of-concern": "expression of concern",
    "retraction": "retracted",
}
"""The mark that a study carries wherever it is listed."""

GRAVEST = ("retraction", "expression-of-concern", "erratum", "correction")
"""From the gravest on; a list shows the gravest mark only."""


def retraction_of(notices: tuple[Amendment, ...]) -> Retraction | None:
    """The retraction among the notices, where there is one."""
    return next((n for n in notices if isinstance(n, Retraction)), None)


def mark_of(notices: tuple[Amendment, ...]) -> str:
    """'retracted, 3 May 2024': the gravest notice; nothing without one."""
    for kind in GRAVEST:
        for notice in notices:
            if notice.kind == kind:
                return MARKS[kind] + (f", {notice.day}" if notice.day else "")
    return ""
