"""``pool`` on two groups and two rates: which model is chosen and why, one study, empty sets, options it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.defaults import default_model
from handful.synthesis.models import models_for

FULL = ([2, 3, 4, 5, 6], [9, 9, 9, 9, 9], [1, 2, 2, 3, 3], [8, 8, 8, 8, 8])
"""Five studies, no group empty or full."""


def _swapped(columns: Any) -> Any:
    return columns[2], columns[3], columns[0], columns[1]


@pytest.mark.parametrize(
    ("columns", "measure", "model"),
    [
        (FULL, "OR", "hypergeometric-normal"),
        (FULL, None, "hypergeometric-normal"),
        (FULL, "RR", "random-effects"),
        (FULL, "RD", "random-effects"),
        (FULL, "AS", "random-effects"),
        (([0, *FULL[0][1:]], *FULL[1:]), "OR", "bayes"),  # a group without an event
        (([9, *FULL[0][1:]], *FULL[1:]), "OR", "bayes"),  # a group in which everyone had it
        (([0, *FULL[0][1:]], *FULL[1:]), "RR", "bayes"),
        (([0, *FULL[0][1:]], *FULL[1:]), "RD", "mantel-haenszel"),
        (tuple(c[:4] for c in FULL), "OR", "bayes"),  # k < 5
        (tuple(c[:4] for c in FULL), "RD", "mantel-haenszel"),
        # five studies of which one says nothing about a ratio are four
        (([*FULL[0][:4], 0], FULL[1], [*FULL[2][:4], 0], FULL[3]), "OR", "bayes"),
        (([2], [9], [1], [8]), "OR", "single-study"),
        (([2, 0], [9, 9], [1, 0], [8, 8]), "RR", "single-study"),
        (([2, 0], [9, 9], [1, 0], [8, 8]), "RD", "mantel-haenszel"),
    ],
)
def test_default_model_of_two_groups(columns: Any, measure: str | None, model: str) -> None:
    fit = hf.pool(hf.two_arms(*columns), measure=measure)
    assert isinstance(fit, Fit)
    assert fit.model == model
    if model != "single-study":
        why = next(n for n in fit.notes if n.code == "model-chosen")
        assert f"model {model} chosen because k = " in why.text
    again = hf.pool(hf.two_arms(*_swapped(columns)), measure=measure)
    assert isinstance(again, Fit)
    assert again.model == model


@pytest.mark.parametrize(
    ("x1", "x2", "measure", "model"),
    [
        ([2, 3, 4, 5, 6], [1, 2, 2, 3, 3], "IRR", "poisson-normal"),
        ([2, 3, 4, 5, 0], [1, 2, 2, 3, 3], None, "bayes"),
        ([2, 3, 4, 5, 0], [1, 2, 2, 3, 0], None, "bayes"),
        ([2, 0, 0, 0, 0], [1, 0, 0, 0, 0], "IRR", "single-study"),
        ([2, 3, 4, 5, 0], [1, 2, 2, 3, 3], "IRD", "mantel-haenszel"),
        ([2, 3, 4, 5, 6], [1, 2, 2, 3, 3], "IRSD", "random-effects"),
    ],
)
def test_default_model_of_two_rates(x1: list[int], x2: list[int], measure: str | None, model: str) -> None:
    fit = hf.pool(hf.two_arm_rates(x1, [10.0] * 5, x2, [11.0] * 5), measure=measure)
    assert isinstance(fit, Fit)
    assert fit.model == model


def test_one_study_is_shown_with_its_own_interval() -> None:
    fit = hf.pool(hf.two_arms([1], [4], [0], [4], labels=["A"]))
    assert isinstance(fit, Fit)
    own = hf.two_groups(1, 4, 0, 4).odds_ratio()
    assert isinstance(own, Interval)
    assert (fit.estimate, fit.low, fit.high) == (own.estimate, own.low, own.high)
    assert isinstance(fit.tau2, NotEstimable)
    assert [n.about for n in fit.notes if n.code == "single-study"] == ["A"]
    assert "nan" not in str(fit.to_dict()).lower()
    difference = hf.pool(hf.two_arms([0], [4], [0], [4]), measure="RD")
    assert isinstance(difference, Fit)
    assert difference.low == pytest.approx(
        -0.5232555156, abs=1e-9
    )  # Miettinen and Nurminen's, as published for 0/4, 0/4


@pytest.mark.parametrize("measure", ["OR", "RR"])
def test_no_event_anywhere_is_no_answer_in_words(measure: str) -> None:
    fit = hf.pool(hf.two_arms([0, 0], [4, 5], [0, 0], [4, 5]), measure=measure)
    assert isinstance(fit, NotEstimable)
    assert "no study carries information" in fit.reason
    assert sum(n.code == "no-information" for n in fit.notes) == 2
    assert isinstance(hf.pool(hf.two_arm_rates([0], [4.0], [0], [5.0])), NotEstimable)
    assert isinstance(hf.pool(hf.two_arms([], [], [], [])), NotEstimable)


def test_a_group_of_nobody_is_left_out_and_said() -> None:
    fit = hf.pool(hf.two_arms([2, 0, 3], [9, 0, 8], [1, 2, 2], [9, 9, 9], labels=["A", "B", "C"]))
    assert isinstance(fit, Fit)
    assert fit.labels == ("A", "C")
    note = next(n for n in fit.notes if n.code == "study-left-out")
    assert (note.about, note.text) == ("B", "left out: there is nobody in one of the groups")


@pytest.mark.parametrize("model", models_for(hf.two_arms([1], [4], [0], [4])))
def test_every_model_of_two_groups_runs_and_prints(model: str) -> None:
    fit = hf.pool(hf.two_arms(*FULL), model=model, measure="OR")
    assert isinstance(fit, Fit)
    assert fit.model == model
    assert fit.measure == "OR"
    assert 1 < float(fit.estimate) < 3  # type: ignore[arg-type]
    assert fit.people == sum(FULL[1]) + sum(FULL[3])
    assert fit.k == 5
    assert model in str(fit)
    assert "<table" in fit._repr_html_()
    shown = str(fit.to_dict()).lower()
    assert "nan" not in shown
    narrow = hf.pool(hf.two_arms(*FULL), model=model, measure="OR", level=0.8)
    assert isinstance(narrow, Fit)
    assert fit.low < narrow.low < narrow.high < fit.high  # type: ignore[operator]


@pytest.mark.parametrize("model", models_for(hf.two_arm_rates([1], [4.0], [0], [4.0])))
def test_every_model_of_two_rates_runs(model: str) -> None:
    fit = hf.pool(hf.two_arm_rates(FULL[0], [9.0] * 5, FULL[2], [8.5] * 5), model=model)
    assert isinstance(fit, Fit)
    assert (fit.model, fit.measure, fit.people) == (model, "IRR", 87.5)


def test_the_posterior_of_a_ratio_is_near_the_likelihood_where_counts_are_large() -> None:
    two = hf.two_arms(*([v * 40 for v in column] for column in FULL))
    likelihood, posterior = hf.pool(two, model="hypergeometric-normal"), hf.pool(two, model="bayes")
    assert isinstance(likelihood, Fit)
    assert isinstance(posterior, Fit)
    assert posterior.coefficient == pytest.approx(likelihood.coefficient, abs=0.02)
    assert float(posterior.numerical_error) <= 1e-5  # type: ignore[arg-type]
    ratio = hf.pool(two, measure="RR", model="bayes")
    inverse = hf.pool(two, measure="RR", model="random-effects")
    assert isinstance(ratio, Fit)
    assert isinstance(inverse, Fit)
    assert ratio.coefficient == pytest.approx(inverse.coefficient, abs=0.02)
    assert float(ratio.numerical_error) <= 1e-5  # type: ignore[arg-type]


@pytest.mark.parametrize("measure", ["OR", "RR"])
def test_the_posterior_of_a_ratio_equals_a_dense_grid(measure: str) -> None:
    """1 of 4 against 0 of 4 and 2 of 9 against 1 of 8, by plain sums over θ, μ and τ."""
    theta = np.linspace(-20, 20, 801)
    tables = ((1, 4, 0, 4), (2, 9, 1, 8))
    likelihoods = []
    for x1, n1, x2, n2 in tables:
        if measure == "OR":
            m = x1 + x2
            terms = [math.comb(n1, u) * math.comb(n2, m - u) * np.exp((u - x1) * theta) for u in range(m + 1)]
            likelihoods.append(1 / np.sum(terms, axis=0))
        else:  # the highest likelihood over a fine grid of the larger risk
            larger = np.linspace(0, 1, 4002)[1:-1, None]
            smaller = larger * np.exp(-np.abs(theta))
            p, q = (np.where(theta >= 0, *pair) for pair in ((larger, smaller), (smaller, larger)))
            likelihoods.append((p**x1 * (1 - p) ** (n1 - x1) * q**x2 * (1 - q) ** (n2 - x2)).max(axis=0))
    mu, tau = np.linspace(-10, 12, 441), np.linspace(0.03, 2.43, 61)
    joint = np.zeros((len(mu), len(tau)))
    for j, t in enumerate(tau):
        kernel = np.exp(-0.5 * ((theta[None, :] - mu[:, None]) / t) ** 2)
        kernel /= kernel.sum(axis=1, keepdims=True)
        joint[:, j] = np.prod([kernel @ one for one in likelihoods], axis=0) * math.exp(-0.5 * (t / 0.5) ** 2)
    density = joint.sum(axis=1) * np.exp(-0.5 * (mu / 2.82) ** 2)
    cumulated = np.cumsum(density) / density.sum()
    want = [float(np.interp(q, cumulated, mu + 0.025)) for q in (0.5, 0.025, 0.975)]
    fit = hf.pool(hf.two_arms(*zip(*tables, strict=True)), measure=measure, model="bayes")
    assert isinstance(fit, Fit)
    # the grid's steps are 0.05 in θ and μ, 0.04 in τ
    got = [fit.coefficient, fit.coefficient_low, fit.coefficient_high]
    assert got == pytest.approx(want, abs=5e-3)


def test_bayes_without_events_in_one_group_says_that_the_prior_closes_the_range() -> None:
    for measure in ("OR", "RR"):
        fit = hf.pool(hf.two_arms([0, 0], [9, 9], [1, 2], [8, 8]), measure=measure, model="bayes")
        assert isinstance(fit, Fit)
        assert any(n.code == "prior-matters" for n in fit.notes)
        tighter = hf.pool(
            hf.two_arms([0, 0], [9, 9], [1, 2], [8, 8]), measure=measure, model="bayes",
            priors={"mean": hf.Normal(0, 1)},
        )  # fmt: skip
        assert isinstance(tighter, Fit)
        assert tighter.low > fit.low  # type: ignore[operator]


def test_bayes_mirrors_when_the_groups_are_exchanged() -> None:
    columns = ([1, 2, 0], [4, 9, 7], [0, 1, 2], [4, 8, 9])
    for measure in ("OR", "RR"):
        here, there = (hf.pool(hf.two_arms(*c), measure=measure, model="bayes") for c in (columns, _swapped(columns)))
        assert isinstance(here, Fit)
        assert isinstance(there, Fit)
        # each is within 1e-5 posterior standard deviations of the truth
        assert there.coefficient == pytest.approx(-float(here.coefficient), abs=5e-5)  # type: ignore[arg-type]


def test_what_a_model_does_not_take_is_refused_in_words() -> None:
    two = hf.two_arms(*FULL)
    with pytest.raises(UnknownChoice, match="hypergeometric-normal"):
        hf.pool(two, model="hypergeometric")
    with pytest.raises(InputError, match="model peto does not take interval"):
        hf.pool(two, model="peto", interval="profile")
    with pytest.raises(InputError, match="does not pool risk differences"):
        hf.pool(two, measure="RD", model="bayes")
    with pytest.raises(UnknownChoice, match="accepted: OR, RR, RD"):
        hf.pool(two, measure="HR", model="mantel-haenszel")
    with pytest.raises(InputError, match="priors"):
        hf.pool(two, model="mantel-haenszel", priors={"tau": hf.HalfNormal(1)})


def test_default_facts_name_groups_not_responders() -> None:
    chosen = default_model(hf.two_arms([0, 5, 1, 7, 2], [9] * 5, [1, 2, 2, 8, 3], [8] * 5), "OR")
    assert chosen is not None
    assert "k = 5 and in 1 study a group has no event and in 1 study everyone in a group had the event" in chosen[1]
