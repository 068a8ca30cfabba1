"""Binomial–normal and Poisson–normal maximum likelihood against direct quadrature, metafor and published tables."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.one_arm_cases import cases, close, name_of, number, read

import handful as hf
from handful.stats.count_models.binomial_normal import pool_binomial_normal
from handful.stats.count_models.poisson_normal import pool_poisson_normal
from handful.stats.results import NotEstimable


def _fit(data: dict[str, Any], **options: Any) -> Any:
    if "ni" in data:
        return pool_binomial_normal(data["xi"], data["ni"], **options)
    return pool_poisson_normal(data["xi"], data["ti"], **options)


EXACT = cases("glmm_exact_ml")
METAFOR = cases("glmm_prop") + cases("glmm_ir1")


def test_every_case_is_compared() -> None:
    assert (len(EXACT), len(METAFOR)) == (9, 50)


@pytest.mark.parametrize("pair", EXACT, ids=name_of)
def test_highest_likelihood_equals_direct_quadrature(pair: Any) -> None:
    file, case = pair
    fit = _fit(file["input"], interval="wald")
    want = case["expected"]["ml"]
    # score equations solved to ~1e-13 on their side: 1e-8 relative, 1e-9 absolute
    close(fit.coefficient, want["mu"], 1e-8, 1e-9)
    close(fit.tau2, want["tau2"], 1e-8, 1e-9)
    close(fit.log_likelihood, want["logLik"], 1e-8, 1e-9)
    close(fit.details["common_effect"], case["expected"]["ee"]["mu"], 1e-8, 1e-9)
    close(fit.details["common_log_likelihood"], case["expected"]["ee"]["logLik"], 1e-8, 1e-9)
    assert (fit.tau2 == 0) == want["boundary"]
    if not want["boundary"]:
        close(fit.se, want["se_mu"], 1e-8, 1e-9)
        close(fit.details["se_tau"], want["se_tau"], 1e-8, 1e-9)
    assert fit.converged
    assert fit.numerical_error < 1e-10


def _tolerance(case: dict[str, Any]) -> tuple[float, float, float]:
    """Relative for the mean, relative for τ², absolute: what each reference supports."""
    if "EE__" in case["id"]:
        return 1e-6, 1e-6, 1e-7  # glm iterations
    if case["id"].endswith("nAGQ25"):
        return 1e-5, 1e-4, 1e-6
    return 1e-3, 5e-3, 1e-4  # seven nodes are not converged for sparse counts


LAPLACE = [p for p in METAFOR if p[1]["id"].endswith("nAGQ1")]
CONVERGED = [p for p in METAFOR if p not in LAPLACE and not p[1]["id"].endswith("predict")]


@pytest.mark.parametrize("pair", CONVERGED, ids=name_of)
def test_fit_equals_metafor(pair: Any) -> None:
    file, case = pair
    want = case["expected"]
    rtol, rtol_tau, atol = _tolerance(case)
    fit = _fit(file["input"], interval="t" if "knha_t" in case["id"] else "wald")
    close(fit.details["q_wald"], want["QE_Wald"], 1e-6, 1e-7)
    close(fit.q, want["QE_LRT"], 1e-6, 1e-7)
    close(fit.q_df, want["QE_df"], 0, 0)
    if number(want["QEp_LRT"]) > 1e-15:
        close(fit.q_p, want["QEp_LRT"], 1e-5, 1e-12)
        close(fit.details["q_wald_p"], want["QEp_Wald"], 1e-5, 1e-12)
    if "EE__" in case["id"]:
        close(fit.details["common_effect"], want["coef"], rtol, atol)
        close(fit.details["common_log_likelihood"], want["logLik"], rtol, atol)
        return
    close(fit.coefficient, want["coef"], rtol, atol)
    close(fit.tau2, want["tau2"], rtol_tau, atol)
    close(fit.se, want["se"], 5e-3, 1e-4)  # numeric Hessian
    close(fit.coefficient_low, want["ci_lb"], 5e-3, 1e-3)
    close(fit.coefficient_high, want["ci_ub"], 5e-3, 1e-3)
    close(fit.i2, want["I2"], rtol_tau, 1e-3)
    close(fit.h2, want["H2"], rtol_tau, 1e-3)


@pytest.mark.parametrize("pair", LAPLACE, ids=name_of)
def test_one_node_is_reproduced_by_the_rule_of_that_order(pair: Any) -> None:
    """Laplace's approximation is Gauss–Hermite of order 1. Ours, at that order, reaches the reference's maximum."""
    import numpy as np

    from handful.stats.count_models.curves import BinomialCurves, PoissonCurves
    from handful.stats.count_models.random_effect import Quadrature, marginal

    file, case = pair
    data, want = file["input"], case["expected"]
    curves = BinomialCurves.of(data["xi"], data["ni"]) if "ni" in data else PoissonCurves.of(data["xi"], data["ti"])
    one = Quadrature("gauss-hermite", 1)

    def at(mu: float, tau2: float) -> float:
        k = len(curves)
        if tau2 <= 0:
            return float(curves.value(np.full(k, mu)).sum())
        return float(marginal(curves, np.full(k, mu), np.full(k, tau2**0.5), one).value.sum())

    mu, tau2 = number(want["coef"]), number(want["tau2"])
    here = at(mu, tau2)
    step = number(want["se"]) * 0.05
    for other in ((mu + step, tau2), (mu - step, tau2), (mu, tau2 * 1.05 + 1e-4), (mu, tau2 * 0.95)):
        assert at(*other) <= here + 1e-7


@pytest.mark.parametrize("pair", [p for p in METAFOR if p[1]["id"].endswith("predict")], ids=name_of)
def test_prediction_equals_metafor(pair: Any) -> None:
    file, case = pair
    fit = _fit(file["input"], interval="wald", prediction="normal")
    want = case["expected"]
    close(fit.median, want["pred"], 1e-3, 1e-4)
    close(fit.median_low, want["ci_lb"], 5e-3, 1e-3)
    close(fit.median_high, want["ci_ub"], 5e-3, 1e-3)
    close(fit.prediction.low, want["pi_lb"], 5e-3, 1e-3)
    close(fit.prediction.high, want["pi_ub"], 5e-3, 1e-3)


def test_a_higher_top_behind_the_boundary_is_found() -> None:
    """37 placebo arms: the likelihood falls at τ = 0, and yet is higher at τ = 0.59 than there."""
    file = next(f for f in read("glmm_exact_ml") if "roever2022" in f["name"])
    fit = _fit(file["input"], interval="wald")
    assert fit.tau2 == pytest.approx(0.3482446801192075, rel=1e-8)
    assert fit.log_likelihood > fit.details["common_log_likelihood"] + 0.05


def _published(name: str) -> dict[str, Any]:
    return next(f for f in read("published") if f["name"] == name)


def test_stijnen_2010_table_2_control_arms() -> None:
    file = _published("single-stijnen-control")
    data, want = file["input"], file["expected"]
    tol = file["tolerance"]
    fit = hf.pool(hf.one_arm(data["events"], data["n"]), model="binomial-normal", interval="wald")
    b = want["binomial_normal"]
    for got, key in ((fit.coefficient, "logit"), (fit.se, "se"), (fit.median, "p")):
        assert got == pytest.approx(b[key], abs=tol["abs"]), key
    assert fit.tau2 == pytest.approx(b["tau2"], abs=tol["by_key"]["tau2"])
    assert [fit.median_low, fit.median_high] == pytest.approx(b["ci"], abs=tol["abs"])
    normal = hf.pool(
        hf.one_arm(data["events"], data["n"]), measure="PLO", add=0.5, to="only0", interval="wald", tau2="REML"
    )
    a = want["normal_normal"]
    for got, key in ((normal.coefficient, "logit"), (normal.se, "se"), (normal.estimate, "p")):
        assert got == pytest.approx(a[key], abs=tol["abs"]), key
    assert normal.tau2 == pytest.approx(a["tau2"], abs=tol["by_key"]["tau2"])
    assert [normal.low, normal.high] == pytest.approx(a["ci"], abs=tol["abs"])
    assert any(n.code == "continuity-correction" for n in normal.notes)


def test_stijnen_2010_table_7_control_rates() -> None:
    file = _published("single-stijnen-rate-control")
    data, want, tol = file["input"], file["expected"], file["tolerance"]
    evidence = hf.one_arm_rates(data["events"], data["time_1000days"])
    fit = hf.pool(evidence, model="poisson-normal", interval="wald")
    normal = hf.pool(evidence, measure="IRLN", interval="wald", tau2="REML")
    for got, key in ((fit, "poisson_normal"), (normal, "normal_normal")):
        w = want[key]
        assert got.coefficient == pytest.approx(w["log_rate"], abs=tol["abs"])
        assert got.se == pytest.approx(w["se"], abs=tol["abs"])
        assert got.tau2 == pytest.approx(w["tau2"], abs=tol["by_key"]["tau2"])
        assert got.median == pytest.approx(w["rate"], abs=tol["by_key"]["rate"])
        assert [got.median_low, got.median_high] == pytest.approx(w["ci"], abs=tol["by_key"]["ci"])


def test_miller_1978_freeman_tukey() -> None:
    file = _published("single-miller-freeman-tukey")
    data, want, tol = file["input"], file["expected"], file["tolerance"]["abs"]
    import numpy as np

    from handful.stats.estimates.inverse_variance import pool_inverse_variance_common
    from handful.stats.one_group.transforms import back, transform_proportions

    for name in ("miller", "five"):
        x, n = np.array(data[name]["x"]), np.array(data[name]["n"])
        y, v = transform_proportions(x, n, "PFT")
        fit = pool_inverse_variance_common(y, v)
        assert not isinstance(fit, NotEstimable)
        harmonic = 1 / np.mean(1 / n)
        assert back(fit.coefficient, "PFT", harmonic) == pytest.approx(want[name]["pooled_p"], abs=tol)
        if name == "miller":
            # the paper prints the sum of the two arcsines, twice ours
            assert list(2 * y) == pytest.approx(want[name]["ft_sum"], abs=tol)
            assert list(4 * v) == pytest.approx(want[name]["ft_var"], abs=tol)
            assert 2 * fit.coefficient == pytest.approx(want[name]["pooled_ft"], abs=tol)
            assert 2 * y.mean() == pytest.approx(want[name]["unweighted_ft"], abs=tol)
            assert back(float(y.mean()), "PFT", harmonic) == pytest.approx(want[name]["unweighted_p"], abs=tol)
        else:
            ends = [back(e, "PFT", harmonic) for e in (fit.coefficient_low, fit.coefficient_high)]
            assert ends == pytest.approx(want[name]["ci"], abs=tol)
