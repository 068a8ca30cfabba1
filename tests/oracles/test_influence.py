"""Leave-one-out, cumulative, influence, GOSH, Baujat against metafor's refits (tightened: 1e-7), and published tables.

What one study alone is differs by convention: the reference gives it τ² = 0, I² = 0, H² = 1, Q = 0; here they are not
estimable. That is asserted where it occurs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.oracles.two_arm_cases import agree

import handful as hf
from handful.stats.closer.influence_result import Influence
from handful.stats.evidence import estimates, two_arms
from handful.stats.results import NotEstimable
from handful.synthesis.refits import Refits

DATA = Path(__file__).parent / "data"
RTOL, ATOL = 1e-7, 1e-9

REFITS = {
    "estimate": "coefficient",
    "se": "se",
    "pval": "p",
    "ci_lb": "coefficient_low",
    "ci_ub": "coefficient_high",
    "Q": "q",
    "Qp": "q_p",
    "tau2": "tau2",
    "I2": "i2",
    "H2": "h2",
}
INFLUENCE = {
    "rstudent": "rstudent",
    "dffits": "dffits",
    "cook_d": "cook",
    "cov_r": "covariance_ratio",
    "tau2_del": "tau2_deleted",
    "QE_del": "q_deleted",
    "hat": "hat",
    "weight": "weight",
}


def _files(family: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / family).glob("*.json"))]


def _cases(family: str) -> list[Any]:
    return [
        pytest.param(file, case, id=f"{file['id'].split('/')[1]}-{case['id']}")
        for file in _files(family)
        for case in file["cases"]
    ]


def test_no_case_was_lost() -> None:
    assert len(_cases("diagnostics")) == 282
    assert len(_cases("diagnostics_mods")) == 24


def _fit(file: dict[str, Any], name: str) -> Any:
    parts = name.split("__")
    method, test = parts[1], parts[2] if len(parts) > 2 else "z"
    model: dict[str, Any] = {"model": "common-effect"} if method == "EE" else {"tau2": method}
    evidence = estimates(file["input"]["yi"], file["input"]["vi"])
    return hf.pool(evidence, interval="hartung-knapp" if test == "knha" else "wald", **model)


@pytest.mark.parametrize(("file", "case"), _cases("diagnostics"))
def test_diagnostics(file: dict[str, Any], case: dict[str, Any]) -> None:
    fit, want, kind = _fit(file, case["id"]), case["expected"], case["id"].split("__")[0]
    if kind in ("leave1out", "cumul"):
        found = hf.leave_one_out(fit) if kind == "leave1out" else hf.cumulate(fit)
        assert isinstance(found, Refits)
        _same_refits(found, want, case["id"])
    elif kind == "gosh":
        _same_subsets(hf.gosh(fit), want)
    else:
        influence = hf.influence(fit)
        assert isinstance(influence, Influence)
        if kind == "influence":
            _same_influence(influence, want, {"mean": "intrcpt"})
        elif kind == "baujat":
            _column(influence.baujat_x, want["x"], "x")
            _column(influence.baujat_y, want["y"], "y")
        else:
            _column(getattr(influence, kind), want["z"], kind)


def _column(got: Any, want: Any, what: str) -> None:
    assert len(got) == len(want)
    for g, w in zip(got, want, strict=True):
        agree(g, w, RTOL, ATOL, what)


def _same_refits(found: Refits, want: dict[str, Any], name: str) -> None:
    for theirs, ours in REFITS.items():
        if theirs == "tau2" and "__EE__" in name:
            continue
        for row, w in zip(found.rows, want[theirs], strict=True):
            got = getattr(row, ours)
            if isinstance(got, NotEstimable):
                assert row.k == 1
                assert w == {"tau2": 0, "I2": 0, "H2": 1, "Q": 0, "Qp": 1}[theirs]
            else:
                agree(got, w, RTOL, ATOL, f"{row.label} {ours}")


def _same_influence(found: Influence, want: dict[str, Any], names: dict[str, str]) -> None:
    for theirs, ours in INFLUENCE.items():
        _column(getattr(found, ours), want[theirs], ours)
    for ours, theirs in names.items():
        _column(found.dfbetas[ours], want["dfbs"][theirs], f"dfbetas {ours}")
    assert list(found.influential) == want["is_infl"]


def _same_subsets(found: Any, want: dict[str, Any]) -> None:
    """The same subsets, by which studies they hold: the order within a size is a convention."""
    theirs = {tuple(bool(v) for v in row): i for i, row in enumerate(want["incl"])}
    assert len(theirs) == len(found) == len(want["k"])
    for i, row in enumerate(found.included.tolist()):
        j = theirs[tuple(row)]
        assert found.k[i] == want["k"][j]
        agree(found.coefficient[i], want["estimate"][j], RTOL, ATOL, "estimate")
        if found.k[i] > 1:
            agree(found.q[i], want["QE"][j], RTOL, ATOL, "Q")
            agree(found.i2[i], want["I2"][j], RTOL, ATOL, "I²")
            agree(found.tau2[i], want["tau2"][j], RTOL, ATOL, "tau²")


@pytest.mark.parametrize(("file", "case"), _cases("diagnostics_mods"))
def test_diagnostics_of_a_regression(file: dict[str, Any], case: dict[str, Any]) -> None:
    data, want = file["input"], case["expected"]
    moderator = next(name for name in data if name not in ("yi", "vi"))
    kind, method = case["id"].split("__")
    fit = hf.regress(estimates(data["yi"], data["vi"]), {moderator: data[moderator]}, tau2=method, test="z")
    found = hf.influence(fit)
    assert isinstance(found, Influence)
    if kind == "influence":
        assert not isinstance(fit, NotEstimable)
        _same_influence(found, want, dict(zip(fit.names, want["dfbs"], strict=True)))
    elif kind == "hatvalues":
        _column(found.hat, want, "hat")
    else:
        _column(getattr(found, kind), want["z"], kind)


def _published(name: str) -> tuple[dict[str, Any], Any]:
    file = json.loads((DATA / "published_living" / f"{name}.json").read_text(encoding="utf-8"))
    rows = np.array(file["input"]["rows"])
    evidence = two_arms(rows[:, 2], rows[:, 3], rows[:, 4], rows[:, 5], labels=rows[:, 0].tolist())
    return file, (hf.pool(evidence, model="mantel-haenszel", measure="RR"), rows)


def test_cumulative_mantel_haenszel_as_published() -> None:
    """BCG trials by year: Viechtbauer 2010, J Stat Softw 36(3); printed to three decimals."""
    file, (fit, rows) = _published("living-cumulative-bcg-mh")
    found = hf.cumulate(fit, by=rows[:, 1])
    assert isinstance(found, Refits)
    assert [int(row.label) for row in found.rows] == file["input"]["cumulate_in_order"]
    assert [row.k for row in found.rows] == file["expected"]["after_k"]
    names = {"log_rr": "coefficient", "se": "se", "ci_lower": "coefficient_low", "ci_upper": "coefficient_high"}
    for theirs, ours in names.items():
        for row, want in zip(found.rows, file["expected"][theirs], strict=True):
            if (row.k, ours) == (7, "coefficient_high"):
                assert want == -0.693
                agree(row.coefficient_high, -0.69368127, 0.0, 1e-7, ours)  # by fractions, with z to six digits
            else:
                agree(getattr(row, ours), want, 0.0, file["tolerance"]["abs"], ours)


def test_leave_one_out_mantel_haenszel_as_published() -> None:
    """The same trials without each: Viechtbauer & Cheung 2010, 10.1002/jrsm.11; printed to four decimals."""
    file, (fit, _) = _published("living-leave-one-out-bcg-mh")
    found = hf.leave_one_out(fit)
    assert isinstance(found, Refits)
    names = {"log_rr": "coefficient", "ci_lower": "coefficient_low", "ci_upper": "coefficient_high", "Q": "q"}
    for theirs, ours in names.items():
        for got, want in zip(found.column(ours), file["expected"][theirs], strict=True):
            agree(got, want, 0.0, file["tolerance"]["abs"], ours)
