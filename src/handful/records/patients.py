"""The row of one person in ``studies/<id>.patients.csv``."""

from __future__ import annotations

import datetime
import math
import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from handful.base.typed import Id, Map, Number, Quote, Typed, Words

YesNo: TypeAlias = Literal["yes", "no", "not applicable", "not reported"]


def _split(value: Any) -> Any:
    """Values of a cell are separated by ' | '."""
    return tuple(part.strip() for part in value.split("|") if part.strip()) if isinstance(value, str) else value


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def _maybe_number(value: Any) -> Any:
    if isinstance(value, str) and value != "not reported":
        number = float(value) if _NUMBER.fullmatch(value) else math.nan
        if not math.isfinite(number):
            raise ValueError("must be a plain number or `not reported`")
        return number
    return value


def _maybe_date(value: Any) -> Any:
    if isinstance(value, str) and value != "not reported":
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise ValueError("is no day of the calendar; write 2026-11-22 or `not reported`") from None
    return value


CellValues: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(_split)]
CellNumber: TypeAlias = Annotated[Number | Literal["not reported"], BeforeValidator(_maybe_number)]
CellDate: TypeAlias = Annotated[datetime.date | Literal["not reported"], BeforeValidator(_maybe_date)]


class Person(Typed):
    """One person of a case report or series. Missing is written 'not reported', never left empty."""

    person: Words
    treatment: Id
    arm: Annotated[
        Id | Literal["not reported"], Field(description="the arm of the study, where the treatment does not tell it")
    ] = "not reported"
    row: Annotated[
        Literal["read", "rebuilt-from-counts"], Field(description="read from the source, or rebuilt from its counts")
    ]
    age_years: CellNumber = "not reported"
    age: CellValues = ("not reported",)
    sex: Literal["female", "male", "not reported"] = "not reported"
    extent: CellValues = ("not reported",)
    with_: Annotated[CellValues, Field(alias="with")] = ("not reported",)
    course: Words = "not reported"
    response: Words = "not reported"
    weeks: CellNumber = "not reported"
    failed: CellValues = ("not reported",)
    tried: Annotated[
        CellValues, Field(description="treatments taken before, where it is not said whether they failed")
    ] = ("not reported",)
    also_taken: Words = "not reported"
    source: Id
    at: Words
    quote: Quote | None = None
    note: Words | None = None
    outcomes: Annotated[Map[str, YesNo], Field(description="columns named outcome:<id>")] = Field(default_factory=dict)
    scores: Annotated[
        Map[str, CellNumber],
        Field(
            description="columns named score:<instrument>@<weeks or baseline>, with a unit score:<instrument>[kg]@12, "
            "of a part score:<instrument>.<part>@12"
        ),
    ] = Field(default_factory=dict)
    dates: Annotated[
        Map[str, CellDate], Field(description="columns named date:<born, baseline, a number of weeks, or last-seen>")
    ] = Field(default_factory=dict)

    @property
    def people(self) -> dict[str, tuple[str, ...]]:
        """The attributes that rules over people ask for."""
        return {
            "age": self.age,
            "sex": (self.sex,),
            "extent": self.extent,
            "with": self.with_,
            "failed": self.failed,
            "age_years": (f"{self.age_years:g}" if isinstance(self.age_years, float | int) else "not reported",),
        }


PREFIXES = {"outcome:": "outcomes", "score:": "scores", "date:": "dates"}
"""Beginnings of column names that stand for many columns, and the field each fills."""
