"""Reading YAML: the line of every key, problems in our words, nothing executed, nothing expanded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from handful.base.problems import Problem
from handful.base.provenance import ReportedCount
from handful.base.typed import Id, Typed, Words
from handful.base.yaml_files import LARGEST_TEXT, Document, parse, read, validate


class Inner(Typed):
    name: Words
    kind: Literal["red", "green"] = "red"
    n: ReportedCount | None = None


class Outer(Typed):
    id: Id
    inners: tuple[Inner, ...] = ()
    share: Annotated[float | None, Field(gt=0, lt=1)] = None


def _document(text: str) -> Document:
    found = parse(text, "f.yaml")
    assert isinstance(found, Document), found
    return found


def _problems(text: str) -> list[Problem]:
    found = validate(_document(text), Outer)
    assert isinstance(found, list), found
    return found


TEXT = """# a comment
id: one
inners:
  - name: a
    n: {value: 4,
        at: p. 2}

  - {name: b}
share: 0.5
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("id",), 2), (("inners",), 3), (("inners", 0), 4), (("inners", 0, "name"), 4),
        (("inners", 0, "n", "value"), 5), (("inners", 0, "n", "at"), 6),
        (("inners", 1), 8), (("inners", 1, "name"), 8), (("share",), 9),
        (("inners", 1, "nothing"), 8), (("nothing",), 2), ((), 2),
    ],
)  # fmt: skip
def test_every_key_has_its_line_and_what_is_missing_that_of_its_parent(place: tuple[str | int, ...], line: int) -> None:
    assert _document(TEXT).line(place) == line


@pytest.mark.parametrize(
    ("text", "line", "code", "says"),
    [
        ("id: one\ninners:\n  - name: a\n    knid: red\n", 4, "unknown-key", "did you mean `kind`?"),
        ("id: one\nshares: 1\n", 2, "unknown-key", "did you mean `share`?"),
        ("id: one\ninners:\n  - kind: red\n", 3, "missing-key", "add `name:`"),
        ("inners: []\n", 1, "missing-key", "add `id:`"),
        ("id: one\ninners:\n  - name: a\n    kind: gren\n", 4, "unknown-value", "did you mean `green`?"),
        ("id: One\n", 1, "identifier", "harada-2020"),
        ("id: one\ninners: three\n", 2, "wrong-type", "must be a list"),
        ("id: one\ninners: [{name: 3}]\n", 2, "wrong-type", "must be text, found 3"),
        ("id: one\ninners: [{name: ''}]\n", 2, "empty", "inners.0.name is empty"),
        ("id: one\ninners: [{name: }]\n", 2, "empty", "inners.0.name is empty"),
        ("id: one\nshare: 2\n", 2, "out-of-range", "must be less than 1"),
        ("id: one\nshare: half\n", 2, "wrong-type", "must be a number"),
        ("id: one\ninners: [{name: a, n: {value: 4.0, at: p}}]\n", 2, "whole-number", "found 4.0"),
        ("id: one\ninners: [{name: a, n: {value: true, at: p}}]\n", 2, "whole-number", "found True"),
        ("id: one\ninners: [{name: a, n: {value: -1, at: p}}]\n", 2, "negative-count", "found -1"),
        ("id: one\ninners: [{name: a, n: {value: 4}}]\n", 2, "no-locator", "`at:` is missing"),
        ("id: one\ninners: [{name: a, n: {value: 4, derived: x}}]\n", 2, "derived-from-nothing", "from: [source-id]"),
        (
            f"id: one\ninners: [{{name: a, n: {{value: 4, at: p, quote: {'w ' * 26}}}}}]\n",
            2,
            "quote-too-long",
            "26 words",
        ),
    ],
)
def test_problems_are_in_our_words_at_their_line(text: str, line: int, code: str, says: str) -> None:
    (problem,) = _problems(text)
    assert (problem.file, problem.line, problem.code) == ("f.yaml", line, code)
    assert says in f"{problem.message} {problem.hint}"
    assert problem.hint


def test_every_problem_of_a_file_is_told() -> None:
    text = "id: One\nshares: 1\ninners:\n  - kind: gren\n  - name: a\n    n: {value: 4}\n"
    assert {(p.line, p.code) for p in _problems(text)} == {
        (1, "identifier"), (2, "unknown-key"), (4, "unknown-value"), (4, "missing-key"), (6, "no-locator"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("id: 'one\nshare: 1\n", 1, "broken-yaml"),
        ("id: one\n\tshare: 1\n", 2, "broken-yaml"),
        ("id: one\nshare: [1, 2\n", 3, "broken-yaml"),
        ("id: one\nid: two\n", 2, "duplicate-key"),
        ("a: &x [1]\nb: *x\n", 2, "yaml-alias"),
        ("a: 1\nb: !thing {c: 1}\n", 2, "yaml-tag"),
        ("a: 1\nb: !!python/name:os.system x\n", 2, "yaml-tag"),
        ("a: 1\nb:\n" + "[" * 200 + "]" * 200, 3, "too-deep"),
        ("a: one\nb: t\x00wo\n", 2, "broken-yaml"),
    ],
)
def test_what_is_no_plain_yaml_is_one_problem_at_its_line(text: str, line: int, code: str) -> None:
    found = parse(text, "f.yaml")
    assert isinstance(found, Problem)
    assert (found.line, found.code) == (line, code)


def test_an_anchor_that_nothing_uses_is_no_matter() -> None:
    assert _document("a: &x 1\nb: &x 2\n").data == {"a": 1, "b": 2}


def test_a_file_too_large_is_not_parsed() -> None:
    found = parse("#" * (LARGEST_TEXT + 1), "f.yaml")
    assert isinstance(found, Problem)
    assert found.code == "file-too-large"


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(b"id: one\nname: \xff\n")
    found = read(tmp_path / "f.yaml", "f.yaml")
    assert isinstance(found, Problem)
    assert (found.code, found.line) == ("not-utf8", 2)
    missing = read(tmp_path / "none.yaml", "none.yaml")
    assert isinstance(missing, Problem)
    assert missing.code == "unreadable-file"


@given(st.text(max_size=200))
def test_any_text_is_a_document_or_a_problem(text: str) -> None:
    found = parse(text, "f.yaml")
    if isinstance(found, Problem):
        assert 1 <= found.line <= text.count("\n") + text.count("\r") + 2
    else:
        checked = validate(found, Outer)
        assert isinstance(checked, Outer | list)


def test_words_cut_at_a_comma_between_braces_are_one_text_again() -> None:
    """A key of ours never holds a space, so a key without a value after a text is the rest of it."""
    document = parse(
        "accepts:\n  - {outcome: x, because: the word used, without a definition, or nearly, n: 3}\n", "q.yaml"
    )
    assert not isinstance(document, Problem)
    assert document.data == {
        "accepts": [{"outcome": "x", "because": "the word used, without a definition, or nearly", "n": 3}]
    }
    for text in ("{a: 1, two words}", "{a: x, word}", "{two words}", "a: x\ntwo words:\n"):
        kept = parse(text, "q.yaml")
        assert not isinstance(kept, Problem)
        assert None in kept.data.values(), text


def test_the_one_form_puts_quotes_around_words_with_a_comma_between_braces() -> None:
    from handful.base.yaml_files import canonical_text

    made = canonical_text("a: {because: the word used, without a definition}  # kept\n")
    assert "'the word used, without a definition'" in made
    assert "# kept" in made
    assert canonical_text(made) == made
