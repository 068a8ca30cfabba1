"""Priors as values: densities, distribution functions and quantiles agree; empirical figures are the published ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.empirical_priors import rhodes_2015, turner_2015
from handful.stats.bayes.priors import (
    Beta,
    HalfCauchy,
    HalfNormal,
    HalfT,
    LogNormal,
    LogT,
    Normal,
    Prior,
    Uniform,
    rate_between,
)

ALL: list[Prior] = [
    Normal(-1, 2),
    HalfNormal(0.5),
    HalfT(4, 0.5),
    HalfCauchy(0.5),
    Uniform(0, 4),
    Uniform(0.2, 1),
    LogNormal(-1, 0.5),
    LogNormal(-2.56, 1.74, of="tau2"),
    LogT(5, -3.44, 2.59, of="tau2"),
    Beta(0.5, 0.5),
    Beta(2, 5),
]


@pytest.mark.parametrize("prior", ALL, ids=str)
def test_density_is_the_slope_of_the_distribution_function(prior: Prior) -> None:
    x = prior.quantile(np.linspace(0.05, 0.95, 19))
    step = 1e-5 * np.abs(x)
    slope = (prior.cdf(x + step) - prior.cdf(x - step)) / (2 * step)
    np.testing.assert_allclose(prior.density(x), slope, rtol=1e-6)


@pytest.mark.parametrize("prior", ALL, ids=str)
def test_quantile_inverts_the_distribution_function(prior: Prior) -> None:
    q = np.array([1e-6, 0.01, 0.3, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(prior.cdf(prior.quantile(q)), q, rtol=1e-9)


@pytest.mark.parametrize("prior", ALL, ids=str)
def test_nothing_lies_outside_the_support(prior: Prior) -> None:
    low, high = prior.support
    for outside in (low - 1, high + 1):
        if math.isfinite(outside):
            assert prior.density(outside) == 0
            assert prior.cdf(outside) in (0.0, 1.0)


@pytest.mark.parametrize("prior", ALL, ids=str)
def test_priors_are_values(prior: Prior) -> None:
    assert prior == type(prior)(**vars(prior))
    with pytest.raises(AttributeError):
        prior.scale = 2  # type: ignore[attr-defined]


def test_half_normal_has_its_95th_percentile_at_1_96_scales() -> None:
    assert HalfNormal(0.5).quantile(0.95) == pytest.approx(0.5 * 1.959963984540054, rel=1e-12)


def test_half_cauchy_is_half_t_on_one_degree_of_freedom() -> None:
    x = np.array([0.0, 0.3, 2.0, 1e6])
    np.testing.assert_allclose(HalfCauchy(0.7).density(x), HalfT(1, 0.7).density(x), rtol=1e-12)


def test_log_normal_of_tau2_is_log_normal_of_tau_at_half_the_numbers() -> None:
    q = np.array([0.025, 0.5, 0.975])
    np.testing.assert_allclose(LogNormal(-2, 1.5, of="tau2").quantile(q), LogNormal(-1, 0.75).quantile(q), rtol=1e-13)


def test_rate_between_puts_its_level_between_the_rates() -> None:
    prior = rate_between(0.01, 0.60)
    ends = prior.quantile([0.025, 0.975])
    np.testing.assert_allclose(1 / (1 + np.exp(-ends)), [0.01, 0.60], rtol=1e-12)
    assert str(prior) == "rate between 1 % and 60 % with 95 % (on the logit: mean -2.09483, sd 1.27568)"


def test_heavy_tails_do_not_overflow() -> None:
    for prior in (HalfCauchy(0.5), HalfT(3, 2.0)):
        assert math.isfinite(float(prior.log_density(1e200)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Normal(0, 0),
        lambda: Normal(math.nan, 1),
        lambda: HalfNormal(-1),
        lambda: HalfT(0, 1),
        lambda: Uniform(2, 1),
        lambda: LogNormal(0, math.inf),
        lambda: Beta(0, 1),
        lambda: rate_between(0.6, 0.1),
        lambda: rate_between(0, 0.5),
        lambda: rate_between(0.1, 0.5, level=95),
        lambda: LogNormal(0, 1, of="variance"),  # type: ignore[arg-type]
        lambda: Uniform(0, math.inf).quantile(0.5),
    ],
)
def test_impossible_priors_are_refused_with_what_would_do(make: object) -> None:
    with pytest.raises(InputError) as caught:
        make()  # type: ignore[operator]
    assert caught.value.hint


def test_turner_and_rhodes_give_their_marginal_figures() -> None:
    """Turner 2015 (10.1002/sim.6381): log τ² normal(−2.56, 1.74); Rhodes 2015: location −3.44, scale 2.59, 5 df."""
    assert turner_2015() == LogNormal(-2.56, 1.74, of="tau2")
    assert rhodes_2015() == LogT(5, -3.44, 2.59, of="tau2")
    assert turner_2015("adverse events", "pharmacological vs. placebo / control") == LogNormal(-1.87, 1.52, of="tau2")


def test_a_setting_that_is_not_in_the_paper_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnknownChoice, match="adverse event"):
        turner_2015("adverse event", "pharmacological vs. placebo / control")
    with pytest.raises(UnknownChoice, match="comparison"):
        turner_2015("adverse events", "drug")
    with pytest.raises(UnknownChoice, match="area"):
        rhodes_2015("obstetric outcome", "pharmacological vs. placebo / control", area="skin")


def test_drawing_returns_axes() -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    axes = HalfNormal(0.5).draw()
    assert axes.get_title() == "half-normal(scale 0.5)"
    plt.close("all")
