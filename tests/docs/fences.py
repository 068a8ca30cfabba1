"""The fenced blocks of a Markdown file, with the line they start on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fence:
    language: str
    text: str
    line: int


def fences(file: Path) -> list[Fence]:
    found: list[Fence] = []
    language, start, lines = "", 0, [""][:0]
    inside = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        mark = re.match(r"^```(\S*)\s*$", line)
        if mark and not inside:
            language, start, lines, inside = mark[1], number, [], True
        elif mark:
            found.append(Fence(language, "\n".join(lines) + "\n", start))
            inside = False
        elif inside:
            lines.append(line)
    assert not inside, f"{file.name}:{start}: a fence that does not end"
    return found
