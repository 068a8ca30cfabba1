"""A ladder: the alternatives of a population and what each line of therapy asks for, as typed by people."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Count, Id, Ids, Level, Number, Typed, Words
from handful.records.people import People

Line: TypeAlias = Literal["first", "second", "third", "later"]
CertaintyLevel: TypeAlias = Literal["very-low", "low", "moderate", "high"]

About: TypeAlias = Literal["effect", "rate"]

LINES: tuple[Line, ...] = ("first", "second", "third", "later")
"""From the best place to the last."""

CERTAINTY: tuple[CertaintyLevel, ...] = ("very-low", "low", "moderate", "high")
"""From the least sure to the most."""

Share: TypeAlias = Annotated[Number, Field(ge=0, le=1)]


def _at_least(mine: float | None, theirs: float | None) -> bool:
    """Whether nothing is asked there, or here at least as much."""
    return theirs is None or (mine is not None and mine >= theirs)


class HarmLimit(Typed):
    """What a line asks of an unwanted outcome: that it is rare enough, that enough people were counted for it, or both.

    Nobody counted is not "no harm": a limit that nothing was counted for cannot be told, and is not met.
    """

    outcome: Id
    rate_at_most: Annotated[Share | None, Field(description="how frequent it may be, between 0 and 1")] = None
    with_probability: Annotated[
        Level | None, Field(description="how probable it must be that the rate is at most this")
    ] = None
    counted_in_at_least: Annotated[
        Count | None, Field(description="fewest people on the treatment in whom it was looked for and counted", gt=0)
    ] = None
    because: Words

    @model_validator(mode="after")
    def _whole_limit(self) -> HarmLimit:
        if (self.rate_at_most is None) != (self.with_probability is None):
            raise PydanticCustomError(
                "half_a_limit", "needs `rate_at_most:` and `with_probability:` together, found one of them"
            )
        if self.rate_at_most is None and self.counted_in_at_least is None:
            raise PydanticCustomError(
                "limit_asks_nothing",
                "asks for nothing: give `rate_at_most:` with `with_probability:`, or `counted_in_at_least:`",
            )
        return self

    def asks_all_of(self, other: HarmLimit) -> bool:
        """Whether whatever keeps this limit keeps the other."""
        return (
            self.outcome == other.outcome
            and (
                other.rate_at_most is None
                or (self.rate_at_most is not None and self.rate_at_most <= other.rate_at_most)
            )
            and _at_least(self.with_probability, other.with_probability)
            and _at_least(self.counted_in_at_least, other.counted_in_at_least)
        )

    @property
    def demands(self) -> int:
        """How many clauses it makes."""
        return (self.rate_at_most is not None) + (self.counted_in_at_least is not None)


class Contraindication(Typed):
    """Who should not have one of the alternatives, in words, and where that was read.

    The rule does not know the person: these words are shown beside the line for whoever does.
    """

    treatment: Id
    who: Annotated[Words, Field(description="in words: in pregnancy, with an infection that is not treated …")]
    source: Annotated[Id, Field(description="where it was read, sources/<id>.yaml")]
    at: Annotated[Words, Field(description="where in the source")] = "not recorded"


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

    def asks_all_of(self, better: Rung) -> bool:
        """Whether whatever meets this line's clauses meets those of the better line too.

        A guideline may name this line and not the better one, so a demand for one is never implied.
        """
        return (
            _at_least(self.rate_at_least, better.rate_at_least)
            and _at_least(self.with_probability, better.with_probability)
            and _at_least(self.people_at_least, better.people_at_least)
            and (
                better.certainty_at_least is None
                or (
                    (self.certainty_at_least is not None and self.certainty_of == better.certainty_of)
                    and CERTAINTY.index(self.certainty_at_least) >= CERTAINTY.index(better.certainty_at_least)
                )
            )
            and better.authorised in (None, self.authorised if self.authorised == "licence" else None)
            and (
                better.loss_at_most is None
                or (self.loss_at_most is not None and self.loss_at_most <= better.loss_at_most)
            )
            and all(any(mine.asks_all_of(theirs) for mine in self.harms) for theirs in better.harms)
        )

    @property
    def demands(self) -> int:
        """How many clauses the line has."""
        named = (self.rate_at_least, self.people_at_least, self.certainty_at_least, self.authorised, self.loss_at_most)
        return sum(demand is not None for demand in named) + sum(limit.demands for limit in self.harms)


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
    contraindications: Annotated[
        tuple[Contraindication, ...],
        Field(description="who should not have an alternative; shown, never computed with; none where no source says"),
    ] = ()
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
