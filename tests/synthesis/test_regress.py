"""Moderators and groups: how columns become a design, invariances, and clear words where there is no answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.base.errors import HandfulError

K = 14
GENERATOR = np.random.default_rng(8)
V = GENERATOR.lognormal(-2.5, 0.6, K)
DOSE = np.round(GENERATOR.uniform(5, 50, K), 1)
AGE = np.round(GENERATOR.uniform(20, 60, K))
REGION = ["Europe", "Asia", "Africa", "Europe", "Asia", "Asia", "Africa"] * 2
Y = 0.2 + 0.02 * DOSE + GENERATOR.normal(0, np.sqrt(V + 0.05))
EST = hf.estimates(Y, V)
DATA = {"dose": DOSE, "age": AGE, "region": REGION}


def _regress(*args: Any, **options: Any) -> Any:
    return hf.regress(*args, **options)


def _mine(design: Any, tau2: float) -> tuple[Any, Any]:
    """Weighted least squares as the textbook has it."""
    w = np.diag(1 / (V + tau2))
    covariance = np.linalg.inv(design.T @ w @ design)
    return covariance @ design.T @ w @ Y, covariance


def test_interactions_are_products() -> None:
    fit = _regress(EST, ["dose", "age", "dose:age"], data=DATA, test="z")
    assert fit.names == ("intercept", "dose", "age", "dose:age")
    beta, covariance = _mine(np.column_stack([np.ones(K), DOSE, AGE, DOSE * AGE]), fit.tau2)
    assert [c.estimate for c in fit.coefficients] == pytest.approx(beta, rel=1e-8)
    assert [c.se for c in fit.coefficients] == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-8)


def test_factors_have_a_column_for_each_level_but_the_reference() -> None:
    fit = _regress(EST, {"dose": DOSE, "region": REGION}, test="z")
    assert fit.names == ("intercept", "dose", "region[Asia]", "region[Europe]")
    other = _regress(EST, {"dose": DOSE, "region": REGION}, reference={"region": "Europe"}, test="z")
    assert other.names == ("intercept", "dose", "region[Africa]", "region[Asia]")
    assert other["region[Africa]"].estimate == pytest.approx(-fit["region[Europe]"].estimate, rel=1e-9)
    assert (other.tau2, other.qm, other.qe) == pytest.approx((fit.tau2, fit.qm, fit.qe), rel=1e-9)


def test_interaction_with_a_factor_and_its_note() -> None:
    fit = _regress(EST, ["dose:region"], data=DATA)
    assert fit.names == ("intercept", "dose:region[Asia]", "dose:region[Europe]")
    assert any(n.code == "interaction-without-parts" for n in fit.notes)


def test_without_an_intercept_each_level_has_its_mean() -> None:
    fit = _regress(EST, {"region": REGION}, intercept=False, test="z")
    assert fit.names == ("region[Africa]", "region[Asia]", "region[Europe]")
    w = 1 / (V + fit.tau2)
    asia = np.array(REGION) == "Asia"
    assert fit["region[Asia]"].estimate == pytest.approx(float((w * Y)[asia].sum() / w[asia].sum()), rel=1e-10)


def test_a_data_frame_serves_and_a_categorical_keeps_its_order() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(DATA)
    frame["region"] = pandas.Categorical(frame["region"], categories=["Europe", "Asia", "Africa"])
    fit = _regress(EST, ["dose", "region"], data=frame)
    assert fit.names == ("intercept", "dose", "region[Asia]", "region[Africa]")
    polars = pytest.importorskip("polars")
    assert _regress(EST, "dose", data=polars.DataFrame({"dose": DOSE})).names == ("intercept", "dose")


@pytest.mark.parametrize("test", ["z", "t", "knapp-hartung", "knapp-hartung-safe"])
def test_order_of_studies_and_unit_of_a_moderator_do_not_matter(test: str) -> None:
    fit = _regress(EST, {"dose": DOSE}, test=test)
    turned = _regress(hf.estimates(Y[::-1], V[::-1]), {"dose": DOSE[::-1]}, test=test)
    grams = _regress(EST, {"dose": DOSE / 1000 + 7}, test=test)
    for other, unit in ((turned, 1.0), (grams, 1000.0)):
        assert other["dose"].estimate == pytest.approx(unit * fit["dose"].estimate, rel=1e-8)
        assert (other["dose"].p, other.tau2, other.qm) == pytest.approx((fit["dose"].p, fit.tau2, fit.qm), rel=1e-7)


def test_safe_form_is_never_narrower_than_t() -> None:
    for shift in (0.0, 0.5):  # spread out, and nearly on a line
        est = hf.estimates(0.1 + 0.02 * DOSE + shift * (Y - 0.02 * DOSE), V)
        width = {t: (c := _regress(est, {"dose": DOSE}, test=t)["dose"]).high - c.low for t in
                 ("t", "knapp-hartung", "knapp-hartung-safe")}  # fmt: skip
        assert width["knapp-hartung-safe"] >= max(width["t"], width["knapp-hartung"]) * (1 - 1e-12)


def test_no_moderator_is_pooling() -> None:
    fit, pooled = _regress(EST, test="z"), hf.pool(EST, interval="wald")
    assert isinstance(pooled, hf.Fit)
    row = fit["intercept"]
    assert (row.estimate, row.se, row.low, row.high) == pytest.approx(
        (pooled.coefficient, pooled.se, pooled.low, pooled.high), rel=1e-10
    )
    assert (fit.tau2, fit.i2, fit.qe) == pytest.approx((pooled.tau2, pooled.i2, pooled.q), rel=1e-9)


def test_one_coefficient_p_value_is_the_square_of_its_statistic() -> None:
    for test in ("z", "knapp-hartung"):
        fit = _regress(EST, {"dose": DOSE}, test=test)
        assert fit.qm == pytest.approx(fit["dose"].statistic ** 2, rel=1e-9)
        assert fit.qm_p == pytest.approx(fit["dose"].p, rel=1e-8)


@pytest.mark.parametrize(
    ("moderators", "words"),
    [
        ({"a": DOSE, "b": 2 * DOSE + 1}, "b is determined by intercept, a"),
        ({"a": np.ones(K)}, "a is the same in every study"),
        ({"a": np.zeros(K)}, "a is 0 in every study"),
        ({"site": [f"site {i}" for i in range(K)]}, "every level of site has one study"),
        ({"region": ["Asia"] * K}, "region is Asia in every study"),
        ({f"x{i}": GENERATOR.normal(size=K) for i in range(K)}, "15 coefficients"),
    ],
)
def test_what_cannot_be_estimated_says_why(moderators: Any, words: str) -> None:
    found = hf.regress(EST, moderators)
    assert isinstance(found, hf.NotEstimable)
    assert words in found.reason


@pytest.mark.parametrize(
    ("moderators", "options", "words"),
    [
        ({"a": [1, "2", *range(12)]}, {}, "a mixes numbers with text: row 2: '2'"),
        ({"a": [str(i) for i in range(K)]}, {}, "numbers written as text"),
        ({"a": [1, 2]}, {}, "a has 2 values for 14 estimates"),
        (["dose"], {}, "there is no data="),
        (["dosis"], {"data": DATA}, "did you mean 'dose'"),
        ({"a": DOSE}, {"factors": ["b"]}, "not known"),
        ({"a": REGION}, {"reference": {"a": "Oceania"}}, "not known"),
        ({"a": DOSE}, {"reference": {"a": 1}}, "no reference level"),
        ({"a": DOSE}, {"test": "F"}, "not known"),
        ([DOSE], {}, "neither a column, a table of columns nor a list of names"),
        ({"a": np.where(DOSE > 20, np.inf, DOSE)}, {}, "infinite"),
    ],
)
def test_what_cannot_be_used_is_named(moderators: Any, options: Any, words: str) -> None:
    with pytest.raises(HandfulError, match=words):
        hf.regress(EST, moderators, **options)


def test_missing_moderators_leave_the_study_out_and_say_so() -> None:
    dose: list[Any] = DOSE.tolist()
    dose[3] = None
    region: list[Any] = list(REGION)
    region[5] = None
    est = hf.estimates([None, *Y[1:]], V)
    fit = _regress(est, {"dose": dose, "region": region})
    assert fit.k == K - 3
    assert [(n.about, n.text) for n in fit.notes if n.code == "study-left-out"] == [
        ("study 1", "left out: yi missing"),
        ("study 4", "left out: dose missing"),
        ("study 6", "left out: region missing"),
    ]
    keep = np.array([i not in (0, 3, 5) for i in range(K)])
    clean = _regress(
        hf.estimates(Y[keep], V[keep]), {"dose": DOSE[keep], "region": np.array(REGION)[keep]}
    )  # fmt: skip
    assert fit["dose"].estimate == pytest.approx(clean["dose"].estimate, rel=1e-12)


def test_identical_effects_and_exact_fits() -> None:
    fit = _regress(hf.estimates([0.3] * K, V), {"dose": DOSE})
    assert fit["dose"].estimate == pytest.approx(0.0, abs=1e-14)
    assert fit["dose"].p == pytest.approx(1.0, abs=1e-9)
    exact = _regress(hf.estimates(0.1 + 0.5 * DOSE, V), {"dose": DOSE}, test="knapp-hartung")
    assert any(n.code == "perfect-fit" for n in exact.notes)
    json.dumps(exact.to_dict(), allow_nan=False)
    json.dumps(fit.to_dict(), allow_nan=False)


def test_predictions_at_new_values() -> None:
    est = hf.estimates(Y, V, measure="OR")
    fit = _regress(est, ["dose", "region"], data=DATA)
    rows = fit.predict({"dose": [10, 20], "region": "Asia"})
    step = rows[1].coefficient - rows[0].coefficient
    assert step == pytest.approx(10 * fit["dose"].estimate, rel=1e-10)
    assert rows[0].estimate == pytest.approx(np.exp(rows[0].coefficient))
    assert rows[0].prediction_low < rows[0].low < rows[0].estimate < rows[0].high < rows[0].prediction_high
    assert rows[0].label == "dose 10, region Asia"
    with pytest.raises(HandfulError, match="region missing"):
        fit.predict({"dose": 10})
    with pytest.raises(HandfulError, match="Oceania"):
        fit.predict({"dose": 10, "region": "Oceania"})


def test_random_permutations_repeat_and_come_near_the_exact_test() -> None:
    est = hf.estimates(Y[:7], V[:7])
    fit = _regress(est, {"dose": DOSE[:7]}, test="z")
    exact = fit.permutation_test("exact")
    assert (exact.rearrangements, exact.exact) == (5040, True)
    many = fit.permutation_test(20_000, seed=3)
    assert many.p == fit.permutation_test(20_000, seed=3).p
    # binomial standard error of 20,000 draws, four of them
    assert many.p["dose"] == pytest.approx(exact.p["dose"], abs=4 * np.sqrt(0.25 / 20_000))
    with pytest.raises(HandfulError, match="seed"):
        fit.permutation_test(100)
    with pytest.raises(HandfulError, match="too many to list"):
        _regress(EST, {"dose": DOSE}).permutation_test("exact")


@pytest.mark.parametrize("tau2", ["REML", "PM", "DL", "ML", "HE", "HS", "SJ"])
def test_each_permutation_is_a_fit_of_its_own(tau2: str) -> None:
    """Against ``hf.regress`` on the rearranged rows, one by one."""
    from handful.stats.estimates.permutation import order_statistics

    design = np.column_stack([np.ones(K), DOSE, AGE])
    orders = np.stack([np.random.default_rng(i).permutation(K) for i in range(6)], axis=1).astype(float)
    for test in ("z", "knapp-hartung"):
        found, qm = order_statistics(Y, V, design, (1, 2), orders, tau2, test)
        for j in range(6):
            at = orders[:, j].astype(int)
            fit = _regress(EST, {"dose": DOSE[at], "age": AGE[at]}, tau2=tau2, test=test)
            assert found[:, j] == pytest.approx([abs(c.statistic) for c in fit.coefficients], rel=1e-7)
            assert qm[j] / (2 if test != "z" else 1) == pytest.approx(fit.qm, rel=1e-7)


def test_sign_changes_test_the_pooled_mean() -> None:
    """Five studies, all on one side: 2 of 32 sign patterns are as extreme where the statistic grows with each."""
    est = hf.estimates([0.5, 0.52, 0.48, 0.51, 0.5], [0.01] * 5)
    found = _regress(est, test="z").permutation_test("exact")
    assert (found.rearrangements, found.p["intercept"]) == (32, 2 / 32)


def test_likelihood_ratio_between_nested_models() -> None:
    large = _regress(EST, ["dose", "age"], data=DATA)
    small = _regress(EST, ["dose"], data=DATA)
    chain = large.likelihood_ratio(small).statistic + small.likelihood_ratio().statistic
    assert chain == pytest.approx(large.likelihood_ratio().statistic, rel=1e-8)
    assert isinstance(small.likelihood_ratio(large), hf.NotEstimable)


# --- groups -----------------------------------------------------------------------------------------------------------


def test_groups_are_pooled_as_if_alone() -> None:
    found = hf.subgroups(EST, REGION)
    for name in ("Africa", "Asia", "Europe"):
        own = np.array(REGION) == name
        alone = hf.pool(hf.estimates(Y[own], V[own]))
        fit = found[name]
        assert isinstance(fit, hf.Fit)
        assert isinstance(alone, hf.Fit)
        assert (fit.coefficient, fit.low, fit.tau2) == (alone.coefficient, alone.low, alone.tau2)
    assert found.q_between_df == 2
    assert "between groups" in str(found)
    json.dumps(found.to_dict(), allow_nan=False)
    assert len(found.to_frame()) == 4


def test_common_spread_is_the_regression_on_groups() -> None:
    found: Any = hf.subgroups(EST, REGION, spread="common", interval="wald")
    fit = _regress(EST, {"region": REGION}, test="z")
    assert found.q_between == pytest.approx(fit.qm, rel=1e-8)
    assert found.q_between_p == pytest.approx(fit.qm_p, rel=1e-7)
    assert found["Asia"].tau2 == pytest.approx(fit.tau2, rel=1e-9)


def test_groups_of_counts_and_a_group_without_an_answer() -> None:
    one = hf.one_arm([3, 5, 0, 0, 6], [10, 12, 8, 9, 11])
    found: Any = hf.subgroups(one, ["a", "a", "b", "b", "a"], model="binomial-normal")
    assert found["a"].model == "binomial-normal"
    assert isinstance(found["b"].coefficient, hf.NotEstimable)
    assert isinstance(found.q_between, hf.NotEstimable)
    bayes: Any = hf.subgroups(one, ["a", "a", "b", "b", "a"])
    assert bayes["a"].model == bayes.overall.model == "bayes"
    assert "posteriors have no test" in bayes.q_between.reason


def test_studies_without_a_group_are_left_out() -> None:
    found: Any = hf.subgroups(EST, [None, *REGION[1:]])
    assert [n.about for n in found.notes if n.code == "study-left-out"] == ["study 1"]
    assert found.overall.k == K - 1
    for by, words in ((["a"], "1 labels for 14 studies"), ("a", "not a column")):
        with pytest.raises(HandfulError, match=words):
            hf.subgroups(EST, by)
    single: Any = hf.subgroups(EST, ["all"] * K)
    assert isinstance(single.q_between, hf.NotEstimable)
