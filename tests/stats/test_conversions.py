"""Conversions: round trips, agreement with effect sizes of the data themselves, simulation, bad input."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handful.base.errors import InputError
from handful.stats import conversions as c
from handful.stats.effects.effect_sizes import effect_sizes
from handful.stats.evidence import two_arms, two_means
from handful.stats.evidence_paired import pre_post

sizes = st.integers(3, 60)
numbers = st.floats(-20, 20)
spreads = st.floats(0.1, 20)

# --- intervals and p values -----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-3, 3),
    st.floats(0.01, 2),
    st.floats(0.5, 0.999),
    st.sampled_from(["identity", "log", "logit", "atanh"]),
    st.sampled_from([None, 3.0, 40.0]),
)
def test_an_interval_gives_back_what_it_was_made_of(
    y: float, se: float, level: float, scale: str, df: float | None
) -> None:
    from scipy.special import ndtri, stdtrit

    y, se = (y / 3, se / 10) if scale == "atanh" else (y, se)
    q = ndtri(0.5 + level / 2) if df is None else stdtrit(df, 0.5 + level / 2)
    natural = {"identity": lambda t: t, "log": np.exp, "logit": lambda t: 1 / (1 + np.exp(-t)), "atanh": np.tanh}[scale]
    low, high = natural(y - q * se), natural(y + q * se)
    if not (-1 < low < high < 1 - 1e-9) and scale in ("logit", "atanh"):
        return  # a limit that rounds to the end of the scale
    found = c.from_interval(low, high, level=level, scale=scale, df=df)
    # 1e-6: near the ends of the logit and atanh a limit has fewer digits than its transform
    assert found.estimate == pytest.approx(y, rel=1e-6, abs=1e-6)
    assert found.se == pytest.approx(se, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 20), st.floats(1e-12, 0.99), st.sampled_from([None, 2.0, 30.0]))
def test_a_p_value_gives_the_standard_error_that_has_it(ratio: float, p: float, df: float | None) -> None:
    from scipy.special import ndtr, stdtr

    if abs(np.log(ratio)) < 1e-6:
        return
    found = c.from_p(ratio, p, measure="OR", df=df)
    z = -abs(found.estimate) / found.se
    assert 2 * (ndtr(z) if df is None else stdtr(df, z)) == pytest.approx(p, rel=1e-8)
    one = c.from_p(ratio, p / 2, measure="OR", df=df, sides="one")
    assert one.se == pytest.approx(found.se, rel=1e-12)


def test_a_level_there_and_back_is_the_same_interval() -> None:
    once = c.change_level(0.5, 3.0, level=0.9, to=0.99, measure="OR")
    assert once.low < 0.5
    assert once.high > 3.0
    assert once.estimate == pytest.approx(1.5**0.5, rel=1e-14)
    back = c.change_level(once.low, once.high, level=0.99, to=0.9, measure="OR")
    assert (back.low, back.high) == pytest.approx((0.5, 3.0), rel=1e-13)


def test_a_lopsided_interval_is_said() -> None:
    assert c.from_interval(0.5, 2.0, estimate=1.0, measure="OR").notes == ()
    assert c.from_interval(0.5, 2.0, estimate=1.25, measure="OR").notes[0].code == "interval-lopsided"
    several = c.from_interval([0.5, 0.5, 0.5], [2, 2, 2], estimate=[1.0, 1.25, 0.6], measure="HR")
    assert "positions 1-2" in several.notes[0].text


def test_converted_estimates_go_into_pooling() -> None:
    found = c.from_interval([0.5, 0.7], [2.0, 1.9], measure="HR")
    est = found.estimates(labels=["A", "B"])
    assert (est.measure, est.labels) == ("HR", ("A", "B"))
    np.testing.assert_allclose(est.vi, found.vi, rtol=1e-15)
    assert "2 estimates" in str(found)
    assert "se" in str(c.from_interval(0.5, 2.0, measure="HR"))


# --- test statistics ------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(sizes, numbers, spreads, sizes, numbers, spreads, st.sampled_from(["SMD", "RPB", "D2ORL", "D2ORN"]))
def test_t_f_and_p_give_the_effect_of_the_means_they_came_from(
    n1: int, m1: float, s1: float, n2: int, m2: float, s2: float, code: str
) -> None:
    from scipy.special import stdtr

    es = effect_sizes(two_means([n1], [m1], [s1], [n2], [m2], [s2]), code)
    pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2)
    t = (m1 - m2) / np.sqrt(pooled * (1 / n1 + 1 / n2))
    sign = 1 if t >= 0 else -1
    found = c.from_t(t, n1, n2, measure=code)
    assert found.estimate == pytest.approx(es.yi[0], rel=1e-9, abs=1e-12)
    assert found.vi == pytest.approx(es.vi[0], rel=1e-9)
    by_f = c.from_f(t**2, n1, n2, sign=sign, measure=code)
    assert (by_f.estimate, by_f.se) == pytest.approx((found.estimate, found.se), rel=1e-9, abs=1e-150)
    p = 2 * stdtr(n1 + n2 - 2, -abs(t))
    if 1e-200 < p < 1 - 1e-6:  # at p = 1 the effect is lost in rounding
        by_p = c.from_t_test_p(p, n1, n2, sign=sign, measure=code)
        assert by_p.estimate == pytest.approx(found.estimate, rel=1e-6, abs=1e-9)


def test_a_paired_t_is_the_change_over_its_spread() -> None:
    es = effect_sizes(pre_post([20], [19.7], [14.8], [23.1], [13.8], [0.47]), "SMCC")
    spread = c.sd_of_change(14.8, 13.8, 0.47)
    found = c.from_paired_t((19.7 - 23.1) / (spread / 20**0.5), 20)
    assert (found.estimate, found.vi) == pytest.approx((es.yi[0], es.vi[0]), rel=1e-12)


def test_chi_squared_is_n_phi_squared() -> None:
    a, b, d, e = 7, 13, 15, 5
    es = effect_sizes(two_arms([a], [a + b], [d], [d + e]), "PHI")
    n = a + b + d + e
    expected = np.outer([a + b, d + e], [a + d, b + e]) / n
    chi2 = ((np.array([[a, b], [d, e]]) - expected) ** 2 / expected).sum()
    assert c.from_chi2(chi2, n, sign=-1, measure="COR").estimate == pytest.approx(es.yi[0], rel=1e-12)


def test_correlation_from_t_is_the_one_that_has_this_t() -> None:
    r, n = 0.37, 25
    t = r * np.sqrt((n - 2) / (1 - r**2))
    assert c.correlation_from_t(t, n - 2) == pytest.approx(r, rel=1e-14)
    assert c.correlation_from_t(1e200, 5) == 1.0  # no overflow


# --- measures -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.floats(-4, 4), st.floats(0.01, 2), st.sampled_from(["hasselblad-hedges", "cox"]))
def test_odds_ratio_and_smd_there_and_back(y: float, se: float, method: str) -> None:
    there = c.smd_from_odds_ratio(y, se, method=method)
    back = c.odds_ratio_from_smd(there.estimate, there.se, method=method)
    assert (back.estimate, back.se) == pytest.approx((y, se), rel=1e-13)


@settings(max_examples=60, deadline=None)
@given(st.floats(-0.99, 0.99), st.floats(0.001, 0.5))
def test_correlation_and_smd_there_and_back(r: float, se: float) -> None:
    there = c.smd_from_correlation(r, se)
    back = c.correlation_from_smd(there.estimate, there.se, 30, 30)
    assert (back.estimate, back.se) == pytest.approx((r, se), rel=1e-10)


def test_odds_ratio_from_smd_is_what_effect_sizes_does() -> None:
    two = two_means([9], [2], [1], [9], [4], [2])
    d = effect_sizes(two, "SMD", correct=False)
    for code, method in (("D2ORL", "hasselblad-hedges"), ("D2ORN", "cox")):
        es = effect_sizes(two, code)
        found = c.odds_ratio_from_smd(d.yi[0], d.vi[0] ** 0.5, method=method)
        assert (found.estimate, found.vi) == pytest.approx((es.yi[0], es.vi[0]), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_risk_and_odds_ratios_of_two_risks(p1: float, p0: float) -> None:
    risk, odds = p1 / p0, (p1 / (1 - p1)) / (p0 / (1 - p0))
    assert c.risk_ratio_from_odds_ratio(odds, p0) == pytest.approx(risk, rel=1e-10)
    assert c.odds_ratio_from_risk_ratio(risk, p0) == pytest.approx(odds, rel=1e-8)


# --- spreads --------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=8), st.lists(numbers, min_size=2, max_size=8))
def test_two_groups_taken_as_one_are_all_their_people(first: list[float], second: list[float]) -> None:
    a, b = np.array(first), np.array(second)
    both = np.concatenate([a, b])
    found = c.combine_groups(a.size, a.mean(), a.std(ddof=1), b.size, b.mean(), b.std(ddof=1))
    assert found.n == both.size
    assert isinstance(found.n, int)
    assert found.mean == pytest.approx(both.mean(), rel=1e-9, abs=1e-9)
    assert found.sd == pytest.approx(both.std(ddof=1), rel=1e-7, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(spreads, spreads, st.floats(-1, 1))
def test_correlation_and_spread_of_changes_there_and_back(s1: float, s2: float, r: float) -> None:
    spread = c.sd_of_change(s1, s2, r)
    if abs(s1 - s2) <= spread <= s1 + s2:
        assert c.correlation_from_change(s1, s2, spread) == pytest.approx(r, abs=1e-6)


def test_spreads_from_errors_and_intervals_there_and_back() -> None:
    from scipy.special import stdtrit

    sd, n = 5.1, 25
    se = sd / n**0.5
    assert c.sd_from_se(se, n) == pytest.approx(sd, rel=1e-15)
    half = stdtrit(n - 1, 0.975) * se
    assert c.sd_from_interval(30 - half, 30 + half, n) == pytest.approx(sd, rel=1e-12)
    assert c.sd_from_difference(sd * (1 / 25 + 1 / 22) ** 0.5, 25, 22) == pytest.approx(sd, rel=1e-15)


# --- medians, quartiles, extremes -----------------------------------------------------------------------------------

FIVE = {"minimum": -3.0, "q1": -1.0, "median": 0.2, "q3": 1.1, "maximum": 2.5}


def _by_mpmath(n: int, five: dict[str, float], keys: str) -> dict[str, Any]:
    """The published formulas, written again with fifty digits; keys: r(ange), q(uartiles), b(oth)."""
    mpmath.mp.dps = 50
    a, q1, m, q3, b = (mpmath.mpf(five[key]) for key in ("minimum", "q1", "median", "q3", "maximum"))
    size = mpmath.mpf(n)

    def quantile(p: Any) -> Any:
        return mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)

    xi = 2 * quantile((size - mpmath.mpf("0.375")) / (size + mpmath.mpf("0.25")))
    eta = 2 * quantile((mpmath.mpf("0.75") * size - mpmath.mpf("0.125")) / (size + mpmath.mpf("0.25")))
    power = size ** mpmath.mpf("0.75")
    if keys == "r":
        w = 4 / (4 + power)
        return {"luo-2018": w * (a + b) / 2 + (1 - w) * m, "wan-2014": (a + 2 * m + b) / 4, "sd": (b - a) / xi}
    if keys == "q":
        w = mpmath.mpf("0.7") + mpmath.mpf("0.39") / size
        return {"luo-2018": w * (q1 + q3) / 2 + (1 - w) * m, "wan-2014": (q1 + m + q3) / 3, "sd": (q3 - q1) / eta}
    w1 = mpmath.mpf("2.2") / (mpmath.mpf("2.2") + power)
    w2 = mpmath.mpf("0.7") - mpmath.mpf("0.72") / size ** mpmath.mpf("0.55")
    theta1 = (2 + mpmath.mpf("0.14") * size ** mpmath.mpf("0.6")) * xi / 2  # the paper's shortcut formula
    theta2 = (2 + 2 / (mpmath.mpf("0.07") * size ** mpmath.mpf("0.6"))) * eta / 2
    return {
        "luo-2018": w1 * (a + b) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * m,
        "wan-2014": (a + 2 * q1 + 2 * m + 2 * q3 + b) / 8,
        "sd": (b - a) / theta1 + (q3 - q1) / theta2,
        "sd-wan": ((b - a) / xi + (q3 - q1) / eta) / 2,
    }


@pytest.mark.parametrize("n", [5, 9, 30, 401, 100_000])
@pytest.mark.parametrize("keys", ["r", "q", "b"])
def test_quantile_formulas_are_the_published_ones(n: int, keys: str) -> None:
    names = {"r": ("minimum", "maximum"), "q": ("q1", "q3"), "b": ("minimum", "q1", "q3", "maximum")}[keys]
    five = {name: FIVE[name] for name in names}
    want = _by_mpmath(n, FIVE, keys)
    for mean_method in ("luo-2018", "wan-2014"):
        found = c.mean_sd_from_quantiles(n, median=FIVE["median"], mean_method=mean_method, **five)
        assert found.mean == pytest.approx(float(want[mean_method]), rel=1e-12, abs=1e-14)
        assert found.sd == pytest.approx(float(want["sd"]), rel=1e-12)
    if keys == "b":
        found = c.mean_sd_from_quantiles(n, median=FIVE["median"], sd_method="wan-2014", **five)
        assert found.sd == pytest.approx(float(want["sd-wan"]), rel=1e-12)


def test_range_over_its_divisor_is_the_control_chart_constant() -> None:
    """Mean range of n normal values over their sd, tabulated as d2 for control charts; ours is within 2 %."""
    for n, d2 in ((5, 2.326), (10, 3.078), (15, 3.472), (25, 3.931)):
        sd = c.mean_sd_from_quantiles(n, median=0.0, minimum=-d2 / 2, maximum=d2 / 2).sd
        assert sd == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("keys", ["r", "q", "b"])
def test_normal_data_give_their_mean_and_spread_and_are_seldom_called_skewed(keys: str) -> None:
    """20,000 samples of 49 = 4 · 12 + 1, the papers' quartiles being the 13th and 37th value (seed 7): no bias beyond
    2 %, about 5 % called skewed (standard error 0.15 %; the formulas for the limits are fits)."""
    n = 49
    x = np.sort(np.random.default_rng(7).normal(10.0, 2.0, (20_000, n)), axis=1)
    q1, median, q3 = x[:, 12], x[:, 24], x[:, 36]
    five: dict[str, Any] = {}
    if keys in "rb":
        five |= {"minimum": x[:, 0], "maximum": x[:, -1]}
    if keys in "qb":
        five |= {"q1": q1, "q3": q3}
    found = c.mean_sd_from_quantiles(n, median=median, **five)
    assert found.mean.mean() == pytest.approx(10.0, abs=0.02)
    assert found.sd.mean() == pytest.approx(2.0, rel=0.02)
    assert 0.035 < found.skewed.mean() < 0.065
    lognormal = {name: np.exp(column / 2) for name, column in {**five, "median": median}.items()}
    assert c.mean_sd_from_quantiles(n, **lognormal).skewed.mean() > 0.3


def test_skewed_data_are_named() -> None:
    found = c.mean_sd_from_quantiles([40, 40], median=[3.0, 10.0], q1=[2.0, 8.0], q3=[9.0, 12.0])
    assert found.skewed.tolist() == [True, False]
    assert "position 0" in found.notes[0].text
    assert found.skewness[0] == pytest.approx(5 / 7)
    assert found.skewness_limit[0] == pytest.approx(2.65 / 40**0.5 - 6 / 1600)


def test_quantiles_move_and_stretch_with_the_data() -> None:
    one = c.mean_sd_from_quantiles(20, **FIVE)
    moved = c.mean_sd_from_quantiles(20, **{name: 5 + 3 * value for name, value in FIVE.items()})
    assert moved.mean == pytest.approx(5 + 3 * one.mean, rel=1e-13)
    assert moved.sd == pytest.approx(3 * one.sd, rel=1e-13)
    mirrored = dict(zip(FIVE, [-FIVE[name] for name in reversed(FIVE)], strict=True))
    back = c.mean_sd_from_quantiles(20, **mirrored)
    assert (back.mean, back.sd, back.skewed) == pytest.approx((-one.mean, one.sd, one.skewed), rel=1e-13)


# --- bad input, shapes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: c.from_interval([1, 0, 3], [2, 3, 2], measure="OR"), ["position 1: low = 0", "position 2: low = 3"]),
        (lambda: c.from_interval(1, 2, estimate=3, measure="OR"), ["estimate = 3 is outside its own interval"]),
        (lambda: c.from_interval(1, 2, level=95), ["level = 95 is not between 0 and 1"]),
        (lambda: c.from_interval("1", 2), ["low = '1' (str) is not a number"]),
        (lambda: c.from_interval([1, None], 2), ["low[1]"]),
        (lambda: c.from_interval([1, float("nan")], 2), ["position 1: low = nan is not a finite number"]),
        (lambda: c.from_interval(1, 2, measure="PFT"), ["on which scale"]),
        (lambda: c.from_interval(1, 2, scale="square"), ["scale='square'"]),
        (lambda: c.from_interval([1, 2], [2, 3, 4]), ["do not fit together"]),
        (lambda: c.from_p(1.0, 0.3, measure="OR"), ["no effect at all"]),
        (lambda: c.from_p([2, 2, 2], [0, 1, 1.5]), ["position 0: p = 0", "position 1: p = 1", "position 2: p = 1.5"]),
        (lambda: c.from_p(2, 0.6, sides="one"), ["p = 0.6 is 0.5 or more"]),
        (lambda: c.from_p(2, 0.1, sides="three"), ["sides='three'"]),
        (lambda: c.change_level(1, 2, level=[0.9, 0.95], to=0.5), ["single numbers"]),
        (lambda: c.from_t([1, 1], [2, 2.5], [2, 9]), ["position 0: n1 = 2 is too small", "position 1: n1 = 2.5"]),
        (lambda: c.from_t(1, 10, 10, measure="OR"), ["measure='OR'"]),
        (lambda: c.from_t(1, 10, 10, vtype="XX"), ["SMD vtype='XX'"]),
        (lambda: c.from_f(-1, 10, 10, sign=1), ["f = -1 is below 0"]),
        (lambda: c.from_f(1, 10, 10, sign=0), ["sign = 0 is neither 1 nor -1"]),
        (lambda: c.from_t_test_p(0.7, 10, 10, sign=1, sides="one"), ["turn the sign"]),
        (lambda: c.from_paired_t(1, 3), ["at least 4 pairs"]),
        (lambda: c.from_chi2(81, 80, sign=1), ["more than a 2x2 table"]),
        (lambda: c.from_chi2(80, 80, sign=1, measure="COR"), ["no standard error"]),
        (lambda: c.from_correlation(1.0, 80), ["r = 1 is not between -1 and 1"]),
        (lambda: c.from_correlation(0.1, 80, measure="OR"), ["measure='OR'"]),
        (lambda: c.smd_from_odds_ratio(1, 0), ["se = 0 is not above 0"]),
        (lambda: c.smd_from_odds_ratio(1, 1, method="chin"), ["method='chin'"]),
        (lambda: c.odds_ratio_from_risk_ratio(5, 0.25), ["a risk of 1 or more"]),
        (lambda: c.correlation_from_change(1, 1, 3), ["fits no correlation"]),
        (lambda: c.sd_from_se(-1, 1), ["se = -1 is not above 0", "n = 1 is not a whole number of people, at least 2"]),
        (lambda: c.combine_groups(0, 1, 1, 2, 1, 1), ["n1 = 0"]),
        (lambda: c.mean_sd_from_quantiles(20, median=1), ["needs q1 and q3, or minimum and maximum"]),
        (lambda: c.mean_sd_from_quantiles(20, median=1, q1=0), ["needs q1 and q3"]),
        (lambda: c.mean_sd_from_quantiles(20, median=1, q1=0, q3=2, sd_method="shi-2020"), ["needs quartiles and"]),
        (lambda: c.mean_sd_from_quantiles(20, median=[1, 5], q1=[2, 0], q3=[3, 2]), ["q1 = 2 is above", "median = 5"]),
        (lambda: c.mean_sd_from_quantiles([4, 20], median=1, q1=[0, 1], q3=[2, 1]), ["n = 4 is too", "no spread"]),
    ],
)
def test_every_bad_value_is_named(call: Any, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    for text in words:
        assert text in str(caught.value), str(caught.value)


def test_numbers_broadcast_and_come_back_in_their_shape() -> None:
    found = c.from_interval(np.array([[0.5], [0.6]]), np.array([2.0, 3.0, 4.0]), measure="OR")
    assert found.estimate.shape == (2, 3)
    with pytest.raises(ValueError, match="read-only"):
        found.se[0, 0] = 1
    assert isinstance(c.from_interval(0.5, 2.0, measure="OR").se, float)
    k = 300_000
    many = c.from_t(np.linspace(-5, 5, k), 20, 30)
    assert many.estimate[k - 1] == c.from_t(5.0, 20, 30).estimate


def test_all_names_are_documented() -> None:
    for name in c.__all__:
        assert getattr(c, name).__doc__, name
