"""A version of a review: what it answered, what had changed, and the state of the records it was made from."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from handful.base.typed import Count, Id, Map, Number, Typed, Words

VersionName = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$", description="numbers with dots: 0.1, 1.2")]


class GroupThen(Typed):
    """What a version said of one group under the main outcome."""

    group: Id
    events: Count
    people: Count
    low: Number | None = None
    high: Number | None = None


class AnswerThen(Typed):
    """What a version answered to one question."""

    title: Words
    outcome: Words
    studies: Count
    groups: tuple[GroupThen, ...]
    verdicts: Annotated[
        Map[Words, Words], Field(description="certainty and computed place, as far as they were stored")
    ] = Field(default_factory=dict)


class Version(Typed):
    """``versions/<version>.yaml``: written by ``handful release``, kept for good beside its note ``<version>.md``."""

    version: VersionName
    on: datetime.date
    revision: Annotated[
        str | None, Field(pattern=r"^[0-9a-f]{7,40}$", description="the commit whose records it was made from")
    ] = None
    before: Annotated[VersionName | None, Field(description="the version before it")] = None
    conclusion_changed: Annotated[bool | None, Field(description="since the version before; none for the first")] = None
    plan_changed: tuple[Id, ...] = ()
    results: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", description="of all stored results")]
    made_by: Words
    citation: Words
    answers: Map[Id, AnswerThen]


def version_key(name: str) -> tuple[int, ...]:
    """Versions in their order: 0.9 comes before 0.10."""
    return tuple(int(part) for part in name.split("."))
