"""The shipped schemas are current, and accept what is read and refuse what is not."""

from __future__ import annotations

import datetime
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.fixtures.small import SMALL_REVIEW

import handful
from handful.base.problems import Problem
from handful.base.yaml_files import Document, parse, read
from handful.file_types import FILE_TYPES, FileType, file_type_of
from handful.records.json_schema import schema_text

SHIPPED = Path(handful.__file__).parent / "schemas"
REVIEWS = [SMALL_REVIEW, *sorted((Path(__file__).parents[2] / "reviews").iterdir())]


@lru_cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((SHIPPED / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _plain(value: Any) -> Any:
    """As an editor sees it: dates are text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


@pytest.mark.parametrize("kind", FILE_TYPES, ids=lambda kind: kind.name)
def test_the_shipped_schema_is_made_from_the_type(kind: FileType) -> None:
    shipped = (SHIPPED / kind.schema_file).read_text(encoding="utf-8")
    assert shipped == schema_text(kind.model, kind.name, kind.holds), "run: handful schema --all -o src/handful/schemas"


def test_there_is_a_schema_for_each_kind_and_no_other() -> None:
    assert {p.name for p in SHIPPED.iterdir()} == {kind.schema_file for kind in FILE_TYPES}


@pytest.mark.parametrize("review", REVIEWS, ids=lambda p: p.name)
def test_every_file_of_a_review_is_valid_under_its_schema(review: Path) -> None:
    looked_at = 0
    wrong = []
    for path in sorted(review.rglob("*.yaml")):
        name = path.relative_to(review).as_posix()
        kind = file_type_of(name)
        assert kind is not None, f"{name} is of no known kind"
        document = read(path, name)
        assert isinstance(document, Document), document
        wrong += [
            f"{name}: {e.json_path}: {e.message}" for e in _validator(kind.name).iter_errors(_plain(document.data))
        ]
        looked_at += 1
    assert not wrong, "\n".join(wrong[:20])
    assert looked_at >= 15


def _study(body: str) -> Any:
    document = parse(f"id: one\nsource: one\ndesign: case-series\n{body}", "s")
    assert not isinstance(document, Problem)
    return document.data


@pytest.mark.parametrize(
    ("body", "fine"),
    [
        ("", True),
        ("contains: two", True),
        ("contains: [two, three]", True),
        ("contains: [Two]", False),
        ("designs: x", False),
        ("planned: {value: 4, at: p. 2}", True),
        ("planned: {value: 4.5, at: p. 2}", False),
        ("planned: {value: -4, at: p. 2}", False),
        ("planned: {value: 4, derived: 2 + 2 = 4, from: one}", True),
        ("arms: [{id: a, treatment: t, people: {age: adult}}]", True),
        ("arms: [{id: a, treatment: t, people: {age: [adult, child]}}]", True),
        ("arms: [{id: a, treatment: t, n: {kind-not-reported: {value: 4, at: p}}}]", True),
        ("arms: [{id: a, treatment: t, n: {kind_not_reported: {value: 4, at: p}}}]", False),
        ("arms: [{id: a, treatment: t, outcomes: [{outcome: o, percent: {value: 9.5, at: p}}]}]", True),
        ("arms: [{id: a, treatment: t, outcomes: [{outcome: o, percent: {value: '9.50', at: p}}]}]", True),
        ("arms: [{id: a, treatment: t, outcomes: [{outcome: o, percent: {value: about 9, at: p}}]}]", False),
        ("arms: [{id: a, treatment: t, outcomes: [{outcome: o, time: {weeks: 4}}]}]", True),
        ("arms: [{id: a, treatment: t, outcomes: [{outcome: o, time: not reported}]}]", True),
        ("arms: [{id: a, treatment: t, outcomes: [{outcome: o, time: soon}]}]", False),
        ("status: finished", False),
    ],
)
def test_the_study_schema_accepts_what_is_read_and_refuses_what_is_not(body: str, fine: bool) -> None:
    assert _validator("study").is_valid(_plain(_study(body))) is fine


@pytest.mark.parametrize(
    ("treatment", "fine"), [("a", True), (["a", "b"], True), ({"class": "c"}, True), ({"klass": "c"}, False)]
)
def test_a_treatment_may_be_an_id_a_list_or_a_rule(treatment: Any, fine: bool) -> None:
    question = {
        "id": "q", "title": "T", "treatment": treatment,
        "outcome": {"name": "n", "accepts": [{"outcome": "o", "because": "b"}]},
        "plan": {"priors": {"tau": {"half-normal": 1.0}}, "level": 0.95},
    }  # fmt: skip
    assert _validator("question").is_valid(question) is fine
    assert not _validator("question").is_valid({**question, "plan": {"level": 1.5}})
