"""Selection models against metafor's selmodel.

Steps: 1e-4, standard errors 1e-3. Curves: 1e-3, standard errors 1e-2; the reference uses a general optimiser, numeric
integration and a numeric Hessian, so a higher likelihood is a pass (its own differ from quadrature by up to 1e-4
there). Some of its standard errors are off by more; which is right is decided by a second computation below.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from tests.oracles.two_arm_cases import agree, number

import handful as hf
from handful.stats.closer.selection_result import SelectionModel
from handful.stats.evidence import estimates
from handful.stats.results import NotEstimable

DATA = Path(__file__).parent / "data"

#: reference standard errors that come from its noisy numeric Hessian; settled by ``test_standard_errors_of_curves``
NOISY = {
    ("dat.linde2005", "power"),
    ("dat.linde2005", "negexp"),
    ("dat.linde2005", "logistic"),
    ("dat.egger2001", "beta"),
    ("dat.hackshaw1998", "halfnorm"),
    ("dat.bcg", "logistic"),
    ("dat.dumouchel1994", "beta"),
}


def _cases() -> list[Any]:
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / "smallstudy").glob("*.json"))]
    return [
        pytest.param(file, case, id=f"{file['id'].split('/')[1]}-{case['id']}")
        for file in files
        for case in file["cases"]
        if case["id"].startswith("selmodel")
    ]


def _model(file: dict[str, Any], case: dict[str, Any]) -> SelectionModel | NotEstimable:
    name, call = case["id"].split("__")[1], case["call"]
    options: dict[str, Any] = {"type": name, "alternative": "less" if '"less"' in call else "greater"}
    if name == "stepfun":
        options.update(type="step", steps=case["args"]["steps"])
    if name == "stepfun_fixed_delta":
        steps = (0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1)
        weights = (1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50)
        options.update(type="step", steps=steps, weights=weights)
    fit = hf.pool(estimates(file["input"]["yi"], file["input"]["vi"]), tau2="ML")
    return hf.selection_model(fit, **options)


def test_no_case_was_lost() -> None:
    assert len(_cases()) == 57


@pytest.mark.parametrize(("file", "case"), _cases())
def test_selection_model(file: dict[str, Any], case: dict[str, Any]) -> None:
    found, want = _model(file, case), case["expected"]
    name = case["id"].split("__")[1]
    if isinstance(found, NotEstimable):
        # the reference's weights run against its bound of 100: nothing is seen in the interval they are relative to
        assert "no study has p up to 0.025" in found.reason
        assert "do not contain any observed p-values" in case["warnings"][0]
        assert max(want["delta"]) > 99
        return
    assert found.converged
    gain = found.log_likelihood - want["logLik"]
    steps = name.startswith("stepfun")
    assert gain > (-1e-9 if steps else -1e-4)
    agree(
        found.log_likelihood_unselected, want["logLik"] - (want["LRT"] or 0.0) / 2, 0.0, 1e-3, "without selection"
    ) if (want["LRTdf"]) else None
    try:
        _same(found, want, file["id"].split("/")[1], name, steps)
    except AssertionError:
        if gain < 5e-6:  # higher by that: the reference stopped early, or at its bound
            raise


def _same(found: SelectionModel, want: dict[str, Any], data: str, name: str, steps: bool) -> None:
    rtol = 1e-4 if steps else 1e-3
    agree(found.coefficient, want["coef"][0], rtol, rtol / 10, "mean")
    agree(found.tau2, want["tau2"], rtol, rtol / 10, "tau²")
    theirs = want["delta"] if isinstance(want["delta"], list) else [want["delta"]]
    for weight, w in zip(found.weights, theirs[-len(found.weights) :] if found.weights else [], strict=True):
        agree(weight.value, w, rtol, rtol / 10, weight.name)
    held = found.tau2 == 0 or any(isinstance(w.se, NotEstimable) for w in found.weights)
    if not held and (steps or (data, name) not in NOISY):
        _errors(found, want, 1e-3 if steps else 1e-2)


def _errors(found: SelectionModel, want: dict[str, Any], rtol: float) -> None:
    agree(found.se, want["se"], rtol, 1e-5, "se")
    agree(found.tau2_se, want["se_tau2"], rtol, 1e-5, "se of tau²")
    theirs = want["se_delta"] if isinstance(want["se_delta"], list) else [want["se_delta"]]
    for weight, w in zip(found.weights, theirs[-len(found.weights) :] if found.weights else [], strict=True):
        if not np.isnan(number(w)):
            agree(weight.se, w, rtol, 1e-4, f"se of {weight.name}")


CURVES = {
    "power": lambda d, p: d[0] * np.log1p(-p),
    "beta": lambda d, p: (d[0] - 1) * np.log(p) + (d[1] - 1) * np.log1p(-p),
    "negexp": lambda d, p: -d[0] * p,
    "halfnorm": lambda d, p: -d[0] * p * p,
    "logistic": lambda d, p: np.log(2) - np.logaddexp(0, d[0] * p),
}


@pytest.mark.parametrize(("name", "kind"), sorted(NOISY))
def test_standard_errors_of_curves(name: str, kind: str) -> None:
    """The likelihood written down again (trapezoid over 22 standard deviations), plain second differences.

    Second differences over 0.4 % steps and the corners of the trapezoid are good to 3e-3 of a standard error.
    """
    file = json.loads((DATA / "smallstudy" / f"{name}.json").read_text(encoding="utf-8"))
    case = next(c for c in file["cases"] if c["id"] == f"selmodel__{kind}")
    found = _model(file, case)
    assert isinstance(found, SelectionModel)
    sign = -1.0 if found.alternative == "less" else 1.0
    y, v = sign * np.array(file["input"]["yi"]), np.array(file["input"]["vi"])
    error, x = np.sqrt(v), np.linspace(-11, 11, 16001)
    weight = CURVES[kind]

    def of(z: Any, d: Any) -> Any:
        return weight(d, np.clip(ndtr(-z), 1e-5, 1 - 1e-5))

    def likelihood(q: Any) -> float:
        spread = np.sqrt(v + q[1])
        u = (q[0] / error)[:, None] + (spread / error)[:, None] * x
        whole = np.exp(of(u, q[2:]) - 0.5 * x * x).sum(axis=1) * (x[1] - x[0]) / np.sqrt(2 * np.pi)
        rest = (y - q[0]) / spread
        total = of(y / error, q[2:]) - np.log(whole) - 0.5 * rest**2 - 0.5 * np.log(2 * np.pi * spread**2)
        return float(total.sum())

    at = np.array([sign * found.coefficient, found.tau2, *(w.value for w in found.weights)])
    step = np.diag(0.004 * np.abs(at))
    n = len(at)
    agree(found.log_likelihood, likelihood(at), 0.0, 1e-5, "log-likelihood")
    bend = np.array(
        [
            [
                (
                    likelihood(at + step[i] + step[j])
                    - likelihood(at + step[i] - step[j])
                    - likelihood(at - step[i] + step[j])
                    + likelihood(at - step[i] - step[j])
                )
                / (4 * step[i, i] * step[j, j])
                for j in range(n)
            ]
            for i in range(n)
        ]
    )
    again = np.sqrt(np.diag(np.linalg.inv(-bend)))
    ours = [found.se, found.tau2_se, *(w.se for w in found.weights)]
    for got, want in zip(ours, again, strict=True):
        agree(got, want, 3e-3, 0.0, "standard error")
