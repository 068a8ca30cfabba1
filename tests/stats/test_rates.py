"""hf.rate: limits of a Poisson mean, and the ratio of two rates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.one_group.rates import METHODS
from handful.stats.two_groups.two_rates import two_rates


def expected_events(method: str, most: int = 60, level: float = 0.95, side: str = "two") -> tuple[Any, Any]:
    got = hf.rate(np.arange(most + 1), 1.0, method=method, level=level, side=side)
    assert isinstance(got, hf.Interval)
    return np.asarray(got.low), np.asarray(got.high)


def test_no_events_have_the_closed_form() -> None:
    """-log(0.05) = 2.9957 and -log(0.025) = 3.6889 expected events."""
    assert hf.rate(0, 10, side="upper").high == pytest.approx(-math.log(0.05) / 10, rel=1e-14)  # type: ignore[union-attr]
    assert hf.rate(0, 10).high == pytest.approx(-math.log(0.025) / 10, rel=1e-14)  # type: ignore[union-attr]
    assert hf.rate(0, 10, method="mid-p").high == pytest.approx(-math.log(0.05) / 10, rel=1e-14)  # type: ignore[union-attr]
    assert hf.rate(0, 10).low == 0.0  # type: ignore[union-attr]


def test_garwood_in_a_published_table() -> None:
    """Garwood 1936, table I: 95 % limits for 1, 2, 5, 10 events: 0.0253 to 5.572, 0.242 to 7.225, 1.62 to 11.67, 4.80
    to 18.39."""
    low, high = expected_events("garwood")
    assert low[[1, 2, 5, 10]] == pytest.approx([0.0253, 0.242, 1.62, 4.80], abs=0.006)
    assert high[[1, 2, 5, 10]] == pytest.approx([5.572, 7.225, 11.67, 18.39], abs=0.006)


def coverage_infimum(low: Any, high: Any, upto: float) -> float:
    """Over expected events below ``upto``: at every limit, on both sides of it."""
    x = np.arange(low.size)
    ends = np.concatenate([low, high])
    ends = ends[(ends > 0) & (ends < upto)][:, None]
    chance = np.exp(special.xlogy(x, ends) - ends - special.gammaln(x + 1))
    near = 1e-11 * ends
    after = (low <= ends + near) & (high > ends + near)
    before = (low < ends - near) & (high >= ends - near)
    return float(min((chance * after).sum(axis=1).min(), (chance * before).sum(axis=1).min()))


def test_garwood_never_covers_less_than_its_level() -> None:
    low, high = expected_events("garwood")
    assert coverage_infimum(low, high, 25.0) >= 0.95


def test_mid_p_and_score_cover_nearly_always_enough() -> None:
    """Least coverage below 25 expected events, by enumeration: 0.916 and 0.838."""
    assert coverage_infimum(*expected_events("mid-p"), 25.0) == pytest.approx(0.916, abs=6e-4)
    assert coverage_infimum(*expected_events("score"), 25.0) == pytest.approx(0.838, abs=6e-4)


@pytest.mark.parametrize("method", METHODS)
def test_limits_rise_with_events_and_shrink_with_time(method: str) -> None:
    low, high = expected_events(method)
    finite = np.isfinite(high)
    assert np.all(np.diff(low) >= 0)
    assert np.all(np.diff(high[finite]) >= 0)
    assert np.all((low >= 0) & (low <= np.arange(low.size)) & (high >= np.arange(low.size)))
    short, long = hf.rate(3, 10.0, method=method), hf.rate(3, 1000.0, method=method)
    assert short.low == pytest.approx(100 * long.low, rel=1e-13)  # type: ignore[union-attr]
    assert short.high == pytest.approx(100 * long.high, rel=1e-13)  # type: ignore[union-attr]


def test_byar_is_close_to_garwood() -> None:
    (byar, up), (low, high) = expected_events("byar"), expected_events("garwood")
    np.testing.assert_allclose(byar[3:], low[3:], rtol=0.03)
    np.testing.assert_allclose(up, high, rtol=0.01)


def test_no_time() -> None:
    got = hf.rate(0, 0)
    assert isinstance(got, hf.NotEstimable)
    many = hf.rate([0, 2], [0.0, 3.0])
    assert isinstance(many, hf.Interval)
    assert (many.low[0], many.high[0]) == (0.0, math.inf)  # type: ignore[index]
    assert many.notes[0].about == "position 0"
    assert not np.isnan(many.estimate).any()


@pytest.mark.parametrize(
    ("events", "time", "words"),
    [
        (2.5, 3, "events = 2.5 is not a whole number"),
        (-1, 3, "events = -1 is negative"),
        (1, -3, "time = -3 is negative"),
        (1, float("inf"), "time = inf is not a finite number"),
        (1, 0, "events need time"),
        ([1, 2], [1.0, float("nan")], "position 1: time = nan"),
        ("two", 3, "events = 'two' (str)"),
    ],
)
def test_bad_input(events: Any, time: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        hf.rate(events, time)
    assert words in str(caught.value)


def test_unknown_method() -> None:
    with pytest.raises(UnknownChoice, match="garwood"):
        hf.rate(1, 2, method="gar")


def test_scalars_are_floats() -> None:
    got = hf.rate(np.int64(3), np.float64(2.5))
    assert isinstance(got, hf.Interval)
    assert [type(v) for v in (got.estimate, got.low, got.high)] == [float] * 3


# --- two rates --------------------------------------------------------------------------------------------------------


def test_exchanging_the_groups_inverts_the_ratio() -> None:
    for method in ("conditional-exact", "mid-p", "blaker"):
        for x1, x2 in ((0, 3), (2, 5), (4, 4), (6, 0)):
            one = two_rates(x1, 10.0, x2, 35.0).rate_ratio(method=method)
            other = two_rates(x2, 35.0, x1, 10.0).rate_ratio(method=method)
            assert one.low == pytest.approx(1 / other.high if other.high else math.inf, rel=1e-12)  # type: ignore[union-attr,operator]
            assert one.high == pytest.approx(1 / other.low if other.low else math.inf, rel=1e-12)  # type: ignore[union-attr,operator]


@pytest.mark.parametrize(("test", "method"), [("central", "conditional-exact"), ("central-mid-p", "mid-p")])
def test_p_value_and_interval_of_two_rates_never_contradict(test: str, method: str) -> None:
    for x1 in range(9):
        for x2 in range(9):
            groups = two_rates(x1, 10.0, x2, 23.0)
            got = groups.rate_ratio(method=method)
            assert isinstance(got, hf.Interval)
            outside = not got.low <= 1 <= got.high  # type: ignore[operator]
            assert outside == (groups.p_value(test=test) < 0.05), (x1, x2)


def test_no_events_in_either_group_say_nothing() -> None:
    got = two_rates(0, 10, 0, 20).rate_ratio()
    assert isinstance(got, hf.Interval)
    assert (got.low, got.high) == (0.0, math.inf)
    assert got.notes[0].code == "no-information-on-a-ratio"
    assert isinstance(two_rates(0, 0, 1, 20).rate_ratio(), hf.NotEstimable)
    assert two_rates(0, 10, 0, 20).p_value() == 1.0
