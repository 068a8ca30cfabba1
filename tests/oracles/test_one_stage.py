"""One-stage models against lme4 (glmer with 25 or 9 nodes, tight stopping rules; glmer.R beside the data makes them).

lme4 stops its optimiser at about 1e-5 in the variance parameters and takes standard errors from a finite-difference
Hessian: 2e-4 of a standard error for estimates, 1e-3 relative for standard errors. Log-likelihoods are compared where
lme4's has the same constant (binary outcomes); ours may be the higher one.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import handful as hf
from handful.stats.results import NotEstimable

DATA = Path(__file__).parent / "data/one_stage"
STORED = json.loads((DATA / "glmer.json").read_text(encoding="utf-8"))


def _columns(name: str) -> dict[str, list[float]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: [float(row[key]) for row in rows] for key in rows[0]}


def _fit(data: str, model: str, **options: Any) -> Any:
    d = _columns(data)
    age, sex = {"age": d["age"]}, {"age": d["age"], "sex": d["sex"]}
    asked: dict[str, dict[str, Any]] = {
        "split25": {"covariates": age, "treatment": d["treated"]},
        "two25": {"covariates": sex},
        "plain9": {"covariates": sex, "split": False, "nodes": 9},
        "mod25": {"covariates": age, "treatment": d["treated"], "modifiers": ["age"]},
        "pois25": {"covariates": age, "time": d["time"]},
    }
    outcome = d["events"] if model == "pois25" else d["y"]
    return hf.one_stage(outcome, d["study"], **{"nodes": 25, "interval": "wald", **asked[model], **options})


#: our order of coefficients for each model, as places in lme4's
ORDER = {
    "split25": [0, 3, 1, 2],
    "two25": [0, 1, 2, 3, 4],
    "plain9": [0, 1, 2],
    "mod25": [0, 1, 2, 3, 4, 5],
    "pois25": [0, 1, 2],
}


@pytest.mark.parametrize("stored", STORED["fits"], ids=lambda s: f"{s['data']}-{s['model']}")
def test_one_stage_beside_glmer(stored: dict[str, Any]) -> None:
    fit = _fit(stored["data"], stored["model"])
    assert fit.converged
    for row, place in zip(fit.coefficients, ORDER[stored["model"]], strict=True):
        se = stored["se"][place]
        assert row.estimate == pytest.approx(stored["estimate"][place], abs=2e-4 * se + 1e-6), row.name
        if stored["tau2"] > 0:  # at the boundary lme4's Hessian still has τ in it
            assert row.se == pytest.approx(se, rel=2e-3), row.name
    assert fit.tau2 == pytest.approx(stored["tau2"], rel=1e-3, abs=1e-8)
    if stored["model"] != "pois25":
        assert fit.log_likelihood == pytest.approx(stored["log_likelihood"], abs=2e-7)


@pytest.mark.parametrize("model", ["split25", "two25", "pois25"])
def test_cells_change_nothing(model: str) -> None:
    """Counting equal rows once is exact: the same sums in another order."""
    together, apart = _fit("large", model), _fit("large", model, compress=False)
    assert together.cells <= apart.cells
    for one, other in zip(together.coefficients, apart.coefficients, strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-7, abs=1e-9)
        assert one.se == pytest.approx(other.se, rel=1e-7)
    assert together.log_likelihood == pytest.approx(apart.log_likelihood, abs=1e-8)


@pytest.mark.parametrize("data", ["small", "large"])
def test_profile_limits_are_where_the_likelihood_has_fallen(data: str) -> None:
    """Each limit, held, loses half the χ² quantile: fitted again with the covariate's share taken into another column
    is not possible here, so the search of the same likelihood is asked for the held value."""
    fit = _fit(data, "plain9", interval="profile")
    wald = _fit(data, "plain9")
    for row, plain in zip(fit.coefficients, wald.coefficients, strict=True):
        assert row.low < row.estimate < row.high
        assert row.low == pytest.approx(plain.low, abs=0.6 * plain.se)
        assert row.high == pytest.approx(plain.high, abs=0.6 * plain.se)
    assert fit.tau2_interval.low < fit.tau2 < fit.tau2_interval.high


def test_one_study_is_logistic_regression() -> None:
    d = _columns("large")
    one = [i for i, s in enumerate(d["study"]) if s == 0]
    fit = hf.one_stage([d["y"][i] for i in one], ["A"] * len(one), covariates={"sex": [d["sex"][i] for i in one]})
    a = sum(1 for i in one if d["sex"][i] == 1 and d["y"][i] == 1)
    b = sum(1 for i in one if d["sex"][i] == 1 and d["y"][i] == 0)
    c = sum(1 for i in one if d["sex"][i] == 0 and d["y"][i] == 1)
    e = sum(1 for i in one if d["sex"][i] == 0 and d["y"][i] == 0)
    assert fit.coefficient("sex").ratio == pytest.approx(a * e / (b * c), rel=1e-8)
    assert fit.coefficient("sex").se == pytest.approx((1 / a + 1 / b + 1 / c + 1 / e) ** 0.5, rel=1e-6)
    assert isinstance(fit.tau2_interval, NotEstimable)


def test_without_covariates_it_is_the_binomial_normal_model() -> None:
    """The same model from counts, by another file of handful and another parametrisation."""
    d = _columns("large")
    fit = hf.one_stage(d["y"], d["study"], nodes=41)
    k = int(max(d["study"])) + 1
    events = [sum(int(y) for y, s in zip(d["y"], d["study"], strict=True) if s == i) for i in range(k)]
    counts = hf.pool(hf.one_arm(events, [d["study"].count(i) for i in range(k)]), model="binomial-normal")
    assert fit.coefficients[0].estimate == pytest.approx(counts.coefficient, abs=1e-6)
    assert fit.tau2 == pytest.approx(counts.tau2, rel=1e-5)
    assert fit.coefficients[0].low == pytest.approx(counts.coefficient_low, abs=1e-5)
    assert fit.tau2_interval.high == pytest.approx(counts.tau2_interval.high, rel=1e-4)
