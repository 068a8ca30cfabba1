"""A comparison as the paper prints it: which arms, the test, its statistic and p, the estimate with its interval."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.provenance import ReportedP, ReportedPrinted
from handful.base.typed import Id, Ids, Level, Number, Typed, Words

LOG_MEASURES = frozenset({"OR", "RR", "HR", "IRR"})
"""Ratios: their intervals are symmetric on the log scale."""


class Comparison(Typed):
    """One reported comparison. Its numbers are checked against each other and against the counts; none is pooled.

    With ``between`` (two arms) and ``outcome`` the p-value is held against the recorded counts; with ``statistic``
    against the statistic; with ``low`` and ``high`` against the interval.
    """

    about: Annotated[Words, Field(description="what is compared, in words")]
    between: Annotated[Ids, Field(description="the two arms, the first one first")] = ()
    outcome: Annotated[Id | None, Field(description="the recorded outcome or harm whose counts are compared")] = None
    measure: Literal["OR", "RR", "HR", "IRR", "RD", "MD", "SMD", "other"] | None = None
    estimate: ReportedPrinted | None = None
    low: ReportedPrinted | None = None
    high: ReportedPrinted | None = None
    level: Level = 0.95
    interval: Annotated[
        Literal["symmetric", "not-symmetric"],
        Field(description="not-symmetric: exact, score, profile or bootstrap limits"),
    ] = "symmetric"
    se: Annotated[ReportedPrinted | None, Field(description="standard error; of a ratio, of its logarithm")] = None
    test: Literal["t", "F", "chi2", "z", "r", "other"] | None = None
    statistic: ReportedPrinted | None = None
    df: Annotated[tuple[Number, ...], Field(description="degrees of freedom: one number, two for F")] = ()
    sides: Literal[1, 2] = 2
    p: ReportedP | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Comparison:
        if self.between and len(self.between) != 2:
            raise PydanticCustomError("not_two_arms", "`between:` names two arms of this study")
        if (self.low is None) != (self.high is None):
            raise PydanticCustomError("one_limit", "has one limit of an interval; give `low:` and `high:`, or neither")
        wanted = {"t": 1, "F": 2, "chi2": 1, "z": 0, "r": 1}.get(self.test or "")
        if self.statistic is not None and wanted is not None and len(self.df) != wanted:
            raise PydanticCustomError(
                "degrees_of_freedom",
                "{test} takes {wanted} degrees of freedom in `df:`, found {found}",
                {"test": self.test or "", "wanted": wanted, "found": len(self.df)},
            )
        return self
