"""Mantel–Haenszel, Peto and their tests against metafor, and worked examples of textbooks."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from tests.oracles.one_arm_cases import DATA, name_of
from tests.oracles.two_arm_cases import agree, columns, p_agrees, pairs

import handful as hf
from handful.stats.comparisons.mantel_haenszel import pool_mantel_haenszel, pool_mantel_haenszel_rates
from handful.stats.comparisons.peto import pool_peto
from handful.stats.results import Fit, NotEstimable

CLOSED = (1e-9, 1e-11)  # closed forms on both sides

MH = pairs("mh_peto", "MH_")
PETO = pairs("mh_peto", "PETO")
RATES = pairs("mh_ir")


def test_every_case_is_compared() -> None:
    assert (len(MH), len(PETO), len(RATES)) == (272, 51, 8)


def _compare(fit: Fit, want: dict[str, Any], *, spread: bool = True) -> None:
    got = {
        "coef": fit.coefficient,
        "se": fit.se,
        "ci_lb": fit.coefficient_low,
        "ci_ub": fit.coefficient_high,
        "stat": fit.details["statistic"],
    }
    if spread:
        got |= {"QE": fit.q, "I2": fit.i2, "H2": fit.h2, "k_yi": fit.details["q_studies"]}
        p_agrees(float(fit.q_p), want["QEp"], "QEp")  # type: ignore[arg-type]
    for name, value in got.items():
        agree(value, want[name], *CLOSED, name)
    p_agrees(fit.details["p"], want["pval"], "pval")


@pytest.mark.parametrize("pair", MH, ids=name_of)
def test_mantel_haenszel_equals_metafor(pair: Any) -> None:
    file, case = pair
    args, want = case["args"], case["expected"]
    fit = pool_mantel_haenszel(
        *columns(file),
        measure=args["measure"],
        correct=args.get("correct", True),
        add=tuple(args.get("add", (0.5, 0.0))),
        to=tuple(args.get("to", ("only0", "none"))),
        drop00=(True, False),
    )
    assert isinstance(fit, Fit)
    _compare(fit, want)
    if want["MH"] is not None:
        agree(fit.details["association"].statistic, want["MH"], *CLOSED, "MH")
        p_agrees(fit.details["association"].p, want["MHp"], "MHp")
    if want["BD"] is not None:
        for ours, theirs in (("breslow_day", "BD"), ("tarone", "TA")):
            agree(fit.details[ours].statistic, want[theirs], *CLOSED, theirs)
            p_agrees(fit.details[ours].p, want[theirs + "p"], theirs + "p")


@pytest.mark.parametrize("pair", RATES, ids=name_of)
def test_mantel_haenszel_of_rates_equals_metafor(pair: Any) -> None:
    file, case = pair
    args, want = case["args"], case["expected"]
    fit = pool_mantel_haenszel_rates(
        *columns(file),
        measure=args["measure"],
        correct=args.get("correct", True),
        add=tuple(args.get("add", (0.5, 0.0))),
        to=tuple(args.get("to", ("only0", "none"))),
    )
    assert isinstance(fit, Fit)
    _compare(fit, want)
    if want["MH"] is not None:
        agree(fit.details["association"].statistic, want["MH"], *CLOSED, "MH")


@pytest.mark.parametrize("pair", PETO, ids=name_of)
def test_peto_equals_metafor(pair: Any) -> None:
    file, case = pair
    args, want = case["args"], case["expected"]
    fit = pool_peto(*columns(file), add=args.get("add", (0.0, 0.0))[1], to=args.get("to", ("", "only0"))[1])
    assert isinstance(fit, Fit)
    same = want["k_yi"] == want["k_pos"]
    _compare(fit, want, spread=same)
    if not same:
        # with ½ added to studies without events the reference adds them to Q but not to its degrees of freedom
        agree(fit.q, want["QE"], *CLOSED, "QE")
        assert fit.q_df == want["k_pos"] - 1
        assert want["H2"] == pytest.approx(want["QE"] / (want["k_yi"] - 1), rel=1e-12)


def _published(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "published" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_tolbutamide_table_15_1() -> None:
    """Rothman, Greenland & Lash 2008, two age strata, 90 % limits; printed to 4 decimals."""
    file = _published("comp-rothman-tolbutamide")
    a, b, c, d = (np.array(file["input"][name]) for name in "abcd")
    two, want, near = hf.two_arms(a, a + b, c, c + d), file["expected"], 6e-5
    fits = {m: hf.pool(two, measure=m, model="mantel-haenszel", level=0.9) for m in ("RD", "RR", "OR")}
    for measure, key in (("RD", "rd"), ("RR", "rr"), ("OR", "or_")):
        fit = fits[measure]
        assert isinstance(fit, Fit)
        assert fit.estimate == pytest.approx(want[key]["est"], abs=near)
        assert [fit.low, fit.high] == pytest.approx(want[key]["ci"], abs=near)
        assert fit.q == pytest.approx(want[key]["Q"], abs=near)
    odds = fits["OR"]
    assert isinstance(odds, Fit)
    plain = pool_mantel_haenszel(a, a + b, c, c + d, correct=False)
    assert isinstance(plain, Fit)
    assert plain.details["association"].statistic == pytest.approx(want["or_"]["cmh"], abs=near)
    assert odds.details["tarone"].statistic == pytest.approx(want["or_"]["tarone"], abs=near)
    assert odds.details["tarone"].p == pytest.approx(want["or_"]["tarone_p"], abs=near)
    exact = hf.pool(two, model="hypergeometric-normal", interval="wald", common=True)
    assert isinstance(exact, Fit)
    assert exact.coefficient == pytest.approx(want["conditional_mle_95"]["log_or"], abs=near)
    # the printed limits come from a numeric Hessian; the information is the variance of the margins' distribution
    information = 0.0
    for x1, n1, x2, n2 in zip(a, a + b, c, c + d, strict=True):
        m = int(x1 + x2)
        u = np.arange(max(0, m - n2), min(n1, m) + 1)
        mass = np.array([math.comb(n1, int(v)) * math.comb(n2, m - int(v)) * exact.estimate**v for v in u], dtype=float)
        mass /= mass.sum()
        information += float((mass * u**2).sum() - (mass * u).sum() ** 2)
    assert exact.se == pytest.approx(information**-0.5, rel=1e-9)
    assert [exact.low, exact.high] == pytest.approx(want["conditional_mle_95"]["ci"], abs=2.5e-3)


def test_beta_blockers_peto() -> None:
    """Yusuf et al. 1985, Table 6, with trials in which nobody died."""
    file = _published("comp-yusuf-peto")
    columns = [np.array(file["input"][name]) for name in ("x1", "n1", "x2", "n2")]
    fit = hf.pool(hf.two_arms(*columns), model="peto")
    assert isinstance(fit, Fit)
    assert fit.estimate == pytest.approx(file["expected"]["or_"], abs=6e-5)
    assert [fit.low, fit.high] == pytest.approx(file["expected"]["ci"], abs=6e-5)
    empty = int(((columns[0] + columns[2]) == 0).sum())
    assert sum(note.code == "no-information" for note in fit.notes) == empty > 0
    assert fit.k == len(columns[0]) - empty


def test_haloperidol_risk_ratio() -> None:
    """Balduzzi, Rücker & Schwarzer 2019: ½ to events and ½ to the group size of studies with an empty cell."""
    file = _published("comp-haloperidol-rr")
    data, want = file["input"], file["expected"]
    x1, f1, x2, f2 = (np.array(data[name]) for name in ("resp_h", "fail_h", "resp_p", "fail_p"))
    two = hf.two_arms(x1, x1 + f1, x2, x2 + f2)
    mh = hf.pool(two, measure="RR", model="mantel-haenszel", add=(0.5, 0.5), to=("only0", "only0"))
    assert isinstance(mh, Fit)
    # ½ in pooling too; printed to 2 decimals, and the lower limit is 1.684 by their variance
    assert mh.estimate == pytest.approx(want["mh"]["rr"], abs=0.01)
    assert [mh.low, mh.high] == pytest.approx(want["mh"]["ci"], abs=0.01)
    options = {"tau2": "PM", "interval": "wald", "add": 0.5, "cells": "events"}
    fit = hf.pool(two, measure="RR", model="random-effects", **options)
    assert isinstance(fit, Fit)
    assert not isinstance(fit.prediction, NotEstimable)
    random = want["random"]
    assert [fit.estimate, fit.low, fit.high] == pytest.approx([random["rr"], *random["ci"]], abs=0.006)
    assert fit.tau2 == pytest.approx(random["tau2"], abs=6e-5)
    assert fit.q == pytest.approx(random["Q"], abs=0.006)
    assert [fit.prediction.low, fit.prediction.high] == pytest.approx(random["prediction"], abs=0.006)
    whole = hf.pool(two, measure="RR", model="random-effects", tau2="PM", interval="wald", add=0.5)
    assert isinstance(whole, Fit)
    assert whole.tau2 == pytest.approx(0.1763, abs=6e-5)  # +1 to the group size: another τ²


def test_catheters_odds_ratio() -> None:
    """Stijnen, Hamza & Özdemir 2010, Table III: normal–normal, and the model with a free baseline."""
    file = _published("comp-stijnen-or-approx")
    data, want = file["input"], file["expected"]
    two = hf.two_arms(*(np.array(data[name]) for name in ("ai", "n1i", "ci", "n2i")))
    normal = hf.pool(two, model="random-effects", tau2="REML", interval="wald", add=0.5, drop00=True)
    assert isinstance(normal, Fit)
    assert normal.coefficient == pytest.approx(want["normal_normal"]["log_or"], abs=1e-3)
    assert normal.se == pytest.approx(want["normal_normal"]["se"], abs=1e-3)
    assert normal.tau == pytest.approx(want["normal_normal"]["tau"], abs=6e-4)
    common = hf.pool(two, model="unconditional-fixed", common=True)
    random = hf.pool(two, model="unconditional-fixed", interval="wald")
    assert isinstance(common, Fit)
    assert isinstance(random, Fit)
    assert common.coefficient == pytest.approx(want["um_fs_common"]["log_or"], abs=1e-3)
    assert random.coefficient == pytest.approx(want["um_fs_random"]["log_or"], abs=1e-3)
    # programs print 0.3198, 0.3227 and 0.3312: few quadrature points
    assert random.tau2 == pytest.approx(want["um_fs_random"]["tau2"], abs=0.014)
