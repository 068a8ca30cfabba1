"""Whatever is put into grading, imprecision, agreement, risk of bias and signals: words, never a traceback."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.made_records import arm, outcome, question, records, study

import handful as hf
from handful.base.errors import HandfulError, InputError
from handful.counts.count import count
from handful.question.select import select
from handful.stats.reports.empirical_bayes import GammaMixture
from handful.stats.results import NotEstimable
from handful.synthesis.synthesise import synthesise


def answered(*studies):
    return synthesise(count(select(records(*studies), question())))


ONE = study("a-1", arm("x", outcome("clear", 1), n=4))
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no answer": (lambda: hf.grade(None), "give what hf.synthesise"),
    "judgements in words": (lambda: hf.grade(answered(ONE), "good"), "give review.judgements"),
    "judgements in a list": (lambda: hf.grade(answered(ONE), []), "give review.judgements"),
    "an outcome mistyped": (lambda: hf.grade(answered(ONE)).of("mian"), "did you mean 'main'"),
    "a group mistyped": (lambda: hf.grade(answered(ONE)).of(group="adutls"), "did you mean 'adults'"),
    "no interval": (lambda: hf.imprecision(float("nan"), 0.5, (0.1,)), "the lower end first"),
    "ends turned round": (lambda: hf.imprecision(0.5, 0.1, (0.1,)), "the lower end first"),
    "an end without end": (lambda: hf.imprecision(0.5, float("inf"), (0.1,)), "the lower end first"),
    "words for an end": (lambda: hf.imprecision("a", "b", (0.1,)), "the lower end first"),
    "words for thresholds": (lambda: hf.imprecision(0.1, 0.5, "0.1"), "is no threshold"),
    "no threshold": (lambda: hf.imprecision(0.1, 0.5, (float("nan"),)), "is no threshold"),
    "fewer than nobody": (lambda: hf.imprecision(0.1, 0.5, (0.7,), people=-3, information_size=400), "0 or more"),
    "half a person": (lambda: hf.imprecision(0.1, 0.5, (0.7,), people=1.5, information_size=400), "0 or more"),
    "no size": (lambda: hf.imprecision(0.1, 0.5, (0.7,), people=3, information_size=0), "1 or more"),
    "three arms": (lambda: hf.imprecision(0.1, 0.5, (0.7,), people=3, information_size=9, arms=3), "accepted: 1, 2"),
    "a rate in words": (lambda: hf.optimal_information_size("a", 0.1), "not between 0 and 1"),
    "a difference in words": (lambda: hf.optimal_information_size(0.2, "a"), "no difference"),
    "raters of unequal length": (lambda: hf.kappa([1], [1, 2]), "give both answers"),
    "answers that are lists": (lambda: hf.kappa([[1]], [[1]]), "give words or numbers"),
    "no such tool": (lambda: hf.risk_of_bias({}, "rob"), "did you mean 'rob-2'"),
    "no judgements": (lambda: hf.risk_of_bias(None, "rob-2"), "give review.judgements"),
    "no such domain": (lambda: hf.risk_of_bias({}, "rob-2").shares("D9"), "accepted: D1"),
    "an empty table": (lambda: hf.read_robvis(""), "empty"),
    "half a report": (lambda: hf.reporting_signal(1.5, 1, 1, 1), "whole number"),
    "fewer than no reports": (lambda: hf.reporting_signal(-1, 1, 1, 1), "whole number"),
    "a level in words": (lambda: hf.reporting_signal(1, 2, 3, 4, level="a"), "between 0 and 1"),
    "no prior": (lambda: hf.reporting_signal(1, 2, 3, 4).ebgm(None), "GammaMixture"),
    "a prior in words": (lambda: GammaMixture("a", 1, 1, 1, 1), "a weight between 0 and 1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_said_with_what_can(name: str) -> None:
    call, words = REFUSED[name]
    with pytest.raises(HandfulError) as error:
        call()
    assert words in str(error.value)
    assert isinstance(error.value, InputError)


def test_thresholds_may_stand_in_any_order_and_twice() -> None:
    assert hf.imprecision(0.0, 0.6, (0.5, 0.1, 0.3, 0.3)) == hf.imprecision(0.0, 0.6, (0.1, 0.3, 0.5))
    assert hf.imprecision(0.0, 0.6, ()).steps == 0


def test_nobody_counted_and_counts_of_nobody_are_very_low() -> None:
    for found in (hf.grade(answered()), hf.grade(answered(study("a-1", arm("x", outcome("clear", 0), n=0))))):
        assert found.main.level == "very-low"
    assert isinstance(hf.kappa([], []), NotEstimable)
    assert isinstance(hf.reporting_signal(0, 0, 0, 0), NotEstimable)
    assert hf.risk_of_bias({}, "rob-2").shares() == {}


@pytest.mark.parametrize("cells", [(0, 5, 5, 5), (5, 0, 5, 5), (5, 5, 0, 5), (5, 5, 5, 0), (5, 0, 0, 0), (0, 0, 0, 5)])
def test_every_table_of_reports_with_an_empty_cell_is_told(cells: tuple[int, int, int, int]) -> None:
    found = hf.reporting_signal(*cells)
    assert "reports, not rates" in str(found)
    assert "nan" not in str(found)
