"""Pooled proportions and rates against R's meta package (version in each file)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.oracles.one_arm_cases import cases, close, name_of, number, numbers

import handful as hf
from handful.stats.count_models.pooling_proportions import pool_proportions, pool_rates
from handful.stats.estimates.between_study import estimate_tau2, log_likelihood, weighted
from handful.stats.estimates.inverse_variance import pool_inverse_variance
from handful.stats.one_group.transforms import back, transform_proportions
from handful.stats.results import NotEstimable

ALL = cases("meta_prop") + cases("meta_rate")
MEASURE = {"PLOGIT": "PLO", "PRAW": "PR"}
LOOSE = ("PM", "EB", "ML")  # run with the reference's default stopping rule


def test_every_case_is_compared() -> None:
    sorts = {"ci": 0, "Inverse": 0, "GLMM": 0, "subgroup": 0}
    for _, case in ALL:
        sorts[case["id"].split("_")[0]] += 1
    assert sorts == {"ci": 49, "Inverse": 135, "GLMM": 16, "subgroup": 6}


def _inverse(file: dict[str, Any], case: dict[str, Any]) -> tuple[Any, Any, str, str]:
    """Our fit, the same with Wald limits, the measure and the τ² estimator."""
    data = file["input"]
    _, scale, how = case["id"].split("__")
    measure = MEASURE.get(scale, scale)
    estimator = how if how not in ("classic", "HK") else ("REML" if "ni" in data else "DL")
    interval = "hartung-knapp" if how == "HK" else "wald"
    add = 0.5 if measure in ("PLO", "IRLN", "IR") else 0.0
    options: dict[str, Any] = {"measure": measure, "tau2": estimator, "add": add, "to": "only0"}
    if measure in ("PLN", "PR"):
        options = {"tau2": estimator}
        y, v = _own_estimates(file, scale)
        fits = [pool_inverse_variance(y, v, interval=i, measure=measure, **options) for i in (interval, "wald")]
        return _taken_back(fits[0], measure), _taken_back(fits[1], measure), measure, estimator
    if "ni" in data:
        fits = [pool_proportions(data["xi"], data["ni"], interval=i, **options) for i in (interval, "wald")]
    else:
        fits = [pool_rates(data["xi"], data["ti"], interval=i, **options) for i in (interval, "wald")]
    return fits[0], fits[1], measure, estimator


def _own_estimates(file: dict[str, Any], scale: str) -> tuple[Any, Any]:
    """meta puts ½ at other places than escalc for logs and raw rates of empty or full studies; its own y and v are
    pooled then."""
    case = next(c for c in file["cases"] if c["id"] == f"Inverse__{scale}__classic")
    return numbers(case["expected"]["TE"]), numbers(case["expected"]["seTE"]) ** 2


def _taken_back(fit: Any, measure: str) -> Any:
    names = ("estimate", "low", "high")
    sources = ("coefficient", "coefficient_low", "coefficient_high")
    new = {n: back(getattr(fit, s), measure, 1.0) for n, s in zip(names, sources, strict=True)}
    p = fit.prediction
    if not isinstance(p, NotEstimable):
        natural = replace(p, low=back(p.low, measure, 1.0), high=back(p.high, measure, 1.0))
        return replace(fit, prediction=natural, details={**fit.details, "prediction_coefficient": p}, **new)
    return replace(fit, **new)


INVERSE = [p for p in ALL if p[1]["id"].startswith("Inverse")]


@pytest.mark.parametrize("pair", INVERSE, ids=name_of)
def test_inverse_variance_equals_meta(pair: Any) -> None:
    file, case = pair
    want = case["expected"]
    fit, wald, measure, estimator = _inverse(file, case)
    loose = estimator in LOOSE and "control" not in case["call"]
    close(fit.k, want["k"], 0, 0)
    close(fit.q, want["Q"], 1e-8, 1e-9)
    close(fit.q_p, want["pval_Q"], 1e-7, 1e-14)
    close(fit.details["i2_from_q"] / 100, want["I2"], 1e-8, 1e-9)
    if loose:
        _right_by_its_own_equation(file, measure, estimator, fit, number(want["tau2"]))
        return
    tight = (1e-8, 1e-9)
    close(fit.tau2, want["tau2"], *tight)
    close(fit.coefficient, want["TE_random"], *tight)
    close(fit.se, want["seTE_random"], *tight)
    close(fit.coefficient_low, want["lower_random"], *tight)
    close(fit.coefficient_high, want["upper_random"], *tight)
    # 2e-8 through Freeman–Tukey's inverse, whose slope is infinite at its ends
    for value, key in ((fit.estimate, "TE"), (fit.low, "lower"), (fit.high, "upper")):
        limit = min(number(want[f"back_{key}_random"]), 1.0) if "ni" in file["input"] else want[f"back_{key}_random"]
        close(value, max(number(limit), 0.0), 2e-8, 1e-9)
    # meta's prediction takes the classical variance of the mean under Hartung–Knapp too; ours takes the one the
    # interval uses
    prediction = wald.details["prediction_coefficient"]
    close(prediction.low, want["lower_predict"], *tight)
    close(prediction.high, want["upper_predict"], *tight)
    if estimator != "DL":  # with DL meta gives Jackson's interval, another method
        # its root finder stops at 1.2e-4 absolute
        close(fit.tau2_interval.low, want["lower_tau2"], 0, 1.3e-4 * max(1.0, fit.tau2_interval.low))
        close(fit.tau2_interval.high, want["upper_tau2"], 0, 1.3e-4 * max(1.0, fit.tau2_interval.high))


def _right_by_its_own_equation(file: dict[str, Any], measure: str, estimator: str, fit: Any, theirs: float) -> None:
    """The reference stopped early. PM and EB solve Q(τ²) = k − 1, ML has the highest likelihood: ours fits that
    better."""
    data = file["input"]
    y, v = transform_proportions(data["xi"], data["ni"], measure, add=0.5, to="only0")
    x = np.ones((len(y), 1))
    assert abs(fit.tau2 - theirs) < 2e-5 + 1e-4 * theirs
    if estimator == "ML":
        ours = log_likelihood(y, v, x, fit.tau2, restricted=False)
        assert ours >= log_likelihood(y, v, x, theirs, restricted=False) - 1e-13
    elif fit.tau2 > 0:
        target = len(y) - 1
        assert abs(weighted(y, v, x, fit.tau2).q - target) < 1e-9
        assert abs(weighted(y, v, x, fit.tau2).q - target) <= abs(weighted(y, v, x, theirs).q - target)
    else:
        assert theirs < 2e-5


GLMM = [p for p in ALL if p[1]["id"].startswith("GLMM")]


@pytest.mark.parametrize("pair", GLMM, ids=name_of)
def test_likelihood_model_equals_meta(pair: Any) -> None:
    file, case = pair
    data, want = file["input"], case["expected"]
    interval = "t" if case["id"].endswith("HK") else "wald"  # what the reference calls HK here is t with k − 1
    if "ni" in data:
        fit = hf.pool(hf.one_arm(data["xi"], data["ni"]), model="binomial-normal", interval=interval)
    else:
        fit = hf.pool(hf.one_arm_rates(data["xi"], data["ti"]), model="poisson-normal", interval=interval)
    # lme4 with its defaults: 1e-3 (τ² 5e-3)
    close(fit.details["common_effect"], want["TE_common"], 1e-3, 1e-3)
    close(fit.coefficient, want["TE_random"], 1e-3, 1e-3)
    close(fit.se, want["seTE_random"], 5e-3, 1e-3)
    close(fit.tau2, want["tau2"], 5e-3, 1e-3)
    close(fit.coefficient_low, want["lower_random"], 1e-3, 2e-3)
    close(fit.coefficient_high, want["upper_random"], 1e-3, 2e-3)
    close(fit.median, want["back_TE_random"], 1e-3, 1e-3)
    close(fit.details["q_wald"], want["Q"][0], 1e-5, 1e-6)
    close(fit.q, want["Q"][1], 1e-5, 1e-6)
    for end, key in (("low", "lower_predict"), ("high", "upper_predict")):
        if want.get(key) is not None:
            theirs = number(want[key])
            natural = np.exp(theirs) if "ti" in data else 1 / (1 + np.exp(-theirs))
            close(getattr(fit.prediction, end), natural, 5e-3, 2e-3)


SUBGROUP = [p for p in ALL if p[1]["id"].startswith("subgroup")]


@pytest.mark.parametrize("pair", SUBGROUP, ids=name_of)
def test_groups_pooled_apart_equal_meta(pair: Any) -> None:
    file, case = pair
    data, want = file["input"], case["expected"]
    group = np.array(data["grp"])
    x, n = np.array(data["xi"]), np.array(data["ni"])
    if case["id"].endswith("tau_common"):
        return _one_tau_for_all(data, want)
    for j, level in enumerate(want["subgroup_levels"]):
        own = group == level
        if "GLMM" in case["id"]:
            fit = hf.pool(hf.one_arm(x[own], n[own]), model="binomial-normal", interval="wald")
            if number(want["tau2_w"][j]) < 1e-6 < fit.tau2:
                continue  # a top behind the boundary that the reference does not look for; see the README
            tolerance, tau = (1e-3, 1e-3), (5e-3, 1e-3)
        else:
            fit = hf.pool(hf.one_arm(x[own], n[own]), measure="PLO", add=0.5, to="only0", interval="wald")
            tolerance, tau = (1e-5, 1e-5), (2e-4, 1e-5)  # REML with the default stopping rule
        close(fit.coefficient, want["TE_random_w"][j], *tolerance)
        if fit.k == 1:  # ours is that study with its exact interval; theirs has Wald limits
            assert isinstance(fit.tau2, NotEstimable)
            close(fit.coefficient - 1.959963984540054 * fit.se, want["lower_random_w"][j], 1e-5, 1e-5)
            continue
        close(fit.tau2, want["tau2_w"][j], *tau)
        close(fit.coefficient_low, want["lower_random_w"][j], tolerance[0], 2e-3)
        close(fit.coefficient_high, want["upper_random_w"][j], tolerance[0], 2e-3)
    return None


def _one_tau_for_all(data: dict[str, Any], want: dict[str, Any]) -> None:
    """One τ² for both groups: REML with a column for each group."""
    y, v = transform_proportions(data["xi"], data["ni"], "PLO", add=0.5, to="only0")
    design = np.stack([np.array(data["grp"]) == g for g in want["subgroup_levels"]], axis=1).astype(float)
    tau2 = estimate_tau2(y, v, "REML", design)
    fit = weighted(y, v, design, tau2)
    for j in range(2):
        close(tau2, want["tau2_w"][j], 2e-4, 1e-5)
        close(fit.beta[j], want["TE_random_w"][j], 1e-5, 1e-5)


@pytest.mark.parametrize("pair", [p for p in ALL if p[1]["id"].startswith("ci_")], ids=name_of)
def test_intervals_of_each_study_equal_meta(pair: Any) -> None:
    file, case = pair
    data, want = file["input"], case["expected"]
    method = {
        "ci_CP": "clopper-pearson",
        "ci_WS": "wilson",
        "ci_WSCC": "wilson-cc-newcombe",
        "ci_AC": "agresti-coull",
        "ci_SA": "wald",
    }
    low, high = numbers(want["lower_prop"]).clip(0, 1), numbers(want["upper_prop"]).clip(0, 1)
    x, n = np.array(data["xi"], dtype=float), np.array(data["ni"], dtype=float)
    if case["id"] in method:
        got = hf.proportion(data["xi"], data["ni"], method=method[case["id"]])
        ours = (got.low, got.high)
    elif case["id"] == "ci_SACC":  # Wald with 1/(2n) on each side: a formula we do not offer, checked as a formula
        half = 1.959963984540054 * np.sqrt(x / n * (1 - x / n) / n) + 0.5 / n
        ours = ((x / n - half).clip(0, 1), (x / n + half).clip(0, 1))
    else:  # NAsm: normal on the logit, ½ where needed
        y, v = transform_proportions(x, n, "PLO", add=0.5, to="only0")
        ours = tuple(1 / (1 + np.exp(-(y + s * 1.959963984540054 * np.sqrt(v)))) for s in (-1, 1))
    if case["id"] == "ci_WSCC":
        # Newcombe 1998: the lower limit is 0 at 0 of n, the upper 1 at n of n. The reference's leave out its own
        # estimate there.
        assert (ours[0][x == 0] == 0).all()
        assert (ours[1][x == n] == 1).all()
        assert (low[x == 0] > 0).all()
        assert (high[x == n] < 1).all()
        low, high = np.where(x == 0, 0.0, low), np.where(x == n, 1.0, high)
    np.testing.assert_allclose(ours[0], low, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(ours[1], high, rtol=1e-8, atol=1e-9)
