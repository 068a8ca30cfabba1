"""Starting from a template: what is made passes the check, what is to fill in is asked for, nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.command import Ran, here, tree
from tests.fixtures.small import copy_of_small_review

from handful.base.yaml_files import canonical_text
from handful.file_types import file_type_of


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "My first review"
    assert here(capsys, "new", "review", folder).status == 0
    return folder


def test_a_new_review_passes_its_check_and_is_in_form(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "check", fresh)
    assert (ran.status, ran.out) == (0, "")
    assert here(capsys, "format", "--check", fresh).status == 0
    assert "id: my-first-review" in (fresh / "review.yaml").read_text(encoding="utf-8")


def test_a_new_review_can_be_shown_and_traced(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = here(capsys, "show", "example-question", "--review", fresh)
    assert shown.status == 0
    assert "adults: 1 of 4" in shown.out
    assert "children: 0 of 4" in shown.out
    traced = here(capsys, "trace", "example-question", "--review", fresh)
    assert "studies/example-adults.yaml" in traced.out


def test_editors_find_the_schemas_beside_the_files(fresh: Path) -> None:
    looked_at = 0
    for path in sorted(fresh.rglob("*.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        schema = (path.parent / first.partition("=")[2]).resolve()
        assert schema.is_file()
        kind = file_type_of(path.relative_to(fresh).as_posix())
        assert kind is not None
        assert schema.name == kind.schema_file
        looked_at += 1
    assert looked_at == 8


def test_nothing_that_is_there_is_overwritten(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fresh / "review.yaml").write_text("mine\n", encoding="utf-8")
    (fresh / "treatments.yaml").unlink()
    before = tree(fresh)
    ran = here(capsys, "new", "review", fresh)
    assert ran.status == 1
    assert "already there" in ran.err
    assert tree(fresh) == before, "not even what was missing is written"


def test_a_folder_with_other_things_in_it_may_become_a_review(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine\n", encoding="utf-8")
    assert here(capsys, "new", "review", tmp_path).status == 0
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine\n"
    assert here(capsys, "check", tmp_path).status == 0


def test_a_file_cannot_become_a_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text("", encoding="utf-8")
    assert here(capsys, "new", "review", tmp_path / "x").status == 1


def _fill(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, (path.name, old)
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def test_a_study_is_asked_for_what_is_missing_and_passes_when_it_is_filled_in(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = here(capsys, "new", "study", "smith-2024", "--review", fresh, "--treatment", "example-drug")
    assert made.status == 0
    assert {Path(line).relative_to(fresh).as_posix() for line in made.out.splitlines()} == {
        "sources/smith-2024.yaml", "studies/smith-2024.yaml",
    }  # fmt: skip
    asked = here(capsys, "check", fresh)
    assert asked.status == 1
    assert asked.out.count(": empty: ") >= 5
    _fill(fresh / "sources/smith-2024.yaml", ("title:\n", "title: A paper\n"), ("  level:\n", "  level: abstract\n"))
    _fill(
        fresh / "studies/smith-2024.yaml",
        ("        value:\n        at:\n", "        value: 5\n        at: p. 2\n"),
        ("      - outcome:\n", "      - outcome: example-outcome\n"),
        ("          value:\n", "          value: 2\n"),
        ("          at:\n", "          at: p. 3\n"),
    )
    done = here(capsys, "check", fresh)
    assert (done.status, done.out) == (0, "")
    assert here(capsys, "format", "--check", fresh).status == 0


def test_a_question_passes_when_it_is_filled_in(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = here(capsys, "new", "question", "in-adults", "--review", fresh, "--treatment", "example-drug")
    assert made.status == 0
    text = (fresh / "questions/in-adults.yaml").read_text(encoding="utf-8")
    assert "# declared here: example-outcome, example-harm" in text, "it says what can be named"
    assert here(capsys, "check", fresh).status == 1
    _fill(
        fresh / "questions/in-adults.yaml",
        ("title:\n", "title: Example in adults\n"),
        ('asks: ""', 'asks: "Does it?"'),
        ("  name:\n", "  name: example outcome\n"),
        ("    - outcome:\n", "    - outcome: example-outcome\n"),
        ("      because:\n", "      because: the papers' own\n"),
        ("people: {}", "people: {age: adult}"),
    )
    done = here(capsys, "check", fresh)
    assert (done.status, done.out) == (0, "")
    assert "1 of 4" in here(capsys, "show", "in-adults", "--review", fresh).out


def test_a_review_without_schemas_is_not_given_any(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_small_review(tmp_path)
    assert here(capsys, "new", "study", "a-2020", "--review", folder).status == 0
    text = (folder / "studies/a-2020.yaml").read_text(encoding="utf-8")
    assert "yaml-language-server" not in text
    assert canonical_text(text) == text


@pytest.mark.parametrize("name", ["../x", "/etc/x", "A", "a--b", "a b", "", "a.yaml", "é", "a" * 200, "-a", "a/b"])
@pytest.mark.parametrize("what", ["study", "question"])
def test_an_id_cannot_lead_anywhere_else(
    what: str, name: str, fresh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(tmp_path)
    ran = here(capsys, "new", what, "--review", fresh, "--", name)
    assert ran.status == 2
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(["--treatment", "exmple-drug"], "example-drug"), (["--design", "case-seris"], "case-series")],
)
def test_options_that_name_nothing_are_wrong_usage(
    arguments: list[str], hint: str, fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: Ran = here(capsys, "new", "study", "a-2020", "--review", fresh, *arguments)
    assert ran.status == 2
    assert hint in ran.err


def test_a_folder_that_leads_out_is_refused(fresh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(fresh / "studies")
    (fresh / "studies").symlink_to(tmp_path / "elsewhere")
    assert here(capsys, "new", "study", "a-2020", "--review", fresh).status == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (fresh / "sources/a-2020.yaml").exists()
