"""One command checks everything, tells every fault at once, and writes the change as a comment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handful.cli.main import entry
from handful.site.dead_links import dead_links

from .copies import edit, git, golden_copy


@pytest.fixture
def review(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    folder = golden_copy(tmp_path)
    assert entry(["update", str(folder)]) == 0
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "the review")
    assert entry(["release", "1.3", "--on", "2026-11-01", "--review", str(folder)]) == 0
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "version 1.3")
    return folder


def test_a_review_in_order_passes(review: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["ci", str(review), "--base", "HEAD"]) == 0
    told = capsys.readouterr()
    assert told.err.count("in order: ") == 4
    assert "not in order" not in told.err
    assert "nothing differs" in told.out


def test_every_fault_is_told_at_once(review: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(review, "studies/series-2020.yaml", "responders: {value: 1", "responders: {value: 2")
    edit(review, "versions/1.3.md", "The first version", "The best version")
    capsys.readouterr()
    comment = tmp_path / "change.md"
    assert entry(["ci", str(review), "--base", "HEAD", "--comment", str(comment), "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert [name for name, wrong in checks.items() if wrong] == [
        "results are current",
        "the last version's note is the one its records give",
    ]
    assert "moved by study series-2020" in comment.read_text(encoding="utf-8")


def test_a_review_that_cannot_be_read_says_only_that(review: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(review, "studies/series-2020.yaml", "design: case-series", "design: case-serie")
    capsys.readouterr()
    assert entry(["ci", str(review)]) == 1
    told = capsys.readouterr().err
    assert "studies/series-2020.yaml:" in told
    assert "results are current" not in told


def test_a_comment_needs_a_base(review: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["ci", str(review), "--comment", "x.md"]) == 2
    assert "--comment needs --base" in capsys.readouterr().err


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/one.html").write_text(
        '<p id="here"><a href="#here">.</a><a href="#there">.</a><a href="two.html">.</a><a href="../b.html#x">.</a>'
        '<a href="../../out.html">.</a><a href="https://example.org/gone">.</a><a href="mailto:a@b.c">.</a></p>',
        encoding="utf-8",
    )
    (tmp_path / "b.html").write_text('<p id="y"><a href="a/one.html#here">.</a></p>', encoding="utf-8")
    assert [(d.page, d.href) for d in dead_links(tmp_path)] == [
        ("a/one.html", "#there"),
        ("a/one.html", "../../out.html"),
        ("a/one.html", "../b.html#x"),
        ("a/one.html", "two.html"),
    ]
