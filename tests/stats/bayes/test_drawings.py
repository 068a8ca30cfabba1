"""Priors, posteriors, curves and sensitivities draw themselves without pyplot; curves say where they are one-sided."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.stats.bayes.likelihood_curves import from_counts, from_estimate, from_table


@pytest.fixture
def fit() -> Any:
    return hf.pool(hf.one_arm([1, 0, 3], [4, 4, 9]), model="bayes")


def test_nothing_touches_pyplot(fit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # importing it would raise
    for thing in (hf.HalfNormal(0.5), fit.posterior("mean"), from_counts(1, 4), hf.prior_sensitivity(fit)):
        axes = thing.draw()
        assert axes.figure is not None
        assert len(axes.lines) >= 1
        assert thing.draw(axes) is axes


def test_what_is_drawn_are_the_numbers(fit: Any) -> None:
    prior = hf.HalfNormal(0.5)
    x, y = prior.draw().lines[0].get_data()
    np.testing.assert_allclose(y, prior.density(x))
    posterior = fit.posterior("mean")
    x, y = posterior.draw().lines[0].get_data()
    np.testing.assert_allclose(y, posterior.density(x))
    curve = from_counts(1, 4)
    x, y = curve.draw().lines[0].get_data()
    assert y.max() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(np.diff(np.log(y)), np.diff(curve.log_likelihood(x)), atol=1e-9)
    found = hf.prior_sensitivity(fit)
    axes = hf.figures.prior_sensitivity(found)
    (line,) = [line for line in axes.lines if line.get_label() == "estimate"]
    np.testing.assert_allclose(line.get_ydata(), [p.estimate for p in found.points])


def test_curves_say_where_they_are_flat_or_one_sided() -> None:
    assert from_counts(1, 4).shape == "two-sided"
    assert from_counts(0, 4).shape == "one-sided: bounds the effect from above only"
    assert from_counts(4, 4).shape == "one-sided: bounds the effect from below only"
    assert from_table(0, 4, 0, 4).shape.startswith("flat")
    assert "one-sided" in str(from_counts(0, 4))
    assert "bounds the effect from above" in from_counts(0, 4).draw().get_title()


def test_two_sources_on_one_effect_multiply() -> None:
    one, two = from_counts(0, 4), from_estimate(25, low=12, high=45, scale="logit", percent=True)
    both = one * two
    theta = np.linspace(-4, 1, 11)
    parts = one.log_likelihood(theta) + two.log_likelihood(theta)
    np.testing.assert_allclose(both.log_likelihood(theta), parts)
    assert both.shape == "two-sided"


def test_a_rate_between_two_others_prints_in_rates_and_is_a_normal() -> None:
    prior = hf.rate_between(0.01, 0.6)
    assert str(prior).startswith("rate between 1 % and 60 % with 95 %")
    assert isinstance(prior, hf.Normal)
    low, high = 1 / (1 + np.exp(-prior.quantile([0.025, 0.975])))
    assert (low, high) == pytest.approx((0.01, 0.6), abs=1e-12)
    fit = hf.pool(hf.one_arm([1, 0], [4, 4]), model="bayes", priors={"mean": prior})
    assert any("rate between 1 % and 60 %" in note.text for note in fit.notes)


def test_people_are_whole(fit: Any) -> None:
    for model in ("bayes", "binomial-normal", "beta-binomial", "common-effect"):
        people = hf.pool(hf.one_arm([1, 2, 3], [4, 5, 9]), model=model).people
        assert (people, type(people)) == (18, int)
    assert type(hf.pool(hf.one_arm_rates([1, 2, 3], [4.5, 5, 9])).people) is float


def test_what_a_next_study_may_show(fit: Any) -> None:
    """P(next study's rate above 0.3), and of r or more among the next six: sums of one distribution."""
    above = fit.posterior("prediction", scale="natural").probability(above=0.3)
    assert 0 < above < 1
    six = fit.next_patients(6)
    assert six.at_least(0) == pytest.approx(1)
    assert six.at_least(3) == pytest.approx(sum(six.probabilities[3:]))
    draws = fit.posterior("prediction", scale="natural").sample(20_000, seed=3)
    share = np.mean(np.random.default_rng(4).binomial(6, draws) >= 3)
    assert six.at_least(3) == pytest.approx(share, abs=0.015)  # four Monte Carlo errors
