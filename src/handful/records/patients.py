"""The row of one person in ``studies/<id>.patients.csv``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from handful.base.typed import Id, Map, Number, Quote, Typed, Words

YesNo: TypeAlias = Literal["yes", "no", "not applicable", "not reported"]


def _split(value: Any) -> Any:
    """Values of a cell are separated by ' | '."""
    return tuple(part.strip() for part in value.split("|") if part.strip()) if isinstance(value, str) else value


def _maybe_number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


CellValues: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(_split)]
CellNumber: TypeAlias = Annotated[Number | Literal["not reported"], BeforeValidator(_maybe_number)]


class Person(Typed):
    """One person of a case report or series. Missing is written 'not reported', never left empty."""

    person: Words
    treatment: Id
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
        Map[str, CellNumber], Field(description="columns named score:<instrument>@<weeks or baseline>")
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
        }
