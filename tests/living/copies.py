"""Copies of the golden review, and edits of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[1] / "golden/review"


def golden_copy(to: Path, name: str = "review") -> Path:
    """A copy of the golden review in the folder ``to``."""
    shutil.copytree(GOLDEN, to / name)
    return to / name


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Puts ``new`` for the first ``old`` of a file, which must hold it."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    """A git command in that folder, as nobody in particular."""
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e@example.org", *arguments],
        check=True,
        capture_output=True,
    )
