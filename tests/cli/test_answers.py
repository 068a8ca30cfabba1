"""``show`` and ``trace``: the counts of the small review in words, and the way back from each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.command import here
from tests.fixtures.small import SMALL_REVIEW, copy_of_small_review

QUESTION = "examplinib-whole-testitis"


def test_the_questions_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "show", "--review", SMALL_REVIEW)
    assert ran.out.splitlines()[0] == QUESTION
    listed = json.loads(here(capsys, "show", "--json", "--review", SMALL_REVIEW).out)
    assert [q["id"] for q in listed] == [QUESTION]


def test_the_answer_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "show", QUESTION, "--review", SMALL_REVIEW)
    assert ran.status == 0
    for line in (
        "2 studies, 8 people",
        # Clopper-Pearson: 1 of 4 is 0.6 to 80.6 %, 0 of 4 is 0 to 60.2 %, 1 of 8 is 0.3 to 52.7 %
        "  adults: 1 of 4 (fewer than 1 to 81 in 100, 95 % clopper-pearson)",
        "  children: 0 of 4 (0 to 60 in 100, 95 % clopper-pearson)",
        "  all together: 1 of 8 (fewer than 1 to 53 in 100, 95 % clopper-pearson), added up",
        "  adults: 3 of 4 (19 to more than 99 in 100, 95 % clopper-pearson)",
        "single case reports, listed apart: 1 of 2 with any clearing",
        "  sneezing: 1 of 1",
        "  series-2019, adults-first: reports none of the accepted outcomes",
        "  Writer 2021, Otherumab: 13 of 40 (assessed); clear, 20 to 28 weeks",
        "  Writer 2021, Placebo: 9.4 %, percentage as printed; clear, 24 weeks",
    ):
        assert line in ran.out.splitlines(), ran.out
    assert "these counts cannot tell them apart" in ran.out


def test_the_answer_as_json_is_what_is_stored(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(here(capsys, "show", QUESTION, "--json", "--review", SMALL_REVIEW).out)
    groups = {g["id"]: (g["events"], g["total"]) for g in found["main"]["groups"]}
    assert groups == {"adults": (1, 4), "children": (0, 4), "overall": (1, 8)}


def test_a_sum_is_traced_to_every_number_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "trace", QUESTION, "--group", "overall", "--outcome", "clear", "--review", SMALL_REVIEW)
    assert ran.status == 0
    assert "added up: 0 + 1 of 4 + 4" in ran.out
    series = (SMALL_REVIEW / "studies/series-2019.yaml").read_text(encoding="utf-8").splitlines()
    line = next(i + 1 for i, text in enumerate(series) if "one of four adults was clear" in text)
    assert f"studies/series-2019.yaml:{line}" in ran.out
    for words in ("one of four adults was clear at week 24", "none of the four children", "opening of the text only"):
        assert words in ran.out


def test_a_derived_number_is_traced_to_its_arithmetic(capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "trace", QUESTION, "series-2019", "--outcome", "any-clearing", "--review", SMALL_REVIEW)
    assert "derived: 4 - 1 = 3" in ran.out


@pytest.mark.parametrize("outcome", ["cases", "harms", "alternatives"])
def test_cases_harms_and_alternatives_are_traced(outcome: str, capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "trace", QUESTION, "--outcome", outcome, "--json", "--review", SMALL_REVIEW)
    assert ran.status == 0
    origins: list[str] = []

    def walk(node: dict[str, object]) -> None:
        origin = node.get("origin")
        if isinstance(origin, dict):
            origins.append(f"{origin['file']}:{origin['line']}")
        parts = node.get("parts", [])
        assert isinstance(parts, list)
        for part in parts:
            walk(part)

    walk(json.loads(ran.out))
    assert origins
    for place in origins:
        file, _, line = place.rpartition(":")
        assert 1 <= int(line) <= len((SMALL_REVIEW / file).read_text(encoding="utf-8").splitlines())


def test_nothing_is_written_by_looking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    before = sorted(folder.rglob("*"))
    here(capsys, "show", QUESTION, "--review", folder)
    here(capsys, "trace", QUESTION, "--review", folder)
    assert sorted(folder.rglob("*")) == before
