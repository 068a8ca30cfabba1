"""Recorded judgements: risk of bias of a study, with reasons and names."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Missing, Typed, Words

BiasWord: TypeAlias = Literal[
    "low", "some-concerns", "moderate", "serious", "critical", "high", "unclear", "no-information"
]


class JudgedItem(Typed):
    """One item of a tool: its number, the answer, and why."""

    item: Words
    answer: Words
    because: Words


class JudgedDomain(Typed):
    """A domain's judgement and why; ``departs_because`` when it is not the one that the tool's rules give."""

    domain: Words
    level: BiasWord
    because: Words
    departs_because: Words | None = None


class Rater(Typed):
    """What one person judged before the raters talked: answers by item, levels by domain, the overall level."""

    by: Words
    answers: dict[str, Words] = Field(default_factory=dict)
    domains: Annotated[dict[str, BiasWord], Field(description="levels by domain, where answers do not give them")] = (
        Field(default_factory=dict)
    )
    overall: BiasWord | None = None


class Judgement(Typed):
    """``judgements/<id>.yaml``: one study judged with one tool; several raters' own answers may stand beside it.

    ``items``, ``domains`` and ``overall`` are what was agreed on in the end. Where two raters differ, ``agreed_by``
    says how that was settled; without it the difference is a problem.
    """

    id: Id
    study: Id
    tool: Words
    about: Annotated[Words | None, Field(description="the result that was judged, when it is one of several")] = None
    items: tuple[JudgedItem, ...] = ()
    domains: tuple[JudgedDomain, ...] = ()
    overall: BiasWord
    because: Words
    departs_because: Annotated[
        Words | None, Field(description="why the overall judgement is not the one that the tool's rules give")
    ] = None
    raters: tuple[Rater, ...] = ()
    agreed_by: Annotated[Words | None, Field(description="how differences between raters were settled")] = None
    by: tuple[Words, ...]
    on: datetime.date | Missing
    seen: Annotated[Words, Field(description="what was seen of the study: full text, abstract, a summary")] = (
        "not recorded"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Judgement:
        for what, names in (
            ("item", [i.item for i in self.items]),
            ("domain", [d.domain for d in self.domains]),
            ("rater", [r.by for r in self.raters]),
        ):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise PydanticCustomError(
                    "judged_twice", "judges {what} {twice} twice", {"what": what, "twice": ", ".join(twice)}
                )
        return self

    @property
    def answers(self) -> dict[str, str]:
        """Answers by item."""
        return {i.item: i.answer for i in self.items}
