"""The plan of a question: measure, model, interval, priors; fixed before the answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from handful.base.typed import Level, Map, Number, Typed
from handful.question.borrow_plan import BorrowPlan
from handful.question.thresholds import Thresholds
from handful.records.study import DENOMINATOR_WORDS, DenominatorKind

Prior: TypeAlias = Literal["default"] | Map[str, tuple[Number, ...]]


def _numbers(value: Any) -> Any:
    """``{half-normal: 1.0}`` is ``{half-normal: [1.0]}``."""
    if isinstance(value, dict):
        return {k: (v if isinstance(v, list | tuple) else [v]) for k, v in value.items()}
    return value


PriorField: TypeAlias = Annotated[Prior, BeforeValidator(_numbers)]

DENOMINATOR_ORDER: tuple[DenominatorKind, ...] = (
    "analysed",
    "assessed",
    "started",
    "randomised",
    "enrolled",
    "kind-not-reported",
)
"""Which number of people a count is taken of when several are reported: the nearest to the paper's own count first."""

assert set(DENOMINATOR_ORDER) == set(DENOMINATOR_WORDS)


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


class Priors(Typed):
    """Priors on the model scale (logit for proportions): ``{normal: [mean, sd]}``, ``{half-normal: scale}``."""

    mean: PriorField = "default"
    tau: PriorField = "default"


class Plan(Typed):
    """How the answer is computed."""

    measure: Literal["proportion"] = "proportion"
    model: Literal["default", "bayes", "binomial-normal", "beta-binomial", "common-effect"] = "default"
    interval: Literal["clopper-pearson", "mid-p", "blaker", "wilson", "jeffreys"] = "clopper-pearson"
    difference: Literal["miettinen-nurminen", "newcombe", "agresti-caffo"] = "miettinen-nurminen"
    test: Literal["boschloo", "barnard", "fisher", "fisher-mid-p"] = "boschloo"
    greater: Annotated[
        Literal["jeffreys", "uniform"], Field(description="prior of both rates for P(first > second)")
    ] = "jeffreys"
    priors: Priors = Priors()
    level: Level = 0.95
    denominator: tuple[DenominatorKind, ...] = DENOMINATOR_ORDER
    thresholds: Annotated[
        Thresholds | None, Field(description="what is called trivial, small, moderate, large; fixed before the answer")
    ] = None
    borrow: BorrowPlan | None = None
    missing: Annotated[MissingRule, Field(description="what becomes of people without a result")] = "as-reported"
