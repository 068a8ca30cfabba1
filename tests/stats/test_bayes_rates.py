"""Poisson–normal posteriors against direct sums over (μ, τ); their edges."""

from __future__ import annotations

import numpy as np
import pytest

import handful as hf
from handful.stats.bayes.bayes_rates import default_mean_prior, pool_rates_bayes
from handful.stats.results import Fit, NotEstimable


@pytest.mark.parametrize(
    ("events", "time"), [([2, 0, 5], [31.5, 12.0, 60.0]), ([0, 0], [14.0, 20.0]), ([30, 12, 41], [100.0, 80.0, 90.0])]
)
def test_average_mean_and_tau_by_direct_sums(events: list[int], time: list[float]) -> None:
    """Sums of probabilities of (μ, τ) cells: 3e-3 at a quantile of the average, which cuts cells."""
    fit = pool_rates_bayes(events, time)
    assert isinstance(fit, Fit)
    prior = default_mean_prior(events, time)
    z = np.linspace(-8, 8, 121)
    wz = np.exp(-0.5 * z * z)
    wz /= wz.sum()
    if sum(events) > 20:
        mus, taus = np.linspace(-7.5, 4.5, 961), np.linspace(0, 6, 301)
    else:
        mus, taus = np.linspace(prior.mean - 18, prior.mean + 18, 721), np.linspace(0, 6, 181)
    log_w = np.zeros((len(taus), len(mus)))
    for j, tau in enumerate(taus):
        t = mus[:, None] + tau * z
        for x, span in zip(events, time, strict=True):
            log_w[j] += np.log(np.exp(x * t - span * np.exp(np.minimum(t, 50))) @ wz + 1e-300)
        log_w[j] -= 0.5 * ((mus - prior.mean) / prior.sd) ** 2 + 0.5 * tau**2
    w = np.exp(log_w - log_w.max())
    w[0] *= 0.5
    w /= w.sum()
    mean, tau_posterior = fit.posterior("mean"), fit.posterior("tau")
    assert mean.mean == pytest.approx(float(w.sum(axis=0) @ mus), abs=1e-5)
    assert tau_posterior.mean == pytest.approx(float(w.sum(axis=1) @ taus), abs=2e-4)
    average = mus + 0.5 * taus[:, None] ** 2
    for q, value in ((0.025, fit.low), (0.5, fit.estimate), (0.975, fit.high)):
        assert float(w[average < np.log(value)].sum()) == pytest.approx(q, abs=3e-3)  # type: ignore[arg-type]


def test_the_unit_of_time_does_not_matter() -> None:
    years, months = pool_rates_bayes([2, 0, 5], [31.5, 12, 60]), pool_rates_bayes([2, 0, 5], [378, 144, 720])
    assert isinstance(years, Fit)
    assert isinstance(months, Fit)
    assert years.estimate == pytest.approx(12 * months.estimate, rel=1e-9)  # type: ignore[operator]
    assert years.numerical_error < 1e-5  # type: ignore[operator]


def test_no_event_is_bounded_above_and_says_so() -> None:
    fit = pool_rates_bayes([0, 0], [14, 20])
    assert isinstance(fit, Fit)
    assert 0 < fit.low < fit.estimate < fit.high  # type: ignore[operator]
    assert "prior-matters" in [note.code for note in fit.notes]
    assert isinstance(fit.details["posterior_mean"], NotEstimable)


def test_pool_takes_it_and_time_zero_is_left_out() -> None:
    fit = hf.pool(hf.one_arm_rates([2, 0, 0], [31.5, 0, 9], labels=["a", "none", "b"]), model="bayes")
    assert isinstance(fit, Fit)
    assert fit.labels == ("a", "b")
    assert isinstance(pool_rates_bayes([0], [0]), NotEstimable)


def test_estimates_with_a_prior_take_the_scale_of_their_measure() -> None:
    from handful.base.errors import InputError

    fit = hf.pool(hf.estimates([-0.4, 0.1], [0.05, 0.08], measure="HR"), model="bayes")
    assert isinstance(fit, Fit)
    assert fit.estimate == pytest.approx(np.exp(fit.coefficient))
    with pytest.raises(InputError, match="depends on the unit"):
        hf.pool(hf.estimates([-0.4, 0.1], [0.05, 0.08], measure="MD"), model="bayes")
    assert "prior-scale" in [n.code for n in hf.pool(hf.estimates([0.1, 0.2], [0.1, 0.2]), model="bayes").notes]
