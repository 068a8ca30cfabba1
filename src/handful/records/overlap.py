"""Studies that may share people: what was decided, why, and which of them is counted."""

from __future__ import annotations

import datetime
from itertools import combinations
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Ids, Missing, Typed, Words

Shared: TypeAlias = Literal["same", "different", "part-of", "unclear"]


class Overlap(Typed):
    """One decision about two studies or more.

    ``same``: the same people; ``part-of``: the people of the others are part of the last one's; ``unclear``: it cannot
    be told from what was seen; ``different``: other people, all are counted. But for ``different``, two of them are
    never in one count: the one ``used`` stays. Of more than two, ``part-of`` and ``unclear`` speak of each against the
    last one (a review and the reports it may hold), and ``used`` may say ``parts`` or ``whole``.
    """

    studies: Annotated[Ids, Field(min_length=2, description="for part-of, the whole stands last")]
    people: Annotated[Shared, Field(description="whether they are the same people")]
    because: Words
    used: Annotated[Id | None, Field(description="which one is counted where both could be")] = None
    by: Words | None = None
    on: datetime.date | Missing = "not recorded"

    @model_validator(mode="after")
    def _decides(self) -> Overlap:
        if len(set(self.studies)) != len(self.studies):
            raise PydanticCustomError("overlap_with_itself", "names one study twice")
        if self.people == "different" and self.used is not None:
            raise PydanticCustomError("overlap_used", "`used:` does not go with different people: all are counted")
        words = ("parts", "whole") if self.people in ("part-of", "unclear") else ()
        if self.people != "different" and self.used not in (*self.studies, *words):
            raise PydanticCustomError(
                "overlap_used",
                "`used:` must be one of {studies}, found {found}",
                {"studies": ", ".join((*self.studies, *words)), "found": str(self.used)},
            )
        return self

    @property
    def id(self) -> str:
        """What a difference between two states calls it: the studies it speaks of."""
        return " and ".join(self.studies)

    def pairs(self) -> tuple[tuple[str, str, str | None], ...]:
        """Which two studies it speaks of, and which of the two stays in a count (None: both)."""
        together = self.people in ("same", "different")
        found = combinations(self.studies, 2) if together else ((part, self.studies[-1]) for part in self.studies[:-1])
        return tuple((a, b, self._stays(a, b)) for a, b in found)

    def _stays(self, a: str, b: str) -> str | None:
        if self.people == "different":
            return None
        if self.used in (a, b):
            return self.used
        if self.people == "same":
            return a
        return b if self.used == "whole" else a


class OverlapsFile(Typed):
    """``overlaps.yaml``."""

    overlaps: tuple[Overlap, ...]
