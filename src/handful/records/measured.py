"""A measurement of an arm at the start (age, duration, a score): mean, spread and range, as printed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.provenance import ReportedCount, ReportedPrinted
from handful.base.typed import Count, Number, Typed, Words


class Measured(Typed):
    """One row of a baseline table that is no count: what was measured, of how many, and its summary.

    ``whole``: every person's value is a whole number (years completed, a score without decimals), so that only certain
    means and standard deviations are possible. ``items``: each value is the average of so many whole-number items.
    ``least``, ``most``: the ends that a value can have at all, not the range that was seen.
    """

    about: Annotated[Words, Field(description="what was measured, with its unit: age in years")]
    whole: Annotated[bool, Field(description="only whole numbers occur")] = False
    items: Annotated[Count, Field(description="whole-number items that each value is the average of", ge=1)] = 1
    n: Annotated[ReportedCount | None, Field(description="people measured, where it is not the arm's number")] = None
    mean: ReportedPrinted | None = None
    sd: ReportedPrinted | None = None
    median: ReportedPrinted | None = None
    low: Annotated[ReportedPrinted | None, Field(description="the smallest value seen")] = None
    high: Annotated[ReportedPrinted | None, Field(description="the largest value seen")] = None
    least: Annotated[Number | None, Field(description="the smallest value there can be")] = None
    most: Annotated[Number | None, Field(description="the largest value there can be")] = None
    note: Words | None = None

    @model_validator(mode="after")
    def _has_a_number(self) -> Measured:
        if self.mean is None and self.median is None and self.low is None and self.high is None:
            raise PydanticCustomError("nothing_measured", "gives none of `mean:`, `median:`, `low:`, `high:`")
        return self
