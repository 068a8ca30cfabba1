"""Counts of up to 10⁸: a likelihood that narrow is a normal one, and the posterior must be as quick and as right."""

from __future__ import annotations

import tracemalloc

import mpmath as mp
import numpy as np
import pytest

import handful as hf
from handful.stats.bayes.bayes_normal import pool_normal_bayes
from handful.stats.bayes.bayes_rates import default_mean_prior
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves

QUANTILES = [0.025, 0.25, 0.5, 0.75, 0.975]


@pytest.mark.parametrize(("x", "n"), [(10**8, 2 * 10**8), (3, 10**7), (12_345, 20_000), (0, 10**6), (10**6, 10**6)])
def test_binomial_curves_of_many_people_fall_from_their_top_without_rounding(x: int, n: int) -> None:
    """Differences to 40 digits: the spread of a curve of 10⁸ is 10⁻⁴, where the plain formula is off by 10⁻⁸."""
    curve = BinomialCurves.of([x], [n])
    top = float(np.log(x / (n - x))) if 0 < x < n else 0.0
    theta = top + np.array([0.0, -2.0, -1e-2, -1e-4, 1e-4, 1e-2, 2.0])
    with mp.workdps(40):
        exact = [x * mp.mpf(float(t)) - n * mp.log1p(mp.exp(mp.mpf(float(t)))) for t in theta]
        falls = [float(v - exact[0]) for v in exact]
    value = curve.value(theta[None, :])[0]
    assert value - value[0] == pytest.approx(falls, rel=1e-12, abs=2e-11)


@pytest.mark.parametrize(("x", "time"), [(10**8, 2e8), (12_345, 20.0), (0, 1e7)])
def test_poisson_curves_of_many_events_fall_from_their_top_without_rounding(x: int, time: float) -> None:
    curve = PoissonCurves.of([x], [time])
    top = float(np.log(x / time)) if x else -12.0
    theta = top + np.array([0.0, -2.0, -1e-2, -1e-4, 1e-4, 1e-2, 2.0])
    with mp.workdps(40):
        exact = [x * mp.mpf(float(t)) - mp.mpf(time) * mp.exp(mp.mpf(float(t))) for t in theta]
        falls = [float(v - exact[0]) for v in exact]
    value = curve.value(theta[None, :])[0]
    assert value - value[0] == pytest.approx(falls, rel=1e-12, abs=2e-11)


@pytest.mark.parametrize("size", [10**6, 10**8])
def test_rates_with_very_many_events_are_those_of_normal_estimates(size: int) -> None:
    """Given 10⁶ events the Poisson curve of a log rate is N(log x/T, 1/x) up to 1/(6√x) of its own sd: nothing, beside
    a between-study sd that two studies leave free."""
    x, time = [size, int(1.1 * size)], [2.0 * size, 2.0 * size]
    fit = hf.pool(hf.one_arm_rates(x, time), model="bayes")
    y, v = np.log(np.array(x) / time), 1 / np.array(x, dtype=float)
    normal = pool_normal_bayes(y, v, mean_prior=default_mean_prior(x, time), tau_prior=hf.HalfNormal(1.0))
    for name in ("mean", "tau", "prediction"):
        got, want = fit.posterior(name), normal.posteriors[name]
        assert got.mean == pytest.approx(want.mean, abs=2e-5 * want.sd)
        assert got.quantile(QUANTILES) == pytest.approx(want.quantile(QUANTILES), abs=2e-5 * want.sd)
    assert fit.numerical_error < 1e-5
    assert fit.estimate == pytest.approx(0.542, abs=1e-3)


def test_proportions_of_very_many_people_are_those_of_normal_estimates() -> None:
    x, n = np.array([10**8, 9 * 10**7]), np.array([2 * 10**8, 2 * 10**8])
    fit = hf.pool(hf.one_arm(x, n), model="bayes")
    y, v = np.log(x / (n - x)), 1 / x + 1 / (n - x)
    normal = pool_normal_bayes(y, v, mean_prior=hf.Normal(0, 2), tau_prior=hf.HalfNormal(1.0))
    for name in ("mean", "tau", "prediction"):
        got, want = fit.posterior(name), normal.posteriors[name]
        assert got.quantile(QUANTILES) == pytest.approx(want.quantile(QUANTILES), abs=2e-5 * want.sd)


def test_one_study_of_a_hundred_million_leaves_only_the_spread() -> None:
    """k = 1 at rate ½: μ | data is N(0, 2²) × N(0; μ, τ²) over the half-normal τ, so its median is 0."""
    fit = hf.pool(hf.one_arm([10**8], [2 * 10**8]), model="bayes")
    assert fit.posterior("mean").median == pytest.approx(0.0, abs=1e-5)
    own = fit.posterior_of(fit.labels[0])
    assert own.mean == pytest.approx(0.0, abs=1e-8)
    assert own.sd == pytest.approx(2.0 / np.sqrt(2 * 10**8), rel=1e-5)


def test_huge_and_tiny_studies_together_stay_small_in_memory() -> None:
    tracemalloc.start()
    fit = hf.pool(hf.one_arm_rates([10**8, 1, 0], [2e8, 3.0, 2.0]), model="bayes")
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fit.numerical_error < 1e-5
    assert top < 150e6  # it was 1.3 GB


def test_a_prior_that_contradicts_a_million_events_is_followed_without_splitting_for_ever() -> None:
    fit = hf.pool(
        hf.one_arm_rates([10**7, int(1.1e7)], [2e7, 2e7]), model="bayes", priors={"mean": hf.Normal(-17.3, 3.0)}
    )
    y, v = np.log([0.5, 0.55]), 1 / np.array([1e7, 1.1e7])
    normal = pool_normal_bayes(y, v, mean_prior=hf.Normal(-17.3, 3.0), tau_prior=hf.HalfNormal(1.0))
    got, want = fit.posterior("mean"), normal.posteriors["mean"]
    assert got.quantile(QUANTILES) == pytest.approx(want.quantile(QUANTILES), abs=2e-5 * want.sd)
