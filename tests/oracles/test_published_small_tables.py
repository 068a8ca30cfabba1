"""Printed examples of one and two proportions; tolerances are half a unit of the last printed digit (see the files)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.oracles.exact_cases import DATA, close

import handful as hf


def published(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / "published" / f"{name}.json").read_text(encoding="utf-8"))
    return content


def tolerance(example: dict[str, Any], key: str) -> float:
    return float(example["tolerance"].get("by_key", {}).get(key, example["tolerance"]["abs"]))


def both(got: Any, want: list[float | None], atol: float, about: str) -> None:
    close(got.low, want[0], 0.0, atol, about)
    close(got.high, float("inf") if want[1] is None else want[1], 0.0, atol, about)


ONE = {
    "wald": "wald",
    "likelihood_ratio": "likelihood-ratio",
    "wilson": "wilson",
    "wilson_cc": "wilson-cc",
    "agresti_coull_plus2": "plus-four",
    "jeffreys": "jeffreys",
    "arcsine_anscombe": "arcsine",
    "clopper_pearson": "clopper-pearson",
    "blaker": "blaker",
    "mid_p": "mid-p",
}
#: printed there, not offered here
ONE_NOT_OFFERED = {"wald_cc", "scas", "tests_pi0_half"}


@pytest.mark.parametrize("name", ["prop1-ligarden-13of16", "prop1-newcombe-1of29"])
def test_one_proportion(name: str) -> None:
    example = published(name)
    assert set(example["expected"]) <= {*ONE, *ONE_NOT_OFFERED}
    for key, want in example["expected"].items():
        if key in ONE:
            got = hf.proportion(example["input"]["x"], example["input"]["n"], method=ONE[key])
            both(got, want, tolerance(example, key), key)


DIFFERENCE = {
    "newcombe": "newcombe",
    "miettinen_nurminen": "miettinen-nurminen",
    "mee": "mee",
    "agresti_caffo": "agresti-caffo",
    "wald": "wald",
}
RATIO = {
    "miettinen_nurminen": "miettinen-nurminen",
    "koopman": "koopman",
    "katz": "katz",
    "mover_r_wilson": "mover-r-wilson",
    "inverse_sinh": "inverse-sinh",
    "price_bonett": "price-bonett",
}
ODDS = {
    "miettinen_nurminen": "miettinen-nurminen",
    "uncorrected_score": "cornfield",
    "gart": "gart",
    "woolf": "woolf",
    "cornfield_exact": "mid-p",
    "mover_r_wilson": "mover-r-wilson",
}
P = {
    "pearson": "chi-squared",
    "pearson_cc": "chi-squared-yates",
    "fisher_exact": "fisher",
    "fisher_mid_p": "fisher-mid-p",
    # printed as Fisher-Boschloo; Fisher's p is 1 here, so that Boschloo's is 1 by its definition. The printed figure is
    # the Z-pooled supremum 0.51229 plus Berger and Boos's 0.0001
    "fisher_boschloo": "barnard",
}


@pytest.mark.parametrize("name", ["prop2-1of4-0of4", "prop2-perondi-7of34-1of34"])
def test_two_proportions(name: str) -> None:
    example = published(name)
    x = example["input"]
    groups = hf.two_groups(x["x1"], x["n1"], x["x2"], x["n2"])
    want = example["expected"]
    for key, limits in want["rd_ci"].items():
        both(groups.risk_difference(method=DIFFERENCE[key]), limits, tolerance(example, key), key)
    for key, limits in want["rr_ci"].items():
        both(groups.risk_ratio(method=RATIO[key]), limits, tolerance(example, key), key)
    for key, limits in want["or_ci"].items():
        if key != "baptista_pike_exact":  # not offered
            both(groups.odds_ratio(method=ODDS[key]), limits, tolerance(example, key), key)
    for key, p in want["p"].items():
        close(groups.p_value(test=P[key]), p, 0.0, tolerance(example, key), key)
    close(groups.risk_difference().estimate, want["rd"], 0.0, 6e-5)  # type: ignore[union-attr]


def test_fisher_p_and_central_limits_disagree_and_matching_pairs_do_not() -> None:
    """Fay 2010: 6/18 v 12/17."""
    example = published("prop2-fay-6of18-12of17")
    want, groups = example["expected"], hf.two_groups(6, 18, 12, 17)
    got = groups.odds_ratio()
    assert isinstance(got, hf.Interval)
    close(got.estimate, want["cond_mle_or"], 0.0, 6e-5)
    both(got, want["central"]["ci"], 6e-5, "central")
    close(groups.p_value(test="fisher-central"), want["central"]["p"], 0.0, 6e-5)
    close(groups.p_value(test="fisher"), want["minlike"]["p"], 0.0, 6e-5)
    close(groups.p_value(test="fisher-blaker"), want["blaker"]["p"], 0.0, 6e-5)


def test_gart_and_nam_with_and_without_skewness() -> None:
    example = published("prop2-gart-nam")
    want = example["expected"]
    for table, plain in zip(example["input"]["rr_tables"], want["rr_score"], strict=True):
        both(hf.two_groups(*table).risk_ratio(), plain, 6e-4, "koopman")
    for table, skewed in zip(example["input"]["rr_tables"], want["rr_score_skew"], strict=True):
        both(hf.two_groups(*table).risk_ratio(method="gart-nam"), skewed, 6e-4, "gart-nam")
    groups = hf.two_groups(*example["input"]["rd_table"])
    both(groups.risk_difference(method="mee"), want["rd_score"], 6e-4, "mee")
    both(groups.risk_difference(method="gart-nam"), want["rd_score_skew"], 6e-4, "gart-nam")
