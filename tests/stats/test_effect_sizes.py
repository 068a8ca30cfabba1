"""Effect sizes: what is left out and said, what is added and said, symmetries, options, many rows, bad input."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handful.base.errors import InputError, UnknownChoice
from handful.stats.effects.effect_sizes import EffectSizes, effect_sizes
from handful.stats.effects.measures import MEASURES, measure, measures_for
from handful.stats.effects.small_sample_factor import small_sample_factor
from handful.stats.evidence import estimates, one_arm, one_arm_rates, one_mean, two_arm_rates, two_arms, two_means
from handful.stats.evidence_paired import correlations, pre_post

TWO = measures_for("TwoArms")
SYMMETRIC = tuple(code for code in TWO if code != "RR")  # events and non-events may be exchanged


def arms(*rows: tuple[int, int, int, int]) -> Any:
    return two_arms(*(list(column) for column in zip(*rows, strict=True)))


def codes(es: EffectSizes) -> list[str]:
    return [note.code for note in es.notes]


# --- counts stay counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["OR", "YUY", "YUQ", "PBIT", "OR2DL", "OR2DN", "RTET"])
def test_by_default_nothing_is_added_and_empty_cells_are_left_out_and_named(code: str) -> None:
    es = effect_sizes(arms((4, 12, 9, 12), (0, 10, 3, 11), (0, 5, 0, 6), (5, 5, 5, 6)), code)
    assert es.labels == ("study 1",)
    assert es.rows.tolist() == [0]
    assert [note.about for note in es.notes] == ["study 2", "study 3", "study 4"]
    assert "0 of 10 against 3 of 11" in es.notes[0].text
    assert es.excluded[0].rows.tolist() == [1, 2, 3]


def test_a_risk_ratio_needs_events_in_both_groups_but_no_non_events() -> None:
    es = effect_sizes(arms((0, 4, 1, 4), (4, 4, 2, 4), (4, 4, 4, 4)), "RR")
    assert es.rows.tolist() == [1, 2]
    assert (es.yi[1], es.vi[1]) == (0.0, 0.0)  # 4 of 4 against 4 of 4: p(1 − p) is 0


def test_a_variance_of_zero_is_kept_named_and_not_given_to_pooling() -> None:
    es = effect_sizes(arms((0, 5, 0, 7), (1, 5, 2, 7)), "RD")
    assert es.vi[0] == 0
    assert codes(es) == ["variance-zero"]
    est = es.estimates()
    assert (est.labels, est.measure, est.rows.tolist(), est.given) == (("study 2",), "RD", [1], 2)
    assert est.notes == es.notes


def test_what_is_added_to_which_studies_is_said() -> None:
    two = arms((4, 12, 9, 12), (0, 10, 3, 11), (0, 5, 0, 6))
    only = effect_sizes(two, "OR", add=0.5)
    assert len(only) == 3
    assert only.notes[0].text == (
        "0.5 was added to each of the four cells (only studies with an empty cell, as asked), "
        "to 2 studies: study 2, study 3"
    )
    np.testing.assert_allclose(only.yi[1], np.log(0.5 * 8.5 / (10.5 * 3.5)), rtol=1e-15)
    np.testing.assert_allclose(only.vi[1], 1 / 0.5 + 1 / 10.5 + 1 / 3.5 + 1 / 8.5, rtol=1e-15)
    dropped = effect_sizes(two, "OR", add=0.5, drop00=True)
    assert codes(dropped) == ["study-left-out", "continuity-correction"]
    assert dropped.excluded[0].code == "same-in-both"
    everyone = effect_sizes(two, "OR", add=0.5, to="if0all")
    assert "3 studies" in everyone.notes[0].text
    np.testing.assert_array_equal(everyone.yi, effect_sizes(two, "OR", add=0.5, to="all").yi)
    none = effect_sizes(arms((4, 12, 9, 12)), "OR", add=0.5, to="if0all")
    assert "none needed it" in none.notes[0].text
    np.testing.assert_array_equal(none.yi, effect_sizes(arms((4, 12, 9, 12)), "OR").yi)


def test_a_dropped_study_does_not_make_others_get_something() -> None:
    two = arms((4, 12, 9, 12), (0, 5, 0, 6))
    es = effect_sizes(two, "OR", add=0.5, to="if0all", drop00=True)
    np.testing.assert_array_equal(es.yi, effect_sizes(arms((4, 12, 9, 12)), "OR").yi)


def test_a_study_of_nobody_is_left_out_of_everything() -> None:
    for es in (
        effect_sizes(arms((0, 0, 1, 4), (1, 4, 2, 5)), "RD", vtype="AV"),
        effect_sizes(two_arm_rates([0, 3], [0, 10.0], [1, 2], [5.0, 9.0]), "IRD"),
        effect_sizes(one_arm([0, 3], [0, 10]), "PR", vtype="AV"),
        effect_sizes(one_arm_rates([0, 3], [0.0, 10.0]), "IR"),
        effect_sizes(two_means([0, 3], [1, 2], [1, 1], [4, 5], [1, 3], [1, 2]), "MD"),
        effect_sizes(one_mean([0, 3], [1, 2], [1, 1]), "MN"),
        effect_sizes(correlations([0.1, 0.3], [0, 20]), "COR", vtype="AV"),
        effect_sizes(pre_post([0, 9], [1, 2], [1, 1], [1, 3], [1, 2], [0.5, 0.5]), "MC"),
    ):
        assert es.rows.tolist() == [1]
        assert es.excluded[0].code == "nobody"


def test_averages_are_of_the_studies_that_are_left() -> None:
    alone = effect_sizes(arms((1, 4, 2, 5), (3, 9, 1, 9)), "RD", vtype="AV")
    with_nobody = effect_sizes(arms((1, 4, 2, 5), (0, 0, 0, 3), (3, 9, 1, 9)), "RD", vtype="AV")
    np.testing.assert_array_equal(with_nobody.vi, alone.vi)
    assert "variance-average" in codes(alone)


# --- means, spreads, correlations: what has no effect size ----------------------------------------------------------


def test_no_spread_or_too_few_people_is_left_out() -> None:
    two = two_means([5, 1, 10], [1, 2, 3], [0, 0, 1], [5, 2, 12], [2, 3, 4], [0, 1, 2])
    assert effect_sizes(two, "SMD").rows.tolist() == [2]  # no spread; one degree of freedom; fine
    assert effect_sizes(two, "SMD", correct=False).rows.tolist() == [1, 2]
    assert effect_sizes(two, "VR").rows.tolist() == [2]
    assert effect_sizes(two, "MD").rows.tolist() == [0, 1, 2]
    assert effect_sizes(two, "MD").vi[0] == 0


def test_a_ratio_of_means_needs_one_sign() -> None:
    two = two_means([9] * 4, [2, -2, 2, 0], [1] * 4, [9] * 4, [4, -4, -4, 3], [1] * 4)
    es = effect_sizes(two, "ROM")
    assert es.rows.tolist() == [0, 1]
    np.testing.assert_allclose(es.yi, np.log([0.5, 0.5]), rtol=1e-15)
    assert effect_sizes(two, "CVR").rows.tolist() == [0]  # a coefficient of variation needs a mean above 0


def test_mean_difference_variance_is_never_negative() -> None:
    """A program gets this one wrong for unequal groups; the formula is s1²/n1 + s2²/n2."""
    es = effect_sizes(two_means([3, 100], [0, 0], [0.1, 9], [80, 4], [0, 0], [9, 0.1]), "MD")
    np.testing.assert_allclose(es.vi, [0.01 / 3 + 81 / 80, 81 / 100 + 0.01 / 4], rtol=1e-15)


def test_small_correlation_samples_are_left_out() -> None:
    given = correlations([0.3, 0.3, 0.3, 0.3, 1.0], [1, 3, 4, 5, 9])
    assert effect_sizes(given, "COR").rows.tolist() == [1, 2, 3, 4]
    assert effect_sizes(given, "ZCOR").rows.tolist() == [2, 3]
    assert effect_sizes(given, "UCOR").rows.tolist() == [3, 4]
    for vtype in ("LS", "UB"):
        es = effect_sizes(correlations(np.linspace(-1, 1, 41), [5] * 41), "UCOR", vtype=vtype)
        assert (es.vi >= 0).all()


def test_unbiased_correlation_is_olkin_and_pratts_by_mpmath() -> None:
    mpmath.mp.dps = 30
    for r, n in ((0.3, 5), (-0.04, 12), (0.0, 7), (0.95, 9), (-0.7, 300)):
        es = effect_sizes(correlations([r], [n]), "UCOR", vtype="UB")
        x = mpmath.mpf(r)
        g = x * mpmath.hyp2f1(0.5, 0.5, mpmath.mpf(n - 2) / 2, 1 - x**2)
        square = 1 - mpmath.mpf(n - 3) / (n - 2) * (1 - x**2) * mpmath.hyp2f1(1, 1, mpmath.mpf(n) / 2, 1 - x**2)
        assert es.yi[0] == pytest.approx(float(g), rel=1e-12, abs=1e-15)
        # the difference of two numbers of size r²: as many digits as it has
        assert es.vi[0] == pytest.approx(float(g**2 - square), rel=1e-9)


def test_small_sample_factor_is_exact_for_any_size() -> None:
    mpmath.mp.dps = 40
    for f in (1.5, 2, 3, 10, 100, 101, 150.5, 1e4, 1e7, 1e12):
        m = mpmath.mpf(f)
        want = mpmath.exp(mpmath.loggamma(m / 2) - mpmath.loggamma((m - 1) / 2) - mpmath.log(m / 2) / 2)
        assert float(small_sample_factor(f)) == pytest.approx(float(want), rel=1e-13)
    assert np.isnan(small_sample_factor([1, 0, -3])).all()


def test_small_sample_factor_removes_the_bias() -> None:
    """Mean of g over the sampling distribution of d (noncentral t, by quadrature over the chi), against δ itself."""
    n, delta = 4, 0.7
    f = 2 * n - 2
    u = np.linspace(1e-6, 1 - 1e-6, 200_001)
    from scipy.special import chdtri

    chi = np.sqrt(chdtri(f, 1 - u) / f)  # s/σ at equal steps of probability
    assert np.mean(delta / chi) * float(small_sample_factor(f)) == pytest.approx(
        delta, rel=2e-3
    )  # the tail cut at 1e-6


# --- symmetries ---------------------------------------------------------------------------------------------------

count = st.integers(0, 40)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], ...]:
    k = draw(st.integers(1, 6))
    n1 = draw(st.lists(st.integers(1, 40), min_size=k, max_size=k))
    n2 = draw(st.lists(st.integers(1, 40), min_size=k, max_size=k))
    return (
        [draw(st.integers(0, n)) for n in n1],
        n1,
        [draw(st.integers(0, n)) for n in n2],
        n2,
    )


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from(TWO), st.sampled_from([0.0, 0.5]))
def test_exchanging_the_arms_changes_the_sign(rows: tuple[list[int], ...], code: str, add: float) -> None:
    a, n1, c, n2 = rows
    one = effect_sizes(two_arms(a, n1, c, n2), code, add=add)
    other = effect_sizes(two_arms(c, n2, a, n1), code, add=add)
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.vi, other.vi, rtol=1e-9, atol=1e-15)


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from(SYMMETRIC), st.sampled_from([0.0, 0.5]))
def test_exchanging_events_and_non_events_changes_the_sign(rows: tuple[list[int], ...], code: str, add: float) -> None:
    a, n1, c, n2 = (np.array(column) for column in rows)
    one = effect_sizes(two_arms(a, n1, c, n2), code, add=add)
    other = effect_sizes(two_arms(n1 - a, n1, n2 - c, n2), code, add=add)
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.vi, other.vi, rtol=1e-9, atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(TWO), st.booleans(), st.sampled_from(["none", "only0", "if0all", "all"]))
def test_every_study_has_a_finite_effect_or_a_note(
    rows: tuple[list[int], ...], code: str, drop00: bool, to: str
) -> None:
    es = effect_sizes(two_arms(*rows), code, add=0.5, to=to, drop00=drop00)
    assert np.isfinite(es.yi).all()
    assert np.isfinite(es.vi).all()
    assert (es.vi >= 0).all()
    left = [label for group in es.excluded for label in group.labels]
    assert sorted([*es.labels, *left]) == sorted(f"study {i + 1}" for i in range(len(rows[0])))
    assert [note.about for note in es.notes if note.code == "study-left-out"] == left
    y, _ = es.aligned()
    assert np.flatnonzero(~np.ma.getmaskarray(y)).tolist() == es.rows.tolist()


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from(TWO))
def test_a_study_does_not_depend_on_the_others(rows: tuple[list[int], ...], code: str) -> None:
    whole = effect_sizes(two_arms(*rows), code)
    for place, row in enumerate(whole.rows):
        alone = effect_sizes(two_arms(*([column[row]] for column in rows)), code)
        assert (alone.yi[0], alone.vi[0]) == (whole.yi[place], whole.vi[place])


positive = st.floats(0.1, 50)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(2, 50), positive, positive, st.integers(2, 50), positive, positive),
    st.sampled_from(["MD", "SMD", "SMDH", "ROM", "CVR", "VR", "RPB", "D2ORL", "D2ORN"]),
    st.floats(0.01, 100),
)
def test_means_have_the_symmetries_they_should(row: tuple[Any, ...], code: str, unit: float) -> None:
    n1, m1, s1, n2, m2, s2 = ([value] for value in row)
    one = effect_sizes(two_means(n1, m1, s1, n2, m2, s2), code)
    other = effect_sizes(two_means(n2, m2, s2, n1, m1, s1), code)
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.vi, other.vi, rtol=1e-9)
    scaled = [[unit * value[0]] for value in (m1, s1, m2, s2)]
    again = effect_sizes(two_means(n1, scaled[0], scaled[1], n2, scaled[2], scaled[3]), code)
    factor = unit if code == "MD" else 1.0
    np.testing.assert_allclose(again.yi, factor * one.yi, rtol=1e-8, atol=1e-10 * factor)
    np.testing.assert_allclose(again.vi, factor**2 * one.vi, rtol=1e-8)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(3, 50), positive, positive, positive, positive, st.floats(-0.999, 0.999)),
    st.sampled_from(["MC", "SMCC", "SMCRP", "SMCRPH", "ROMC", "CVRC", "VRC"]),
)
def test_exchanging_the_measurements_changes_the_sign(row: tuple[Any, ...], code: str) -> None:
    n, m1, s1, m2, s2, r = ([value] for value in row)
    one = effect_sizes(pre_post(n, m1, s1, m2, s2, r), code)
    other = effect_sizes(pre_post(n, m2, s2, m1, s1, r), code)
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.vi, other.vi, rtol=1e-9)


@pytest.mark.parametrize("code", ["SMCR", "SMCRH"])
def test_the_standardiser_is_the_one_that_was_named(code: str) -> None:
    one = effect_sizes(pre_post([20], [5], [2], [3], [4], [0.5]), code)
    other = effect_sizes(pre_post([20], [3], [4], [5], [2], [0.5]), code, standardiser="sd2")
    np.testing.assert_allclose((one.yi, one.vi), (-other.yi, other.vi), rtol=1e-12)
    assert "first" in one.notes[-1].text
    assert "second" in other.notes[-1].text


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=6))
def test_proportions_mirror_on_the_logit(rows: list[tuple[int, int]]) -> None:
    x = np.array([min(a, n) for a, n in rows])
    n = np.array([n for _, n in rows])
    one, other = effect_sizes(one_arm(x, n), "PLO"), effect_sizes(one_arm(n - x, n), "PLO")
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.vi, other.vi, rtol=1e-12)


def test_large_counts_keep_their_digits() -> None:
    n = 10**9
    es = effect_sizes(arms((n // 2 + 1, n, n // 2, n)), "OR")
    mpmath.mp.dps = 40
    a, b = mpmath.mpf(n // 2 + 1), mpmath.mpf(n // 2 - 1)
    assert es.yi[0] == pytest.approx(float(mpmath.log(a / b)), rel=1e-6)  # 4e-9: sixteen digits of the odds ratio
    everyone = effect_sizes(arms((n - 1, n, n - 1, n)), "RR")
    assert everyone.vi[0] == pytest.approx(2 / ((n - 1) * n), rel=1e-12)  # 1/a − 1/n would have lost all of it


# --- one measure table ---------------------------------------------------------------------------------------------


def one_of_each() -> list[Any]:
    return [
        arms((4, 12, 9, 12), (3, 10, 4, 11)),
        two_arm_rates([3, 4], [10.0, 12.0], [5, 2], [9.0, 14.0]),
        two_means([9, 8], [2, 3], [1, 1], [9, 7], [4, 3.5], [2, 1]),
        correlations([0.3, 0.6], [20, 30]),
        one_arm([3, 4], [10, 12]),
        one_arm_rates([3, 4], [10.0, 12.0]),
        one_mean([9, 8], [2, 3], [1, 1]),
        pre_post([9, 8], [2, 3], [1, 1], [4, 3.5], [2, 1], [0.5, 0.4]),
    ]


def test_every_measure_and_variance_is_computed_and_shown() -> None:
    seen = set()
    for evidence in one_of_each():
        for code in measures_for(type(evidence).__name__):
            for vtype in measure(code).variances:
                es = effect_sizes(evidence, code, vtype=vtype)
                assert (es.measure, es.vtype, len(es)) == (code, vtype, 2)
                assert code in str(es)
                assert code in es._repr_html_()
                assert es.to_dict()["yi"] == es.yi.tolist()
                assert list(es.to_frame()["study"]) == ["study 1", "study 2"]
                np.testing.assert_allclose(es.se**2, es.vi, rtol=1e-15)
                est = es.estimates()
                assert (est.measure, len(est)) == (code, 2)
                seen.add(code)
    assert seen == set(MEASURES)


def test_arrays_and_measures_cannot_be_changed() -> None:
    es = effect_sizes(arms((4, 12, 9, 12)))
    assert es.measure == "OR"
    for array in (es.yi, es.vi, es.rows, es.people):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_natural_scale_of_a_measure() -> None:
    assert measure("RR").natural(np.log(2.0)) == pytest.approx(2)
    assert measure("ZCOR").natural(np.arctanh(0.3)) == pytest.approx(0.3)
    assert measure("PLO").natural(0.0) == pytest.approx(0.5)
    assert measure("RD").natural(0.1) == 0.1


def test_people_are_counted_and_time_is_not() -> None:
    assert effect_sizes(arms((4, 12, 9, 11))).people.tolist() == [23]
    assert effect_sizes(two_arm_rates([3], [10.0], [5], [9.0])).people is None


# --- options and bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "code", "options", "words"),
    [
        (0, "SMD", {}, "TwoArms measure='SMD' is not known"),
        (0, "LOGOR", {}, "measure='LOGOR' is not known"),
        (0, "OR", {"to": "some"}, "to='some'"),
        (0, "OR", {"add": -0.5}, "add=-0.5"),
        (0, "OR", {"add": True}, "add=True"),
        (0, "OR", {"add": float("nan")}, "add=nan"),
        (0, "OR", {"vtype": "UB"}, "OR vtype='UB'"),
        (0, "OR", {"correct": True}, "no bias correction"),
        (0, "OR", {"standardiser": "sd2"}, "standardiser"),
        (2, "SMD", {"add": 0.5}, "no count to add to"),
        (2, "SMD", {"drop00": True}, "drop00"),
        (4, "PLO", {"drop00": True}, "drop00"),
        (7, "SMCR", {"standardiser": "pre"}, "standardiser='pre'"),
    ],
)
def test_an_option_that_means_nothing_is_refused(evidence: int, code: str, options: Any, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        effect_sizes(one_of_each()[evidence], code, **options)


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(UnknownChoice, match="did you mean 'PETO'"):
        effect_sizes(one_of_each()[0], "PETRO")


def test_other_things_are_not_evidence() -> None:
    with pytest.raises(InputError, match="are effect sizes already"):
        effect_sizes(estimates([0.1], [0.2]), "OR")


def test_every_bad_row_of_pairs_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        correlations([1.2, 0.1, "x", -3], [10, -1, 5, 2.5], labels=["A", "B", "C", "D"])
    text = str(caught.value)
    for words in ("A): r is 1.2", "B): n is -1", "C): r is 'x'", "D): r is -3", "D): n is 2.5", "4 rows"):
        assert words in text, words
    with pytest.raises(InputError) as caught:
        pre_post([10, 5], [1, 2], [-1, 1], [1, None], [1, 1], [0.5, 2])
    text = str(caught.value)
    for words in ("row 1 (study 1): sd1 is -1, below 0", "row 2 (study 2): mean2 is missing", "r is 2"):
        assert words in text, words


def test_bad_counts_never_get_as_far_as_an_effect() -> None:
    with pytest.raises(InputError, match="5 events1 among 4 people"):
        two_arms([5], [4], [1], [3])


def test_no_study_left_is_an_empty_result_that_says_why() -> None:
    es = effect_sizes(arms((0, 5, 1, 5)), "OR")
    assert len(es) == 0
    assert len(es.estimates()) == 0
    assert "0 of 1 studies" in str(es)
    assert effect_sizes(two_arms([], [], [], []), "OR").of == 0


def test_many_left_out_share_one_note_and_are_all_listed() -> None:
    k = 200
    es = effect_sizes(two_arms([0] * k + [1], [5] * (k + 1), [1] * (k + 1), [5] * (k + 1)), "OR")
    assert codes(es) == ["studies-left-out"]
    assert "200 studies" in es.notes[0].text
    assert len(es.excluded[0]) == k


def test_a_million_studies_in_one_call() -> None:
    k = 1_000_000
    random = np.random.default_rng(20261122)
    n1, n2 = random.integers(0, 60, k), random.integers(0, 60, k)
    two = two_arms(random.binomial(n1, 0.2), n1, random.binomial(n2, 0.2), n2)
    es = effect_sizes(two, "OR", add=0.5)
    row = 123_456
    place = int(np.searchsorted(es.rows, row))
    alone = effect_sizes(
        two_arms(*([column[row]] for column in (two.events1, two.totals1, two.events2, two.totals2))), "OR", add=0.5
    )
    assert es.rows[place] == row
    assert es.yi[place] == alone.yi[0]
    assert len(es) + sum(len(group) for group in es.excluded) == k
