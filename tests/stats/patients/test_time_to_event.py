"""Time to event: the remission times of 6-mercaptopurine, Clopper–Pearson without censoring, exact arithmetic."""

from __future__ import annotations

import doctest
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import handful as hf
from handful.stats.patients import beta_product, survival
from handful.stats.patients.beta_product import product_quantile
from handful.stats.results import NotEstimable

# Freireich et al. 1963, as in Kalbfleisch & Prentice (1980) and most textbooks: 21 children, weeks of remission
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSE = [1] * 9 + [0] * 12


@pytest.mark.parametrize("module", [beta_product, survival])
def test_docstring_examples(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_mercaptopurine_as_printed_in_textbooks() -> None:
    """S(t), and Greenwood's limits on the log scale as R's survival prints them (3 decimals); the median is 23 weeks
    (16 to no end)."""
    curve = hf.time_to_event(WEEKS, RELAPSE, method="log")
    printed = {
        6: (0.857, 0.720, 1.000),
        7: (0.807, 0.653, 0.996),
        10: (0.753, 0.586, 0.968),
        13: (0.690, 0.510, 0.935),
        16: (0.627, 0.439, 0.896),
        22: (0.538, 0.337, 0.858),
        23: (0.448, 0.249, 0.807),
    }
    for week, values in printed.items():
        got = curve.at(week)
        assert (got.estimate, got.low, got.high) == pytest.approx(values, abs=5.1e-4), week
    assert curve.median.estimate == 23
    assert curve.median.low == 16
    assert math.isinf(curve.median.high)
    assert curve.at_risk_at([6, 7, 10, 13, 23]).tolist() == [21, 17, 15, 12, 6]


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("n", [1, 2, 5, 11])
def test_without_censoring_it_is_clopper_pearson(n: int, level: float) -> None:
    curve = hf.time_to_event(range(1, n + 1), [1] * n, level=level)
    for had in range(n + 1):
        exact = hf.proportion(n - had, n, level=level)
        assert curve.low[had] == pytest.approx(exact.low, rel=1e-12, abs=1e-15)
        assert curve.high[had] == pytest.approx(exact.high, rel=1e-12)


def test_everybody_at_once_is_clopper_pearson_too() -> None:
    curve = hf.time_to_event([3] * 4 + [9] * 2, [1] * 4 + [0] * 2)
    exact = hf.proportion(2, 6)
    at = curve.at(3)
    assert (at.estimate, at.low, at.high) == pytest.approx((exact.estimate, exact.low, exact.high))


def _probability(rates: tuple[int, ...], w: Fraction) -> Fraction:
    """P(Π Beta(m, 1) ≤ w) in exact rational arithmetic, by partial fractions."""
    total = Fraction(0)
    for m in rates:
        weight = Fraction(1)
        for k in rates:
            if k != m:
                weight *= Fraction(k, k - m)
        total += weight * w**m
    return total


@pytest.mark.parametrize("rates", [(10, 8, 7, 4, 2), (30, 29, 28, 20, 11, 10, 3), tuple(range(90, 10, -3)), (5, 1)])
@pytest.mark.parametrize("below", [0.005, 0.025, 0.5, 0.975])
def test_quantile_of_the_product_in_exact_arithmetic(rates: tuple[int, ...], below: float) -> None:
    w = product_quantile(rates, below)
    assert float(_probability(rates, Fraction(w))) == pytest.approx(below, rel=1e-11)


def test_quantile_of_the_product_by_drawing() -> None:
    """Four million products of betas: the Monte Carlo error of a quantile is about 2e-4."""
    generator = np.random.default_rng(20261128)
    rates = (12, 9, 8, 5, 1)
    product = np.exp(sum(np.log(generator.beta(m, 1, 4_000_000)) for m in rates))
    for below in (0.025, 0.5, 0.975):
        assert product_quantile(rates, below) == pytest.approx(float(np.quantile(product, below)), abs=6e-4)


def test_one_beta_for_the_product_is_near_it() -> None:
    """What is used above 150 events: the third decimal of a limit does not change (4e-4 off at 80 events)."""
    rates = tuple(m for m in range(120, 20, -1) if m % 5)
    for below in (0.025, 0.975):
        exact, one = (product_quantile(rates, below, exact=e) for e in (True, False))
        assert one == pytest.approx(exact, abs=5e-4)


def test_limits_keep_their_level_with_censoring() -> None:
    """12 people, exponential events, uniform leaving: 1,000 curves; 95 % limits of S(t) may miss in at most 2.5 % on
    either side (binomial error 0.5 %, three of them allowed)."""
    generator = np.random.default_rng(7)
    missed = np.zeros(2)
    truth = math.exp(-0.7)
    for _ in range(1000):
        event, leaves = generator.exponential(1.0, 12), generator.uniform(0, 2.5, 12)
        leaves = np.minimum(leaves, 0.7001)  # what happens later changes nothing at 0.7
        curve = hf.time_to_event(np.minimum(event, leaves), (event <= leaves).astype(int))
        at = curve.at(0.7)
        if isinstance(at, NotEstimable):
            continue
        missed += [at.low > truth, at.high < truth]
    assert (missed / 1000 <= 0.025 + 3 * 0.005).all()


def test_log_log_and_plain_agree_with_their_formulas() -> None:
    s, se, z = 0.857142857, 0.0763604, 1.959963985  # Greenwood at 6 weeks
    plain, double = (hf.time_to_event(WEEKS, RELAPSE, method=m).at(6) for m in ("plain", "log-log"))
    assert plain.low == pytest.approx(s - z * se, abs=1e-6)
    theta = math.exp(z * se / (s * math.log(s)))
    assert (double.low, double.high) == pytest.approx((s ** (1 / theta), s**theta), abs=1e-6)
    assert (double.low, double.high) == pytest.approx((0.620, 0.952), abs=6e-4)  # Klein & Moeschberger print these


def test_edges() -> None:
    nobody = hf.time_to_event([3, 4, 9], [0, 0, 0])
    assert nobody.survival.tolist() == [1, 1, 1, 1]
    assert isinstance(nobody.median, NotEstimable)
    assert nobody.at(2).low == pytest.approx(hf.proportion(3, 3).low)
    assert nobody.had_event_by(2).high == pytest.approx(1 - hf.proportion(3, 3).low)
    assert isinstance(nobody.at(10), NotEstimable)
    at_start = hf.time_to_event([0, 2], [1, 1])
    assert at_start.times.tolist() == [0, 2]
    assert at_start.at(0).estimate == 0.5
    assert at_start.at(5).estimate == 0
    assert isinstance(hf.time_to_event([None], [1]), NotEstimable)
    left = hf.time_to_event([1, None, 3], [1, 0, 1])
    assert left.people == 2
    assert str(left.notes[0]) == "person 2: left out: time missing"


@pytest.mark.parametrize("column", [list, np.array, pandas.Series, polars.Series])
def test_columns_of_every_kind(column: Any) -> None:
    assert hf.time_to_event(column(WEEKS), column(RELAPSE)).median.estimate == 23


@pytest.mark.parametrize(
    ("time", "event", "words"),
    [
        ([1, -2], [1, 1], "time is -2, below 0"),
        ([1, 2], [1, 2], "event is 2; it must be 0 or 1"),
        ([1, "x"], [1, 1], "'x', not a number"),
        ([1, None, -1], [1, 1, 1], "time is -1, below 0"),
        ([1, 2, 3], [1, 1], "differ in length"),
        ([1, math.inf], [1, 1], "time is infinite"),
    ],
)
def test_bad_input_is_told_in_words(time: Any, event: Any, words: str) -> None:
    with pytest.raises(hf.HandfulError, match=words):
        hf.time_to_event(time, event)


def test_results_print_and_go_into_a_notebook() -> None:
    curve = hf.time_to_event(WEEKS, RELAPSE)
    assert str(curve).startswith("9 events in 21 people; median 23 (")
    assert "<caption>9 events in 21 people" in curve._repr_html_()
    assert len(curve.to_frame()) == len(curve.times) == len(curve.to_dict()["steps"])
