"""docs/reference/cli.md is what the commands say of themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_cli_reference_is_what_the_commands_say(repository: Path) -> None:
    run = subprocess.run(
        [sys.executable, "scripts/write_cli_reference.py", "--check"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr


def test_cli_reference_has_every_promised_command(repository: Path) -> None:
    """A page with no commands would agree with a program that has none."""
    page = (repository / "docs/reference/cli.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ handful (\w+)", page, re.MULTILINE))
    assert {"new", "check", "show", "trace", "pool", "build", "serve"} <= headings
