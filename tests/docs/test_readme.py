"""What README shows is what happens: its Python blocks and its commands are run, outputs included."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from .fences import fences

#: not run here, because they would set up or fetch; the targets must exist instead
SET_UP = ("git clone ", "make ")


@pytest.fixture
def working_copy(tmp_path: Path, repository: Path) -> Path:
    """A folder that looks like the top of the repository to the examples, and may be written to."""
    shutil.copytree(repository / "reviews", tmp_path / "reviews")
    return tmp_path


def test_python_blocks_of_readme(working_copy: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One session from top to bottom, as a reader would type it."""
    monkeypatch.chdir(working_copy)
    blocks = [fence for fence in fences(repository / "README.md") if fence.language == "python"]
    text = "\n".join(fence.text for fence in blocks)
    assert text.count(">>>") >= 8
    session = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session, out=said.append)
    assert result.failed == 0, "".join(said)


def test_console_blocks_of_readme(working_copy: Path, repository: Path) -> None:
    """Each ``$`` line ends with status 0; lines below it, where there are any, are what it prints."""
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    scripts = sysconfig.get_path("scripts")
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    run = 0
    for fence in fences(repository / "README.md"):
        if fence.language != "console":
            continue
        for chunk in re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]:
            command, _, expected = chunk.partition("\n")
            if command.startswith(SET_UP):
                for target in re.findall(r"make (\w+)", command):
                    assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target} does not exist"
                continue
            done = subprocess.run(
                shlex.split(command),
                cwd=working_copy,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert done.returncode == 0, f"README.md:{fence.line}: {command}\n{done.stdout}{done.stderr}"
            if expected.strip():
                checker = doctest.OutputChecker()
                assert checker.check_output(expected, done.stdout, doctest.ELLIPSIS), f"{command}\n{done.stdout}"
            run += 1
    assert run >= 3
    assert (working_copy / "site" / "index.html").is_file()


def test_make_targets_named_in_readme_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make (\w+)`", (repository / "README.md").read_text(encoding="utf-8")))
    assert {"install", "review", "test"} <= named
    missing = {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)}
    assert not missing
