"""One-stage models: derivatives, edges, bad input, and what is said beside the numbers."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pytest

import handful as hf
from handful.stats.patients import one_stage as one_stage_file
from handful.stats.patients.cells import cells_of, codes_of
from handful.stats.patients.families import LOGISTIC, POISSON
from handful.stats.patients.one_stage_likelihood import Likelihood
from handful.stats.results import NotEstimable

RNG = np.random.default_rng(20261128)
STUDY = np.repeat(np.arange(7), [5, 12, 9, 20, 3, 15, 11])
AGE = np.round(RNG.normal(50, 10, STUDY.size) + RNG.normal(0, 4, 7)[STUDY])
SEX = RNG.integers(0, 2, STUDY.size)
Y = (RNG.random(STUDY.size) < 1 / (1 + np.exp(-(-0.4 + 0.03 * (AGE - 50) + RNG.normal(0, 0.8, 7)[STUDY])))).astype(int)


def test_docstring_example() -> None:
    result = doctest.testmod(one_stage_file)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("family", [LOGISTIC, POISSON])
def test_score_and_hessian_are_the_derivatives(family: Any) -> None:
    """Central differences; with 31 nodes the quadrature error is far below their own."""
    x = np.stack([(AGE - 50) / 10, SEX.astype(float)])
    likelihood = Likelihood(cells_of(STUDY, Y.astype(float), None, x), family, 31)
    theta, step = np.array([-0.3, 0.2, 0.1, 0.7]), 1e-5
    here = likelihood.at(theta)
    for j, d in enumerate(np.eye(4) * step):
        above, below = likelihood.at(theta + d), likelihood.at(theta - d)
        assert here.score[j] == pytest.approx((above.value - below.value) / (2 * step), abs=2e-7)
        assert here.hessian[j] == pytest.approx((above.score - below.score) / (2 * step), abs=2e-6)


def test_likelihood_is_the_integral() -> None:
    """A fine trapezoid over u, study by study, shares no code with the quadrature."""
    x = ((AGE - 50) / 10)[None, :]
    theta = np.array([-0.3, 0.4, 1.3])
    got = Likelihood(cells_of(STUDY, Y.astype(float), None, x), LOGISTIC, 31).at(theta).value
    u = np.linspace(-12, 12, 20_001)
    want = 0.0
    for i in range(7):
        own = i == STUDY
        eta = theta[0] + theta[1] * x[0, own][:, None] + theta[2] * u
        logs = (Y[own][:, None] * eta - np.logaddexp(0, eta)).sum(axis=0) - u * u / 2 - math.log(2 * math.pi) / 2
        want += math.log(np.exp(logs).sum() * (u[1] - u[0]))
    assert got == pytest.approx(want, abs=1e-8)


def test_order_of_rows_and_names_of_studies_change_nothing() -> None:
    names = np.array(list("gcadebf"))
    fit = hf.one_stage(Y, STUDY, covariates={"age": AGE})
    order = RNG.permutation(STUDY.size)
    other = hf.one_stage(Y[order], names[STUDY[order]], covariates={"age": AGE[order]})
    for a, b in zip(fit.coefficients, other.coefficients, strict=True):
        assert a.estimate == pytest.approx(b.estimate, rel=1e-6)
        assert a.low == pytest.approx(b.low, rel=1e-5)
    assert fit.tau2_interval.high == pytest.approx(other.tau2_interval.high, rel=1e-5)


def test_event_and_non_event_mirror() -> None:
    fit, other = (hf.one_stage(y, STUDY, covariates={"age": AGE}) for y in (Y, 1 - Y))
    for a, b in zip(fit.coefficients, other.coefficients, strict=True):
        assert a.estimate == pytest.approx(-b.estimate, rel=1e-6, abs=1e-9)
        assert a.low == pytest.approx(-b.high, rel=1e-5)


def test_adding_to_a_covariate_moves_the_intercept_alone() -> None:
    fit = hf.one_stage(Y, STUDY, covariates={"age": AGE}, interval="wald")
    other = hf.one_stage(Y, STUDY, covariates={"age": AGE + 100}, interval="wald")
    between = fit.coefficient("age", "between").estimate
    assert other.coefficient("age", "within").estimate == pytest.approx(fit.coefficient("age", "within").estimate)
    assert other.coefficient("intercept").estimate == pytest.approx(
        fit.coefficient("intercept").estimate - 100 * between, rel=1e-5
    )


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame, pyarrow.table, dict])
def test_frames_of_every_kind(frame: Any) -> None:
    data = frame({"y": Y.tolist(), "who": STUDY.tolist(), "age": AGE.tolist(), "sex": ["fm"[s] for s in SEX]})
    fit = hf.one_stage("y", "who", covariates=["age", "sex"], data=data, interval="wald")
    plain = hf.one_stage(Y, STUDY, covariates={"age": AGE, "sex": SEX}, interval="wald")
    assert [c.name for c in fit.coefficients] == ["intercept", "age", "age", "sex[m]", "sex[m]"]
    for a, b in zip(fit.coefficients, plain.coefficients, strict=True):
        assert a.estimate == pytest.approx(b.estimate, rel=1e-9)


def test_missing_values_are_dropped_said_and_counted() -> None:
    age = AGE.copy()
    age[[3, 10]] = np.nan
    outcome = [None if i == 20 else int(v) for i, v in enumerate(Y)]
    fit = hf.one_stage(outcome, STUDY, covariates={"age": age}, interval="wald")
    assert fit.people == STUDY.size - 3
    assert "3 of 75 rows left out for a missing value: outcome for 1, age for 2" in str(fit.notes[0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"outcome": Y * 0}, "no event among 75"),
        ({"outcome": Y * 0 + 1}, "nothing but events"),
        ({"covariates": {"copy": Y}}, "separates events from non-events"),
        ({"covariates": {"one": Y * 0 + 3}}, "one is the same in every patient"),
        ({"covariates": {"age": AGE, "months": AGE * 12}}, "is determined by the covariates before it"),
        ({"outcome": [None] * 75}, "no row has all its values"),
    ],
)
def test_edges_are_told_in_words(arguments: dict[str, Any], words: str) -> None:
    got = hf.one_stage(**{"outcome": Y, "study": STUDY, **arguments})
    assert isinstance(got, NotEstimable)
    assert words in got.reason


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"outcome": [0, 1, 2]}, "outcome is 2; it must be 0 or 1"),
        ({"outcome": [0, 1, "yes"]}, "'yes', not a number"),
        ({"outcome": [0, 1]}, "outcome 2, study 3"),
        ({"outcome": [0, 1, 1], "time": [1, 0, 2]}, "time is 0"),
        ({"outcome": [0, 1.5, 1], "time": [1, 1, 2]}, "whole number of events"),
        ({"outcome": [0, 1, 1], "covariates": {"age": [1, math.inf, 2]}}, "age is infinite"),
        ({"outcome": "y"}, "there is no data="),
        ({"outcome": [0, 1, 1], "covariates": 3}, "covariates=int"),
        ({"outcome": [0, 1, 1], "modifiers": ["age"]}, "not among the covariates"),
        ({"outcome": [0, 1, 1], "prior": "cauchy"}, "prior='cauchy'"),
        ({"outcome": [0, 1, 1], "interval": "exact"}, "profile"),
        ({"outcome": [0, 1, 1], "level": 95}, "level=95"),
    ],
)
def test_bad_input_is_told_in_words(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(hf.HandfulError) as caught:
        hf.one_stage(**{"study": ["A", "A", "B"], "covariates": None, **arguments})
    assert words in str(caught.value)


def test_a_covariate_of_studies_has_its_between_part_only() -> None:
    year = np.array([2001, 2004, 2010, 2011, 2015, 2016, 2020.0])[STUDY]
    fit = hf.one_stage(Y, STUDY, covariates={"year": year}, interval="wald")
    assert [c.part for c in fit.coefficients] == ["intercept", "between"]
    assert any(note.code == "same-within-studies" for note in fit.notes)


def test_prior_holds_what_separates_and_is_named() -> None:
    fit = hf.one_stage(Y, STUDY, covariates={"copy": Y}, prior="normal", split=False)
    row = fit.coefficient("copy")
    assert 0 < row.estimate * Y.std() < 4
    assert {note.code for note in fit.notes} >= {"prior"}
    loose, tight = (hf.one_stage(Y, STUDY, covariates={"age": AGE}, prior=p, interval="wald") for p in (1000.0, 0.01))
    plain = hf.one_stage(Y, STUDY, covariates={"age": AGE}, interval="wald")
    assert loose.coefficient("age", "within").estimate == pytest.approx(
        plain.coefficient("age", "within").estimate, rel=1e-4
    )
    assert abs(tight.coefficient("age", "within").estimate) < 0.01 * abs(plain.coefficient("age", "within").estimate)


def test_too_few_events_for_the_covariates_is_said() -> None:
    columns = {name: RNG.normal(size=STUDY.size) for name in "abcdefgh"}
    fit = hf.one_stage(Y, STUDY, covariates=columns, split=False, interval="wald")
    assert any(note.code == "few-events" for note in fit.notes)


def test_results_print_and_go_into_a_notebook() -> None:
    fit = hf.one_stage(Y, STUDY, covariates={"<b>age": AGE}, interval="wald")
    assert "one-stage logistic; " in str(fit)
    assert "&lt;b&gt;age, within" in fit._repr_html_()
    assert len(fit.to_frame()) == 3
    assert fit.to_dict()["coefficients"][1]["ratio"] == pytest.approx(fit.coefficients[1].ratio)
    with pytest.raises(KeyError, match="there are"):
        fit.coefficient("height")


@pytest.mark.parametrize("labels", [["b", "a", "b"], [5, 2, 5], np.array([2.5, 1.0, 2.5]), [7, "x", 7]])
def test_codes_of_labels(labels: Any) -> None:
    codes, words = codes_of(np.asarray(labels, dtype=object) if isinstance(labels, list) else labels)
    assert codes[0] == codes[2] != codes[1]
    assert words[codes[1]] == str(labels[1])
