"""Counts and the thread from each number to its place."""

from __future__ import annotations

from tests.made_records import arm, number, outcome, question, records, study

from handful.counts.count import count
from handful.question.select import select


def counted(*studies, **asked):
    return count(select(records(*studies), question(**asked)))


def test_groups_and_their_sum():
    c = counted(
        study("a-1", arm("x", outcome("clear", 1), n=4)),
        study("b-1", arm("x", outcome("clear", 0), n=4, age=["child"])),
        study("c-1", arm("x", outcome("clear", 2), n=5, age=["adult", "child"])),
    )
    assert [(g.id, g.events, g.total) for g in c.main.groups] == [("adults", 1, 4), ("children", 0, 4)]
    assert (c.main.overall.events, c.main.overall.total) == (3, 13)
    assert c.main.overall.studies == ("a-1", "b-1", "c-1")


def test_a_count_without_a_denominator_is_shown_and_never_added():
    c = counted(study("a-1", arm("x", outcome("clear", 1), n=None)), study("b-1", arm("x", outcome("clear", 2), n=4)))
    assert (c.main.overall.events, c.main.overall.total) == (2, 4)
    assert [r.study for r in c.main.overall.not_countable] == ["a-1"]


def test_a_percentage_alone_is_never_turned_into_people():
    body = outcome("clear", None, percent={"value": "38.8", "at": "Abstract"}, modelled=True)
    c = counted(study("a-1", arm("x", body, n=281)))
    (row,) = c.main.overall.not_countable
    assert row.events is None
    assert row.percent is not None
    assert row.percent.text == "38.8"
    assert row.percent.modelled


def test_the_outcomes_own_number_of_people_comes_before_the_arms():
    own = {"assessed": number(8), "enrolled": number(12)}
    c = counted(study("a-1", arm("x", outcome("clear", 1, n=own), n=20)))
    (row,) = c.main.overall.rows
    assert row.total is not None
    assert (row.total.value, row.total.kind, row.total.kind_words) == (8, "assessed", "assessed")


def test_the_plan_says_which_denominator():
    own = {"assessed": number(8), "enrolled": number(12)}
    plan = {"denominator": ["enrolled", "assessed"]}
    c = counted(study("a-1", arm("x", outcome("clear", 1, n=own))), plan=plan)
    assert c.main.overall.total == 12


def test_a_number_read_in_another_source_says_so():
    body = {"outcome": "clear", "responders": number(1, source="b-1", quote="one was clear")}
    c = counted(study("a-1", arm("x", body)), study("b-1"))
    (row,) = c.main.overall.rows
    assert row.events is not None
    origin = row.events.origin
    assert (origin.source, origin.at, origin.quote, origin.how) == ("b-1", "Table 1", "one was clear", "read")
    assert row.total is not None
    assert row.total.origin.source == "a-1"


def test_what_came_later_is_kept_apart():
    c = counted(study("a-1", arm("x", outcome("clear", 3), outcome("relapse", 2))))
    assert [(r.outcome, r.events.value) for r in c.courses] == [("relapse", 2)]
    assert c.main.overall.events == 3
