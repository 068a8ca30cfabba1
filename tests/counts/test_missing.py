"""People without a result in reported counts: four rules, bounds of a conflict about the number of people."""

from typing import Any

import pytest
from tests.made_records import arm, number, outcome, question, records, study

from handful.counts.count import count
from handful.question.plan import Plan
from handful.question.select import select
from handful.records.conflict import Conflict
from handful.records.study import Arm
from handful.review import open_review


def row(rule: Any, **n: int) -> tuple[int, int, str]:
    one = arm("all", outcome("clear", 3), n=None) | {"n": {kind: number(v) for kind, v in n.items()}}
    Arm.model_validate(one)
    found = records(study("series-2020", one))
    counts = count(select(found, question(plan={"missing": rule})))
    (made,) = counts.main.overall.rows
    assert made.events is not None
    assert made.total is not None
    return made.events.value, made.total.value, made.total.kind


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("as-reported", (3, 8, "assessed")),
        ("excluded", (3, 8, "assessed")),
        ("not-responders", (3, 10, "randomised")),
        ("non-responders", (3, 10, "randomised")),
        ("responders", (5, 10, "randomised")),
    ],
)
def test_the_two_without_a_result(rule: str, expected: tuple[int, int, str]) -> None:
    assert row(rule, randomised=10, assessed=8) == expected


def test_without_a_second_number_of_people_nobody_is_missing() -> None:
    for rule in ("not-responders", "responders", "excluded"):
        assert row(rule, **{"kind-not-reported": 8}) == (3, 8, "kind-not-reported")


def test_what_was_assumed_is_said() -> None:
    one = arm("all", outcome("clear", 3), n=None) | {"n": {"started": number(7), "assessed": number(4)}}
    counts = count(select(records(study("series-2020", one)), question()), Plan(missing="not-responders"))
    total = counts.main.overall.rows[0].total
    assert total is not None
    assert total.kind_words == "started treatment; 3 of the 7 without a result, counted as without the outcome"


def test_a_conflict_about_the_number_of_people_bounds_the_count() -> None:
    conflict = Conflict.model_validate(
        {
            "id": "four-or-seven",
            "about": {"study": "series-2020", "arm": "all", "field": "n"},
            "values": [{"value": 4, "source": "series-2020"}, {"value": 7, "source": "series-2020"}],
            "used": 4,
            "because": "only four are accounted for",
            "consequence": "bounds",
        }
    )
    found = records(study("series-2020", arm("all", outcome("clear", 0), n=4)), conflicts=(conflict,))
    made = {rule: count(select(found, question()), Plan(missing=rule)).main.overall for rule in
            ("as-reported", "not-responders", "responders", "excluded")}  # fmt: skip
    assert {k: (v.events, v.total) for k, v in made.items()} == {
        "as-reported": (0, 4),
        "not-responders": (0, 7),
        "responders": (3, 7),
        "excluded": (0, 4),
    }
    # never as if it were reported: the words say that three were assumed
    total = made["not-responders"].rows[0].total
    assert total is not None
    assert "3 of the 7 without a result, counted as without the outcome" in total.kind_words


def test_the_flagships_three_children_who_are_not_accounted_for() -> None:
    """4 by the article, 7 by the letter: 0 of 4, 0 of 7 or 3 of 7, by what is assumed of the three."""
    review = open_review("reviews/alopecia-areata")
    selection = select(review.records, review.questions["dupilumab-totalis-universalis"])
    found = {}
    for rule in ("as-reported", "not-responders", "responders", "excluded"):
        plan = selection.question.plan.model_copy(update={"missing": rule})
        group = count(selection, plan).main.group("children")
        assert group is not None
        found[rule] = (group.events, group.total)
    assert found == {"as-reported": (0, 4), "not-responders": (0, 7), "responders": (3, 7), "excluded": (0, 4)}
