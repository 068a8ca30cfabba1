"""A small ladder, and places made of a few counts in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.made_records import arm, outcome, question, records, study

import handful as hf
from handful.certainty.judgements import Judgements
from handful.position.ladder import Ladder
from handful.position.place import Place
from handful.question.question import Question
from handful.records.records import Records
from handful.records.study import Study

RUNGS: list[dict[str, Any]] = [
    {"line": "first", "rate_at_least": 0.5, "with_probability": 0.8, "people_at_least": 10, "because": "made up"},
    {"line": "second", "rate_at_least": 0.3, "with_probability": 0.8, "because": "made up"},
    {"line": "third", "rate_at_least": 0.1, "with_probability": 0.8, "because": "made up"},
]
BANDS = [
    {"id": "under-12", "name": "children under 12", "people": {"age": "child"}},
    {"id": "from-12-to-17", "name": "adolescents", "people": {"age": "adolescent"}},
    {"id": "adult", "name": "adults", "people": {"age": "adult"}},
]


@dataclass(frozen=True)
class Opened:
    """What `place` needs of a review."""

    records: Records
    questions: dict[str, Question]
    ladders: dict[str, Ladder]
    judgements: Judgements = field(default_factory=Judgements)


def ladder(**more: Any) -> Ladder:
    """Drug and other, three lines by the rate, three ages."""
    body: dict[str, Any] = {
        "id": "whole",
        "title": "Whole disease",
        "people": {"extent": "whole"},
        "bands": BANDS,
        "alternatives": ["drug", "other"],
        "outcome": "clear",
        "rungs": RUNGS,
    }
    return Ladder.model_validate(body | more)


def series(identifier: str, responders: int, n: int, *, age: Any = "adult", drug: str = "drug", **more: Any) -> Study:
    """A case series with one arm."""
    return study(identifier, arm("treated", outcome("clear", responders), n=n, age=age, drug=drug), **more)


def opened(*studies: Study, on: Ladder | None = None, **more: Any) -> Opened:
    """A review with one question on one ladder."""
    asked = question(ladder="whole", **more)
    return Opened(records(*studies), {asked.id: asked}, {"whole": on or ladder()})


def placed(*studies: Study, on: Ladder | None = None, **more: Any) -> Place:
    """The place of the drug."""
    found = hf.place(opened(*studies, on=on, **more), "drug-clear")
    assert isinstance(found, Place)
    return found
