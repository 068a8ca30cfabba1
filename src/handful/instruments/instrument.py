"""An instrument: what it measures, its range, direction, parts and cuts, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Missing, Number, Typed, Words


class NotGiven(Typed):
    """A number that no source in hand gives, with the reason: ``{not-reported: no source in hand gives one}``."""

    because: Annotated[Words, Field(alias="not-reported")]


class Component(Typed):
    """A weighted part of a score. With an ``id`` it may stand in patient rows: ``score:salt.top@baseline``."""

    id: Id | None = None
    name: Words
    weight: Number
    low: Number | None = None
    high: Number | None = None


class Threshold(Typed):
    """A cut that papers use to define a responder."""

    id: Id
    name: Words
    rule: Literal["at-most", "at-least", "fall-of-percent", "rise-of-percent", "fall-by", "rise-by"]
    value: Number
    source: Id | Missing = "not recorded"


class Category(Typed):
    """A named grade: its definition in words, and its limits where it is a band of a score."""

    id: Id
    name: Words
    definition: Words | None = None
    low: Number | None = None
    high: Number | None = None
    source: Id | Missing = "not recorded"


Kind: TypeAlias = Literal["score", "change", "percent-change", "category", "time-to-event"]


class Instrument(Typed):
    """``instruments/<id>.yaml``: one scale. Sources are ids of the review or of the catalogue, or ``not recorded``.

    ``extends`` names an instrument of the catalogue; what is not written here is taken from there. A file with the id
    of a catalogue instrument and no ``extends`` replaces it.
    """

    id: Id
    extends: Annotated[Id | None, Field(description="an instrument of the catalogue; the rest is taken from it")] = None
    name: Words
    short: Annotated[Words | None, Field(description="as readers abbreviate it: SALT")] = None
    measures: Words
    kind: Kind = "score"
    unit: Annotated[Words | None, Field(description="kg, percent of the scalp; nothing for points of a scale")] = None
    low: Number | None = None
    high: Number | None = None
    whole: Annotated[bool, Field(description="only whole numbers occur")] = False
    better: Annotated[
        Literal["lower", "higher", "not stated"], Field(description="which direction is better for the person")
    ]
    rated_by: Words = "not reported"
    components: tuple[Component, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    categories: tuple[Category, ...] = ()
    minimal_important_difference: Number | Literal["not reported"] | NotGiven = "not reported"
    source: Id | Words
    note: Words | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Instrument:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise PydanticCustomError(
                "range_reversed",
                "low {low} is not below high {high}",
                {"low": f"{self.low:g}", "high": f"{self.high:g}"},
            )
        return self

    @property
    def called(self) -> str:
        """The short name where there is one."""
        return self.short or self.name

    def outside(self, value: float) -> str | None:
        """Why a value cannot be one of this instrument, or None.

        >>> from handful.instruments.catalogue import catalogue
        >>> catalogue()["salt"].outside(104)
        '104 lies outside 0 to 100'
        """
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return f"{value:g} lies outside {_range(self.low, self.high)}"
        if self.whole and value != int(value):
            return f"{value:g} is no whole number"
        return None

    def part(self, identifier: str) -> Component | None:
        """The component of that id."""
        return next((c for c in self.components if c.id == identifier), None)

    def total(self, parts: Mapping[str, float]) -> float:
        """The score from its components, by id: the weighted sum.

        >>> from handful.instruments.catalogue import catalogue
        >>> round(catalogue()["salt"].total({"top": 0, "back": 50, "right": 0, "left": 0}), 9)
        12.0

        Raises:
            ValueError: when a component is missing, unknown, or outside its range; all of it at once.
        """
        known = {c.id: c for c in self.components if c.id is not None}
        if not known:
            raise ValueError(f"{self.called} has no components to compute it from")
        wrong = [f"{name} is no component of {self.called}" for name in parts if name not in known]
        wrong += [f"{name} is missing" for name in known if name not in parts]
        for name, value in parts.items():
            component = known.get(name)
            if component is not None and not _inside(value, component.low, component.high):
                wrong.append(f"{name}: {value:g} lies outside {_range(component.low, component.high)}")
        if wrong:
            raise ValueError("; ".join(wrong))
        return sum(known[name].weight * value for name, value in parts.items())


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"what is possible: at most {high:g}"
    return f"{low:g} to {high:g}" if high is not None else f"what is possible: at least {low:g}"
