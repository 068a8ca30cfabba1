"""What a plan says about borrowing between two of its groups."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from handful.base.typed import Id, Number, Typed, Words


class BorrowPlan(Typed):
    """What one group may borrow from another, at several strengths, and why the two should be alike.

    The answer stays the one without borrowing; this is shown beside it.
    """

    from_: Annotated[Id, Field(alias="from", description="the group that lends: one of `groups:`")]
    to: Annotated[Id, Field(description="the group that borrows: another of `groups:`")]
    weights: Annotated[
        tuple[Number, ...],
        Field(min_length=1, max_length=5, description="strengths, above 0 and at most 1: how likely the two are alike"),
    ] = (0.2, 0.5, 0.8)
    because: Annotated[Words, Field(description="why disease and treatment should be alike in both groups (ICH E11A)")]
