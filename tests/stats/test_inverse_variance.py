"""Between-study variance and inverse-variance pooling: each estimator's own equation, limits, edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import chdtri, stdtrit

from handful.base.errors import UnknownChoice
from handful.stats.estimates.between_study import (
    ESTIMATORS,
    estimate_tau2,
    falling_root,
    log_likelihood,
    q_profile,
    weighted,
)
from handful.stats.estimates.inverse_variance import pool_inverse_variance, pool_inverse_variance_common
from handful.stats.results import NotEstimable

Y = np.array([0.1, 0.9, 0.4, -0.2, 0.7])
V = np.array([0.04, 0.05, 0.03, 0.10, 0.02])
ONE = np.ones((5, 1))


def test_dersimonian_laird_by_hand() -> None:
    w = 1 / V
    mean = (w * Y).sum() / w.sum()
    q = (w * (Y - mean) ** 2).sum()
    want = (q - 4) / (w.sum() - (w**2).sum() / w.sum())
    assert estimate_tau2(Y, V, "DL") == pytest.approx(want, rel=1e-13)


def test_hedges_is_the_variance_less_the_mean_sampling_variance() -> None:
    assert estimate_tau2(Y, V, "HE") == pytest.approx(max(Y.var(ddof=1) - V.mean(), 0), rel=1e-12)


@pytest.mark.parametrize("method", ["PM", "EB"])
def test_paule_mandel_solves_its_equation(method: str) -> None:
    assert weighted(Y, V, ONE, estimate_tau2(Y, V, method)).q == pytest.approx(4.0, abs=1e-12)


@pytest.mark.parametrize(("method", "restricted"), [("ML", False), ("REML", True)])
def test_likelihood_estimates_are_the_highest(method: str, restricted: bool) -> None:
    found = minimize_scalar(
        lambda r: -log_likelihood(Y, V, ONE, math.exp(r), restricted=restricted), bounds=(-12, 4), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    got = estimate_tau2(Y, V, method)
    assert log_likelihood(Y, V, ONE, got, restricted=restricted) >= -found.fun - 1e-13
    assert got == pytest.approx(math.exp(found.x), rel=1e-6)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_estimators_follow_the_unit_and_ignore_the_origin(method: str) -> None:
    base = estimate_tau2(Y, V, method)
    assert estimate_tau2(10 * (Y + 3), 100 * V, method) == pytest.approx(100 * base, rel=1e-8)
    assert estimate_tau2(Y[::-1], V[::-1], method) == pytest.approx(base, rel=1e-10)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_equal_estimates_have_no_spread(method: str) -> None:
    assert estimate_tau2(np.full(4, 0.3), V[:4], method) == pytest.approx(0.0, abs=1e-30)


def test_one_precise_study_does_not_cost_the_digits_of_the_others() -> None:
    y, v = np.array([1e6, 1e6 + 1, 1e6 - 1]), np.array([1e-8, 1.0, 1.0])
    fit = weighted(y, v, np.ones((3, 1)), 0.0)
    assert fit.beta[0] == pytest.approx(1e6, abs=1e-8)
    assert fit.q == pytest.approx(2.0, rel=1e-8)


def test_q_profile_limits_solve_their_equation() -> None:
    low, high = q_profile(Y, V, ONE, 0.95)
    assert weighted(Y, V, ONE, high).q == pytest.approx(float(chdtri(4, 0.975)), rel=1e-12)
    if low > 0:
        assert weighted(Y, V, ONE, low).q == pytest.approx(float(chdtri(4, 0.025)), rel=1e-12)


def test_two_studies_hartung_knapp_by_hand() -> None:
    """k = 2: μ ± t₁ · |y₁ − y₂| / 2 when the variances are equal."""
    fit = pool_inverse_variance([0.0, 1.0], [0.1, 0.1], interval="hartung-knapp")
    assert not isinstance(fit, NotEstimable)
    half = float(stdtrit(1, 0.975)) * 0.5
    assert [fit.low, fit.high] == pytest.approx([0.5 - half, 0.5 + half], rel=1e-12)
    assert isinstance(fit.prediction, NotEstimable)


def test_safe_hartung_knapp_is_never_narrower_than_t() -> None:
    y, v = [0.30, 0.31, 0.29], [0.1, 0.2, 0.1]
    fits = {i: pool_inverse_variance(y, v, interval=i) for i in ("hartung-knapp", "hartung-knapp-safe", "t", "wald")}
    width = {name: fit.high - fit.low for name, fit in fits.items()}
    assert width["hartung-knapp"] < width["wald"] < width["t"] == pytest.approx(width["hartung-knapp-safe"])
    assert any(n.code == "hartung-knapp-narrow" for n in fits["hartung-knapp"].notes)


def test_no_spread_is_the_common_effect_exactly() -> None:
    y, v = [0.30, 0.31, 0.29], [0.1, 0.2, 0.1]
    random, common = pool_inverse_variance(y, v, interval="wald"), pool_inverse_variance_common(y, v)
    assert (random.estimate, random.low, random.high) == (common.estimate, common.low, common.high)
    assert random.tau2 == 0


def test_one_study_is_that_study() -> None:
    fit = pool_inverse_variance([0.5], [0.04])
    assert fit.model == "single-study"
    assert [fit.estimate, fit.se] == pytest.approx([0.5, 0.2])
    for name in ("tau2", "i2", "q", "prediction"):
        assert isinstance(getattr(fit, name), NotEstimable)


def test_unknown_names_say_what_is_known() -> None:
    with pytest.raises(UnknownChoice, match="did you mean 'REML'"):
        pool_inverse_variance([0.1, 0.2], [1, 1], tau2="REM")
    with pytest.raises(UnknownChoice, match="hartung-knapp-safe"):
        pool_inverse_variance([0.1, 0.2], [1, 1], interval="hartung")


def test_falling_root_reaches_the_last_digit() -> None:
    assert falling_root(lambda t: 2.0 - t * t, 0.0, 5.0) == pytest.approx(math.sqrt(2), rel=4e-16)
    assert falling_root(lambda t: 1e-9 - t**3, 0.0, 1e3) == pytest.approx(1e-3, rel=1e-12)
