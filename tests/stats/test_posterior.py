"""Panels, mixtures and what can be asked of a posterior, against distributions known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.lagrange import interpolate, stencil
from handful.stats.bayes.panels import fit_panels, fit_panels_together
from handful.stats.bayes.posterior import NormalMixture, Posterior

NORMAL = fit_panels(lambda x: 3 * np.exp(-0.5 * x * x), np.linspace(-10, 10, 5), tolerance=1e-13)


def test_panels_find_the_mass_of_a_function() -> None:
    assert pytest.approx(3 * math.sqrt(2 * math.pi), rel=1e-14) == NORMAL.mass


def test_panels_reproduce_the_normal_distribution() -> None:
    x = np.linspace(-8, 8, 201)
    np.testing.assert_allclose(NORMAL.cdf(x), special.ndtr(x), atol=1e-14)
    np.testing.assert_allclose(NORMAL.survival(x), special.ndtr(-x), atol=1e-14)
    q = np.array([1e-9, 1e-4, 0.025, 0.5, 0.8, 0.975, 1 - 1e-9])
    np.testing.assert_allclose(NORMAL.quantile(q), special.ndtri(q), rtol=1e-7, atol=1e-13)


def test_panels_resolve_a_spike_and_an_edge() -> None:
    spike = fit_panels(lambda x: np.exp(-0.5 * ((x - 0.3) / 1e-4) ** 2), np.linspace(-1, 1, 40), tolerance=1e-12)
    assert spike.quantile(np.array([0.975]))[0] == pytest.approx(0.3 + 1.959963984540054e-4, abs=1e-12)
    flat = fit_panels(np.ones_like, np.array([0.0, 2.0]))
    np.testing.assert_allclose(flat.quantile(np.array([0.0, 0.25, 1.0])), [0, 0.5, 2], atol=1e-14)


def test_panels_of_several_densities_share_edges() -> None:
    first, second = fit_panels_together(
        lambda x: np.stack([np.exp(-0.5 * x * x), np.exp(-0.5 * ((x - 1) / 0.05) ** 2)]), np.linspace(-9, 9, 7)
    )
    assert first.edges is second.edges
    assert second.cdf(np.array([1.0]))[0] == pytest.approx(0.5, abs=1e-9)


def test_lagrange_stencil_is_exact_for_polynomials_of_degree_eleven() -> None:
    x = np.linspace(0.1, 18.7, 50)
    values = (np.arange(20) / 10.0 - 1) ** 11
    np.testing.assert_allclose(interpolate(values, x), (x / 10 - 1) ** 11, atol=1e-12)
    even = np.cos(0.2 * np.arange(30))
    index, factors = stencil(np.array([0.05, 0.5, 7.3]), 30, reflect=True)
    np.testing.assert_allclose(
        (even[index] * factors).sum(axis=1), np.cos(0.2 * np.array([0.05, 0.5, 7.3])), atol=1e-13
    )


PARTS = ((0.3, -1.0, 0.5), (0.7, 2.0, 3.0))


def mixture() -> Posterior:
    shape = NormalMixture(np.array([0.3, 0.7]), np.array([-1.0, 2.0]), np.array([0.5, 3.0]))
    return Posterior(shape, "something")


def test_mixture_moments_and_quantiles() -> None:
    p = mixture()
    mean = 0.3 * -1 + 0.7 * 2
    second = 0.3 * (0.25 + 1) + 0.7 * (9 + 4)
    assert p.mean == pytest.approx(mean, rel=1e-13)
    assert p.sd == pytest.approx(math.sqrt(second - mean**2), rel=1e-12)
    q = np.array([1e-12, 0.01, 0.2, 0.5, 0.99, 1 - 1e-9])
    np.testing.assert_allclose(p.cdf(p.quantile(q)), q, rtol=1e-9)


def test_small_tail_probabilities_keep_their_digits() -> None:
    p = mixture()
    assert p.probability(above=30.0) == pytest.approx(0.7 * special.ndtr(-28 / 3), rel=1e-12)
    assert p.probability(below=-40.0) == pytest.approx(0.7 * special.ndtr(-42 / 3), rel=1e-12)
    between = sum(w * (special.ndtr((2.5 - m) / s) - special.ndtr((0.5 - m) / s)) for w, m, s in PARTS)
    assert p.probability(above=0.5, below=2.5) == pytest.approx(between, rel=1e-12)
    assert p.probability(above=3, below=2) == 0


@given(st.floats(0.001, 0.999))
def test_quantile_inverts_cdf_on_both_scales(q: float) -> None:
    p = Posterior(NORMAL, "rate", "logit")
    for which in (p, p.on("natural")):
        assert which.cdf(which.quantile(q)) == pytest.approx(q, rel=1e-9)


def test_natural_scale_is_the_same_posterior() -> None:
    p = Posterior(NORMAL, "rate", "logit")
    rate = p.on("natural")
    assert rate.median == pytest.approx(0.5, abs=1e-14)
    assert rate.mean == pytest.approx(0.5, abs=1e-13)
    assert rate.probability(above=0.8) == pytest.approx(p.probability(above=math.log(4)), rel=1e-12)
    assert rate.on("model") is not rate
    assert rate.on("model").sd == pytest.approx(1.0, rel=1e-12)
    # E expit(z)² by 200-point Gauss–Hermite
    z, w = np.polynomial.hermite_e.hermegauss(200)
    second = float((special.expit(z) ** 2) @ w / w.sum())
    assert rate.sd == pytest.approx(math.sqrt(second - 0.25), rel=1e-10)
    np.testing.assert_array_equal(rate.density([-0.1, 1.1, 0.0, 1.0]), 0)
    assert rate.cdf([-1.0, 2.0]).tolist() == [0, 1]


def test_log_scale_gives_the_log_normal_mean() -> None:
    ratio = Posterior(NORMAL, "ratio", "log").on("natural")
    assert ratio.mean == pytest.approx(math.exp(0.5), rel=1e-9)


def test_shortest_interval_is_no_longer_than_the_central_one() -> None:
    p = mixture()
    central, shortest = p.interval(0.9), p.interval(0.9, "shortest")
    assert shortest[1] - shortest[0] <= central[1] - central[0]
    assert p.probability(above=shortest[0], below=shortest[1]) == pytest.approx(0.9, rel=1e-9)
    # at the shortest interval's ends the density is equal
    assert p.density(shortest[0]) == pytest.approx(p.density(shortest[1]), rel=1e-3)


def test_samples_are_the_same_for_the_same_seed() -> None:
    p = mixture()
    first = p.sample(4000, seed=1)
    np.testing.assert_array_equal(first, p.sample(4000, seed=1))
    assert abs(first.mean() - p.mean) < 4 * p.sd / math.sqrt(4000)


def test_questions_that_make_no_sense_are_refused() -> None:
    p = mixture()
    for ask in (lambda: p.quantile(1.2), lambda: p.probability(), lambda: p.interval(95)):
        with pytest.raises(InputError):
            ask()
    with pytest.raises(UnknownChoice, match="shortest"):
        p.interval(0.9, "hdi")  # type: ignore[arg-type]
    with pytest.raises(UnknownChoice, match="natural"):
        p.on("percent")  # type: ignore[arg-type]


def test_printing_drawing_and_dressing_as_an_interval() -> None:
    p = Posterior(NORMAL, "mean effect", "logit")
    assert repr(p) == "<Posterior of mean effect: median 0, 95 % -1.96 to 1.96, logit scale>" or "median -" in repr(p)
    found = p.as_interval(0.8)
    assert (found.low, found.high) == p.interval(0.8)
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    assert p.draw().get_xlabel() == "mean effect"
    plt.close("all")
