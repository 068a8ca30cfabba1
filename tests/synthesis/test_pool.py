"""hf.pool: which model, what it says about itself, what it leaves out, what it refuses."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas
import pytest

import handful as hf
from handful.base.errors import InputError, UnknownChoice
from handful.stats.evidence import estimates, two_means
from handful.stats.results import NotEstimable
from handful.synthesis.defaults import DEFAULTS, default_model
from handful.synthesis.models import MODELS, models_for

FIVE = ([3, 5, 1, 7, 2], [10, 12, 9, 11, 8])


def _codes(result: Any) -> list[str]:
    return [note.code for note in result.notes]


@pytest.mark.parametrize(
    ("x", "n", "model"),
    [
        ([1], [4], "single-study"),
        ([1, 2, 3, 2], [4, 5, 6, 7], "bayes"),  # k < 5
        ([0, 5, 1, 7, 2], FIVE[1], "bayes"),  # one study without a responder
        ([10, 5, 1, 7, 2], FIVE[1], "bayes"),  # one in which everyone responded
        (*FIVE, "binomial-normal"),
    ],
)
def test_default_model_follows_the_table(x: list[int], n: list[int], model: str) -> None:
    chosen = default_model(hf.one_arm(x, n))
    assert chosen is not None
    assert chosen[0] == model
    assert f"k = {len(x)}" in chosen[1]
    assert (f"model {model} chosen because" in chosen[1]) == (len(x) > 1)


def test_rates_without_any_event_keep_their_exact_limit() -> None:
    fit = hf.pool(hf.one_arm_rates([0, 0], [10.0, 20.0]))
    assert fit.model == "common-effect"
    assert fit.high == pytest.approx(hf.rate(0, 30.0).high)
    assert hf.pool(hf.one_arm_rates([0, 1], [10.0, 20.0])).model == "bayes"
    assert hf.pool(hf.one_arm_rates([2, 1, 3, 1, 4], [9.0] * 5)).model == "poisson-normal"
    assert hf.pool(hf.one_arm_rates([2, 1, 3, 1, 0], [9.0] * 5)).model == "bayes"


def test_default_names_its_facts() -> None:
    chosen = default_model(hf.one_arm([0, 1, 2], [4, 4, 2]))
    assert chosen is not None
    assert "k = 3 and 1 study has no responders and in 1 study everyone responded" in chosen[1]


def test_every_default_and_model_has_a_reason_and_a_reference() -> None:
    for row in DEFAULTS:
        assert row.reason
        assert row.reference.startswith("10.")
    for model in MODELS:
        assert model.needs
        assert model.when_not
        assert model.reference.startswith("10.")
    assert {row.model for row in DEFAULTS} <= {m.name for m in MODELS} | {"single-study"}


def test_choice_is_written_on_the_result() -> None:
    fit = hf.pool(hf.one_arm(*FIVE))
    assert fit.model == "binomial-normal"
    assert _codes(fit)[0] == "model-chosen"
    named = hf.pool(hf.one_arm(*FIVE), model="binomial-normal")
    assert "model-chosen" not in _codes(named)
    assert named.estimate == fit.estimate


@pytest.mark.parametrize("model", [m for m in models_for(hf.one_arm([1], [2])) if m != "bayes"])
def test_every_model_of_one_arm_gives_the_whole_result(model: str) -> None:
    fit = hf.pool(hf.one_arm(*FIVE, labels=list("abcde")), model=model)
    assert fit.low <= fit.estimate <= fit.high
    assert fit.k == 5
    assert fit.people == 50
    assert fit.labels == tuple("abcde")
    assert sum(fit.weights) == pytest.approx(1.0)
    assert math.isfinite(fit.log_likelihood)
    text = json.dumps(fit.to_dict(), allow_nan=False)
    assert json.loads(text)["model"] == model
    assert model in str(fit)
    assert "<table" in fit._repr_html_()
    assert isinstance(fit.to_frame(), pandas.DataFrame)
    assert isinstance(fit.posterior("mean"), NotEstimable)
    assert isinstance(fit.posterior_of("a"), NotEstimable)


@pytest.mark.parametrize("measure", ["PLO", "PAS", "PFT", "PLN", "PR"])
def test_a_transform_by_name_means_random_effects(measure: str) -> None:
    fit = hf.pool(hf.one_arm(*FIVE), measure=measure)
    assert fit.model == "random-effects"
    assert fit.measure == measure
    assert 0 <= fit.low <= fit.estimate <= fit.high <= 1
    assert ("freeman-tukey" in _codes(fit)) == (measure == "PFT")
    assert ("median-not-average" in _codes(fit)) == (measure != "PR")


def test_freeman_tukey_can_leave_the_range_of_all_studies() -> None:
    """1 of 10, 20 of 5,000, 35 of 9,000, 100 of 20,000: no study is near 0, the back-transformed mean is 0 (0 to 0)."""
    one = hf.one_arm([1, 20, 35, 100], [10, 5000, 9000, 20_000])
    fit = hf.pool(one, measure="PFT", interval="wald")
    assert (fit.estimate, fit.low, fit.high) == (0.0, 0.0, 0.0)
    assert "freeman-tukey" in _codes(fit)
    good = hf.pool(one, model="binomial-normal")
    assert 0.003 < good.low < good.estimate


@pytest.mark.parametrize("measure", ["IR", "IRLN", "IRS", "IRFT"])
def test_rates_too(measure: str) -> None:
    fit = hf.pool(hf.one_arm_rates([2, 4, 5, 3], [31.5, 12.0, 20.0, 40.0]), measure=measure)
    assert 0 <= fit.low <= fit.estimate <= fit.high


def test_no_correction_in_silence() -> None:
    one = hf.one_arm([0, 5, 1, 7, 2], FIVE[1], labels=list("abcde"))
    fit = hf.pool(one, measure="PLO")
    assert fit.k == 4
    left_out = [note for note in fit.notes if note.code == "study-left-out"]
    assert [note.about for note in left_out] == ["a"]
    corrected = hf.pool(one, measure="PLO", add=0.5, to="only0")
    assert corrected.k == 5
    assert "continuity-correction" in _codes(corrected)


def test_studies_of_nobody_are_left_out_with_a_note() -> None:
    one = hf.one_arm([3, 0, 5, 1, 7, 2], [10, 0, 12, 9, 11, 8], labels=list("abcdef"))
    fit = hf.pool(one)
    assert fit.k == 5
    note = next(note for note in fit.notes if note.code == "study-left-out")
    assert note.about == "b"
    by = hf.pool(one, model="binomial-normal", by=["g", "g", "g", "g", "h", "h"])
    assert [row["k"] for row in by.details["groups"]] == [3, 2]
    nobody = hf.pool(hf.one_arm([0], [0]))
    assert isinstance(nobody, NotEstimable)
    assert _codes(nobody) == ["study-left-out"]
    assert isinstance(hf.pool(hf.one_arm([], [])), NotEstimable)


def test_one_study_is_that_study_whatever_the_likelihood_model() -> None:
    for model in ("default", "binomial-normal", "beta-binomial", "common-effect"):
        fit = hf.pool(hf.one_arm([1], [4], labels=["only"]), model=model)
        interval = hf.proportion(1, 4)
        assert fit.model == "single-study"
        assert [fit.estimate, fit.low, fit.high] == pytest.approx([interval.estimate, interval.low, interval.high])
        assert "single-study" in _codes(fit)
    rate = hf.pool(hf.one_arm_rates([2], [31.5]))
    interval = hf.rate(2, 31.5)
    assert [rate.estimate, rate.low, rate.high] == pytest.approx([interval.estimate, interval.low, interval.high])


def test_common_effect_is_the_exact_interval_of_the_total() -> None:
    fit = hf.pool(hf.one_arm(*FIVE), model="common-effect")
    interval = hf.proportion(18, 50)
    assert [fit.estimate, fit.low, fit.high] == pytest.approx([interval.estimate, interval.low, interval.high])
    for x in ([0, 0], [4, 4]):
        edge = hf.pool(hf.one_arm(x, [4, 4]), model="common-effect")
        assert 0 <= edge.low < edge.high <= 1
        json.dumps(edge.to_dict(), allow_nan=False)


def test_refusals_say_what_is_accepted() -> None:
    one = hf.one_arm(*FIVE)
    with pytest.raises(UnknownChoice, match="did you mean 'binomial-normal'"):
        hf.pool(one, model="binomial-norm")
    with pytest.raises(UnknownChoice, match="poisson-normal"):
        hf.pool(hf.one_arm_rates([1], [2.0]), model="beta-binomial")
    with pytest.raises(InputError, match="does not take tau2"):
        hf.pool(one, model="binomial-normal", tau2="DL")
    with pytest.raises(InputError, match="does not take priors"):
        hf.pool(one, model="beta-binomial", priors={"tau": 1})
    with pytest.raises(InputError, match="outside the open range 0 to 1"):
        hf.pool(one, level=95)
    with pytest.raises(UnknownChoice, match="profile"):
        hf.pool(one, model="binomial-normal", interval="exact")


def test_published_estimates_are_pooled_too() -> None:
    fit = hf.pool(estimates([0.1, 0.9, 0.4], se=[0.2, 0.22, 0.17]))
    assert fit.model == "random-effects"
    assert fit.interval_method == "hartung-knapp-safe"


def test_means_are_pooled_through_their_effect_sizes() -> None:
    made = two_means([10, 12, 9], [1.0, 2.0, 1.5], [1.0, 1.1, 0.9], [11, 13, 10], [0.5, 1.0, 1.4], [1.0, 1.2, 1.0])
    direct = hf.pool(made, measure="SMD", model="random-effects")
    by_hand = hf.pool(hf.effect_sizes(made, "SMD"), model="random-effects")
    assert (direct.estimate, direct.low, direct.high) == (by_hand.estimate, by_hand.low, by_hand.high)
    assert direct.measure == "SMD"


def test_what_is_no_evidence_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="cannot take list"):
        hf.pool([1, 2, 3])


def test_three_numbers_are_told_apart() -> None:
    """Population average, median study and next study differ as soon as τ > 0, and stay in the order theory says."""
    fit = hf.pool(hf.one_arm([1, 9, 2, 8, 1, 1], [10, 10, 10, 10, 10, 12]), model="binomial-normal")
    assert fit.median < fit.estimate < 0.5
    mu, tau2 = fit.coefficient, fit.tau2
    # the well-known approximation, good to about 0.01
    assert fit.estimate == pytest.approx(1 / (1 + math.exp(-mu / math.sqrt(1 + 0.346 * tau2))), abs=0.01)
    assert fit.prediction.low < fit.low < fit.high < fit.prediction.high
    assert fit.average == fit.estimate


def test_next_ten_patients() -> None:
    fit = hf.pool(hf.one_arm(*FIVE))
    soon = fit.next_patients(10)
    assert len(soon.probabilities) == 11
    assert sum(soon.probabilities) == pytest.approx(1.0, abs=1e-12)
    assert 0 <= soon.low <= soon.expected <= soon.high <= 10
    one = fit.next_patients(1)
    # the chance for one patient is the average over the predictive normal, by another route
    from handful.stats.count_models.average import normal_average

    mean, sd = fit.details["predictive"][1:]
    assert one.probabilities[1] == pytest.approx(normal_average(mean, sd).m, abs=1e-12)
    assert isinstance(hf.pool(hf.one_arm([1, 2], [4, 5]), model="binomial-normal").next_patients(5), NotEstimable)
    with pytest.raises(InputError):
        fit.next_patients(0)


def test_numpy_pandas_and_lists_give_the_same_bits() -> None:
    plain = hf.pool(hf.one_arm(*FIVE)).to_dict()
    assert hf.pool(hf.one_arm(np.array(FIVE[0]), pandas.Series(FIVE[1]))).to_dict() == plain
