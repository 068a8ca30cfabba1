"""Counts made from patient rows by a rule: who is in, in which group, the missing, and where each count stands."""

from typing import Any

import pytest
from tests.made_records import arm, outcome, question, records, study

from handful.counts.count import count
from handful.counts.rows import Counts
from handful.question.question import Question
from handful.question.select import Selection, select
from handful.records.patients import Person
from handful.records.records import Records
from handful.synthesis.synthesise import synthesise

RULE = {"rule": {"instrument": "salt", "at-most": 20}, "at": {"weeks": 24, "within": 8}, "because": "asked"}


def row(identifier: str, start: float | None, later: float | None, age: Any = 40, **more: Any) -> Person:
    """One person; None is a score that was not reported."""
    scores = {"salt@baseline": start, "salt@24": later}
    body = {
        "person": identifier,
        "treatment": "drug",
        "row": "read",
        "extent": "whole",
        "age_years": age,
        "age": "child" if isinstance(age, int) and age < 18 else "adult",
        "source": "series-2020",
        "at": "Table 2",
        "scores": {k: "not reported" if v is None else v for k, v in scores.items()},
    }
    return Person.model_validate(body | more)


FIVE = (
    row("a", 100, 10, 50),
    row("b", 100, 50, 30),
    row("c", 90, 20, 12),
    row("d", 80, None, 9),
    row("e", 70, 70, 70),
)  # fmt: skip


def made(*people: Person, reported: int | None = None, n: int | None = None, **more: Any) -> Records:
    outcomes = [outcome("clear", reported)] if reported is not None else []
    people_rule = {"age": ["adult", "child"]}
    series = study("series-2020", arm("all", *outcomes, n=n or len(people), people=people_rule), **more)
    return records(series, people={"series-2020": people})


def asked(**more: Any) -> Question:
    accepts = more.pop("accepts", [RULE])
    return question(outcome={"name": "SALT 20 or less", "accepts": accepts}, **more)


def counted(found: Records, wanted: Question) -> tuple[Selection, Counts]:
    selection = select(found, wanted)
    return selection, count(selection)


def test_people_without_a_score_are_left_out_and_said() -> None:
    _, counts = counted(made(*FIVE), asked())
    (row_,) = counts.main.overall.rows
    assert (counts.main.overall.events, counts.main.overall.total) == (2, 4)
    assert row_.unaccounted is not None
    assert (row_.unaccounted.people, row_.unaccounted.rule) == (1, "excluded")


@pytest.mark.parametrize(
    ("rule", "events", "total"), [("not-responders", 2, 5), ("responders", 3, 5), ("excluded", 2, 4)]
)
def test_missing_people(rule: str, events: int, total: int) -> None:
    for wanted in (asked(plan={"missing": rule}), asked(accepts=[RULE | {"missing": rule}])):
        _, counts = counted(made(*FIVE), wanted)
        assert (counts.main.overall.events, counts.main.overall.total) == (events, total)


def test_the_plan_is_stronger_than_the_rule_so_that_it_can_be_varied() -> None:
    wanted = asked(accepts=[RULE | {"missing": "responders"}], plan={"missing": "not-responders"})
    _, counts = counted(made(*FIVE), wanted)
    assert (counts.main.overall.events, counts.main.overall.total) == (2, 5)


def test_groups_are_rules_over_people_and_nobody_is_in_two() -> None:
    bands = {"older": {"age_years": {"from": 40}}, "younger": {"age_years": {"below": 40}}}
    _, counts = counted(made(*FIVE), asked(groups=bands))
    by_group = {g.id: (g.events, g.total) for g in counts.main.groups}
    assert by_group == {"older": (1, 2), "younger": (1, 2)}
    assert (counts.main.overall.events, counts.main.overall.total) == (2, 4)


def test_groups_by_the_score_at_the_start() -> None:
    _, counts = counted(made(*FIVE), asked(groups={"severe": {"salt@baseline": {"from": 95}}}))
    assert [(g.events, g.total) for g in counts.main.groups] == [(1, 2)]


def test_people_outside_the_question_are_told_apart() -> None:
    selection, counts = counted(made(*FIVE), asked(people={"age": "adult"}, groups={}))
    assert (counts.main.overall.events, counts.main.overall.total) == (1, 3)
    assert ("people", "2 of 5 people: age: child") in {(x.code, x.reason) for x in selection.excluded}


def test_rows_rebuilt_from_counts_cannot_serve_a_rule() -> None:
    rebuilt = tuple(p.model_copy(update={"row": "rebuilt-from-counts"}) for p in FIVE)
    selection, counts = counted(made(*rebuilt), asked())
    assert counts.main.overall.rows == ()
    (out,) = selection.excluded
    assert out.code == "rows-rebuilt"
    assert "rebuilt from counts and cannot say who had SALT 20 or less" in out.reason


@pytest.mark.parametrize(
    ("people", "rule", "code"),
    [
        ([row("a", None, None, scores={})], RULE, "rows-without-score"),
        ([row("a", None, 20, scores={"salt@24": 20})],
         RULE | {"rule": {"instrument": "salt", "fall-by": 5}}, "rows-without-start"),
        ([row("a", 100, None, scores={"salt@baseline": 100, "salt@52": 4})], RULE, "rows-without-visit"),
    ],
)  # fmt: skip
def test_rows_that_lack_what_the_rule_needs(people: list[Person], rule: dict[str, Any], code: str) -> None:
    selection, counts = counted(made(*people), asked(accepts=[rule]))
    assert counts.main.overall.rows == ()
    assert [x.code for x in selection.excluded] == [code]


def test_rows_of_some_of_the_people_only_are_no_count_of_them() -> None:
    selection, counts = counted(made(*FIVE, n=9), asked())
    assert counts.main.overall.rows == ()
    assert selection.excluded[0].reason == "it has patient rows of 5 of its 9 people only"


def test_nobody_is_counted_by_row_and_by_report() -> None:
    both = [RULE, {"outcome": "clear", "because": "the paper's own"}]
    _, first = counted(made(*FIVE, reported=4), asked(accepts=both))
    assert [(r.outcome, r.events and r.events.value) for r in first.main.overall.rows] == [
        ("salt-at-most-20-at-24-weeks", 2)
    ]
    selection, last = counted(made(*FIVE, reported=4), asked(accepts=both[::-1]))
    assert [(r.outcome, r.events and r.events.value) for r in last.main.overall.rows] == [("clear", 4)]
    assert "counted-again" in {x.code for x in selection.excluded}


def test_a_count_from_rows_leads_to_its_lines_and_goes_on_to_an_answer() -> None:
    _, counts = counted(made(*FIVE), asked())
    events = counts.main.overall.rows[0].events
    assert events is not None
    assert str(events.origin.place) == "studies/series-2020.patients.csv:2"
    assert events.origin.derived == "counted in 5 patient rows, lines 2 to 6"
    answer = synthesise(counts)
    interval = answer.main.overall.interval
    # Clopper-Pearson for 2 of 4: 6.8 to 93.2 % (binom.test(2, 4) in R 4.2)
    assert (interval.low, interval.high) == pytest.approx((0.06758599, 0.93241401), abs=1e-8)


def test_the_definition_of_a_rule_is_known_to_its_counts() -> None:
    _, counts = counted(made(*FIVE), asked())
    row_ = counts.main.overall.rows[0]
    assert row_.outcome_name == "SALT 20 or less"
    assert row_.definition.startswith("SALT 20 or less at week 24, give or take 8; the nearest visit")
