"""No one counted twice: what is asked about, what a decision does, and that an undecided pair fails the check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests import made_records as made
from tests.fixtures.small import copy_of_small_review, problems_of

from handful.question.counted_once_check import check_counted_once
from handful.question.select import select
from handful.records.overlap import Overlap
from handful.records.overlap_guard import perhaps_shared
from handful.records.records import Records


def two(a: dict[str, Any] | None = None, b: dict[str, Any] | None = None, **both: Any) -> Records:
    """Two series of one drug; ``a`` and ``b`` are keys of the studies."""
    studies = [
        made.study(f"{name}-2020", made.arm("all", made.outcome("clear", 2), n=n), **{**both, **(more or {})})
        for name, n, more in (("adams", 10, a), ("baker", 12, b))
    ]
    return made.records(*studies)


def clues(records: Records) -> list[str]:
    return [p.because for p in perhaps_shared(records)]


def decided(records: Records, people: str, used: str | None = None, *studies: str) -> Records:
    overlap = Overlap.model_validate(
        {"studies": studies or ("adams-2020", "baker-2020"), "people": people, "because": "told in both", "used": used}
    )
    return replace(records, overlaps=(overlap,))


def test_two_series_with_nothing_in_common_are_not_asked_about() -> None:
    assert clues(two()) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"registration": "NCT01234567"}, "one registration (NCT01234567)"),
        ({"source": "one-paper"}, "one paper"),
        ({"clinics": ["Clínica Example, Porto"]}, "one clinic (clinica example porto)"),
        ({"setting": "One Centre, Porto", "recruited": {"first": 2010, "last": 2012}}, "one setting"),
    ],
)
def test_what_two_studies_share_is_named(more: dict[str, Any], words: str) -> None:
    (found,) = clues(two(more, more))
    assert found.startswith(words)


def test_other_years_speak_against_one_clinic() -> None:
    early = {"clinics": ["Porto"], "recruited": {"first": 2001, "last": 2004}}
    late = {"clinics": ["Porto"], "recruited": {"first": 2010, "last": 2012}}
    assert clues(two(early, late)) == []
    assert clues(two(early, {**late, "recruited": {"first": 2004, "last": 2012}}))


def test_placebo_in_both_and_children_beside_adults_tell_nothing() -> None:
    arms = [made.arm("all", made.outcome("clear", 2), drug="placebo")]
    pair = [made.study(f"{n}-2020", *arms, clinics=["Porto"]) for n in ("adams", "baker")]
    assert clues(made.records(*pair)) == []
    series = made.study("adams-2020", made.arm("all", made.outcome("clear", 2), age="child"))
    review = made.study("baker-2020", made.arm("all", made.outcome("clear", 9)), design="literature-review")
    assert clues(made.records(series, review)) == []


def test_a_review_of_published_people_may_hold_a_series_and_contains_decides_it() -> None:
    series = made.study("adams-2020", made.arm("all", made.outcome("clear", 2)))
    arm = made.arm("all", made.outcome("clear", 9), n=30)
    review = made.study("baker-2020", arm, design="literature-review")
    (found,) = clues(made.records(series, review))
    assert "may count those of the other again" in found
    holds = made.study("baker-2020", arm, design="literature-review", contains=["adams-2020"])
    assert clues(made.records(series, holds)) == []


def test_withdrawn_studies_have_no_people() -> None:
    assert clues(two({"clinics": ["Porto"], "status": "withdrawn"}, {"clinics": ["Porto"]})) == []


@pytest.mark.parametrize("people", ["same", "part-of", "unclear"])
@pytest.mark.parametrize("used", ["adams-2020", "baker-2020"])
def test_two_of_one_decision_never_stand_in_one_count(people: str, used: str) -> None:
    records = decided(two(clinics=["Porto"]), people, used)
    selected = select(records, made.question())
    assert [e.study.id for e in selected.included] == [used]
    (out,) = [e for e in selected.excluded if e.code == "same-people"]
    assert out.study != used
    assert out.reason.endswith("told in both")
    assert used.split("-")[0].title() in out.reason
    assert perhaps_shared(records) == ()


def test_different_people_are_all_counted() -> None:
    records = decided(two(clinics=["Porto"]), "different")
    assert len(select(records, made.question()).included) == 2
    assert check_counted_once(records, [made.question()]) == ([], [])


def test_a_decision_plays_no_part_where_only_one_could_be_counted() -> None:
    records = decided(two(b={"design": "literature-review"}), "unclear", "baker-2020")
    assert [e.study.id for e in select(records, made.question()).included] == ["adams-2020"]


def test_parts_of_one_whole_stay_beside_each_other() -> None:
    studies = [made.study(f"{n}-2020", made.arm("all", made.outcome("clear", 2))) for n in ("adams", "baker", "clark")]
    records = made.records(*studies)
    parts = decided(records, "part-of", "parts", "adams-2020", "baker-2020", "clark-2020")
    assert [e.study.id for e in select(parts, made.question()).included] == ["adams-2020", "baker-2020"]
    whole = decided(records, "part-of", "whole", "adams-2020", "baker-2020", "clark-2020")
    assert [e.study.id for e in select(whole, made.question()).included] == ["clark-2020"]


def test_an_undecided_pair_inside_one_count_is_a_problem_and_elsewhere_it_is_told() -> None:
    records = two(clinics=["Porto"])
    (problem,), told = check_counted_once(records, [made.question()])
    assert problem.code == "people-perhaps-counted-twice"
    assert "one clinic (porto)" in problem.hint
    assert "overlaps.yaml" in problem.hint
    assert told == []
    problems, (known,) = check_counted_once(records, [])
    assert problems == []
    assert known.code == "people-perhaps-shared"


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": "same", "used": None},
        {"people": "same", "used": "clark-2020"},
        {"people": "same", "used": "parts"},
        {"people": "different", "used": "adams-2020"},
        {"people": "unclear", "used": "parts", "studies": ["adams-2020", "adams-2020"]},
        {"people": "unclear", "used": "parts", "studies": ["adams-2020"]},
    ],
)
def test_a_decision_that_decides_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Overlap.model_validate({"studies": ["adams-2020", "baker-2020"], "because": "x", **wrong})


def test_the_check_of_a_folder_fails_until_it_is_decided(tmp_path: Path) -> None:
    """Two series of one clinic: the check asks, overlaps.yaml answers, an unknown study is told."""
    folder = copy_of_small_review(
        tmp_path,
        ("studies/series-2019.yaml", "design: case-series\n", "design: case-series\nclinics: [Porto]\n"),
        ("studies/children-2020.yaml", "design: case-series\n", "design: case-series\nclinics: [Porto]\n"),
    )
    assert problems_of(folder) == []  # adults here, children there: never the same people
    path = folder / "studies/children-2020.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("age: child,", "age: not reported,"), encoding="utf-8")
    assert [p.code for p in problems_of(folder)] == ["people-perhaps-counted-twice"]
    decision = "overlaps:\n  - {studies: [children-2020, series-2019], people: different, because: ages differ}\n"
    (folder / "overlaps.yaml").write_text(decision, encoding="utf-8")
    assert problems_of(folder) == []
    (folder / "overlaps.yaml").write_text(decision.replace("children-2020", "childen-2020"), encoding="utf-8")
    assert {p.code for p in problems_of(folder)} == {"unknown-study", "people-perhaps-counted-twice"}
