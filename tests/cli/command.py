"""Runs the command line: in this process (fast), or as a program of its own (streams, signals, locale)."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from handful.cli.main import entry


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def here(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Ran:
    """The command in this process."""
    capsys.readouterr()
    status = entry([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return Ran(status, out, err)


def program(*arguments: str | Path, stdin: str | bytes = "", cwd: Path | None = None, **environment: str) -> Ran:
    """The command as a program."""
    run = subprocess.run(
        [sys.executable, "-m", "handful", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=120,
    )
    return Ran(run.returncode, run.stdout.decode("utf-8"), run.stderr.decode("utf-8"))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
