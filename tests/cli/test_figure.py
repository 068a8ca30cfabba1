"""``figure``: an answer drawn into a file, and what is said where there is nothing to draw."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.command import here
from tests.fixtures.small import SMALL_REVIEW

pytest.importorskip("matplotlib")
QUESTION = "examplinib-whole-testitis"


def test_the_forest_holds_the_counts_of_every_group(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "forest.svg"
    ran = here(capsys, "figure", "forest", QUESTION, "-o", to, "--review", SMALL_REVIEW)
    assert (ran.status, ran.out, ran.err) == (0, "", f"wrote {to}\n")
    drawn = to.read_text(encoding="utf-8")
    assert ">1 of 4<" in drawn
    assert ">0 of 4<" in drawn


def test_one_group_and_another_outcome_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "adults.svg"
    assert (
        here(capsys, "figure", "forest", QUESTION, "--group", "adults", "-o", to, "--review", SMALL_REVIEW).status == 0
    )
    drawn = to.read_text(encoding="utf-8")
    assert ">1 of 4<" in drawn
    assert ">0 of 4<" not in drawn


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forest", QUESTION, "--group", "nobody"], "accepted: adults, children, overall"),
        (["forest", QUESTION, "--outcome", "nothing"], "--outcome='nothing' is not known"),
        (["forest", "no-question"], "QUESTION='no-question' is not known"),
        (["waterfall", QUESTION], "patient rows"),
        (["pie", QUESTION], "forest"),
    ],
)
def test_what_cannot_be_drawn_is_wrong_usage_and_leaves_no_file(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "figure.svg"
    ran = here(capsys, "figure", *arguments, "-o", to, "--review", SMALL_REVIEW)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert not to.exists()


@pytest.mark.parametrize("name", ["forest.txt", "no-such-folder/forest.svg"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_drawn(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = here(capsys, "figure", "forest", QUESTION, "-o", tmp_path / name, "--review", SMALL_REVIEW)
    assert (ran.status, ran.out) == (2, "")
    assert name in ran.err
