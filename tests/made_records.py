"""Small records made in a few words, for tests of the stages from selection to trace."""

from __future__ import annotations

from typing import Any

from handful.question.question import Question
from handful.records.conflict import Conflict
from handful.records.patients import Person
from handful.records.records import Records
from handful.records.source import Source
from handful.records.study import Study
from handful.records.treatment import OutcomeDefinition, Treatment


def number(value: int, **more: Any) -> dict[str, Any]:
    """A reported count read in table 1."""
    return {"value": value, "at": "Table 1", **more}


def outcome(name: str, responders: int | None, time: Any = "not reported", **more: Any) -> dict[str, Any]:
    """An outcome of an arm."""
    body: dict[str, Any] = {"outcome": name, "time": time, **more}
    if responders is not None:
        body["responders"] = number(responders)
    return body


def arm(
    identifier: str, *outcomes: dict[str, Any], n: int | None = 10, age: Any = "adult", drug: str = "drug", **more: Any
) -> dict[str, Any]:
    """An arm; ``n`` is a number whose kind was not reported."""
    people = {"age": age, "extent": "whole", **more.pop("people", {})}
    body: dict[str, Any] = {
        "id": identifier,
        "treatment": drug,
        "people": people,
        "outcomes": list(outcomes),
        "n": {"kind-not-reported": number(n)} if n is not None else {},
    }
    return body | more


def study(identifier: str, *arms: dict[str, Any], design: str = "case-series", **more: Any) -> Study:
    """A study whose source has its own id."""
    return Study.model_validate({"id": identifier, "source": identifier, "design": design, "arms": list(arms)} | more)


def records(
    *studies: Study,
    people: dict[str, tuple[Person, ...]] | None = None,
    conflicts: tuple[Conflict, ...] = (),
    notices: dict[str, list[dict[str, Any]]] | None = None,
) -> Records:
    """Records with a source for every study, two drugs of one class, and a placebo."""
    sources = {
        s.source: Source.model_validate(
            {
                "id": s.source,
                "kind": "paper",
                "title": f"Paper of {s.id}",
                "authors": s.id.split("-")[0].title(),
                "year": 2020,
                "seen": {"level": "abstract"},
                "notices": (notices or {}).get(s.id, []),
            }
        )
        for s in studies
    }
    treatments = [
        {"id": "drug", "name": "Drug", "class": "blocker"},
        {"id": "other", "name": "Other", "class": "blocker"},
        {"id": "placebo", "name": "Placebo", "kind": "placebo"},
    ]
    outcomes = [
        {"id": "clear", "name": "clear", "definition": "score 0"},
        {"id": "nearly", "name": "nearly clear", "definition": "score at most 1"},
        {"id": "relapse", "name": "relapse", "definition": "score back", "kind": "course"},
    ]
    rows = people or {}
    return Records(
        studies={s.id: s for s in studies},
        sources=sources,
        treatments={t["id"]: Treatment.model_validate(t) for t in treatments},
        outcomes={o["id"]: OutcomeDefinition.model_validate(o) for o in outcomes},
        conflicts=conflicts,
        people=rows,
        person_lines={k: tuple(range(2, 2 + len(v))) for k, v in rows.items()},
    )


def question(**more: Any) -> Question:
    """Drug, clear, adults and children."""
    body: dict[str, Any] = {
        "id": "drug-clear",
        "title": "Drug for whole disease",
        "people": {"extent": "whole"},
        "treatment": "drug",
        "outcome": {"name": "clear skin", "accepts": [{"outcome": "clear", "because": "the word asked about"}]},
        "groups": {"adults": {"age": "adult"}, "children": {"age": ["child", "adolescent"]}},
    }
    return Question.model_validate(body | more)


def person(identifier: str, outcome_value: str = "yes", **more: Any) -> Person:
    """A person of a case report."""
    body: dict[str, Any] = {
        "person": identifier,
        "treatment": "drug",
        "row": "read",
        "extent": "whole",
        "source": "case-one",
        "at": "case report",
        "outcomes": {"clear": outcome_value},
    }
    return Person.model_validate(body | more)
