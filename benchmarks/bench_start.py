"""What it costs to start: ``handful --help`` beside a bare interpreter, ``import handful`` beside ``import numpy``, and
pooling small tables of every kind from the command line beside Rscript with metafor (left out where that is not
installed).

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


@dataclass(frozen=True)
class Pooled:
    """A small table, how handful pools it, and the line of R that does the same."""

    name: str
    table: str
    options: tuple[str, ...]
    line: str


_TWO = (
    "study,events1,total1,events2,total2\nA,3,10,5,11\nB,5,12,6,14\nC,1,9,4,10\nD,7,11,8,12\nE,2,8,5,9\nF,4,15,9,16\n"
)
_COUNTS = "ai=events1, n1i=total1, ci=events2, n2i=total2, data=d"
POOLED = (
    Pooled(
        "estimates",
        "yi,vi\n0.1,0.04\n0.3,0.03\n0.35,0.05\n0.65,0.01\n0.45,0.05\n",
        ("--model", "random-effects", "--interval", "hartung-knapp"),
        'predict(rma(yi, vi, data=d, test="knha"))',
    ),
    Pooled(
        "two means",
        "study,n1,mean1,sd1,n2,mean2,sd2\nA,30,10,3,31,11,3.2\nB,25,9,2.5,24,11,3\nC,40,10.5,3,38,11,3.1\nD,20,9,3,22,12,3.5\n",
        ("--measure", "SMD", "--model", "random-effects"),
        'rma(measure="SMD", n1i=n1, m1i=mean1, sd1i=sd1, n2i=n2, m2i=mean2, sd2i=sd2, data=d, test="adhoc")',
    ),
    Pooled(
        "two arms, inverse",
        _TWO,
        ("--measure", "RR", "--model", "random-effects"),
        f'rma(measure="RR", {_COUNTS}, test="adhoc")',
    ),
    Pooled("two arms, MH", _TWO, ("--model", "mantel-haenszel"), f'rma.mh(measure="OR", {_COUNTS})'),
    Pooled("two arms, Peto", _TWO, ("--model", "peto"), f"rma.peto({_COUNTS})"),
    Pooled(
        "two arms, CM.AL",
        _TWO,
        ("--model", "conditional-approximate"),
        f'rma.glmm(measure="OR", {_COUNTS}, model="CM.AL")',
    ),
    Pooled(
        "one arm",
        "study,events,total\nA,3,10\nB,5,12\nC,1,9\nD,7,11\nE,2,8\nF,4,15\n",
        (),
        'rma.glmm(measure="PLO", xi=events, ni=total, data=d)',
    ),
    Pooled(
        "rates",
        "study,events,time\nA,3,10.5\nB,5,12\nC,1,9\nD,7,11\nE,2,8\n",
        (),
        'rma.glmm(measure="IRLN", xi=events, ti=time, data=d)',
    ),
)


def whole_command(handful: str, folder: Path) -> list[Pair]:
    """Small tables pooled, from start to printed result; nothing where R or metafor is missing."""
    rscript = shutil.which("Rscript")
    if rscript is None or subprocess.run([rscript, "-e", "library(metafor)"], capture_output=True).returncode:
        print("Rscript with metafor is not on this machine: the whole command has no pair")
        return []
    made = []
    for place, pooled in enumerate(POOLED):
        table = folder / f"{place}.csv"
        table.write_text(pooled.table, encoding="utf-8")
        line = f'suppressMessages(library(metafor)); d <- read.csv("{table}"); print({pooled.line})'
        ours = (handful, "pool", str(table), *pooled.options)
        made.append(Pair(f"pool {pooled.name}", ours, "Rscript, metafor", (rscript, "-e", line), 1 / 3))
    return made


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
