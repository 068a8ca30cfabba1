"""Pooled estimates against R's meta (metagen): the same model with its own choices of limits and prediction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.oracles.one_arm_cases import close, number, numbers, read

import handful as hf

FILES = read("meta_gen")
INTERVAL = {"classic": "wald", "HK": "hartung-knapp"}
#: V: k − 1; HTS: k − 2; HK: k − 1 with the Hartung–Knapp variance; S: normal
RULE = {"V": "k-1", "HTS": "k-2", "HK": "k-1", "S": "normal"}
RANDOM = [(f, name) for f in FILES for name in f["random"]]
PREDICT = [(f, name) for f in FILES for name in f["predict"]]


def _name(case: Any) -> str:
    return case["name"] if isinstance(case, dict) else str(case)


def _est(file: dict[str, Any]) -> Any:
    return hf.estimates(numbers(file["input"]["yi"]), numbers(file["input"]["vi"]))


def test_every_case_is_there() -> None:
    assert (len(FILES), len(RANDOM), len(PREDICT)) == (8, 8 * 6, 8 * 21)


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_common_effect_equals_meta(file: Any) -> None:
    want, fit = file["common"], hf.pool(_est(file), model="common-effect")
    for got, key in (
        (fit.coefficient, "TE_common"), (fit.se, "seTE_common"), (fit.coefficient_low, "lower_common"),
        (fit.coefficient_high, "upper_common"), (fit.statistic, "statistic_common"), (fit.q, "Q"),
    ):  # fmt: skip
        close(got, want[key], 1e-9, 1e-11)
    close(fit.p, want["pval_common"], 1e-7, 1e-15)
    close(fit.q_p, want["pval_Q"], 1e-7, 1e-15)
    assert fit.q_df == want["df_Q"]
    close(fit.i2 / 100, want["I2"], 1e-9, 1e-10)
    share = numbers(file["weights"]["w_common"])
    np.testing.assert_allclose(fit.weights, share / share.sum(), rtol=1e-9)


@pytest.mark.parametrize(("file", "name"), RANDOM, ids=_name)
def test_random_effects_equal_meta(file: Any, name: str) -> None:
    method, how = name.split("__")
    want, spread = file["random"][name], file["tau2"][method]
    fit = hf.pool(_est(file), tau2=method, interval=INTERVAL[how])
    rtol, atol = (1e-9, 1e-11) if method == "DL" else (1e-8, 1e-9)
    close(fit.tau2, spread["tau2"], rtol, atol)
    close(fit.details["tau2_se"], spread["se_tau2"], rtol, atol)
    for got, key in (
        (fit.coefficient, "TE_random"), (fit.se, "seTE_random"), (fit.coefficient_low, "lower_random"),
        (fit.coefficient_high, "upper_random"), (fit.statistic, "statistic_random"),
    ):  # fmt: skip
        close(got, want[key], rtol, atol)
    close(fit.p, want["pval_random"], 1e-7, 1e-15)
    assert fit.details["interval_df"] == number(want["df_random"])
    if method != "DL":  # with DL the reference gives Jackson's interval, another method
        # its root finder stops at 1.2e-4 absolute; ours solves Q to 1e-12 (tests/stats/test_inverse_variance.py)
        low, high = number(spread["lower_tau2"]), number(spread["upper_tau2"])
        close(fit.tau2_interval.low, low, 0, 1.3e-4 * max(1.0, low))
        close(fit.tau2_interval.high, high, 0, 1.3e-4 * max(1.0, high))
    close(math.sqrt(max(fit.q / fit.q_df, 1.0)), spread["H"], 1e-9, 1e-11)


@pytest.mark.parametrize(("file", "name"), PREDICT, ids=_name)
def test_predictions_equal_meta(file: Any, name: str) -> None:
    """Under Hartung–Knapp all rules but HK take the classical variance of the mean in the reference; ours takes the
    interval's, so those are compared through the Wald fit."""
    method, _, rule = name.split("__")
    want = file["predict"][name]
    interval = "hartung-knapp" if rule == "HK" else "wald"
    fit = hf.pool(_est(file), tau2=method, interval=interval, prediction=RULE[rule])
    rtol, atol = (1e-9, 1e-11) if method == "DL" else (1e-8, 1e-9)
    close(fit.prediction.low, want["lower_predict"], rtol, atol)
    close(fit.prediction.high, want["upper_predict"], rtol, atol)
    close(math.sqrt(fit.tau2 + fit.se**2), want["seTE_predict"], rtol, atol)


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_its_safe_hartung_knapp(file: Any) -> None:
    """``se``: the larger of the two standard errors, t limits: our safe form, the reference run with DL."""
    want, fit = file["HK_adhoc_se"], hf.pool(_est(file), tau2="DL", interval="hartung-knapp-safe")
    for got, key in (
        (fit.coefficient, "TE_random"), (fit.se, "seTE_random"), (fit.coefficient_low, "lower_random"),
        (fit.coefficient_high, "upper_random"), (fit.statistic, "statistic_random"), (fit.p, "pval_random"),
    ):  # fmt: skip
        close(got, want[key], 1e-8, 1e-10)
    share = numbers(file["weights"]["w_random"])
    np.testing.assert_allclose(fit.weights, share / share.sum(), rtol=1e-8)
