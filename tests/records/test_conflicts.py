"""A declared conflict is about something that exists, and what it uses is what the records hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fixtures.small import copy_of_small_review, problems_of

FILE = "conflicts.yaml"


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "says"),
    [
        ("used: 4", "used: 5", "conflict-used-is-no-value", 8, "accepted: 4, 7, neither, both"),
        ("used: 4", "used: 7", "conflict-used-not-in-records", 8, "hold 4"),
        ("arm: children", "arm: childs", "unknown-arm", 4, "`children`"),
        ("study: children-2020", "study: childrn-2020", "unknown-study", 4, "`children-2020`"),
        ("field: n", "outcome: cleared, field: n", "unknown-outcome", 4, "`clear`"),
        ("source: article-2022", "source: article", "unknown-source", 6, "article-2022"),
        ("because: only", "studies: [other]\n    because: only", "unknown-study", 9, "studies/other.yaml"),
    ],
)
def test_a_conflict_that_does_not_fit(tmp_path: Path, old: str, new: str, code: str, line: int, says: str) -> None:
    (problem,) = problems_of(copy_of_small_review(tmp_path, (FILE, old, new)))
    assert (problem.file, problem.code, problem.line) == (FILE, code, line)
    assert says in f"{problem.message} {problem.hint}"


@pytest.mark.parametrize("used", ["neither", "both", "4.0"])
def test_neither_both_and_the_same_number_are_accepted(tmp_path: Path, used: str) -> None:
    assert problems_of(copy_of_small_review(tmp_path, (FILE, "used: 4", f"used: {used}"))) == []


def test_responders_in_conflict_are_those_of_the_record(tmp_path: Path) -> None:
    about = ("field: n", "outcome: clear, field: responders")
    assert problems_of(copy_of_small_review(tmp_path, (FILE, "used: 4", "used: 4"), (FILE, *about)))[0].code == (
        "conflict-used-not-in-records"
    )


def test_a_conflict_without_a_title_is_called_by_its_id() -> None:
    from handful.records.conflict import Conflict

    made = Conflict.model_validate(
        {
            "id": "how-many-children",
            "about": {"study": "x", "field": "n"},
            "values": [{"value": 4, "source": "a"}, {"value": 7, "source": "b"}],
            "used": 4,
            "because": "it has responders",
            "consequence": "bounds",
        }
    )
    assert made.title == "How many children"
