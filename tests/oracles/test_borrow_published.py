"""Borrowing against printed figures: the ankylosing spondylitis MAP prior, its mixture, its effective sample sizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.stats.borrowed.effective_sample_size import elir, moment
from handful.stats.borrowed.mixtures import BetaMixture
from handful.synthesis.borrowing import Borrowing

DATA = Path(__file__).parent / "data" / "published_bayes"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def spondylitis() -> Borrowing:
    given = read("map-as-hn1")["input"]
    found = hf.borrow(hf.one_arm([1], [6]), hf.one_arm(given["r"], given["n"]), method="robust-map")
    assert isinstance(found, Borrowing)
    return found


def test_map_prior_of_ankylosing_spondylitis_as_printed(spondylitis: Borrowing) -> None:
    """Printed after 4000 MCMC draws: 0.012, the upper quantile 0.02. Own quadrature of the source: four digits."""
    want = read("map-as-hn1")
    found = spondylitis.map_numeric
    assert isinstance(found, type(spondylitis.with_))
    low, high = found.interval(0.95)
    printed = want["expected"]["map"]
    np.testing.assert_allclose(
        [found.mean, found.sd, found.median, low], [printed[k] for k in ("mean", "sd", "median", "q025")], atol=0.012
    )
    assert high == pytest.approx(printed["q975"], abs=0.02)
    np.testing.assert_allclose([found.mean, found.sd, low, high], [0.2583, 0.0874, 0.111, 0.471], atol=6e-4)


def test_tau_of_ankylosing_spondylitis_as_printed() -> None:
    want = read("map-as-hn1")
    fit = hf.pool(hf.one_arm(want["input"]["r"], want["input"]["n"]), model="bayes")
    assert isinstance(fit, hf.Fit)
    tau = fit.posterior("tau")
    printed = want["expected"]["tau"]
    got = [tau.mean, tau.sd, tau.median, *tau.interval(0.95)]
    np.testing.assert_allclose(got, [printed[k] for k in ("mean", "sd", "median", "q025", "q975")], atol=0.03)
    np.testing.assert_allclose([tau.mean, tau.median], [0.380, 0.353], atol=6e-4)


def test_mixture_fitted_to_it_is_as_near_as_the_printed_one(spondylitis: Borrowing) -> None:
    """The printed mixture was fitted to MCMC draws; ours to the exact density: three digits of moments."""
    mixture, numeric = spondylitis.map, spondylitis.map_numeric
    assert isinstance(mixture, BetaMixture)
    assert isinstance(numeric, type(spondylitis.with_))
    assert len(mixture.weights) in (2, 3)
    assert mixture.mean == pytest.approx(numeric.mean, abs=2e-4)
    assert mixture.sd == pytest.approx(numeric.sd, abs=2e-4)
    grid = np.linspace(0.01, 0.99, 99)
    # the printed mixture is 0.02 away from the exact distribution function, ours 0.002
    printed = BetaMixture(*(tuple(read("mixture-summary-moment-ess")["input"][k]) for k in ("w", "a", "b")))
    exact = np.asarray(numeric.cdf(grid))
    assert np.abs(mixture.cdf(grid) - exact).max() < 0.003
    assert np.abs(mixture.cdf(grid) - exact).max() < np.abs(printed.cdf(grid) - exact).max()
    assert not isinstance(spondylitis.divergence, hf.NotEstimable)
    assert 0 < spondylitis.divergence < 1e-3


def test_printed_mixture_moments_quantiles_and_both_effective_sample_sizes() -> None:
    """Closed form; printed quantiles carry 3e-5 of root finding. ELIR is printed as 37, the moment rule as 26."""
    want = read("mixture-summary-moment-ess")
    mixture = BetaMixture(*(tuple(want["input"][k]) for k in ("w", "a", "b")))
    assert mixture.mean == pytest.approx(want["expected"]["mean"], abs=1e-7)
    assert mixture.sd == pytest.approx(want["expected"]["sd"], abs=1e-7)
    np.testing.assert_allclose(mixture.quantile(want["expected"]["p"]), want["expected"]["q"], atol=5e-5)
    assert round(moment(mixture)) == want["expected"]["ess_moment_rounded"] == 26
    found = elir(mixture)
    assert isinstance(found, float)
    assert round(found) == 37


def test_elir_of_the_fitted_prior_is_the_printed_number_of_patients(spondylitis: Borrowing) -> None:
    offered = spondylitis.borrowed.offered_elir
    assert isinstance(offered, float)
    assert round(offered) == 37
    # the exact prior is wider than the printed one (sd 0.0874 for 0.0842), so its moment rule gives 24 for 26
    assert spondylitis.borrowed.offered_moment == pytest.approx(24.07, abs=0.05)
