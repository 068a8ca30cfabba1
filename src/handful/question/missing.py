"""What becomes of people without a result: one rule of the plan."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from handful.base.typed import Number, Typed


class InformativeMissing(Typed):
    """``{informative-odds-ratio: 0.5}``: odds of the outcome among the missing over those of the others."""

    odds_ratio: Annotated[Number, Field(alias="informative-odds-ratio", gt=0)]


def _missing(value: Any) -> Any:
    return "not-responders" if value == "non-responders" else value


MissingRule: TypeAlias = Annotated[
    Literal["as-reported", "not-responders", "responders", "excluded"] | InformativeMissing, BeforeValidator(_missing)
]
"""What becomes of people without a result. ``as-reported`` leaves a paper's count as it stands, and people out who have
no score; ``excluded`` counts only people with a result (available cases)."""

MISSING_WORDS = {
    "as-reported": "as the paper counted them",
    "not-responders": "counted as without the outcome",
    "responders": "counted as with the outcome",
    "excluded": "left out",
}
