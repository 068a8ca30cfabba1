"""Writing back: one form, the same data, every comment; a whole file or none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.small import SMALL_REVIEW, copy_of_small_review

from handful.base.problems import Problem
from handful.base.yaml_files import Document, canonical_text, parse
from handful.records.save import format_file, format_folder, record_text, save_record
from handful.records.source import Source
from handful.records.study import Study

words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn"), exclude_characters="\ufeff"),
    max_size=30,
)
scalars = st.one_of(
    st.integers(-1000, 10**6), st.booleans(), st.none(), words, st.sampled_from(["not reported", "9.4"])
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), values, min_size=1, max_size=5))
def test_the_form_is_one_form_and_keeps_the_data(data: dict[str, object]) -> None:
    import io

    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = True
    yaml.dump(data, stream)
    text = stream.getvalue()
    before = parse(text, "f")
    if isinstance(before, Problem):  # what cannot be read (nested too deep, say) has no form
        return
    once = canonical_text(text)
    after = parse(once, "f")
    assert isinstance(after, Document)
    assert after.data == before.data
    assert canonical_text(once) == once


MESSY = """
# first comment


id:   one     # beside the id
arms:
# before the first arm
- id: a      # beside the arm
  n: {assessed:   {value: 4, at: "p. 2"}}    # beside a number

  # before the outcomes
  outcomes:
      - outcome:    better
        note: >-
          folded
          text
        responders: {value: 1, at: 'p. 3'}
# at the end
"""


def test_comments_and_quotes_stay() -> None:
    made = canonical_text(MESSY)
    comments = re.findall(r"#[^\n]*", MESSY)
    assert [c.strip() for c in re.findall(r"#[^\n]*", made)] == [c.strip() for c in comments]
    assert '"p. 2"' in made
    assert "'p. 3'" in made
    assert canonical_text(made) == made
    before, after = parse(MESSY, "f"), parse(made, "f")
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert before.data == after.data


@pytest.mark.parametrize("path", sorted(SMALL_REVIEW.rglob("*.yaml")), ids=lambda p: p.name)
def test_the_small_review_is_in_its_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert canonical_text(text) == text


@pytest.mark.parametrize("path", sorted(SMALL_REVIEW.glob("studies/*.yaml")), ids=lambda p: p.name)
def test_a_record_written_is_the_record_read(path: Path) -> None:
    document = parse(path.read_text(encoding="utf-8"), path.name)
    assert isinstance(document, Document)
    study = Study.model_validate(document.data)
    text = record_text(study, "a comment\nof two lines")
    assert text.startswith("# a comment\n# of two lines\nid: ")
    again = parse(text, path.name)
    assert isinstance(again, Document)
    assert Study.model_validate(again.data) == study
    assert canonical_text(text) == text


def test_a_record_is_saved_whole(tmp_path: Path) -> None:
    document = parse((SMALL_REVIEW / "sources/series-2019.yaml").read_text(encoding="utf-8"), "s")
    assert isinstance(document, Document)
    source = Source.model_validate(document.data)
    save_record(source, tmp_path / "deep" / "s.yaml")
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["s.yaml"], "no half-written file stays"
    read = parse((tmp_path / "deep" / "s.yaml").read_text(encoding="utf-8"), "s")
    assert isinstance(read, Document)
    assert Source.model_validate(read.data) == source


def test_formatting_a_folder_says_and_does_the_same(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    path = folder / "studies/series-2019.yaml"
    tidy = path.read_text(encoding="utf-8")
    path.write_text(
        tidy.replace("    treatment: examplinib\n    dose", "    treatment:     examplinib\n    dose"), encoding="utf-8"
    )
    messy = path.read_text(encoding="utf-8")
    assert format_folder(folder, write=False) == (["studies/series-2019.yaml"], [])
    assert path.read_text(encoding="utf-8") == messy
    assert format_folder(folder) == (["studies/series-2019.yaml"], [])
    assert path.read_text(encoding="utf-8") == tidy
    assert format_folder(folder) == ([], [])


def test_carriage_returns_and_the_byte_order_mark_go(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfid: a\r\nnote: b\r\n")
    assert format_file(path, "a.yaml") == "id: a\nnote: b\n"


def test_nothing_is_written_when_a_file_cannot_be_read(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    (folder / "claims.yaml").write_text("claims:   []\n", encoding="utf-8")
    (folder / "outcomes.yaml").write_text("outcomes: [\n", encoding="utf-8")
    changed, problems = format_folder(folder)
    assert changed == ["claims.yaml"]
    assert [p.code for p in problems] == ["broken-yaml"]
    assert (folder / "claims.yaml").read_text(encoding="utf-8") == "claims:   []\n"
