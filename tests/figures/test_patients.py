"""Figures of people one by one: what is drawn is what was counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import handful as hf
from handful.base.errors import InputError
from handful.synthesis.synthesis import Synthesis


@pytest.fixture(scope="module")
def answer(repository: Path) -> Synthesis:
    review = hf.open_review(repository / "reviews" / "progabide-epilepsy")
    question = review.question("progabide-seizures")
    return hf.synthesise(hf.count(hf.select(review.records, question)), question.plan)


def test_a_waterfall_has_a_column_a_person_and_fills_the_responders(answer: Synthesis) -> None:
    axes = hf.figures.waterfall(answer)
    columns = axes.patches
    assert len(columns) == 31
    filled = [c for c in columns if c.get_facecolor()[3] > 0]
    assert len(filled) == 8
    assert all(c.get_height() <= -50 for c in filled)
    assert axes.get_label() == "8 of 31 people met the bar"


def test_a_swimmer_plot_has_a_line_a_person_and_a_mark_a_visit(answer: Synthesis) -> None:
    axes = hf.figures.swimmer(answer, outcome="last-two-weeks")
    lines = [line for line in axes.lines if len(line.get_xdata()) == 2]
    marks = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert (len(lines), len(marks)) == (31, 31 * 4)
    last = [m for m in marks if float(m.get_xdata()[0]) == 8]
    assert sum(str(m.get_markerfacecolor()) != "white" for m in last) == 12


def test_the_line_of_thresholds_goes_through_the_count(answer: Synthesis) -> None:
    axes = hf.figures.thresholds(answer)
    x, y = (np.asarray(d, dtype=float) for d in axes.lines[0].get_data())
    # steps 'pre': the height at a bar is that of the first corner at or after it
    assert y[np.searchsorted(x, 50.0)] == pytest.approx(100 * 8 / 31)
    assert y[np.searchsorted(x, 25.0)] == pytest.approx(100 * 16 / 31)


def test_without_patient_rows_there_is_nothing_to_draw(repository: Path) -> None:
    review = hf.open_review(repository / "reviews" / "alopecia-areata")
    question = review.question("dupilumab-adults")
    made = hf.synthesise(hf.count(hf.select(review.records, question)), question.plan)
    for draw in (hf.figures.waterfall, hf.figures.swimmer, hf.figures.thresholds):
        with pytest.raises(InputError, match="counted from patient rows"):
            draw(made)
    with pytest.raises(InputError, match="not int"):
        hf.figures.waterfall(3)
