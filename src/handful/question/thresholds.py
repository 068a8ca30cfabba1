"""Thresholds of a plan: from which rate or difference on an effect is called small, moderate, large."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Level, Map, Number, Typed, Words

Importance: TypeAlias = Literal["critical", "important", "less-important"]


class InformationSize(Typed):
    """What the optimal information size is computed from: a usual sample size for a difference that matters."""

    without_treatment: Annotated[Level, Field(description="rate expected without the treatment, between 0 and 1")]
    difference: Annotated[Number, Field(description="smallest difference of rates that matters", gt=-1, lt=1)]
    alpha: Annotated[Level, Field(description="two-sided chance of a false alarm")] = 0.05
    power: Level = 0.8

    @model_validator(mode="after")
    def _rates(self) -> InformationSize:
        if self.difference == 0 or not 0 < self.without_treatment + self.difference < 1:
            raise PydanticCustomError(
                "no_such_rate", "`difference:` must lead from one rate between 0 and 1 to another"
            )
        return self


class Sizes(Typed):
    """Sizes of one outcome in natural units: rates, or differences of rates, between 0 and 1.

    Below ``small`` it is trivial; each is the least amount that deserves its word.
    """

    small: Level
    moderate: Level
    large: Level
    unit: Annotated[
        Literal["rate", "difference"], Field(description="of a rate in one group, or of a difference of rates")
    ] = "rate"
    importance: Importance | None = None
    information: Annotated[
        InformationSize | None,
        Field(description="what the optimal information size is computed from; without it only thresholds count"),
    ] = None
    because: Words

    @model_validator(mode="after")
    def _ordered(self) -> Sizes:
        if not self.small < self.moderate < self.large:
            raise PydanticCustomError("thresholds_not_ordered", "needs small < moderate < large")
        return self

    @property
    def values(self) -> tuple[float, float, float]:
        """(small, moderate, large)."""
        return (self.small, self.moderate, self.large)

    def size(self, amount: float) -> Literal["trivial", "small", "moderate", "large"]:
        """The word of an amount, sign aside."""
        found = abs(amount)
        if found >= self.large:
            return "large"
        return "moderate" if found >= self.moderate else "small" if found >= self.small else "trivial"


class Thresholds(Sizes):
    """Sizes of the main outcome, and ``others:`` of other outcome words and harms by their id."""

    others: Map[str, Sizes] = Field(default_factory=dict)

    def of(self, outcome: str) -> Sizes | None:
        """The sizes of ``main``, of another outcome word, or of a harm; None where none were declared."""
        return self if outcome == "main" else self.others.get(outcome)
