"""What the tree must not say: addresses of package indexes, folders of the machine it was written on."""

from __future__ import annotations

import re
import subprocess

from .source import REPOSITORY

# written in pieces, so that this file does not contain what it looks for
FORBIDDEN = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"pypi" + r"\.org",
        r"python" + r"hosted",
        r"anaconda" + r"\.org",
        r"conda" + r"-forge",
        r"--(?:extra-)?index" + r"-url\s*[=\s]\s*\S*://",
        r"(?<![\w.])/wo" + r"rk/",
        r"(?<![\w.])/ro" + r"ot/",
        r"(?<![\w.])/opt/wh" + r"eels",
        r"(?<![\w.])/home/\w+/",
        r"(?<![\w.])/Us" + r"ers/\w+/",
        r"\.\./sha" + r"red",
    )
]
BINARY = {".png", ".jpg", ".ico", ".woff2", ".parquet", ".pdf", ".gz"}


def _tracked_texts() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        return listed.stdout.splitlines()
    skipped = {".venv", ".git", "site", "shots", "build", "dist", "__pycache__"}
    return [
        path.relative_to(REPOSITORY).as_posix()
        for path in REPOSITORY.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(REPOSITORY).parts)
    ]


def test_no_text_names_an_index_or_a_local_folder() -> None:
    names = _tracked_texts()
    assert len(names) > 50
    wrong = []
    for name in names:
        path = REPOSITORY / name
        if path.suffix in BINARY or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        for pattern in FORBIDDEN:
            for match in pattern.finditer(text):
                wrong.append(f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}")
    assert not wrong, "\n".join(wrong)


def test_the_patterns_bite() -> None:
    """A check that cannot fail is none."""
    examples = ["https://pypi" + ".org/simple", "see /wo" + "rk/main/x", "from ../sha" + "red/design.md"]
    for example in examples:
        assert any(pattern.search(example) for pattern in FORBIDDEN), example
