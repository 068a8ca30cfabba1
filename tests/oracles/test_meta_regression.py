"""Meta-regression (hf.regress) against R's metafor; versions and formulas of the figures in each file."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from tests.oracles.one_arm_cases import DATA, close, number, numbers, read

import handful as hf

FILES = read("rma_mods")
CLOSED = ("EE", "DL", "HE", "HS", "SJ")
TEST = {"z": "z", "knha": "knapp-hartung"}
#: years near 2000 beside an intercept: the reference's Q and DL keep seven digits here; ours are held by mpmath below
LOST_DIGITS = ("dat.egger2001", "year")
MODELS = [(f, key) for f in FILES for key in f["models"]]
CASES = [(f, key, m, t) for f, key in MODELS for m, fit in f["models"][key]["fits"].items() for t in fit["tests"]]


def _name(case: Any) -> str:
    return case["name"] if isinstance(case, dict) else str(case)


def _regress(file: dict[str, Any], key: str, method: str, test: str, **options: Any) -> Any:
    """The formula's terms as ours: ``factor(x)`` is a factor, ``- 1`` no intercept."""
    formula = file["models"][key]["formula"]
    terms = re.findall(r"[a-z_]\w*", formula.replace("factor(", "("))
    columns = {t: [None if x is None else x for x in file["input"][t]] for t in terms}
    factors = [t for t in terms if f"factor({t})" in formula]
    est = hf.estimates(numbers(file["input"]["yi"]), numbers(file["input"]["vi"]))
    how = {"model": "common-effect"} if method == "EE" else {"tau2": method}
    return hf.regress(
        est, columns, factors=factors, intercept="- 1" not in formula, test=test, **how, **options
    )  # fmt: skip


def test_every_case_is_there() -> None:
    assert len(MODELS) == 18
    assert len(CASES) == 18 * 12


@pytest.mark.parametrize(("file", "key", "method", "test"), CASES, ids=_name)
def test_regression_equals_metafor(file: Any, key: str, method: str, test: str) -> None:
    want = file["models"][key]["fits"][method]
    row = want["tests"][test]
    fit = _regress(file, key, method, TEST[test])
    rtol, atol = (1e-9, 1e-11) if method in CLOSED else (1e-8, 1e-9)
    if (file["name"], key) == LOST_DIGITS:
        rtol, atol = 2e-7, 1e-8
    assert fit.k == want["k"] == file["models"][key]["rows"]
    assert len(fit.coefficients) == len(file["models"][key]["columns"])
    close(
        fit.tau2, want["tau2"], rtol, atol if method in CLOSED else 1e-9 * float(np.mean(numbers(file["input"]["vi"])))
    )
    scale = np.abs(numbers(row["se"])).max()  # an intercept at year 0 is 1,000 times a slope
    for name, expected in (("estimate", "coef"), ("se", "se"), ("low", "ci_lb"), ("high", "ci_ub")):
        got = [getattr(c, name) for c in fit.coefficients]
        np.testing.assert_allclose(got, numbers(row[expected]), rtol=10 * rtol, atol=atol * max(scale, 1.0))
    np.testing.assert_allclose([c.statistic for c in fit.coefficients], numbers(row["stat"]), rtol=10 * rtol, atol=1e-8)
    np.testing.assert_allclose([c.p for c in fit.coefficients], numbers(row["pval"]), rtol=1e-6, atol=1e-15)
    assert fit.df == (math.inf if row["ddf"][0] is None else number(row["ddf"]))
    assert fit.qm_df == (row["QMdf"][0], math.inf if row["QMdf"][1] is None else row["QMdf"][1])
    close(fit.qm, row["QM"], 10 * rtol, 1e-9)
    close(fit.qm_p, row["QMp"], 1e-6, 1e-15)
    close(fit.qe, want["QE"], 1e-9 if rtol < 1e-7 else rtol, 1e-10)
    close(fit.qe_p, want["QEp"], 1e-7 if rtol < 1e-7 else 1e-6, 1e-15)
    close(fit.i2, want["I2"], rtol, 1e-7 if rtol < 1e-7 else 1e-4)
    close(fit.h2, want["H2"], rtol, 1e-9)
    if want["R2"] is not None and not isinstance(fit.r2, hf.NotEstimable):
        close(fit.r2, want["R2"], rtol, 1e-6)
    if want["se_tau2"] is not None:
        close(fit.tau2_se, want["se_tau2"], rtol, atol)
    if test == "knha":
        close(fit.scale, row["s2w"], rtol, atol)
    if "vcov" in row:
        got, expected = np.array(fit.covariance), np.array([numbers(r) for r in row["vcov"]])
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())
    for kind in ("ML", "REML"):
        figures = [number(x) for x in want[f"fit_{kind}"]]
        ours = fit.criteria[kind]
        # the restricted likelihood of a year near 2000 has lost digits in det X'WX
        np.testing.assert_allclose(
            [fit.likelihoods[kind], ours["AIC"], ours["BIC"], ours["AICc"]],
            [figures[0], *figures[2:]],
            rtol=1e-7 if rtol < 1e-7 else 1e-6,
            atol=1e-7,
        )


@pytest.mark.parametrize(("file", "key"), MODELS, ids=_name)
def test_what_follows_equals_metafor(file: Any, key: str) -> None:
    """Limits of τ², fitted values with prediction limits, variance inflation, likelihood ratio."""
    model = file["models"][key]
    fit = _regress(file, key, "REML", "z", prediction="normal")
    limits = (fit.tau2_interval, None, fit.i2_interval, fit.h2_interval)
    for end, name in (("low", "ci_lb"), ("high", "ci_ub")):
        for interval, expected, scale in zip(limits, model["confint"][name], (1, 1, 100, 1), strict=True):
            if interval is not None:
                close(getattr(interval, end), expected, 1e-6, 1e-8 * scale)
    for name, expected in (
        ("coefficient", "pred"), ("se", "se"), ("coefficient_low", "ci_lb"), ("coefficient_high", "ci_ub"),
        ("coefficient_prediction_low", "pi_lb"), ("coefficient_prediction_high", "pi_ub"),
    ):  # fmt: skip
        got = [getattr(row, name) for row in fit.fitted]
        np.testing.assert_allclose(got, numbers(model["fitted"][expected]), rtol=1e-7, atol=1e-8)
    if len(fit.vif) > 1 and fit.recipe.intercept:
        np.testing.assert_allclose(list(fit.vif.values()), numbers(model["vif"]["vif"]), rtol=1e-7)
    want = model["anova_LRT_ML"]
    if fit.k == len(file["input"]["yi"]):  # the reference compared with all studies where some lacked a moderator
        found = fit.likelihood_ratio()
        close(found.statistic, want["LRT"], 1e-7, 1e-8)
        assert found.df == want["df_full"] - want["df_red"]
        close(found.p, want["pval"], 1e-6, 1e-12)


def test_fitted_values_are_predictions_at_the_studies_own_values() -> None:
    file = next(f for f in FILES if f["name"] == "dat.bcg")
    fit = _regress(file, "ablat_factor_alloc_", "REML", "knapp-hartung")
    again = fit.predict({"ablat": file["input"]["ablat"], "alloc": file["input"]["alloc"]})
    assert [(a.coefficient, a.se) for a in again] == [(b.coefficient, b.se) for b in fit.fitted]


@pytest.mark.parametrize("method", ["DL", "REML"])
@pytest.mark.parametrize("file", json.loads((DATA / "permutations.json").read_text(encoding="utf-8")), ids=_name)
def test_exact_permutation_p_values_equal_metafor(file: Any, method: str) -> None:
    """All 720 orders of a moderator's values over six studies; all 64 signs where the six do not differ in it."""
    est = hf.estimates(numbers(file["yi"]), numbers(file["vi"]))
    moderators = {file["moderator"]: file["values"]} if len(set(file["values"])) > 1 else None
    fit = hf.regress(est, moderators, tau2=method, test="z")
    found = fit.permutation_test("exact")
    want = file["expected"][method]
    assert found.exact
    np.testing.assert_allclose(list(found.p.values()), numbers(want["pval"]), rtol=1e-12)
    close(found.qm_p, want["QMp"], 1e-12, 0)


def test_a_year_costs_no_digits() -> None:
    """Where the reference lost digits: the straight line by hand in 50 digits."""
    mp.mp.dps = 50
    file = next(f for f in FILES if f["name"] == LOST_DIGITS[0])
    y, v, x = ([mp.mpf(repr(value)) for value in file["input"][name]] for name in ("yi", "vi", "year"))

    def line(tau2: Any) -> tuple[Any, Any, Any, Any]:
        """Slope, Q, Σ w and Σ w (x − x̄)²."""
        w = [1 / (a + tau2) for a in v]
        total = mp.fsum(w)
        x0 = mp.fsum(a * b for a, b in zip(w, x, strict=True)) / total
        y0 = mp.fsum(a * b for a, b in zip(w, y, strict=True)) / total
        square = mp.fsum(a * (b - x0) ** 2 for a, b in zip(w, x, strict=True))
        slope = mp.fsum(a * (b - x0) * (c - y0) for a, b, c in zip(w, x, y, strict=True)) / square
        q = mp.fsum(a * (c - y0 - slope * (b - x0)) ** 2 for a, b, c in zip(w, x, y, strict=True))
        return slope, q, total, square

    def restricted(tau2: Any) -> Any:
        _, q, total, square = line(tau2)
        return -(mp.fsum(mp.log(a + tau2) for a in v) + mp.log(total) + mp.log(square) + q)

    slope, q, _, _ = line(mp.mpf(0))
    common = _regress(file, "year", "EE", "z")
    assert common.qe == pytest.approx(float(q), rel=1e-13)
    assert common["year"].estimate == pytest.approx(float(slope), rel=1e-12)
    top = mp.findroot(lambda t: mp.diff(restricted, t), mp.mpf("0.27"))
    assert _regress(file, "year", "REML", "z").tau2 == pytest.approx(float(top), rel=1e-11)
