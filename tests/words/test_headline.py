"""The headline carries its studies, people, design and lowest certainty, and no more than its totals (W9)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests import made_records as made

import handful as hf
from handful.synthesis.synthesis import Synthesis
from handful.words.claim_rules import claim_rules
from handful.words.claims import find_claims
from handful.words.evidence_of_answer import evidence_of_answer
from handful.words.offers import Offers

RATES = {"small": 0.1, "moderate": 0.3, "large": 0.7, "because": "declared", "unit": "rate"}


def answered(*arms: tuple[str, int, int], design: str = "case-series", **more: Any) -> Synthesis:
    """One study an arm: (age, events, people)."""
    studies = [
        made.study(f"s{i}-2020", made.arm("a", made.outcome("clear", x, {"weeks": 24}), n=n, age=age), design=design)
        for i, (age, x, n) in enumerate(arms)
    ]
    question = made.question(**more)
    return hf.synthesise(hf.count(hf.select(made.records(*studies), question)), question.plan)


def said(answer: Synthesis) -> str:
    return str(hf.headline(answer, hf.grade(answer)))


def test_it_carries_studies_people_design_and_certainty() -> None:
    assert said(answered(("adult", 1, 4), ("child", 0, 4))) == (
        "Among adults, 1 of 4 had “clear skin” (the true rate could be fewer than 1 to 81 in 100); among children, none"
        " of 4 (0 to 60 in 100); from 2 studies with 8 people (2 case series, no comparison"
        " group); certainty that the treatment makes a difference: very low."
    )


def test_it_is_one_sentence() -> None:
    for found in (answered(("adult", 1, 4)), answered(("adult", 30, 40), ("child", 0, 4), ("child", 5, 9))):
        assert said(found).count(". ") == 0
        assert said(found).endswith(".")


def test_nobody_counted_is_said_and_nothing_else() -> None:
    assert said(answered()) == "Nobody in the records was counted for “clear skin”, so nothing can be said."


def test_without_a_grading_it_says_that_nothing_was_rated() -> None:
    assert str(hf.headline(answered(("adult", 1, 4)))).endswith("how certain that is has not been rated.")


def test_a_trials_treated_people_are_told_as_such() -> None:
    assert "(1 randomised trial, comparison groups not counted)" in said(
        answered(("adult", 9, 40), design="randomised")
    )


@pytest.mark.parametrize(
    ("x", "n", "plan", "word"),
    [
        (23, 64, {}, "fewer than half"),  # 24 to 49 in 100
        (32, 64, {}, ""),
        (44, 64, {}, "most"),  # 56 to 80 in 100
        (41, 64, {}, "most"),  # 51 to 76 in 100: just above one half
        (40, 64, {}, ""),  # 49.5 in 100
        (44, 64, {"thresholds": RATES}, ""),  # not above the plan's 70 in 100
        (60, 64, {"thresholds": RATES}, "most"),
        (23, 64, {"thresholds": RATES}, ""),
        (4, 4, {}, ""),
        (0, 64, {}, ""),
    ],
)
def test_most_needs_a_lower_limit_above_one_half_and_above_the_plan(
    x: int, n: int, plan: dict[str, Any], word: str
) -> None:
    found = answered(("adult", x, n), groups={}, plan=plan)
    told = said(found)
    assert re.findall(r"most|majority|fewer than half", told) == ([word] if word else [])
    behind = evidence_of_answer(found, hf.grade(found))
    if word == "most":
        assert behind.carries("most")
    assert not find_claims(told.replace("most had", "most people had"), behind, Offers({}), claim_rules()).found


def test_a_word_for_one_group_alone_would_set_it_against_the_other() -> None:
    told = said(answered(("adult", 60, 64), ("child", 2, 4)))
    assert "most" not in told
    assert "most" in said(answered(("adult", 60, 64), ("child", 55, 60)))


def test_the_lowest_certainty_is_told() -> None:
    files = {"domains": {d: {"steps": 0, "because": "judged"} for d in ("risk-of-bias", "indirectness", "imprecision")}}
    from handful.certainty.judged import CertaintyFile
    from handful.certainty.judgements import Judgements

    studies = [
        made.study(
            f"t{age}-2020",
            made.arm("drug", made.outcome("clear", 60), n=100, age=age),
            made.arm("placebo", made.outcome("clear", 10), n=100, age=age, drug="placebo"),
            design=design,
        )
        for age, design in (("adult", "randomised"), ("child", "non-randomised"))
    ]
    question = made.question()
    judged = CertaintyFile.model_validate(
        {"question": question.id, "by": ["A"], "on": "2026-01-01", "domains": {
            **files["domains"],
            "inconsistency": {"steps": 0, "because": "judged"},
            "publication-bias": {"steps": 0, "because": "judged"},
        }}
    )  # fmt: skip
    answer = hf.synthesise(hf.count(hf.select(made.records(*studies), question)), question.plan)
    sure = hf.grade(answer, Judgements({}, {question.id: judged}))
    assert {sure.of("main", g).level for g in ("adults", "children")} == {"high", "low"}
    assert str(hf.headline(answer, sure)).endswith("makes a difference: low at worst.")
