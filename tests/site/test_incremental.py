"""A build that uses earlier work gives the bytes of a fresh one, whatever was edited; so do several processes."""

from __future__ import annotations

import datetime
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from handful.base.known_texts import KnownTexts
from handful.base.problems import ReviewProblems
from handful.review import Review, open_review, read_review
from handful.site import kept, workers
from handful.site.kept import Kept
from handful.site.publish import publish

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "tests/golden/review"
SHIPPED = REPOSITORY / "reviews/alopecia-areata"
DAY = datetime.date(2026, 11, 1)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def add(file: str, text: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(before + text, encoding="utf-8")

    return edit


NEW_STUDY = """id: series-2025
source: series-2025
design: case-series
arms:
  - id: all
    treatment: calmol
    people: {age: adult, extent: whole}
    n: {assessed: {value: 6, at: Table 1}}
    outcomes:
      - {outcome: clear, time: {weeks: 24}, responders: {value: 2, at: Table 2}}
"""
NEW_SOURCE = (
    "id: series-2025\nkind: paper\ntitle: Another series\nauthors: Other\nyear: 2025\nseen: {level: abstract}\n"
)

EDITS: dict[str, Callable[[Path], None]] = {
    "a study's count": swap("studies/series-2020.yaml", "value: 1", "value: 2"),
    "a comment, so that lines move": swap(
        "studies/series-2020.yaml", "id: series-2020\n", "# again\nid: series-2020\n"
    ),
    "a patient's row": swap("studies/report-2019.patients.csv", "abstract", "the abstract"),
    "a source": swap("sources/series-2020.yaml", "title: ", "title: Really, "),
    "a treatment": add("treatments.yaml", "  - {id: other-drug, name: other drug, kind: drug}\n"),
    "an outcome's name": swap("outcomes.yaml", "name: ", "name: very "),
    "a conflict": swap("conflicts.yaml", "because: ", "because: surely "),
    "a claim": swap("claims.yaml", "Calmol is placed second", "Calmol is put second"),
    "a reader's point": swap("corrections.yaml", "says: The", "says: Please, the"),
    "a page's text": add("questions/calmol-whole.md", "\nOne more sentence.\n"),
    "a question's title": swap("questions/calmol-adults.yaml", "title: ", "title: On "),
    "a plan": add("questions/calmol-adults.yaml", "\n# the plan stays\n"),
    "guidance": add("guidance/rest.md", "\nAnd rest.\n"),
    "an instrument": swap("instruments/mess.yaml", "Made-up Example", "Made-up Sample"),
    "what the review is": swap("review.yaml", "title: ", "title: New "),
    "a new source": add("sources/series-2025.yaml", NEW_SOURCE),
    "a new study": add("studies/series-2025.yaml", NEW_STUDY),
    "a decision on shared people": add(
        "overlaps.yaml",
        "overlaps:\n  - {studies: [series-2020, series-2025], people: different, because: other towns}\n",
    ),
    "a version's note": add("versions/0.1.md", "# Version 0.1\n\nThe first.\n"),
    "a study taken away": lambda folder: (folder / "studies/series-2025.yaml").unlink(),
}


def both(folder: Path, to: Path, cache: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The site built with earlier work, over the one that stands there, and built fresh."""
    kept_ = Kept(cache)
    known = kept_.texts()
    review, found = read_review(folder, known)
    assert found.ok, [str(p) for p in found.problems]
    assert review is not None
    kept_.keep_texts(known)
    publish(review, to=to / "kept", as_of=DAY, cache=cache)
    publish(open_review(folder), to=to / "fresh", as_of=DAY)
    return tree(to / "kept"), tree(to / "fresh")


def test_after_each_kind_of_edit_the_bytes_are_those_of_a_fresh_build(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    shutil.copytree(GOLDEN, folder)
    cache = tmp_path / "cache"
    first, fresh = both(folder, tmp_path, cache)
    assert first == fresh
    before = first
    for what, edit in EDITS.items():
        edit(folder)
        with_earlier_work, fresh = both(folder, tmp_path, cache)
        assert with_earlier_work == fresh, what
        if what != "a version's note":  # no version names it yet
            assert with_earlier_work != before, f"{what}: the edit changed nothing, so it shows nothing"
        before = with_earlier_work


JUDGED: dict[str, Callable[[Path], None]] = {
    "a judgement": swap("judgements/mckenzie-2021.yaml", "because: '", "because: 'well, "),
    "what is judged of the answer": swap("certainty/dupilumab-children.yaml", "because: ", "because: well, "),
    "a ladder": swap("ladders/severe-alopecia-areata.yaml", "because: ", "because: well, "),
    "a study of another treatment, on the ladder": swap("studies/allegro-adolescents.yaml", "at: ", "at: about "),
}


@pytest.fixture(scope="module")
def one_question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped review with one of its questions, which names a ladder."""
    folder = tmp_path_factory.mktemp("shipped") / "review"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("results"))
    for path in [*folder.glob("questions/*"), *folder.glob("certainty/*")]:
        if path.stem != "dupilumab-children":
            path.unlink()
    review = folder / "review.yaml"
    review.write_text(re.sub(r"(first_question: ).*", r"\1dupilumab-children", review.read_text(encoding="utf-8")))
    question = folder / "questions/dupilumab-children.yaml"
    question.write_text(re.sub(r"\nrelated:.*?(?=\n\S|\Z)", "", question.read_text(encoding="utf-8"), flags=re.DOTALL))
    return folder


def test_after_an_edit_of_what_was_judged_the_bytes_are_those_of_a_fresh_build(
    one_question: Path, tmp_path: Path
) -> None:
    before, fresh = both(one_question, tmp_path, tmp_path / "cache")
    assert before == fresh
    for what, edit in JUDGED.items():
        edit(one_question)
        after, fresh = both(one_question, tmp_path, tmp_path / "cache")
        assert after == fresh, what
        assert after != before, what
        before = after


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that are worked out, in the order in which they are."""
    made: list[str] = []
    real = workers.make

    def make(task):  # type: ignore[no-untyped-def]
        made.append(task.question)
        return real(task)

    monkeypatch.setattr(workers, "make", make)
    return made


def test_only_questions_that_a_change_can_touch_are_worked_out_again(tmp_path: Path, counted: list[str]) -> None:
    folder, site, cache = tmp_path / "review", tmp_path / "site", tmp_path / "cache"
    shutil.copytree(GOLDEN, folder)

    def build(day: datetime.date = DAY) -> list[str]:
        counted.clear()
        publish(open_review(folder), to=site, as_of=day, cache=cache)
        return list(counted)

    assert build() == ["calmol-adults", "calmol-whole"]
    assert build() == []
    assert build(DAY + datetime.timedelta(days=1)) == []  # another day, and no look is overdue
    add("questions/calmol-whole.md", "\nMore.\n")(folder)
    assert build() == ["calmol-whole"]
    add("studies/other-2025.yaml", NEW_STUDY.replace("series-2025", "other-2025").replace("calmol", "placebo"))(folder)
    add("sources/other-2025.yaml", NEW_SOURCE.replace("series-2025", "other-2025"))(folder)
    assert "calmol-adults" not in build()
    publish(open_review(folder), to=site, as_of=DAY)  # without a cache
    assert counted[-2:] == ["calmol-adults", "calmol-whole"]


def test_files_that_are_as_they_were_are_not_written_again(small_review: Review, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(small_review, to=site)
    before = {name: (site / name).stat().st_ino for name in tree(site)}
    publish(small_review, to=site)
    after = {name: (site / name).stat().st_ino for name in tree(site)}
    assert before == after
    (site / "about.html").write_text("somebody was here")
    publish(small_review, to=site)
    assert "somebody was here" not in (site / "about.html").read_text(encoding="utf-8")


def test_several_processes_make_the_same_bytes(small_review: Review, small_site: Path, tmp_path: Path) -> None:
    publish(small_review, to=tmp_path / "site", jobs=2)
    assert tree(tmp_path / "site") == tree(small_site)


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere/python", ""])
def test_where_no_process_can_be_started_this_one_does_the_work(
    program: str, small_review: Review, small_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    publish(small_review, to=tmp_path / "site", jobs=3)
    assert tree(tmp_path / "site") == tree(small_site)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_faults_of_all_questions_are_told_at_once_and_nothing_is_written(jobs: int, tmp_path: Path) -> None:
    folder, site = tmp_path / "review", tmp_path / "site"
    shutil.copytree(GOLDEN, folder)
    add("questions/calmol-whole.md", "\n{{ nobody.count }}\n")(folder)
    add("questions/calmol-adults.md", "{{ nothing.count }}\n")(folder)
    site.mkdir()
    with pytest.raises(ReviewProblems) as told:
        publish(open_review(folder), to=site, jobs=jobs, cache=tmp_path / "cache")
    files = {problem.file for problem in told.value.report.problems}
    assert files == {"questions/calmol-whole.md", "questions/calmol-adults.md"}
    assert list(site.iterdir()) == []


def test_earlier_work_that_is_broken_changes_no_byte(small_review: Review, small_site: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    publish(small_review, to=tmp_path / "first", cache=cache)
    for n, path in enumerate(sorted(cache.iterdir())):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] if n % 2 else data[:-1] + b"x")
    publish(small_review, to=tmp_path / "second", cache=cache)
    assert tree(tmp_path / "second") == tree(small_site)
    cache.chmod(0o500)
    try:
        publish(small_review, to=tmp_path / "third", cache=cache / "no" / "such")
    finally:
        cache.chmod(0o700)
    assert tree(tmp_path / "third") == tree(small_site)


class Runs:
    """What a forged file would hold: something that runs when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def test_nothing_in_a_forged_file_of_earlier_work_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    Kept(tmp_path)._write("forged.made", Runs(mark))
    assert Kept(tmp_path).made("forged") is None
    assert not mark.exists()
    harmless = pickle.dumps(kept.made_with)  # a function of ours is no value of a site either
    Kept(tmp_path)._write("function.made", kept.made_with)
    assert harmless
    assert Kept(tmp_path).made("function") is None


def test_texts_read_before_are_not_parsed_again_and_read_the_same(tmp_path: Path) -> None:
    first = KnownTexts()
    review, _ = read_review(GOLDEN, first)
    assert first.added
    second = KnownTexts(first.used)
    again, _ = read_review(GOLDEN, second)
    assert not second.added
    assert review is not None
    assert again is not None
    assert review.page_digest() == again.page_digest()
    assert review.documents == again.documents
    assert review.records.documents == again.records.documents
