"""The figure of further people shows every run of counts with its line and its chance."""

from __future__ import annotations

import pytest
from tests.position.made_places import placed, series

import handful as hf

pytest.importorskip("matplotlib")


def test_every_run_of_counts_is_drawn_with_its_line_and_its_chance() -> None:
    further = placed(series("a-1", 4, 10)).what_would_change.people
    axes = hf.figures.next_people(further)
    drawn = [text.get_text() for text in axes.texts]
    want = [
        f"{low}: {line}\n{chance:.2f}" if low == high else f"{low}–{high}: {line}\n{chance:.2f}"
        for one in reversed(further)
        for line, low, high, chance in one.steps
        if chance is not None
    ]
    assert drawn == want
    widths = [bar.get_width() for bar in axes.patches]
    assert sum(widths) == pytest.approx(len(further))
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [f"{one.people} people" for one in reversed(further)]


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(hf.HandfulError, match="nothing"):
        hf.figures.next_people([])
