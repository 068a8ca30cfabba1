"""Counts with two and more moderators: against a plain sum over all coefficients and τ, sampling, and closed forms."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

import handful as hf
from handful.stats.bayes.coefficient_grid import Axes, summed
from handful.stats.results import NotEstimable

X, N = [1, 0, 3, 6, 2, 9, 4], [6, 5, 9, 11, 12, 14, 6]
AGE = np.array([0.2, -1.1, 0.7, 1.3, -0.6, 0.4, -0.9])
SEVERE = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])


def plain_sum(events: Any, totals: Any, design: np.ndarray, asked: np.ndarray) -> tuple[float, float, float]:
    """Mean and sd of asked'β and mean of τ by a product of equal steps in every coefficient and Gauss–Legendre panels
    in τ; each study's marginal likelihood on a fine grid of its own. No code of the package.

    Priors N(0, 2²) of all three, half-normal(1) of τ.
    """
    nodes, w = np.polynomial.legendre.leggauss(8)
    edges = np.array([0.0, 0.35, 0.8, 1.5, 2.6, 4.2])
    half = np.diff(edges)[:, None] / 2
    taus = ((edges[:-1, None] + half) + half * nodes).ravel()
    w_tau = (half * w).ravel() * np.exp(-0.5 * taus**2)
    line = np.linspace(-9.6, 9.6, 49)
    beta = np.array(list(product(line, line, line)))
    beta = beta[(beta**2).sum(axis=1) < 12.0**2]
    eta = beta @ design.T
    log_prior = -0.125 * (beta**2).sum(axis=1)
    z = np.linspace(-8.5, 8.5, 171)
    phi = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    grid = np.linspace(-45, 45, 2401)
    totals_of = np.zeros(5)
    for tau, weight in zip(taus, w_tau, strict=True):
        log_p = log_prior.copy()
        theta = grid[:, None] + tau * z
        soft = np.logaddexp(0, theta)
        for i, (x, n) in enumerate(zip(events, totals, strict=True)):
            table = np.log(np.exp(x * theta - n * soft) @ phi)
            log_p += CubicSpline(grid, table)(eta[:, i])
        p = np.exp(log_p) * weight
        f = beta @ asked
        totals_of += [p.sum(), p @ f, p @ (f * f), p.sum() * tau, 0.0]
    whole, first, second, of_tau, _ = totals_of
    return first / whole, float(np.sqrt(second / whole - (first / whole) ** 2)), of_tau / whole


def coefficient(found: Any, name: str) -> Any:
    return next(c for c in found.coefficients if c.name == name)


@pytest.fixture(scope="module")
def fitted() -> Any:
    priors = {"mean": hf.Normal(0, 2), "coefficients": hf.Normal(0, 2), "tau": hf.HalfNormal(1)}
    return hf.regress(
        hf.one_arm(X, N), moderators={"age": AGE, "severe": SEVERE}, model="bayes", priors=priors, accuracy="default"
    )


def test_two_moderators_against_a_plain_sum(fitted: Any) -> None:
    """Equal steps of 0.4 in each coefficient, whose posterior sds are 0.7 to 1.3: exp(−2π²(sd/h)²) < 1e-26; what is
    left is the cubic spline, 1e-7. The stated error is 1e-5 posterior sd."""
    centred = np.column_stack([np.ones(7), AGE - AGE.mean(), SEVERE])
    for j, name in enumerate(("intercept", "age", "severe")):
        if name == "intercept":
            continue
        mean, sd, tau = plain_sum(X, N, centred, np.eye(3)[j])
        posterior = fitted.posterior(name)
        assert posterior.mean == pytest.approx(mean, abs=1e-5 * sd)
        assert posterior.sd == pytest.approx(sd, rel=1e-5)
    assert fitted.posterior("tau").mean == pytest.approx(tau, abs=1e-5)
    assert fitted.numerical_error < 1e-5


def test_higher_accuracy_moves_nothing_by_more_than_the_stated_error(fitted: Any) -> None:
    fine = hf.regress(
        hf.one_arm(X, N), moderators={"age": AGE, "severe": SEVERE}, model="bayes", accuracy="high",
        priors={"mean": hf.Normal(0, 2), "coefficients": hf.Normal(0, 2), "tau": hf.HalfNormal(1)},
    )  # fmt: skip
    assert fine.numerical_error < 1e-8
    for a, b in zip(fitted.coefficients, fine.coefficients, strict=True):
        assert [a.estimate, a.low, a.high] == pytest.approx([b.estimate, b.low, b.high], abs=1e-5 * b.se)


def test_a_moderator_that_is_zero_everywhere_keeps_its_prior_and_changes_nothing() -> None:
    """With x₂ = 0 the second coefficient is never seen: its posterior is its prior, the first that of one moderator."""
    priors = {"mean": hf.Normal(0, 2), "coefficients": hf.Normal(0, 1.5), "tau": hf.HalfNormal(1)}
    tiny = np.full(7, 0.0)
    tiny[0] = 1e-9  # a column of zeros alone would be refused as saying nothing
    two = hf.regress(hf.one_arm(X, N), moderators={"age": AGE, "none": tiny}, model="bayes", priors=priors)
    one = hf.regress(hf.one_arm(X, N), moderators={"age": AGE}, model="bayes", priors=priors)
    for name in ("intercept", "age"):
        assert coefficient(two, name).estimate == pytest.approx(coefficient(one, name).estimate, abs=2e-5)
        assert coefficient(two, name).se == pytest.approx(coefficient(one, name).se, rel=2e-5)
    unseen = two.posterior("none")
    assert (unseen.mean, unseen.sd) == pytest.approx((0.0, 1.5), abs=2e-5)


def test_nobody_responded_anywhere_is_bounded_by_the_priors() -> None:
    found = hf.regress(
        hf.one_arm([0, 0, 0, 0], [4, 6, 3, 8]), model="bayes",
        moderators={"age": [1.0, 2.0, 3.0, 5.0], "severe": [0, 1, 1, 0]},
    )  # fmt: skip
    assert found.numerical_error < 1e-5
    assert all(np.isfinite([c.estimate, c.low, c.high]).all() for c in found.coefficients)


def test_three_groups_are_two_columns_and_their_order_does_not_matter() -> None:
    where = ["north", "south", "east", "east", "south", "north", "east"]
    first = hf.regress(hf.one_arm(X, N), moderators={"where": where}, model="bayes")
    turned = hf.regress(hf.one_arm(X[::-1], N[::-1]), moderators={"where": where[::-1]}, model="bayes")
    assert [c.name for c in first.coefficients] == [c.name for c in turned.coefficients]
    for a, b in zip(first.coefficients, turned.coefficients, strict=True):
        assert [a.estimate, a.low, a.high] == pytest.approx([b.estimate, b.low, b.high], abs=1e-6)


def test_five_coefficients_are_left_to_sampling_and_it_is_said() -> None:
    moderators = {f"x{j}": np.cos(np.arange(7) * (j + 1)) for j in range(4)}
    found = hf.regress(hf.one_arm(X, N), moderators=moderators, model="bayes")
    assert isinstance(found, NotEstimable)
    assert "up to 4" in found.reason
    assert "mcmc" in found.reason


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_normal_density_sums_to_its_marginal(size: int) -> None:
    """The grid alone: N(0, C) in p dimensions gives the normal of a'β, to 1e-9."""
    rng = np.random.default_rng(size)
    root = rng.normal(size=(size, size))
    covariance = root @ root.T + 0.3 * np.eye(size)
    asked = rng.normal(size=size)
    axes = Axes.of(covariance, asked)
    inverse = np.linalg.inv(covariance)

    def value(f: np.ndarray, z: np.ndarray) -> np.ndarray:
        beta = np.outer(axes.along, f) + axes.others @ z.T
        return np.asarray(-0.5 * np.einsum("in,ij,jn->n", beta, inverse, beta))

    steps = np.array([0.5 * axes.spread, *[0.9] * (size - 1)])
    f, log_p = summed(value, steps, np.sqrt(50) * np.array([axes.spread, *[1.0] * (size - 1)]), 25.0)
    log_p += np.log(np.prod(steps[1:]) * axes.volume) - 0.5 * np.linalg.slogdet(2 * np.pi * covariance)[1]
    near = np.abs(f) < 4 * axes.spread
    want = -0.5 * (f / axes.spread) ** 2 - np.log(axes.spread) - 0.5 * np.log(2 * np.pi)
    assert log_p[near] == pytest.approx(want[near], abs=2e-6)
    assert asked @ axes.along == pytest.approx(1.0)
    assert asked @ axes.others == pytest.approx(np.zeros(size - 1), abs=1e-12)
