"""The integral over one random effect: against arbitrary precision, and its derivatives against differences."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from handful.stats.count_models import profile
from handful.stats.count_models.average import LogitAverage, normal_average, normal_averages
from handful.stats.count_models.binomial_normal import pool_binomial_normal
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves
from handful.stats.count_models.one_effect_ml import maximise
from handful.stats.count_models.random_effect import Quadrature, marginal, marginal_value
from handful.stats.results import Fit, Interval

HARD = [
    (0, 4, -1.0, 0.5), (0, 4, -1.0, 3.0), (1, 4, -5.0, 10.0), (4, 4, 0.0, 30.0), (0, 10_000, -9.0, 2.0),
    (50, 100, 3.0, 1.0), (1, 1, 0.0, 1.0), (3, 5, -2.0, 0.01), (0, 4, -30.0, 100.0), (1, 4, -30.0, 100.0),
    (100, 100, 2.0, 4.0), (0, 1, 8.0, 1.5),
]  # fmt: skip


def _by_mpmath(x: int, n: int, eta: float, tau: float) -> float:
    with mpmath.workdps(30):
        ways = mpmath.binomial(n, x)

        def f(u: mpmath.mpf) -> mpmath.mpf:
            theta = eta + tau * u
            return ways * mpmath.exp(x * theta - n * mpmath.log1p(mpmath.exp(theta))) * mpmath.npdf(u)

        edges = {float(v) for v in np.linspace(-14, 14, 57)}
        if 0 < x < n:
            top, width = (float(mpmath.log(mpmath.mpf(x) / (n - x))) - eta) / tau, (n / (x * (n - x))) ** 0.5 / tau
            edges |= {e for e in (top + d * width for d in (-6, -3, 0, 3, 6)) if -14 < e < 14}
        return float(mpmath.log(mpmath.quad(f, sorted(edges))))


@pytest.mark.parametrize("case", HARD)
def test_trapezoid_equals_mpmath(case: tuple[int, int, float, float]) -> None:
    x, n, eta, tau = case
    curves = BinomialCurves.of([x], [n])
    got = marginal(curves, np.array([eta]), np.array([tau]), Quadrature())
    want = _by_mpmath(*case)
    # 1e-10: the rule aims at 1e-12; the log of a binomial coefficient of 10,000 costs two digits
    assert got.value[0] == pytest.approx(want, abs=1e-10)
    alone = marginal_value(curves, np.array([eta]), np.array([tau]), Quadrature())
    # the same integral with nodes placed for this study alone, another rule
    assert alone[0] == pytest.approx(want, abs=1e-10)


@pytest.mark.parametrize(("order", "worst"), [(7, 1e-2), (15, 1e-3), (31, 1e-4)])
def test_gauss_hermite_converges_but_slowly_on_one_sided_curves(order: int, worst: float) -> None:
    """0 of 4 at τ = 3: the error of the classical rule at 7, 15 and 31 nodes, and that it is above 1e-8 at all of
    them."""
    curves = BinomialCurves.of([0], [4])
    eta, tau = np.array([-1.0]), np.array([3.0])
    exact = _by_mpmath(0, 4, -1.0, 3.0)
    error = abs(float(marginal(curves, eta, tau, Quadrature("gauss-hermite", order)).value[0]) - exact)
    assert 1e-8 < error < worst


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_score_and_hessian_equal_differences(family: str) -> None:
    x = np.array([0.0, 3.0, 12.0, 7.0])
    size = np.array([5.0, 9.0, 12.0, 40.0])
    curves = BinomialCurves.of(x, size) if family == "binomial" else PoissonCurves.of(x, size)
    eta, tau = np.array([-0.7, 0.3, 1.1, -2.0]), np.array([0.4, 1.2, 2.5, 0.9])
    m = marginal(curves, eta, tau, Quadrature())
    h = 1e-4

    def value(de: float, dt: float) -> np.ndarray:
        return marginal_value(curves, eta + de * h, tau + dt * h, Quadrature())

    # central differences of step 1e-4: truncation ~1e-8, rounding ~1e-15/h and, for second differences, ~1e-15/h²
    np.testing.assert_allclose(m.d_eta, (value(1, 0) - value(-1, 0)) / (2 * h), atol=2e-7)
    np.testing.assert_allclose(m.d_tau, (value(0, 1) - value(0, -1)) / (2 * h), atol=2e-7)
    np.testing.assert_allclose(m.d_eta_eta, (value(1, 0) - 2 * value(0, 0) + value(-1, 0)) / h**2, atol=3e-5)
    np.testing.assert_allclose(m.d_tau_tau, (value(0, 1) - 2 * value(0, 0) + value(0, -1)) / h**2, atol=3e-5)
    cross = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * h**2)
    np.testing.assert_allclose(m.d_eta_tau, cross, atol=3e-5)


def test_total_probability_over_all_counts_is_one() -> None:
    n = 13
    x = np.arange(n + 1)
    curves = BinomialCurves.of(x, np.full(n + 1, n))
    for eta, tau in ((-3.0, 0.2), (0.5, 2.0), (1.0, 25.0)):
        total = np.exp(marginal_value(curves, np.full(n + 1, eta), np.full(n + 1, tau), Quadrature())).sum()
        assert total == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("mu", "tau"), [(-1.3, 0.4), (2.0, 1.7), (-6.0, 3.0), (0.1, 20.0), (-0.5, 0.0)])
def test_population_average_equals_mpmath(mu: float, tau: float) -> None:
    with mpmath.workdps(30):
        want = mpmath.quad(
            lambda u: mpmath.npdf(u) / (1 + mpmath.exp(-(mu + tau * u))), [float(v) for v in np.linspace(-14, 14, 113)]
        )
    got = normal_average(mu, tau)
    assert got.m == pytest.approx(float(want), rel=1e-12)
    assert normal_averages(np.array([mu]), np.array([tau]))[0] == pytest.approx(float(want), rel=1e-12)
    h = 1e-4
    if tau > 0:
        assert got.mu == pytest.approx(
            (normal_average(mu + h, tau).m - normal_average(mu - h, tau).m) / (2 * h), abs=1e-8
        )
        assert got.tau == pytest.approx(
            (normal_average(mu, tau + h).m - normal_average(mu, tau - h).m) / (2 * h), abs=1e-8
        )


def test_path_keeps_the_average() -> None:
    average = LogitAverage()
    for c in (-7.0, -0.3, 0.0, 2.0):
        for tau in (0.0, 0.5, 3.0, 40.0):
            mu, first, second = average.path(c, tau, 0.0)
            assert average.scale(mu, tau)[0] == pytest.approx(c, abs=1e-11)
            if tau > 0:
                h = 1e-3
                up, down = average.path(c, tau + h, mu), average.path(c, tau - h, mu)
                assert first == pytest.approx((up[0] - down[0]) / (2 * h), abs=1e-5)
                assert second == pytest.approx((up[0] - 2 * mu + down[0]) / h**2, abs=1e-4)


@pytest.mark.parametrize(("events", "time"), [([0, 40], [576.7, 18.4]), ([0, 7], [13.8, 0.4])])
def test_rates_that_differ_a_lot_have_limits_without_overflow(events: list[int], time: list[float]) -> None:
    """The search passes effects where e^θ squared overflows: no warning, limits in order. z is that of 99.9 %."""
    curves = PoissonCurves.of(events, time)
    top = maximise(curves, np.ones((2, 1)))
    low, high = profile.mean_limits(curves, top, 3.29, 2.0, Quadrature())
    assert low < top.beta[0] < high
    assert high > 355  # where the square of e^θ is no longer a float


def test_tau_limits_stop_when_only_rounding_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where studies are full or empty the upper limit of τ is far out; each step there costs a few evaluations."""
    calls = []

    def counted(*args: object) -> object:
        calls.append(1)
        return marginal(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(profile, "marginal", counted)
    fit = pool_binomial_normal([5, 200, 0, 20, 2], [5, 200, 9, 30, 2], level=0.99)
    assert isinstance(fit, Fit)
    assert isinstance(fit.tau2_interval, Interval)
    assert np.isfinite(fit.tau2_interval.high)
    assert len(calls) < 400
