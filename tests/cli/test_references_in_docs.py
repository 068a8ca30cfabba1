"""docs/reference/files.md is what the types say, and names every key of every kind of file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from handful.file_types import FILE_TYPES


def test_the_file_reference_is_current(repository: Path) -> None:
    run = subprocess.run(
        [sys.executable, "scripts/write_file_reference.py", "--check"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr


def test_every_kind_of_file_and_every_key_of_it_is_there(repository: Path) -> None:
    page = (repository / "docs/reference/files.md").read_text(encoding="utf-8")
    for kind in FILE_TYPES:
        section = page[page.index(f"\n## {kind.name}\n") :].split("\n## ")[1]
        for name, info in kind.model.model_fields.items():
            assert f"`{info.alias or name}`" in section, (kind.name, name)
