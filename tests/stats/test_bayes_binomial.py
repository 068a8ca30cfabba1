"""Pooled rates with a prior: against brute force, at the edges, and under what may not change the answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.empirical_priors import turner_2015
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, HalfT, LogNormal, Normal, Prior, Uniform, rate_between
from handful.stats.results import Fit, NotEstimable


def pooled(x: Any, n: Any, **options: Any) -> Fit:
    fit = pool_binomial_bayes(x, n, **options)
    assert isinstance(fit, Fit)
    assert fit.posteriors is not None
    return fit


def of(fit: Fit, name: str) -> Posterior:
    assert fit.posteriors is not None
    found = fit.posteriors[name]
    assert isinstance(found, Posterior)
    return found


def studies(fit: Fit) -> list[Posterior]:
    assert fit.posteriors is not None
    return list(fit.posteriors["studies"].values())


class BruteForce:
    """The same posterior by other code: Gauss–Legendre panels in μ and τ, a plain sum over z for every study."""

    def __init__(self, x: list[int], n: list[int], mean: Normal, tau: Prior, cut_mu: float, cut_tau: float) -> None:
        top = 9.0 if tau.tail_power == math.inf else 60.0
        self.mu, w_mu = self._panels([-14, -6, -3, cut_mu, 1, 4, 12], 26)
        self.tau, w_tau = self._panels([0, cut_tau / 3, cut_tau, 2.5, top / 2, top], 22)
        z = np.linspace(-9, 9, 301)
        phi = np.exp(-0.5 * z * z)
        phi /= phi.sum()
        theta = self.mu[:, None, None] + self.tau[None, :, None] * z
        log_p, log_q = -np.logaddexp(0, -theta), -np.logaddexp(0, theta)
        weight = np.outer(w_mu * mean.density(self.mu), w_tau * tau.density(self.tau))
        self.first: list[np.ndarray[Any, Any]] = []
        for events, total in zip(x, n, strict=True):
            likelihood = np.exp(events * log_p + (total - events) * log_q)
            marginal = likelihood @ phi
            weight = weight * marginal
            self.first.append((likelihood * theta) @ phi / marginal)
        self.weight = weight / weight.sum()
        self.average = np.exp(log_p) @ phi
        self.new_below = special.ndtr((cut_mu - self.mu[:, None]) / self.tau)

    @staticmethod
    def _panels(edges: list[float], order: int) -> tuple[Any, Any]:
        nodes, weights = np.polynomial.legendre.leggauss(order)
        half = np.diff(edges)[:, None] / 2
        return ((np.array(edges[:-1])[:, None] + half) + half * nodes).ravel(), (half * weights).ravel()

    def mean(self, values: Any) -> float:
        return float((self.weight * values).sum())

    def sd(self, values: Any) -> float:
        return math.sqrt(self.mean(values**2) - self.mean(values) ** 2)


CASES: list[tuple[list[int], list[int], Normal, Prior, float]] = [
    ([1, 0], [4, 4], Normal(0, 2), HalfNormal(1), 2e-9),
    ([0, 0, 0], [4, 5, 3], Normal(0, 2), HalfNormal(1), 2e-8),
    ([3, 7, 1, 12], [9, 9, 10, 15], rate_between(0.05, 0.9), HalfT(4, 0.5), 1e-5),  # τ cut at 60 by the brute force
    ([2, 9, 4], [20, 31, 8], Normal(-1, 1), LogNormal(-0.5, 0.4), 2e-8),
    ([4, 0, 5], [4, 6, 7], Normal(0, 2), Uniform(0, 2.5), 1e-7),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]} of {c[1]}, {c[3]}")
def test_posterior_agrees_with_brute_force(case: Any) -> None:
    """In posterior sds; the tolerance is what both computations together can promise (ours 1e-8 here)."""
    x, n, mean_prior, tau_prior, tolerance = case
    cut_mu, cut_tau = -0.8, 0.6
    brute = BruteForce(x, n, mean_prior, tau_prior, cut_mu, cut_tau)
    fit = pooled(x, n, mean_prior=mean_prior, tau_prior=tau_prior, accuracy="high")
    usual = of(pooled(x, n, mean_prior=mean_prior, tau_prior=tau_prior), "mean")
    assert abs(usual.mean - brute.mean(brute.mu[:, None])) < 1e-5 * usual.sd
    mean, tau, average = of(fit, "mean"), of(fit, "tau"), of(fit, "average")
    mu_grid, tau_grid = brute.mu[:, None], brute.tau[None, :]
    sd_mu, sd_tau = brute.sd(mu_grid), brute.sd(tau_grid)
    assert abs(mean.mean - brute.mean(mu_grid)) < tolerance * sd_mu
    assert abs(mean.sd - sd_mu) < tolerance * sd_mu
    assert abs(tau.mean - brute.mean(tau_grid)) < tolerance * sd_tau
    assert abs(tau.sd - sd_tau) < 10 * tolerance * sd_tau
    assert abs(mean.cdf(cut_mu) - brute.mean(mu_grid < cut_mu)) < tolerance
    assert abs(tau.cdf(cut_tau) - brute.mean(tau_grid < cut_tau)) < tolerance
    # Φ((cut − μ)/τ) has a corner at τ = 0, μ = cut: the brute force is good to 5e-7 there
    assert abs(of(fit, "prediction").cdf(cut_mu) - brute.mean(brute.new_below)) < max(tolerance, 5e-7)
    assert abs(average.on("natural").mean - brute.mean(brute.average)) < tolerance
    assert abs(average.on("natural").sd - brute.sd(brute.average)) < 3 * tolerance
    for study, values in zip(studies(fit), brute.first, strict=True):
        assert abs(study.mean - brute.mean(values)) < tolerance * study.sd


@pytest.mark.parametrize(
    "prior", [HalfNormal(1), HalfCauchy(0.5), turner_2015(), Uniform(0, 2), HalfNormal(0.01)], ids=str
)
def test_the_stated_error_covers_the_distance_to_a_finer_run(prior: Prior) -> None:
    x, n = [1, 0, 3, 4, 6], [4, 4, 10, 4, 17]
    usual, fine = pooled(x, n, tau_prior=prior), pooled(x, n, tau_prior=prior, accuracy="high")
    assert isinstance(usual.numerical_error, float)
    assert usual.numerical_error <= 1e-5
    assert isinstance(fine.numerical_error, float)
    assert fine.numerical_error <= 1e-8
    q = [0.005, 0.025, 0.25, 0.5, 0.75, 0.975, 0.995]
    for p, exact in [(of(usual, k), of(fine, k)) for k in ("mean", "tau", "prediction", "average")]:
        width = exact.quantile(0.75) - exact.quantile(0.25)
        assert np.abs(p.quantile(q) - exact.quantile(q)).max() <= 2 * usual.numerical_error * width + 1e-9


ZOO: list[tuple[list[int], list[int]]] = [
    ([1, 0], [4, 4]),
    ([0, 0, 0], [4, 5, 3]),
    ([4, 3], [4, 3]),
    ([1], [4]),
    ([0], [1]),
    ([1], [1]),
    ([0], [10_000]),
    ([0, 10_000], [10_000, 10_000]),
    ([5000, 1], [10_000, 2]),
    ([1] * 12, [1] * 12),
]


@pytest.mark.parametrize("counts", ZOO, ids=str)
def test_sparse_counts_have_a_posterior_without_a_warning(counts: Any) -> None:
    fit = pooled(*counts)
    assert 0 < fit.low < fit.estimate < fit.high < 1  # type: ignore[operator]
    assert 0 < fit.median_low < fit.median < fit.median_high < 1  # type: ignore[operator]
    assert fit.numerical_error <= 1e-5  # type: ignore[operator]
    assert all(math.isfinite(v) for p in studies(fit) for v in (p.mean, p.sd, p.median))
    assert all(math.isfinite(v) for v in (fit.coefficient, fit.se, fit.tau2))  # type: ignore[arg-type]


def test_five_hundred_studies() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(3, 60, 500)
    x = rng.binomial(n, special.expit(rng.normal(-1.0, 0.8, 500)))
    fit = pooled(x, n)
    assert fit.numerical_error <= 1e-5  # type: ignore[operator]
    assert of(fit, "mean").cdf(-1.0) == pytest.approx(0.5, abs=0.49)
    assert abs(of(fit, "tau").median - 0.8) < 4 * of(fit, "tau").sd


def test_all_or_nothing_says_that_the_prior_matters() -> None:
    for x in ([0, 0], [4, 5]):
        assert "prior-matters" in {note.code for note in pooled(x, [4, 5]).notes}
    assert "prior-matters" not in {note.code for note in pooled([1, 0], [4, 5]).notes}


def test_one_study_leaves_tau_to_its_prior() -> None:
    fit = pooled([5], [12], mean_prior=Normal(0, 50), tau_prior=HalfNormal(0.3))
    assert "tau-from-prior" in {note.code for note in fit.notes}
    assert of(fit, "tau").median == pytest.approx(float(HalfNormal(0.3).quantile(0.5)), rel=2e-3)


def test_order_of_studies_does_not_matter() -> None:
    x, n = np.array([1, 0, 3, 9]), np.array([4, 4, 10, 11])
    turn = np.array([2, 0, 3, 1])
    a, b = pooled(x, n), pooled(x[turn], n[turn])
    assert a.estimate == pytest.approx(b.estimate, rel=1e-10)
    for i, j in enumerate(turn):
        assert studies(b)[i].mean == pytest.approx(studies(a)[j].mean, abs=1e-9)


def test_swapping_event_and_non_event_mirrors_the_posterior() -> None:
    x, n = np.array([1, 0, 3, 9]), np.array([4, 4, 10, 11])
    a, b = pooled(x, n), pooled(n - x, n)
    q = np.array([0.01, 0.025, 0.5, 0.9])
    for name in ("mean", "prediction", "average"):
        np.testing.assert_allclose(of(a, name).quantile(q), -of(b, name).quantile(1 - q), atol=1e-7)
    np.testing.assert_allclose(of(a, "tau").quantile(q), of(b, "tau").quantile(q), atol=1e-7)


def test_a_vanishing_tau_prior_gives_the_common_effect() -> None:
    """Against a one-dimensional posterior of one common logit, summed on a fine grid."""
    x, n = np.array([1, 0, 3, 9]), np.array([4, 4, 10, 11])
    fit = pooled(x, n, tau_prior=HalfNormal(1e-6), accuracy="high")
    theta = np.linspace(-8, 8, 4001)
    log_p = x.sum() * theta - n.sum() * np.logaddexp(0, theta) + Normal(0, 2).log_density(theta)
    w = np.exp(log_p - log_p.max())
    w /= w.sum()
    mean = float(w @ theta)
    sd = math.sqrt(float(w @ (theta - mean) ** 2))
    assert of(fit, "mean").mean == pytest.approx(mean, abs=1e-8 * sd)
    assert of(fit, "mean").sd == pytest.approx(sd, rel=1e-8)
    assert of(fit, "average").mean == pytest.approx(mean, abs=1e-6)
    assert studies(fit)[1].mean == pytest.approx(mean, abs=1e-6)


def test_large_counts_approach_the_normal_model() -> None:
    from handful.stats.bayes.bayes_normal import pool_normal_bayes

    x, n = np.array([4000, 5200, 4700]), np.array([10_000] * 3)
    y, v = np.log(x / (n - x)), 1 / x + 1 / (n - x)
    a, b = pooled(x, n, tau_prior=HalfNormal(0.5)), pool_normal_bayes(y, v, mean_prior=Normal(0, 2))
    for name in ("mean", "tau", "prediction"):
        np.testing.assert_allclose(
            of(a, name).quantile([0.1, 0.5, 0.9]), of(b, name).quantile([0.1, 0.5, 0.9]), atol=2e-4
        )


def test_a_shared_effect_is_pulled_towards_the_mean() -> None:
    fit = pooled([0, 6], [6, 6])
    low, high = (p.median for p in studies(fit))
    assert low < of(fit, "mean").median < high


def test_the_same_input_gives_the_same_bits() -> None:
    first, second = pooled([1, 0, 3], [4, 4, 10]), pooled([1, 0, 3], [4, 4, 10])
    for name in ("mean", "tau", "prediction", "average"):
        assert of(first, name).quantile([0.1, 0.5]).tobytes() == of(second, name).quantile([0.1, 0.5]).tobytes()
    assert (first.estimate, first.low, first.high) == (second.estimate, second.low, second.high)


def test_evidence_is_the_probability_of_the_data() -> None:
    """Summed over all outcomes of two tiny studies it must be 1."""
    total = sum(
        math.exp(pooled([a, b], [2, 1], tau_prior=HalfNormal(0.7)).details["log_evidence"])
        for a in range(3)
        for b in range(2)
    )
    assert total == pytest.approx(1.0, abs=1e-7)


def test_the_chance_that_the_next_patient_responds_is_the_posterior_mean_of_the_average() -> None:
    fit = pooled([1, 0, 3], [4, 4, 10])
    rate = of(fit, "prediction").expectation(special.expit)
    assert fit.details["posterior_mean"] == pytest.approx(rate, abs=1e-8)


def test_a_study_of_nobody_is_left_out_with_a_note() -> None:
    fit = pooled([1, 0, 0], [4, 0, 4], labels=["a", "b", "c"])
    assert fit.labels == ("a", "c")
    assert [note.about for note in fit.notes if note.code == "study-left-out"] == ["b"]
    assert isinstance(pool_binomial_bayes([0], [0]), NotEstimable)


def test_what_cannot_be_answered_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match="flat to one side"):
        pool_binomial_bayes([0, 1], [4, 4], mean_prior=None)
    with pytest.raises(InputError, match="does not integrate"):
        pool_binomial_bayes([1, 2], [4, 4], tau_prior=Uniform(0, math.inf))
    with pytest.raises(InputError, match="prior"):
        pool_binomial_bayes([1, 2], [4, 4], tau_prior=Normal(0, 1))
    with pytest.raises(UnknownChoice, match="accuracy"):
        pool_binomial_bayes([1, 2], [4, 4], accuracy="exact")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="more events"):
        pool_binomial_bayes([5], [4])
    with pytest.raises(InputError, match="labels"):
        pool_binomial_bayes([1, 2], [4, 4], labels=["one"])


def test_flat_mean_and_improper_tau_work_when_the_data_allow() -> None:
    x, n = [3, 5, 2, 6, 4, 1, 7], [10, 11, 9, 12, 10, 8, 11]
    fit = pooled(x, n, mean_prior=None, tau_prior=Uniform(0, math.inf))
    assert fit.numerical_error <= 1e-5  # type: ignore[operator]
    assert math.isfinite(of(fit, "tau").sd)  # seven studies and a flat mean: p(τ) falls like τ^-6


def test_repeated_labels_can_each_be_asked_for() -> None:
    fit = pooled([1, 0], [4, 4], labels=["Smith", "Smith"])
    assert fit.labels == ("Smith", "Smith (2)")
    assert fit.posterior_of("Smith (2)").median < fit.posterior_of("Smith").median


def test_a_fit_with_posteriors_survives_pickling() -> None:
    import pickle

    fit = pooled([1, 0], [4, 4])
    again = pickle.loads(pickle.dumps(fit))
    assert again.posterior("average").median == of(fit, "average").median
    assert again.posterior_of("study 1").on("natural").median == fit.posterior_of("study 1").on("natural").median
