"""One concept a file: more than 400 lines need a reason that is written down."""

from __future__ import annotations

import tomllib

from .source import PACKAGE, REPOSITORY

MOST_LINES = 400


def _lengths() -> dict[str, int]:
    return {
        file.relative_to(REPOSITORY).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for file in PACKAGE.rglob("*.py")
    }


def _allowed() -> dict[str, dict[str, object]]:
    return tomllib.loads((REPOSITORY / "tests/architecture/long_files.toml").read_text(encoding="utf-8"))


def test_no_file_is_long_without_a_reason() -> None:
    allowed = _allowed()
    long = {
        name: length
        for name, length in _lengths().items()
        if length > MOST_LINES and length > int(str(allowed.get(name, {}).get("lines", 0)))
    }
    assert not long, long


def test_reasons_for_long_files_expire() -> None:
    lengths = _lengths()
    for name, entry in _allowed().items():
        assert entry["because"], name
        assert lengths.get(name, 0) > MOST_LINES, f"{name} is no longer long: take it off the list"


def test_no_file_is_an_attic() -> None:
    attics = {"utils", "util", "helpers", "misc", "common", "manager"}
    found = [path for path in PACKAGE.rglob("*") if path.stem in attics]
    assert not found
