"""Evidence: every column type is read, every bad row is told at once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pandas
import polars
import pyarrow
import pytest

import handful as hf
from handful.base.errors import InputError
from handful.stats.evidence import estimates, one_mean, two_arm_rates, two_arms, two_means

X, N = [1, 0, 3], [4, 4, 9]


@pytest.mark.parametrize(
    "column",
    [
        list,
        tuple,
        np.array,
        lambda v: np.array(v, dtype=np.uint8),
        lambda v: np.array(v, dtype=float),
        pandas.Series,
        lambda v: pandas.Series(v, dtype="Int64", index=[7, 3, 1]),
        polars.Series,
        pyarrow.array,
        lambda v: pyarrow.chunked_array([v[:1], v[1:]]),
    ],
)
def test_every_kind_of_column_is_read(column: object) -> None:
    evidence = hf.one_arm(column(X), column(N), labels=["a", "b", "c"])  # type: ignore[operator]
    assert evidence.events.tolist() == X
    assert evidence.totals.tolist() == N
    assert evidence.labels == ("a", "b", "c")
    assert len(evidence) == 3


def test_counts_stay_whole_numbers_and_cannot_be_changed() -> None:
    evidence = hf.one_arm(X, N)
    assert evidence.events.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        evidence.events[0] = 5
    with pytest.raises(FrozenInstanceError):
        evidence.labels = ()  # type: ignore[misc]


def test_every_bad_row_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        hf.one_arm([5, -1, None, 1.5, "two", float("inf"), 1], [4, 3, 2, 4, 4, 4, 4])
    text = str(caught.value)
    for words in (
        "row 1 (study 1): 5 events among 4 people",
        "row 2 (study 2): events is -1, below 0",
        "row 3 (study 3): events is missing",
        "row 4 (study 4): events is 1.5; people are counted in whole numbers",
        "row 5 (study 5): events is 'two', not a number",
        "row 6 (study 6): events is infinite",
        "6 rows cannot be used",
    ):
        assert words in text
    assert "row 7" not in text


def test_lengths_and_labels_must_agree() -> None:
    with pytest.raises(InputError, match="events 2, totals 1"):
        hf.one_arm([1, 2], [4])
    with pytest.raises(InputError, match="1 labels for 2 studies"):
        hf.one_arm([1, 2], [4, 4], labels=["a"])
    with pytest.raises(InputError, match="not a column"):
        hf.one_arm("12", "44")


def test_rates_need_time() -> None:
    with pytest.raises(InputError, match="2 events in no person-time"):
        hf.one_arm_rates([2, 0], [0.0, 0.0])
    assert len(hf.one_arm_rates([0], [0.0])) == 1  # nobody watched, nothing seen: left out later, with a note


def test_the_other_kinds_are_checked_too() -> None:
    assert len(two_arms([1], [4], [0], [4])) == 1
    with pytest.raises(InputError, match="5 events2 among 4 people"):
        two_arms([1], [4], [5], [4])
    assert two_arm_rates([1], [4.5], [0], [4]).time1.tolist() == [4.5]
    assert len(two_means([5], [1.2], [0.4], [6], [1.0], [0.5])) == 1
    assert len(one_mean([5], [-1.2], [0.4])) == 1
    assert estimates([0.1], se=[0.5]).vi.tolist() == [0.25]
    with pytest.raises(InputError, match="vi is 0; it must be above 0"):
        estimates([0.1], [0.0])
    with pytest.raises(InputError, match="either vi"):
        estimates([0.1])


def test_masked_values_are_missing_and_other_things_are_problems() -> None:
    """A mask was once dropped in silence, and a date or a complex number taken for a missing value."""
    masked = np.ma.MaskedArray([0.1, 0.2, 9.0], mask=[False, False, True])
    assert [note.about for note in estimates(masked, [0.1, 0.1, 0.1]).notes] == ["study 3"]
    for wrong, word in ((1j, "complex"), (pandas.Timestamp("2020-01-01"), "Timestamp"), ([1], "list")):
        with pytest.raises(InputError, match=word):
            estimates([0.1, wrong], [0.1, 0.1])
    assert len(estimates([0.1, pandas.NA, pandas.NaT, 0.3], [0.1] * 4)) == 2
    with pytest.raises(InputError, match="yi is 'z', not a number"):
        estimates(polars.Series(["z", "y"]), [0.1, 0.1])
