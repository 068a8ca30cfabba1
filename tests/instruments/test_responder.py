"""Responder rules: what each means for one person, at the bar and at the edges; which visit is the follow-up."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handful.instruments.catalogue import catalogue
from handful.instruments.responder import At, Rule


def rule(**bars: Any) -> Rule:
    return Rule.model_validate({"instrument": "salt", **{k.replace("_", "-"): v for k, v in bars.items()}})


@pytest.mark.parametrize(
    ("bars", "start", "later", "verdict"),
    [
        ({"at_most": 20}, None, 20, "yes"),
        ({"at_most": 20}, None, 20.1, "no"),
        ({"at_least": 20}, None, 20, "yes"),
        ({"below": 11}, None, 11, "no"),
        ({"below": 11}, None, 10.9, "yes"),
        ({"above": 11}, None, 11, "no"),
        ({"fall_of_percent": 50}, 61.6, 30.8, "yes"),  # half of 61.6 exactly
        ({"fall_of_percent": 50}, 61.6, 30.9, "no"),
        ({"fall_of_percent": 90}, 0.3, 0.03, "yes"),  # a tenth of 0.3, which binary fractions do not hold exactly
        ({"rise_of_percent": 10}, 50, 55, "yes"),
        ({"rise_of_percent": 10}, 50, 54.9, "no"),
        ({"fall_by": 2}, 4, 2, "yes"),
        ({"fall_by": 2}, 4, 3, "no"),
        ({"rise_by": 5}, 40, 45, "yes"),
        ({"at_most": 20}, 80, None, "not known"),
        ({"fall_of_percent": 50}, None, 10, "not known"),
        ({"fall_of_percent": 50}, 0, 0, "not known"),  # no percentage of nothing
        ({"fall_by": 1}, 0, 0, "no"),
    ],
)
def test_one_bar(bars: dict[str, float], start: float | None, later: float | None, verdict: str) -> None:
    assert rule(**bars).verdict({"salt": start}, {"salt": later}) == verdict


def test_a_bar_on_the_score_and_a_bar_on_its_change_are_different_questions() -> None:
    half, low = rule(fall_of_percent=50), rule(at_most=20)
    # from 100, SALT50 means 50 or less, SALT 20 or less needs a fall of 80 % (evidence facts, instruments)
    assert [half.verdict({"salt": 100}, {"salt": v}) for v in (50, 20)] == ["yes", "yes"]
    assert [low.verdict({"salt": 100}, {"salt": v}) for v in (50, 20)] == ["no", "yes"]
    # from 30 it is the other way round
    assert (half.verdict({"salt": 30}, {"salt": 18}), low.verdict({"salt": 30}, {"salt": 18})) == ("no", "yes")


def test_both_needs_every_bar() -> None:
    both = Rule.model_validate({"both": [{"instrument": "iga", "at-most": 1}, {"instrument": "iga", "fall-by": 2}]})
    assert both.verdict({"iga": 3}, {"iga": 1}) == "yes"
    assert both.verdict({"iga": 2}, {"iga": 1}) == "no"
    assert both.verdict({"iga": None}, {"iga": 2}) == "no"  # the first bar is not met, whatever the start was
    assert both.verdict({"iga": None}, {"iga": 1}) == "not known"
    assert both.needs_start
    assert both.instruments == ("iga",)


def test_words_and_ids() -> None:
    assert rule(at_most=20).words(catalogue()) == "SALT 20 or less"
    assert rule(fall_of_percent=50).words(catalogue()) == "SALT lower than at the start by at least 50 %"
    assert rule(fall_by=2).words(catalogue()) == "SALT lower than at the start by at least 2 points"
    assert rule(at_most=20).id == "salt-at-most-20"
    assert rule(below=10.5).id == "salt-below-10-5"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"instrument": "salt"}, "found none"),
        ({"instrument": "salt", "at-most": 1, "fall-by": 2}, "found at-most, fall-by"),
        ({"at-most": 1}, "names no `instrument:`"),
        ({"both": [{"instrument": "salt", "at-most": 1}]}, "needs two rules"),
        ({"both": [{"instrument": "salt", "at-most": 1}] * 2, "at-most": 3}, "beside `both:`"),
        ({"instrument": "salt", "fall-of-percent": -5}, "greater than 0"),
        ({"instrument": "salt", "at-most": "score <= 20"}, "must be a number"),
    ],
)
def test_what_is_no_rule(body: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Rule.model_validate(body)


def test_nearest_visit_inside_the_window() -> None:
    at = At.model_validate({"weeks": 24, "within": 8})
    assert list(at.visits((0, 12, 16, 26, 32, 40))) == [3, 4, 2]  # 26, then 32 and 16 equally near: the later first
    assert list(at.visits((0, 12, 40))) == []


def test_last_observation_is_carried_forward_from_however_early() -> None:
    at = At.model_validate({"weeks": 24, "within": 2, "take": "last-observation"})
    assert list(at.visits((0, 4, 12, 26, 30))) == [3, 2, 1]  # never the start, never after the window


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=30),
    st.floats(1, 100),
    st.sampled_from(["at-most", "at-least", "below", "above", "fall-of-percent", "rise-of-percent", "fall-by"]),
)
def test_the_verdicts_of_a_table_are_those_of_its_people(
    pairs: list[tuple[float, float]], value: float, bar: str
) -> None:
    from handful.question.people_counted import _bar

    one = Rule.model_validate({"instrument": "salt", bar: value})
    start, later = np.array(pairs).T
    alone = [one.verdict({"salt": a}, {"salt": b}) for a, b in pairs]
    assert [{1: "yes", 0: "no", -1: "not known"}[int(v)] for v in _bar(one, start, later)] == alone
