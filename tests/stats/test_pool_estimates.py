"""Pooling published estimates: invariances, limits, and clear words where others break."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import handful as hf
from handful.base.errors import HandfulError
from handful.stats.estimates.between_study import ESTIMATORS

Y = np.array([0.1, 0.9, 0.4, -0.2, 0.7, 0.35])
V = np.array([0.04, 0.05, 0.03, 0.10, 0.02, 0.5])
INTERVALS = ("hartung-knapp-safe", "hartung-knapp", "t", "wald", "profile")


def _no_nan(fit: Any) -> None:
    text = json.dumps(fit.to_dict() if hasattr(fit, "to_dict") else fit.reason, allow_nan=False)
    assert "NaN" not in text
    values = [fit.coefficient, fit.se, fit.low, fit.high] if isinstance(fit, hf.Fit) else []
    assert all(not math.isnan(v) for v in values)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("tau2", ESTIMATORS)
def test_order_and_sign_do_not_matter(tau2: str, interval: str) -> None:
    if interval == "profile" and tau2 != "ML":
        with pytest.raises(HandfulError, match="maximum likelihood"):
            hf.pool(hf.estimates(Y, V), tau2=tau2, interval=interval)
        return
    fit = hf.pool(hf.estimates(Y, V), tau2=tau2, interval=interval)
    turned = hf.pool(hf.estimates(Y[::-1], V[::-1]), tau2=tau2, interval=interval)
    mirrored = hf.pool(hf.estimates(-Y, V), tau2=tau2, interval=interval)
    assert [turned.coefficient, turned.low, turned.high, turned.tau2] == pytest.approx(
        [fit.coefficient, fit.low, fit.high, fit.tau2], rel=1e-10, abs=1e-13
    )
    assert [-mirrored.coefficient, -mirrored.high, -mirrored.low] == pytest.approx(
        [fit.coefficient, fit.low, fit.high], rel=1e-10
    )
    _no_nan(fit)


def test_profile_limits_of_the_mean_against_a_plain_search() -> None:
    """l(μ) maximised over τ² by another program at both limits: the fall is half the χ² quantile."""
    fit = hf.pool(hf.estimates(Y, V), interval="profile")
    assert fit.details["tau2_estimator"] == "ML"

    def profile(mu: float) -> float:
        def minus(tau: float) -> float:
            w = 1 / (V + tau * tau)
            return float(-0.5 * np.log(w).sum() + 0.5 * (w * (Y - mu) ** 2).sum())

        return -min(minimize_scalar(minus, bounds=(0, 5), method="bounded", options={"xatol": 1e-12}).fun, minus(0.0))

    for end in (fit.low, fit.high):
        assert 2 * (profile(fit.coefficient) - profile(end)) == pytest.approx(3.841458820694124, abs=1e-8)


@pytest.mark.parametrize("tau2", ["ML", "REML"])
def test_profile_limits_of_tau2(tau2: str) -> None:
    fit = hf.pool(hf.estimates(Y, V), tau2=tau2, tau2_interval="profile-likelihood", interval="wald")

    def value(t: float) -> float:
        w = 1 / (V + t)
        mean = (w * Y).sum() / w.sum()
        found = 0.5 * np.log(w).sum() - 0.5 * (w * (Y - mean) ** 2).sum()
        return float(found - 0.5 * np.log(w.sum()) if tau2 == "REML" else found)

    assert 2 * (value(fit.tau2) - value(fit.tau2_interval.high)) == pytest.approx(3.841458820694124, abs=1e-9)
    assert fit.tau2_interval.low < fit.tau2 < fit.tau2_interval.high
    assert "likelihood" in fit.tau2_interval.method


@pytest.mark.parametrize(("measure", "back"), [("OR", math.exp), ("HR", math.exp), ("ZCOR", math.tanh), ("SMD", float)])
def test_results_are_taken_back_to_the_natural_scale(measure: str, back: Any) -> None:
    plain, fit = hf.pool(hf.estimates(Y, V)), hf.pool(hf.estimates(Y, V, measure=measure))
    assert [fit.coefficient, fit.se, fit.tau2] == [plain.coefficient, plain.se, plain.tau2]
    for got, want in ((fit, plain), (fit.prediction, plain.prediction)):
        assert [got.estimate, got.low, got.high] == pytest.approx(
            [back(x) for x in (want.estimate, want.low, want.high)]
        )
    assert hf.pool(hf.estimates(Y, V), measure=measure).estimate == fit.estimate


def test_no_study_and_one_study() -> None:
    nothing = hf.pool(hf.estimates([], []))
    assert isinstance(nothing, hf.NotEstimable)
    assert nothing.reason == "there is no estimate"
    one = hf.pool(hf.estimates([0.5], [0.04], labels=["Ito"], measure="OR"))
    assert one.estimate == pytest.approx(math.exp(0.5))
    assert one.low == pytest.approx(math.exp(0.5 - 1.959963984540054 * 0.2))
    assert (
        one.prediction_is_missing
        if hasattr(one, "prediction_is_missing")
        else isinstance(one.prediction, hf.NotEstimable)
    )
    assert isinstance(one.tau2, hf.NotEstimable)
    assert any(n.code == "single-study" and n.about == "Ito" for n in one.notes)
    _no_nan(one)


@pytest.mark.parametrize("tau2", ESTIMATORS)
def test_equal_variances_have_closed_forms(tau2: str) -> None:
    """τ² is the variance of the estimates (divisor k − 1; k for ML, HS nearly so) less the common one."""
    v = 0.05
    fit = hf.pool(hf.estimates(Y, np.full(6, v)), tau2=tau2)
    spread = float(((Y - Y.mean()) ** 2).sum())
    want = {"ML": spread / 6 - v, "HS": (spread / v - 6) * v / 6}.get(tau2, spread / 5 - v)
    if tau2 == "SJ":
        start = spread / 6
        want = start * spread / (v + start) / 5
    assert fit.tau2 == pytest.approx(max(want, 0), rel=1e-10)
    assert fit.coefficient == pytest.approx(Y.mean(), rel=1e-13)


@pytest.mark.parametrize("interval", INTERVALS[:4])
@pytest.mark.parametrize("tau2", ESTIMATORS)
def test_one_enormous_variance_is_as_if_the_study_were_not_there(tau2: str, interval: str) -> None:
    """But for the estimators that weight all studies alike, and for k itself."""
    y, v = np.append(Y, 5.0), np.append(V, 1e14)
    fit = hf.pool(hf.estimates(y, v), tau2=tau2, interval=interval)
    _no_nan(fit)
    if tau2 in ("REML", "ML", "DL"):
        without = hf.pool(hf.estimates(Y, V), tau2=tau2)
        shift = {"REML": 1e-6, "ML": 1e-6, "DL": 0.2}[tau2]  # DL counts one more degree of freedom
        assert fit.tau2 == pytest.approx(without.tau2, abs=shift)


def test_one_tiny_variance_keeps_the_heterogeneity_of_the_others() -> None:
    fit = hf.pool(hf.estimates([0.0, *Y], [1e-12, *V]), tau2="DL")
    _no_nan(fit)
    assert fit.h2 >= 1


@pytest.mark.parametrize("interval", INTERVALS)
def test_identical_effects(interval: str) -> None:
    fit = hf.pool(hf.estimates([0.3] * 5, [0.1, 0.2, 0.1, 0.3, 0.1]), interval=interval)
    _no_nan(fit)
    assert fit.tau2 == 0
    assert fit.coefficient == pytest.approx(0.3, rel=1e-14)
    if interval == "hartung-knapp":
        assert any(n.code == "equal-estimates" for n in fit.notes)
        assert fit.low == fit.high
    else:
        assert fit.low < 0.3 < fit.high


def test_too_far_apart_is_said() -> None:
    found = hf.pool(hf.estimates([1e200, -1e200], [1e-200, 1e-200]))
    assert isinstance(found, hf.NotEstimable)
    assert "too far apart" in found.reason


def test_missing_values_are_left_out_and_named() -> None:
    est = hf.estimates([0.1, None, 0.4, 0.5], [0.1, 0.2, float("nan"), 0.1], labels=["Ito", "Kim", "Lee", "Roy"])
    fit = hf.pool(est)
    assert fit.k == 2
    assert [(n.about, n.text) for n in fit.notes if n.code == "study-left-out"] == [
        ("Kim", "left out: yi missing"),
        ("Lee", "left out: vi missing"),
    ]


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([0.1, 0.2], [0.1, -0.1], "row 2 .* vi is -0.1; it must be above 0"),
        ([0.1, 0.2], [0.0, 0.1], "row 1 .* vi is 0; it must be above 0"),
        ([0.1, "high"], [0.1, 0.1], "yi is 'high', not a number"),
        ([0.1, math.inf], [0.1, 0.1], "yi is infinite"),
    ],
)
def test_what_cannot_be_used_is_named(yi: Any, vi: Any, words: str) -> None:
    with pytest.raises(HandfulError, match=words):
        hf.estimates(yi, vi)


def test_options_that_do_not_go_together_are_refused() -> None:
    est = hf.estimates(Y, V)
    for options, words in (
        ({"tau2": -1.0}, "at least 0"),
        ({"tau2": "REML", "weights": "equal"}, "wald and t limits only"),
        ({"weights": [1, 2], "interval": "wald"}, "6 numbers"),
        ({"model": "common-effect", "interval": "profile"}, "normal"),
        ({"model": "common-effect", "tau2": "DL"}, "does not take tau2"),
        ({"measure": "ODDS"}, "not known"),
    ):
        with pytest.raises(HandfulError, match=words):
            hf.pool(est, **options)


def test_pandas_polars_and_pyarrow_columns() -> None:
    pandas, polars, pyarrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    want = hf.pool(hf.estimates(Y, V)).coefficient
    for kind in (pandas.Series, lambda x: polars.Series(values=x), pyarrow.array):
        assert hf.pool(hf.estimates(kind(Y), kind(V))).coefficient == want
