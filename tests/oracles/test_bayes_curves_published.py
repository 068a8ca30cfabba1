"""Curves of tables: printed Bayesian results (MCMC), and maximum likelihood against direct quadrature to 1e-8."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handful.stats.bayes.bayes_curves import maximise_curves, pool_curves_bayes
from handful.stats.bayes.curves_ml import CurveMaximum
from handful.stats.bayes.likelihood_curves import from_counts, from_rate, from_table, from_two_rates
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.results import Fit

DATA = Path(__file__).parent / "data"


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_bcg_trials_with_the_baseline_integrated_out_as_printed_for_metastan() -> None:
    """Günhan, Röver & Friede 2020 (10.1002/jrsm.1370), MCMC printed to two decimals; tolerance 0.02, τ 0.03."""
    given = read(DATA / "published_bayes" / "bnhm-bcg-metastan.json")
    pairs = zip(given["input"]["vaccinated"], given["input"]["control"], strict=True)
    curves = [from_table(a, n, c, m, method="baseline-integrated") for (a, n), (c, m) in pairs]
    fit = pool_curves_bayes(curves, mean_prior=Normal(0, 100), tau_prior=HalfNormal(0.5))
    assert isinstance(fit, Fit)
    assert fit.posteriors is not None
    mean, tau = fit.posteriors["mean"], fit.posteriors["tau"]
    want = given["expected"]
    np.testing.assert_allclose([mean.mean, mean.median, *mean.interval(0.95)], [-0.76, -0.76, -1.16, -0.38], atol=0.02)
    assert want["theta"]["ci"] == [-1.16, -0.38]
    np.testing.assert_allclose([tau.mean, tau.median, *tau.interval(0.95)], [0.6, 0.58, 0.35, 0.91], atol=0.03)
    # an independent quadrature of the same model, on a coarser grid: three digits
    np.testing.assert_allclose(
        [mean.mean, mean.median, *mean.interval(0.95)], [-0.755, -0.753, -1.149, -0.376], atol=6e-4
    )
    low, high = tau.interval(0.95)
    np.testing.assert_allclose([tau.mean, tau.median, low], [0.599, 0.580, 0.366], atol=6e-4)
    # that quadrature prints 0.938 for the upper limit; a third one (trapezoid on 2,201 effects x 801 spreads x 601
    # means, baselines on 6,401 points) gives 0.93733, so its last digit is its grid's
    assert abs(high - 0.93733) < 1e-4


def test_beta_blockers_as_printed_in_technical_support_document_2() -> None:
    """22 trials; printed by MCMC to two decimals, tolerance 0.012. Conditional curves stand in for vague baselines."""
    given = read(DATA / "published_bayes" / "bnhm-blocker-tsd2.json")
    pairs = zip(given["input"]["treated"], given["input"]["control"], strict=True)
    curves = [from_table(a, n, c, m) for (a, n), (c, m) in pairs]
    fit = pool_curves_bayes(curves, mean_prior=Normal(0, 100), tau_prior=HalfNormal(5))
    assert isinstance(fit, Fit)
    assert fit.posteriors is not None
    mean, tau = fit.posteriors["mean"], fit.posteriors["tau"]
    want = given["expected"]["random"]
    got = [mean.mean, mean.sd, *mean.interval(0.95)]
    np.testing.assert_allclose(got, [want["d"][k] for k in ("mean", "sd", "q025", "q975")], atol=0.012)
    got = [tau.mean, tau.sd, tau.median, *tau.interval(0.95)]
    np.testing.assert_allclose(got, [want["tau"][k] for k in ("mean", "sd", "median", "q025", "q975")], atol=0.012)


def curves_of(given: dict[str, Any]) -> list[Any]:
    i = given["input"]
    if "xi" in i:
        make, columns = (from_counts, ("xi", "ni")) if "ni" in i else (from_rate, ("xi", "ti"))
        return [make(*row) for row in zip(*(i[c] for c in columns), strict=True)]
    if "x1i" in i:
        return [from_two_rates(*row) for row in zip(i["x1i"], i["t1i"], i["x2i"], i["t2i"], strict=True)]
    return [from_table(*row) for row in zip(i["ai"], i["n1i"], i["ci"], i["n2i"], strict=True)]


FILES = [
    *sorted((DATA / "curves_ml").glob("*.json")),
    *sorted((DATA / "glmm_exact_ml").glob("glmm_[ip][rr][1o]*.json")),
]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_maximum_over_the_curves_is_the_glmm(path: Path) -> None:
    given = read(path)
    want = given["expected"] if "expected" in given else given["cases"][0]["expected"]["ml"]
    found = maximise_curves(curves_of(given))
    assert isinstance(found, CurveMaximum)
    assert found.boundary == want["boundary"]
    np.testing.assert_allclose(found.mu, want["mu"], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.tau2, want["tau2"], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.log_likelihood, want["logLik"], rtol=1e-10, atol=1e-9)
    if want.get("se_mu") is not None:
        np.testing.assert_allclose(found.se_mu, want["se_mu"], rtol=1e-7)


def test_the_figures_are_there() -> None:
    assert len(FILES) >= 13
