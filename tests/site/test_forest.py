"""Where marks stand, and that nothing vanishes."""

from __future__ import annotations

import pytest

from handful.site.forest import (
    icon_array,
    interval_plot,
    nice_ends,
    nice_step,
    rate_plot,
    share_axis,
    value_axis,
)


def test_positions_are_shares_of_the_width() -> None:
    plot = rate_plot("", 1, 4, 0.0063, 0.8059)
    assert (plot.low, plot.width, plot.point) == ("0.63%", "79.96%", "25.00%")
    assert not plot.arrow_left
    assert not plot.arrow_right


def test_an_interval_beyond_the_axis_ends_in_arrows_and_stays() -> None:
    plot = interval_plot("x", "y", (5, -30, 250), (0, 100))
    assert plot.arrow_left
    assert plot.arrow_right
    assert (plot.low, plot.width, plot.point) == ("0.00%", "100.00%", "5.00%")


def test_an_interval_that_lies_wholly_beyond_is_still_drawn_at_the_edge() -> None:
    plot = interval_plot("x", "y", (150, 120, 180), (0, 100))
    assert plot.arrow_right
    assert plot.low == "100.00%"
    assert plot.point == "100.00%"


def test_the_drawing_says_all_its_numbers() -> None:
    plot = rate_plot("Adults", 1, 4, 0.0063094, 0.8058796)
    assert plot.title == "Adults: 1 of 4"
    assert plot.description == "25.0 %, interval 0.63 to 80.59 %"


def test_the_axis_of_rates_goes_from_none_to_all() -> None:
    ticks = share_axis().ticks
    assert [t.text for t in ticks] == ["0", "25", "50", "75", "100"]
    assert [t.anchor for t in ticks] == ["start", "middle", "middle", "middle", "end"]


@pytest.mark.parametrize("values", [[-12.5, -20.0, -5.0], [33.3], [0.02, 0.07], [0.0], [-6.5, -10.4, -2.6, 2.2, 4.94]])
def test_an_axis_of_values_holds_them_all(values: list[float]) -> None:
    low, high = nice_ends(values)
    assert low < high
    assert low <= min(values)
    assert max(values) <= high
    axis = value_axis(low, high, "score")
    assert 3 <= len(axis.ticks) <= 12
    assert all("-" not in t.text for t in axis.ticks), "a true minus sign"


@pytest.mark.parametrize(("span", "step"), [(100, 20), (10, 2), (1, 0.2), (7, 2), (30, 10), (45, 10), (0.3, 0.1)])
def test_steps_are_round(span: float, step: float) -> None:
    assert nice_step(span) == pytest.approx(step)


@pytest.mark.parametrize("total", [1, 4, 10, 11, 20, 49, 50, 51, 100])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_one_icon_is_one_person_in_a_full_grid(total: int, share: float) -> None:
    events = round(total * share)
    array = icon_array(events, total, name="n", what="w")
    assert array is not None
    assert len(array.icons) == total
    assert [i.filled for i in array.icons] == [True] * events + [False] * (total - events)
    assert len({(i.x, i.y) for i in array.icons}) == total
    assert max(i.x for i in array.icons) < array.width
    assert max(i.y for i in array.icons) < array.height


def test_no_icons_for_nobody_or_for_more_than_a_hundred() -> None:
    assert icon_array(0, 0, name="", what="") is None
    assert icon_array(3, 101, name="", what="") is None
