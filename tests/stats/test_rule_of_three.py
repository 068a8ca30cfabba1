"""Nothing seen, or nothing else: the exact one-sided bounds, and that they are told where counts are 0 of n."""

from __future__ import annotations

import math

import pytest

import handful as hf
from handful.stats.one_group.rule_of_three import (
    highest_rate_without_events,
    highest_without_events,
    lowest_without_exception,
)


@pytest.mark.parametrize("n", [1, 4, 30, 10_000])
def test_bounds_leave_exactly_the_tail(n: int) -> None:
    assert (1 - highest_without_events(n, 0.95)) ** n == pytest.approx(0.05, rel=1e-10)
    assert lowest_without_exception(n, 0.95) ** n == pytest.approx(0.05, rel=1e-10)
    assert math.exp(-highest_rate_without_events(n, 0.95) * n) == pytest.approx(0.05, rel=1e-12)


@pytest.mark.parametrize("n", [1, 4, 60])
def test_bounds_equal_the_one_sided_intervals(n: int) -> None:
    assert highest_without_events(n, 0.9) == pytest.approx(hf.proportion(0, n, side="upper", level=0.9).high, rel=1e-12)
    assert lowest_without_exception(n, 0.9) == pytest.approx(
        hf.proportion(n, n, side="lower", level=0.9).low, rel=1e-12
    )
    assert highest_rate_without_events(n, 0.9) == pytest.approx(hf.rate(0, n, side="upper", level=0.9).high, rel=1e-12)


def test_no_events_print_the_bound_and_what_the_rule_is_worth() -> None:
    few, many, all_ = str(hf.proportion(0, 4)), str(hf.proportion(0, 100)), str(hf.proportion(4, 4))
    assert "0 of 4: the exact one-sided 95 % upper bound is 0.5271" in few
    assert "(the rule of three, 3/n, needs n >= 30)" in few
    assert "upper bound is 0.02951 (rule of three: 3/n = 0.03)" in many
    assert "lower bound is 0.4729" in all_
    assert "upper bound is 0.0951 (rule of three: 3.00 over the time)" in str(hf.rate(0, 31.5))
    assert "rule of three" not in str(hf.proportion(0, 4, level=0.9))


def test_other_counts_one_sided_bounds_and_arrays_carry_no_such_note() -> None:
    for interval in (hf.proportion(1, 4), hf.proportion(0, 4, side="upper"), hf.proportion([0, 1], 4), hf.rate(1, 4)):
        assert interval.notes == ()
    assert hf.rate(0, 4, side="upper").notes == ()


def test_one_study_without_events_has_the_bound_on_its_fit() -> None:
    fit = hf.pool(hf.one_arm([0], [4]))
    assert fit.details["total"].high == pytest.approx(1 - 0.05**0.25, rel=1e-12)
    assert "total" not in hf.pool(hf.one_arm([1], [4])).details


def test_intervals_are_equal_when_every_number_and_word_is() -> None:
    assert hf.proportion([1, 2], 4) == hf.proportion([1, 2], 4)
    assert hf.proportion([1, 2], 4) != hf.proportion([1, 3], 4)
    assert hf.proportion([1, 2], 4) != hf.proportion([1, 2], 4, method="mid-p")
    assert hf.proportion(1, 4) != hf.proportion([1], 4).low
    assert len({hf.proportion([1, 2], 4), hf.proportion([1, 2], 4)}) == 1
