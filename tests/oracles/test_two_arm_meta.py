"""Pooled comparisons as R's meta prints them: with its own zero-cell rules, by the names they have here."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.one_arm_cases import name_of
from tests.oracles.two_arm_cases import agree, columns, p_agrees, pairs

from handful.stats.comparisons.mantel_haenszel import pool_mantel_haenszel, pool_mantel_haenszel_rates
from handful.stats.comparisons.penalised_likelihood import pool_penalised_likelihood
from handful.stats.comparisons.peto import pool_peto
from handful.stats.comparisons.rate_ratio_models import pool_rate_ratio_normal
from handful.stats.comparisons.two_arm_inverse_variance import (
    pool_two_arm_effects,
    pool_two_arm_effects_common,
    pool_two_arm_rate_effects,
    pool_two_arm_rate_effects_common,
)
from handful.stats.comparisons.unconditional_fixed import pool_unconditional_fixed, pool_unconditional_fixed_rates
from handful.stats.results import Fit, Interval

BIN = pairs("meta_bin_pooled")
INC = pairs("meta_inc_pooled")
CLOSED = (1e-8, 1e-9)

MANTEL = [p for p in BIN if p[1]["id"].startswith(("MH", "TACC", "RR_Cochrane"))]
INVERSE = [p for p in BIN if p[1]["id"].startswith(("Inverse", "ASD"))]
OTHER = [p for p in BIN if p[1]["id"] in ("Peto", "LRP", "GLMM_UM.FS")]
SAMPLE_SIZE = [p for p in BIN if p[1]["id"].startswith("SSW")]  # weights by sample size: not offered here


def test_every_case_is_compared() -> None:
    assert len(MANTEL) + len(INVERSE) + len(OTHER) + len(SAMPLE_SIZE) == len(BIN) == 269
    assert len(INC) == 6


def _measure(case: dict[str, Any]) -> str:
    name = case["id"]
    if name == "ASD":
        return "AS"
    return "RR" if "RR" in name else "RD" if "RD" in name else "OR"


def _rule(case: dict[str, Any]) -> dict[str, Any]:
    """What meta adds: for a risk ratio to events and group size, for a risk difference to the variance only."""
    name, measure = case["id"], _measure(case)
    if name == "ASD":
        return {"add": 0.0}
    cells = {"RR": "events", "RD": "variance"}.get(measure, "all")
    rule: dict[str, Any] = {"add": 0.5, "to": "only0", "drop00": measure != "RD", "cells": cells}
    if "incr_all" in name:
        rule["to"] = "all"
    if "if0all" in name:
        rule["to"] = "if0all"
    if "allstudies" in name:
        rule["drop00"] = False
    if name.startswith("TACC"):
        rule["add"] = "treatment-arm"
    if name == "RR_Cochrane":
        rule["cells"] = "all"
    return rule


@pytest.mark.parametrize("pair", MANTEL, ids=name_of)
def test_mantel_haenszel_with_their_zero_cell_rules(pair: Any) -> None:
    file, case = pair
    want, measure, rule = case["expected"], _measure(case), _rule(case)
    exact = case["id"].startswith("MH_exact")
    fit = pool_mantel_haenszel(
        *columns(file),
        measure=measure,
        variance="greenland-robins",
        correct=False,
        add=(rule["add"], 0.0 if exact else rule["add"]),
        to=(rule["to"], "none" if exact else rule["to"]),
        drop00=(rule["drop00"], rule["drop00"]),
        cells=(rule["cells"], "variance" if measure == "RD" else "all"),
    )
    assert isinstance(fit, Fit)
    for ours, theirs in (
        ("coefficient", "TE_common"),
        ("se", "seTE_common"),
        ("coefficient_low", "lower_common"),
        ("coefficient_high", "upper_common"),
        ("q", "Q"),
        ("q_df", "df_Q"),
    ):
        agree(getattr(fit, ours), want[theirs], *CLOSED, theirs)
    p_agrees(float(fit.q_p), want["pval_Q"], "pval_Q")  # type: ignore[arg-type]
    agree(fit.estimate, want["back_TE_common"], *CLOSED, "back_TE_common")
    agree(float(fit.i2) / 100, want["I2"], *CLOSED, "I2")  # type: ignore[arg-type]
    if exact and measure != "RD":
        assert fit.k >= want["k_MH"]  # theirs leaves out studies whose second group has no event: their weight is 0
    else:
        assert fit.k == want["k_MH"]
    random = pool_two_arm_effects(
        *columns(file), measure=measure, tau2="DL", interval="wald", centre=fit.coefficient, **rule
    )
    assert isinstance(random, Fit)
    for ours, theirs in (("coefficient", "TE_random"), ("se", "seTE_random"), ("tau2", "tau2")):
        agree(getattr(random, ours), want[theirs], *CLOSED, theirs)


@pytest.mark.parametrize("pair", INVERSE, ids=name_of)
def test_inverse_variance(pair: Any) -> None:
    file, case = pair
    want, measure, rule = case["expected"], _measure(case), _rule(case)
    knapp = "HK" in case["id"]
    fit = pool_two_arm_effects(
        *columns(file),
        measure=measure,
        tau2="REML" if knapp else "DL",
        interval="hartung-knapp" if knapp else "wald",
        **rule,
    )
    common = pool_two_arm_effects_common(*columns(file), measure=measure, **rule)
    assert isinstance(fit, Fit)
    assert isinstance(common, Fit)
    # their REML is tightened for these cases; a boundary fit of theirs may stop at 1e-9
    tolerance = (1e-7, 1e-8) if knapp else CLOSED
    for ours, theirs in (
        ("coefficient", "TE_random"),
        ("se", "seTE_random"),
        ("coefficient_low", "lower_random"),
        ("coefficient_high", "upper_random"),
        ("tau2", "tau2"),
        ("q", "Q"),
    ):
        agree(getattr(fit, ours), want[theirs], *tolerance, theirs)
    for ours, theirs in (
        ("coefficient", "TE_common"),
        ("se", "seTE_common"),
        ("coefficient_low", "lower_common"),
        ("coefficient_high", "upper_common"),
    ):
        agree(getattr(common, ours), want[theirs], *CLOSED, theirs)
    agree(float(common.i2) / 100, want["I2"], *CLOSED, "I2")  # type: ignore[arg-type]
    assert fit.k == want["k"]


@pytest.mark.parametrize("pair", OTHER, ids=name_of)
def test_peto_penalised_and_mixed_model(pair: Any) -> None:
    file, case = pair
    want, given = case["expected"], columns(file)
    if case["id"] == "Peto":
        fit: Any = pool_peto(*given)
        agree(fit.coefficient, want["TE_common"], *CLOSED, "TE")
        agree(fit.se, want["seTE_common"], *CLOSED, "se")
        agree(fit.q, want["Q"], *CLOSED, "Q")
        # theirs is Cochran's, with N in place of N − 1 in the variance; ours is Mantel and Haenszel's
        a, n1, c, n2 = given
        n, m = n1 + n2, a + c
        some = (m > 0) & (m < n)
        distance, each = float((a - n1 * m / n).sum()), n1 * n2 * m * (n - m) / n**2
        agree(distance**2 / float((each / n).sum()), want["Q_CMH"], *CLOSED, "Q_CMH")
        exact = distance**2 / float((each[some] / (n[some] - 1)).sum())
        agree(fit.details["association"].statistic, exact, *CLOSED, "association")
    elif case["id"] == "LRP":
        # their fit keeps the studies without events, which enter through the penalty only
        fit = pool_penalised_likelihood(*given, interval="wald", drop00=False)
        for ours, theirs in (
            ("coefficient", "TE_common"),
            ("se", "seTE_common"),
            ("coefficient_low", "lower_common"),
            ("coefficient_high", "upper_common"),
        ):
            agree(getattr(fit, ours), want[theirs], 1e-5, 1e-6, theirs)
        assert fit.converged
    else:
        fit = pool_unconditional_fixed(*given, interval="wald")
        agree(fit.coefficient, want["TE_random"], 1e-3, 1e-3, "TE")
        agree(fit.se, want["seTE_random"], 5e-3, 1e-3, "se")
        agree(fit.tau2, want["tau2"], 5e-3, 1e-3, "tau2")
        agree(fit.q, want["Q"][1], 1e-6, 1e-6, "Q")


@pytest.mark.parametrize("pair", INC, ids=name_of)
def test_rates(pair: Any) -> None:
    file, case = pair
    want, given, name = case["expected"], columns(file), case["id"]
    measure = "IRD" if "IRD" in name else "IRR"
    if name == "GLMM":
        mixed: Any = pool_unconditional_fixed_rates(*given, interval="wald")
        agree(mixed.coefficient, want["TE_random"], 1e-3, 1e-3, "TE")
        agree(mixed.tau2, want["tau2"], 5e-3, 1e-3, "tau2")
        alike = pool_rate_ratio_normal(*given, common=True, interval="wald")
        assert isinstance(alike, Fit)
        agree(alike.coefficient, want["TE_common"], 1e-6, 1e-6, "TE common")
        return
    cells = "variance" if measure == "IRD" else "all"  # differences are corrected in their variance only
    if name.startswith(("MH", "Cochran")):
        mh: Any = pool_mantel_haenszel_rates(*given, measure=measure, add=(0.5, 0.0))
        if name.startswith("MH"):
            agree(mh.coefficient, want["TE_common"], *CLOSED, "TE_common")
            agree(mh.se, want["seTE_common"], *CLOSED, "se")
            # their Q is around the inverse-variance estimate, ours around the Mantel–Haenszel one
            other: Any = pool_two_arm_rate_effects_common(*given, measure=measure, add=0.5, cells=cells)
            agree(other.q, want["Q"], *CLOSED, "Q")
        return
    random: Any = pool_two_arm_rate_effects(*given, measure=measure, tau2="DL", interval="wald", add=0.5, cells=cells)
    common: Any = pool_two_arm_rate_effects_common(*given, measure=measure, add=0.5, cells=cells)
    agree(common.coefficient, want["TE_common"], *CLOSED, "TE_common")
    agree(common.se, want["seTE_common"], *CLOSED, "se common")
    agree(random.coefficient, want["TE_random"], *CLOSED, "TE_random")
    agree(random.se, want["seTE_random"], *CLOSED, "se random")
    agree(random.tau2, want["tau2"], *CLOSED, "tau2")
    assert isinstance(random.prediction, Interval)
