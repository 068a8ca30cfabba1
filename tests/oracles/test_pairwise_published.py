"""Estimates pooled by inverse variance, as papers printed them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from tests.oracles.one_arm_cases import DATA

import handful as hf


def _published(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "published" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _log_odds_ratios(a: Any, n1: Any, c: Any, n2: Any) -> tuple[Any, Any]:
    """½ to every cell of a trial with an empty cell; trials without events in both arms have gone before."""
    a, n1, c, n2 = (np.asarray(x, dtype=float) for x in (a, n1, c, n2))
    b, d = n1 - a, n2 - c
    add = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    a, b, c, d = a + add, b + add, c + add, d + add
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def _log_likelihood(est: Any, tau2: float) -> float:
    w = 1 / (est.vi + tau2)
    mean = (w * est.yi).sum() / w.sum()
    return float(0.5 * np.log(w).sum() - 0.5 * (w * (est.yi - mean) ** 2).sum())


@pytest.mark.parametrize("method", ["PM", "EB", "HE", "DL", "ML", "REML", "HS", "SJ"])
def test_clasp_heterogeneity_estimators(method: str) -> None:
    """DerSimonian & Kacker 2007: τ from 0.002 (ML) to 0.457 (SJ) on the same six trials."""
    case = _published("tau2-clasp-estimators")
    data, want = case["input"], case["expected"]
    est = hf.estimates(*_log_odds_ratios(data["x1"], data["n1"], data["x2"], data["n2"]))
    fit = hf.pool(est, tau2=method, interval="wald")
    tolerance = case["tolerance"]["abs"]  # four printed decimals
    if method == "ML":  # printed 0.0023, where a search stopped: the likelihood falls from τ² = 0 on
        assert fit.tau == 0
        nearby = [_log_likelihood(est, tau2) for tau2 in (0.0, 0.0023**2, 0.01, 0.1)]
        assert nearby == sorted(nearby, reverse=True)
    else:
        assert fit.tau == pytest.approx(want["tau"][method], abs=tolerance)
    if method in want["mu"]:
        assert fit.coefficient == pytest.approx(want["mu"][method], abs=tolerance)
        assert fit.se == pytest.approx(want["se"][method], abs=tolerance)


def test_haloperidol_risk_ratio() -> None:
    """Balduzzi et al. 2019: Paule–Mandel, Q-profile limits, prediction with k − 1, groups with and without missing."""
    case = _published("comp-haloperidol-rr")
    data, want = case["input"], case["expected"]
    a, b, c, d = (np.array(data[key], dtype=float) for key in ("resp_h", "fail_h", "resp_p", "fail_p"))
    add = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    n1, n2 = a + b + add, c + d + add  # ½ to events and ½ to the group's size, as the paper did
    y = np.log((a + add) / n1) - np.log((c + add) / n2)
    v = 1 / (a + add) - 1 / n1 + 1 / (c + add) - 1 / n2
    est = hf.estimates(y, v, measure="RR")
    fit = hf.pool(est, tau2="PM", interval="wald")
    random = want["random"]
    assert fit.estimate == pytest.approx(random["rr"], abs=0.006)
    assert [fit.low, fit.high] == pytest.approx(random["ci"], abs=0.006)
    assert fit.tau2 == pytest.approx(random["tau2"], abs=6e-5)
    assert fit.q == pytest.approx(random["Q"], abs=0.006)
    assert fit.details["i2_from_q"] / 100 == pytest.approx(random["I2"], abs=6e-4)
    assert [fit.prediction.low, fit.prediction.high] == pytest.approx(random["prediction"], abs=0.006)
    assert [fit.tau2_interval.low, fit.tau2_interval.high] == pytest.approx(random["tau2_ci_qprofile"], abs=0.006)
    missing = np.array(data["drop_h"]) + np.array(data["drop_p"]) > 0
    groups = hf.subgroups(est, np.where(missing, "with_missing", "without_missing"), tau2="PM", interval="wald")
    for name, group in ((n, want["subgroup_random"][n]) for n in ("with_missing", "without_missing")):
        own = groups[name]
        assert own.k == group["k"]
        assert own.estimate == pytest.approx(group["rr"], abs=0.006)
        assert [own.low, own.high] == pytest.approx(group["ci"], abs=0.006)
        assert own.tau2 == pytest.approx(group["tau2"], abs=6e-5)
    assert groups.q_between == pytest.approx(want["subgroup_random"]["between_q"], abs=0.006)
    assert groups.q_between_p == pytest.approx(want["subgroup_random"]["between_p"], abs=6e-5)


def test_catheter_infections_normal_normal() -> None:
    """Stijnen et al. 2010, Table III: REML on log odds ratios, ½ where a cell is empty, double-zero trials gone."""
    case = _published("comp-stijnen-or-approx")
    data, want = case["input"], case["expected"]["normal_normal"]
    columns = np.array([data[key] for key in ("ai", "n1i", "ci", "n2i")])
    columns = columns[:, (columns[0] > 0) | (columns[2] > 0)]
    est = hf.estimates(*_log_odds_ratios(*columns), measure="OR")
    fit = hf.pool(est, tau2="REML", interval="wald")
    assert fit.coefficient == pytest.approx(want["log_or"], abs=1e-3)
    assert fit.se == pytest.approx(want["se"], abs=1e-3)
    assert fit.tau == pytest.approx(want["tau"], abs=6e-4)
    assert fit.estimate == pytest.approx(want["or_"], abs=1e-3)
    assert [fit.low, fit.high] == pytest.approx(want["ci"], abs=1e-3)


def test_catheter_infection_rates_normal_normal() -> None:
    """Stijnen et al. 2010, Table VII: log rates by REML."""
    case = _published("single-stijnen-rate-control")
    data, want = case["input"], case["expected"]["normal_normal"]
    x, t = np.array(data["events"], dtype=float), np.array(data["time_1000days"])
    fit = hf.pool(hf.estimates(np.log(x / t), 1 / x, measure="IRLN"), tau2="REML", interval="wald")
    assert fit.coefficient == pytest.approx(want["log_rate"], abs=1e-3)
    assert fit.se == pytest.approx(want["se"], abs=1e-3)
    assert fit.tau2 == pytest.approx(want["tau2"], abs=2e-3)
    assert fit.estimate == pytest.approx(want["rate"], abs=4e-3)
    assert [fit.low, fit.high] == pytest.approx(want["ci"], abs=6e-3)


def _bcg(rows: Any) -> Any:
    """Mantel–Haenszel log risk ratio of these trials, as a fresh run."""
    columns = np.array(rows)[:, 2:].T
    return hf.pool(hf.two_arms(*columns), model="mantel-haenszel", measure="RR")


def test_an_update_is_a_fresh_run_on_the_studies_so_far() -> None:
    """Lau et al. 1995: the BCG trials in the order of their years."""
    case = _published("living-cumulative-bcg-mh")
    rows, want = {row[0]: row for row in case["input"]["rows"]}, case["expected"]
    order = case["input"]["cumulate_in_order"]
    for i, k in enumerate(want["after_k"]):
        fit = _bcg([rows[trial] for trial in order[:k]])
        got = [fit.coefficient, fit.se, fit.coefficient_low, fit.coefficient_high]
        figures = [want[name][i] for name in ("log_rr", "se", "ci_lower", "ci_upper")]
        if k == 7:  # printed −0.693; the program that printed it gives −0.693681 (metafor 3.8.1)
            figures[3] = -0.693681
        assert got == pytest.approx(figures, abs=case["tolerance"]["abs"])


def test_leave_one_out_is_a_run_without_that_study() -> None:
    """Viechtbauer & Cheung 2010: each BCG trial left out."""
    case = _published("living-leave-one-out-bcg-mh")
    rows, want = case["input"]["rows"], case["expected"]
    for i, trial in enumerate(want["left_out"]):
        fit = _bcg([row for row in rows if row[0] != trial])
        got = [fit.coefficient, fit.coefficient_low, fit.coefficient_high, fit.q]
        figures = [want[name][i] for name in ("log_rr", "ci_lower", "ci_upper", "Q")]
        assert got == pytest.approx(figures, abs=case["tolerance"]["abs"])
