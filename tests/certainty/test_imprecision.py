"""Imprecision: thresholds inside the interval, optimal information size; each worked by hand."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handful.base.errors import InputError
from handful.certainty.imprecision import imprecision, thresholds_inside
from handful.stats.results import NotEstimable
from handful.stats.two_groups.information_size import optimal_information_size


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [
        (0.12, 0.28, 0),  # small, whole interval: between 0.10 and 0.30
        (0.05, 0.28, -1),  # trivial or small: across 0.10
        (0.05, 0.40, -2),  # trivial to moderate: across 0.10 and 0.30
        (0.05, 0.60, -3),  # trivial to large: across all three
        (0.10, 0.30, 0),  # an end on a threshold is not across it
    ],
)
def test_one_step_for_each_threshold_inside_the_interval(low: float, high: float, steps: int) -> None:
    assert imprecision(low, high, (0.10, 0.30, 0.50)).steps == steps


def test_with_no_thresholds_only_no_effect_is_one() -> None:
    """Minimally contextualised: a difference from 3 fewer to 9 more in 100 is across 0, from 1 to 9 more it is not."""
    assert imprecision(-0.03, 0.09, (0,)).steps == -1
    assert imprecision(0.01, 0.09, (0,)).steps == 0


def test_a_difference_across_both_signs_has_the_thresholds_of_both() -> None:
    assert thresholds_inside(-0.15, 0.35, (-0.3, -0.1, 0, 0.1, 0.3)) == (-0.1, 0, 0.1, 0.3)
    assert imprecision(-0.15, 0.35, (-0.3, -0.1, 0, 0.1, 0.3)).steps == -3  # three at most


# z of 0.975 and of 0.8 from printed tables: 1.959964, 0.841621
@pytest.mark.parametrize(
    ("control", "difference", "by_hand"),
    [
        (0.20, -0.10, 4 * (1.959964 + 0.841621) ** 2 * 0.15 * 0.85 / 0.10**2),  # 400.3
        (0.50, 0.20, 4 * (1.959964 + 0.841621) ** 2 * 0.60 * 0.40 / 0.20**2),  # 188.4
        (0.05, 0.02, 4 * (1.959964 + 0.841621) ** 2 * 0.06 * 0.94 / 0.02**2),  # 4426.8
    ],
)
def test_optimal_information_size_by_hand(control: float, difference: float, by_hand: float) -> None:
    assert optimal_information_size(control, difference) == ceil(by_hand)


def test_information_size_counts_only_where_no_threshold_is_crossed() -> None:
    size = optimal_information_size(0.20, -0.10)
    assert size == 401
    known = {"people": 60, "information_size": size}
    assert imprecision(0.12, 0.28, (0.1, 0.3), **known).steps == -2  # 60 < 0.3 × 401 = 120.3
    assert imprecision(0.12, 0.28, (0.1, 0.3), people=200, information_size=size).steps == -1
    assert imprecision(0.12, 0.28, (0.1, 0.3), people=401, information_size=size).steps == 0
    assert imprecision(0.05, 0.28, (0.1, 0.3), people=401, information_size=size).steps == -1


def test_the_rate_of_one_group_is_held_against_one_of_the_two_groups() -> None:
    """401 people in both groups are 201 in one, rounded up; three tenths of these are 60.3."""
    for people, steps in ((201, 0), (200, -1), (61, -1), (60, -2), (0, -2)):
        found = imprecision(0.12, 0.28, (0.1, 0.3), people=people, information_size=401, arms=1)
        assert found.steps == steps, people
        assert f"{people} people" in found.because
        assert "201 of one group of the optimal information size (401 in both)" in found.because


def test_the_reason_names_both_numbers_whichever_decides() -> None:
    crossed = imprecision(0.05, 0.28, (0.1, 0.3), people=350, information_size=401)
    assert crossed.because == (
        "the interval, 5 to 28 in 100, reaches across 10 in 100; 350 people, against the 401 of the optimal "
        "information size"
    )
    short = imprecision(0.12, 0.28, (0.1, 0.3), people=200, information_size=401)
    assert short.because == (
        "the interval, 12 to 28 in 100, reaches across no threshold, but 200 people are fewer than the 401 of the "
        "optimal information size"
    )
    far = imprecision(0.12, 0.28, (0.1, 0.3), people=1, information_size=401)
    assert "but 1 person are" not in far.because
    none = optimal_information_size(0.2, 0.9)
    assert "give a rate of 1.1" in imprecision(0.12, 0.28, (0.1,), people=5, information_size=none).because


def test_what_cannot_be_an_information_size_is_said() -> None:
    assert isinstance(optimal_information_size(0.2, 0.9), NotEstimable)
    with pytest.raises(InputError, match="no difference"):
        optimal_information_size(0.2, 0.0)
    with pytest.raises(InputError, match="not between 0 and 1"):
        optimal_information_size(1.2, 0.1)
    with pytest.raises(InputError, match="is none"):
        imprecision(0.5, 0.2, (0.3,))


@given(st.floats(0.02, 0.98), st.floats(0.01, 0.5), st.floats(0.5, 0.95))
def test_a_smaller_difference_or_more_power_never_needs_fewer_people(control, difference, power) -> None:
    sizes = [optimal_information_size(control, d, power=power) for d in (difference, difference / 2)]
    if not any(isinstance(s, NotEstimable) for s in sizes):
        # p̄ (1 − p̄) moves too, by less than the square of the difference as long as both rates are inside 0 to 1
        assert sizes[1] >= sizes[0]
    more = optimal_information_size(control, difference, power=(1 + power) / 2)
    assert isinstance(more, NotEstimable) or more >= sizes[0]
