"""An interval without width is no interval; moderators come as people have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import handful as hf


@pytest.mark.parametrize(("events1", "events2", "difference"), [([0, 0], [0, 0], 0.0), ([4, 6], [0, 0], 1.0)])
def test_all_or_none_in_every_group_has_a_difference_and_no_interval(
    events1: list[int], events2: list[int], difference: float
) -> None:
    # Sato's variance is 0 here; eighteen people cannot fix a difference without any error
    fit = hf.pool(hf.two_arms(events1, [4, 6], events2, [5, 3]), measure="RD", model="mantel-haenszel")
    assert isinstance(fit, hf.Fit)
    assert fit.estimate == difference
    for limit in (fit.low, fit.high):
        assert isinstance(limit, hf.NotEstimable)
        assert limit.reason in str(fit)


@pytest.mark.parametrize("make", [list, tuple, np.array])
def test_a_bare_column_of_moderators_is_that_of_a_dict(make: Any) -> None:
    evidence = hf.estimates([0.1, 0.2, 0.5, -0.1, 0.4], [0.1, 0.2, 0.1, 0.1, 0.3])
    years = [1, 2, 3, 4, 5]
    bare, named = hf.regress(evidence, moderators=make(years)), hf.regress(evidence, moderators={"moderator": years})
    assert not isinstance(bare, hf.NotEstimable)
    assert not isinstance(named, hf.NotEstimable)
    assert bare.coefficients == named.coefficients


def test_a_data_frame_of_moderators_is_its_columns() -> None:
    pandas = pytest.importorskip("pandas")
    evidence = hf.estimates([0.1, 0.2, 0.5, -0.1, 0.4], [0.1, 0.2, 0.1, 0.1, 0.3])
    columns = {"dose": [1, 2, 3, 4, 5], "where": list("aabba")}
    frame, named = (hf.regress(evidence, moderators=m) for m in (pandas.DataFrame(columns), columns))
    assert not isinstance(frame, hf.NotEstimable)
    assert not isinstance(named, hf.NotEstimable)
    assert frame.coefficients == named.coefficients
    series = hf.regress(evidence, moderators=pandas.Series([1, 2, 3, 4, 5], name="dose"))
    assert not isinstance(series, hf.NotEstimable)
    assert [c.name for c in series.coefficients] == ["intercept", "dose"]


def test_a_single_number_is_no_column_of_moderators() -> None:
    with pytest.raises(hf.HandfulError, match="neither a column"):
        hf.regress(hf.estimates([0.1, 0.2, 0.3], [0.1, 0.1, 0.1]), moderators=5)
