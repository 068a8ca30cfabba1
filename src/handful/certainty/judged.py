"""``certainty/<question>.yaml``: what must be judged about an answer, with reasons and names."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Ids, Map, Missing, Typed, Words
from handful.certainty.certainty import UP, DomainName, Level


class JudgedStart(Typed):
    """A start other than the one that the design gives, and why."""

    level: Level
    because: Words


class JudgedStep(Typed):
    """Steps of one domain: 0, or -1 to -3 down, or 1 to 2 up."""

    steps: Annotated[int, Field(ge=-3, le=2)]
    because: Words


class JudgedOutcome(Typed):
    """Judgements of one outcome: ``main``, the id of another outcome word, or the id of a harm."""

    outcome: Id
    groups: Annotated[
        Ids, Field(description="the groups it is about; without it, all of them and everything together")
    ] = ()
    start: JudgedStart | None = None
    domains: Map[DomainName, JudgedStep] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _directions(self) -> JudgedOutcome:
        _check_directions(self.domains)
        return self


class CertaintyFile(Typed):
    """``certainty/<question>.yaml``: ``domains:`` hold for every outcome unless an outcome says otherwise."""

    question: Id
    by: Annotated[tuple[Words, ...], Field(min_length=1)]
    on: datetime.date | Missing
    seen: Annotated[Words, Field(description="what the judgement rests on: full texts, abstracts, summaries")] = (
        "not recorded"
    )
    domains: Map[DomainName, JudgedStep] = Field(default_factory=dict)
    outcomes: tuple[JudgedOutcome, ...] = ()
    note: Words | None = None

    @model_validator(mode="after")
    def _directions(self) -> CertaintyFile:
        _check_directions(self.domains)
        return self

    def start(self, outcome: str, group: str) -> JudgedStart | None:
        """The judged start of that outcome and group."""
        return next((o.start for o in reversed(self._about(outcome, group)) if o.start is not None), None)

    def step(self, outcome: str, group: str, domain: DomainName) -> JudgedStep | None:
        """The judged step of that outcome, group and domain; what names the group wins, then the outcome, then all."""
        for found in reversed(self._about(outcome, group)):
            if domain in found.domains:
                return found.domains[domain]
        return self.domains.get(domain)

    def _about(self, outcome: str, group: str) -> list[JudgedOutcome]:
        """The general first, what names the group last."""
        there = [o for o in self.outcomes if o.outcome == outcome and (not o.groups or group in o.groups)]
        return sorted(there, key=lambda o: bool(o.groups))


def _check_directions(domains: dict[DomainName, JudgedStep]) -> None:
    wrong = [name for name, step in domains.items() if (step.steps > 0) != (name in UP) and step.steps != 0]
    if wrong:
        raise PydanticCustomError(
            "step_in_the_wrong_direction",
            "has steps in the wrong direction: {wrong}",
            {"wrong": ", ".join(wrong)},
        )
