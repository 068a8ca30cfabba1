"""docs/coming-from-metafor-meta-revman.md has a row for every public name, and no row for a name that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import handful


def _rows(repository: Path) -> list[list[str]]:
    text = (repository / "docs/coming-from-metafor-meta-revman.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]] for line in lines]


def _names() -> set[str]:
    """Every public name, and those inside the public modules."""
    names = {name for name in handful.__all__ if name != "__version__"}
    inner = {f"{module}.{name}" for module in handful._MODULES for name in getattr(handful, module).__all__}
    return names | inner


@pytest.fixture(name="rows", scope="module")
def _rows_fixture(repository: Path) -> list[list[str]]:
    return _rows(repository)


def test_the_page_is_total_over_the_public_names(rows: list[list[str]]) -> None:
    named = [row[0].strip("`") for row in rows if "=" not in row[0]]
    assert not _names() - set(named), "no row"
    assert not set(named) - _names(), "a row for a name that is not public"
    assert len(named) == len(set(named)), "two rows for one name"


def test_every_row_names_each_program_or_says_that_it_has_none(rows: list[list[str]]) -> None:
    for row in rows:
        assert len(row) == 4, row
        assert all(row), row


def test_every_model_has_its_row(rows: list[list[str]]) -> None:
    from handful.synthesis.models import MODELS

    named = {match for row in rows for match in re.findall(r'^`model="([a-z-]+)"', row[0])}
    models = {model.name for model in MODELS}
    assert named <= models
    assert models - named <= {"likelihood"}, "a model without a row (that of hf.combine stands with combine)"
