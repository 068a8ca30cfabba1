"""The beta–binomial fit: against scipy's own distribution and optimiser, its limits, its edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.special import chdtri
from scipy.stats import beta, betabinom

from handful.stats.count_models.beta_binomial import Counts, pool_beta_binomial
from handful.stats.results import Fit, Interval, NotEstimable

SETS: list[tuple[list[int], list[int]]] = [
    ([3, 5, 1, 7, 0], [10, 12, 9, 11, 6]),
    ([16, 10, 4, 43, 10, 25, 13, 12, 22, 4, 5, 18, 58, 6], [17, 12, 8, 58, 10, 42, 14, 12, 41, 5, 6, 23, 68, 10]),
    ([1, 9], [10, 10]),
    ([0, 0, 0, 40], [50, 20, 30, 41]),
]


def _by_scipy(x: Any, n: Any, m: float, phi: float) -> float:
    return float(betabinom.logpmf(x, n, m / phi, (1 - m) / phi).sum())


@pytest.mark.parametrize(("x", "n"), SETS)
def test_highest_likelihood_equals_scipy(x: list[int], n: list[int]) -> None:
    fit = pool_beta_binomial(x, n)
    assert isinstance(fit, Fit)
    found = minimize(
        lambda p: -_by_scipy(x, n, 1 / (1 + math.exp(-p[0])), math.exp(p[1])),
        [0.0, -1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-13},
    )  # fmt: skip
    assert fit.log_likelihood == pytest.approx(-found.fun, abs=1e-8)
    assert fit.estimate == pytest.approx(1 / (1 + math.exp(-found.x[0])), abs=1e-5)
    phi = math.exp(found.x[1])
    assert fit.details["rho"].estimate == pytest.approx(phi / (1 + phi), abs=1e-5)


@pytest.mark.parametrize(("x", "n"), SETS)
def test_profile_limits_solve_their_equation(x: list[int], n: list[int]) -> None:
    fit = pool_beta_binomial(x, n)
    for m in (fit.low, fit.high):
        best = minimize_scalar(
            lambda r, m=m: -_by_scipy(x, n, m, math.exp(r)), bounds=(-16, 12), method="bounded", options={"xatol": 1e-9}
        )
        assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(float(chdtri(1, 0.05)), abs=1e-5)
    rho = fit.details["rho"]
    for limit in (v for v in (rho.low, rho.high) if 0 < v < 1):
        best = minimize_scalar(
            lambda c, p=limit / (1 - limit): -_by_scipy(x, n, 1 / (1 + math.exp(-c)), p), bounds=(-12, 12),
            method="bounded", options={"xatol": 1e-9},
        )  # fmt: skip
        assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(float(chdtri(1, 0.05)), abs=1e-5)


def test_derivatives_equal_differences() -> None:
    counts = Counts.of(np.array([3.0, 5, 1, 7, 0]), np.array([10.0, 12, 9, 11, 6]))
    c, phi, h = -0.4, 0.13, 1e-5
    _, gradient, hessian = counts.slopes(c, phi)
    up, down = counts.slopes(c + h, phi), counts.slopes(c - h, phi)
    right, left = counts.slopes(c, phi + h), counts.slopes(c, phi - h)
    # step 1e-5: rounding 1e-14 / 1e-5
    assert gradient[0] == pytest.approx((up[0] - down[0]) / (2 * h), abs=1e-7)
    assert gradient[1] == pytest.approx((right[0] - left[0]) / (2 * h), abs=1e-6)
    assert hessian[0] == pytest.approx((up[1] - down[1]) / (2 * h), abs=1e-5)
    assert hessian[1] == pytest.approx((right[1] - left[1]) / (2 * h), abs=1e-4)


def test_no_spread_is_the_common_rate() -> None:
    fit = pool_beta_binomial([2, 2, 2], [8, 8, 8])
    assert fit.estimate == pytest.approx(0.25, abs=1e-12)
    assert fit.details["rho"].estimate == 0
    assert fit.median == fit.estimate


@pytest.mark.parametrize(("x", "n"), SETS)
def test_event_and_non_event_mirror(x: list[int], n: list[int]) -> None:
    fit, mirror = pool_beta_binomial(x, n), pool_beta_binomial(np.array(n) - x, n)
    assert mirror.estimate == pytest.approx(1 - fit.estimate, abs=1e-9)
    assert mirror.low == pytest.approx(1 - fit.high, abs=1e-7)
    assert mirror.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)


def test_edges() -> None:
    nothing = pool_beta_binomial([0, 0, 0], [4, 5, 3])
    assert isinstance(nothing.estimate, NotEstimable)
    assert nothing.details["total"].high == pytest.approx(1 - 0.05 ** (1 / 12))
    half = pool_beta_binomial([0, 4], [4, 4])
    assert half.estimate == 0.5
    assert half.model == "beta-binomial"
    assert pool_beta_binomial([1], [4]).model == "single-study"
    assert isinstance(pool_beta_binomial([], []), NotEstimable)
    far = pool_beta_binomial([0, 1], [10_000, 1])
    assert isinstance(far, Fit)
    many = pool_beta_binomial([1] + [0] * 499, [3] * 500)
    assert 0 <= many.low < many.estimate < many.high <= 1
    assert isinstance(many.prediction, Interval)


def test_next_patients_is_a_probability_distribution_with_the_right_mean() -> None:
    fit = pool_beta_binomial([3, 5, 1, 7, 0], [10, 12, 9, 11, 6], interval="wald")
    soon = fit.next_patients(10)
    assert sum(soon.probabilities) == pytest.approx(1.0, abs=1e-12)
    assert soon.expected == pytest.approx(sum(r * p for r, p in enumerate(soon.probabilities)))
    assert sum(soon.probabilities[soon.low : soon.high + 1]) >= 0.95
    assert sum(soon.probabilities[: soon.low]) <= 0.025
    assert soon.at_least(0) == pytest.approx(1.0)


def test_prediction_is_the_distribution_of_rates_next_patients_draw_from() -> None:
    """P(rate <= limit) by averaging scipy's Beta over the normal of logit m on another, finer grid."""
    fit = pool_beta_binomial([3, 5, 1, 7, 0], [10, 12, 9, 11, 6])
    _, c, se, phi = fit.details["predictive"]
    u = np.linspace(-8.5, 8.5, 4001)
    weight = np.exp(-0.5 * u * u)
    mean = 1 / (1 + np.exp(-(c + se * u)))
    for limit, share in ((fit.prediction.low, 0.025), (fit.prediction.high, 0.975)):
        below = float(weight @ beta.cdf(limit, mean / phi, (1 - mean) / phi) / weight.sum())
        assert below == pytest.approx(share, abs=1e-9)


def test_without_spread_the_prediction_keeps_the_uncertainty_of_the_mean() -> None:
    fit = pool_beta_binomial([1, 0, 0, 0, 0, 0], [30] * 6)
    assert fit.details["rho"].estimate == 0
    half = 1.959963984540054 * fit.se
    assert fit.prediction.low == pytest.approx(1 / (1 + math.exp(-(fit.coefficient - half))), rel=1e-12)
    assert fit.prediction.high == pytest.approx(1 / (1 + math.exp(-(fit.coefficient + half))), rel=1e-12)
    assert "uncertainty of the mean" in fit.prediction.method


@pytest.mark.parametrize("phi", [1e-9, 1e-4, 0.3, 50.0])
def test_few_points_stand_for_a_million_terms(phi: float) -> None:
    """Against the plain sum over every j, and scipy's beta-binomial where that keeps its digits."""
    x, n = np.array([500_000.0, 400_003, 3, 70]), np.array([1_000_000.0, 999_990, 10, 90])
    counts = Counts.of(x, n)
    assert len(counts.j) < 2_000
    value, gradient, hessian = counts.slopes(-0.3, phi)
    j = np.arange(1_000_000.0)
    a, b, people = (sum((v > j).astype(float) for v in column) for column in (x, n - x, n))
    whole = Counts(j, a, b, people, counts.constant)
    want = whole.slopes(-0.3, phi)
    # three sums of up to 1e7 nearly cancel, and each rounds at 2e-16 of itself several times
    assert value == pytest.approx(want[0], abs=1e-7)
    assert gradient == pytest.approx(want[1], rel=1e-8, abs=1e-7)
    assert hessian == pytest.approx(want[2], rel=1e-8, abs=1e-7)


def test_studies_of_a_million_people_are_quick_and_right() -> None:
    x, n = [500_000, 400_000, 3], [10**6, 10**6, 10]
    fit = pool_beta_binomial(x, n)
    phi = fit.details["rho"].estimate / (1 - fit.details["rho"].estimate)
    # gamma functions of a million keep about 9 digits of their difference
    assert fit.log_likelihood == pytest.approx(_by_scipy(np.array(x), np.array(n), fit.estimate, phi), abs=1e-6)
    for m, r in ((1.02, 1.0), (0.98, 1.0), (1.0, 1.05), (1.0, 0.95)):
        assert _by_scipy(np.array(x), np.array(n), fit.estimate * m, phi * r) < fit.log_likelihood
