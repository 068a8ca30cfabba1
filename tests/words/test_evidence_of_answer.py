"""What stands behind a question's text, and so which of its words pass: comparison, verb, size, most."""

from __future__ import annotations

from typing import Any

import pytest
from tests import made_records as made

from handful.certainty.grade import grade
from handful.certainty.judged import CertaintyFile
from handful.certainty.judgements import Judgements
from handful.counts.count import count
from handful.question.select import select
from handful.records.study import Study
from handful.synthesis.synthesise import synthesise
from handful.words.claim_rules import claim_rules
from handful.words.claims import find_claims
from handful.words.evidence_behind import EvidenceBehind
from handful.words.evidence_of_answer import evidence_of_answer, least_of
from handful.words.language import language
from handful.words.offers import offers_without_expressions

SIZES = {"small": 0.05, "moderate": 0.15, "large": 0.3, "because": "declared", "unit": "difference"}
DOMAINS = ("risk-of-bias", "inconsistency", "indirectness", "imprecision", "publication-bias")


def trial(identifier: str, drug: tuple[int, int], beside: tuple[int, int] | None, **more: Any) -> Study:
    """A trial with its treated arm and, where given, an arm on placebo."""
    arms = [made.arm("drug", made.outcome("clear", drug[0]), n=drug[1])]
    if beside is not None:
        arms.append(made.arm("placebo", made.outcome("clear", beside[0]), n=beside[1], drug="placebo"))
    return made.study(identifier, *arms, **({"design": "randomised"} | more))


def behind(*studies: Study, down: int = 0, plan: dict[str, Any] | None = None) -> EvidenceBehind:
    """What stands behind; ``down`` are the steps of certainty taken away by a judgement."""
    question = made.question(groups={}, plan=plan or {})
    answer = synthesise(count(select(made.records(*studies), question)), question.plan)
    steps = {name: {"steps": -down if name == "risk-of-bias" else 0, "because": "judged"} for name in DOMAINS}
    judged = CertaintyFile.model_validate(
        {"question": question.id, "by": ["A"], "on": "2026-01-01", "domains": steps}
    )  # fmt: skip
    return evidence_of_answer(answer, grade(answer, Judgements({}, {question.id: judged})))


def rules(text: str, evidence: EvidenceBehind) -> set[str]:
    found = find_claims(text, evidence, offers_without_expressions(language()), claim_rules())
    assert all(one.says and one.instead and "{" not in one.instead for one in found)
    return {one.rule for one in found}


LARGE = trial("one-2020", (60, 100), (10, 100))


def test_a_trial_with_both_arms_may_be_told_with_the_verb_of_its_certainty() -> None:
    found = behind(LARGE)
    assert (found.design, found.certainty, found.people) == ("randomised", "high", 100)
    assert found.difference == pytest.approx((0.38, 0.61), abs=0.02)
    assert not rules("The drug results in more people with clear skin than placebo.", found)
    low = behind(LARGE, down=2)
    assert low.certainty == "low"
    assert rules("The drug results in more people with clear skin than placebo.", low)
    assert not rules("The drug may result in more people with clear skin than placebo.", low)
    assert rules("The drug probably results in more people with clear skin than placebo.", low)
    assert rules("The drug may result in more people with clear skin than placebo.", behind(LARGE, down=3))


@pytest.mark.parametrize(
    "studies",
    [
        [trial("one-2020", (60, 100), None)],
        [LARGE, trial("two-2021", (5, 10), None, design="case-series")],
        [LARGE, trial("two-2021", (50, 90), None)],
    ],
    ids=["a trial's arm alone", "a series among trials", "one arm without its comparison"],
)
def test_one_count_without_a_comparison_leaves_none(studies: list[Study]) -> None:
    found = behind(*studies)
    assert not found.compared
    assert found.difference is None
    for text in ("It may be better than placebo.", "It may work.", "More people than on placebo had it."):
        assert rules(text, found) & {"W1", "W2"}, text


def test_an_interval_that_holds_both_directions_allows_neither() -> None:
    found = behind(trial("one-2020", (12, 100), (10, 100)))
    assert found.crosses
    assert "W2" in rules("The drug may result in more people with clear skin than placebo.", found) | rules(
        "It may be better than placebo.", found
    )


def test_trials_that_point_in_two_directions_allow_neither() -> None:
    assert behind(LARGE, trial("two-2021", (10, 100), (60, 100))).crosses


def test_a_size_is_named_only_against_thresholds_of_a_difference_and_only_as_both_ends_reach_it() -> None:
    assert "W4" in rules("There was a large benefit.", behind(LARGE))
    rate = {**SIZES, "unit": "rate"}
    assert "W4" in rules("There was a large benefit.", behind(LARGE, plan={"thresholds": rate}))
    sized = behind(LARGE, plan={"thresholds": SIZES})
    assert sized.sizes == ("large", "large")
    assert not rules("There was a large benefit.", sized)
    assert "W4" in rules("There was a small benefit.", sized)
    wide = behind(trial("one-2020", (30, 100), (10, 100)), plan={"thresholds": SIZES})
    assert wide.sizes == ("small", "large")
    assert "W4" in rules("There was a large benefit.", wide)


def test_most_needs_a_lower_limit_above_one_half_and_above_the_plan() -> None:
    text = "Most people had clear skin."
    assert "W9" in rules(text, behind(trial("one-2020", (55, 100), None)))
    assert not rules(text, behind(trial("one-2020", (80, 100), None)))
    higher = {"small": 0.5, "moderate": 0.7, "large": 0.8, "because": "declared", "unit": "rate"}
    assert "W9" in rules(text, behind(trial("one-2020", (80, 100), None), plan={"thresholds": higher}))


def test_what_belongs_to_no_question_rests_on_the_least_of_all() -> None:
    sure, series = behind(LARGE), behind(trial("two-2021", (5, 10), None, design="case-series"))
    assert least_of([sure, sure]).compared
    assert least_of([sure, behind(LARGE, down=2)]).certainty == "low"
    least = least_of([sure, series])
    assert not least.compared
    assert least.people == 10
    assert least.rate is not None
    assert least_of([]) == EvidenceBehind()


def test_nothing_counted_carries_nothing() -> None:
    found = behind(trial("one-2020", (5, 10), None, design="pooled-trials"))
    empty = evidence_of_answer(
        synthesise(count(select(made.records(), made.question())), made.question().plan)
    )  # fmt: skip
    assert not empty.compared
    assert empty.rate is None
    assert not found.compared
