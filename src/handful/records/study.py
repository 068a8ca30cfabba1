"""A study: design, arms, and what was counted or measured in them; every number with the place it was read."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.language import language
from handful.base.provenance import ReportedCount, ReportedNumber, ReportedPercent
from handful.base.typed import Id, Ids, Missing, Number, Quote, TextList, Typed, Words
from handful.base.wording import weeks
from handful.records.comparison import Comparison
from handful.records.measured import Measured
from handful.records.people import People

Design: TypeAlias = Literal[
    "randomised",
    "non-randomised",
    "single-arm-trial",
    "cohort",
    "case-series",
    "case-report",
    "pooled-trials",
    "literature-review",
    "spontaneous-reports",
    "cross-sectional",
    "not reported",
]

DESIGN_WORDS: dict[str, str] = {
    "randomised": "randomised trial",
    "non-randomised": "non-randomised comparison",
    "single-arm-trial": "trial without a comparison group",
    "cohort": "cohort",
    "case-series": "case series",
    "case-report": "case report",
    "pooled-trials": "pooled trials",
    "literature-review": "literature review",
    "spontaneous-reports": "spontaneous reports",
    "cross-sectional": "cross-sectional study",
    "not reported": "design not reported",
}

DenominatorKind: TypeAlias = Literal["enrolled", "randomised", "started", "assessed", "analysed", "kind-not-reported"]

DENOMINATOR_WORDS: dict[str, str] = {
    "enrolled": "enrolled",
    "randomised": "randomised",
    "started": "started treatment",
    "assessed": "assessed",
    "analysed": "analysed",
    "kind-not-reported": "kind of count not reported",
}


class Denominators(Typed):
    """Numbers of people; each kind is a number of its own."""

    enrolled: ReportedCount | None = None
    randomised: ReportedCount | None = None
    started: ReportedCount | None = None
    assessed: ReportedCount | None = None
    analysed: ReportedCount | None = None
    kind_not_reported: Annotated[ReportedCount | None, Field(alias="kind-not-reported")] = None

    def get(self, kind: str) -> ReportedCount | None:
        """The number of that kind, by the vocabulary's word."""
        found: ReportedCount | None = getattr(self, kind.replace("-", "_"))
        return found

    def kinds(self) -> tuple[str, ...]:
        """The kinds that are reported here."""
        return tuple(kind for kind in DENOMINATOR_WORDS if self.get(kind) is not None)


class When(Typed):
    """A time point or a span, in weeks after the start of treatment."""

    weeks: Number | None = None
    from_weeks: Number | None = None
    to_weeks: Number | None = None
    text: Annotated[Words | None, Field(description="as the source puts it")] = None

    @model_validator(mode="after")
    def _one_form(self) -> When:
        if self.weeks is None and self.from_weeks is None and self.to_weeks is None:
            raise PydanticCustomError("time_without_weeks", "needs `weeks:`, or `from_weeks:` and `to_weeks:`")
        if self.weeks is not None and (self.from_weeks is not None or self.to_weeks is not None):
            raise PydanticCustomError("time_in_two_forms", "has both `weeks:` and a span; keep one")
        return self

    @property
    def earliest(self) -> float:
        """The earliest week it can mean."""
        return next(w for w in (self.weeks, self.from_weeks, self.to_weeks) if w is not None)

    @property
    def words(self) -> str:
        """'24 weeks', '17 to 78 weeks'."""
        if self.text:
            return self.text
        if self.weeks is not None:
            return weeks(self.weeks)
        ends = {"low": f"{self.from_weeks or 0:g}", "high": f"{self.to_weeks or 0:g}"}
        if self.from_weeks is None:
            return language().text("window.to", high=ends["high"])
        if self.to_weeks is None:
            return language().text("window.from", low=ends["low"])
        return language().text("window.from-to", **ends)


def _time(value: Any) -> Any:
    if isinstance(value, str) and value not in ("not reported", "not recorded"):
        raise PydanticCustomError(
            "time",
            "must be `not reported` or a mapping such as {{weeks: 24}}, found {found}",
            {"found": repr(value)},
        )
    return value


Time: TypeAlias = Annotated[When | Missing, BeforeValidator(_time)]


class Counted(Typed):
    """What responders and harms share: which outcome, when, of how many, and the percentage as printed."""

    outcome: Id
    definition: Annotated[
        Words | None, Field(description="the paper's own definition, where it differs from the catalogue")
    ] = None
    time: Time = "not reported"
    n: Annotated[
        Denominators | None, Field(description="people behind this count, where it is not the arm's number")
    ] = None
    percent: Annotated[ReportedPercent | None, Field(description="the percentage as printed")] = None
    modelled: Annotated[bool, Field(description="the percentage is an estimate of a model, not a count of people")] = (
        False
    )
    missing: Annotated[Words | None, Field(description="how people without a value were treated")] = None
    note: Words | None = None


class Outcome(Counted):
    """People who met an outcome, of those in the arm."""

    responders: ReportedCount | None = None

    @model_validator(mode="after")
    def _has_a_number(self) -> Outcome:
        if self.responders is None and self.percent is None:
            raise PydanticCustomError("nothing_counted", "gives neither `responders:` nor `percent:`")
        return self


class Harm(Counted):
    """People to whom something unwanted happened."""

    events: ReportedCount | None = None

    @model_validator(mode="after")
    def _has_a_number(self) -> Harm:
        if self.events is None and self.percent is None:
            raise PydanticCustomError("nothing_counted", "gives neither `events:` nor `percent:`")
        return self


class Score(Typed):
    """A mean or mean change of an instrument in the arm."""

    instrument: Id
    what: Literal["mean", "mean-change", "least-squares-mean-change", "percent-change"]
    better: Annotated[Literal["higher", "lower"] | None, Field(description="which direction is better, as printed")] = (
        None
    )
    time: Time = "not reported"
    n: Denominators | None = None
    estimate: ReportedNumber
    sd: ReportedNumber | None = None
    low: ReportedNumber | None = None
    high: ReportedNumber | None = None
    level: Number | None = None
    note: Words | None = None


class Characteristic(Typed):
    """How many people of the arm have a trait, or had failed a treatment before."""

    trait: Words | None = None
    failed: Annotated[Words | None, Field(description="a treatment that had failed before")] = None
    people: ReportedCount
    percent: Annotated[ReportedPercent | None, Field(description="the percentage as printed")] = None
    one_of: Annotated[
        Words | None,
        Field(description="what the trait is one kind of: kinds of one thing exclude each other and add to the arm"),
    ] = None
    n: Annotated[
        Denominators | None, Field(description="people this was known of, where it is not the arm's number")
    ] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Characteristic:
        if (self.trait is None) == (self.failed is None):
            raise PydanticCustomError("trait_or_failed", "needs exactly one of `trait:` and `failed:`")
        return self


class Arm(Typed):
    """A group of people treated alike."""

    id: Id
    name: Words | None = None
    treatment: Id
    dose: Words = "not reported"
    people: People = Field(default_factory=dict)
    part_of: Annotated[Id | None, Field(description="the arm of this study whose people these are a part of")] = None
    n: Denominators = Denominators()
    characteristics: tuple[Characteristic, ...] = ()
    measured: Annotated[tuple[Measured, ...], Field(description="age, duration, scores at the start")] = ()
    outcomes: tuple[Outcome, ...] = ()
    harms: tuple[Harm, ...] = ()
    scores: tuple[Score, ...] = ()
    note: Words | None = None


class Allocation(Typed):
    """How people are allotted to the arms, and where it was read."""

    shares: Annotated[
        str, Field(pattern=r"^[1-9][0-9]*(:[1-9][0-9]*)+$", description='parts in the order of the arms: "2:1"')
    ]
    source: Id | None = None
    at: Words
    quote: Quote | None = None


class Years(Typed):
    """The years in which people were recruited, first and last."""

    first: Annotated[int, Field(ge=1500, le=2200)]
    last: Annotated[int, Field(ge=1500, le=2200)]

    @model_validator(mode="after")
    def _ordered(self) -> Years:
        if self.first > self.last:
            raise PydanticCustomError("years_reversed", "end before they begin")
        return self


class Study(Typed):
    """One study, published in ``source``; its numbers may have been read elsewhere."""

    id: Id
    source: Id
    title: Words | None = None
    design: Design
    design_note: Words | None = None
    also_reported_in: Ids = ()
    contains: Annotated[Ids, Field(description="studies whose people this one counts again")] = ()
    registration: Words | None = None
    status: Literal["completed", "under-way", "withdrawn"] = "completed"
    planned: ReportedCount | None = None
    allocation: Allocation | None = None
    setting: Words = "not reported"
    clinics: Annotated[TextList, Field(description="where people were treated, so that no one is counted twice")] = ()
    recruited: Annotated[Years | None, Field(description="years of recruitment or treatment")] = None
    n: Annotated[Denominators, Field(description="people of the whole study; its arms must add up to them")] = (
        Denominators()
    )
    arms: tuple[Arm, ...] = ()
    comparisons: Annotated[tuple[Comparison, ...], Field(description="p-values and intervals as printed")] = ()
    note: Words | None = None

    def arm(self, identifier: str) -> Arm | None:
        """The arm of that id."""
        return next((arm for arm in self.arms if arm.id == identifier), None)
