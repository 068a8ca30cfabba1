"""Asymmetry tests, trim and fill, fail-safe numbers, excess significance, Henmi–Copas against metafor and meta.

Closed forms and tightened fits: 1e-7; hc 1e-6 (its root finding over an integral). Whole numbers exactly. Where the
reference stops with an error, ours says why there is no answer.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.oracles.two_arm_cases import agree, p_agrees

import handful as hf
from handful.stats.closer.asymmetry import Asymmetry
from handful.stats.closer.excess_significance import ExcessSignificance
from handful.stats.closer.fail_safe import FailSafe
from handful.stats.evidence import estimates, two_arms
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.trim_and_fill import TrimAndFill

DATA = Path(__file__).parent / "data"
RTOL, ATOL = 1e-7, 1e-9

PREDICTORS = {
    "sei": "se",
    "vi": "variance",
    "ni": "n",
    "ninv": "1/n",
    "sqrtni": "sqrt(n)",
    "sqrtninv": "1/sqrt(n)",
}


def _files(family: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / family).glob("*.json"))]


def _cases(*starts: str) -> list[Any]:
    return [
        pytest.param(file, case, id=f"{file['id'].split('/')[1]}-{case['id']}")
        for file in _files("smallstudy")
        for case in file["cases"]
        if case["id"].startswith(starts)
    ]


def _pool(file: dict[str, Any], method: str) -> Fit:
    model: dict[str, Any] = {"model": "common-effect"} if method == "EE" else {"tau2": method}
    fit = hf.pool(estimates(file["input"]["yi"], file["input"]["vi"]), interval="wald", **model)
    assert isinstance(fit, Fit)
    return fit


def test_no_case_was_lost() -> None:
    assert len(_cases("trimfill")) == 120
    assert len(_cases("regtest")) == 154
    assert len(_cases("ranktest", "fsn", "tes", "hc")) == 72
    assert [len(file["cases"]) for file in _files("meta_bin_bias")] == [8] * 9
    everything = sum(len(file["cases"]) for file in _files("smallstudy"))
    assert everything - 120 - 154 - 72 == sum("selmodel" in c["id"] for f in _files("smallstudy") for c in f["cases"])


@pytest.mark.parametrize(("file", "case"), _cases("trimfill"))
def test_trim_and_fill(file: dict[str, Any], case: dict[str, Any]) -> None:
    want, name = case["expected"], case["id"].split("__")
    side = case["args"].get("side") if case.get("args") else None
    found = hf.trim_and_fill(_pool(file, name[1]), estimator=name[2], side=side)
    if case.get("error"):
        assert isinstance(found, NotEstimable)
        assert "Q0" in found.reason
        return
    assert isinstance(found, TrimAndFill)
    assert found.missing == want["k0"]
    assert found.side == want["side"]
    if want["se_k0"] is None:
        assert isinstance(found.missing_se, NotEstimable)
    else:
        agree(found.missing_se, want["se_k0"], RTOL, ATOL, "se of k0")
    if want["p_k0"] is None:
        assert isinstance(found.p, NotEstimable)
    else:
        agree(found.p, want["p_k0"], RTOL, ATOL, "p of k0")
    pairs = sorted((y, v) for _, y, v in found.filled)
    assert len(pairs) == len(want["filled_yi"])
    for (y, v), wy, wv in zip(
        pairs, *zip(*sorted(zip(want["filled_yi"], want["filled_vi"], strict=True)), strict=True), strict=True
    ) if pairs else ():  # fmt: skip
        agree(y, wy, RTOL, ATOL, "filled y")
        agree(v, wv, RTOL, ATOL, "filled v")
    fit = found.fit
    # the reference's last fit does not pass its tightened control on and stops at a step of 1e-5 in τ²; ours is not
    # lower, see the end
    rtol, atol = (1e-5, 2e-6) if name[1] == "REML" and found.missing else (RTOL, ATOL)
    assert fit.k == want["k"]
    for got, key in (
        (fit.coefficient, "coef"), (fit.se, "se"), (fit.coefficient_low, "ci_lb"), (fit.coefficient_high, "ci_ub"),
        (fit.i2, "I2"), (fit.h2, "H2"), (fit.q, "QE"),
    ):  # fmt: skip
        agree(got, want[key], rtol, atol, key)
    if name[1] != "EE":
        agree(fit.tau2, want["tau2"], rtol, atol, "tau²")
    if rtol > RTOL:
        assert _restricted(found, float(fit.tau2)) >= _restricted(found, want["tau2"]) - 1e-13  # type: ignore[arg-type]


def _restricted(found: TrimAndFill, tau2: float) -> float:
    """The restricted log-likelihood of τ² with the filled-in studies."""
    evidence = found.fit.recipe.evidence
    y, w = np.asarray(evidence.yi), 1 / (np.asarray(evidence.vi) + tau2)
    mean = (w @ y) / w.sum()
    return float(0.5 * np.log(w).sum() - 0.5 * np.log(w.sum()) - 0.5 * (w @ (y - mean) ** 2))


@pytest.mark.parametrize(("file", "case"), _cases("regtest"))
def test_regression_tests(file: dict[str, Any], case: dict[str, Any]) -> None:
    want, name = case["expected"], case["id"].split("__")
    of_lm = name[0] == "regtest_lm"
    fit = _pool(file, "DL" if of_lm else name[1])
    predictor = PREDICTORS[name[-1]]
    n = file["input"].get("ni") if "n" in predictor.replace("variance", "") else None
    found = hf.small_study(fit, test="egger" if of_lm else "mixed", predictor=predictor, n=n)
    assert isinstance(found, Asymmetry)
    agree(found.statistic, want["stat"], RTOL, ATOL, "statistic")
    p_agrees(found.p, want["pval"], "p")
    agree(found.slope, want["coef"][1], RTOL, 1e-12, "slope")
    agree(found.se, want["se"][1], RTOL, 1e-12, "se")
    assert math.isinf(found.df) if want["dfs"] is None else found.df == want["dfs"]
    if "tau2" in want and name[1] != "EE":
        agree(found.tau2, want["tau2"], RTOL, ATOL, "tau²")
    if "est" in want:
        assert isinstance(found.limit, Interval)
        agree(found.limit.estimate, want["est"][0], RTOL, ATOL, "limit")
        agree(found.limit.low, want["ci_lb"][0], RTOL, ATOL, "limit low")
        agree(found.limit.high, want["ci_ub"][0], RTOL, ATOL, "limit high")
    else:
        assert isinstance(found.limit, NotEstimable)


@pytest.mark.parametrize(("file", "case"), _cases("ranktest"))
def test_rank_test(file: dict[str, Any], case: dict[str, Any]) -> None:
    found = hf.small_study(_pool(file, "DL"), test="begg", exact=case["id"] == "ranktest")
    assert isinstance(found, Asymmetry)
    agree(found.tau, case["expected"]["tau"], RTOL, ATOL, "tau")
    agree(found.p, case["expected"]["pval"], RTOL, ATOL, "p")


@pytest.mark.parametrize(("file", "case"), _cases("fsn_R", "fsn_O"))
def test_fail_safe_numbers(file: dict[str, Any], case: dict[str, Any]) -> None:
    """Orwin's mean is the unweighted one; the reference's number uses it too, and shows the weighted one."""
    want, kind = case["expected"], case["id"].split("_")[1].lower()
    found = hf.fail_safe(_pool(file, "EE"), kind=kind)
    assert isinstance(found, FailSafe)
    assert found.studies == want["fsnum"]
    if want["pval"] is not None:
        p_agrees(float(found.p), want["pval"], "p")  # type: ignore[arg-type]
    assert any(note.code == "fail-safe" for note in found.notes)


@pytest.mark.parametrize(("file", "case"), _cases("fsn_G"))
def test_fail_safe_number_under_random_effects(file: dict[str, Any], case: dict[str, Any]) -> None:
    """The reference's quick rule for this is not written down; in these eight sets it gives our number or one more.

    What ours claims is checked itself: with that many studies added z is at most 1.96, with one fewer it is more.
    """
    want = case["expected"]
    found = hf.fail_safe(_pool(file, "REML"), kind="random-effects")
    assert isinstance(found, FailSafe)
    assert want["fsnum"] - 1 <= found.studies <= want["fsnum"]
    agree(found.mean, want["meanes"], 1e-5, 0.0, "mean")
    y, v = np.array(file["input"]["yi"]), np.array(file["input"]["vi"])
    k, tau2 = len(y), float(_pool(file, "REML").tau2)  # type: ignore[arg-type]
    w = 1 / (v + tau2)
    mean, harmonic = (w @ y) / w.sum(), k / (1 / v).sum()

    def z(more: int) -> float:
        share = k / (k + more)
        spread = tau2 + (share * (1 - share) * mean**2 if tau2 > 0 else 0.0)
        own = 1 / (v + spread)
        return float(abs(own @ y) / np.sqrt(own.sum() + more / (harmonic + spread)))

    assert z(found.studies) <= 1.959963984540054 < z(found.studies - 1)


@pytest.mark.parametrize(("file", "case"), _cases("tes"))
def test_excess_significance(file: dict[str, Any], case: dict[str, Any]) -> None:
    want = case["expected"]
    test = "exact" if want.get("test") == "exact" else "chi-squared"
    found = hf.excess_significance(_pool(file, "EE"), test=test)
    assert isinstance(found, ExcessSignificance)
    assert found.observed == want["O"]
    agree(found.expected, want["E"], RTOL, ATOL, "expected")
    agree(found.p, want["pval"], RTOL, ATOL, "p")
    if "power" in want:
        for got, w in zip(found.power, want["power"], strict=True):
            agree(got, w, RTOL, ATOL, "power")
    if test == "chi-squared" and want.get("X2") is not None:
        agree(found.statistic, want["X2"], RTOL, ATOL, "X²")


@pytest.mark.parametrize(("file", "case"), _cases("hc"))
def test_henmi_copas(file: dict[str, Any], case: dict[str, Any]) -> None:
    want = case["expected"]
    found = hf.henmi_copas(_pool(file, "DL"))
    assert isinstance(found, Interval)
    agree(found.estimate, want["coef"], 1e-6, 1e-8, "estimate")
    agree(found.low, want["ci_lb"], 1e-6, 1e-8, "low")
    agree(found.high, want["ci_ub"], 1e-6, 1e-8, "high")


def _bias_cases() -> list[Any]:
    return [
        pytest.param(file, case, id=f"{file['id'].split('/')[1]}-{case['id']}")
        for file in _files("meta_bin_bias")
        for case in file["cases"]
    ]


@pytest.mark.parametrize(("file", "case"), _bias_cases())
def test_the_eight_tests_of_counts(file: dict[str, Any], case: dict[str, Any]) -> None:
    """meta adds ½ to studies with an empty cell, and so does its Mantel–Haenszel odds ratio: asked for with add=0.5."""
    a, b, c, d = (np.array(file["input"][name]) for name in ("ai", "bi", "ci", "di"))
    fit = hf.pool(two_arms(a, a + b, c, c + d), model="mantel-haenszel", measure="OR")
    name = case["id"].split("__")[1].lower()
    test = {"thompson": "thompson-sharp"}.get(name, name)
    found = hf.small_study(fit, test=test, add=0.5, exact=False)
    want = case["expected"]
    assert isinstance(found, Asymmetry)
    agree(found.statistic, want["statistic"], 1e-8, 1e-9, "statistic")
    agree(found.p, want["pval"], 1e-8, 1e-9, "p")
    agree(found.slope, want["estimate"][0], 1e-8, 1e-12, "slope or score")
    agree(found.se, want["estimate"][1], 1e-8, 1e-12, "its standard error")
    assert math.isinf(found.df) if want["df"] is None else found.df == want["df"]
