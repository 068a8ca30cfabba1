"""docs/how-to/start-a-review.md: the files it shows are read, checked and used as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from handful.cli.main import entry

from .fences import fences


@pytest.fixture
def started(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The review that the first command makes, with the files that the page shows put in."""
    monkeypatch.chdir(tmp_path)
    assert entry(["new", "review", "my-review"]) == 0
    folder = tmp_path / "my-review"
    shown = [f.text for f in fences(repository / "docs/how-to/start-a-review.md") if f.language == "yaml"]
    assert len(shown) == 4
    for text in shown:
        named = text.splitlines()[0].removeprefix("# ")
        if named.endswith(": lines to add"):
            file = folder / named.removesuffix(": lines to add")
            added = "\n".join(text.splitlines()[1:])
            ladder, plan = added.split("\nplan:\n")
            question = file.read_text(encoding="utf-8").replace("groups:\n", f"{ladder}\ngroups:\n", 1)
            assert question.count("\nplan:\n") == 1
            file.write_text(question.replace("\nplan:\n", f"\nplan:\n{plan}\n"), encoding="utf-8")
        else:
            file = folder / named
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return folder


def test_the_files_of_the_page_pass_the_check(started: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["check", "my-review"]) == 0, capsys.readouterr().out


def test_the_place_says_what_the_page_says(started: Path, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["place", "example-question", "--short", "--review", "my-review"]) == 0
    said = capsys.readouterr().out
    page = (repository / "docs/how-to/start-a-review.md").read_text(encoding="utf-8")
    (quoted,) = [part for part in page.split("`") if part.startswith("second line asks")]
    assert quoted in said
    # no further count of the outcome can meet a demand on harm, and that is told
    assert "Whatever they show, second line asks for “example harm” counted in 10 people or more (4 counted)." in said


def test_the_judgements_of_the_page_are_used(started: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["bias", "my-review"]) == 0
    assert "? unclear" in capsys.readouterr().out
    assert entry(["show", "example-question", "--review", "my-review"]) == 0
    assert "down for risk of bias (1), imprecision (3) and publication bias (1)" in capsys.readouterr().out
