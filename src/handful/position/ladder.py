"""A ladder: the alternatives of a population and what each line of therapy asks for, as typed by people."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Count, Id, Ids, Level, Number, TextList, Typed, Words
from handful.records.people import People

Line: TypeAlias = Literal["first", "second", "third", "later"]
CertaintyLevel: TypeAlias = Literal["very-low", "low", "moderate", "high"]

About: TypeAlias = Literal["effect", "rate"]

LINES: tuple[Line, ...] = ("first", "second", "third", "later")
"""From the best place to the last."""

CERTAINTY: tuple[CertaintyLevel, ...] = ("very-low", "low", "moderate", "high")
"""From the least sure to the most."""

Share: TypeAlias = Annotated[Number, Field(ge=0, le=1)]


class HarmLimit(Typed):
    """How rare an unwanted outcome must be for a line."""

    outcome: Id
    rate_at_most: Share
    with_probability: Level
    because: Words


class Rung(Typed):
    """What a line asks for. Every demand that is typed must be met; one that cannot be told is not met."""

    line: Line
    after_failure_of: Annotated[Ids, Field(description="treatments that come before this line")] = ()
    rate_at_least: Annotated[Share | None, Field(description="threshold of the rate, between 0 and 1")] = None
    with_probability: Annotated[
        Level | None, Field(description="how probable it must be that the rate reaches the threshold")
    ] = None
    people_at_least: Annotated[
        Count | None, Field(description="fewest people counted, so that no line rests on a prior alone")
    ] = None
    certainty_at_least: CertaintyLevel | None = None
    certainty_of: Annotated[
        About,
        Field(description="of the effect (that the treatment changes the outcome) or of the rate as a forecast"),
    ] = "effect"
    authorised: Annotated[
        Literal["licence", "guideline", "licence-or-guideline"] | None,
        Field(description="a licence for these people, or a guideline that names this line or a better one"),
    ] = None
    harms: tuple[HarmLimit, ...] = ()
    loss_at_most: Annotated[
        Share | None,
        Field(description="largest expected loss against the alternatives; these rates are of different studies"),
    ] = None
    because: Words

    @model_validator(mode="after")
    def _whole_demands(self) -> Rung:
        if (self.rate_at_least is None) != (self.with_probability is None):
            raise PydanticCustomError(
                "half_a_threshold", "needs `rate_at_least:` and `with_probability:` together, found one of them"
            )
        if self.demands == 0:
            raise PydanticCustomError("rung_asks_nothing", "asks for nothing, so everything would stand on it")
        return self

    @property
    def demands(self) -> int:
        """How many clauses the line has."""
        named = (self.rate_at_least, self.people_at_least, self.certainty_at_least, self.authorised, self.loss_at_most)
        return sum(demand is not None for demand in named) + len(self.harms)


class Band(Typed):
    """People of one age (or of one value of another attribute) for whom the line is asked apart."""

    id: Id
    name: Words
    people: People


class Ladder(Typed):
    """``ladders/<name>.yaml``: a place after what has failed."""

    id: Id
    title: Words
    people: People = Field(default_factory=dict)
    condition: Annotated[
        Id | None, Field(description="the condition a licence must be for; approvals for another do not count")
    ] = None
    bands: tuple[Band, ...] = ()
    after_failure_of: Ids = ()
    contraindications: TextList = ()
    alternatives: Ids
    outcome: Id
    accepts: Annotated[Ids, Field(description="further reported outcomes that count as it, first one first")] = ()
    guidelines: Annotated[Ids, Field(description="claims on a line of therapy that count as a guideline's")] = ()
    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]
    otherwise: Words = "not established"
    show_losses: Annotated[
        bool, Field(description="whether the page also shows rates of different studies as losses of a choice")
    ] = False
    note: Words | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Ladder:
        places = [LINES.index(rung.line) for rung in self.rungs]
        if places != sorted(set(places)):
            raise PydanticCustomError(
                "rungs_out_of_order", "lists a line twice or out of order; the order is first, second, third, later"
            )
        attributes = {tuple(band.people) for band in self.bands}
        if len(attributes) > 1 or any(len(names) != 1 for names in attributes):
            raise PydanticCustomError("bands_by_one_attribute", "has bands that are not told apart by one attribute")
        values = [value for band in self.bands for found in band.people.values() for value in found]
        if len(values) != len(set(values)):
            raise PydanticCustomError("bands_overlap", "has bands that share a value; nobody may stand in two bands")
        return self

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every reported outcome that counts, the named one first."""
        return tuple(dict.fromkeys((self.outcome, *self.accepts)))

    @property
    def attribute(self) -> str | None:
        """What the bands are told apart by."""
        return next(iter(self.bands[0].people)) if self.bands else None
