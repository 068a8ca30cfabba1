"""Informative missingness from the plan to the answer: by hand for one count, its bounds, and pooled."""

from typing import Any

import pytest
from tests.made_records import arm, number, outcome, question, records, study

from handful.counts.count import count
from handful.question.plan import Plan
from handful.question.select import select
from handful.stats.results import Fit, Interval
from handful.synthesis.synthesis import Synthesis
from handful.synthesis.synthesise import synthesise


def answered(plan: Plan, *counts: tuple[int, int, int]) -> Synthesis:
    """Studies of (responders, assessed, randomised)."""
    studies = []
    for i, (events, assessed, whole) in enumerate(counts):
        one: dict[str, Any] = arm("all", outcome("clear", events), n=None)
        one["n"] = {"randomised": number(whole), "assessed": number(assessed)}
        studies.append(study(f"series-{i}", one))
    asked = question().model_copy(update={"plan": plan})
    return synthesise(count(select(records(*studies), asked)), plan)


def test_odds_of_the_missing_by_hand() -> None:
    """4 of 10, 5 missing, odds ratio 2: p_m = 2·0.4/(2·0.4 + 0.6) = 4/7, so (10·0.4 + 5·4/7)/15 = 16/35."""
    plan = Plan.model_validate({"missing": {"informative-odds-ratio": 2}})
    answer = answered(plan, (4, 10, 15))
    interval = answer.main.overall.interval
    assert isinstance(interval, Interval)
    assert interval.estimate == pytest.approx(16 / 35, abs=1e-15)
    row = answer.main.overall.rows[0].interval
    assert isinstance(row, Interval)
    assert (row.low, row.high) == (interval.low, interval.high)
    assert interval.low < 16 / 35 < interval.high
    said = [n.text for n in answer.notes if n.code == "missing-assumed"]
    assert said == [
        "randomised; 5 of the 15 without a result, their odds of the outcome taken as 2 times those of the others"
    ]


def test_an_odds_ratio_of_one_is_the_available_cases() -> None:
    same = Plan.model_validate({"missing": {"informative-odds-ratio": 1}})
    one, other = answered(same, (4, 10, 15)), answered(Plan(missing="excluded"), (4, 10, 15))
    first, second = one.main.overall.interval, other.main.overall.interval
    assert isinstance(first, Interval)
    assert isinstance(second, Interval)
    assert (first.estimate, first.low, first.high) == pytest.approx(
        (second.estimate, second.low, second.high), abs=1e-14
    )


def test_far_odds_ratios_approach_the_two_bounds() -> None:
    for ratio, bound in ((1e-12, "not-responders"), (1e12, "responders")):
        far = answered(Plan.model_validate({"missing": {"informative-odds-ratio": ratio}}), (4, 10, 15)).main.overall
        end = answered(Plan(missing=bound), (4, 10, 15)).main.overall.count
        assert isinstance(far.interval, Interval)
        # within 1e-11: the odds ratio is finite
        assert far.interval.estimate == pytest.approx(end.events / end.total, abs=1e-11)


def test_several_studies_are_pooled_with_their_assumption() -> None:
    three = ((4, 10, 15), (3, 12, 12), (6, 20, 24))
    answer = answered(Plan.model_validate({"missing": {"informative-odds-ratio": 2}}), *three)
    fit = answer.main.overall.likelihood
    assert isinstance(fit, Fit)
    assert fit.k == 3
    lower = answered(
        Plan.model_validate({"missing": {"informative-odds-ratio": 0.5}}), (4, 10, 15), (3, 12, 12), (6, 20, 24)
    )
    other = lower.main.overall.likelihood
    assert isinstance(other, Fit)
    assert other.estimate < fit.estimate
    assert isinstance(answer.main.overall.posterior, Fit)
