"""The how-to pages on tables, notebooks and figures: what they show is what happens."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sysconfig
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from .fences import Fence, fences

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("page", "examples"),
    [("notebook", 8), ("figures", 10), ("fix-the-words-of-a-text", 3), ("pool-counts-with-published-estimates", 30)],
)
def test_python_blocks(
    page: str, examples: int, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One session from top to bottom, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    blocks = [fence.text for fence in fences(repository / f"docs/how-to/{page}.md") if fence.language == "python"]
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, page, 0)
    assert len(session.examples) >= examples
    said: list[str] = []
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session, out=said.append).failed == 0, "".join(said)


def test_the_page_on_patient_rows(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its examples open the second review, from the repository's folder; its question is one that can be read."""
    from handful.base.yaml_files import Document, parse, validate
    from handful.question.question import AskedOutcome

    monkeypatch.chdir(repository)
    page = repository / "docs/how-to/patient-rows.md"
    blocks = [fence.text for fence in fences(page) if fence.language == "python"]
    session = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "patient-rows", str(page), 0)
    assert len(session.examples) >= 12
    said: list[str] = []
    assert doctest.DocTestRunner().run(session, out=said.append).failed == 0, "".join(said)
    (text,) = (fence.text for fence in fences(page) if fence.language == "yaml")
    document = parse(text, page.name)
    assert isinstance(document, Document)
    assert isinstance(validate(document, AskedOutcome, ("outcome",), document.data["outcome"]), AskedOutcome)


def _tables(page: Path) -> dict[str, Fence]:
    """The csv fences, by the file name in the line of text before each."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found = {}
    for fence in fences(page):
        if fence.language == "csv":
            before = next(line for line in reversed(lines[: fence.line - 1]) if "`" in line)
            found[re.findall(r"`(\w+\.csv)`", before)[-1]] = fence
    return found


def test_tables_and_commands(tmp_path: Path, repository: Path) -> None:
    page = repository / "docs/how-to/pool-a-table.md"
    tables = _tables(page)
    assert set(tables) == {"trials.csv", "arms.csv", "estimates.csv"}
    for name, fence in tables.items():
        (tmp_path / name).write_text(fence.text, encoding="utf-8")
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    run = 0
    for fence in fences(page):
        if fence.language != "console":
            continue
        for chunk in re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]:
            command, _, expected = chunk.partition("\n")
            done = subprocess.run(
                shlex.split(command), cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True,
                check=False, timeout=60,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert doctest.OutputChecker().check_output(expected, done.stdout, doctest.ELLIPSIS), done.stdout
            run += 1
    assert run == 3


def test_every_form_of_table_is_on_the_page(repository: Path) -> None:
    from handful.cli.table_forms import FORMS

    text = (repository / "docs/how-to/pool-a-table.md").read_text(encoding="utf-8")
    for form in FORMS:
        for column in form.columns:
            assert any(f"`{name}`" in text for name in column.names), column.name


@pytest.mark.parametrize("name", ["forest", "funnel", "drapery"])
def test_pictures_say_what_is_drawn_now(
    name: str, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every word of the picture in docs/images is drawn by the page's own lines today, and no other."""
    monkeypatch.chdir(tmp_path)
    blocks = [fence.text for fence in fences(repository / "docs/how-to/figures.md") if fence.language == "python"]
    session: dict[str, object] = {}
    for example in doctest.DocTestParser().get_examples("\n".join(blocks[:2])):
        exec(example.source, session)
    shown, drawn = (
        [text.text for text in ET.parse(file).iter(f"{SVG}text")]
        for file in (repository / f"docs/images/figure-{name}.svg", tmp_path / f"{name}.svg")
    )
    assert len(shown) > 8
    assert shown == drawn
