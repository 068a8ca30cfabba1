"""Transforms of one proportion or rate against metafor's ``escalc`` (version in each file)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.oracles.one_arm_cases import cases, name_of, number, numbers

import handful as hf
from handful.stats.one_group.transforms import back, transform_proportions, transform_rates

# what escalc does when nothing is said: ½ added where a cell is empty, except on the scales that are defined there
NOTHING_ADDED = ("PAS", "PFT", "IRS", "IRFT")
VARIANCE = {"UB": "unbiased", "AV": "average"}


def _transformed(data: dict[str, Any], args: dict[str, Any]) -> tuple[Any, Any]:
    measure = args["measure"]
    plain = "add" not in args and "to" not in args
    correction = {"add": args.get("add", 0.5), "to": args.get("to", "only0")}
    if plain and measure in NOTHING_ADDED:
        correction = {"add": 0.0, "to": "none"}
    if "ni" not in data:
        return transform_rates(data["xi"], data["ti"], measure, **correction)
    variance = VARIANCE.get(args.get("vtype", ""), "own")
    return transform_proportions(data["xi"], data["ni"], measure, variance=variance, **correction)


ESCALC = [p for f in ("es_prop1", "es_ir1") for p in cases(f) if "args" in p[1]]


@pytest.mark.parametrize("pair", ESCALC, ids=name_of)
def test_transform_equals_escalc(pair: Any) -> None:
    file, case = pair
    got = _transformed(file["input"], case["args"])
    for values, key in zip(got, ("yi", "vi"), strict=True):
        want = numbers(case["expected"][key])
        missing = np.isnan(want)  # R recodes the infinite ones, and the variances beside them, as missing
        assert not np.isnan(values).any()
        assert (~np.isfinite(got[0][missing]) | ~np.isfinite(got[1][missing])).all()
        # closed forms: 1e-10 relative, 1e-12 absolute
        np.testing.assert_allclose(values[~missing], want[~missing], rtol=1e-10, atol=1e-12)


def test_every_escalc_case_is_compared() -> None:
    assert len(ESCALC) == 256


@pytest.mark.parametrize("pair", [p for p in cases("es_prop1") if p[1]["id"] == "PFT__back_ipft"], ids=name_of)
def test_freeman_tukey_goes_back_to_the_count_it_came_from(pair: Any) -> None:
    file, case = pair
    n = file["input"]["ni"]
    y, _ = transform_proportions(file["input"]["xi"], n, "PFT")
    for i, want in enumerate(numbers(case["expected"])):
        # 2e-8: at 0 of n the square root in the inverse is of a rounding error
        assert back(float(y[i]), "PFT", float(n[i])) == pytest.approx(float(want), abs=2e-8)


@pytest.mark.parametrize("pair", [p for p in cases("es_prop1") if p[1]["id"] == "PFT__pooled_back_hm"], ids=name_of)
def test_pooled_freeman_tukey_equals_metafor(pair: Any) -> None:
    file, case = pair
    evidence = hf.one_arm(file["input"]["xi"], file["input"]["ni"])
    fit = hf.pool(evidence, measure="PFT", interval="wald", prediction="normal")
    assert any(note.code == "freeman-tukey" for note in fit.notes)
    want = case["expected"]
    got = {"pred": fit.estimate, "ci_lb": fit.low, "ci_ub": fit.high}
    got |= {"pi_lb": fit.prediction.low, "pi_ub": fit.prediction.high}
    for key, value in got.items():
        # REML to 1e-8; 1e-7 through the inverse, whose slope is infinite at its ends
        assert value == pytest.approx(number(want[key]), rel=1e-7, abs=1e-8), key
