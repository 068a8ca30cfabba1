"""Corners that a stranger finds: priors far narrower than the likelihood, rates beyond e⁻⁵⁰⁰, full arms, overflow."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest

import handful as hf
from handful.stats.bayes.population_average import logit_of_average
from handful.stats.comparisons.ratio_curves import FullArmCurves, RiskRatioCurves, with_corners_apart


def _by_panels(x: list[int], n: list[int], scale: float) -> tuple[float, float, float]:
    """Mean and sd of μ, and P(τ < scale), for a half-Cauchy prior and N(0, 2²): plain Gauss–Legendre panels, graded
    towards τ = 0 so that a prior of any scale is resolved. Other code than the package's."""
    nodes, w = np.polynomial.legendre.leggauss(10)
    edges = np.concatenate([[0.0], scale * np.geomspace(0.05, 1.0, 4), scale * np.geomspace(1.0, 3e4, 24)[1:]])
    half = np.diff(edges)[:, None] / 2
    taus, w_tau = ((edges[:-1, None] + half) + half * nodes).ravel(), (half * w).ravel()
    w_tau = w_tau / (1 + (taus / scale) ** 2)
    mu = np.linspace(-14, 14, 281)
    z = np.linspace(-8.5, 8.5, 121)
    phi = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    grid = np.linspace(-60, 60, 901)
    curves = [np.exp(a * grid - b * np.logaddexp(0, grid)) for a, b in zip(x, n, strict=True)]
    step = grid[1] - grid[0]
    whole = first = second = below = 0.0
    for tau, weight in zip(taus, w_tau, strict=True):
        p = np.exp(-0.125 * mu * mu)
        for curve, a, b in zip(curves, x, n, strict=True):
            if tau < 0.5:
                theta = mu[:, None] + tau * z
                p = p * (np.exp(a * theta - b * np.logaddexp(0, theta)) @ phi)
            else:
                kernel = np.exp(-0.5 * ((mu[:, None] - grid) / tau) ** 2) / (tau * np.sqrt(2 * np.pi))
                inside = kernel @ curve * step
                p = p * inside
        whole, first = whole + weight * p.sum(), first + weight * (p @ mu)
        second, below = second + weight * (p @ mu**2), below + weight * p.sum() * (tau < scale)
    mean = first / whole
    return mean, float(np.sqrt(second / whole - mean**2)), below / whole


@pytest.mark.parametrize("scale", [0.001, 0.03])
def test_a_half_cauchy_prior_much_narrower_than_the_likelihood(scale: float) -> None:
    """The trapezoid rule had missed a prior between its points: means off by a tenth of a posterior sd and more."""
    x, n = [1, 2, 3, 7, 2], [4, 5, 9, 10, 30]
    fit = hf.pool(hf.one_arm(x, n), model="bayes", priors={"tau": hf.HalfCauchy(scale)})
    mean, sd, below = _by_panels(x, n, scale)
    posterior = fit.posterior("mean")
    assert fit.numerical_error < 1e-5
    assert posterior.mean == pytest.approx(mean, abs=1e-5 * sd)
    assert posterior.sd == pytest.approx(sd, rel=1e-5)
    assert fit.posterior("tau").cdf(scale) == pytest.approx(below, abs=1e-5)


@pytest.mark.parametrize("events", [[0], [1, 0, 3]])
def test_a_prior_narrower_than_any_grid_is_as_good_as_a_known_sd(events: list[int]) -> None:
    """log-normal(−3, 0.01) against uniform in e⁻³ (1 ± 10⁻⁴): 2e-4 of an sd is what 1 % of the spread does."""
    totals = [4, 4, 9][: len(events)]
    tight = hf.pool(hf.one_arm(events, totals), model="bayes", priors={"tau": hf.LogNormal(-3, 0.01)})
    known = hf.pool(
        hf.one_arm(events, totals),
        model="bayes",
        priors={"tau": hf.Uniform(0.9999 * np.exp(-3), 1.0001 * np.exp(-3))},
    )
    tau = tight.posterior("tau")
    assert tau.median == pytest.approx(np.exp(-3), rel=1e-5)
    assert tau.sd == pytest.approx(0.01 * np.exp(-3), rel=1e-3)
    for name in ("estimate", "low", "high"):
        assert getattr(tight, name) == pytest.approx(getattr(known, name), rel=2e-4)


@pytest.mark.filterwarnings("error")
def test_a_very_wide_prior_of_a_rate_nobody_reached_gives_numbers_without_warnings() -> None:
    fit = hf.pool(hf.one_arm([0, 0], [4, 4]), model="bayes", priors={"mean": hf.Normal(0, 30)})
    assert 0 < fit.low < fit.estimate < fit.high < 0.2
    assert np.isfinite(fit.posterior("average").sd)


@pytest.mark.parametrize("tau", [0.3, 1.9, 5.0, 7.0, 40.0])
@pytest.mark.parametrize("mu", [-900.0, -30.0, -2.0, 0.7])
def test_the_average_rate_against_a_long_sum_in_logarithms(mu: float, tau: float) -> None:
    z = np.linspace(-14, 14 + tau, 400_001)
    logit = mu + tau * z
    log_f = np.minimum(logit, 0) - np.log1p(np.exp(-np.abs(logit))) - 0.5 * z * z
    top = log_f.max()
    log_p = top + np.log(np.exp(log_f - top).sum() * (z[1] - z[0]) / np.sqrt(2 * np.pi))
    want = log_p - np.log1p(-np.exp(log_p))
    for fine, error in ((True, 1e-9), (False, 1e-6)):
        eta, slope, bend = (float(v[0, 0]) for v in logit_of_average(np.array([[mu]]), np.array([tau]), fine=fine))
        assert eta == pytest.approx(want, abs=error * max(1.0, abs(want) * 1e-3))
        around = [logit_of_average(np.array([[mu + d]]), np.array([tau]), fine=fine) for d in (-1e-3, 1e-3)]
        assert slope == pytest.approx(float(around[1][0][0, 0] - around[0][0][0, 0]) / 2e-3, abs=1e-5)
        assert bend == pytest.approx(float(around[1][1][0, 0] - around[0][1][0, 0]) / 2e-3, abs=1e-5)


@pytest.mark.parametrize("table", [(4, 4, 3, 4), (4, 4, 0, 4), (2, 5, 6, 6), (4, 4, 4, 4)])
@pytest.mark.parametrize("tau", [0.02, 0.4, 5.0])
def test_the_marginal_likelihood_of_a_full_arm_by_adaptive_quadrature(table: Any, tau: float) -> None:
    rows = FullArmCurves(*(np.array([float(v)]) for v in table))
    corner = float(rows.corners()[0])
    for mu in (-2.0, 0.05, 1.5):
        points = sorted({mu - 12 * tau, mu, mu + 12 * tau, corner, mu - 3 * tau, mu + 3 * tau})
        with mp.workdps(20):
            whole = mp.quad(
                lambda t, mu=mu: mp.exp(float(rows.value(np.array([[float(t)]]))[0, 0]))
                * mp.npdf(t, mu, tau),
                points,
            )  # fmt: skip
        found = rows.log_marginals(np.array([mu]), tau)[0, 0]
        assert found == pytest.approx(float(mp.log(whole)), abs=1e-9)


def test_full_arms_are_rows_of_their_own_kind_in_the_old_order() -> None:
    columns = tuple(np.array(c, dtype=float) for c in ([4, 2, 1], [4, 6, 1], [3, 1, 0], [4, 6, 2]))
    mixed, plain = with_corners_apart(*columns), RiskRatioCurves(*columns)
    theta = np.linspace(-3, 3, 13)[None, :]
    assert mixed.value(theta) == pytest.approx(plain.value(theta))


def test_risk_ratios_with_full_arms_reach_the_promised_error() -> None:
    fit = hf.pool(hf.two_arms([4, 2, 5], [4, 6, 9], [3, 1, 4], [4, 6, 9]), measure="RR", model="bayes")
    assert fit.numerical_error < 1e-5


def test_everybody_in_both_groups_is_answered_in_seconds_and_says_what_was_reached() -> None:
    """A curve −n|θ| has a cusp; the sides mirror each other, so the median ratio is 1."""
    fit = hf.pool(hf.two_arms([4, 4], [4, 4], [4, 4], [4, 4]), measure="RR", model="bayes")
    assert fit.estimate == pytest.approx(1.0, abs=1e-4)
    assert fit.low * fit.high == pytest.approx(1.0, abs=1e-3)
    assert fit.numerical_error < 1e-2
    assert "numerical-error" in [note.code for note in fit.notes]


def test_one_event_among_two_million_has_a_risk_ratio_and_no_giant_table() -> None:
    fit = hf.pool(hf.two_arms([0], [10**6], [1], [10**6]), measure="RR", model="bayes")
    odds = hf.pool(hf.two_arms([0], [10**6], [1], [10**6]), measure="OR", model="bayes")
    assert fit.estimate == pytest.approx(odds.estimate, rel=1e-4)
    assert fit.numerical_error < 1e-5
