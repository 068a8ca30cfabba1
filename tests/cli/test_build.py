"""``handful build``: the same bytes twice, results beside the records, and nothing at all when something is wrong."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.command import here, tree
from tests.fixtures.small import change, copy_of_small_review

import handful
from handful.synthesis.results import unsigned

QUESTION = "examplinib-whole-testitis"


def test_building_twice_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    first = here(capsys, "build", folder, "-o", tmp_path / "one")
    assert first.status == 0, first.err
    assert first.out == f"{tmp_path / 'one' / 'questions' / QUESTION}.html\n"
    assert here(capsys, "build", folder, "-o", tmp_path / "two").status == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert here(capsys, "build", folder, "-o", tmp_path / "one").status == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_the_page_says_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    here(capsys, "build", folder, "-o", tmp_path / "site")
    page = (tmp_path / "site/questions" / f"{QUESTION}.html").read_text(encoding="utf-8")
    for words in ("1 of 4", "0 of 4", "fewer than 1 to 81 in 100", "0 to 60 in 100"):
        assert words in page


def test_building_writes_nothing_into_the_review_and_says_when_its_results_are_not_current(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of_small_review(tmp_path)
    before = tree(folder)
    ran = here(capsys, "build", folder, "-o", tmp_path / "site")
    assert (ran.status, tree(folder)) == (0, before)
    assert "not current" not in ran.err
    assert here(capsys, "update", folder).status == 0
    assert "not current" not in here(capsys, "build", folder, "-o", tmp_path / "site").err
    change(folder, "studies/children-2020.yaml", "{value: 0, source", "{value: 1, source")
    assert f"results/{QUESTION}.json is not current" in here(capsys, "build", folder, "-o", tmp_path / "site").err


def test_results_change_only_with_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    path = folder / "results" / f"{QUESTION}.json"
    assert here(capsys, "update", "--check", folder).status == 1
    assert not path.exists(), "--check writes nothing"
    assert here(capsys, "update", folder).status == 0
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored.pop("made_by") == f"handful {handful.__version__}"
    assert stored == json.loads(here(capsys, "show", QUESTION, "--json", "--review", folder).out)
    written = path.stat().st_mtime_ns
    assert here(capsys, "update", "--check", folder).status == 0
    assert here(capsys, "update", folder).status == 0
    assert path.stat().st_mtime_ns == written
    change(folder, "studies/children-2020.yaml", "{value: 0, source", "{value: 1, source")
    stale = here(capsys, "update", "--check", folder)
    assert (stale.status, stale.out) == (1, f"results of {QUESTION}: not current\n")
    assert unsigned(json.loads(path.read_text(encoding="utf-8"))) == stored
    assert here(capsys, "update", folder).status == 0
    assert unsigned(json.loads(path.read_text(encoding="utf-8"))) != stored


def test_results_without_a_question_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    here(capsys, "update", folder)
    (folder / "results" / "gone.json").write_text("{}", encoding="utf-8")
    assert here(capsys, "update", "--check", folder).status == 1
    assert (folder / "results" / "gone.json").exists()
    assert here(capsys, "update", folder).status == 0
    assert [p.name for p in (folder / "results").iterdir()] == [f"{QUESTION}.json"]


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work", encoding="utf-8")
    ran = here(capsys, "build", folder, "-o", tmp_path / "precious")
    assert ran.status == 1
    assert tree(tmp_path / "precious") == {"thesis.txt": b"years of work"}


def test_a_text_that_does_something_forbidden_leaves_the_site_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of_small_review(tmp_path)
    assert here(capsys, "build", folder, "-o", tmp_path / "site").status == 0
    pages, records = tree(tmp_path / "site"), tree(folder)
    (folder / f"questions/{QUESTION}.md").write_text("Words.\n{{ adults.__class__ }}\n", encoding="utf-8")
    ran = here(capsys, "build", folder, "-o", tmp_path / "site")
    assert ran.status == 1
    assert f"questions/{QUESTION}.md:2: forbidden-in-prose: " in ran.err
    assert tree(tmp_path / "site") == pages
    del records[f"questions/{QUESTION}.md"]
    assert {k: v for k, v in tree(folder).items() if k in records} == records
    assert sorted(p.name for p in tmp_path.iterdir()) == ["site", "small-review"], "no half-made folder stays"


def test_a_new_review_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here(capsys, "new", "review", tmp_path / "mine")
    ran = here(capsys, "build", tmp_path / "mine", "-o", tmp_path / "site", "--json")
    assert ran.status == 0, ran.err
    report = json.loads(ran.out)
    assert Path(report["first_page"]).is_file()
    assert report["bytes"] == sum(report["files"].values())


def test_a_bar_is_drawn_for_a_person_and_not_for_a_file(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    command = [sys.executable, "-m", "handful", "build", str(folder), "-o", str(tmp_path / "site")]
    quiet = subprocess.run(command, capture_output=True, check=True, timeout=120)
    assert b"\r" not in quiet.stderr
    master, slave = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave) as run:
        os.close(slave)
        said = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # the other end was closed
                break
            if not part:
                break
            said += part
        assert run.wait(timeout=120) == 0
    os.close(master)
    assert b"\r" in said
    assert b"1/2" in said
