"""Which other defensible analyses are run beside the plan: declared in the plan, before the answer."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from handful.base.typed import Id, Level, Typed, Words
from handful.question.asked_outcome import OtherWord
from handful.question.priors import PriorField

Varied: TypeAlias = Literal["outcome", "conflicts", "designs", "denominator", "missing", "model", "prior", "left-out"]

VARIED: tuple[Varied, ...] = ("outcome", "conflicts", "designs", "denominator", "missing", "model", "prior", "left-out")
"""What may be chosen otherwise, in the order in which it is crossed."""


class OtherPrior(Typed):
    """A further prior that someone would defend, and why; what is left at ``default`` is the plan's own."""

    id: Id
    mean: PriorField = "default"
    tau: PriorField = "default"
    because: Words


class SensitivityPlan(Typed):
    """``plan.sensitivity``: without it, everything that the records allow is varied and no threshold is named."""

    vary: Annotated[
        tuple[Varied, ...], Field(description="what is chosen otherwise; without it, everything that can be")
    ] = VARIED
    outcomes: Annotated[
        tuple[OtherWord, ...], Field(description="further definitions of the outcome, beside those under `also:`")
    ] = ()
    priors: Annotated[tuple[OtherPrior, ...], Field(description="further priors for the Bayesian analyses")] = ()
    threshold: Annotated[
        Level | None, Field(description="a rate, between 0 and 1, whose two sides the analyses are counted on")
    ] = None
