"""What is in, what is out, and why."""

from __future__ import annotations

import pytest
from tests.made_records import arm, outcome, person, question, records, study

from handful.question.select import select

BOTH = [{"outcome": "clear", "because": "first"}, {"outcome": "nearly", "because": "second"}]


def reasons(selection):
    return {(e.study, e.arm): (e.code, e.reason) for e in selection.excluded}


def test_an_arm_that_meets_every_rule_is_in():
    chosen = select(records(study("a-1", arm("x", outcome("clear", 3)))), question())
    assert [(e.study.id, e.arm.id, e.counted.outcome) for e in chosen.included] == [("a-1", "x", "clear")]
    assert chosen.excluded == ()


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (study("a-1", arm("x", outcome("clear", 3), people={"extent": ["whole", "part"]})), "people"),
        (study("a-1", arm("x", outcome("clear", 3), people={"extent": "not reported"})), "people-unknown"),
        (study("a-1", arm("x", outcome("nearly", 3))), "outcome"),
        (study("a-1", arm("x", outcome("clear", 3)), design="literature-review"), "design"),
        (study("a-1", arm("x", outcome("clear", 3)), design="case-report"), "case-report"),
        (study("a-1", arm("x"), status="under-way"), "under-way"),
    ],
)
def test_each_reason_for_leaving_out_is_told(made, code):
    chosen = select(records(made), question())
    assert chosen.included == ()
    assert [e.code for e in chosen.excluded] == [code]
    assert all(e.reason for e in chosen.excluded)


def test_an_arm_of_another_treatment_is_not_even_a_candidate():
    chosen = select(records(study("a-1", arm("x", outcome("clear", 3), drug="other"))), question())
    assert chosen.included == chosen.excluded == ()


def test_a_class_means_every_treatment_of_it():
    made = records(study("a-1", arm("x", outcome("clear", 3), drug="other")))
    assert len(select(made, question(treatment={"class": "blocker"})).included) == 1


def test_a_retracted_paper_leaves_the_answer_and_says_so():
    made = records(
        study("a-1", arm("x", outcome("clear", 3))), notices={"a-1": [{"kind": "retraction", "on": "not reported"}]}
    )
    assert reasons(select(made, question())) == {("a-1", None): ("retracted", "the paper was retracted")}


def test_mixed_people_belong_to_no_group_and_are_still_counted():
    made = records(study("a-1", arm("x", outcome("clear", 3), age=["adult", "child"])))
    assert len(select(made, question()).included) == 1


def test_the_first_accepted_outcome_is_taken_and_nobody_counts_twice():
    made = records(study("a-1", arm("x", outcome("nearly", 5), outcome("clear", 3))))
    chosen = select(made, question(outcome={"name": "n", "accepts": BOTH}))
    assert [e.counted.outcome for e in chosen.included] == ["clear"]


def test_of_several_times_the_preferred_or_else_the_last_is_taken():
    made = records(study("a-1", arm("x", *(outcome("clear", w, {"weeks": w}) for w in (12, 24, 48)))))
    last = select(made, question())
    near = select(made, question(window={"prefer_weeks": 26}))
    assert [e.counted.responders.value for e in last.included] == [48]
    assert [e.counted.responders.value for e in near.included] == [24]


def test_the_window_leaves_out_what_was_measured_too_early():
    made = records(study("a-1", arm("x", outcome("clear", 1, {"weeks": 4}))))
    assert reasons(select(made, question(window={"from_weeks": 12})))[("a-1", "x")][0] == "time"


@pytest.mark.parametrize(("rule", "count"), [("include", 1), ("exclude", 0)])
def test_a_time_that_was_not_reported_follows_the_questions_rule(rule, count):
    made = records(study("a-1", arm("x", outcome("clear", 1))))
    chosen = select(made, question(window={"from_weeks": 12, "not_reported": rule}))
    assert len(chosen.included) == count
    assert all(e.time_not_reported for e in chosen.included)


def test_a_part_of_an_arm_that_is_in_is_not_added_again():
    made = records(study("a-1", arm("all", outcome("clear", 3)), arm("half", outcome("clear", 2), n=5, part_of="all")))
    chosen = select(made, question())
    assert [e.arm.id for e in chosen.included] == ["all"]
    assert reasons(chosen)[("a-1", "half")][0] == "part-of"


def test_a_part_is_in_when_its_whole_is_not():
    made = records(
        study(
            "a-1",
            arm("all", outcome("clear", 3), people={"extent": ["whole", "part"]}),
            arm("half", outcome("clear", 2), n=5, part_of="all"),
        )
    )
    assert [e.arm.id for e in select(made, question()).included] == ["half"]


def test_a_study_that_counts_anothers_people_again_is_not_added_to_it():
    made = records(
        study("a-1", arm("x", outcome("clear", 3))), study("b-1", arm("x", outcome("clear", 4)), contains=["a-1"])
    )
    chosen = select(made, question())
    assert [e.study.id for e in chosen.included] == ["a-1"]
    assert reasons(chosen)[("b-1", "x")][0] == "counted-again"


def test_arms_that_name_each_other_as_their_whole_do_not_hang():
    made = records(study("a-1", arm("x", outcome("clear", 1), part_of="y"), arm("y", outcome("clear", 1), part_of="x")))
    assert len(select(made, question()).excluded) == 2


CASES = {"people": {"extent": "whole"}, "outcome": "clear", "name": "clear skin", "stated": "asthma"}


def test_case_reports_are_listed_apart_with_the_narrower_count():
    people = (
        person("1", **{"with": "asthma"}),
        person("2", "no", **{"with": "asthma"}),
        person("3"),
        person("4", "not applicable"),
        person("5", extent="part"),
    )
    made = records(study("case-one", design="case-report"), people={"case-one": people})
    asked = question(people={"extent": "whole", "with": "asthma"}, case_reports=CASES)
    chosen = select(made, asked)
    assert [(c.person.person, c.strict) for c in chosen.cases] == [("1", True), ("2", True), ("3", False)]
    assert {e.arm for e in chosen.cases_excluded} == {"4", "5"}
    assert chosen.included == ()


def test_alternatives_hold_other_treatments_and_always_placebo():
    made = records(
        study(
            "a-1",
            arm("x", outcome("clear", 3)),
            arm("y", outcome("clear", 4), drug="other"),
            arm("z", outcome("clear", 0), drug="placebo"),
            design="randomised",
        )
    )
    asked = question(alternatives={"outcomes": ["clear"], "treatments": ["nothing"]})
    assert [e.arm.id for e in select(made, asked).alternatives] == ["z"]
    asked = question(alternatives={"outcomes": ["clear"]})
    assert [e.arm.id for e in select(made, asked).alternatives] == ["y", "z"]


def test_the_order_of_records_does_not_change_what_is_in():
    a, b = study("a-1", arm("x", outcome("clear", 3))), study("b-1", arm("x", outcome("clear", 1), age="child"))
    one, two = select(records(a, b), question()), select(records(b, a), question())
    assert {e.study.id for e in one.included} == {e.study.id for e in two.included} == {"a-1", "b-1"}
