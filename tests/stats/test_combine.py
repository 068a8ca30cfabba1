"""Counts and published estimates in one analysis, against brute-force integration and the models of counts alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import handful as hf
from handful.base.errors import InputError
from handful.stats.bayes.likelihood_curves import from_estimate
from handful.stats.results import Fit


def pooled(evidence: object, **options: object) -> Fit:
    fit = hf.pool(evidence, **options)  # type: ignore[arg-type]
    assert isinstance(fit, Fit)
    return fit


def grid_posterior(
    log_curves: list[object], mean_sd: float, tau_scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights over (τ, μ) by trapezoid sums, the curves integrated over z on 321 points: nothing of the package."""
    z = np.linspace(-8, 8, 321)
    wz = np.exp(-0.5 * z * z)
    wz /= wz.sum()
    mus, taus = np.linspace(-14, 14, 561), np.linspace(0, 6 * tau_scale, 181)
    log_w = np.zeros((len(taus), len(mus)))
    for j, tau in enumerate(taus):
        t = mus[:, None] + tau * z
        for curve in log_curves:
            log_w[j] += np.log(np.exp(curve(t)) @ wz + 1e-300)  # type: ignore[operator]
        log_w[j] -= 0.5 * (mus / mean_sd) ** 2 + 0.5 * (tau / tau_scale) ** 2
    w = np.exp(log_w - log_w.max())
    w[0] *= 0.5
    return w / w.sum(), mus, taus


def binomial(x: int, n: int) -> object:
    return lambda t: x * t - n * np.logaddexp(0, t)


def normal(y: float, v: float) -> object:
    return lambda t: -0.5 * (t - y) ** 2 / v


def test_one_of_four_with_a_percentage_and_its_interval_against_brute_force() -> None:
    """25 % (12 to 45 %) is normal on the logit: centre logit 0.25, se from the interval's width there."""
    published = from_estimate(25, low=12, high=45, scale="logit", percent=True)
    fit = pooled(hf.combine(hf.one_arm([1], [4]), published, measure="proportion"), model="bayes")
    ends = special.logit(np.array([0.12, 0.45]))
    se = float(ends[1] - ends[0]) / (2 * float(special.ndtri(0.975)))
    w, mus, taus = grid_posterior([binomial(1, 4), normal(float(special.logit(0.25)), se * se)], 2.0, 1.0)
    mean = fit.posterior("mean")
    np.testing.assert_allclose(mean.mean, (w.sum(axis=0) @ mus), atol=1e-6)
    for q in (0.025, 0.5, 0.975):
        at = float(mean.quantile(q))
        below = np.interp(at, mus + (mus[1] - mus[0]) / 2, np.cumsum(w.sum(axis=0)))
        assert below == pytest.approx(q, abs=2e-4)  # the interpolated sum, not the quadrature
    np.testing.assert_allclose(fit.posterior("tau").mean, w.sum(axis=1) @ taus, atol=1e-4)


def test_one_of_four_against_none_of_four_with_a_study_that_published_only_an_odds_ratio() -> None:
    """The table's conditional curve and the odds ratio's normal curve, both over the log odds ratio."""
    fit = pooled(
        hf.combine(hf.two_arms([1], [4], [0], [4]), hf.estimates([0.8], [0.3], measure="OR"), measure="OR"),
        model="bayes",
    )
    # one event in all: x1 ~ Bernoulli with odds e^θ (4 of 8 people in either group)
    w, mus, _ = grid_posterior([binomial(1, 1), normal(0.8, 0.3)], 2.82, 0.5)
    np.testing.assert_allclose(fit.posterior("mean").mean, w.sum(axis=0) @ mus, atol=1e-6)
    assert fit.k == 2


def test_an_odds_ratio_with_its_comparator_is_the_treated_groups_own_estimate() -> None:
    """From a table 6 of 20 against 5 of 25: the odds ratio and the comparator give back logit 6/20, 1/6 + 1/14."""
    y = math.log(6 * 20 / (14 * 5))
    v = 1 / 6 + 1 / 14 + 1 / 5 + 1 / 20
    both = hf.combine(hf.estimates([y], [v], measure="OR"), measure="proportion", comparator=hf.one_arm([5], [25]))
    rows = both.curves[0].rows
    assert rows.y[0] == pytest.approx(math.log(6 / 14), abs=1e-12)  # type: ignore[attr-defined]
    assert rows.se[0] ** 2 == pytest.approx(1 / 6 + 1 / 14, abs=1e-12)  # type: ignore[attr-defined]


def test_an_odds_ratio_alone_is_no_rate() -> None:
    with pytest.raises(InputError, match="says nothing about a rate"):
        hf.combine(hf.one_arm([1], [4]), hf.estimates([0.8], [0.3], measure="OR"), measure="proportion")
    with pytest.raises(InputError, match="no rate follows"):
        hf.combine(hf.estimates([0.8], [0.3], measure="OR"), measure="proportion", comparator=hf.one_arm([0], [25]))


def test_counts_alone_are_the_binomial_normal_model() -> None:
    counts = hf.one_arm([3, 5, 1, 7, 2], [10, 12, 9, 11, 8])
    bayes, mixed = pooled(counts, model="bayes"), pooled(hf.combine(counts, measure="proportion"), model="bayes")
    np.testing.assert_allclose(
        [mixed.estimate, mixed.low, mixed.high], [bayes.estimate, bayes.low, bayes.high], atol=1e-9
    )
    ml, curves = (
        pooled(counts, model="binomial-normal"),
        pooled(hf.combine(counts, measure="proportion"), model="likelihood"),
    )
    for name in ("estimate", "low", "high", "coefficient", "se", "coefficient_low", "coefficient_high", "tau2"):
        assert getattr(curves, name) == pytest.approx(getattr(ml, name), abs=1e-7), name
    assert not isinstance(curves.tau2_interval, hf.NotEstimable)
    assert not isinstance(ml.tau2_interval, hf.NotEstimable)
    assert curves.tau2_interval.high == pytest.approx(ml.tau2_interval.high, rel=1e-6)


def test_tables_alone_are_the_hypergeometric_normal_model() -> None:
    tables = hf.two_arms([2, 4, 6, 17], [39, 44, 107, 103], [1, 8, 4, 5], [43, 44, 110, 100])
    ml = pooled(tables, model="hypergeometric-normal")
    curves = pooled(hf.combine(tables, measure="OR"), model="likelihood")
    for name in ("estimate", "low", "high", "se", "tau2"):
        assert getattr(curves, name) == pytest.approx(getattr(ml, name), rel=1e-6), name


def test_estimates_alone_are_the_normal_normal_model() -> None:
    est = hf.estimates([-0.4, 0.1, -0.2], [0.05, 0.08, 0.1], measure="OR")
    priors = {"mean": hf.Normal(0, 2.82), "tau": hf.HalfNormal(0.5)}
    a, b = pooled(est, model="bayes", priors=priors), pooled(hf.combine(est, measure="OR"), model="bayes")
    np.testing.assert_allclose([b.estimate, b.low, b.high], [a.estimate, a.low, a.high], rtol=1e-7)


def test_many_patients_make_a_count_and_its_published_percentage_one_thing() -> None:
    """n → ∞: the binomial curve of 3000 of 10 000 is the normal curve of its logit."""
    other = hf.one_arm([1], [4])
    count = pooled(hf.combine(other, hf.one_arm([3000], [10_000]), measure="proportion"), model="bayes")
    y, v = math.log(0.3 / 0.7), 1 / 3000 + 1 / 7000
    published = pooled(hf.combine(other, hf.estimates([y], [v], measure="PLO"), measure="proportion"), model="bayes")
    assert count.estimate == pytest.approx(published.estimate, abs=1e-4)


def test_swapping_the_groups_inverts_a_mixed_odds_ratio() -> None:
    one = pooled(
        hf.combine(hf.two_arms([1, 3], [4, 9], [0, 1], [4, 8]), hf.estimates([0.4], [0.3], measure="OR"), measure="OR")
    )
    other = pooled(
        hf.combine(hf.two_arms([0, 1], [4, 8], [1, 3], [4, 9]), hf.estimates([-0.4], [0.3], measure="OR"), measure="OR")
    )
    np.testing.assert_allclose(
        [one.estimate, one.low, one.high], [1 / other.estimate, 1 / other.high, 1 / other.low], rtol=1e-6
    )  # type: ignore[operator]


def test_two_groups_swap_and_flat_tables_are_listed_not_counted() -> None:
    priors = {"mean": hf.Normal(0, 2.5), "tau": hf.HalfNormal(0.5)}
    two = hf.two_arms([1, 0, 3], [4, 6, 9], [0, 0, 1], [4, 7, 8], labels=["a", "nothing", "b"])
    back = hf.two_arms([0, 0, 1], [4, 7, 8], [1, 0, 3], [4, 6, 9], labels=["a", "nothing", "b"])
    one, other = (pooled(t, measure="OR", model="bayes", priors=priors) for t in (two, back))
    np.testing.assert_allclose(
        [one.estimate, one.low, one.high], [1 / other.estimate, 1 / other.high, 1 / other.low], rtol=1e-7
    )  # type: ignore[operator]
    assert one.k == 2
    assert "nothing" in [note.about for note in one.notes]
    mixed = pooled(hf.combine(two, measure="OR"), model="bayes", priors=priors)
    assert mixed.k == 2
    assert mixed.estimate == pytest.approx(one.estimate, rel=1e-7)
    assert "nothing" in [note.about for note in mixed.notes]


def test_rates_and_published_log_rates_mix() -> None:
    both = hf.combine(
        hf.one_arm_rates([1, 0], [14.0, 20.0]), hf.estimates([-2.2], [0.6], measure="IRLN"), measure="rate"
    )
    fit = pooled(both)
    assert fit.k == 3
    assert fit.low < fit.estimate < fit.high  # type: ignore[operator]
    ratio = hf.combine(
        hf.two_arm_rates([3], [10.0], [1], [12.0]), hf.estimates([0.5], [0.2], measure="IRR"), measure="IRR"
    )
    assert pooled(ratio).k == 2


def test_one_sided_curves_have_no_maximum_but_a_posterior() -> None:
    both = hf.combine(hf.one_arm([0, 0], [4, 9]), measure="proportion")
    assert isinstance(hf.pool(both, model="likelihood"), hf.NotEstimable)
    assert pooled(both, model="bayes").high < 0.5  # type: ignore[operator]


def test_nobody_is_left_out_and_wrong_scales_are_told() -> None:
    both = hf.combine(hf.one_arm([0, 1], [0, 4], labels=["none", "some"]), measure="proportion")
    assert len(both) == 1
    assert both.notes[0].about == "none"
    with pytest.raises(InputError, match="not on the logit scale"):
        hf.combine(from_estimate(2.0, se=0.3, scale="log"), measure="proportion")
    with pytest.raises(InputError, match="no proportion"):
        hf.combine(hf.estimates([0.1], [0.2], measure="SMD"), measure="proportion")
    with pytest.raises(InputError, match="cannot take TwoArms"):
        hf.combine(hf.two_arms([1], [4], [0], [4]), measure="proportion")


def test_a_mixed_fit_can_be_run_again_without_a_study() -> None:
    fit = pooled(
        hf.combine(hf.one_arm([1, 2], [4, 9]), hf.estimates([-1.0], [0.2], measure="PLO"), measure="proportion")
    )
    again = fit.recipe.again([0, 2])
    direct = pooled(hf.combine(hf.one_arm([1], [4]), hf.estimates([-1.0], [0.2], measure="PLO"), measure="proportion"))
    assert again.estimate == pytest.approx(direct.estimate, abs=1e-12)
