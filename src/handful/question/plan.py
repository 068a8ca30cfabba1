"""The plan of a question: measure, model, interval, priors; fixed before the answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handful.base.typed import Level, Typed
from handful.question.borrow_plan import BorrowPlan
from handful.question.missing import MISSING_WORDS as MISSING_WORDS
from handful.question.missing import InformativeMissing as InformativeMissing
from handful.question.missing import MissingRule as MissingRule
from handful.question.priors import Prior as Prior
from handful.question.priors import Priors
from handful.question.sensitivity_plan import SensitivityPlan
from handful.question.thresholds import Thresholds
from handful.records.study import DENOMINATOR_WORDS, DenominatorKind

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
    sensitivity: Annotated[
        SensitivityPlan | None,
        Field(description="which other analyses are run; without it, all that can be"),
    ] = None
