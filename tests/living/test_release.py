"""Versions: each keeps its answers and its note, and can be built again from its commit."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import pytest

from handful.cli.main import entry
from handful.living.release import note_again
from handful.review import open_review

from .copies import edit, git, golden_copy

DAY = datetime.date(2026, 11, 28)


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def _commit(folder: Path, words: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", words)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A review with two versions: between them one count was read again."""
    git(tmp_path, "init", "-q")
    folder = golden_copy(tmp_path)
    assert entry(["update", str(folder)]) == 0
    _commit(tmp_path, "the review")
    assert entry(["release", "1.3", "--on", "2026-11-01", "--review", str(folder)]) == 0
    _commit(tmp_path, "version 1.3")
    git(tmp_path, "tag", "brittle-examples-v1.3")
    edit(folder, "studies/series-2020.yaml", "responders: {value: 1", "responders: {value: 2")
    assert entry(["update", str(folder)]) == 0
    _commit(tmp_path, "one count read again")
    assert entry(["release", "1.4", "--on", str(DAY), "--review", str(folder)]) == 0
    _commit(tmp_path, "version 1.4")
    return folder


def test_a_version_keeps_its_answers_and_says_whether_a_conclusion_changed(released: Path) -> None:
    first, second = open_review(released).versions
    assert (first.version, first.before, first.conclusion_changed) == ("1.3", None, None)
    assert (second.version, second.before) == ("1.4", "1.3")
    assert second.conclusion_changed is False
    assert first.results != second.results
    assert first.answers.keys() == second.answers.keys()
    assert first.answers["calmol-whole"].groups != second.answers["calmol-whole"].groups
    assert open_review(released).about.version == "1.4"


def test_the_note_kept_is_the_note_made_again_from_the_records(released: Path) -> None:
    review = open_review(released)
    for version in review.versions:
        assert note_again(review, version) == review.version_notes[version.version]
    assert "series-2020" in review.version_notes["1.4"]
    assert "moved by study series-2020" in review.version_notes["1.4"]


def test_an_old_version_is_built_again_byte_for_byte(released: Path, tmp_path: Path) -> None:
    there = ["build", str(released), "--at", "brittle-examples-v1.3", "--quiet", "-o"]
    assert entry([*there, str(tmp_path / "one")]) == 0
    edit(released, "studies/series-2020.yaml", "responders: {value: 2", "responders: {value: 3")
    assert entry([*there, str(tmp_path / "two")]) == 0
    assert _tree(tmp_path / "one") == _tree(tmp_path / "two")
    assert "Version 1.3" in (tmp_path / "one/history.html").read_text(encoding="utf-8")
    assert "Version 1.4" not in (tmp_path / "one/history.html").read_text(encoding="utf-8")


def test_the_site_shows_every_version_at_an_address_of_its_own(released: Path, tmp_path: Path) -> None:
    assert entry(["build", str(released), "--quiet", "-o", str(tmp_path / "site")]) == 0
    history = (tmp_path / "site/history.html").read_text(encoding="utf-8")
    assert history.index("versions/1.4.html") < history.index("versions/1.3.html")
    page = (tmp_path / "site/versions/1.4.html").read_text(encoding="utf-8")
    assert "Conclusion changed: no." in page
    question = (tmp_path / "site/questions/calmol-whole.html").read_text(encoding="utf-8")
    assert "conclusion changed: no" in question


def test_what_cannot_be_released_is_said_and_nothing_is_written(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _tree(released)
    assert entry(["release", "1.4", "--review", str(released)]) == 2
    assert "does not come after 1.4" in capsys.readouterr().err
    assert entry(["release", "1.5", "--on", "2026-01-01", "--review", str(released)]) == 2
    assert "is before version 1.4" in capsys.readouterr().err
    assert entry(["release", "next", "--review", str(released)]) == 2
    assert _tree(released) == before
    edit(released, "studies/series-2020.yaml", "responders: {value: 2", "responders: {value: 3")
    assert entry(["release", "1.5", "--on", "2026-12-01", "--review", str(released)]) == 1
    assert "not current" in capsys.readouterr().err
    assert entry(["update", str(released)]) == 0
    assert entry(["release", "1.5", "--on", "2026-12-01", "--review", str(released)]) == 1
    assert "not committed" in capsys.readouterr().err
    assert not (released / "versions/1.5.yaml").exists()
