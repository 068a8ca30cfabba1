"""Groups and a moderator with priors: closed forms, brute force on a grid, and two algorithms against each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

import handful as hf
from handful.base.errors import InputError
from handful.stats.results import NotEstimable

X, N = [1, 0, 3, 4, 6, 5, 0, 2], [4, 4, 10, 4, 17, 10, 8, 10]
Z = np.array([-1.0, 0.5, 0.2, 1.5, -0.3, 0.8, -1.2, 0.1])
BY = list("aabbabab")
Y, V = np.array([0.1, 0.3, -0.2, 0.8, 0.4]), np.array([0.04, 0.02, 0.05, 0.03, 0.06])
DOSE = np.array([0.0, 1.0, 2.0, 3.0, 4.0])


def brute_force(priors: tuple[tuple[float, float], tuple[float, float]], columns: np.ndarray) -> dict[str, float]:
    """Posterior moments of two coefficients and τ on a plain grid, each study integrated by a sum over z."""
    b0, b1 = np.linspace(-7, 6, 105), np.linspace(-6.5, 7, 109)
    nodes, weights = np.polynomial.legendre.leggauss(28)
    tau, w_tau = (nodes + 1) * 2.75, weights * 2.75
    z = np.linspace(-7.5, 7.5, 91)
    phi = np.exp(-0.5 * z * z)
    phi /= phi.sum()
    joint = np.zeros((len(tau), len(b0), len(b1)))
    fine = np.linspace(-24, 24, 2401)
    for j, t in enumerate(tau):
        total = stats.norm.logpdf(b0, *priors[0])[:, None] + stats.norm.logpdf(b1, *priors[1])[None, :]
        theta = fine[:, None] + t * z
        for x, n, (c0, c1) in zip(X, N, columns, strict=True):
            curve = np.log(np.exp(x * theta - n * np.logaddexp(0, theta)) @ phi)
            total = total + np.interp(c0 * b0[:, None] + c1 * b1[None, :], fine, curve)
        joint[j] = np.exp(total) * stats.halfnorm.pdf(t) * w_tau[j]
    joint /= joint.sum()
    out = {}
    for name, weight, values in (
        ("b0", joint.sum(axis=(0, 2)), b0),
        ("b1", joint.sum(axis=(0, 1)), b1),
        ("tau", joint.sum(axis=(1, 2)), tau),
    ):
        mean = float(weight @ values)
        out[f"{name} mean"], out[f"{name} sd"] = mean, math.sqrt(float(weight @ (values - mean) ** 2))
    plane = joint.sum(axis=0)
    out["P(b0 > b1)"] = float(plane[b0[:, None] > b1[None, :]].sum())
    return out


@pytest.fixture(scope="module")
def slope() -> Any:
    priors = {"mean": hf.Normal(0, 2), "coefficients": hf.Normal(0, 1), "tau": hf.HalfNormal(1)}
    return hf.regress(hf.one_arm(X, N), {"z": Z - Z.mean()}, model="bayes", priors=priors)


def test_a_slope_of_counts_is_what_a_grid_gives(slope: Any) -> None:
    expected = brute_force(((0, 2), (0, 1)), np.column_stack([np.ones(8), Z - Z.mean()]))
    # the brute force reads curves by straight lines on steps of 0.02: right to about 1e-4
    for name, key in (("intercept", "b0"), ("z", "b1")):
        found = slope.posterior(name)
        assert found.mean == pytest.approx(expected[f"{key} mean"], abs=3e-4)
        assert found.sd == pytest.approx(expected[f"{key} sd"], abs=3e-4)
    tau = slope.posterior("tau")
    assert (tau.mean, tau.sd) == pytest.approx((expected["tau mean"], expected["tau sd"]), abs=5e-4)


def test_two_groups_with_a_common_tau_are_what_a_grid_gives() -> None:
    member = np.array([[label == "a", label == "b"] for label in BY], dtype=float)
    expected = brute_force(((0, 2), (0, 2)), member)
    groups = hf.subgroups(hf.one_arm(X, N), by=BY, model="bayes", spread="common")
    for name, key in (("a", "b0"), ("b", "b1")):
        mean = groups[name].posterior("mean")
        assert (mean.mean, mean.sd) == pytest.approx((expected[f"{key} mean"], expected[f"{key} sd"]), abs=4e-4)
    # points on the diagonal of the brute-force grid fall on one side: an error of half a step's probability
    assert groups.probability_greater("a", "b") == pytest.approx(expected["P(b0 > b1)"], abs=0.01)


def test_groups_by_folding_and_by_the_plane_agree() -> None:
    """Two algorithms that share only the marginal likelihoods: columns folded at each τ, and a grid over both means."""
    one = hf.one_arm(X, N)
    priors = {"mean": hf.Normal(0, 2), "tau": hf.HalfNormal(1)}
    groups = hf.subgroups(one, by=BY, model="bayes", spread="common", priors=priors)
    plane = hf.regress(one, {"g": BY}, intercept=False, model="bayes", priors=priors)
    shares = [0.025, 0.25, 0.5, 0.75, 0.975]
    for name in "ab":
        p, q = groups[name].posterior("mean"), plane.posterior(f"g[{name}]")
        assert np.asarray(p.quantile(shares)) == pytest.approx(np.asarray(q.quantile(shares)), abs=1e-7)
        assert p.sd == pytest.approx(q.sd, abs=1e-8)
    tau = plane.posterior("tau")
    assert groups["a"].posterior("tau").sd == pytest.approx(tau.sd, abs=1e-7)
    new = plane.prediction_at({"g": "a"})
    assert groups["a"].posterior("prediction").sd == pytest.approx(new.sd, abs=1e-6)


def test_a_difference_has_the_moments_of_its_parts() -> None:
    one = hf.one_arm(X, N)
    separate = hf.subgroups(one, by=BY, model="bayes")
    a, b = (separate[name].posterior("mean") for name in "ab")
    apart = separate.difference("a", "b")
    assert apart.mean == pytest.approx(a.mean - b.mean, abs=1e-8)
    assert apart.sd == pytest.approx(math.hypot(a.sd, b.sd), abs=1e-7)
    assert separate.probability_greater("a", "b") == pytest.approx(
        hf.probability_better(separate["a"], separate["b"], of="mean"), abs=1e-9
    )
    assert separate.probability_greater("b", "a") == pytest.approx(1 - separate.probability_greater("a", "b"), abs=1e-9)


def test_one_group_is_pool() -> None:
    """With everything in one group a common τ changes nothing."""
    one = hf.one_arm(X, N)
    grouped = hf.subgroups(one, by=["all"] * 8, model="bayes", spread="common")["all"]
    fit = hf.pool(one, model="bayes")
    assert (grouped.estimate, grouped.low, grouped.high) == pytest.approx((fit.estimate, fit.low, fit.high), abs=1e-9)
    assert grouped.details["log_evidence"] == pytest.approx(fit.details["log_evidence"], abs=1e-10)


def normal_by_hand(flat: bool) -> tuple[float, float, float, float]:
    """Mean and sd of the slope, P(slope > 0), log evidence: adaptive quadrature over τ of the textbook formulas."""
    x = np.column_stack([np.ones(5), DOSE - DOSE.mean()])
    prior = np.zeros((2, 2)) if flat else np.diag([1 / 0.5**2, 1 / 0.2**2])

    def parts(tau: float) -> tuple[float, float, float]:
        w = np.diag(1 / (V + tau * tau))
        v = np.linalg.inv(x.T @ w @ x + prior)
        m = v @ x.T @ w @ Y
        r = Y - x @ m
        log_p = 0.5 * (np.log(np.diag(w)).sum() + np.linalg.slogdet(v)[1] - r @ w @ r - m @ prior @ m)
        return m[1], math.sqrt(v[1, 1]), math.exp(log_p) * stats.halfnorm.pdf(tau, scale=0.5)

    def over(f: Any) -> float:
        return integrate.quad(lambda t: f(*parts(t)), 0, 12, epsabs=1e-14, epsrel=1e-12, limit=400)[0]

    mass = over(lambda m, s, p: p)
    mean = over(lambda m, s, p: p * m) / mass
    second = over(lambda m, s, p: p * (s * s + m * m)) / mass
    above = over(lambda m, s, p: p * special.ndtr(m / s)) / mass
    constant = -0.5 * (5 - 2 * flat) * math.log(2 * math.pi) + (0 if flat else 0.5 * np.linalg.slogdet(prior)[1])
    return mean, math.sqrt(second - mean * mean), above, math.log(mass) + constant


@pytest.mark.parametrize("flat", [True, False])
def test_a_slope_of_estimates_is_the_closed_form_mixed_over_tau(flat: bool) -> None:
    priors: dict[str, Any] = {"tau": hf.HalfNormal(0.5)}
    if not flat:
        priors |= {"mean": hf.Normal(0, 0.5), "coefficients": hf.Normal(0, 0.2)}
    found = hf.regress(hf.estimates(Y, V), {"dose": DOSE}, model="bayes", priors=priors)
    mean, sd, above, evidence = normal_by_hand(flat)
    posterior = found.posterior("dose")
    assert posterior.mean == pytest.approx(mean, abs=1e-10)
    assert posterior.sd == pytest.approx(sd, abs=1e-10)
    assert posterior.probability(above=0.0) == pytest.approx(above, abs=1e-10)
    assert found.log_evidence == pytest.approx(evidence, abs=1e-9)
    assert math.sqrt(found.covariance[1][1]) == pytest.approx(sd, abs=1e-10)


def test_normal_curves_through_the_plane_equal_the_closed_form() -> None:
    """Combined evidence of nothing but estimates goes the way of counts; it must arrive where the closed form does."""
    priors = {"mean": hf.Normal(0, 2), "coefficients": hf.Normal(0, 0.5), "tau": hf.HalfNormal(1)}
    est = hf.estimates(Y, V, measure="PLO")
    closed = hf.regress(est, {"dose": DOSE}, model="bayes", priors=priors)
    curves = hf.regress(hf.combine(est, measure="proportion"), {"dose": DOSE}, model="bayes", priors=priors)
    for name in ("intercept", "dose", "tau"):
        p, q = closed.posterior(name), curves.posterior(name)
        assert np.asarray(p.quantile([0.025, 0.5, 0.975])) == pytest.approx(
            np.asarray(q.quantile([0.025, 0.5, 0.975])), abs=1e-7
        )
    assert curves.numerical_error <= 1e-5


def test_a_flat_regression_of_estimates_at_large_samples_is_the_likelihood_one() -> None:
    """With τ pinned near 0 by its prior and flat coefficients the posterior is weighted least squares."""
    found = hf.regress(hf.estimates(Y, V), {"dose": DOSE}, model="bayes", priors={"tau": hf.HalfNormal(1e-5)})
    least = hf.regress(hf.estimates(Y, V), {"dose": DOSE}, model="common-effect", test="z")
    for name in ("intercept", "dose"):
        assert found[name].estimate == pytest.approx(least[name].estimate, abs=1e-7)
        assert found[name].se == pytest.approx(least[name].se, abs=1e-7)


def test_the_unit_of_a_moderator_does_not_matter_under_default_priors() -> None:
    one = hf.one_arm(X, N)
    weeks = hf.regress(one, {"time": Z + 3}, model="bayes")
    days = hf.regress(one, {"time": 7 * (Z + 3)}, model="bayes")
    assert weeks["time"].estimate == pytest.approx(7 * days["time"].estimate, rel=1e-6)
    at, again = weeks.posterior_at({"time": 4.0}), days.posterior_at({"time": 28.0})
    assert at.quantile(0.975) == pytest.approx(again.quantile(0.975), abs=1e-6)


def test_zeros_to_one_side_of_a_moderator_have_a_posterior_through_the_prior() -> None:
    """Perfect separation: no event below, only events above; maximum likelihood has no slope, the posterior has."""
    found = hf.regress(hf.one_arm([0, 0, 5, 6], [5, 6, 5, 6]), {"z": [-1, -1, 1, 1]}, model="bayes")
    assert found["z"].low > 0
    assert math.isfinite(found["z"].high)


def test_what_quadrature_does_not_take_is_said() -> None:
    one = hf.one_arm(X, N)
    columns = {f"z{i}": np.random.default_rng(i).normal(size=len(X)) for i in range(1, 6)}
    five = hf.regress(one, columns, model="bayes")
    assert isinstance(five, NotEstimable)
    assert "engine='mcmc'" in five.reason
    with pytest.raises(InputError, match="does not take priors"):
        hf.regress(hf.estimates(Y, V), {"dose": DOSE}, priors={"tau": hf.HalfNormal(1)})
    with pytest.raises(InputError, match="flat to one side"):
        hf.regress(one, {"z": Z}, model="bayes", priors={"mean": None, "coefficients": None})
    with pytest.raises(InputError, match="cannot take"):
        hf.regress([1, 2], {"z": [1, 2]}, model="bayes")
    with pytest.raises(InputError, match="known: intercept, z"):
        hf.regress(one, {"z": Z}, model="bayes", priors={"coefficients": {"x": hf.Normal(0, 1)}})


def test_a_regression_with_priors_is_a_regression_and_prints(slope: Any) -> None:
    assert "P(above 0)" in str(slope)
    assert isinstance(slope.qm, NotEstimable)
    assert isinstance(slope.likelihood_ratio(), NotEstimable)
    assert slope.to_dict()["model"] == "bayes"
    (row,) = slope.predict({"z": 0.0})
    assert 0 < row.low < row.estimate < row.high < 1
    assert row.prediction_low < row.low
