"""What stands in src/handful is what an installed handful has."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch

from .source import PACKAGE, REPOSITORY

SETUPTOOLS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_every_folder_with_python_is_a_package() -> None:
    """setuptools leaves a folder without ``__init__.py`` out of the wheel, and nothing says so."""
    bare = sorted({str(file.parent) for file in PACKAGE.rglob("*.py") if not (file.parent / "__init__.py").is_file()})
    assert not bare


def test_every_data_file_is_packaged() -> None:
    patterns = [pattern.removeprefix("**/") for pattern in SETUPTOOLS["package-data"]["handful"]]
    left_out = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*")
        if file.is_file()
        and file.suffix != ".py"
        and "__pycache__" not in file.parts
        and not any(fnmatch(file.name, pattern) for pattern in patterns)
    ]
    assert not left_out
    assert (PACKAGE / "py.typed").is_file()
