"""What the start may load. The figures are in benchmarks/bench_start.py; here only what must not be there at all."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: everything that is dear or that ``--help`` has no use for
NOT_AT_START = {
    "numpy",
    "scipy",
    "pydantic",
    "pydantic_core",
    "ruamel",
    "jinja2",
    "markdown_it",
    "nh3",
    "pandas",
    "matplotlib",
    "numba",
}


def _loaded(*arguments: str) -> set[str]:
    """Top-level packages that a fresh interpreter loads for these arguments."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "COVERAGE_"))}
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )
    said = "\n".join(line for line in run.stderr.splitlines() if not line.startswith("import time:"))
    assert run.returncode == 0, said
    lines = [line.rsplit("|", 1)[1].strip() for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.split(".")[0] for line in lines}


def test_the_probe_sees_imports() -> None:
    assert "numpy" in _loaded("-c", "import numpy")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["build", "--help"], ["pool", "--help"]], ids=" ".join
)
def test_help_loads_nothing_dear(arguments: list[str]) -> None:
    loaded = _loaded("-m", "handful", *arguments)
    assert "handful" in loaded
    assert not loaded & NOT_AT_START


def test_import_handful_loads_nothing_dear() -> None:
    loaded = _loaded("-c", "import handful; handful.__all__; handful.__version__; dir(handful)")
    assert not loaded & NOT_AT_START


def test_not_estimable_needs_no_numpy() -> None:
    """Results are plain until an array is asked for."""
    assert "numpy" not in _loaded("-c", "import handful; handful.NotEstimable('no studies')")
