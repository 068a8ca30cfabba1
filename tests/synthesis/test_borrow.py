"""Borrowing: limits of every method, exact algebra against grids, the flagship's children, the sparse zoo."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import special

import handful as hf
from handful.base.errors import InputError
from handful.stats.borrowed.mixtures import BetaMixture
from handful.synthesis.borrowing import Borrowing

CHILDREN, ADULTS = hf.one_arm([0], [4], labels=["children"]), hf.one_arm([1], [4], labels=["adults"])
THREE = hf.one_arm([4, 1, 7], [11, 4, 15])


def borrow(target: Any = CHILDREN, source: Any = ADULTS, **options: Any) -> Borrowing:
    found = hf.borrow(target, source, **options)
    assert isinstance(found, Borrowing)
    return found


def same(a: Any, b: Any, tolerance: float = 1e-9) -> None:
    """Two posteriors are one: distribution functions on a grid of the natural scale."""
    grid = np.linspace(0.005, 0.995, 100)
    np.testing.assert_allclose(a.cdf(grid), b.cdf(grid), atol=tolerance)


def brute_force(weight: float, x: int, n: int, source: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Mean, P(rate < 0.3) and posterior weight of MAP by sums on a grid of (μ, τ, θ), without the package."""
    z = np.linspace(-8, 8, 161)
    wz = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    theta = np.linspace(-14, 14, 1401)
    p = special.expit(theta)
    predictive = np.zeros_like(theta)
    taus = 0.04 * (np.arange(125) + 0.5)  # midpoints of cells
    mus = np.linspace(-10, 10, 401)
    for tau in taus:
        log_w = -0.5 * (mus / 2) ** 2 - 0.5 * tau * tau
        for a, b in source:
            t = mus[:, None] + tau * z
            log_w = log_w + np.log((special.expit(t) ** a * special.expit(-t) ** (b - a)) @ wz)
        w = np.exp(log_w)
        predictive += (w[:, None] * np.exp(-0.5 * ((theta - mus[:, None]) / tau) ** 2)).sum(axis=0) / tau
    step = theta[1] - theta[0]
    predictive /= predictive.sum() * step
    ways = math.comb(n, x)
    likelihood = ways * p**x * (1 - p) ** (n - x)
    m1, m0 = float((predictive * likelihood).sum() * step), ways * float(special.beta(x + 1, n - x + 1))
    share = weight * m1 / (weight * m1 + (1 - weight) * m0)
    after = predictive * likelihood / (predictive * likelihood).sum()
    mean = share * float(after @ p) + (1 - share) * (x + 1) / (n + 2)
    edge = special.logit(0.3)
    inside = float(np.interp(edge, theta + step / 2, np.cumsum(after)))
    below = share * inside + (1 - share) * float(special.betainc(x + 1, n - x + 1, 0.3))
    return mean, below, share


@pytest.mark.parametrize(
    ("weight", "x", "n", "source"),
    [(0.5, 0, 4, [(1, 4)]), (0.2, 0, 4, [(1, 4)]), (0.8, 0, 4, [(1, 4)]), (0.5, 9, 10, [(4, 11), (1, 4), (7, 15)])],
)
def test_robust_map_is_what_a_grid_over_three_parameters_gives(
    weight: float, x: int, n: int, source: list[tuple[int, int]]
) -> None:
    """Grid error: about 2e-5 (cells of 0.04 in τ, where the integrand is smooth)."""
    mean, below, share = brute_force(weight, x, n, source)
    found = borrow(hf.one_arm([x], [n]), hf.one_arm(*map(list, zip(*source, strict=True))), weight=weight)
    assert found.with_.mean == pytest.approx(mean, abs=1e-4)
    assert found.with_.cdf(0.3) == pytest.approx(below, abs=2e-4)
    assert found.posterior_weight == pytest.approx(share, abs=1e-4)


def test_weight_zero_is_no_borrowing_and_weight_one_is_map() -> None:
    none, nothing = borrow(weight=0), borrow(method="none")
    same(none.with_, none.without)
    same(nothing.with_, nothing.without)
    same(borrow(weight=1).with_, borrow(method="map").with_)
    assert none.posterior_weight == 0.0
    assert borrow(method="map").posterior_weight == 1.0
    assert none.borrowed.moment == pytest.approx(0, abs=1e-9)


def test_without_borrowing_the_target_has_its_own_beta_posterior() -> None:
    found = borrow()
    assert found.without.mean == pytest.approx(1 / 6, abs=1e-12)
    assert found.estimate == pytest.approx(float(special.betaincinv(1, 5, 0.5)), abs=1e-12)
    assert found.low == pytest.approx(float(special.betaincinv(1, 5, 0.025)), abs=1e-12)
    assert found.high == pytest.approx(float(special.betaincinv(1, 5, 0.975)), abs=1e-12)


def test_map_is_the_joint_analysis_of_source_and_target() -> None:
    fit = hf.pool(hf.one_arm([1, 0], [4, 4], labels=["adults", "children"]), model="bayes")
    assert isinstance(fit, hf.Fit)
    same(borrow(method="map").with_, fit.posterior_of("children", scale="natural"), 1e-7)


def test_numeric_prior_times_likelihood_is_the_joint_analysis() -> None:
    """Two roads to one posterior: the predictive density times the binomial, and the joint fit."""
    found = borrow(method="map", target=hf.one_arm([3], [9]), source=THREE)
    prior = found.map_numeric
    assert not isinstance(prior, hf.NotEstimable)
    p = (np.arange(20_000) + 0.5) / 20_000
    after = prior.density(p) * p**3 * (1 - p) ** 6
    cdf = np.cumsum(after) / after.sum()
    np.testing.assert_allclose(found.with_.cdf(p + 0.5 / 20_000), cdf, atol=2e-7)


def test_mixture_update_agrees_with_the_numeric_posterior_within_its_divergence() -> None:
    found = borrow(target=hf.one_arm([3], [9]), source=THREE)
    assert isinstance(found.map, BetaMixture)
    after = found.map.with_part(0.5, 1.0, 1.0).update(3, 9)
    assert after.mean == pytest.approx(found.with_.mean, abs=1e-3)
    assert after.sd == pytest.approx(found.with_.sd, abs=1e-3)
    weight = found.posterior_weight
    assert isinstance(weight, float)
    assert after.weights[-1] == pytest.approx(1 - weight, abs=2e-3)


def test_children_with_adults_borrowed_at_three_strengths() -> None:
    """0 of 4 children beside 1 of 4 adults: the median stays near 0.12, the upper limit falls a little."""
    rows = {row.weight: row for row in borrow(who="children", threshold=0.3).sweep}
    assert [rows[w].weight for w in (0.2, 0.5, 0.8)] == [0.2, 0.5, 0.8]
    highs = [rows[w].high for w in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert highs == sorted(highs, reverse=True)
    np.testing.assert_allclose([rows[w].estimate for w in (0.2, 0.5, 0.8)], [0.126, 0.123, 0.121], atol=6e-4)
    np.testing.assert_allclose([rows[w].high for w in (0.2, 0.5, 0.8)], [0.506, 0.485, 0.467], atol=6e-4)
    found = borrow(who="children", threshold=0.3)
    assert found.as_if == "as if one more child had been seen (ELIR)"
    assert found.robust is True
    assert found.conclusions == ("unclear",) * 5


def test_exchangeable_strata_are_pooled_as_tau_vanishes() -> None:
    """τ → 0: one rate for 1 + 3 of 4 + 8, with the prior N(0, 2²) on its logit. Error of order τ² = 1e-6."""
    found = borrow(
        hf.one_arm([3], [8]),
        ADULTS,
        method="exchangeable",
        priors={"mean": hf.Normal(0, 2), "tau": hf.HalfNormal(1e-3)},
    )
    theta = np.linspace(-15, 15, 60_001)
    log_f = 4 * theta - 12 * np.logaddexp(0, theta) - theta**2 / 8
    w = np.exp(log_f - log_f.max())
    assert found.with_.mean == pytest.approx(float((w @ special.expit(theta)) / w.sum()), abs=1e-5)


def test_exchangeable_strata_part_as_tau_grows() -> None:
    """τ → ∞: whatever the adults did, and equal to the children alone with a prior that has become flat (Haldane)."""
    wide = {"mean": hf.Normal(0, 2), "tau": hf.Uniform(900.0, 1100.0)}
    answers = [borrow(hf.one_arm([3], [8]), hf.one_arm([x], [4]), method="exchangeable", priors=wide) for x in (1, 3)]
    same(answers[0].with_, answers[1].with_, 1e-4)
    assert answers[0].with_.mean == pytest.approx(3 / 8, abs=1e-4)


def test_exnex_is_the_sum_over_assignments() -> None:
    """Two strata: four assignments, each by direct sums on a grid of θ and (μ, τ)."""
    x, n = np.array([1, 0]), np.array([4, 4])
    theta = np.linspace(-16, 16, 1601)
    step = theta[1] - theta[0]
    p = special.expit(theta)
    like = [math.comb(int(m), int(k)) * p**k * (1 - p) ** (m - k) for k, m in zip(x, n, strict=True)]
    mus, taus = np.linspace(-11, 11, 221), 0.05 * (np.arange(100) + 0.5)
    prior = np.exp(-0.5 * (mus / 2) ** 2)[:, None] * np.exp(-0.5 * taus**2)
    prior /= prior.sum()
    marginal = np.zeros((2, len(mus), len(taus)))
    together, alone = np.zeros_like(theta), np.zeros_like(theta)
    for j, tau in enumerate(taus):
        kernel = np.exp(-0.5 * ((theta - mus[:, None]) / tau) ** 2)
        kernel /= kernel.sum(axis=1)[:, None]
        for i in range(2):
            marginal[i, :, j] = kernel @ like[i]
        together += (prior[:, j] * marginal[0, :, j]) @ kernel * like[1]
        alone += prior[:, j] @ kernel * like[1]
    own = [1 / (m + 1) for m in n]  # beta-binomial with Beta(1, 1)
    vague = p * (1 - p) * like[1] * step
    parts = {
        (True, True): (float((prior * marginal[0] * marginal[1]).sum()), together),
        (False, True): (own[0] * float((prior * marginal[1]).sum()), alone),
        (True, False): (float((prior * marginal[0]).sum()) * own[1], vague),
        (False, False): (own[0] * own[1], vague),
    }
    w = 0.3
    weights = {k: v[0] * math.prod(w if inside else 1 - w for inside in k) for k, v in parts.items()}
    total = sum(weights.values())
    mean = sum(weights[k] / total * float(v[1] @ p) / float(v[1].sum()) for k, v in parts.items())
    found = borrow(method="exnex", weight=w)
    assert found.with_.mean == pytest.approx(mean, abs=1e-4)
    share = (weights[True, True] + weights[False, True]) / total
    assert found.posterior_weight == pytest.approx(share, abs=1e-4)


def test_exnex_with_weight_zero_is_no_borrowing() -> None:
    found = borrow(method="exnex", weight=0, source=THREE)
    same(found.with_, found.without)


def test_power_prior_counts_each_source_patient_as_a_part_of_one() -> None:
    found = borrow(method="power-prior", weight=0.25, source=THREE)
    a, b = 1 + 0.25 * 12 + 0, 1 + 0.25 * 18 + 4
    assert found.with_.mean == pytest.approx(a / (a + b), abs=1e-12)
    assert found.borrowed.moment == pytest.approx(0.25 * 30, abs=1e-8)
    assert found.borrowed.elir == pytest.approx(0.25 * 30, abs=1e-8)


def test_power_prior_of_estimates_divides_the_variance() -> None:
    target, source = hf.estimates([-0.3], [0.2], measure="OR"), hf.estimates([-0.5], [0.1], measure="OR")
    found = borrow(target, source, method="power-prior", weight=0.5)
    w = [1 / 4, 1 / 0.2, 0.5 / 0.1]  # prior N(0, 2²), target, source
    mean = (w[1] * -0.3 + w[2] * -0.5) / sum(w)
    model = found.with_.on("model")
    assert model.mean == pytest.approx(mean, abs=1e-12)
    assert model.sd == pytest.approx(sum(w) ** -0.5, abs=1e-12)


def test_robust_map_of_estimates_is_a_mixture_of_normals() -> None:
    """Against a grid: the source's predictive density as hf.pool gives it, times the normal likelihood."""
    target, source = hf.estimates([0.9], [0.2], measure="OR"), hf.estimates([-0.5, -0.1], [0.1, 0.3], measure="OR")
    fit = hf.pool(source, model="bayes")
    assert isinstance(fit, hf.Fit)
    x = np.linspace(-25, 25, 200_001)
    likelihood = np.exp(-0.5 * (x - 0.9) ** 2 / 0.2) / math.sqrt(2 * math.pi * 0.2)
    borrowed = fit.posterior("prediction").density(x) * likelihood
    vague = hf.Normal(0, 2).density(x) * likelihood
    m1, m0 = borrowed.sum(), vague.sum()
    joint = (0.4 * borrowed + 0.6 * vague) / (0.4 * m1 + 0.6 * m0)
    found = borrow(target, source, weight=0.4)
    assert found.posterior_weight == pytest.approx(0.4 * m1 / (0.4 * m1 + 0.6 * m0), abs=1e-8)
    assert found.with_.on("model").mean == pytest.approx(float(joint @ x), abs=1e-8)


def test_what_is_borrowed_can_be_told_in_patients_for_estimates() -> None:
    target, source = hf.estimates([-0.3], [0.2], measure="OR"), hf.estimates([-0.5, -0.1], [0.1, 0.3], measure="OR")
    times, patients = borrow(target, source), borrow(target, source, people=40)
    assert patients.borrowed.moment == pytest.approx(40 * times.borrowed.moment, rel=1e-12)
    assert patients.borrowed.unit == "patients"
    assert "as if the target had brought" in times.as_if


def test_down_weighting_is_the_analysis_with_larger_variances() -> None:
    randomised, other = hf.estimates([-0.3, 0.1], [0.2, 0.3], measure="OR"), hf.estimates([-0.8], [0.02], measure="OR")
    found = borrow(randomised, other, method="down-weight", weight=0.25)
    fit = hf.pool(hf.estimates([-0.3, 0.1, -0.8], [0.2, 0.3, 0.08], measure="OR"), model="bayes")
    alone = hf.pool(randomised, model="bayes")
    assert isinstance(fit, hf.Fit)
    assert isinstance(alone, hf.Fit)
    assert found.with_.median == pytest.approx(fit.estimate, abs=1e-9)
    assert found.estimate == pytest.approx(alone.estimate, abs=1e-9)
    assert [row.weight for row in found.sweep] == [0.0, 0.1, 0.25, 0.5, 1.0]


def test_allowing_for_bias_moves_and_widens_each_estimate() -> None:
    randomised, other = hf.estimates([-0.3, 0.1], [0.2, 0.3], measure="OR"), hf.estimates([-0.8], [0.02], measure="OR")
    found = borrow(randomised, other, method="bias", bias=hf.Normal(-0.2, 0.3))
    fit = hf.pool(hf.estimates([-0.3, 0.1, -0.6], [0.2, 0.3, 0.11], measure="OR"), model="bayes")
    assert isinstance(fit, hf.Fit)
    assert found.with_.median == pytest.approx(fit.estimate, abs=1e-9)


def test_rates_are_borrowed_too() -> None:
    """Posterior weight and mean by sums over the source's predictive density."""
    target, source = hf.one_arm_rates([1], [20.0]), hf.one_arm_rates([23, 12], [107.0, 44.0])
    fit = hf.pool(source, model="bayes")
    assert isinstance(fit, hf.Fit)
    x = np.linspace(-30, 12, 84_001)
    likelihood = 20 * np.exp(x - 20 * np.exp(x))
    borrowed = fit.posterior("prediction").density(x) * likelihood
    vague = hf.Normal(-math.log(20), 3).density(x) * likelihood
    found = borrow(target, source)
    assert found.posterior_weight == pytest.approx(borrowed.sum() / (borrowed.sum() + vague.sum()), abs=1e-6)
    mean = float(((borrowed + vague) @ np.exp(x)) / (borrowed + vague).sum())
    assert found.with_.mean == pytest.approx(mean, rel=1e-6)


def test_conflict_is_the_predictive_tail_and_is_flagged() -> None:
    source = hf.one_arm([23, 12, 19, 9, 39, 6, 9, 10], [107, 44, 51, 39, 139, 20, 78, 35])
    found = borrow(hf.one_arm([18], [20]), source)
    prior = found.map_numeric
    assert not isinstance(prior, hf.NotEstimable)
    assert not isinstance(found.conflict, hf.NotEstimable)
    p = (np.arange(100_000) + 0.5) / 100_000
    tail = float((prior.density(p) * special.betainc(18, 3, p)).mean())
    assert found.conflict.p == pytest.approx(2 * tail, rel=1e-6)
    assert found.conflict.flag
    assert "prior-data-conflict" in [note.code for note in found.notes]
    weight = found.posterior_weight
    assert isinstance(weight, float)
    assert weight < 0.05  # the robust prior lets go of the source
    calm = borrow().conflict
    assert not isinstance(calm, hf.NotEstimable)
    assert not calm.flag


def test_robust_says_when_the_strength_of_borrowing_decides() -> None:
    source = hf.one_arm([23, 12, 19], [107, 44, 51])
    found = borrow(hf.one_arm([9], [20]), source, threshold=0.25)
    assert found.conclusions == ("above", "above", "above", "unclear", "unclear")
    assert found.robust is False
    assert isinstance(borrow().robust, hf.NotEstimable)


ZOO = [(0, 1), (1, 1), (0, 4), (4, 4), (1, 4), (0, 40), (200, 400)]


@pytest.mark.parametrize(
    ("target", "source"), list(itertools.product(ZOO, [(0, 4), (4, 4), (1, 3), (0, 1), (150, 400)]))
)
def test_sparse_zoo_gives_finite_ordered_numbers(target: tuple[int, int], source: tuple[int, int]) -> None:
    for method in ("robust-map", "power-prior"):
        found = borrow(hf.one_arm(*([v] for v in target)), hf.one_arm(*([v] for v in source)), method=method)
        for posterior in (found.without, found.with_):
            low, high = posterior.interval(0.95)
            assert 0 <= low < posterior.median < high <= 1
            assert math.isfinite(posterior.mean)
            assert math.isfinite(posterior.sd)
        assert math.isfinite(found.borrowed.moment)
        found.to_dict()


def test_events_and_non_events_mirror() -> None:
    one = borrow(hf.one_arm([1], [6]), THREE)
    other = borrow(hf.one_arm([5], [6]), hf.one_arm([7, 3, 8], [11, 4, 15]))
    assert one.with_.mean == pytest.approx(1 - other.with_.mean, abs=1e-7)
    assert one.posterior_weight == pytest.approx(other.posterior_weight, abs=1e-7)
    # the exact answer mirrors; the mixture is a fit, and two ways of fitting differ by its divergence
    assert one.borrowed.amount == pytest.approx(other.borrowed.amount, abs=0.3)


def test_order_of_source_studies_does_not_matter_and_the_answer_repeats() -> None:
    one = borrow(source=THREE)
    other = borrow(source=hf.one_arm([7, 4, 1], [15, 11, 4]))
    assert one.with_.median == pytest.approx(other.with_.median, abs=1e-10)
    assert str(one) == str(borrow(source=THREE))
    assert one.to_dict() == borrow(source=THREE).to_dict()


def test_several_target_studies_count_as_one_and_it_is_said() -> None:
    found = borrow(hf.one_arm([0, 1], [4, 5]), ADULTS)
    same(found.with_, borrow(hf.one_arm([1], [9]), ADULTS).with_)
    assert "target-as-one" in [note.code for note in found.notes]


def test_nobody_is_no_answer_and_wrong_input_is_told() -> None:
    assert isinstance(hf.borrow(hf.one_arm([0], [0]), ADULTS), hf.NotEstimable)
    assert isinstance(hf.borrow(CHILDREN, hf.one_arm([0], [0])), hf.NotEstimable)
    with pytest.raises(InputError, match="bring both to one kind"):
        hf.borrow(CHILDREN, hf.estimates([0.1], [0.2]))
    with pytest.raises(InputError, match="did you mean"):
        hf.borrow(CHILDREN, ADULTS, method="robust")
    with pytest.raises(InputError, match="between 0"):
        hf.borrow(CHILDREN, ADULTS, weight=1.5)
    with pytest.raises(InputError, match="no vague prior"):
        hf.borrow(hf.estimates([0.1], [0.2], measure="MD"), hf.estimates([0.1], [0.2], measure="MD"))
    with pytest.raises(InputError, match=r"for hf\.estimates"):
        hf.borrow(CHILDREN, ADULTS, method="down-weight")
    with pytest.raises(InputError, match="needs bias"):
        hf.borrow(hf.estimates([0.1], [0.2]), hf.estimates([0.1], [0.2]), method="bias")
    with pytest.raises(InputError, match="at most 7"):
        hf.borrow(CHILDREN, hf.one_arm([1] * 7, [4] * 7), method="exnex")
