"""Whatever stands in the files: words with file and line, exit status 1, nothing written, and never a traceback."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from tests.cli.command import here, tree
from tests.fixtures.small import change, copy_of_small_review

SERIES, TRIAL, CHILDREN = "studies/series-2019.yaml", "studies/trial-2021.yaml", "studies/children-2020.yaml"
QUESTION = "questions/examplinib-whole-testitis.yaml"
PROSE = "questions/examplinib-whole-testitis.md"
LINE = re.compile(r"^(?P<file>[^\s:]+):(?P<line>\d+): (?P<code>[a-z0-9-]+): \S", re.MULTILINE)


@pytest.fixture
def all_wrong(tmp_path: Path) -> tuple[Path, set[tuple[str, int, str]]]:
    """A review with every kind of fault at once, and where each stands."""
    folder = copy_of_small_review(tmp_path)
    expected: set[tuple[str, int, str]] = set()

    def fault(file: str, old: str, new: str, code: str, *, below: int = 0) -> None:
        expected.add((file, change(folder, file, old, new) + below, code))

    fault(TRIAL, "    scores:", "    skores:", "unknown-key")
    fault(TRIAL, 'value: "9.4"\n          at', 'value: "9.3"\n          at', "percentage-fits-no-count")
    fault(SERIES, "{value: 1, at", "{value: 7, at", "more-events-than-people")
    fault(SERIES, 'value: "25"', 'value: "26"', "percentage-fits-no-count")
    fault(CHILDREN, "source: children-2020", "source: childern-2020", "unknown-source")
    fault(CHILDREN, "{value: 0, source: article-2022,", "{value: none, source: article-2022,", "whole-number")
    fault("treatments.yaml", "  - id: otherumab", "  - id: examplinib", "duplicate-id")
    fault("outcomes.yaml", "  - id: clear", "  - id: 'clear", "broken-yaml", below=0)
    fault("claims.yaml", "    source: article-2022\n", "", "missing-key", below=-5)
    fault("ladders/testitis.yaml", "id: testitis", "id: ../../testitis", "identifier")
    fault(QUESTION, "level: 0.95", "level: high", "number")
    (folder / "questions/second.yaml").write_text(
        (folder / QUESTION)
        .read_text("utf-8")
        .replace("id: examplinib-whole-testitis", "id: second")
        .replace("level: high", "level: 0.9")
        .replace("ladder: testitis\n", ""),
        encoding="utf-8",
    )
    (folder / "questions/second.md").write_text(
        "Words.\n{{ adults.__class__.__mro__ }}\n{% include '/etc/passwd' %}\nIn 1 of 4 adults.\n", encoding="utf-8"
    )
    expected |= {
        ("questions/second.md", 2, "forbidden-in-prose"),
        ("questions/second.md", 3, "forbidden-in-prose"),
        ("questions/second.md", 4, "typed-number"),
    }
    outside = tmp_path / "outside.yaml"
    outside.write_text("id: outside\n", encoding="utf-8")
    (folder / "sources/outside.yaml").symlink_to(outside)
    expected.add(("sources/outside.yaml", 1, "path-leaves-folder"))
    return folder, expected


def _found(text: str) -> set[tuple[str, int, str]]:
    return {(m["file"], int(m["line"]), m["code"]) for m in LINE.finditer(text)}


def test_everything_is_told_at_once_with_file_and_line(
    all_wrong: tuple[Path, set[tuple[str, int, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, expected = all_wrong
    before = tree(folder)
    ran = here(capsys, "check", folder)
    assert ran.status == 1
    missing = expected - _found(ran.out)
    assert not missing, f"{missing}\n{ran.out}"
    assert tree(folder) == before, "checking writes nothing"


def test_the_report_as_json_holds_the_same(
    all_wrong: tuple[Path, set[tuple[str, int, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = all_wrong
    report = json.loads(here(capsys, "check", "--json", folder).out)
    text = here(capsys, "check", folder).out
    assert report["ok"] is False
    assert {(p["file"], p["line"], p["code"]) for p in report["problems"]} == _found(text)
    assert all(p["message"] and p["hint"] for p in report["problems"]), "each says what to do"


@pytest.mark.parametrize("command", ["build", "update", "show", "trace"])
def test_nothing_is_computed_or_written_from_records_that_are_wrong(
    command: str, all_wrong: tuple[Path, set[tuple[str, int, str]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, expected = all_wrong
    target = tmp_path / "site"
    target.mkdir()
    (target / "index.html").write_text("the old page", encoding="utf-8")
    before, pages = tree(folder), tree(target)
    extra = {
        "build": [folder, "-o", target],
        "update": [folder],
        "show": ["--review", folder],
        "trace": ["second", "--review", folder],
    }
    ran = here(capsys, command, *extra[command])
    assert ran.status == 1
    assert ran.out == ""
    assert expected <= _found(ran.err)
    assert tree(folder) == before
    assert tree(target) == pages


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)

CONTENTS: dict[str, tuple[bytes, str]] = {
    "aliases that multiply": (BOMB.encode(), "yaml-alias"),
    "an alias inside itself": (b"arms: &a\n  - *a\n", "yaml-alias|empty"),
    "a Python tag": (b"id: x\narms: !!python/object/apply:os.system ['true']\n", "yaml-tag|wrong-type"),
    "a foreign tag": (b"id: !thing x\n", "yaml-tag"),
    "10 MB": (b"# " + b"x" * 98 + b"\n" + b"# 45678901234567890\n" * 500_000, "file-too-large"),
    "a binary file": (bytes(range(256)) * 40, "not-utf8"),
    "UTF-16": ("id: x\n".encode("utf-16"), "not-utf8"),
    "tabs": (b"id: x\n\tsource: x\n", "broken-yaml"),
    "nothing": (b"", "missing-key|empty"),
    "only a comment": (b"# nothing here\n", "missing-key|empty"),
    "a list": (b"- a\n- b\n", "wrong-type"),
    "a word": (b"hello\n", "wrong-type"),
    "a key that is a list": (b"? [a, b]\n: c\n", "missing-key|unknown-key"),
    "a key that is a mapping": (b"? {a: b}\n: c\n", "missing-key|unknown-key"),
    "nested brackets": (b"id: " + b"[" * 5000 + b"]" * 5000 + b"\n", "too-deep"),
    "nested lists": (b"- " * 3000 + b"a\n", "too-deep"),
    "fifty brackets": (b"id: " + b"[" * 50 + b"]" * 50 + b"\n", "too-deep"),
    "a NUL": (b"id: a\0b\n", "broken-yaml"),
    "a very long id": (b"id: " + b"a" * 100_000 + b"\n", "missing-key|id-is-not-file-name"),
    "a very long number": (b"id: " + b"9" * 5000 + b"\n", "broken-yaml"),
    "two documents": (b"id: a\n---\nid: b\n", "broken-yaml"),
    "an impossible date": (b"id: 2020-13-45\n", "broken-yaml"),
    "a key twice": (b"id: a\nid: b\n", "duplicate-key"),
    "not a number": (b"id: .nan\nsource: .inf\n", "identifier"),
    "half a surrogate": (b'id: "\\ud800"\n', "identifier|broken-yaml"),
    "a list twice as a key": (b"id: {[[]]: x, [[]]: y}\n", "broken-yaml|duplicate-key|identifier"),
    "an id that climbs": (b"id: ../../etc\n", "identifier"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "name"),
    [
        *((SERIES, name) for name in CONTENTS),
        *((file, name) for file in ("review.yaml", "treatments.yaml", QUESTION) for name in list(CONTENTS)[::4]),
    ],
)
def test_odd_files_give_words(file: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    content, codes = CONTENTS[name]
    (folder / file).write_bytes(content)
    started = time.monotonic()
    ran = here(capsys, "check", folder)
    assert time.monotonic() - started < 5
    assert ran.status == 1
    ours = {code for found, _, code in _found(ran.out) if found == file}
    if file == SERIES:
        assert ours & set(codes.split("|")), ran.out
    assert ours, ran.out
    assert "should not have happened" not in ran.err
    assert all(len(line) < 1000 for line in ran.out.splitlines()), "a long value is not repeated in full"


@pytest.mark.parametrize("name", ["10 MB", "a binary file", "nothing", "a NUL", "nested brackets"])
@pytest.mark.parametrize("file", [PROSE, "studies/report-2018.patients.csv", "guidance/gentle-days.md"])
def test_odd_text_and_tables_never_break_it(
    name: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / file).write_bytes(CONTENTS[name][0])
    ran = here(capsys, "check", folder)
    assert ran.status in (0, 1)
    assert "should not have happened" not in ran.err, ran.err


def test_carriage_returns_and_a_byte_order_mark_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    for path in [*folder.rglob("*.yaml"), *folder.rglob("*.csv")]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    ran = here(capsys, "check", folder)
    assert ran.status == 0, ran.out


def test_lines_are_right_with_carriage_returns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path, (SERIES, "{value: 1, at", "{value: 7, at"))
    want = _found(here(capsys, "check", folder).out)
    (folder / SERIES).write_bytes((folder / SERIES).read_bytes().replace(b"\n", b"\r\n"))
    assert _found(here(capsys, "check", folder).out) == want


def test_a_folder_with_the_name_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    for name in (SERIES, PROSE, "studies/report-2018.patients.csv", "outcomes.yaml"):
        (folder / name).unlink()
        (folder / name).mkdir()
    ran = here(capsys, "check", folder)
    assert ran.status == 1
    assert {f for f, _, c in _found(ran.out) if c == "unreadable-file"} == {
        SERIES, PROSE, "studies/report-2018.patients.csv", "outcomes.yaml",
    }  # fmt: skip


def test_links_inside_the_folder_are_fine_and_links_out_of_it_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / "studies").rename(folder / "real")
    (folder / "studies").symlink_to("real")
    assert here(capsys, "check", folder).status == 0
    (folder / "studies").unlink()
    (folder / "real").rename(tmp_path / "elsewhere")
    (folder / "studies").symlink_to(tmp_path / "elsewhere")
    ran = here(capsys, "check", folder)
    assert ran.status == 1
    assert {f for f, _, c in _found(ran.out) if c == "path-leaves-folder"} >= {SERIES, TRIAL, CHILDREN}


def test_a_link_to_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / "sources/loop.yaml").symlink_to("loop.yaml")
    ran = here(capsys, "check", folder)
    assert ran.status == 1
    assert "sources/loop.yaml" in ran.out


def test_no_folder_and_no_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert here(capsys, "check", tmp_path / "nothing").status == 2
    ran = here(capsys, "check", tmp_path)
    assert ran.status == 1
    assert "review.yaml:1: missing-file: is missing" in ran.out


def test_a_count_of_more_people_than_there_are_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # beside a printed percentage every whole number up to the count was tried, one after the other
    folder = copy_of_small_review(tmp_path)
    line = change(folder, SERIES, "{value: 4, ", "{value: 99999999999999999999, ")
    ran = here(capsys, "check", folder)
    assert ran.status == 1
    assert f"{SERIES}:{line}: out-of-range: " in ran.out
    assert "at most 10000000000" in ran.out
    change(folder, SERIES, "{value: 99999999999999999999, ", "{value: 9999999999, ")
    assert here(capsys, "check", folder).status == 1


def test_a_day_that_no_calendar_has_is_said_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    text = (folder / "review.yaml").read_text(encoding="utf-8")
    found = re.search(r"^last_search: .*$", text, re.MULTILINE)
    assert found
    line = change(folder, "review.yaml", found.group(), "last_search: 2026-02-31")
    ran = here(capsys, "check", folder)
    assert ran.status == 1
    assert f"review.yaml:{line}: broken-yaml: 2026-02-31 is no day of the calendar" in ran.out


@pytest.mark.parametrize(
    ("day", "told"), [("2999-01-01", True), ("2020-01-01", False), ("none", False)], ids=["future", "past", "none"]
)
def test_a_search_is_made_no_later_than_today(tmp_path: Path, day: str, told: bool) -> None:
    from tests.fixtures.small import problems_of

    folder = copy_of_small_review(tmp_path)
    line = change(folder, "review.yaml", "last_search: none", f"last_search: {day}")
    found = [(p.code, p.line) for p in problems_of(folder)]
    assert (("search-in-the-future", line) in found) is told


def test_the_day_of_a_search_is_held_against_the_named_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2 January 2026, UTC: that day passes, and the next (it is tomorrow somewhere); a later one does not."""
    from tests.fixtures.small import problems_of

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767312000")
    for day, told in (("2026-01-02", False), ("2026-01-03", False), ("2026-01-04", True)):
        folder = copy_of_small_review(tmp_path / day)
        for file in (folder / "judgements").glob("*.yaml"):
            file.unlink()
        change(folder, "review.yaml", "last_search: none", f"last_search: {day}")
        assert ("search-in-the-future" in [p.code for p in problems_of(folder)]) is told, day
