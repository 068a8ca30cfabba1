"""Writing whole files or none, and never outside the folder one was given."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from handful.base.errors import HandfulError

LARGEST_FILE = 50 * 1024 * 1024


class OutsideFolder(HandfulError):
    """A path that leaves the review folder."""


def inside(folder: Path, name: str | Path) -> Path:
    """The path of ``name`` in ``folder``; refuses absolute paths, ``..`` and links that lead out."""
    path = folder / name
    try:
        within = not Path(name).is_absolute() and path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link that leads to itself
        within = False
    if not within:
        raise OutsideFolder(f"{name} leaves the folder {folder}", hint="use a path inside the folder")
    return path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside ``path``, then replace it: a reader sees the old file or the new one, never half of one."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
