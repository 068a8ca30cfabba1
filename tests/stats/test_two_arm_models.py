"""Models of two groups: against enumeration and dense grids, mirrored, reordered, and on sets that break others."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from handful.base.errors import InputError, UnknownChoice
from handful.stats.comparisons.conditional_approximate import pool_conditional_approximate
from handful.stats.comparisons.conditional_curves import ConditionalTables
from handful.stats.comparisons.hypergeometric_normal import pool_hypergeometric_normal
from handful.stats.comparisons.mantel_haenszel import pool_mantel_haenszel, pool_mantel_haenszel_rates
from handful.stats.comparisons.penalised_likelihood import pool_penalised_likelihood
from handful.stats.comparisons.peto import pool_peto
from handful.stats.comparisons.rate_ratio_models import pool_rate_ratio_normal
from handful.stats.comparisons.ratio_curves import RiskRatioCurves
from handful.stats.comparisons.stratified_tests import expected_events
from handful.stats.comparisons.two_arm_inverse_variance import pool_two_arm_effects, pool_two_arm_effects_common
from handful.stats.comparisons.two_effects import Groups, height, laplace
from handful.stats.comparisons.unconditional_fixed import (
    odds_curves,
    pool_unconditional_fixed,
    pool_unconditional_fixed_rates,
)
from handful.stats.comparisons.unconditional_random import pool_unconditional_random, pool_unconditional_random_rates
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves
from handful.stats.count_models.random_effect import Quadrature
from handful.stats.effects.zero_cells import Rule, applied
from handful.stats.results import Fit, Interval, NotEstimable

TABLES = [(1, 4, 0, 4), (0, 10, 5, 12), (3, 3, 2, 4), (0, 4, 0, 4), (200, 500, 150, 600), (300, 300, 10, 400)]

SEVEN = ([2, 5, 1, 8, 4, 0, 6], [20, 31, 18, 40, 25, 15, 22], [1, 2, 3, 3, 1, 2, 2], [21, 30, 19, 38, 26, 14, 20])
"""One group of one study is empty; nothing else is special."""

ODDS: dict[str, Any] = {
    "hypergeometric-normal": pool_hypergeometric_normal,
    "conditional-approximate": pool_conditional_approximate,
    "unconditional-fixed": pool_unconditional_fixed,
    "unconditional-random": partial(pool_unconditional_random, interval="wald"),
    "penalised-likelihood": pool_penalised_likelihood,
    "mantel-haenszel": pool_mantel_haenszel,
    "peto": pool_peto,
}
RATES: dict[str, Any] = {
    "poisson-normal": pool_rate_ratio_normal,
    "unconditional-fixed": pool_unconditional_fixed_rates,
    "unconditional-random": partial(pool_unconditional_random_rates, interval="wald"),
    "mantel-haenszel": pool_mantel_haenszel_rates,
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("theta", [-40.0, -5.0, -0.3, 0.0, 0.7, 8.0, 60.0])
def test_conditional_curve_equals_mpmath(table: tuple[int, int, int, int], theta: float) -> None:
    x1, n1, x2, n2 = table
    m = x1 + x2
    got = [float(v[0]) for v in ConditionalTables.of(*([v] for v in table)).slopes(np.array([theta]))]
    with mpmath.workdps(40):
        terms = {
            u: mpmath.binomial(n1, u) * mpmath.binomial(n2, m - u) * mpmath.exp(u * mpmath.mpf(theta))
            for u in range(max(0, m - n2), min(n1, m) + 1)
        }
        total = mpmath.fsum(terms.values())
        mean = mpmath.fsum(u * t for u, t in terms.items()) / total
        spread = mpmath.fsum((u - mean) ** 2 * t for u, t in terms.items()) / total
        want = [float(mpmath.log(terms[x1] / total)), float(x1 - mean), -float(spread)]
    # 1e-12: sums of a few hundred terms
    assert got == pytest.approx(want, rel=1e-12, abs=1e-12)


def test_conditional_curve_of_a_long_support_is_summed_where_its_mass_is() -> None:
    whole = ConditionalTables.of([505], [88391], [499], [88391])
    theta = np.linspace(-6, 6, 25)[None, :]
    plain = whole._whole(slice(0, 1), theta)
    assert whole.weight.shape[1] > 256
    assert whole._windowed(slice(0, 1), theta) == pytest.approx(plain, rel=1e-13, abs=1e-13)


def _dense(theta: Any, mu: float, tau: float, likelihoods: Any) -> float:
    """Σ log ∫ L_i(θ) N(θ; μ, τ²) dθ on one dense grid, nothing adaptive."""
    step = theta[1] - theta[0]
    prior = np.exp(-0.5 * ((theta - mu) / tau) ** 2) / (tau * math.sqrt(2 * math.pi))
    return float(np.log((likelihoods * prior).sum(axis=1) * step).sum())


def _likelihoods(theta: Any) -> Any:
    rows = []
    for x1, n1, x2, n2 in zip(*SEVEN, strict=True):
        m = x1 + x2
        u = np.arange(max(0, m - n2), min(n1, m) + 1)
        ways = np.array([math.comb(n1, int(v)) * math.comb(n2, m - int(v)) for v in u], dtype=float)
        powers = np.exp(np.outer(u - x1, theta))
        rows.append(ways[u == x1] / (ways[:, None] * powers).sum(axis=0))
    return np.array(rows)


def test_profile_limits_are_where_a_dense_grid_has_fallen_by_the_right_amount() -> None:
    fit = pool_hypergeometric_normal(*SEVEN)
    assert isinstance(fit, Fit)
    assert isinstance(fit.tau2_interval, Interval)
    theta = np.linspace(-40, 40, 16001)
    likelihoods = _likelihoods(theta)
    fall = 1.959963984540054**2 / 2
    top = max(_dense(theta, float(fit.coefficient), t, likelihoods) for t in (max(fit.tau, 0.02), 0.02))  # type: ignore[type-var]
    for end in (fit.coefficient_low, fit.coefficient_high):
        best = max(
            -minimize_scalar(
                lambda r, end=end: -_dense(theta, float(end), math.exp(r), likelihoods), bounds=bounds, method="bounded"
            ).fun
            for bounds in ((-4.0, -1.0), (-1.0, 2.0))
        )
        # 2e-4: the grid cannot take τ below 0.02, where the likelihood is flat to τ²
        assert top - best == pytest.approx(fall, abs=2e-3)
    upper = math.sqrt(float(fit.tau2_interval.high))
    best = -minimize_scalar(lambda m: -_dense(theta, m, upper, likelihoods), bounds=(-3, 5), method="bounded").fun
    assert top - best == pytest.approx(fall, abs=2e-3)


def test_two_random_effects_equal_a_dense_grid_in_two_dimensions() -> None:
    """Without σ or τ, with both; and Laplace's approximation is something else."""
    x1, n1, x2, n2 = (np.array(v, dtype=float) for v in SEVEN)
    groups = Groups(BinomialCurves.of(x1, n1), BinomialCurves.of(x2, n2), np.ones(7))
    alpha, mu, sigma, tau = -1.9, 0.6, 0.7, 0.5
    z = np.linspace(-9, 9, 361)
    w = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    want = 0.0
    for a, m, c, n in zip(x1, n1, x2, n2, strict=True):
        s, t = alpha + sigma * z[:, None], mu + tau * z[None, :]
        p, q = 1 / (1 + np.exp(-s - t / 2)), 1 / (1 + np.exp(-s + t / 2))
        ways = math.comb(int(m), int(a)) * math.comb(int(n), int(c))
        want += math.log(float(w @ (ways * p**a * (1 - p) ** (m - a) * q**c * (1 - q) ** (n - c)) @ w))
    got = height(groups, alpha, mu, sigma, tau, Quadrature())
    assert got.value == pytest.approx(want, abs=1e-11)
    assert abs(laplace(groups, alpha, mu, sigma, tau).value - want) > 1e-3
    near = np.array([alpha, mu, sigma, tau])
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5
        up, down = (height(groups, *(near + side * step).tolist(), Quadrature()) for side in (1.0, -1.0))
        assert got.gradient[i] == pytest.approx((up.value - down.value) / 2e-5, abs=1e-7)
        # differences of exact gradients: 1e-6 is what a step of 1e-5 leaves
        assert got.hessian[i] == pytest.approx((up.gradient - down.gradient) / 2e-5, abs=1e-6)


def test_fixed_baseline_is_at_its_best_and_its_derivatives_are_right() -> None:
    columns = [np.array(v, dtype=float) for v in SEVEN]
    curves = odds_curves(*columns)
    eta, tau = np.full(7, 0.4), np.full(7, 0.8)
    found = curves.marginal(eta, tau, Quadrature())
    best = curves.best_given(eta, tau, Quadrature())
    z = np.linspace(-9, 9, 2001)
    w = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    for i, (a, m, c, n) in enumerate(zip(*columns, strict=True)):
        first, second = BinomialCurves.of([a], [m]), BinomialCurves.of([c], [n])

        def minus(f: float, first: Any = first, second: Any = second) -> float:
            t = 0.4 + 0.8 * z
            joint = first.value((f + t / 2)[None, :])[0] + second.value((f - t / 2)[None, :])[0]
            return -math.log(float(w @ np.exp(joint)))

        assert -minus(float(best[i])) == pytest.approx(found.value[i], abs=1e-11)
        assert minimize_scalar(minus, bounds=(-8, 4), method="bounded", options={"xatol": 1e-9}).x == pytest.approx(
            best[i], abs=1e-5
        )
    for step, name in ((np.full(7, 1e-5), "eta"), (np.full(7, 1e-5), "tau")):
        e, t = (step, 0 * step) if name == "eta" else (0 * step, step)
        up, down = curves.marginal(eta + e, tau + t, Quadrature()), curves.marginal(eta - e, tau - t, Quadrature())
        assert (up.value - down.value) / 2e-5 == pytest.approx(getattr(found, f"d_{name}"), abs=1e-7)
        assert (up.d_tau - down.d_tau) / 2e-5 == pytest.approx(
            found.d_tau_tau if name == "tau" else found.d_eta_tau, abs=1e-6
        )


@pytest.mark.parametrize("table", [*TABLES, (4, 4, 4, 4), (4, 4, 0, 5), (2, 9, 7, 7)])
def test_risk_ratio_curve_is_the_highest_likelihood_over_the_baseline(table: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = table
    curves = RiskRatioCurves(*(np.array([float(v)]) for v in table))

    def log_likelihood(p1: float, p2: float) -> float:
        parts = ((x1, p1), (n1 - x1, 1 - p1), (x2, p2), (n2 - x2, 1 - p2))
        return sum(x * math.log(p) if x else 0.0 for x, p in parts)

    for theta in (-3.0, -0.4, 0.0, 0.2, 2.5):
        limit = min(1.0, math.exp(-theta))
        best = minimize_scalar(
            lambda p, theta=theta: -log_likelihood(p * math.exp(theta), p),
            bounds=(1e-12, limit * (1 - 1e-12)), method="bounded", options={"xatol": 1e-12},
        )  # fmt: skip
        value, slope, bend = (float(v[0, 0]) for v in curves.slopes(np.array([[theta]])))
        assert value >= -best.fun - 1e-9
        assert value == pytest.approx(-best.fun, abs=1e-4)  # where the search ends at its bound
        h = 1e-4
        near = [float(curves.value(np.array([[theta + d]]))[0, 0]) for d in (h, -h)]
        if theta != 0.0 or max(x1 / n1, x2 / n2) < 1:  # at θ = 0 two full groups have a peak
            assert slope == pytest.approx((near[0] - near[1]) / (2 * h), abs=1e-4)
        assert bend <= 0
    mirrored = RiskRatioCurves(curves.x2, curves.n2, curves.x1, curves.n1)
    grid = np.linspace(-5, 5, 41)[None, :]
    assert mirrored.value(-grid) == pytest.approx(curves.value(grid), abs=1e-10)


@pytest.mark.parametrize("psi", [1e-6, 0.2, 1.0, 3.0, 1e7])
def test_expected_events_have_the_odds_ratio_and_the_margins(psi: float) -> None:
    n1, n2, m = np.array([10.0, 40.0, 5.0]), np.array([12.0, 30.0, 9.0]), np.array([3.0, 50.0, 12.0])
    a = expected_events(n1, n2, m, math.log(psi))
    assert (a > np.maximum(0, m - n2)).all()
    assert (a < np.minimum(n1, m)).all()
    assert np.log(a) + np.log(n2 - m + a) - np.log(n1 - a) - np.log(m - a) == pytest.approx(math.log(psi), abs=1e-6)


# --- symmetries -------------------------------------------------------------------------------------------------------


def _numbers(fit: Fit) -> tuple[float, float, float]:
    return float(fit.coefficient), float(fit.coefficient_low), float(fit.coefficient_high)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ODDS)
def test_exchanging_the_groups_turns_the_sign_to_the_last_bit(name: str) -> None:
    here = _numbers(ODDS[name](*SEVEN))
    there = _numbers(ODDS[name](SEVEN[2], SEVEN[3], SEVEN[0], SEVEN[1]))
    if name in ("mantel-haenszel", "peto"):  # closed forms: one rounding
        assert there == pytest.approx((-here[0], -here[2], -here[1]), abs=1e-14)
    else:
        assert there == (-here[0], -here[2], -here[1])


@pytest.mark.parametrize("name", RATES)
def test_exchanging_the_groups_turns_the_sign_of_rate_ratios(name: str) -> None:
    x1, t1, x2, t2 = SEVEN[0], [10.5, 20, 9, 30, 11, 12, 13], SEVEN[2], [11.0, 19, 9, 28, 12, 12, 12]
    here, there = _numbers(RATES[name](x1, t1, x2, t2)), _numbers(RATES[name](x2, t2, x1, t1))
    assert there == pytest.approx((-here[0], -here[2], -here[1]), abs=1e-13 if name == "mantel-haenszel" else 0)


@pytest.mark.parametrize("name", [n for n in ODDS if n != "conditional-approximate"])
def test_exchanging_events_and_non_events_turns_the_sign(name: str) -> None:
    x1, n1, x2, n2 = (np.array(v) for v in SEVEN)
    here, there = _numbers(ODDS[name](*SEVEN)), _numbers(ODDS[name](n1 - x1, n1, n2 - x2, n2))
    exact = name in ("hypergeometric-normal", "unconditional-fixed", "penalised-likelihood")
    # a random baseline is searched from the other end; its limits stop within 1e-8 in the signed root
    tolerance = 0.0 if exact else 1e-6 if name == "unconditional-random" else 1e-13
    assert there == pytest.approx((-here[0], -here[2], -here[1]), abs=tolerance)


@pytest.mark.parametrize("name", ODDS)
def test_the_order_of_studies_does_not_matter(name: str) -> None:
    order = [4, 2, 6, 0, 5, 1, 3]
    moved = [[column[i] for i in order] for column in SEVEN]
    here, there = ODDS[name](*SEVEN), ODDS[name](*moved)
    exact = name not in ("mantel-haenszel", "peto")
    assert _numbers(there) == pytest.approx(_numbers(here), abs=0.0 if exact else 1e-13)
    if isinstance(here.weights, tuple):
        assert there.weights == pytest.approx([here.weights[i] for i in order], rel=1e-12)
    assert there.labels == here.labels  # the names count from 1 again


def test_the_unit_of_time_does_not_matter() -> None:
    x1, t1, x2, t2 = SEVEN[0], np.array(SEVEN[1]) * 1.5, SEVEN[2], np.array(SEVEN[3]) * 1.2
    for name, pool in RATES.items():
        years, days = pool(x1, t1, x2, t2), pool(x1, t1 * 365.25, x2, t2 * 365.25)
        assert days.coefficient == pytest.approx(years.coefficient, abs=1e-8), name


def test_poisson_regression_and_the_conditional_model_share_their_common_effect() -> None:
    x1, t1, x2, t2 = SEVEN[0], np.array(SEVEN[1]) * 1.0, SEVEN[2], np.array(SEVEN[3]) * 1.0
    given, free = pool_rate_ratio_normal(x1, t1, x2, t2, common=True), pool_unconditional_fixed_rates(
        x1, t1, x2, t2, common=True
    )  # fmt: skip
    assert isinstance(given, Fit)
    assert isinstance(free, Fit)
    assert _numbers(free) == pytest.approx(_numbers(given), abs=1e-9)
    assert free.se == pytest.approx(given.se, abs=1e-12)


def test_profile_limits_with_random_baselines_are_mirrored_and_wider_than_without_them_known() -> None:
    here = pool_unconditional_random(*SEVEN)
    there = pool_unconditional_random(SEVEN[2], SEVEN[3], SEVEN[0], SEVEN[1])
    assert isinstance(here, Fit)
    assert isinstance(there, Fit)
    assert _numbers(there) == tuple(-v for v in (here.coefficient, here.coefficient_high, here.coefficient_low))  # type: ignore[operator]
    conditional = pool_hypergeometric_normal(*SEVEN)
    assert isinstance(conditional, Fit)
    # the two models nearly agree where baselines are alike
    assert _numbers(here) == pytest.approx(_numbers(conditional), abs=0.1)


# --- sets that break others -------------------------------------------------------------------------------------------

ZOO = {
    "single zero": ([0, 3, 4], [10, 12, 11], [2, 1, 2], [10, 11, 12]),
    "double zero": ([0, 3, 4], [10, 12, 11], [0, 1, 2], [10, 11, 12]),
    "double full": ([10, 3, 4], [10, 12, 11], [10, 1, 2], [10, 11, 12]),
    "first group empty": ([0, 0, 0], [10, 12, 11], [2, 1, 2], [10, 11, 12]),
    "second group full": ([3, 4, 5], [10, 12, 11], [10, 11, 12], [10, 11, 12]),
    "nothing at all": ([0, 0], [10, 12], [0, 0], [10, 11]),
    "all against none": ([4, 5], [4, 5], [0, 0], [4, 5]),
    "one study": ([2], [9], [1], [10]),
    "one study of note": ([2, 0], [9, 7], [1, 0], [10, 8]),
    "two studies": ([2, 3], [9, 9], [1, 2], [10, 9]),
    "opposite ends": ([0, 5, 0, 6], [6, 5, 7, 6], [6, 0, 7, 0], [6, 5, 7, 6]),
    "one huge": ([2, 3, 9_000], [9, 9, 200_000], [1, 2, 8_000], [10, 9, 200_000]),
    "two huge and alike": ([90_000, 91_000], [200_000, 200_000], [80_000, 81_000], [200_000, 200_000]),
    "tiny": ([1, 0, 1], [1, 1, 1], [0, 1, 0], [1, 1, 1]),
    "uneven": ([1, 2, 1], [400, 500, 300], [2, 2, 1], [10, 12, 9]),
    "same everywhere": ([3] * 8, [10] * 8, [2] * 8, [10] * 8),
}


@pytest.mark.parametrize("name", ODDS)
@pytest.mark.parametrize("case", ZOO)
def test_no_set_gives_a_warning_or_a_nan(name: str, case: str) -> None:
    """numpy's warnings are errors here, so that running is half of the test."""
    fit = ODDS[name](*ZOO[case])
    if isinstance(fit, NotEstimable):
        assert fit.reason
        assert case not in ("single zero", "two studies", "one huge", "uneven", "same everywhere", "double zero")
        return
    shown = str(fit.to_dict())
    assert "nan" not in shown.lower()
    low, high = float(fit.coefficient_low), float(fit.coefficient_high)
    assert low <= float(fit.coefficient) <= high
    assert fit.converged


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("case", [c for c in ZOO if c != "second group full"])
def test_no_set_of_rates_gives_a_warning_or_a_nan(name: str, case: str) -> None:
    fit = RATES[name](*ZOO[case])
    if isinstance(fit, NotEstimable):
        assert fit.reason
        return
    assert "nan" not in str(fit.to_dict()).lower()
    assert float(fit.coefficient_low) <= float(fit.coefficient) <= float(fit.coefficient_high)


def test_events_in_one_group_only_leave_an_exact_one_sided_bound() -> None:
    """The bound θ solves Π P(x1 = 0; θ) = 0.05, a product of hypergeometric probabilities."""
    fit = pool_hypergeometric_normal(*ZOO["first group empty"])
    assert isinstance(fit, NotEstimable)
    note = next(n for n in fit.notes if n.code == "one-sided-bound")
    bound = float(note.text.split("OR: ")[1].split(";")[0])

    def chance(psi: float) -> float:
        out = 1.0
        for n1, m, n2 in ((10, 2, 10), (12, 1, 11), (11, 2, 12)):
            ways = [math.comb(n1, u) * math.comb(n2, m - u) * psi**u for u in range(m + 1)]
            out *= ways[0] / sum(ways)
        return out

    assert chance(bound) == pytest.approx(0.05, rel=2e-3)  # the sentence gives four figures
    assert "below" in fit.reason
    other = pool_hypergeometric_normal(*(ZOO["first group empty"][i] for i in (2, 3, 0, 1)))
    assert isinstance(other, NotEstimable)
    assert "above" in other.reason


@pytest.mark.parametrize("name", ["mantel-haenszel", "hypergeometric-normal", "unconditional-fixed"])
def test_a_group_without_events_in_any_study_has_no_finite_ratio(name: str) -> None:
    assert isinstance(ODDS[name](*ZOO["first group empty"]), NotEstimable)
    assert isinstance(pool_mantel_haenszel(*ZOO["first group empty"], measure="RR"), NotEstimable)
    assert isinstance(pool_mantel_haenszel(*ZOO["first group empty"], measure="RD"), Fit)
    assert isinstance(pool_penalised_likelihood(*ZOO["first group empty"]), Fit)


def test_studies_without_information_are_listed_and_not_counted() -> None:
    x1, n1, x2, n2 = ([*c, extra] for c, extra in zip(SEVEN, (0, 9, 0, 8), strict=True))
    for name in ("hypergeometric-normal", "conditional-approximate", "unconditional-fixed", "mantel-haenszel", "peto"):
        with_it, without = ODDS[name](x1, n1, x2, n2), ODDS[name](*SEVEN)
        assert _numbers(with_it) == _numbers(without), name
        assert with_it.k == without.k == 7
        assert any(n.code == "no-information" and n.about == "study 8" for n in with_it.notes)
        assert len(with_it.weights) == 7


def test_a_study_with_everybody_in_both_groups_speaks_on_the_risk_ratio() -> None:
    fit = pool_mantel_haenszel([10, 3], [10, 12], [10, 1], [10, 11], measure="RR")
    assert isinstance(fit, Fit)
    assert fit.k == 2
    assert pool_mantel_haenszel([10, 3], [10, 12], [10, 1], [10, 11]).k == 1  # type: ignore[union-attr]


def test_tau_zero_reproduces_the_common_effect() -> None:
    same = ([3] * 8, [10] * 8, [2] * 8, [10] * 8)
    for name in ("hypergeometric-normal", "unconditional-fixed", "conditional-approximate"):
        fit, common = ODDS[name](*same), ODDS[name](*same, common=True)
        assert fit.tau2 == 0
        assert fit.coefficient == common.coefficient
        assert fit.se == common.se
        assert fit.coefficient_low <= common.coefficient_low  # τ ≥ 0 can only widen


# --- zero-cell rules and notes ----------------------------------------------------------------------------------------


def test_zero_cell_rules_add_what_they_say() -> None:
    a, b, c, d = (np.array(v, dtype=float) for v in ([0, 3], [10, 9], [2, 1], [20, 11]))
    half = applied(Rule(0.5), a, b, c, d)
    assert half.a.tolist() == [0.5, 3.0]
    assert half.b.tolist() == [10.5, 9.0]
    arm = applied(Rule("treatment-arm"), a, b, c, d)
    assert [arm.a[0], arm.c[0]] == pytest.approx([10 / 32, 2 + 22 / 32])
    assert arm.a[1] == 3.0
    own = applied(Rule("empirical"), a, b, c, d)
    omega, r = (3 * 11) / (9 * 1), 22 / 10  # the only study without an empty cell
    assert [own.a[0], own.c[0]] == pytest.approx([omega / (r + omega), 2 + r / (r + omega)])
    assert applied(Rule(0.5, "none"), a, b, c, d).a.tolist() == [0.0, 3.0]
    assert applied(Rule(0.5, "if0all"), a, b, c, d).a.tolist() == [0.5, 3.5]
    events = applied(Rule(0.5, cells="events"), a, b, c, d)
    assert (events.a[0], events.b[0]) == (0.5, 10.0)
    with pytest.raises(UnknownChoice):
        Rule(0.5, "some")
    with pytest.raises(InputError, match="without an empty cell"):
        applied(Rule("empirical"), a[:1], b[:1], c[:1], d[:1])


def test_a_correction_is_said_and_names_its_studies() -> None:
    fit = pool_mantel_haenszel(*ZOO["single zero"], add=(0.5, 0.5), to=("only0", "only0"), labels=["A", "B", "C"])
    assert isinstance(fit, Fit)
    said = [n for n in fit.notes if n.code == "correction"]
    assert [n.about for n in said] == ["A", "A"]
    assert "0.5 was added to every cell before pooling" in said[1].text
    silent = pool_mantel_haenszel(*ZOO["single zero"])
    assert isinstance(silent, Fit)
    assert not [n for n in silent.notes if n.code == "correction"]
    assert silent.details["q_studies"] == 2
    assert [n.text for n in silent.notes if n.code == "q-partial"] == [
        "Q counts the 2 of 3 studies whose own effect has a variance above 0"
    ]


def test_notes_about_balance_weight_and_peto() -> None:
    uneven = pool_hypergeometric_normal(*ZOO["uneven"])
    assert {"uneven-groups"} <= {n.code for n in uneven.notes}
    huge = pool_hypergeometric_normal(*ZOO["one huge"])
    assert {"one-study-dominates"} <= {n.code for n in huge.notes}
    assert {"two-studies"} <= {n.code for n in pool_hypergeometric_normal(*ZOO["two studies"]).notes}
    peto = pool_peto([1, 2, 5], [40, 50, 30], [2, 2, 1], [10, 12, 9])
    assert {"peto-not-rare", "peto-unbalanced", "peto-large-effect"} <= {n.code for n in peto.notes}
    rare = pool_peto([1, 2], [1000, 1200], [2, 2], [1000, 1200])
    assert not {n.code for n in rare.notes} & {"peto-not-rare", "peto-unbalanced", "peto-large-effect"}


def test_note_when_the_interval_of_a_difference_hangs_on_studies_without_events() -> None:
    fit = pool_mantel_haenszel([3, 4], [20, 20], [0, 0], [20, 20], measure="RD")
    assert isinstance(fit, Fit)
    many = pool_mantel_haenszel(
        [1, 1, 3, *[0] * 5], [20] * 8, [0, 1, 0, *[0] * 5], [20, 20, 20, *[900] * 5], measure="RD"
    )
    assert isinstance(many, Fit)
    moved = [abs(float(f.coefficient)) <= 1.959964 * float(f.se) for f in (many, pool_mantel_haenszel(
        [1, 1, 3], [20] * 3, [0, 1, 0], [20] * 3, measure="RD"))]  # type: ignore[union-attr, arg-type]  # fmt: skip
    said = any(n.code == "double-zero-matters" for n in many.notes)
    assert said == (moved[0] != moved[1])
    assert not any(n.code == "double-zero-matters" for n in fit.notes)


def test_note_when_mantel_haenszel_points_the_other_way() -> None:
    x1, n1, x2, n2 = [30, 1, 1, 1, 1], [200, 50, 50, 50, 50], [20, 3, 3, 3, 4], [200, 50, 50, 50, 50]
    mh, fit = pool_mantel_haenszel(x1, n1, x2, n2), pool_hypergeometric_normal(x1, n1, x2, n2)
    assert isinstance(mh, Fit)
    assert isinstance(fit, Fit)
    differ = float(mh.coefficient) * float(fit.coefficient) < 0  # type: ignore[arg-type]
    assert any(n.code == "signs-differ" for n in fit.notes) == differ


def test_inverse_variance_leaves_out_what_has_no_effect_and_says_so() -> None:
    fit = pool_two_arm_effects(*ZOO["single zero"], labels=["A", "B", "C"])
    assert isinstance(fit, Fit)
    assert fit.labels == ("B", "C")
    assert [n.about for n in fit.notes if n.code == "study-left-out"] == ["A"]
    added = pool_two_arm_effects_common(*ZOO["single zero"], add=0.5)
    assert isinstance(added, Fit)
    assert added.k == 3
    assert isinstance(pool_two_arm_effects(*ZOO["nothing at all"]), NotEstimable)


def test_a_measure_a_model_does_not_have_is_refused_with_those_it_has() -> None:
    for name in ("hypergeometric-normal", "peto", "unconditional-random", "penalised-likelihood"):
        with pytest.raises(UnknownChoice, match="accepted: OR"):
            ODDS[name](*SEVEN, measure="RR")
    with pytest.raises(UnknownChoice, match="IRR"):
        pool_rate_ratio_normal(*SEVEN, measure="IRD")


def test_poisson_curves_take_part_in_the_random_baseline_model() -> None:
    groups = Groups(PoissonCurves.of([3.0], [10.0]), PoissonCurves.of([1.0], [12.0]), np.ones(1))
    z = np.linspace(-9, 9, 361)
    w = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    s, t = -1.5 + 0.6 * z[:, None], 0.3 + 0.4 * z[None, :]
    one, two = 10 * np.exp(s + t / 2), 12 * np.exp(s - t / 2)
    want = math.log(float(w @ (one**3 * np.exp(-one) / 6 * two * np.exp(-two)) @ w))
    assert height(groups, -1.5, 0.3, 0.6, 0.4, Quadrature()).value == pytest.approx(want, abs=1e-11)
