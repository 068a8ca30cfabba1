"""The answer by group and together, and the trace back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.made_records import arm, outcome, question, records, study

from handful.base.digest import canonical_json
from handful.base.errors import HandfulError
from handful.counts.count import count
from handful.question.select import select
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.results import is_current, results, same, write_results
from handful.synthesis.synthesis import Synthesis
from handful.synthesis.synthesise import synthesise
from handful.synthesis.trace import trace

ALSO = [{"id": "near", "name": "nearly clear", "because": "w", "accepts": [{"outcome": "nearly", "because": "w"}]}]


def answered(*studies, **asked):
    return synthesise(count(select(records(*studies), question(**asked))))


@pytest.fixture
def flagship_like():
    return answered(
        study("a-1", arm("x", outcome("clear", 1), outcome("nearly", 3), n=4)),
        study("b-1", arm("x", outcome("clear", 0), n=4, age="child")),
        also=ALSO,
    )


def test_the_exact_intervals_of_a_handful(flagship_like):
    # Clopper-Pearson limits are beta quantiles: 1 of 4, 0 of 4 and 1 of 8 (R 4.2.2, binom.test)
    adults, children = flagship_like.main.groups
    assert adults.interval.low == pytest.approx(0.006309463, abs=1e-8)
    assert adults.interval.high == pytest.approx(0.8058796, abs=1e-7)
    assert (children.interval.low, children.interval.high) == (0, pytest.approx(0.6023646, abs=1e-7))
    whole = flagship_like.main.overall
    assert whole.added
    assert whole.interval.high == pytest.approx(0.5265097, abs=1e-7)


def test_groups_are_set_side_by_side_with_an_exact_test_and_a_named_prior(flagship_like):
    (side,) = flagship_like.main.comparisons
    assert (side.first, side.second, side.test, side.greater_prior) == ("adults", "children", "boschloo", "jeffreys")
    assert side.greater == pytest.approx(0.84, abs=0.005)  # methods.md 2: .84 under Beta(1/2, 1/2)
    assert isinstance(side.difference, Interval)
    assert side.difference.low < 0 < side.difference.high


def test_two_studies_have_no_pooled_headline_and_still_a_fit(flagship_like):
    whole = flagship_like.main.overall
    assert not whole.pooled_headline
    assert not isinstance(whole.posterior, NotEstimable)
    assert {note.code for note in flagship_like.notes} >= {"no-comparison-group", "few-studies", "time-not-reported"}
    assert isinstance(flagship_like.main.groups[0].posterior, NotEstimable)


def test_three_studies_of_one_definition_may_have_a_pooled_headline():
    made = [study(f"s-{i}", arm("x", outcome("clear", i, {"weeks": 24}), n=9)) for i in (1, 2, 3)]
    whole = answered(*made).main.overall
    assert whole.pooled_headline
    assert 0 < whole.posterior.low < whole.posterior.estimate < whole.posterior.high < 1


def test_a_sum_over_definitions_says_so():
    both = [{"outcome": "clear", "because": "f"}, {"outcome": "nearly", "because": "s"}]
    made = [study("a-1", arm("x", outcome("clear", 1))), study("b-1", arm("x", outcome("nearly", 2)))]
    answer = answered(*made, outcome={"name": "n", "accepts": both})
    assert answer.main.overall.mixes_definitions
    assert any(n.code == "mixed-definitions" and "nearly clear" in n.text for n in answer.notes)


def test_nobody_counted_is_an_answer_too():
    answer = answered(study("a-1", arm("x", outcome("nearly", 1))))
    assert isinstance(answer.main.overall.interval, NotEstimable)
    assert answer.people == 0


def test_spontaneous_reports_get_no_rate():
    harms = [{"outcome": "nearly", "events": {"value": 462, "at": "Abstract"}}]
    reports = study("v-1", arm("x", harms=harms, n=20548), design="spontaneous-reports")
    answer = answered(reports, harms={"outcomes": ["nearly"]})
    assert isinstance(answer.harms[0].interval, NotEstimable)
    assert "no rate" in answer.harms[0].interval.reason


def test_the_trace_walks_from_the_sum_to_the_line(flagship_like):
    text = str(trace(flagship_like))
    assert "all together, clear skin: 1 of 8  (added up: 1 + 0 of 4 + 4)" in text
    assert "adults, nearly clear: 3 of 4" in text
    assert "studies/a-1.yaml:1" in text
    assert "Table 1" in text


def test_the_trace_narrows_to_group_outcome_and_study(flagship_like):
    one = str(trace(flagship_like, "a-1", group="adults", outcome="near"))
    assert "3 of 4" in one
    assert "1 of 4" not in one
    assert "b-1" not in one


@pytest.mark.parametrize("wrong", [{"group": "adult"}, {"outcome": "cleer"}, {"study": "a-2"}])
def test_an_unknown_name_is_refused_with_the_nearest(flagship_like, wrong):
    with pytest.raises(HandfulError) as caught:
        trace(flagship_like, **wrong)
    assert "did you mean" in str(caught.value)


def test_results_are_written_whole_and_recognised_as_current(flagship_like, tmp_path):
    path = write_results(flagship_like, tmp_path)
    assert is_current(flagship_like, tmp_path)
    assert json.loads(path.read_text())["main"]["groups"][2]["total"] == 8
    other = answered(study("a-1", arm("x", outcome("clear", 2), n=4)))
    assert not is_current(other, tmp_path)
    path.write_text("{")
    assert not is_current(flagship_like, tmp_path)


def test_the_same_records_give_the_same_bytes(flagship_like):
    assert canonical_json(results(flagship_like)) == canonical_json(results(flagship_like))
    assert not same({"a": 1.0}, {"a": 1.001})


def test_who_made_the_results_is_kept_and_makes_none_stale(flagship_like: Synthesis, tmp_path: Path) -> None:
    path = write_results(flagship_like, tmp_path, made_by="handful 0.0.1")
    assert json.loads(path.read_text(encoding="utf-8"))["made_by"] == "handful 0.0.1"
    assert is_current(flagship_like, tmp_path)
