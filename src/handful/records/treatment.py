"""Treatments: what they are, how they work, where they are approved; each statement with its source."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field

from handful.base.provenance import ReportedText
from handful.base.typed import Id, Missing, Quote, Typed, Words
from handful.records.people import People


class Approval(Typed):
    """An approval (or its absence) by a regulator, for whom, as of when."""

    region: Words
    authority: Words = "not reported"
    indication: Words
    condition: Annotated[Id | None, Field(description="the condition it is for, for example alopecia-areata")] = None
    people: People = Field(default_factory=dict)
    status: Literal["approved", "recommended", "not-approved"] = "approved"
    on: datetime.date | Annotated[int, Field(ge=1900, le=2200)] | Missing = "not reported"
    source: Id
    at: Words
    quote: Quote | None = None
    note: Words | None = None


class Treatment(Typed):
    """A drug, procedure, placebo or nothing."""

    id: Id
    name: Words
    kind: Literal["drug", "procedure", "combination", "placebo", "untreated"] = "drug"
    parts: tuple[Id, ...] = ()
    treatment_class: Annotated[Id | None, Field(alias="class", description="for example jak-inhibitor")] = None
    mechanism: ReportedText | Missing = "not recorded"
    approvals: tuple[Approval, ...] = ()
    note: Words | None = None


class TreatmentsFile(Typed):
    """``treatments.yaml``."""

    treatments: tuple[Treatment, ...]


class OutcomeDefinition(Typed):
    """An outcome under the name its papers use, with their definition."""

    id: Id
    name: Words
    definition: Words
    kind: Literal["benefit", "harm", "course"] = "benefit"
    instrument: Id | None = None
    source: Id | None = None


class OutcomesFile(Typed):
    """``outcomes.yaml``: the outcomes that the studies of a review report."""

    outcomes: tuple[OutcomeDefinition, ...]
