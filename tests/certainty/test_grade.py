"""Start, steps and level of an answer; worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.made_records import arm, outcome, question, records, study

import handful as hf
from handful.certainty.certainty import DOWN, LEVELS, Certainty, Domain
from handful.certainty.judged import CertaintyFile
from handful.certainty.judgements import Judgements
from handful.counts.count import count
from handful.question.select import select
from handful.records.judgement import Judgement
from handful.synthesis.synthesise import synthesise

SIZES = {"small": 0.1, "moderate": 0.3, "large": 0.5, "because": "for the test"}


def answered(*studies, thresholds=None, **asked):
    plan = {"thresholds": thresholds} if thresholds else {}
    return synthesise(count(select(records(*studies), question(plan=plan, **asked))))


def judged(**more) -> Judgements:
    body = {"question": "drug-clear", "by": ["A"], "on": "2026-11-28"}
    return Judgements({}, {"drug-clear": CertaintyFile.model_validate(body | more)})


def step(steps: int, because: str = "so") -> dict[str, object]:
    return {"steps": steps, "because": because}


NOTHING_WRONG = {name: step(0) for name in ("risk-of-bias", "indirectness", "publication-bias")}


def test_an_uncontrolled_series_starts_very_low_for_an_effect_and_high_for_a_rate() -> None:
    found = hf.grade(answered(study("a-1", arm("x", outcome("clear", 1), n=4))))
    assert found.main.start == found.main.level == "very-low"
    assert found.row().rate.start == "high"


@pytest.mark.parametrize(
    ("design", "arms", "start"),
    [
        ("randomised", ("drug", "placebo"), "high"),
        ("randomised", ("drug",), "very-low"),
        ("non-randomised", ("drug", "other"), "low"),
        ("cohort", ("drug", "other"), "low"),
        ("cohort", ("drug",), "very-low"),
        ("single-arm-trial", ("drug",), "very-low"),
        ("case-series", ("drug",), "very-low"),
    ],
)
def test_the_start_goes_by_design_and_by_whether_there_is_a_comparison(design, arms, start) -> None:
    one = study("a-1", *(arm(d, outcome("clear", 2), drug=d) for d in arms), design=design)
    assert hf.grade(answered(one), judged(domains=NOTHING_WRONG)).main.start == start


def test_a_comparison_judged_with_robins_i_starts_high() -> None:
    one = study("a-1", arm("x", outcome("clear", 2)), arm("y", outcome("clear", 2), drug="other"), design="cohort")
    body = {"id": "a-1", "study": "a-1", "tool": "robins-i", "overall": "serious", "because": "x", "by": ["A"]}
    made = Judgement.model_validate(body | {"on": "not recorded"})
    assert hf.grade(answered(one), Judgements({"a-1": made})).main.start == "high"


def test_mixed_designs_start_at_the_lowest() -> None:
    trial = study(
        "a-1", arm("x", outcome("clear", 2)), arm("p", outcome("clear", 0), drug="placebo"), design="randomised"
    )
    series = study("b-1", arm("x", outcome("clear", 2), age="child"))
    found = hf.grade(answered(trial, series))
    assert [found.of(group=g).start for g in ("adults", "children", "overall")] == ["high", "very-low", "very-low"]


def test_what_nobody_judged_says_so_and_counts_as_one_step_down() -> None:
    trial = study(
        "a-1", arm("x", outcome("clear", 2)), arm("p", outcome("clear", 0), drug="placebo"), design="randomised"
    )
    found = hf.grade(answered(trial)).main
    assert set(found.not_judged) == {"risk-of-bias", "indirectness", "imprecision", "publication-bias"}
    assert found.level == "very-low"
    assert "not judged" in found.because
    whole = hf.grade(answered(trial), judged(domains=NOTHING_WRONG | {"imprecision": step(-1)})).main
    assert (whole.level, whole.not_judged) == ("moderate", ())


def test_imprecision_is_suggested_by_the_thresholds_inside_the_interval() -> None:
    # Clopper-Pearson of 1 of 4 is 0.006 to 0.806: across 0.1, 0.3 and 0.5, three steps
    one = study("a-1", arm("x", outcome("clear", 1), n=4))
    found = hf.grade(answered(one, thresholds=SIZES), judged(domains=NOTHING_WRONG)).row().rate
    step_down = found.domain("imprecision")
    assert step_down is not None
    assert (step_down.steps, step_down.made) == (-3, "computed")
    assert found.level == "very-low"  # high less three


INFORMATION = {"without_treatment": 0.2, "difference": -0.1}  # 401 people, 201 in one group: worked by hand elsewhere


def test_imprecision_of_an_answer_is_held_against_the_information_size_of_the_plan() -> None:
    # Clopper-Pearson of 0 of 59 is 0 to 0.0606, of 0 of 300 is 0 to 0.0122: no threshold of 10, 30, 50 in 100 inside
    asked = SIZES | {"information": INFORMATION}
    for n, steps, said in ((59, -2, "59 people"), (150, -1, "150 people"), (300, 0, "300 people")):
        one = study("a-1", arm("x", outcome("clear", 0), n=n))
        found = (
            hf.grade(answered(one, thresholds=asked), judged(domains=NOTHING_WRONG)).row().rate.domain("imprecision")
        )
        assert (found.steps, found.made) == (steps, "computed")
        assert said in found.because
        assert "201 of one group" in found.because
        without = hf.grade(answered(one, thresholds=SIZES), judged(domains=NOTHING_WRONG)).row().rate
        assert without.domain("imprecision").steps == 0


def test_another_outcome_may_have_an_information_size_of_its_own() -> None:
    from handful.question.thresholds import Thresholds

    others = {"other": SIZES | {"information": INFORMATION}}
    made = Thresholds.model_validate(SIZES | {"others": others})
    assert made.of("main").information is None
    assert made.of("other").information.difference == -0.1


def test_a_judgement_may_depart_from_what_was_computed_and_both_are_shown() -> None:
    one = study("a-1", arm("x", outcome("clear", 1), n=4))
    file = judged(domains=NOTHING_WRONG | {"imprecision": step(-2, "two would do")})
    found = hf.grade(answered(one, thresholds=SIZES), file).main.domain("imprecision")
    assert found is not None
    assert (found.steps, found.computed, found.overrides, found.by) == (-2, -3, True, ("A",))
    assert "fewer than 1 to 81 in 100, reaches across 10, 30 and 50 in 100" in found.computed_because


def test_a_group_is_judged_apart_and_the_rest_keeps_the_general_judgement() -> None:
    series = [study(f"{n}-1", arm("x", outcome("clear", 1), age=age)) for n, age in (("a", "adult"), ("b", "child"))]
    outcomes = [
        {"outcome": "main", "domains": {"indirectness": step(-1)}},
        {"outcome": "main", "groups": ["children"], "domains": {"indirectness": step(-2)}},
    ]
    found = hf.grade(answered(*series), judged(domains=NOTHING_WRONG, outcomes=outcomes))
    assert [found.of(group=g).domain("indirectness").steps for g in ("adults", "children", "overall")] == [-1, -2, -1]
    assert found.of().domain("risk-of-bias").steps == 0


def test_intervals_that_do_not_overlap_are_inconsistent() -> None:
    # Clopper-Pearson: 0 of 10 ends at 0.308, 9 of 10 begins at 0.555
    apart = [study("a-1", arm("x", outcome("clear", 0))), study("b-1", arm("x", outcome("clear", 9)))]
    near = [study("a-1", arm("x", outcome("clear", 4))), study("b-1", arm("x", outcome("clear", 5)))]
    assert hf.grade(answered(*apart)).main.domain("inconsistency").steps == -1
    assert hf.grade(answered(*near)).main.domain("inconsistency").steps == 0


def test_an_outcome_nobody_was_counted_for_is_very_low() -> None:
    found = hf.grade(answered(study("a-1", arm("x", outcome("clear", 1)))))
    assert found.of(group="children").level == "very-low"
    assert "nobody was counted" in found.of(group="children").because
    with pytest.raises(KeyError, match="outcome='other' is not known"):
        found.of("other")


def test_steps_have_a_direction() -> None:
    for domains in ({"risk-of-bias": step(1)}, {"large-effect": step(-1)}, {"risk-of-bias": step(-4)}):
        with pytest.raises(ValidationError):
            judged(domains=domains)
    with pytest.raises(ValidationError):
        judged(domains={"risk-of-bias": {"steps": -1}})  # a step without its reason


STEPS = st.lists(st.integers(-3, 0), min_size=5, max_size=5)


@given(st.sampled_from(LEVELS), STEPS, st.integers(0, 4), st.integers(-2, -1))
def test_a_further_step_down_never_raises_the_level(start, steps, which, more) -> None:
    def level(values):
        domains = tuple(Domain(n, s, "x", "computed") for n, s in zip(DOWN, values, strict=True))
        return LEVELS.index(Certainty("effect", start, "x", domains).level)

    worse = [s + more if i == which else s for i, s in enumerate(steps)]
    assert level(worse) <= level(steps) <= LEVELS.index(start)


def test_up_counts_only_where_nothing_went_down() -> None:
    up = Domain("large-effect", 2, "x", "judged")
    assert Certainty("effect", "low", "x", (up,)).level == "high"
    assert Certainty("effect", "low", "x", (up, Domain("imprecision", -1, "x", "computed"))).level == "very-low"


# 5 a class: large enough for every interval of up to 8 people
@given(st.integers(1, 8), st.integers(0, 8), st.sampled_from([0.8, 0.95, 0.99]))
def test_a_wider_interval_never_raises_certainty(total, events, level) -> None:
    from handful.certainty.imprecision import imprecision
    from handful.stats.one_group.proportion import proportion

    narrow = proportion(min(events, total), total, level=level)
    wide = proportion(min(events, total), total, level=(1 + level) / 2)
    cuts = (0.1, 0.3, 0.5)
    assert imprecision(wide.low, wide.high, cuts).steps <= imprecision(narrow.low, narrow.high, cuts).steps
