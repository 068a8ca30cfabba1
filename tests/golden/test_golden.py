"""A tiny review built to a whole site, compared file by file with the one that was looked at and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handful.review import open_review
from handful.site.build import style_sheet
from handful.site.publish import publish
from handful.synthesis.results import same

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "site"
AGAIN = "if the change is meant, look at it and run: python -m tests.golden.make"
NAMES = sorted(str(f.relative_to(EXPECTED)) for f in EXPECTED.rglob("*") if f.is_file())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden") / "site"
    publish(open_review(HERE / "review"), to=folder)
    return folder


def test_the_same_files_are_written(built: Path) -> None:
    found = sorted(str(f.relative_to(built)) for f in built.rglob("*") if f.is_file())
    assert found == sorted([*NAMES, "assets/handful.js", "assets/style.css", "review.zip"]), AGAIN
    assert len(NAMES) > 12


def test_the_style_sheet_is_the_package_s(built: Path) -> None:
    assert (built / "assets" / "style.css").read_bytes() == style_sheet()


@pytest.mark.parametrize("name", NAMES)
def test_file(built: Path, name: str) -> None:
    found, expected = (built / name).read_text(encoding="utf-8"), (EXPECTED / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        assert same(json.loads(found), json.loads(expected)), AGAIN
        return
    for i, (a, b) in enumerate(zip(found.splitlines(), expected.splitlines(), strict=False), start=1):
        assert a == b, f"{name}:{i}: {AGAIN}"
    assert found == expected, AGAIN
