"""Writes docs/reference/cli.md from what the commands themselves say: ``--help`` of each, its sub-commands included.

python scripts/write_cli_reference.py            write the page
python scripts/write_cli_reference.py --check    status 1 when the page no longer says what the commands say
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"

HEAD = """# Command line

Written by `scripts/write_cli_reference.py` from the commands' own `--help`; a test compares the two. Exit status: 0
fine, 1 problems found, 2 wrong usage. Results go to standard output, messages to standard error.
"""


def help_of(words: tuple[str, ...]) -> str:
    """What ``handful <words> --help`` prints, at a fixed width and in the spelling that all Pythons share."""
    run = subprocess.run(
        [sys.executable, "-m", "handful", *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHON_COLORS": "0"},
    )
    # until Python 3.12: "-o DIR, --output DIR"; since 3.13: "-o, --output DIR"
    text = re.sub(r"(?m)^(\s+-\w) (\S+), (--[\w-]+ \2)", lambda found: _shared_spelling(*found.groups()), run.stdout)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _shared_spelling(short: str, value: str, long: str) -> str:
    return f"{short}, {long}{' ' * (len(value) + 1)}"  # the column of the explanations stays


def commands_of(text: str) -> list[str]:
    """The sub-commands that a help text offers, in its order: the lines below a place-holder such as ``COMMAND``."""
    listed = re.search(r"(?m)^  [A-Z{][\w,{}-]*\n((?:    +\S.*(?:\n|$))+)", text)
    return re.findall(r"(?m)^    ([a-z][\w-]*)(?:  |$)", listed[1]) if listed else []


def reference() -> str:
    parts = [HEAD]

    def add(words: tuple[str, ...]) -> None:
        text = help_of(words)
        parts.append(f"{'#' * min(2 + len(words), 4)} {' '.join(('handful', *words))}\n\n```text\n{text}\n```\n")
        for command in commands_of(text):
            add((*words, command))

    add(())
    return "\n".join(parts)


def same_words(one: str, other: str) -> bool:
    """Equal but for spaces and line ends: where argparse breaks a line differs between Pythons."""
    return one.split() == other.split()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    text = reference()
    if check:
        there = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        if same_words(there, text):
            return 0
        print(f"{PAGE} is not what the commands say: python scripts/write_cli_reference.py", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
