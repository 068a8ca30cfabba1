"""What of ``engine="mcmc"`` needs no sampler: draws that answer as posteriors do, the log-likelihoods, the words.

No test samples (PyMC is no development dependency). That the sampler agrees is in ``validation/agree_with_mcmc.py``
and its stored figures, which the last test reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import handful as hf
from handful.base.errors import InputError
from handful.stats.bayes.draws import Draws
from handful.stats.bayes.likelihood_curves import (
    from_counts,
    from_estimate,
    from_means,
    from_rate,
    from_table,
    from_two_rates,
    stack,
)
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.sampling import SampledPosteriors, log_likelihood


def test_draws_answer_as_the_distribution_they_come_from() -> None:
    """20,000 standard normal draws: Monte Carlo error 0.007 of a mean, so five of those."""
    posterior = Posterior(Draws(np.random.default_rng(5).standard_normal(20_000)), "x")
    assert posterior.mean == pytest.approx(0.0, abs=0.036)
    assert posterior.sd == pytest.approx(1.0, abs=0.025)
    assert posterior.quantile(0.975) == pytest.approx(1.95996, abs=0.08)
    assert posterior.cdf(0.0) + posterior.probability(above=0.0) == pytest.approx(1.0)
    assert posterior.density(0.0) == pytest.approx(0.39894, abs=0.02)
    low, high = posterior.interval(0.95, "shortest")
    assert high - low == pytest.approx(3.92, abs=0.12)
    assert len(posterior.sample(7, seed=1)) == 7


def test_a_density_at_a_floor_is_not_halved() -> None:
    tau = Posterior(Draws(np.abs(np.random.default_rng(6).standard_normal(20_000)), 0.0), "τ")
    assert tau.density(0.0) == pytest.approx(2 * 0.39894, abs=0.06)
    assert tau.density(-0.1) == 0.0


def test_draws_on_the_natural_scale_are_the_transformed_draws() -> None:
    draws = np.random.default_rng(7).normal(-1, 0.5, 4000)
    rate = Posterior(Draws(draws), "rate", "logit").on("natural")
    assert rate.mean == pytest.approx((1 / (1 + np.exp(-draws))).mean(), rel=1e-12)
    assert rate.quantile(0.5) == pytest.approx(1 / (1 + np.exp(-np.median(draws))), rel=1e-6)


def test_the_sampled_likelihoods_are_those_of_the_quadrature() -> None:
    """Differences between two θ, so that constants do not matter; numpy stands in for PyTensor, same functions."""
    for curves in (
        [from_counts(1, 4), from_counts(0, 4), from_counts(7, 7)],
        [from_rate(2, 31.5), from_rate(0, 4.0)],
        [from_table(1, 4, 0, 4), from_table(3, 11, 6, 9)],
        [from_two_rates(2, 31.0, 5, 28.0)],
        [from_estimate(25, low=12, high=45, scale="logit", percent=True), from_counts(1, 4)],
        [from_means(4, 1.0, 2.0, 5, 0.3, 1.5)],
    ):
        rows = stack(curves)
        one, two = np.linspace(-1.2, 0.7, len(curves)), np.linspace(0.9, -0.4, len(curves))
        expected = float((rows.value(one[:, None]) - rows.value(two[:, None])).sum())
        assert float(log_likelihood(np, rows, one) - log_likelihood(np, rows, two)) == pytest.approx(expected, abs=1e-9)


def test_sampled_posteriors_combine_coefficients_as_asked() -> None:
    rng = np.random.default_rng(8)
    beta, tau = rng.normal(0, 1, (5000, 2)), np.abs(rng.normal(0, 1, 5000))
    found = SampledPosteriors(beta, tau, rng.normal(0, 1, (5000, 3)), "identity", 1, (), 0.01)
    asked = np.array([1.0, -2.0])
    assert found.of(asked, "").mean == pytest.approx((beta @ asked).mean(), rel=1e-12)
    assert found.new(asked, "").sd > found.of(asked, "").sd
    assert found.covariance() == pytest.approx(np.cov(beta, rowvar=False))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("arviz", "pymc", "nutpie"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError) as caught:
        hf.pool(hf.one_arm([1, 0], [4, 4]), model="bayes", engine="mcmc")
    assert "PyMC" in caught.value.message
    assert "handful[mcmc]" in caught.value.hint
    assert "quadrature" in caught.value.hint


def test_options_are_refused_in_words() -> None:
    one = hf.one_arm([1, 0], [4, 4])
    with pytest.raises(InputError, match="draws=0"):
        hf.pool(one, model="bayes", engine="mcmc", draws=0)
    with pytest.raises(InputError, match="target_accept"):
        hf.pool(one, model="bayes", engine="mcmc", target_accept=2.0)
    with pytest.raises(InputError, match="does not take tau2"):
        hf.pool(one, model="bayes", engine="mcmc", tau2="REML")
    with pytest.raises(InputError, match="engine='gibbs'"):
        hf.pool(one, model="bayes", engine="gibbs")
    exact = hf.pool(one, model="bayes", engine="quadrature")
    assert exact.estimate == hf.pool(one, model="bayes").estimate


def test_the_stored_run_of_the_sampler_agrees_within_its_error(repository: Path) -> None:
    """``python validation/agree_with_mcmc.py``: means, sds and quantiles of six data sets and three regressions."""
    stored = json.loads((repository / "validation/data/agree_with_mcmc.json").read_text(encoding="utf-8"))
    assert sum(1 for s in stored["sets"].values() if s["zeros"]) >= 2
    assert len(stored["sets"]) >= 6
    assert stored["summary"]["comparisons"] > 100
    # z values of so many comparisons, correlated within a set: a root mean square near 1, none beyond 4.5
    assert stored["summary"]["rms z"] < 1.5
    assert stored["summary"]["largest |z|"] < 4.5
    for found in stored["sets"].values():
        assert found["diverging"] <= 1  # of 16,000; the program notes even one
        assert found["rhat"] < 1.01
