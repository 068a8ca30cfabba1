"""What it costs to start: ``handful --help`` beside a bare interpreter, ``import handful`` beside ``import numpy``, and
pooling one small table from the command line beside Rscript with metafor (left out where that is not installed).

CPU time of fresh processes, the pairs taken in turn within one run, lowest and middle of each; the ratio is of the
lowest. Exit status 1 when a goal is missed.

    python benchmarks/bench_start.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """Something of ours, what it is held against, and how many times that it may cost."""

    name: str
    command: tuple[str, ...]
    against: str
    reference: tuple[str, ...]
    goal: float


TABLE = "yi,vi\n0.1,0.04\n0.3,0.03\n0.35,0.05\n0.65,0.01\n0.45,0.05\n"
R_LINE = 'suppressMessages(library(metafor)); d <- read.csv("{}"); print(predict(rma(yi, vi, data=d, test="knha")))'


def whole_command(handful: str, folder: Path) -> list[Pair]:
    """Five estimates pooled, from start to printed result; nothing where R or metafor is missing."""
    rscript = shutil.which("Rscript")
    if rscript is None or subprocess.run([rscript, "-e", "library(metafor)"], capture_output=True).returncode:
        print("Rscript with metafor is not on this machine: the whole command has no pair")
        return []
    table = folder / "estimates.csv"
    table.write_text(TABLE, encoding="utf-8")
    ours = (handful, "pool", str(table), "--model", "random-effects", "--interval", "hartung-knapp")
    return [Pair("handful pool", ours, "Rscript, metafor", (rscript, "-e", R_LINE.format(table)), 1 / 3)]


def pairs(folder: Path) -> list[Pair]:
    python = sys.executable
    handful = str(Path(sysconfig.get_path("scripts")) / "handful")
    bare = (python, "-c", "pass")
    return [
        Pair("handful --help", (handful, "--help"), "bare interpreter", bare, 5.0),
        Pair("handful --version", (handful, "--version"), "bare interpreter", bare, 5.0),
        Pair("handful build --help", (handful, "build", "--help"), "bare interpreter", bare, 5.0),
        Pair("import handful", (python, "-c", "import handful"), "import numpy", (python, "-c", "import numpy"), 1.3),
        *whole_command(handful, folder),
    ]


def cpu_seconds(command: tuple[str, ...]) -> float:
    """User and system time of one fresh process, its output thrown away."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        process = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)],
        )
        _, status, used = os.wait4(process, 0)
    finally:
        os.close(nowhere)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with status {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="fresh processes per command (default: %(default)s)")
    rounds = parser.parse_args().rounds

    with tempfile.TemporaryDirectory() as folder:
        return compare(pairs(Path(folder)), rounds)


def compare(asked: list[Pair], rounds: int) -> int:
    """Prints each pair; 1 when a goal is missed."""
    missed = 0
    columns = ("lowest", "middle", "against", "lowest", "middle", "ratio", "goal")
    print("{:22s} {:>8s} {:>8s}   {:18s} {:>8s} {:>8s} {:>6s} {:>5s}".format("", *columns))
    for pair in asked:
        ours, theirs = [], []
        cpu_seconds(pair.command)  # the first run writes bytecode and warms the disk cache; it is not counted
        for _ in range(rounds):
            ours.append(cpu_seconds(pair.command))
            theirs.append(cpu_seconds(pair.reference))
        ratio = min(ours) / min(theirs)
        held = ratio <= pair.goal
        missed += not held
        print(
            f"{pair.name:22s} {1000 * min(ours):5.0f} ms {1000 * statistics.median(ours):5.0f} ms   "
            f"{pair.against:18s} {1000 * min(theirs):5.0f} ms {1000 * statistics.median(theirs):5.0f} ms "
            f"{ratio:6.2f} {pair.goal:5.2f}{'' if held else '  missed'}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
