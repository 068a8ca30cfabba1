"""The normal–normal posterior's exact properties; outside figures are in tests/oracles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.bayes_curves import pool_curves_bayes
from handful.stats.bayes.bayes_normal import pool_normal_bayes
from handful.stats.bayes.empirical_priors import turner_2015
from handful.stats.bayes.likelihood_curves import from_estimate
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, HalfT, LogNormal, Normal, Prior, Uniform
from handful.stats.results import Fit

Y, V = [0.1, -0.4, 0.35, 0.9], [0.04, 0.09, 0.06, 0.2]


def of(fit: object, name: str) -> Posterior:
    assert isinstance(fit, Fit)
    assert fit.posteriors is not None
    found = fit.posteriors[name]
    assert isinstance(found, Posterior)
    return found


@pytest.mark.parametrize(
    "prior",
    [HalfNormal(0.5), HalfT(4, 0.5), HalfCauchy(0.3), LogNormal(-1.3, 0.9), Uniform(0, 1.5), turner_2015()],
    ids=str,
)
@pytest.mark.parametrize("mean_prior", [None, Normal(0.2, 1.5)], ids=str)
def test_curve_engine_and_closed_form_agree(prior: Prior, mean_prior: Normal | None) -> None:
    """Two independent routes: grids over (μ, τ) with sums, and mixtures of normals over τ. In posterior sds."""
    closed = pool_normal_bayes(Y, V, mean_prior=mean_prior, tau_prior=prior)
    curves = [from_estimate(y, se=math.sqrt(v)) for y, v in zip(Y, V, strict=True)]
    grid = pool_curves_bayes(curves, mean_prior=mean_prior, tau_prior=prior)
    assert isinstance(grid, Fit)
    q = [0.005, 0.025, 0.25, 0.5, 0.75, 0.975, 0.995]
    for name in ("mean", "tau", "prediction"):
        a, b = of(closed, name), of(grid, name)
        width = a.quantile(0.75) - a.quantile(0.25)
        np.testing.assert_allclose(a.quantile(q), b.quantile(q), rtol=0, atol=1e-6 * width)
        np.testing.assert_allclose(a.mean, b.mean, rtol=0, atol=1e-6 * width)
    assert closed.posteriors is not None
    assert grid.posteriors is not None
    for label in closed.labels:
        a, b = closed.posteriors["studies"][label], grid.posteriors["studies"][label]
        np.testing.assert_allclose(a.quantile(q), b.quantile(q), rtol=0, atol=1e-6 * a.sd)
    assert grid.details["log_evidence"] == pytest.approx(closed.details["log_evidence"], abs=1e-7)


def test_one_study_with_a_flat_mean_leaves_tau_exactly_at_its_prior() -> None:
    prior = HalfNormal(0.5)
    fit = pool_normal_bayes([0.3], [0.1], tau_prior=prior)
    q = np.array([0.01, 0.5, 0.99])
    np.testing.assert_allclose(of(fit, "tau").quantile(q), prior.quantile(q), rtol=1e-9)
    # predictive of Röver & Friede's single-study prior: y + N(0, v + 2τ²) mixed over the prior
    nodes, weights = np.polynomial.legendre.leggauss(400)
    tau = 2.5 * (nodes + 1)
    w = weights * prior.density(tau)
    below = float(w @ special.ndtr((1.0 - 0.3) / np.sqrt(0.1 + 2 * tau**2))) / float(w.sum())
    assert of(fit, "prediction").cdf(1.0) == pytest.approx(below, abs=1e-10)


def test_a_vanishing_tau_prior_gives_the_common_effect() -> None:
    fit = pool_normal_bayes(Y, V, tau_prior=HalfNormal(1e-7))
    w = 1 / np.array(V)
    assert fit.coefficient == pytest.approx(float(w @ Y / w.sum()), abs=1e-10)
    assert fit.se == pytest.approx(float(w.sum() ** -0.5), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.floats(-50, 50), st.floats(0.01, 100))
def test_shifting_and_scaling_the_data_shifts_and_scales_the_answer(shift: float, scale: float) -> None:
    base = pool_normal_bayes(Y, V, tau_prior=HalfNormal(0.5))
    moved = pool_normal_bayes(scale * np.array(Y) + shift, scale**2 * np.array(V), tau_prior=HalfNormal(0.5 * scale))
    q = np.array([0.05, 0.5, 0.95])
    for name in ("mean", "prediction"):
        want = scale * of(base, name).quantile(q) + shift
        np.testing.assert_allclose(of(moved, name).quantile(q), want, rtol=1e-8, atol=1e-8 * scale)
    np.testing.assert_allclose(of(moved, "tau").quantile(q), scale * of(base, "tau").quantile(q), rtol=1e-8)


def test_order_and_sign() -> None:
    a = pool_normal_bayes(Y, V)
    b = pool_normal_bayes(Y[::-1], V[::-1])
    c = pool_normal_bayes([-y for y in Y], V)
    assert a.coefficient == pytest.approx(b.coefficient, rel=1e-10)
    assert a.coefficient == pytest.approx(-c.coefficient, rel=1e-10)  # type: ignore[operator]


def test_nearly_equal_estimates_far_from_zero_keep_their_digits() -> None:
    near, far = pool_normal_bayes(Y, V), pool_normal_bayes(1e6 + np.array(Y), V)
    assert far.coefficient - 1e6 == pytest.approx(near.coefficient, abs=1e-8)  # type: ignore[operator]
    assert of(far, "tau").median == pytest.approx(of(near, "tau").median, rel=1e-7)


def test_variances_a_hundred_million_apart() -> None:
    fit = pool_normal_bayes([0.2, 0.5, -3.0], [1e-6, 1.0, 100.0])
    assert math.isfinite(fit.se)  # type: ignore[arg-type]
    assert fit.numerical_error <= 1e-5  # type: ignore[operator]


def test_a_tail_without_moments_says_infinity() -> None:
    fit = pool_normal_bayes([0.1, 0.5], [0.1, 0.1], tau_prior=HalfCauchy(0.5))
    assert of(fit, "tau").mean < math.inf  # p(τ) falls like τ^-3
    assert of(fit, "tau").sd == math.inf
    assert of(fit, "prediction").sd == math.inf
    assert math.isfinite(of(fit, "prediction").quantile(0.975))


def test_scale_gives_ratios_back() -> None:
    fit = pool_normal_bayes(Y, V, scale="log", measure="OR")
    assert fit.estimate == pytest.approx(math.exp(fit.coefficient))  # type: ignore[arg-type]
    assert fit.low == pytest.approx(math.exp(fit.coefficient_low))  # type: ignore[arg-type]


def test_bad_input_names_the_row() -> None:
    with pytest.raises(InputError, match=r"row 1: y = 2, v = 0; row 2"):
        pool_normal_bayes([1, 2, math.nan], [1, 0, 1])
    with pytest.raises(InputError, match="as many"):
        pool_normal_bayes([1], [1, 2])
    with pytest.raises(InputError, match="does not integrate"):
        pool_normal_bayes([1, 2], [1, 1], tau_prior=Uniform(0, math.inf))
    with pytest.raises(UnknownChoice):
        pool_normal_bayes([1, 2], [1, 1], interval="hdi")  # type: ignore[arg-type]
    with pytest.raises(UnknownChoice):
        pool_normal_bayes([1, 2], [1, 1], scale="probit")  # type: ignore[arg-type]
