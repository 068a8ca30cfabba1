"""hf.proportion: what each interval promises, shown by listing every x of every n up to 30; and the edges."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.one_group.proportion import METHODS

Array = npt.NDArray[np.float64]
UP_TO = range(1, 31)
EXACT = ("clopper-pearson", "blaker")


def limits(n: int, method: str, level: float = 0.95) -> tuple[Array, Array]:
    got = hf.proportion(np.arange(n + 1), n, method=method, level=level)
    assert isinstance(got, hf.Interval)
    return np.asarray(got.low), np.asarray(got.high)


def coverage(n: int, low: Array, high: Array) -> tuple[float, float]:
    """(mean over p, infimum over p) of the probability that the interval holds p.

    Between neighbouring limits the x whose interval holds p form a run a..b, and P(a <= X <= b; p) rises and then
    falls in p: the infimum is at a limit, on one of its sides, where an interval that ends or begins there is not
    counted.
    """
    x = np.arange(n + 1)
    mean = float((special.betainc(x + 1, n - x + 1, high) - special.betainc(x + 1, n - x + 1, low)).sum() / (n + 1))
    ends = np.concatenate([low, high])
    ends = ends[(ends > 0) & (ends < 1)][:, None]
    chance = special.binom(n, x) * ends**x * (1 - ends) ** (n - x)
    near = 1e-12  # limits that are the same number up to rounding
    after = (low <= ends + near) & (high > ends + near)
    before = (low < ends - near) & (high >= ends - near)
    below = np.minimum((chance * after).sum(axis=1), (chance * before).sum(axis=1))
    for holding in (after, before):
        assert all(np.all(np.diff(np.flatnonzero(row)) == 1) for row in holding), "not a run: the argument fails"
    return mean, float(below.min())


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_exact_intervals_never_cover_less_than_their_level(method: str, level: float) -> None:
    for n in UP_TO:
        assert coverage(n, *limits(n, method, level))[1] >= level - 1e-12


@pytest.mark.parametrize("side", ["upper", "lower"])
def test_one_sided_exact_bounds_keep_their_level_and_touch_it(side: str) -> None:
    for n in UP_TO:
        got = hf.proportion(np.arange(n + 1), n, side=side)
        assert isinstance(got, hf.Interval)
        infimum = coverage(n, np.asarray(got.low), np.asarray(got.high))[1]
        assert infimum == pytest.approx(0.95, abs=1e-12)


#: n -> mean and infimum of coverage: clopper-pearson, mid-p, wilson, jeffreys; mean widths of the first three
TABLE = {
    4: ((0.992, 0.975), (0.981, 0.950), (0.956, 0.830), (0.960, 0.866), (0.73, 0.67, 0.60)),
    7: ((0.987, 0.953), (0.973, 0.941), (0.955, 0.834), (0.955, 0.885), (0.59, 0.54, 0.50)),
    10: ((0.984, 0.961), (0.968, 0.927), (0.954, 0.835), (0.953, 0.868), (0.51, 0.46, 0.44)),
    20: ((0.977, 0.958), (0.961, 0.929), (0.953, 0.837), (0.951, 0.893), (0.37, 0.33, 0.33)),
}


@pytest.mark.parametrize("n", TABLE)
def test_coverage_is_what_the_methods_page_prints(n: int) -> None:
    """To the three (widths: two) printed digits, first obtained by another program on a grid of p.

    One digit differs: Wilson's mean at n = 4 is 0.95554, printed 0.955 there and 0.956 here; the integral is exact.
    """
    *covers, widths = TABLE[n]
    for method, (mean, infimum) in zip(("clopper-pearson", "mid-p", "wilson", "jeffreys"), covers, strict=True):
        got = coverage(n, *limits(n, method))
        assert got == pytest.approx((mean, infimum), abs=5.01e-4), method
    for method, width in zip(("clopper-pearson", "mid-p", "wilson"), widths, strict=True):
        low, high = limits(n, method)
        assert (high - low).mean() == pytest.approx(width, abs=5.01e-3), method


def test_mid_p_coverage_falls_to_91_percent_at_n_6_and_no_lower() -> None:
    lowest = {n: coverage(n, *limits(n, "mid-p"))[1] for n in UP_TO}
    assert min(lowest, key=lambda n: lowest[n]) == 6
    assert lowest[6] == pytest.approx(0.91, abs=0.005)


@pytest.mark.parametrize("method", ["wilson", "jeffreys", "mid-p", "agresti-coull", "wilson-cc", "arcsine"])
def test_mean_coverage_of_the_others_stays_near_the_level(method: str) -> None:
    for n in range(4, 31):
        mean, infimum = coverage(n, *limits(n, method))
        assert 0.94 < mean < 0.995, (method, n)
        assert infimum > 0.80, (method, n)


def test_wald_covers_next_to_nothing_near_the_ends() -> None:
    """0 of n has the limits 0 to 0: a small p is covered only when there is an event, with probability about n p."""
    for n in UP_TO:
        low, high = limits(n, "wald")
        assert (low[0], high[0], low[n], high[n]) == (0.0, 0.0, 1.0, 1.0)
        p, x = 0.001, np.arange(n + 1)
        covered = float((special.binom(n, x) * p**x * (1 - p) ** (n - x) * ((low <= p) & (p <= high))).sum())
        assert covered <= 1 - (1 - p) ** n < 0.03


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_blaker_interval_is_inside_clopper_pearson(level: float) -> None:
    for n in UP_TO:
        (bl, bh), (cl, ch) = limits(n, "blaker", level), limits(n, "clopper-pearson", level)
        assert np.all(bl >= cl - 1e-15)
        assert np.all(bh <= ch + 1e-15)


@pytest.mark.parametrize("n", [1, 2, 5, 9, 14])
def test_blaker_limits_are_the_ends_of_the_acceptable_values(n: int) -> None:
    """The definition, by brute force on a fine grid: inside the limits' hull every end is approached, outside nothing
    accepts."""
    p = np.linspace(0, 1, 20001)[1:-1]
    x = np.arange(n + 1)
    chance = special.binom(n, x)[:, None] * p ** x[:, None] * (1 - p) ** (n - x[:, None])
    at_least, at_most = np.cumsum(chance[::-1], axis=0)[::-1], np.cumsum(chance, axis=0)
    tail = np.minimum(at_least, at_most)
    low, high = limits(n, "blaker")
    for k in x:
        acceptability = (chance * (tail <= tail[k] * (1 + 1e-12))).sum(axis=0)
        accepted = p[acceptability > 0.05]
        assert accepted[0] == pytest.approx(low[k], abs=6e-5) or (low[k] == 0 and accepted[0] == p[0])
        assert accepted[-1] == pytest.approx(high[k], abs=6e-5) or (high[k] == 1 and accepted[-1] == p[-1])


@pytest.mark.parametrize("method", METHODS)
def test_limits_mirror_and_rise_with_x_and_stay_in_range(method: str) -> None:
    for n in UP_TO:
        low, high = limits(n, method)
        np.testing.assert_allclose(low, 1 - high[::-1], rtol=0, atol=1e-15)
        assert np.all(np.diff(low) >= -1e-15)
        assert np.all(np.diff(high) >= -1e-15)
        assert np.all((low >= 0) & (high <= 1) & (low <= high))
        estimate = np.arange(n + 1) / n
        if method not in ("agresti-coull", "plus-four"):  # centred elsewhere
            assert np.all((low <= estimate + 1e-15) & (estimate <= high + 1e-15))


@pytest.mark.parametrize("method", METHODS)
def test_more_confidence_is_wider(method: str) -> None:
    for n in (1, 4, 13, 30):
        previous = limits(n, method, 0.6)
        for level in (0.8, 0.9, 0.95, 0.99, 0.9999):
            low, high = limits(n, method, level)
            assert np.all(low <= previous[0] + 1e-13)
            assert np.all(high >= previous[1] - 1e-13)
            previous = low, high


@pytest.mark.parametrize("method", METHODS)
def test_nothing_and_everything_end_where_the_range_ends(method: str) -> None:
    for n in (1, 4, 10_000):
        none, everyone = hf.proportion(0, n, method=method), hf.proportion(n, n, method=method)
        assert isinstance(none, hf.Interval)
        assert isinstance(everyone, hf.Interval)
        assert none.low == 0.0
        assert everyone.high == 1.0
        assert none.estimate == 0.0
        assert everyone.estimate == 1.0


# --- numbers from elsewhere -------------------------------------------------------------------------------------------


def test_known_limits() -> None:
    """n = 1 and 0 of n have closed forms: 1 - 0.025^(1/n); one-sided 1 - 0.05^(1/n)."""
    assert hf.proportion(1, 1).low == pytest.approx(0.025, abs=1e-15)  # type: ignore[union-attr]
    assert hf.proportion(0, 1).high == pytest.approx(0.975, abs=1e-15)  # type: ignore[union-attr]
    assert hf.proportion(0, 4, side="upper").high == pytest.approx(1 - 0.05**0.25, abs=1e-15)  # type: ignore[union-attr]
    assert hf.proportion(0, 10_000).high == pytest.approx(1 - 0.025**1e-4, rel=1e-12)  # type: ignore[union-attr]
    assert hf.proportion(0, 4, method="mid-p").high == pytest.approx(1 - 0.05**0.25, abs=1e-14)  # type: ignore[union-attr]


@pytest.mark.parametrize(("n", "shown"), [(4, (0.0, 0.6024)), (2, (0.0, 0.8419)), (9, (0.0, 0.3363))])
def test_none_of_n(n: int, shown: tuple[float, float]) -> None:
    """1 - 0.025^(1/n), to four decimals."""
    got = hf.proportion(0, n)
    assert isinstance(got, hf.Interval)
    assert (got.low, got.high) == pytest.approx(shown, abs=5e-5)


def test_the_corrected_score_limits_differ_from_newcombes_only_at_one_half() -> None:
    """R leaves the correction out where x = n/2 (its prop.test at p = 1/2); Newcombe's formula keeps it."""
    for n in UP_TO:
        (rl, rh), (nl, nh) = limits(n, "wilson-cc"), limits(n, "wilson-cc-newcombe")
        same = np.arange(n + 1) * 2 != n
        np.testing.assert_array_equal(rl[same], nl[same])
        np.testing.assert_array_equal(rh[same], nh[same])
        if n % 2 == 0:
            assert nl[n // 2] < rl[n // 2]
            wilson = limits(n, "wilson")
            assert rl[n // 2] == pytest.approx(wilson[0][n // 2], abs=1e-15)


# --- forms of input and output ----------------------------------------------------------------------------------------


def test_scalars_are_floats_and_arrays_are_read_only_arrays() -> None:
    one = hf.proportion(1, 4)
    assert isinstance(one, hf.Interval)
    assert [type(v) for v in (one.estimate, one.low, one.high, one.level)] == [float] * 4
    json.dumps(one.to_dict())
    many = hf.proportion([[0, 1], [2, 3]], [[4], [5]])
    assert isinstance(many, hf.Interval)
    assert isinstance(many.low, np.ndarray)
    assert many.low.shape == (2, 2)
    assert not many.low.flags.writeable
    assert many.low[1, 1] == hf.proportion(3, 5).low  # type: ignore[union-attr]


def test_columns_of_other_libraries_are_accepted() -> None:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    want = hf.proportion([1, 2], [4, 5])
    assert isinstance(want, hf.Interval)
    for make in (pd.Series, pl.Series, pa.array, np.array, tuple):
        got = hf.proportion(make([1, 2]), make([4, 5]))
        assert isinstance(got, hf.Interval)
        np.testing.assert_array_equal(got.low, want.low)


@pytest.mark.parametrize("method", METHODS)
def test_an_array_gives_what_its_elements_give(method: str) -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 400, 60)
    x = rng.integers(0, n + 1)
    many = hf.proportion(x, n, method=method)
    for i in range(n.size):
        one = hf.proportion(int(x[i]), int(n[i]), method=method)
        assert (many.estimate[i], many.low[i], many.high[i]) == (one.estimate, one.low, one.high)  # type: ignore[union-attr,index]


def test_nobody() -> None:
    none = hf.proportion(0, 0)
    assert isinstance(none, hf.NotEstimable)
    assert "0 of 0" in none.reason
    got = hf.proportion([0, 1, 0], [0, 4, 0])
    assert isinstance(got, hf.Interval)
    assert list(got.low[[0, 2]]) == [0.0, 0.0]  # type: ignore[index]
    assert list(got.high[[0, 2]]) == [1.0, 1.0]  # type: ignore[index]
    assert not np.isnan(got.estimate).any()
    assert [(n.code, n.about) for n in got.notes] == [("no-people", "positions 0, 2")]
    empty = hf.proportion([], [])
    assert isinstance(empty, hf.Interval)
    assert np.size(empty.low) == 0


def test_wald_says_when_it_is_not_to_be_trusted() -> None:
    assert [n.code for n in hf.proportion(4, 20, method="wald").notes] == ["wald-small-counts"]
    assert [n.code for n in hf.proportion(16, 20, method="wald").notes] == ["wald-small-counts"]
    assert hf.proportion(5, 20, method="wald").notes == ()
    assert hf.proportion([10, 3], 20, method="wald").notes[0].about == "position 1"


def test_one_sided_blaker_is_one_sided_clopper_pearson_and_says_so() -> None:
    got = hf.proportion(1, 4, method="blaker", side="upper")
    assert isinstance(got, hf.Interval)
    assert got.high == hf.proportion(1, 4, side="upper").high  # type: ignore[union-attr]
    assert got.notes[0].code == "one-sided-blaker"


def test_large_counts_stay_finite_and_quick() -> None:
    for method in METHODS:
        for x, n in ((0, 10_000), (1, 10_000), (9_999, 10_000), (500_000, 1_000_000), (1, 10**9), (3, 10**12)):
            got = hf.proportion(x, n, method=method)
            assert isinstance(got, hf.Interval)
            assert 0 <= got.low <= got.estimate <= got.high <= 1 or method in ("agresti-coull", "plus-four")  # type: ignore[operator]
            assert math.isfinite(got.high)  # type: ignore[arg-type]


BAD: list[tuple[Any, Any, list[str]]] = [
    (5, 4, ["x = 5 of n = 4"]),
    (-1, 4, ["x = -1 is negative"]),
    (1.5, 4, ["x = 1.5 is not a whole number"]),
    (float("nan"), 4, ["x = nan is not a number"]),
    (float("inf"), 4, ["x = inf"]),
    ("1", 4, ["x = '1' (str)"]),
    (None, 4, ["x = None (NoneType)"]),
    (True, 4, ["x = True (bool)"]),
    (
        [1, 5, -1, 2.5, np.nan],
        4,
        ["position 1: x = 5", "position 2: x = -1", "position 3: x = 2.5", "position 4: x = nan"],
    ),
    ([1, "a", None], 4, ["x[1]: x = 'a'", "x[2]: x = None"]),
    ([1, 2], [1, 2, 3], ["shapes x [2], n [3]"]),
    ([[1, 9]], 4, ["position (0, 1)"]),
    ([1, 2], [True, False], ["True/False"]),
]


@pytest.mark.parametrize(("x", "n", "words"), BAD)
def test_bad_counts_are_all_named_at_once(x: Any, n: Any, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        hf.proportion(x, n)
    for word in words:
        assert word in str(caught.value)
    assert "accepted" in str(caught.value) or "arrays" in str(caught.value)


def test_the_ten_thousandth_bad_position_is_named_too() -> None:
    x = np.zeros(20_000)
    x[::2] = 9
    with pytest.raises(InputError, match="19998"):
        hf.proportion(x, 4)


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan"), "0.95", None, True])
def test_bad_levels(level: Any) -> None:
    with pytest.raises(InputError, match="level="):
        hf.proportion(1, 4, level=level)


def test_unknown_choices_name_the_known_ones() -> None:
    with pytest.raises(UnknownChoice, match="did you mean 'wilson'"):
        hf.proportion(1, 4, method="willson")
    with pytest.raises(UnknownChoice, match="accepted: two, upper, lower"):
        hf.proportion(1, 4, side="both")
    with pytest.raises(UnknownChoice):
        hf.proportion(1, 4, method=3)  # type: ignore[arg-type]
