"""Bayes factors and the answer as a function of its prior."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import handful as hf
from handful.stats.bayes.bayes_factor import BayesFactor
from handful.synthesis.prior_sensitivity import PriorSensitivity

SMALL = hf.one_arm([1, 0, 3], [4, 4, 9])

#: bayesmeta 3.4, half-normal(0.5) and N(0, 4²): Bayes factors of τ = 0 and μ = 0, and the log marginal likelihood
BAYESMETA = {
    "CrinsEtAl2014_AR": (
        [-2.30970256076291, -0.459532329378441, -2.30258509299405,
         -1.75785791755237, -1.25846098961001, -2.41789593950504],
        [0.599476299648217, 0.556395563777977, 0.88034084308295,
         0.455868502919453, 0.641996176709091, 1.52881074618749],
        (0.883191603732239, 0.00377081861098514, -9.63282016806374),
    ),
    "CrinsEtAl2014_PTLD": (
        [-0.392042087776024, 1.11713133643535, 0.0],
        [2.03323733343013, 1.64429525308107, 1.43427433120127],
        (1.06539498010421, 3.99463164692301, -6.05413317575974),
    ),
    "Rubin1981": (
        [28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16],
        [14.9, 10.2, 16.3, 11, 9.4, 11.4, 10.4, 17.6],
        (1.00217429121117, 0.589904307589641, -30.9875135200222),
    ),
    "hine1989": (
        [0.0280262373285629, 0, 0.0197111299915038, 0.0179611650485437, 0.0353344768439108, 0.0440313111545988],
        [0.0421396220378565, 0.0612908965875675, 0.0285172577394483,
         0.0330147723767001, 0.0283044224443287, 0.0247629372521841],
        (25.4124514278, 45.7245959628661, 5.28747310251275),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAYESMETA))
def test_bayes_factors_of_bayesmeta(name: str) -> None:
    """Both programs integrate over τ to rounding; the figures are given to 15 digits."""
    y, se, (of_tau, of_mu, log_evidence) = BAYESMETA[name]
    priors = {"mean": hf.Normal(0, 4), "tau": hf.HalfNormal(0.5)}
    fit = hf.pool(hf.estimates(y, se=se), model="bayes", priors=priors)
    assert isinstance(fit, hf.Fit)
    assert fit.details["log_evidence"] == pytest.approx(log_evidence, abs=1e-10)
    found, effect = hf.bayes_factor(fit), hf.bayes_factor(fit, "effect")
    assert isinstance(found, BayesFactor)
    assert isinstance(effect, BayesFactor)
    assert found.for_null == pytest.approx(of_tau, rel=1e-10)
    assert effect.for_null == pytest.approx(of_mu, rel=1e-10)


def test_bayes_factor_of_counts_is_the_ratio_of_two_evidences() -> None:
    """τ = 0 and the model, each integrated over its prior by direct sums."""
    fit = hf.pool(SMALL, model="bayes")
    assert isinstance(fit, hf.Fit)
    theta = np.linspace(-20, 20, 40_001)
    log_f = 4 * theta - 17 * np.logaddexp(0, theta) - theta**2 / 8
    ways = math.log(4 * 1 * 84)
    null = math.log(np.exp(log_f).sum() * 0.001) - 0.5 * math.log(2 * math.pi * 4) + ways
    found = hf.bayes_factor(fit)
    assert isinstance(found, BayesFactor)
    assert found.log_for_null == pytest.approx(null - fit.details["log_evidence"], abs=1e-7)
    assert found.for_null * found.against_null == pytest.approx(1)
    assert found.probability == pytest.approx(found.for_null / (1 + found.for_null))


def test_bayes_factor_of_the_effect_is_the_ratio_of_two_evidences() -> None:
    """μ = 0: a prior of μ that is a spike there gives the null's evidence (error of order sd²)."""
    fit = hf.pool(SMALL, model="bayes")
    spike = hf.pool(SMALL, model="bayes", priors={"mean": hf.Normal(0, 1e-3)})
    assert isinstance(fit, hf.Fit)
    assert isinstance(spike, hf.Fit)
    found = hf.bayes_factor(fit, "effect")
    assert isinstance(found, BayesFactor)
    assert found.log_for_null == pytest.approx(spike.details["log_evidence"] - fit.details["log_evidence"], abs=1e-5)


def test_where_no_bayes_factor_exists_it_says_why() -> None:
    flat = hf.pool(hf.estimates([0.1, 0.3], [0.1, 0.2], measure="OR"), model="bayes")
    log_normal = hf.pool(SMALL, model="bayes", priors={"tau": hf.LogNormal(-1.0, 1.0)})
    ml = hf.pool(hf.one_arm([1, 2, 3, 4, 2], [4, 5, 9, 9, 9]), model="binomial-normal")
    assert isinstance(hf.bayes_factor(flat, "effect"), hf.NotEstimable)
    assert isinstance(hf.bayes_factor(log_normal), hf.NotEstimable)
    assert isinstance(hf.bayes_factor(ml), hf.NotEstimable)
    assert isinstance(hf.prior_sensitivity(ml), hf.NotEstimable)
    assert isinstance(hf.prior_sensitivity(flat, of="mean"), hf.NotEstimable)


def test_every_point_is_the_run_with_that_prior() -> None:
    fit = hf.pool(SMALL, model="bayes")
    curve = hf.prior_sensitivity(fit, scales=(0.5, 2.0), threshold=0.3)
    assert isinstance(curve, PriorSensitivity)
    assert [p.factor for p in curve.points] == [0.5, 1.0, 2.0]
    for point in curve.points:
        direct = hf.pool(SMALL, model="bayes", priors={"tau": hf.HalfNormal(point.factor)})
        assert isinstance(direct, hf.Fit)
        assert point.estimate == pytest.approx(direct.estimate, abs=1e-12)
        assert point.above == pytest.approx(
            direct.posterior("average", scale="natural").probability(above=0.3), abs=1e-12
        )
    assert curve.widest > 0
    of_mean = hf.prior_sensitivity(fit, scales=(2.0,), of="mean")
    assert isinstance(of_mean, PriorSensitivity)
    assert "Normal(mean 0, sd 4)" in [p.prior for p in of_mean.points]


@pytest.mark.parametrize(
    "prior", [hf.HalfCauchy(0.5), hf.HalfT(4, 0.5), hf.Uniform(0, 2), hf.LogNormal(-1.0, 0.8)], ids=str
)
def test_every_kind_of_prior_is_stretched_by_its_factor(prior: object) -> None:
    fit = hf.pool(SMALL, model="bayes", priors={"tau": prior})
    curve = hf.prior_sensitivity(fit, scales=(2.0,))
    assert isinstance(curve, PriorSensitivity)
    from handful.synthesis.prior_sensitivity import _scaled

    doubled = _scaled(prior, 2.0)  # type: ignore[arg-type]
    q = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(doubled.quantile(q), 2 * prior.quantile(q), rtol=1e-12)  # type: ignore[attr-defined]


def test_drawing_gives_axes() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    curve = hf.prior_sensitivity(hf.pool(SMALL, model="bayes"), scales=(0.5, 2.0))
    assert isinstance(curve, PriorSensitivity)
    assert "between-study sd" in curve.draw().get_xlabel()


def test_posteriors_are_had_on_either_scale() -> None:
    fit = hf.pool(
        SMALL,
        model="bayes",
    )
    assert isinstance(fit, hf.Fit)
    natural = fit.posterior("mean", scale="natural")
    assert natural.median == pytest.approx(float(special.expit(fit.posterior("mean").median)), abs=1e-12)
    assert fit.posterior_of(fit.labels[0], scale="natural").median < 1
    assert fit.posterior("tau", scale="natural").median == fit.posterior("tau").median
