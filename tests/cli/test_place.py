"""`handful place`: the line by band, its reasons, what would change it; as words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fixtures.small import copy_of_small_review

from handful.cli.main import entry

REVIEW = str(Path(__file__).resolve().parents[2] / "reviews" / "alopecia-areata")


def test_the_words_hold_line_reasons_change_and_what_others_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    for words in (
        "adults: not established (1 of 4)",
        "children under 12: not established (0 of 4)",
        "no record tells them apart",
        "not met: 10 people counted, or more: 4",
        "One or more of the next six adults with “cosmetically significant regrowth” would move this from not ",
        "established to third line (the chance of that is 0.76).",
        "NCT05551793 plans 68 people, 45 of them on the treatment (allotted 2:1)",
        "the author's own view, apart (Donovan): second or third line",
        "first line: JAK inhibitors",
        "third line: methotrexate",
    ):
        assert words in said, words
    assert "expected loss" not in said  # a contrast of different studies is shown when it is asked for


def test_losses_are_shown_when_asked_for_and_labelled(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--losses", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    assert "nobody compared these treatments" in said


def test_json_holds_every_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--json", "--review", REVIEW]) == 0
    found = json.loads(capsys.readouterr().out)
    adult = next(band for band in found["bands"] if band["id"] == "adult")
    assert (adult["line"], adult["events"], adult["total"]) == ("not established", 1, 4)
    assert adult["what_would_change"]["next"][1]["smallest_better"] == {"responders": 1, "line": "third"}
    assert sum(adult["probabilities"].values()) == pytest.approx(1)
    assert found["view"]["line"] == "second-or-third"


def test_a_question_without_a_ladder_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path, ("questions/examplinib-whole-testitis.yaml", "ladder: testitis\n", ""))
    assert entry(["place", "examplinib-whole-testitis", "--review", str(folder)]) == 1
    assert "names no ladder" in capsys.readouterr().err


def test_an_unknown_question_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis", "--review", REVIEW]) == 2
    assert "dupilumab-totalis-universalis" in capsys.readouterr().err
