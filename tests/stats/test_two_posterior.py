"""The posterior of a difference of proportions: against closed forms, mpmath, and its own definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import beta, betainc, mp, mpf, quad
from scipy import special

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.priors import Beta

TABLES = [(1, 4, 0, 4), (0, 4, 0, 4), (4, 4, 0, 4), (1, 1, 0, 1), (7, 34, 1, 34), (0, 3, 5, 5)]


def closed_form(a1: int, b1: int, a2: int, b2: int) -> float:
    """P(p1 > p2) for whole Beta parameters: a sum of a1 terms of one sign."""
    i = np.arange(a1)
    log = special.betaln(a2 + i, b1 + b2) - np.log(b1 + i) - special.betaln(1 + i, b1) - special.betaln(a2, b2)
    return float(np.exp(log).sum())


@pytest.mark.parametrize(
    "table", [*TABLES, (30, 50, 20, 60), (3, 1000, 0, 1000), (0, 1000, 0, 3), (499, 1000, 500, 1000)]
)
def test_uniform_priors_agree_with_the_closed_form(table: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = table
    want = closed_form(x1 + 1, n1 - x1 + 1, x2 + 1, n2 - x2 + 1)
    assert hf.two_groups(*table).probability_greater(prior="uniform") == pytest.approx(want, abs=1e-11)


def by_mpmath(a1: float, b1: float, a2: float, b2: float, x: float) -> float:
    """P(p1 - p2 <= x), integrated over powers of p2 and 1 - p2, which take their singularities away."""
    with mp.workdps(20):
        a1, b1, a2, b2, x = (mpf(v) for v in (a1, b1, a2, b2, x))
        low, high = max(mpf(0), -x), min(mpf(1), 1 - x)
        middle = (low + high) / 2

        def left(u: Any) -> Any:
            p = u ** (1 / a2)
            y = min(max(p + x, mpf(0)), mpf(1))
            return (1 - p) ** (b2 - 1) / a2 / beta(a2, b2) * betainc(a1, b1, 0, y, regularized=True)

        def right(u: Any) -> Any:
            q = u ** (1 / b2)
            y = min(max(1 - q + x, mpf(0)), mpf(1))
            return (1 - q) ** (a2 - 1) / b2 / beta(a2, b2) * betainc(a1, b1, 0, y, regularized=True)

        value = quad(left, [low**a2, middle**a2]) + quad(right, [(1 - high) ** b2, (1 - middle) ** b2])
        if x > 0:
            value += betainc(a2, b2, 1 - x, 1, regularized=True)
        return float(value)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("prior", ["jeffreys", ((2, 3), (0.1, 0.7))])
def test_distribution_function_agrees_with_mpmath(table: tuple[int, int, int, int], prior: Any) -> None:
    x1, n1, x2, n2 = table
    posterior = hf.two_groups(*table).posterior_difference(prior=prior)
    (a1, b1), (a2, b2) = posterior.prior
    for x in (-0.45, 0.0, 0.3):
        want = by_mpmath(x1 + a1, n1 - x1 + b1, x2 + a2, n2 - x2 + b2, x)
        assert posterior.cdf(x) == pytest.approx(want, abs=1e-10)


def test_one_in_four_against_none_in_four() -> None:
    """.84 with Jeffreys priors, .78 with uniform ones: the prior moves it, and is to be printed with it."""
    groups = hf.two_groups(1, 4, 0, 4)
    assert groups.probability_greater() == pytest.approx(0.84, abs=0.005)
    assert groups.probability_greater(prior="uniform") == pytest.approx(7 / 9, abs=1e-13)


def test_mean_and_sd_are_those_of_two_beta_distributions() -> None:
    posterior = hf.two_groups(1, 4, 0, 4).posterior_difference(prior="uniform")
    assert posterior.mean == pytest.approx(2 / 6 - 1 / 6, abs=1e-15)
    assert posterior.sd == pytest.approx(math.sqrt(2 * 4 / (36 * 7) + 5 / (36 * 7)), abs=1e-15)


tables = st.tuples(st.integers(0, 60), st.integers(0, 60)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(["jeffreys", "uniform", (0.3, 2.0)]), st.floats(0.001, 0.999))
def test_quantiles_mirror_images_and_complements(table: tuple[int, int, int, int], prior: Any, q: float) -> None:
    x1, n1, x2, n2 = table
    one = hf.two_groups(*table).posterior_difference(prior=prior)
    other = hf.two_groups(x2, n2, x1, n1).posterior_difference(prior=prior)
    x = one.quantile(q)
    assert -1 <= x <= 1
    assert one.cdf(x) == pytest.approx(q, abs=1e-9)
    assert other.quantile(1 - q) == pytest.approx(-x, abs=1e-8)
    assert one.probability(above=0.1) == pytest.approx(1 - one.cdf(0.1), abs=1e-10)
    assert one.probability(above=-0.2, below=0.1) == pytest.approx(one.cdf(0.1) - one.cdf(-0.2), abs=1e-10)
    assert hf.two_groups(*table).probability_greater(prior=prior) == pytest.approx(one.probability(above=0), abs=1e-12)


def test_nothing_lies_outside_minus_one_to_one() -> None:
    posterior = hf.two_groups(1, 4, 0, 4).posterior_difference()
    assert posterior.cdf(-1.0) == 0.0
    assert posterior.cdf(1.0) == 1.0
    assert posterior.cdf(7) == 1.0
    assert posterior.probability(above=1) == 0.0


def test_interval_and_arrays() -> None:
    many = hf.two_groups([1, 7, 0], [4, 34, 10_000], [0, 1, 0], [4, 34, 3]).posterior_difference()
    got = many.interval(0.9)
    assert np.asarray(got.low).shape == (3,)
    one = hf.two_groups(7, 34, 1, 34).posterior_difference()
    assert got.low[1] == pytest.approx(one.quantile(0.05), abs=1e-12)  # type: ignore[index]
    assert got.high[1] == pytest.approx(one.quantile(0.95), abs=1e-12)  # type: ignore[index]
    assert one.interval().level == 0.95
    assert np.all(many.probability(below=0.2) <= 1)


def test_a_small_probability_keeps_its_digits() -> None:
    """10 of 10 against 0 of 10, the wrong way round, uniform priors: 1/C(22, 11)."""
    groups = hf.two_groups(0, 10, 10, 10)
    assert groups.probability_greater(prior="uniform") == pytest.approx(1 / math.comb(22, 11), rel=1e-9)


def test_a_group_of_nobody_is_described_by_its_prior() -> None:
    assert hf.two_groups(0, 0, 0, 0).probability_greater() == pytest.approx(0.5, abs=1e-12)


def test_priors_are_read_and_refused() -> None:
    groups = hf.two_groups(1, 4, 0, 4)
    half = groups.probability_greater()
    assert groups.probability_greater(prior=(0.5, 0.5)) == half
    assert groups.probability_greater(prior=((0.5, 0.5), (0.5, 0.5))) == half
    assert groups.probability_greater(prior=("jeffreys", "jeffreys")) == half
    assert groups.probability_greater(prior=Beta(0.5, 0.5)) == half
    with pytest.raises(UnknownChoice, match="jeffreys"):
        groups.probability_greater(prior="jefreys")
    for bad in (3, (1, 0), (1, -1), (1, 2, 3), ((1, 1), (1, float("nan"))), None, ((1, 1), 2)):
        with pytest.raises(InputError, match="prior="):
            groups.probability_greater(prior=bad)
    posterior = groups.posterior_difference()
    for wrong in (
        lambda: posterior.quantile(0),
        lambda: posterior.quantile(1.5),
        lambda: posterior.cdf("x"),
        posterior.probability,
    ):
        with pytest.raises(InputError):
            wrong()
