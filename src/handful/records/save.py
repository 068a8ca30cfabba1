"""Records back into files: the one canonical form, comments kept, a whole file or none."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from handful.base.files import write_whole
from handful.base.problems import Problem
from handful.base.yaml_files import canonical_text, parse, read
from handful.records.read import FolderReader

FOLDERS = ("*.yaml", "*/*.yaml")
"""Where the YAML files of a review stand."""


def record_text(model: BaseModel, comment: str = "") -> str:
    """A record as a YAML file: keys as people type them, what was never given left out."""
    import io

    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_plain(model.model_dump(mode="python", by_alias=True, exclude_defaults=True)), stream)
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return canonical_text(head + stream.getvalue())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime.date | str | int | float | bool) or value is None:
        return value
    return str(value)


def save_record(model: BaseModel, path: Path, comment: str = "") -> None:
    """Writes the record to ``path``, whole or not at all."""
    write_whole(path, record_text(model, comment))


def format_file(path: Path, name: str) -> str | Problem | None:
    """The canonical text of the file, None when it stands there already, or why it cannot be read."""
    document = read(path, name)
    if isinstance(document, Problem):
        return document
    text = path.read_bytes().decode("utf-8")
    made = canonical_text(text)
    again = parse(made, name)
    if isinstance(again, Problem) or again.data != document.data:
        message = "would not mean the same in canonical form; it is left as it is"
        return Problem(name, 1, "cannot-format", message, "look at unusual quoting or block text")
    return None if made == text else made


def format_folder(folder: Path, *, write: bool = True) -> tuple[list[str], list[Problem]]:
    """The files that are (or, without ``write``, would be) rewritten, and those that cannot be read.

    Nothing is written when a file cannot be read.
    """
    reader = FolderReader(folder)
    made: dict[Path, str] = {}
    for pattern in FOLDERS:
        for path in reader.files(pattern):
            relative = path.relative_to(folder)
            if any(part.startswith(".") for part in relative.parts):
                continue
            found = format_file(path, relative.as_posix())
            if isinstance(found, Problem):
                reader.problems.append(found)
            elif found is not None:
                made[path] = found
    if write and not reader.problems:
        for path, text in made.items():
            write_whole(path, text)
    return [path.relative_to(folder).as_posix() for path in made], reader.problems
