"""Better and worse, counted in the same people."""

from __future__ import annotations

import pytest
from tests.made_records import arm, number, outcome, question, records, study

from handful.counts.count import count
from handful.question.select import select
from handful.stats.results import NotEstimable
from handful.synthesis.both_ways import both_ways
from handful.synthesis.synthesise import synthesise


def answered(*studies, opposite=("relapse",)):
    harms = {"outcomes": ["relapse"], "opposite": list(opposite)}
    return synthesise(count(select(records(*studies), question(harms=harms))))


def worse(events: int) -> list[dict[str, object]]:
    return [{"outcome": "relapse", "time": "not reported", "events": number(events)}]


def test_both_counts_are_of_the_same_people_with_the_exact_interval_of_each() -> None:
    (found,) = both_ways(answered(study("a-1", arm("x", outcome("clear", 3), n=4, harms=worse(1)))))
    assert (found.better, found.row.events.value, found.row.total.value) == (3, 1, 4)
    # Clopper-Pearson, R 4.2.2 binom.test(3, 4) and binom.test(1, 4)
    assert found.better_interval.low == pytest.approx(0.1941204, abs=1e-7)
    assert found.worse.interval.high == pytest.approx(0.8058796, abs=1e-7)


def test_where_nobody_counted_who_got_better_it_says_so() -> None:
    (found,) = both_ways(answered(study("a-1", arm("x", n=4, harms=worse(0)))))
    assert found.better is None
    assert isinstance(found.better_interval, NotEstimable)


def test_published_cases_give_counts_and_no_rate() -> None:
    one = study("a-1", arm("x", outcome("clear", 3), n=4, harms=worse(1)), design="literature-review")
    (found,) = both_ways(answered(one))
    assert found.better == 3
    assert isinstance(found.better_interval, NotEstimable)


def test_only_harms_named_as_the_opposite_are_shown_both_ways() -> None:
    assert both_ways(answered(study("a-1", arm("x", outcome("clear", 3), n=4, harms=worse(1))), opposite=())) == ()
