"""Spontaneous reports: published figures, quantities by other routes, and empty cells by mathematics."""

from __future__ import annotations

import math
from itertools import product

import mpmath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import handful as hf
from handful.stats.reports.disproportionality import information_component
from handful.stats.reports.empirical_bayes import GammaMixture, posterior_of

# DuMouchel W (1999) Am Stat 53:177-190, as worked in the second vignette of openEBGM: 17 reports, three products
REPORTS = {"A": (5, 4), "B": (3, 4), "C": (1, 0)}
EXPECTED = {("A", 0): 4.7647059, ("A", 1): 4.2352941, ("B", 0): 3.7058824, ("B", 1): 3.2941176, ("C", 0): 0.5294118}
RATIO = {("A", 0): 1.05, ("A", 1): 0.94, ("B", 0): 0.81, ("B", 1): 1.21, ("C", 0): 1.89}
PROPORTIONAL = {("A", 0): 1.11, ("A", 1): 0.89, ("B", 0): 0.71, ("B", 1): 1.43, ("C", 0): 2.0}

# hyperparameters of the size that databases give (weight, shapes, rates)
PRIOR = GammaMixture(0.065, 3.25, 0.4, 2.02, 1.91)


def cells(product_name: str, event: int) -> tuple[int, int, int, int]:
    row = REPORTS[product_name]
    a, b = row[event], row[1 - event]
    c = sum(r[event] for r in REPORTS.values()) - a
    return a, b, c, 17 - a - b - c


@pytest.mark.parametrize("pair", list(EXPECTED))
def test_every_published_quantity_is_reproduced(pair: tuple[str, int]) -> None:
    found = hf.reporting_signal(*cells(*pair))
    assert not isinstance(found, hf.NotEstimable)
    assert found.expected == pytest.approx(EXPECTED[pair], abs=5e-8)  # seven printed decimals
    assert found.ratio == pytest.approx(RATIO[pair], abs=0.006)  # two printed decimals, some cut
    assert found.proportional_reporting_ratio == pytest.approx(PROPORTIONAL[pair], abs=0.006)


def test_limits_are_log_normal_with_the_textbook_errors() -> None:
    found = hf.reporting_signal(20, 100, 200, 10000)
    assert not isinstance(found, hf.NotEstimable)
    z = float(mpmath.sqrt(2) * mpmath.erfinv(0.95))
    for ratio, interval, se in (
        (20 * 10000 / (100 * 200), found.reporting_odds_ratio_interval, math.sqrt(1 / 20 + 1 / 100 + 1 / 200 + 1e-4)),
        (
            (20 / 120) / (200 / 10200),
            found.proportional_reporting_ratio_interval,
            math.sqrt(1 / 20 - 1 / 120 + 1 / 200 - 1 / 10200),
        ),
    ):
        assert isinstance(interval, hf.Interval)
        assert interval.estimate == pytest.approx(ratio, rel=1e-12)
        assert (interval.low, interval.high) == pytest.approx(
            (ratio * math.exp(-z * se), ratio * math.exp(z * se)), rel=1e-10
        )


@pytest.mark.parametrize(("n", "expected"), [(0, 0.0), (0, 3.2), (4, 0.5), (20, 2.59), (1, 40.0)])
def test_the_information_component_is_the_gamma_posterior_on_base_two(n: int, expected: float) -> None:
    found = information_component(n, expected)
    assert found.estimate == pytest.approx(math.log2((n + 0.5) / (expected + 0.5)), rel=1e-12)
    for value, share in ((found.low, 0.025), (found.high, 0.975)):
        x = mpmath.mpf(2) ** value * (expected + 0.5)
        assert float(mpmath.gammainc(n + 0.5, 0, x, regularized=True)) == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize(("n", "expected"), [(0, 0.1), (3, 1.5), (20, 2.59), (100, 90.0)])
def test_ebgm_is_the_posterior_by_direct_integration(n: int, expected: float) -> None:
    """λ^n e^(−λE) times the prior, integrated by mpmath: no formula of the program is used."""

    def prior(x: mpmath.mpf) -> mpmath.mpf:
        def gamma(shape: float, rate: float) -> mpmath.mpf:
            return mpmath.mpf(rate) ** shape * x ** (shape - 1) * mpmath.exp(-rate * x) / mpmath.gamma(shape)

        return PRIOR.weight * gamma(PRIOR.shape1, PRIOR.rate1) + (1 - PRIOR.weight) * gamma(PRIOR.shape2, PRIOR.rate2)

    def weight(x: mpmath.mpf) -> mpmath.mpf:
        return prior(x) * x**n * mpmath.exp(-x * expected)

    middle, sd = (n + 2.0) / (expected + 1.9), (n + 2.0) ** 0.5 / (expected + 0.4)
    ends = sorted({0.0, *(max(middle + k * sd, 0.0) for k in (-8, -4, -2, -1, 0, 1, 2, 4, 8, 16, 60))})
    total = mpmath.quad(weight, ends)
    log_mean = mpmath.quad(lambda x: weight(x) * mpmath.log(x), ends) / total
    found = posterior_of(n, expected, PRIOR)
    assert found.geometric_mean == pytest.approx(float(mpmath.exp(log_mean)), rel=1e-6)
    for share in (0.05, 0.95):
        below = mpmath.quad(weight, [e for e in ends if e < found.quantile(share)] + [found.quantile(share)]) / total
        assert float(below) == pytest.approx(share, rel=1e-6)


def test_ebgm_pulls_few_reports_to_the_prior_and_many_to_their_ratio() -> None:
    few = hf.reporting_signal(1, 0, 8, 8)
    many = hf.reporting_signal(2000, 18000, 8000, 1972000)
    assert not isinstance(few, hf.NotEstimable)
    assert not isinstance(many, hf.NotEstimable)
    assert few.ebgm(PRIOR).estimate < few.ratio
    assert many.ebgm(PRIOR).estimate == pytest.approx(many.ratio, rel=0.01)


def test_empty_cells_follow_mathematics_and_give_no_limits() -> None:
    for a, b, c, d in product((0, 4), repeat=4):
        found = hf.reporting_signal(a, b, c, d)
        if a + b + c + d == 0:
            assert isinstance(found, hf.NotEstimable)
            continue
        assert not isinstance(found, hf.NotEstimable)
        odds = found.reporting_odds_ratio
        if b * c == 0:
            assert isinstance(odds, hf.NotEstimable) if a * d == 0 else odds == math.inf
        else:
            assert odds == a * d / (b * c)
        if min(a, b, c, d) < 3:
            assert isinstance(found.reporting_odds_ratio_interval, hf.NotEstimable)
            assert isinstance(found.proportional_reporting_ratio_interval, hf.NotEstimable)
        assert math.isfinite(found.information_component.low)
        assert math.isfinite(found.information_component.high)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(*[st.integers(0, 500)] * 4).filter(any))
def test_drug_and_event_may_be_exchanged(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    one, other = hf.reporting_signal(a, b, c, d), hf.reporting_signal(a, c, b, d)
    assert not isinstance(one, hf.NotEstimable)
    assert not isinstance(other, hf.NotEstimable)
    assert one.information_component == other.information_component
    assert one.reporting_odds_ratio == other.reporting_odds_ratio


def test_every_result_says_reports_not_rates() -> None:
    found = hf.reporting_signal(5, 4, 4, 4)
    assert not isinstance(found, hf.NotEstimable)
    assert "reports, not rates" in str(found)
    assert "reports, not rates" in found.to_dict()["notes"][0]
    assert "reports, not rates" in str(found.ebgm(PRIOR))
    nothing = hf.reporting_signal(0, 0, 0, 0)
    assert isinstance(nothing, hf.NotEstimable)
    assert nothing.notes[0].code == "reports-not-rates"


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "3"])
def test_only_whole_numbers_of_reports_are_taken(wrong: object) -> None:
    with pytest.raises(hf.HandfulError, match="no number of reports"):
        hf.reporting_signal(wrong, 1, 1, 1)  # type: ignore[arg-type]
