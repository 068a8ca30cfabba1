"""Multilevel and multivariate models, and cluster-robust standard errors, against metafor and clubSandwich.

Tolerances: the reference maximises with nlminb, likelihoods agree to 1e-8, coefficients to 1e-5, variances to 1e-4;
robust covariances of one-level fits are closed forms (1e-8). hf.multilevel and hf.robust are what is called.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.oracles.two_arm_cases import agree

import handful as hf
from handful.stats.clusters.multilevel import MultilevelNumbers, fit_multilevel
from handful.stats.clusters.multilevel_result import Multilevel
from handful.stats.evidence import Estimates, estimates
from handful.stats.results import Interval
from handful.synthesis.cluster_robust import RobustCoefficients

DATA = Path(__file__).parent / "data"
THREE = ("dat.knapp2017", "dat.konstantopoulos2011", "dat.tannersmith2016")
SEVERAL = ("dat.kalaian1996", "dat.riley2003")


def _file(family: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / family / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _cases(family: str, names: tuple[str, ...]) -> list[Any]:
    return [
        pytest.param(_file(family, name), case, id=f"{name}-{case['id']}")
        for name in names
        for case in _file(family, name)["cases"]
    ]


def test_no_case_was_lost() -> None:
    assert [len(_file("mv_threelevel", name)["cases"]) for name in THREE] == [11, 12, 11]
    assert [len(_file("mv_multivariate", name)["cases"]) for name in SEVERAL] == [12, 12]
    assert len(_file("robust_uni", "dat.bcg")["cases"]) == 18


def _same_coefficients(found: Multilevel | RobustCoefficients, want: dict[str, Any]) -> None:
    for j, row in enumerate(found.coefficients):
        agree(row.estimate, want["coef"][j], 1e-5, 1e-7, "coefficient")
        agree(row.se, want["se"][j], 1e-5, 1e-7, "se")
        agree(row.low, want["ci_lb"][j], 1e-5, 1e-6, "low")
        agree(row.high, want["ci_ub"][j], 1e-5, 1e-6, "high")
        # log p moves by z times the error of z
        agree(math.log(row.p), math.log(want["pval"][j]), 1e-4, 1e-5 * (1 + row.statistic**2), "log p")
        if "dfs" in want:
            agree(row.df, want["dfs"][j if len(want["dfs"]) > 1 else 0], 1e-5, 1e-7, "df")


def _three(data: dict[str, Any], case: dict[str, Any]) -> Multilevel:
    name = case["id"]
    options: dict[str, Any] = {"inner": data["inner"], "robust": False, "test": "z", "limits": "confint" in name}
    options["method"] = "ML" if name.endswith("__ML") else "REML"
    if name.endswith("t_contain"):
        options["test"] = "t"
    if name.startswith("twolevel"):
        options["inner"] = False
    if "rho0.6" in name:
        options["rho"] = 0.6
    for kind in ("CR1", "CR2"):
        if name.endswith(kind):
            options["robust"] = kind
    if name.startswith("mods_year"):
        year = np.array(data["year"], dtype=np.float64)
        options["moderators"] = {"year": year - year.mean()}
    found = hf.multilevel(estimates(data["yi"], data["vi"]), cluster=data["outer"], **options)
    assert isinstance(found, Multilevel)
    assert found.converged
    return found


@pytest.mark.parametrize(("file", "case"), _cases("mv_threelevel", THREE))
def test_three_levels(file: dict[str, Any], case: dict[str, Any]) -> None:
    found, want = _three(file["input"], case), case["expected"]
    if case["id"].startswith("confint"):
        return _profile(found, case)
    if case["id"].startswith("predict"):
        assert isinstance(found.prediction, Interval)
        agree(found.prediction.low, want["pi_lb"][0], 1e-5, 1e-6, "prediction")
        agree(found.prediction.high, want["pi_ub"][0], 1e-5, 1e-6, "prediction")
        return None
    _same_coefficients(found, want)
    agree(found.qm, want["QM"], 1e-4, 1e-6, "QM")
    if "n_clusters" in want:
        assert found.clusters == want["n_clusters"]
        agree(found.qm_df[1], want["QMdf"][1], 1e-5, 1e-6, "QM df")
        return None
    for component, variance in zip(found.components, want["sigma2"], strict=True):
        agree(component.value, variance, 1e-4, 1e-7, component.name)
    likelihood = want["fit_ML" if found.method == "ML" else "fit_REML"]
    agree(found.log_likelihood, likelihood[0], 1e-9, 1e-8, "log-likelihood")
    agree(found.aic, likelihood[2], 1e-9, 1e-7, "AIC")
    agree(found.q, want["QE"], 1e-10, 1e-10, "QE")
    agree(found.q_p, want["QEp"], 1e-7, 1e-15, "QE p")
    return None


def _profile(found: Multilevel, case: dict[str, Any]) -> None:
    """Where the reference says that it found no upper limit, its lower one is where its search began, not a limit."""
    component = found.components[int(case["id"][-1]) - 1]
    limits, want = component.interval, case["expected"]
    assert isinstance(limits, Interval)
    agree(component.value, want["estimate"][0], 1e-4, 1e-7, "variance")
    if want["ci_ub"][0] is not None:
        agree(limits.low, want["ci_lb"][0], 1e-4, 1e-7, "low")
        agree(limits.high, want["ci_ub"][0], 1e-4, 1e-7, "high")
        return
    assert "Cannot obtain upper bound" in case["warnings"][0]
    assert float(limits.low) < component.value < float(limits.high) < math.inf


def test_the_lower_limit_is_zero_where_the_reference_stopped_half_way_to_it() -> None:
    """knapp2017, variance within: the reference gives half the estimate. Its own fit without that variance is less than
    1.92 below the top, so 0 is inside the interval."""
    file = _file("mv_threelevel", "dat.knapp2017")
    wanted = {case["id"]: case["expected"] for case in file["cases"]}
    fall = wanted["threelevel__REML"]["fit_REML"][0] - wanted["twolevel_outer__REML"]["fit_REML"][0]
    assert 0 < fall < 1.9207
    data = file["input"]
    found = hf.multilevel(estimates(data["yi"], data["vi"]), cluster=data["outer"], inner=data["inner"])
    assert isinstance(found, Multilevel)
    limits = found.component("within").interval
    assert isinstance(limits, Interval)
    assert limits.low == 0.0


@pytest.mark.parametrize("name", THREE)
def test_the_likelihood_has_fallen_by_half_the_quantile_at_each_profile_limit(name: str) -> None:
    """A second computation: V with the limit put in, the other variance by its own model."""
    data = _file("mv_threelevel", name)["input"]
    y, v, k = np.array(data["yi"]), np.array(data["vi"]), len(data["yi"])
    found = hf.multilevel(estimates(y, v), cluster=data["outer"], inner=data["inner"])
    assert isinstance(found, Multilevel)
    outer = np.unique(np.array(data["outer"]), return_inverse=True)[1].reshape(-1)
    limits = found.component("within").interval
    assert isinstance(limits, Interval)
    for end in (float(limits.low), float(limits.high)):
        if end == 0.0:
            continue
        held = hf.multilevel(estimates(y, v + end), cluster=data["outer"], inner=False, limits=False)
        assert isinstance(held, Multilevel)
        agree(found.log_likelihood - held.log_likelihood, 3.841458820694124 / 2, 1e-7, 0.0, "fall")
    assert len(set(outer.tolist())) == found.clusters < k


def _several(data: dict[str, Any]) -> tuple[Estimates, npt.NDArray[np.float64]]:
    k = len(data["yi"])
    v = np.zeros((k, k))
    for i, j, value in data["V_entries"]:
        v[i, j] = v[j, i] = value
    return estimates(data["yi"], np.diag(v)), v


@pytest.mark.parametrize(("file", "case"), _cases("mv_multivariate", SEVERAL))
def test_several_outcomes(file: dict[str, Any], case: dict[str, Any]) -> None:
    data, want = file["input"], case["expected"]
    evidence, v = _several(data)
    names = sorted(set(data["outcome"]))
    if case["id"] == "FE":
        return _no_random_effects(evidence, v, data, names, want)
    robust = case["id"].endswith("CR2")
    args = case.get("args") or {"struct": "CS", "method": "REML"}
    found = hf.multilevel(
        evidence, cluster=data["study"], outcome=data["outcome"], V=v, structure=args["struct"],
        method=args["method"], robust=robust, test="z", limits=False,
    )  # fmt: skip
    assert isinstance(found, Multilevel)
    assert found.converged
    assert [row.name for row in found.coefficients] == names
    _same_coefficients(found, want)
    agree(found.qm, want["QM"], 1e-4, 1e-6, "QM")
    if robust:
        agree(found.qm_df[1], want["QMdf"][1], 1e-5, 1e-6, "QM df")
        agree(math.log(found.qm_p), math.log(want["QMp"]), 1e-4, 0.0, "QM p")
        return None
    variances = [row.value for row in found.components if row.kind == "variance"]
    for got, expected in zip(variances, want["tau2"], strict=True):
        agree(got, expected, 1e-4, 1e-7, "tau²")
    if args["struct"] in ("UN", "CS", "HCS"):
        agree(found.components[-1].value, want["rho"][0], 1e-6, 1e-6, "correlation")
    likelihood = want["fit_ML" if args["method"] == "ML" else "fit_REML"][0]
    agree(found.log_likelihood, likelihood, 1e-8, 1e-7, "log-likelihood")
    assert found.log_likelihood > likelihood - 1e-9
    agree(found.q, want["QE"], 1e-10, 1e-10, "QE")
    return None


def _no_random_effects(
    evidence: Estimates, v: npt.NDArray[np.float64], data: dict[str, Any], names: list[str], want: dict[str, Any]
) -> None:
    levels = np.array([names.index(o) for o in data["outcome"]])
    clusters = np.unique(np.array([str(s) for s in data["study"]]), return_inverse=True)[1].reshape(-1)
    found = fit_multilevel(
        np.asarray(evidence.yi), v, np.eye(len(names))[levels], tuple(names), (0, 1), clusters, (),
        robust="none", test="z",
    )  # fmt: skip
    assert isinstance(found, MultilevelNumbers)
    for j in range(2):
        agree(found.beta[j], want["coef"][j], 1e-9, 1e-11, "coefficient")
        agree(found.model_se[j], want["se"][j], 1e-9, 1e-11, "se")
    agree(found.log_likelihood, want["fit_REML"][0], 1e-10, 1e-10, "log-likelihood")
    agree(found.qm, want["QM"], 1e-9, 1e-9, "QM")


@pytest.mark.parametrize(("file", "case"), _cases("robust_uni", ("dat.bcg",)))
def test_robust_standard_errors_of_a_finished_fit(file: dict[str, Any], case: dict[str, Any]) -> None:
    data, want = file["input"], case["expected"]
    kind, moderators, method = case["id"].split("__")
    evidence = estimates(data["yi"], data["vi"])
    model: dict[str, Any] = {"model": "common-effect"} if method == "EE" else {"tau2": method}
    if moderators == "int":
        fit: Any = hf.pool(evidence, **model)
    else:
        fit = hf.regress(evidence, {"x": data["x"]}, test="z", **model)
    found = hf.robust(fit, data["cluster"], kind=kind)
    assert isinstance(found, RobustCoefficients)
    assert found.clusters == want["n_clusters"]
    for j, row in enumerate(found.coefficients):
        for got, name in ((row.estimate, "coef"), (row.se, "se"), (row.statistic, "stat"), (row.p, "pval")):
            agree(got, want[name][j], 1e-8, 1e-10, name)
        agree(row.low, want["ci_lb"][j], 1e-8, 1e-10, "low")
        agree(row.high, want["ci_ub"][j], 1e-8, 1e-10, "high")
        agree(row.df, want["dfs"][j if len(want["dfs"]) > 1 else 0], 1e-8, 1e-10, "df")
        for i in range(len(found.coefficients)):
            agree(found.covariance[i][j], want["vcov"][i][j], 1e-8, 1e-10, "covariance")
    agree(found.qm, want["QM"], 1e-8, 1e-10, "QM")
    agree(found.qm_p, want["QMp"], 1e-7, 1e-12, "QM p")
