"""The binomial–normal and Poisson–normal fits: properties, limits, edges, and a second computation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.special import betaincinv, chdtri

from handful.stats.count_models.binomial_normal import pool_binomial_normal
from handful.stats.count_models.binomial_normal_many import (
    ALL_OR_NONE,
    NO_EVENT,
    OK,
    ONE_STUDY,
    pool_binomial_normal_many,
)
from handful.stats.count_models.curves import BinomialCurves
from handful.stats.count_models.poisson_normal import pool_poisson_normal
from handful.stats.fit_text import as_rows, lines
from handful.stats.results import Fit, Interval, NotEstimable

PRITZ = ([16, 10, 4, 43, 10, 25, 13, 12, 22, 4, 5, 18, 58, 6], [17, 12, 8, 58, 10, 42, 14, 12, 41, 5, 6, 23, 68, 10])


def _grid_log_likelihood(x: Any, n: Any, mu: float, tau: float) -> float:
    """A second computation: a plain dense sum over ±12 standard deviations, nothing adaptive."""
    u = np.linspace(-12, 12, 24_001)
    w = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi) * (u[1] - u[0])
    theta = mu + tau * u
    curves = BinomialCurves.of(x, n)
    return float(np.log(np.exp(curves.value(np.broadcast_to(theta, (len(x), len(u))))) @ w).sum())


def _all_numbers(fit: Fit) -> list[float]:
    found: list[float] = []

    def walk(value: Any) -> None:
        if isinstance(value, (bool, str)):
            return
        if isinstance(value, (int, float)):
            found.append(float(value))
        elif isinstance(value, dict):
            for v in value.values():
                walk(v)
        elif isinstance(value, list):
            for v in value:
                walk(v)

    walk(fit.to_dict())
    return found


def test_highest_likelihood_equals_a_dense_grid_and_another_optimiser() -> None:
    x, n = [3, 5, 1, 7, 0], [10, 12, 9, 11, 6]
    fit = pool_binomial_normal(x, n)
    found = minimize(
        lambda p: -_grid_log_likelihood(x, n, p[0], math.exp(p[1])), [-0.5, -0.5], method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-13},
    )  # fmt: skip
    assert fit.log_likelihood == pytest.approx(-found.fun, abs=1e-10)
    # a flat top: parameters to the root of the likelihood's precision
    assert fit.coefficient == pytest.approx(found.x[0], abs=1e-5)
    assert math.sqrt(fit.tau2) == pytest.approx(math.exp(found.x[1]), abs=1e-5)
    assert fit.numerical_error < 1e-11


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_profile_limits_solve_their_equation(level: float) -> None:
    """At both limits twice the fall of the profile is the χ² quantile, by another optimiser on the dense grid."""
    x, n = [3, 5, 1, 7, 0], [10, 12, 9, 11, 6]
    fit = pool_binomial_normal(x, n, level=level)
    fall = float(chdtri(1, 1 - level))
    for limit in (fit.coefficient_low, fit.coefficient_high):
        best = minimize_scalar(
            lambda r, at=limit: -_grid_log_likelihood(x, n, at, math.exp(r)), bounds=(-6, 3), method="bounded",
            options={"xatol": 1e-9},
        )  # fmt: skip
        # Brent's method finds the profile to ~1e-10
        assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(fall, abs=1e-6)


def test_average_limits_solve_their_equation() -> None:
    """The population average is profiled over itself: no (μ, τ) with that average is more likely than the limit
    allows."""
    from handful.stats.count_models.average import LogitAverage
    from handful.stats.count_models.curves import logit

    x, n = [3, 5, 1, 7, 0], [10, 12, 9, 11, 6]
    fit = pool_binomial_normal(x, n)
    fall = float(chdtri(1, 0.05))
    for limit in (fit.low, fit.high):
        c = float(logit(limit))
        best = minimize_scalar(
            lambda r, c=c: -_grid_log_likelihood(x, n, LogitAverage().path(c, math.exp(r), c)[0], math.exp(r)),
            bounds=(-6, 3), method="bounded", options={"xatol": 1e-9},
        )  # fmt: skip
        assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(fall, abs=1e-6)


def test_tau_limits_solve_their_equation() -> None:
    fit = pool_binomial_normal(*PRITZ)
    assert isinstance(fit.tau2_interval, Interval)
    for limit in (fit.tau2_interval.low, fit.tau2_interval.high):
        best = minimize_scalar(
            lambda m, t=limit: -_grid_log_likelihood(*PRITZ, m, t**0.5), bounds=(-3, 5), method="bounded",
            options={"xatol": 1e-9},
        )  # fmt: skip
        assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(float(chdtri(1, 0.05)), abs=1e-6)


def test_order_of_studies_does_not_matter() -> None:
    x, n = PRITZ
    back = pool_binomial_normal(x[::-1], n[::-1])
    fit = pool_binomial_normal(x, n)
    for name in ("estimate", "low", "high", "coefficient", "tau2", "log_likelihood"):
        assert getattr(back, name) == pytest.approx(getattr(fit, name), abs=1e-10)
    assert list(back.weights)[::-1] == pytest.approx(list(fit.weights), abs=1e-10)


@pytest.mark.parametrize(
    "data", [PRITZ, ([1, 0], [4, 4]), ([0, 0, 0, 1], [10_000, 500, 20, 3]), ([4, 4, 0, 2], [4] * 4)]
)
def test_event_and_non_event_mirror(data: Any) -> None:
    x, n = np.array(data[0]), np.array(data[1])
    fit, mirror = pool_binomial_normal(x, n), pool_binomial_normal(n - x, n)
    assert mirror.estimate == pytest.approx(1 - fit.estimate, abs=1e-9)
    assert mirror.low == pytest.approx(1 - fit.high, abs=1e-7)
    assert mirror.high == pytest.approx(1 - fit.low, abs=1e-7)
    assert mirror.coefficient == pytest.approx(-fit.coefficient, abs=1e-7 * (1 + abs(fit.coefficient)))
    assert mirror.tau2 == pytest.approx(fit.tau2, abs=1e-8, rel=1e-7)


def test_same_input_gives_the_same_bits() -> None:
    assert pool_binomial_normal(*PRITZ).to_dict() == pool_binomial_normal(*PRITZ).to_dict()


def test_more_confidence_is_wider() -> None:
    fits = [pool_binomial_normal([3, 5, 1, 7, 0], [10, 12, 9, 11, 6], level=v) for v in (0.5, 0.8, 0.95, 0.99)]
    lows, highs = [f.low for f in fits], [f.high for f in fits]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)


def test_no_spread_is_the_common_effect() -> None:
    fit = pool_binomial_normal([2, 2, 2], [8, 8, 8])
    assert fit.tau2 == 0
    assert fit.estimate == pytest.approx(0.25, abs=1e-14)
    assert fit.estimate == fit.median
    assert fit.se == pytest.approx((24 * 0.25 * 0.75) ** -0.5, rel=1e-12)
    assert any(note.code == "tau2-zero" for note in fit.notes)
    assert fit.tau2_interval.low == 0 < fit.tau2_interval.high


def test_small_spread_approaches_the_common_effect_smoothly() -> None:
    """Nearly equal rates in large studies: τ² is barely above 0 and the mean barely off the total's."""
    x = np.array([500_000, 500_900, 499_100, 500_000])
    fit = pool_binomial_normal(x, np.full(4, 1_000_000), interval="wald")
    assert 0 < fit.tau2 < 1e-5
    assert fit.estimate == pytest.approx(x.sum() / 4e6, abs=1e-6)


ZOO = {
    "1 of 4 and 0 of 4": ([1, 0], [4, 4]),
    "all but one": ([4, 4, 0, 2], [4, 4, 4, 4]),
    "one patient each beside a series": ([1, 0, 1, 3], [1, 1, 1, 8]),
    "0 of 10,000 and 1 of 3": ([0, 1], [10_000, 3]),
    "one event in 500 studies": ([1] + [0] * 499, [3] * 500),
    "500 studies": (list(np.arange(500) % 7), [9] * 500),
    "huge": ([100_000, 130_000], [1_000_000, 1_000_000]),
    "far apart": ([1, 999], [1000, 1000]),
}


@pytest.mark.parametrize("name", ZOO)
def test_sparse_sets_give_finite_answers_within_range(name: str) -> None:
    x, n = ZOO[name]
    fit = pool_binomial_normal(x, n)
    assert isinstance(fit, Fit)
    assert 0 <= fit.low <= fit.estimate <= fit.high <= 1
    assert fit.median_low <= fit.median <= fit.median_high
    assert not any(math.isnan(v) for v in _all_numbers(fit))
    assert fit.converged
    assert fit.numerical_error < 1e-8
    assert fit.k == len(x)
    if isinstance(fit.prediction, Interval):
        assert 0 <= fit.prediction.low <= fit.prediction.high <= 1
    else:
        assert fit.k == 2


@pytest.mark.parametrize(
    ("x", "n", "bound", "side"),
    [
        ([0, 0, 0], [4, 5, 3], 1 - 0.05 ** (1 / 12), "high"),
        ([4, 3], [4, 3], 0.05 ** (1 / 7), "low"),
        ([0, 0], [10_000, 1], 1 - 0.05 ** (1 / 10_001), "high"),
        ([0] * 500, [2] * 500, 1 - 0.05 ** (1 / 1000), "high"),
    ],
)
def test_nothing_or_everything_gives_the_exact_bound_on_the_total(x: Any, n: Any, bound: float, side: str) -> None:
    fit = pool_binomial_normal(x, n)
    assert isinstance(fit, Fit)
    for name in ("estimate", "low", "high", "coefficient", "se", "tau2", "prediction", "weights"):
        assert isinstance(getattr(fit, name), NotEstimable), name
    assert getattr(fit.details["total"], side) == pytest.approx(bound, rel=1e-13)
    assert [note.code for note in fit.notes] == ["one-sided-bound"]
    assert not any(math.isnan(v) for v in _all_numbers(fit))


def test_all_or_none_studies_drive_tau_up_and_leave_the_share() -> None:
    """0 of 4, 3 of 3, 0 of 5: the likelihood at the share's average rises with τ towards share's own likelihood."""
    x, n = [0, 3, 0], [4, 3, 5]
    fit = pool_binomial_normal(x, n)
    assert fit.estimate == pytest.approx(1 / 3)
    assert isinstance(fit.tau2, NotEstimable)
    limit = math.log(1 / 3) + 2 * math.log(2 / 3)
    assert fit.log_likelihood == pytest.approx(limit, abs=1e-12)
    from handful.stats.count_models.average import LogitAverage

    values = []
    for tau in (1.0, 5.0, 25.0, 100.0):
        mu = LogitAverage().path(math.log(0.5), tau, 0.0)[0]
        values.append(_grid_log_likelihood(x, n, mu, tau))
    assert values == sorted(values)
    assert values[-1] < limit
    assert values[-1] == pytest.approx(limit, abs=0.05)


def test_single_patients_say_nothing_about_heterogeneity() -> None:
    fit = pool_binomial_normal([1, 0, 1], [1, 1, 1])
    assert fit.estimate == pytest.approx(2 / 3)
    assert isinstance(fit.tau2, NotEstimable)
    assert "single patients" in fit.tau2.reason


@pytest.mark.parametrize(("x", "n"), [(1, 4), (0, 1), (1, 1), (0, 10_000)])
def test_one_study_is_that_study(x: int, n: int) -> None:
    fit = pool_binomial_normal([x], [n], labels=["only"])
    assert fit.model == "single-study"
    assert fit.estimate == x / n
    assert fit.low == (0 if x == 0 else pytest.approx(betaincinv(x, n - x + 1, 0.025)))
    assert fit.high == (1 if x == n else pytest.approx(1 - betaincinv(n - x, x + 1, 0.025)))
    assert isinstance(fit.tau2, NotEstimable)
    assert isinstance(fit.prediction, NotEstimable)
    assert fit.notes[0].about == "only"


def test_seven_nodes_move_the_mean_of_a_sparse_set() -> None:
    """The order others use by default, reproduced by name: the mean is off where ours is not."""
    x, n = [0, 0, 7, 0, 6, 0, 0, 9, 0, 1], [9, 12, 8, 10, 7, 15, 6, 10, 11, 9]
    exact = pool_binomial_normal(x, n, interval="wald")
    seven = pool_binomial_normal(x, n, interval="wald", quadrature="gauss-hermite", order=7)
    finer = pool_binomial_normal(x, n, interval="wald", quadrature="gauss-hermite", order=101)
    assert abs(seven.coefficient - exact.coefficient) > 0.01
    assert finer.coefficient == pytest.approx(exact.coefficient, abs=1e-4)
    assert seven.numerical_error > 1e-4 > exact.numerical_error


def test_many_sets_at_once_equal_one_at_a_time() -> None:
    rng = np.random.default_rng(20)
    n = rng.integers(1, 30, (200, 6))
    theta = rng.normal(-1.5, rng.choice([0.0, 0.7, 2.0], 200)[:, None], (200, 6))
    x = rng.binomial(n, 1 / (1 + np.exp(-theta)))
    fits = pool_binomial_normal_many(x, n)
    assert fits.converged[fits.status == OK].all()
    for b in np.flatnonzero(fits.status == OK)[:60]:
        one = pool_binomial_normal(x[b], n[b], interval="wald")
        assert fits.log_likelihood[b] == pytest.approx(one.log_likelihood, abs=1e-8)
        assert fits.mu[b] == pytest.approx(one.coefficient, abs=1e-6)
        assert fits.tau2[b] == pytest.approx(one.tau2, abs=1e-6)
        assert fits.se[b] == pytest.approx(one.se, abs=1e-5)
        assert fits.average[b] == pytest.approx(one.estimate, abs=1e-7)


def test_many_ragged_sets_and_their_edges() -> None:
    x = [1, 0, 3, 0, 0, 2, 2, 0, 4, 5, 1]
    n = [4, 4, 9, 5, 6, 7, 2, 3, 9, 0, 8]
    x[9] = 0
    fits = pool_binomial_normal_many(x, n, offsets=[0, 3, 5, 6, 8, 11, 11])
    assert fits.status.tolist() == [OK, NO_EVENT, ONE_STUDY, ALL_OR_NONE, OK, 5]
    assert fits.mu[4] == pytest.approx(pool_binomial_normal([4, 1], [9, 8], interval="wald").coefficient, abs=1e-7)
    assert np.isnan(fits.mu[[1, 2, 3, 5]]).all()


def test_groups_equal_separate_means_with_one_tau() -> None:
    """With every group in its own column the likelihood is a dense-grid maximum over the means and τ."""
    x, n = PRITZ
    by = ["a"] * 7 + ["b"] * 7
    fit = pool_binomial_normal(x, n, by=by)

    def minus(p: Any) -> float:
        tau = math.exp(p[2])
        return -_grid_log_likelihood(x[:7], n[:7], p[0], tau) - _grid_log_likelihood(x[7:], n[7:], p[1], tau)

    found = minimize(minus, [1.3, 1.3, -0.3], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    assert fit.log_likelihood == pytest.approx(-found.fun, abs=1e-9)
    first, second = fit.details["coefficients"]
    assert first["estimate"] == pytest.approx(found.x[0], abs=1e-4)
    assert second["estimate"] == pytest.approx(found.x[1] - found.x[0], abs=1e-4)
    assert second["low"] < second["estimate"] < second["high"]
    assert fit.details["test_of_moderators"]["df"] == 1
    assert isinstance(fit.estimate, NotEstimable)


def test_moderators_do_not_depend_on_origin_or_unit() -> None:
    x, n = PRITZ
    z = np.linspace(2, 9, 14)
    one = pool_binomial_normal(x, n, moderators={"dose": z})
    two = pool_binomial_normal(x, n, moderators={"dose": 10 * (z - 5)})
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-9)
    a, b = one.details["coefficients"][1], two.details["coefficients"][1]
    assert b["estimate"] * 10 == pytest.approx(a["estimate"], abs=1e-8)
    assert b["low"] * 10 == pytest.approx(a["low"], abs=1e-5)


def test_covariates_that_cannot_be_estimated_say_so() -> None:
    x, n = [0, 0, 3, 2], [5, 6, 7, 8]
    fit = pool_binomial_normal(x, n, by=["a", "a", "b", "b"])
    assert isinstance(fit, NotEstimable)
    assert "group a" in fit.reason
    fit = pool_binomial_normal(x, n, moderators={"m": [1, 1, 1, 1]})
    assert isinstance(fit, NotEstimable)


def test_poisson_normal_agrees_with_a_dense_grid() -> None:
    from handful.stats.count_models.curves import PoissonCurves

    x, t = [2, 0, 5, 3], [31.5, 12.0, 20.0, 40.0]
    fit = pool_poisson_normal(x, t)
    u = np.linspace(-12, 12, 24_001)
    w = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi) * (u[1] - u[0])
    curves = PoissonCurves.of(x, t)

    def minus(p: Any) -> float:
        theta = np.broadcast_to(p[0] + math.exp(p[1]) * u, (4, len(u)))
        return -float(np.log(np.exp(curves.value(theta)) @ w).sum())

    found = minimize(minus, [-2.0, -1.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-13})
    assert fit.log_likelihood == pytest.approx(-found.fun, abs=1e-10)
    assert fit.estimate == pytest.approx(math.exp(fit.coefficient + fit.tau2 / 2), rel=1e-12)


def test_rates_do_not_depend_on_the_unit_of_time() -> None:
    x, t = [2, 0, 5, 3], np.array([31.5, 12.0, 20.0, 40.0])
    years, days = pool_poisson_normal(x, t), pool_poisson_normal(x, 365.25 * t)
    assert days.estimate * 365.25 == pytest.approx(years.estimate, rel=1e-8)
    assert days.high * 365.25 == pytest.approx(years.high, rel=1e-5)
    assert days.tau2 == pytest.approx(years.tau2, abs=1e-8)


def test_no_event_in_any_time_gives_three_over_t() -> None:
    fit = pool_poisson_normal([0, 0], [10.0, 20.0])
    assert isinstance(fit.coefficient, NotEstimable)
    assert fit.details["total"].high == pytest.approx(-math.log(0.05) / 30, rel=1e-13)


def test_covariates_are_printed_not_only_kept() -> None:
    """Groups by their rates, a moderator by its coefficient, both with their test; groups are rows of the frame too."""
    x, n = [1, 2, 3, 4, 0, 2], [4, 4, 9, 8, 3, 9]
    grouped = pool_binomial_normal(x, n, by=list("aaabbb"))
    assert isinstance(grouped, Fit)
    text = str(grouped)
    assert "0.3529 (0.1679 to 0.5959), 95 % wald on the logit; 6 of 17 in 3 studies" in text
    assert "moderators" in text
    assert "0.1174 with 1 df, p = 0.7319" in text
    assert [row["label"] for row in as_rows(grouped) if row["row"] == "group"] == ["a", "b"]
    line = pool_binomial_normal(x, n, moderators={"age": [1, 2, 3, 4, 5, 6]})
    assert isinstance(line, Fit)
    assert any(name == "age" and "profile, logit scale" in value for name, value in lines(line))
