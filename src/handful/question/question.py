"""A question: who, which treatment, which outcome, when, in which groups; typed by people, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Ids, Map, Number, Typed, Words
from handful.instruments.instrument import Instrument
from handful.instruments.responder import At, Rule
from handful.question.plan import MissingRule, Plan
from handful.records.people import People
from handful.records.study import Design
from handful.records.treatment import OutcomeDefinition


class TreatmentRule(Typed):
    """Which treatments are asked about: by id, or by class."""

    ids: Ids = ()
    treatment_class: Annotated[Id | None, Field(alias="class")] = None


def _treatments(value: Any) -> Any:
    if isinstance(value, str):
        return {"ids": [value]}
    if isinstance(value, list | tuple):
        return {"ids": list(value)}
    return value


Treatments: TypeAlias = Annotated[TreatmentRule, BeforeValidator(_treatments)]


class Accepted(Typed):
    """A reported outcome that answers the question, and why it does."""

    outcome: Id
    because: Words


class AcceptedRule(Typed):
    """A rule over patient rows that answers the question: who responded, at which visit, and who had no visit."""

    rule: Rule
    at: At
    missing: Annotated[
        MissingRule | None, Field(description="people without a score; the plan's rule when it is not given")
    ] = None
    because: Words

    @property
    def outcome(self) -> str:
        """The id under which the count stands: 'salt-at-most-20-at-24-weeks'."""
        return f"{self.rule.id}-at-{self.at.weeks:g}-weeks".replace(".", "-")

    def definition(self, instruments: Mapping[str, Instrument]) -> OutcomeDefinition:
        """The rule as an outcome with a name and a definition, for readers."""
        words = self.rule.words(instruments)
        instrument = self.rule.instruments[0] if len(self.rule.instruments) == 1 else None
        said = f"{words} at {self.at.words}; counted person by person from patient rows"
        return OutcomeDefinition(id=self.outcome, name=words, definition=said, instrument=instrument)


def _which(value: Any) -> str:
    if isinstance(value, AcceptedRule) or (isinstance(value, dict) and "rule" in value):
        return "rule"
    return "outcome"


Acceptable: TypeAlias = Annotated[
    Annotated[Accepted, Tag("outcome")] | Annotated[AcceptedRule, Tag("rule")], Discriminator(_which)
]


class AskedOutcome(Typed):
    """The outcome asked about: its name for people, and the reported outcomes it accepts, first one first."""

    name: Words
    accepts: Annotated[tuple[Acceptable, ...], Field(min_length=1)]

    @property
    def rules(self) -> tuple[AcceptedRule, ...]:
        """The rules over patient rows among what is accepted."""
        return tuple(a for a in self.accepts if isinstance(a, AcceptedRule))


class OtherWord(AskedOutcome):
    """The same people under another outcome word, shown beside the answer and never added to it."""

    id: Id
    because: Words


class Window(Typed):
    """The time after the start of treatment that counts."""

    from_weeks: Number | None = None
    to_weeks: Number | None = None
    prefer_weeks: Annotated[
        Number | None, Field(description="the nearest time point is taken; without it the last")
    ] = None
    not_reported: Literal["include", "exclude"] = "include"

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.from_weeks is not None and self.to_weeks is not None and self.from_weeks > self.to_weeks:
            raise PydanticCustomError("window_reversed", "ends before it begins")
        return self


class CaseReports(Typed):
    """Single reports, listed apart and never added to series. ``people`` may be wider than the question's."""

    people: People = Field(default_factory=dict)
    outcome: Id
    name: Words
    stated: Annotated[Words, Field(description="what the narrower count states, for the sentence about it")] = ""


class Alternatives(Typed):
    """Other treatments of the same people, set apart, never contrasted; placebo and untreated always among them."""

    people: People = Field(default_factory=dict)
    outcomes: Ids
    treatments: Ids = ()
    because: Words | None = None


class HarmsAsked(Typed):
    """Unwanted outcomes shown with the same prominence as the benefit."""

    outcomes: Ids = ()
    people: People = Field(default_factory=dict)
    case_outcomes: Ids = ()
    opposite: Annotated[
        Ids, Field(description="harms that are the opposite of the benefit: the disease begins or gets worse")
    ] = ()


class View(Typed):
    """The author's own view of the place in therapy, kept apart from the computed one."""

    line: Words
    because: Words
    source: Id | None = None
    by: Words | None = None


class Question(Typed):
    """``questions/<id>.yaml``."""

    id: Id
    title: Words
    asks: Annotated[Words, Field(description="the question as a reader would ask it, ending in a question mark")] = ""
    people: People = Field(default_factory=dict)
    treatment: Treatments
    outcome: AskedOutcome
    counts: Annotated[
        Literal["outcomes", "harms"], Field(description="whether the outcome is recorded under outcomes or harms")
    ] = "outcomes"
    also: tuple[OtherWord, ...] = ()
    window: Window = Window()
    groups: Map[str, People] = Field(default_factory=dict)
    designs: tuple[Design, ...] = ("randomised", "non-randomised", "single-arm-trial", "cohort", "case-series")
    case_reports: CaseReports | None = None
    alternatives: Alternatives | None = None
    harms: HarmsAsked = HarmsAsked()
    plan: Plan = Plan()
    ladder: Id | None = None
    view: View | None = None
    related: Ids = ()
    note: Words | None = None

    @property
    def rules(self) -> tuple[AcceptedRule, ...]:
        """The rules over patient rows that it asks, under every outcome word."""
        return tuple(rule for asked in (self.outcome, *self.also) for rule in asked.rules)

    @model_validator(mode="after")
    def _one_design_rule(self) -> Question:
        if "case-report" in self.designs:
            raise PydanticCustomError(
                "case_reports_pooled",
                "lists case-report among `designs:`; single reports are shown apart under `case_reports:`",
            )
        return self
