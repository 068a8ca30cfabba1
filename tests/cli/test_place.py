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


def test_the_answer_stands_before_its_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    head = said.splitlines()[:20]
    for words in (
        "third line asks for 10 people (4 counted)",
        "third line asks for a probability of 0.80 that the rate is 10 in 100 or more (it is 0.34) and for 10 people",
        "It is no verdict on the treatment.",
        "would move this from not established to third line",
    ):
        assert any(words in line for line in head), words
    order = [
        said.index(part)
        for part in (
            "what would change it",
            "adults, in full",
            "expected loss",
            "harm on",
            "beside it",
            "own view, apart",
        )
    ]
    assert order == sorted(order)


def test_the_probability_of_each_line_is_told_by_the_rate_and_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    """Beta(1.5, 3.5) for 1 of 4: P(θ ≥ 0.3) = 0.448, P(≥ 0.2) = 0.644, P(≥ 0.1) = 0.852, by the incomplete beta."""
    assert entry(["place", "dupilumab-totalis-universalis", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    assert "every other clause met: first line 0.45, second line 0.20, third line 0.21, not established 0.15" in said
    assert "not established, whatever the rate is" in said


def test_what_would_change_it_is_a_table_of_every_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--review", REVIEW]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["6", "0", "not", "established", "(as", "now)", "0.24"] in rows
    assert ["1", "to", "6", "third", "line", "0.76"] in rows


def test_losses_are_labelled_and_told_band_by_band(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    assert "nobody compared these treatments" in said
    losses = said[said.index("expected loss") : said.index("harm on")]
    # the same count of the treatment, but a count of ritlecitinib holds adolescents and no younger children
    assert "children under 12: fewer than two alternatives have a count" in losses
    assert "ritlecitinib: 0.5 (mean 37; 46 of 125; of adolescents of 12 to 17, adults together)" in losses


def test_short_ends_after_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--short", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    assert "adults: not established (1 of 4)" in said
    assert "own view, apart" in said
    assert "in full" not in said
    assert "expected loss" not in said
    assert len(said.splitlines()) < 35


def test_the_words_hold_harm_and_who_should_not_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "dupilumab-totalis-universalis", "--review", REVIEW]) == 0
    said = capsys.readouterr().out
    assert "no line of this ladder has a clause on it" in said
    assert "alopecia areata that worsened at first: 4 of 16 (McKenzie 2021" in said
    assert "The ladder names none, which does not say that there are none." in said


def test_contraindications_are_told_with_their_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = "contraindications: [{treatment: otherumab, who: in pregnancy, source: series-2019, at: p. 3}]"
    folder = copy_of_small_review(tmp_path, ("ladders/testitis.yaml", "outcome: clear", f"outcome: clear\n{typed}"))
    assert entry(["place", "examplinib-whole-testitis", "--review", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "Otherumab: in pregnancy (" in said
    assert "p. 3)" in said
    assert entry(["place", "examplinib-whole-testitis", "--json", "--review", str(folder)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["contraindications"] == [{"treatment": "otherumab", "who": "in pregnancy", "source": "series-2019"}]


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
