"""Pooling estimates beside pimeta, in one run: one REML fit, and many of them with Hartung–Knapp limits and prediction.

pimeta runs in a process of its own, in the Python given by ``--python`` (or $PIMETA_PYTHON; else this one), on the same
numbers; both report CPU time without start-up. Where pimeta is not installed there it says so, prints our times and
ends with status 0: nothing was compared. Exit status 1 when a goal is missed or τ² differs by more than 1e-8 from a fit
of pimeta that is at a stationary point.

    python benchmarks/bench_pimeta.py [--python /path/to/python] [--sets 100000]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import handful as hf
from bench_pairwise import cpu, ragged, write
from handful.stats.estimates.between_study import one_problem
from handful.stats.estimates.ragged_kernels import log_likelihoods

COMPARED = 300

PIMETA = """
import csv, sys, time, warnings
warnings.simplefilter("ignore")
import pimeta
sets = {}
for row in csv.DictReader(open(sys.argv[1])):
    sets.setdefault(int(float(row["by"])), []).append((float(row["yi"]), float(row["vi"])))
def cpu(work, least=0.5):
    times = []
    while len(times) < 5 or sum(times) < least:
        start = time.process_time(); work(); times.append(time.process_time() - start)
    return min(times)
def one(rows):
    return pimeta.rma(yi=[y for y, _ in rows], vi=[v for _, v in rows], method="REML", test="knha")
first = next(rows for rows in sets.values() if len(rows) == 13)
one(first)
print("version", getattr(pimeta, "__version__", "?"))
print("one", cpu(lambda: pimeta.rma(yi=[y for y, _ in first], vi=[v for _, v in first], method="REML")))
failed, fits, start = 0, [], time.process_time()
for by, rows in sets.items():
    try:
        fit = one(rows); fit.predict(); fits.append((by, fit.tau2, fit.ci_lb[0]))
    except Exception:
        failed += 1
print("many", (time.process_time() - start) / len(sets))
print("failed", failed)
for fit in fits:
    print("fit", *map(repr, map(float, fit)))
"""


def theirs(python: str, table: Path) -> dict[str, list[list[str]]] | None:
    """What pimeta says, by the first word of each line; None, with a sentence printed, where it is not installed."""
    found = subprocess.run([python, "-c", PIMETA, str(table)], capture_output=True, text=True, check=False)
    if found.returncode:
        last = found.stderr.strip().splitlines()[-1] if found.stderr.strip() else "it ended without a word"
        print(f"pimeta is not installed for {python} (or does not run there): {last}; our times only, nothing compared")
        return None
    out: dict[str, list[list[str]]] = {}
    for line in found.stdout.splitlines():
        word, *rest = line.split()
        out.setdefault(word, []).append(rest)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=os.environ.get("PIMETA_PYTHON", sys.executable), help="has pimeta")
    parser.add_argument("--sets", type=int, default=100_000, help="meta-analyses in our batch (default: %(default)s)")
    options = parser.parse_args()
    y, v, by = ragged(options.sets)
    some = by < COMPARED
    with tempfile.TemporaryDirectory() as folder:
        table = write(Path(folder) / "sets.csv", yi=y[some], vi=v[some], by=by[some])
        other = theirs(options.python, table)
    first = by == next(i for i in range(COMPARED) if int((by == i).sum()) == 13)
    evidence = hf.estimates(y[first], v[first])
    single = cpu(lambda: hf.pool(evidence, model="random-effects", interval="wald"))
    engine = "numba" if importlib.util.find_spec("numba") else "numpy"
    fits = hf.pool_many(y, v, by, interval="hartung-knapp", engine=engine)
    many = cpu(lambda: hf.pool_many(y, v, by, interval="hartung-knapp", engine=engine)) / options.sets
    if other is None:
        print(f"one REML fit, k = 13: {1e6 * single:.0f} µs; {options.sets:,} in a batch: {1e6 * many:.2f} µs each")
        return 0
    their_one, their_many = (float(other[word][0][0]) for word in ("one", "many"))
    print(f"pimeta {other['version'][0][0]}; CPU time; it failed on {other['failed'][0][0]} of {COMPARED} sets")
    held = True
    for what, ours, them, goal in (
        ("one REML fit, k = 13 (hf.pool)", single, their_one, 5),
        (f"{options.sets:,} REML + HK + prediction (pool_many, {engine})", many, their_many, 1000),
    ):
        ratio = them / ours
        held &= ratio >= goal
        print(f"{what:56s} {1e6 * ours:9.2f} µs   pimeta {1e6 * them:9.0f} µs   {ratio:8.1f} × (goal {goal:,} ×)"
              f"{'' if ratio >= goal else '  missed'}")  # fmt: skip
    return 0 if agrees(fits, y, v, by, other["fit"]) and held else 1


def agrees(fits: object, y: np.ndarray, v: np.ndarray, by: np.ndarray, rows: list[list[str]]) -> bool:
    """τ² side by side; where they differ, whose restricted likelihood is the higher."""
    apart, worst, lower = 0, 0.0, 0
    for place, tau2, _ in ((int(float(i)), float(t), float(low)) for i, t, low in rows):
        ours = float(fits.tau2[place])  # type: ignore[attr-defined]
        if abs(ours - tau2) <= 1e-8 * max(1.0, ours):
            worst = max(worst, abs(ours - tau2))
            continue
        apart += 1
        own = by == place
        problem = one_problem(y[own], v[own])
        mine, its = (float(log_likelihoods(problem, np.array([t]), True)[0]) for t in (ours, tau2))
        lower += its - mine > 1e-10  # what rounding leaves of a sum of at most 30 logarithms
    print(
        f"τ² of {len(rows) - apart} sets within 1e-8 (largest difference {worst:.1e}); in {apart} it differs by more,"
    )
    print(f"  in {lower} of which pimeta's restricted likelihood is the higher (its stopping rule is the looser one)")
    return lower == 0


if __name__ == "__main__":
    sys.exit(main())
