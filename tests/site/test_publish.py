"""Written whole or not at all, the same bytes every time, and never over something else."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest

import handful as hf
from handful.base.errors import HandfulError
from handful.base.problems import ReviewProblems
from handful.review import Review, open_review
from handful.site.publish import MARKER, publish
from handful.synthesis.results import same, unsigned

REPOSITORY = Path(__file__).resolve().parents[2]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_two_builds_give_the_same_bytes(repository: Path, tmp_path: Path, small_site: Path) -> None:
    """From another place, in another folder, with another clock."""
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(repository / "tests" / "golden" / "review", copy)
    os.utime(copy / "review.yaml", (1, 1))
    publish(open_review(copy), to=tmp_path / "other")
    assert tree(tmp_path / "other") == tree(small_site)


def test_no_local_path_and_no_time_of_building(small_site: Path, repository: Path) -> None:
    for name, content in tree(small_site).items():
        assert str(repository).encode() not in content, name
        assert str(small_site.parent).encode() not in content, name


def test_what_is_reported_is_what_was_written(small_review: Review, tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []
    report = hf.publish(small_review, to=tmp_path / "site", progress=lambda *step: steps.append(step))
    found = tree(tmp_path / "site")
    assert {name: len(content) for name, content in found.items() if name != MARKER} == report.files
    assert report.pages == sum(name.endswith(".html") for name in found)
    assert report.first_page == tmp_path / "site" / "questions" / "calmol-whole.html"
    assert report.first_page.is_file()
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)
    assert steps[-1][0] == steps[-1][1]
    assert os.stat(tmp_path / "site").st_mode & 0o755 == 0o755


def test_a_new_build_replaces_the_old_one_wholly(small_review: Review, tmp_path: Path) -> None:
    target = tmp_path / "site"
    publish(small_review, to=target)
    (target / "questions" / "gone.html").write_text("of an older review")
    publish(small_review, to=target)
    assert not (target / "questions" / "gone.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["site"], "nothing is left beside it"


def test_an_empty_folder_may_be_filled(small_review: Review, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    publish(small_review, to=tmp_path / "site")
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_folder_of_something_else_is_left_alone(small_review: Review, tmp_path: Path) -> None:
    target = tmp_path / "home"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    with pytest.raises(HandfulError, match="not a site made by handful"):
        publish(small_review, to=target)
    assert tree(target) == {"letter.txt": b"dear"}
    (tmp_path / "file").write_text("x")
    with pytest.raises(HandfulError, match="not a folder"):
        publish(small_review, to=tmp_path / "file")
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(HandfulError, match="not a folder"):
        publish(small_review, to=tmp_path / "link")


def test_problems_of_all_texts_at_once_and_nothing_written(small_review: Review, tmp_path: Path) -> None:
    broken = dataclasses.replace(
        small_review, prose={"calmol-whole": "ok\n\n{{ nobody.count }}", "calmol-adults": "{{ 1 + 1 }}"}
    )
    target = tmp_path / "site"
    publish(small_review, to=target)
    before = tree(target)
    with pytest.raises(ReviewProblems) as caught:
        publish(broken, to=target)
    assert [(p.file, p.line) for p in caught.value.report] == [
        ("questions/calmol-adults.md", 1),
        ("questions/calmol-whole.md", 3),
    ]
    assert tree(target) == before
    with pytest.raises(ReviewProblems):
        publish(broken, to=tmp_path / "fresh")
    assert not (tmp_path / "fresh").exists()


def test_a_failure_while_writing_leaves_the_old_site(
    small_review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import handful.site.build

    target = tmp_path / "site"
    publish(small_review, to=target)
    before = tree(target)
    real = handful.site.build.pages

    def failing(*arguments: object) -> object:
        for i, page in enumerate(real(*arguments)):  # type: ignore[arg-type]
            if i == 5:
                raise OSError("disk full")
            yield page

    monkeypatch.setattr(handful.site.build, "pages", failing)
    with pytest.raises(OSError, match="disk full"):
        publish(small_review, to=target)
    assert tree(target) == before
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_the_shipped_review_is_built_in_seconds(repository: Path, tmp_path: Path) -> None:
    """The measure is in the benchmark; here only that it has not become minutes."""
    import time

    review = open_review(repository / "reviews" / "alopecia-areata")
    started = time.perf_counter()
    publish(review, to=tmp_path / "site")
    assert time.perf_counter() - started < 30


def test_the_results_of_the_pages_are_those_kept_with_the_records(shipped_site: Path) -> None:
    kept = REPOSITORY / "reviews/alopecia-areata/results"
    written = sorted(path.name for path in (shipped_site / "results").glob("*.json"))
    assert written == sorted(path.name for path in kept.glob("*.json"))
    for name in written:
        then = unsigned(json.loads((kept / name).read_text(encoding="utf-8")))
        assert same(then, json.loads((shipped_site / "results" / name).read_text(encoding="utf-8"))), name
