"""Mixtures of conjugate distributions: updates against quadrature, effective sample sizes against their definitions."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from handful.base.errors import InputError
from handful.stats.bayes.posterior import NormalMixture, Posterior
from handful.stats.borrowed.effective_sample_size import elir, information, moment
from handful.stats.borrowed.mixture_fit import fit_mixture
from handful.stats.borrowed.mixtures import BetaMixture, GammaMixture, update_normal
from handful.stats.results import NotEstimable

ROBUST = BetaMixture((0.5, 0.3, 0.2), (4.0, 11.0, 1.0), (9.0, 2.5, 1.0))


@pytest.mark.parametrize(("x", "n"), [(0, 4), (1, 4), (4, 4), (0, 0), (17, 60)])
def test_conjugate_update_of_a_beta_mixture_is_bayes_theorem(x: int, n: int) -> None:
    """Against prior × likelihood integrated by mpmath at 30 digits."""
    mpmath.mp.dps = 30

    def joint(p: mpmath.mpf) -> mpmath.mpf:
        prior = sum(
            w * p ** (a - 1) * (1 - p) ** (b - 1) / mpmath.beta(a, b)
            for w, a, b in zip(ROBUST.weights, ROBUST.a, ROBUST.b, strict=True)
        )
        return prior * mpmath.binomial(n, x) * p**x * (1 - p) ** (n - x)

    total = mpmath.quad(joint, [0, 0.1, 0.5, 0.9, 1])
    mean = mpmath.quad(lambda p: p * joint(p), [0, 0.1, 0.5, 0.9, 1]) / total
    below = mpmath.quad(joint, [0, 0.1, 0.3]) / total
    after = ROBUST.update(x, n)
    assert ROBUST.log_evidence(x, n) == pytest.approx(float(mpmath.log(total)), abs=1e-13)
    assert after.mean == pytest.approx(float(mean), abs=1e-14)
    assert float(after.cdf(0.3)) == pytest.approx(float(below), abs=1e-13)
    assert math.fsum(after.weights) == pytest.approx(1, abs=1e-14)


def test_predictive_probabilities_sum_to_one() -> None:
    assert float(ROBUST.predictive(30).sum()) == pytest.approx(1, abs=1e-13)


def test_updating_twice_is_updating_once() -> None:
    once, twice = ROBUST.update(3, 10), ROBUST.update(1, 4).update(2, 6)
    np.testing.assert_allclose([once.weights, once.a, once.b], [twice.weights, twice.a, twice.b], rtol=1e-12)


@pytest.mark.parametrize(("x", "t"), [(0, 3.5), (4, 12.0)])
def test_conjugate_update_of_a_gamma_mixture_is_bayes_theorem(x: int, t: float) -> None:
    mpmath.mp.dps = 30
    prior = GammaMixture((0.6, 0.4), (2.0, 0.7), (9.0, 1.5))

    def joint(r: mpmath.mpf) -> mpmath.mpf:
        density = sum(
            w * mpmath.mpf(b) ** a * r ** (mpmath.mpf(a) - 1) * mpmath.exp(-b * r) / mpmath.gamma(a)
            for w, a, b in zip(prior.weights, prior.a, prior.b, strict=True)
        )
        return density * (r * t) ** x * mpmath.exp(-r * t) / mpmath.factorial(x)

    # r = e^s takes the singular end of the second component away
    total = mpmath.quad(lambda s: joint(mpmath.exp(s)) * mpmath.exp(s), [-60, -5, -1, 0, 2, 5])
    mean = mpmath.quad(lambda s: joint(mpmath.exp(s)) * mpmath.exp(2 * s), [-60, -5, -1, 0, 2, 5]) / total
    assert prior.log_evidence(x, t) == pytest.approx(float(mpmath.log(total)), abs=1e-12)
    assert prior.update(x, t).mean == pytest.approx(float(mean), rel=1e-12)


def test_update_of_normals_is_bayes_theorem() -> None:
    prior = NormalMixture(np.array([0.3, 0.7]), np.array([-1.0, 0.5]), np.array([0.4, 1.2]))
    after, evidence = update_normal(prior, 0.8, 0.09)
    x = np.linspace(-12, 12, 200_001)
    joint = prior.density(x) * np.exp(-0.5 * (x - 0.8) ** 2 / 0.09) / math.sqrt(2 * math.pi * 0.09)
    step = 24 / 200_000
    assert evidence == pytest.approx(math.log(joint.sum() * step), abs=1e-12)
    np.testing.assert_allclose(after.density(x), joint / (joint.sum() * step), atol=1e-12)


@pytest.mark.parametrize(("a", "b"), [(3.0, 9.0), (0.5, 3.0), (0.01, 0.02), (300.0, 900.0), (1.0, 1.0)])
def test_one_beta_is_worth_a_plus_b_patients_by_either_rule(a: float, b: float) -> None:
    one = BetaMixture((1.0,), (a,), (b,))
    assert elir(one) == pytest.approx(a + b, rel=1e-9)
    assert moment(one) == pytest.approx(a + b, rel=1e-9)


def test_one_gamma_is_worth_its_person_time() -> None:
    one = GammaMixture((1.0,), (3.0,), (42.0,))
    assert elir(one) == pytest.approx(42, rel=1e-10)
    assert moment(one) == pytest.approx(42, rel=1e-12)


def test_elir_is_its_definition_on_the_logit() -> None:
    """E[−(log p)''/i] by mpmath's own derivatives."""
    mpmath.mp.dps = 30

    def log_density(t: mpmath.mpf) -> mpmath.mpf:
        p = 1 / (1 + mpmath.exp(-t))
        return mpmath.log(
            sum(
                w * p**a * (1 - p) ** b / mpmath.beta(a, b)
                for w, a, b in zip(ROBUST.weights, ROBUST.a, ROBUST.b, strict=True)
            )
        )

    def term(t: mpmath.mpf) -> mpmath.mpf:
        p = 1 / (1 + mpmath.exp(-t))
        return -mpmath.exp(log_density(t)) * mpmath.diff(log_density, t, 2) / (p * (1 - p))

    want = mpmath.quad(term, [-25, -10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10, 25])
    assert elir(ROBUST) == pytest.approx(float(want), rel=1e-7)  # the tails beyond ±25 hold 1e-10


def test_elir_is_predictively_consistent() -> None:
    """Neuenschwander 2020: n more patients add n on average over what they may show."""
    prior = BetaMixture((0.6, 0.4), (4.0, 12.0), (9.0, 5.0))
    n = 8
    chances = prior.predictive(n)
    after = [elir(prior.update(x, n)) for x in range(n + 1)]
    before = elir(prior)
    assert isinstance(before, float)
    assert float(sum(p * float(e) for p, e in zip(chances, after, strict=True))) == pytest.approx(before + n, rel=1e-9)  # type: ignore[arg-type]


def test_elir_says_so_where_it_is_infinite() -> None:
    found = elir(BetaMixture((0.5, 0.5), (0.8, 1.0), (3.0, 4.0)))
    assert isinstance(found, NotEstimable)
    assert "infinite" in found.reason
    assert moment(BetaMixture((0.5, 0.5), (0.8, 1.0), (3.0, 4.0))) > 0


def test_information_of_one_normal_is_its_precision() -> None:
    one = NormalMixture(np.ones(1), np.array([2.0]), np.array([0.25]))
    assert information(one) == pytest.approx(16, rel=1e-9)


def test_information_of_two_normals_by_direct_sum() -> None:
    two = NormalMixture(np.array([0.4, 0.6]), np.array([-0.7, 0.9]), np.array([0.5, 0.8]))
    x = np.linspace(-12, 12, 48_001)
    log_p = np.log(two.density(x))
    step = x[1] - x[0]
    bend = (log_p[2:] - 2 * log_p[1:-1] + log_p[:-2]) / step**2
    assert information(two) == pytest.approx(float(-(two.density(x)[1:-1] * bend).sum() * step), rel=1e-5)


def test_a_mixture_fitted_to_a_mixture_finds_it() -> None:
    truth = BetaMixture((0.7, 0.3), (20.0, 3.0), (60.0, 8.0))
    found = fit_mixture(Posterior(truth.on_logit(), "rate", "logit"))
    assert isinstance(found.mixture, BetaMixture)
    assert len(found.mixture.weights) == 2
    np.testing.assert_allclose(found.mixture.weights, truth.weights, atol=2e-3)
    np.testing.assert_allclose(found.mixture.a, truth.a, rtol=1e-2)
    assert found.divergence < 1e-7


def test_a_gamma_mixture_is_found_too() -> None:
    truth = GammaMixture((0.6, 0.4), (12.0, 2.0), (30.0, 8.0))
    found = fit_mixture(Posterior(truth.on_log(), "rate", "log"), kind="gamma")
    assert isinstance(found.mixture, GammaMixture)
    assert found.mixture.mean == pytest.approx(truth.mean, rel=1e-4)
    assert found.divergence < 1e-6


def test_quantiles_undo_the_distribution_function_into_both_tails() -> None:
    q = np.array([1e-12, 1e-6, 0.025, 0.5, 0.975, 1 - 1e-9])
    np.testing.assert_allclose(ROBUST.cdf(ROBUST.quantile(q)), q, rtol=1e-9, atol=1e-15)
    line = ROBUST.on_logit()
    upper = line.quantile(1 - np.array([1e-3, 1e-8]))
    np.testing.assert_allclose(line.survival(upper), [1e-3, 1e-8], rtol=1e-7)


def test_nodes_integrate_to_one() -> None:
    for line in (ROBUST.on_logit(), GammaMixture((0.5, 0.5), (0.5, 4.0), (1.0, 9.0)).on_log()):
        assert float(line.nodes()[1].sum()) == pytest.approx(1, abs=1e-12)


def test_mixtures_that_are_none_are_refused() -> None:
    for bad in (
        ((0.5, 0.6), (1.0, 1.0), (1.0, 1.0)),
        ((1.0,), (0.0,), (1.0,)),
        ((1.0,), (1.0, 2.0), (1.0,)),
        ((), (), ()),
    ):
        with pytest.raises(InputError):
            BetaMixture(*bad)  # type: ignore[arg-type]
