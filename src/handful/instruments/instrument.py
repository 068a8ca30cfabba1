"""An instrument: its range, direction and source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handful.base.typed import Id, Missing, Number, Typed, Words


class Component(Typed):
    """A weighted part of a score."""

    name: Words
    weight: Number


class Threshold(Typed):
    """A cut that papers use to define a responder."""

    id: Id
    name: Words
    rule: Literal["at-most", "at-least", "fall-of-percent", "rise-of-percent"]
    value: Number
    source: Id | Missing = "not recorded"


class Instrument(Typed):
    """``instruments/<id>.yaml``: one scale. Sources are ids of the review, or ``not recorded``."""

    id: Id
    name: Words
    measures: Words
    kind: Literal["score", "category", "time-to-event"] = "score"
    low: Number | None = None
    high: Number | None = None
    better: Annotated[Literal["lower", "higher"], Field(description="which direction is better for the person")]
    components: tuple[Component, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    minimal_important_difference: Number | Literal["not reported"] = "not reported"
    source: Id | Words
    note: Words | None = None
