"""docs/reference/problems.md has every code that can be reported, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from handful.records.checks.known_faults import DECLARABLE

from .problem_codes import codes_in_source


def _documented(repository: Path) -> dict[str, list[str]]:
    page = (repository / "docs/reference/problems.md").read_text(encoding="utf-8")
    rows = [line.strip().strip("|").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return {cells[0].strip().strip("`"): [c.strip() for c in cells[1:]] for cells in rows}


def test_every_code_is_explained_and_no_other(repository: Path) -> None:
    codes = codes_in_source()
    assert len(codes) > 80, "the reading of the source has lost its grip"
    documented = _documented(repository)
    assert not set(codes) - set(documented), {c: codes[c] for c in set(codes) - set(documented)}
    assert not set(documented) - set(codes)


def test_each_says_what_is_wrong_and_what_to_do(repository: Path) -> None:
    for code, cells in _documented(repository).items():
        assert len(cells) == (1 if code in ("retracted-source-used", "people-perhaps-shared") else 2), code
        assert all(cells), code


def test_faults_a_source_may_have_are_marked_as_such(repository: Path) -> None:
    page = (repository / "docs/reference/problems.md").read_text(encoding="utf-8")
    section = page[page.index("## Numbers that cannot be") :]
    assert "The first twenty-five may be faults" in section
    first = re.findall(r"^\| `([a-z-]+)`", section, re.MULTILINE)[: len(DECLARABLE)]
    assert len(DECLARABLE) == 25
    assert set(first) == set(DECLARABLE)
