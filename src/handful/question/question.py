"""A question: who, which treatment, which outcome, when, in which groups; typed by people, frozen."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Ids, Map, Number, Typed, Words
from handful.question.asked_outcome import Accepted as Accepted
from handful.question.asked_outcome import AcceptedRule as AcceptedRule
from handful.question.asked_outcome import AskedOutcome as AskedOutcome
from handful.question.asked_outcome import OtherWord as OtherWord
from handful.question.plan import Plan
from handful.records.people import People
from handful.records.study import Design


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
        more = self.plan.sensitivity.outcomes if self.plan.sensitivity else ()
        return tuple(rule for asked in (self.outcome, *self.also, *more) for rule in asked.rules)

    @model_validator(mode="after")
    def _one_design_rule(self) -> Question:
        if "case-report" in self.designs:
            raise PydanticCustomError(
                "case_reports_pooled",
                "lists case-report among `designs:`; single reports are shown apart under `case_reports:`",
            )
        return self
