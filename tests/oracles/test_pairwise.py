"""Pooled estimates (hf.pool, hf.pool_many) against R's metafor; versions and calls of the figures in each file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.oracles.one_arm_cases import close, number, numbers, read

import handful as hf
from handful.stats.estimates.shrinkage import shrunken_effects

FILES = read("rma_uni")
CLOSED = ("EE", "DL", "HE", "HS", "SJ")
INTERVAL = {"z": "wald", "t": "t", "knha": "hartung-knapp", "adhoc": "hartung-knapp-safe"}
CASES = [(f, m, t) for f in FILES for m, fit in f["fits"].items() for t in fit["tests"]]
OTHER = [(f, name) for f in FILES for name in f["other"]]


def _name(case: Any) -> str:
    return case["name"] if isinstance(case, dict) else str(case)


def _pool(file: dict[str, Any], method: str, test: str = "z", **options: Any) -> Any:
    est = hf.estimates(numbers(file["input"]["yi"]), numbers(file["input"]["vi"]))
    if method == "EE":
        return hf.pool(est, model="common-effect", interval=INTERVAL[test], **options)
    return hf.pool(est, model="random-effects", tau2=method, interval=INTERVAL[test], **options)


def _tolerance(method: str) -> tuple[float, float]:
    return (1e-9, 1e-11) if method in CLOSED else (1e-8, 1e-9)


def _close_p(got: float, want: Any) -> None:
    """p values; below 1e-15 the reference has lost digits in a subtraction, so only their logarithm to 1e-3."""
    p = number(want)
    if p < 1e-15:
        assert math.log10(max(got, 1e-320)) == pytest.approx(
            math.log10(max(p, 1e-320)), abs=2e-3 * abs(math.log10(p or 1e-300))
        )
    else:
        close(got, p, 1e-7, 1e-15)


def test_every_case_is_there() -> None:
    assert len(FILES) == 14
    assert len(CASES) == 14 * 9 * 4
    assert len(OTHER) == 14 * 27 - 4  # four sets have no group sizes to weight by


@pytest.mark.parametrize(("file", "method", "test"), CASES, ids=_name)
def test_pooled_estimate_equals_metafor(file: Any, method: str, test: str) -> None:
    want, row = file["fits"][method], file["fits"][method]["tests"][test]
    fit = _pool(file, method, test)
    rtol, atol = _tolerance(method)
    mean_v = float(np.mean(numbers(file["input"]["vi"])))
    close(fit.tau2, want["tau2"], rtol, max(atol, 1e-9 * mean_v) if method not in CLOSED else atol)
    coef, se, stat, p, low, high, df = row
    for got, expected in (
        (fit.coefficient, coef),
        (fit.se, se),
        (fit.statistic, stat),
        (fit.coefficient_low, low),
        (fit.coefficient_high, high),
    ):
        close(got, expected, rtol, atol)
    _close_p(fit.p, p)
    assert fit.details["interval_df"] == (math.inf if df is None else number(df))
    close(fit.q, want["QE"], 1e-9, 1e-10)
    _close_p(fit.q_p, want["QEp"])
    close(fit.i2, want["I2"], rtol, 1e-7)
    close(fit.h2, want["H2"], rtol, 1e-9)
    if want["se_tau2"] is not None:
        close(fit.details["tau2_se"], want["se_tau2"], rtol, atol)
    for kind in ("ML", "REML"):
        log_likelihood, _, aic, bic, aicc = (number(x) for x in want[f"fit_{kind}"])
        got = fit.details["criteria"][kind]
        close(fit.details["likelihoods"][kind], log_likelihood, 1e-9, 1e-9)
        for value, expected in ((got["AIC"], aic), (got["BIC"], bic), (got["AICc"], aicc)):
            close(value, expected, 1e-9, 1e-9)


RULES = {"predict": "normal", "predict_riley": "k-2", "predict_t": "k-1"}


@pytest.mark.parametrize(("file", "name"), OTHER, ids=_name)
def test_other_results_equal_metafor(file: Any, name: str) -> None:
    want = file["other"][name]
    head, _, rest = name.partition("__")
    if head in RULES:
        _prediction(file, want, head, *rest.split("__"))
    elif head.startswith("confint"):
        _limits(file, want, rest, profile=head.endswith("PL"))
    elif head == "blup":
        _shrunken(file, want)
    elif head == "weights_pct":
        fit = _pool(file, rest)
        np.testing.assert_allclose(100 * np.array(fit.weights), numbers(want), rtol=1e-9)
    elif head in ("unweighted", "weights_ni"):
        weights = "equal" if head == "unweighted" else numbers(file["input"]["ni"])
        _row(_pool(file, rest, weights=weights), want, *_tolerance(rest))
    elif head == "tau2_fixed_0.1":
        est = hf.estimates(numbers(file["input"]["yi"]), numbers(file["input"]["vi"]))
        fit = hf.pool(est, tau2=0.1, interval="wald")
        assert any(n.code == "tau2-given" for n in fit.notes)
        _row(fit, want, 1e-9, 1e-11)
    else:
        assert name == "level_90__DL"
        _row(_pool(file, "DL", level=0.9), want, 1e-9, 1e-11)


def _row(fit: Any, want: dict[str, Any], rtol: float, atol: float) -> None:
    for got, key in (
        (fit.coefficient, "coef"), (fit.se, "se"), (fit.statistic, "stat"), (fit.coefficient_low, "ci_lb"),
        (fit.coefficient_high, "ci_ub"), (fit.q, "QE"), (fit.h2, "H2"), (fit.details["likelihoods"]["ML"], "fit_ML"),
        (fit.details["likelihoods"]["REML"], "fit_REML"), (fit.tau2, "tau2"),
    ):  # fmt: skip
        close(got, want[key][0] if key.startswith("fit") else want[key], rtol, atol)
    close(fit.i2, want["I2"], rtol, 1e-7)
    _close_p(fit.p, want["pval"])


def _prediction(file: Any, want: dict[str, Any], head: str, method: str, test: str = "z") -> None:
    rule = RULES[head] if test == "z" else "k-1"  # under Hartung–Knapp: t with k − 1
    fit = _pool(file, method, test) if method == "EE" else _pool(file, method, test, prediction=rule)
    rtol, atol = _tolerance(method)
    for got, key in (
        (fit.coefficient, "pred"),
        (fit.se, "se"),
        (fit.coefficient_low, "ci_lb"),
        (fit.coefficient_high, "ci_ub"),
    ):
        close(got, want[key], rtol, atol)
    if method == "EE":
        assert "pi_lb" not in want
        assert isinstance(fit.prediction, hf.NotEstimable)
        return
    close(fit.prediction.low, want["pi_lb"], rtol, atol)
    close(fit.prediction.high, want["pi_ub"], rtol, atol)


def _limits(file: Any, want: dict[str, Any], method: str, *, profile: bool) -> None:
    """Root finders: 1e-6."""
    fit = _pool(file, method, tau2_interval="profile-likelihood" if profile else "q-profile")
    tau2 = fit.tau2_interval
    limits = (tau2, None, fit.i2_interval, fit.h2_interval)  # the second row is τ, the root of the first
    for end, key in (("low", "ci_lb"), ("high", "ci_ub")):
        for interval, expected, scale in zip(limits, want[key], (1, 1, 100, 1), strict=True):
            got = getattr(interval, end) if interval else math.sqrt(getattr(tau2, end))
            # the root of a τ² of 1e-9 is 3e-5
            close(got, expected, 1e-6, 1e-8 * scale if interval is not None else 1e-4)


def _shrunken(file: Any, want: dict[str, Any]) -> None:
    """metafor's limits are normal here."""
    y, v = numbers(file["input"]["yi"]), numbers(file["input"]["vi"])
    got = shrunken_effects(y, v, _pool(file, "REML"))
    z = 1.959963984540054
    np.testing.assert_allclose([e.estimate for e in got], numbers(want["pred"]), rtol=1e-8, atol=1e-9)
    se = np.array([e.se for e in got])
    np.testing.assert_allclose(se, numbers(want["se"]), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose([e.low for e in got], numbers(want["pred"]) - z * se, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose([e.high for e in got], numbers(want["pi_ub"]), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("test", INTERVAL)
@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM"])
def test_many_at_once_equal_metafor(method: str, test: str) -> None:
    """All sets in one call of ``hf.pool_many``."""
    columns = [(numbers(f["input"]["yi"]), numbers(f["input"]["vi"])) for f in FILES]
    y, v = (np.concatenate(c) for c in zip(*columns, strict=True))
    by = np.repeat(np.arange(len(FILES)), [len(c[0]) for c in columns])
    order = np.random.default_rng(1).permutation(len(y))  # the rows of a set need not stand together
    options = {"model": "common-effect"} if method == "EE" else {"tau2": method}
    many = hf.pool_many(y[order], v[order], by[order], interval=INTERVAL[test], **options)
    place = {int(label): i for i, label in enumerate(many.labels)}
    rtol, atol = _tolerance(method)
    assert many.converged.all()
    for j, file in enumerate(FILES):
        i, want = place[j], file["fits"][method]
        coef, se, stat, p, low, high, _ = want["tests"][test]
        for got, expected in (
            (many.coefficient, coef), (many.se, se), (many.statistic, stat), (many.low, low), (many.high, high),
            (many.q, want["QE"]), (many.h2, want["H2"]), (many.tau2, want["tau2"]),
        ):  # fmt: skip
            close(got[i], expected, rtol, max(atol, 1e-9 * float(np.mean(columns[j][1]))))
        close(many.i2[i], want["I2"], rtol, 1e-7)
        _close_p(float(many.p[i]), p)
        _close_p(float(many.q_p[i]), want["QEp"])
