"""One-stage logistic models beside lme4's glmer in one run, and cells beside rows.

100,000 patients in 200 studies with a continuous covariate: glmer by Laplace, ours by adaptive quadrature, accuracy
held against glmer with 9 nodes on 10,000 of them. A million patients: by row, and with yes-or-no covariates as cells.
CPU time without start-up, of ours the whole call with its checks; peak memory of this process. Exit status 1 when a
goal is missed; without Rscript and lme4 it says so and prints our times only.

    python benchmarks/bench_one_stage.py [--quick]
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import handful as hf

SEED = 20261128

R_SCRIPT = """
suppressMessages(library(lme4)); a <- commandArgs(trailingOnly = TRUE)
cpu <- function(f) { t <- proc.time(); v <- f(); e <- proc.time() - t; list(s = e[[1]] + e[[2]], v = v) }
say <- function(...) cat(..., "\\n", sep = " ")
say("version", as.character(packageVersion("lme4")))
d <- read.csv(a[1]); e <- read.csv(a[2])
r <- cpu(function() glmer(y ~ w + b + (1 | s), d, binomial, nAGQ = 1)); say("laplace", r$s, fixef(r$v))
r <- cpu(function() glmer(y ~ w + b + (1 | s), e, binomial, nAGQ = 9)); say("nine", r$s, sprintf("%.15g", fixef(r$v)),
  sprintf("%.15g", as.numeric(logLik(r$v))))
"""


def patients(studies: int, each: int, *, continuous: bool) -> dict[str, npt.NDArray[Any]]:
    """y, study, and a covariate that differs within and between studies."""
    rng = np.random.default_rng(SEED)
    s = np.repeat(np.arange(studies), each)
    x = rng.normal(size=s.size) + rng.normal(size=studies)[s] / 2 if continuous else (rng.random(s.size) < 0.4) * 1.0
    mean = (np.bincount(s, x) / each)[s]
    eta = -0.5 + rng.normal(size=studies)[s] * 0.8 + 0.4 * (x - mean) + 0.2 * mean
    return {"y": (rng.random(s.size) < 1 / (1 + np.exp(-eta))) * 1.0, "s": s, "x": x, "w": x - mean, "b": mean}


def fit(data: dict[str, npt.NDArray[Any]], **options: Any) -> tuple[Any, float]:
    """The whole call, reading and checking included, and its CPU seconds (the lower of two)."""
    times = []
    for _ in range(2):
        start = time.process_time()
        found = hf.one_stage(data["y"], data["s"], covariates={"x": data["x"]}, interval="wald", **options)
        times.append(time.process_time() - start)
    return found, min(times)


def reference(folder: Path, *sets: dict[str, npt.NDArray[Any]]) -> dict[str, list[float]] | None:
    program = shutil.which("Rscript")
    if program is None:
        return None
    files = []
    for place, data in enumerate(sets):
        files.append(folder / f"{place}.csv")
        columns = np.stack([data[name] for name in ("y", "s", "w", "b")], axis=1)
        np.savetxt(files[-1], columns, delimiter=",", header="y,s,w,b", comments="", fmt="%.17g")
    found = subprocess.run([program, "-e", R_SCRIPT, *map(str, files)], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        return None
    out: dict[str, list[float]] = {}
    for line in found.stdout.splitlines():
        word, *rest = line.split()
        if word == "version":
            print(f"lme4 {rest[0]}")
        else:
            out[word] = [float(v) for v in rest]
    return out


def judged(what: str, value: float, goal: float, words: str) -> bool:
    held = value >= goal
    print(f"{what:62s} {value:8.1f} × (goal {goal:g} ×) {words}{'' if held else '  missed'}")
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave the million rows out")
    quick = parser.parse_args().quick
    many, some = patients(200, 500, continuous=True), patients(100, 100, continuous=True)
    ours, seconds = fit(many)
    small, small_seconds = fit(some, nodes=9)
    held = True
    with tempfile.TemporaryDirectory() as folder:
        theirs = reference(Path(folder), many, some)
    if theirs is None:
        print("no Rscript with lme4 here: our times only")
        print(f"100,000 rows {seconds:.2f} s, 10,000 rows {small_seconds:.3f} s")
    else:
        held &= judged(f"100,000 rows, {ours.nodes} nodes; glmer Laplace", theirs["laplace"][0] / seconds, 10,
                       f"({theirs['laplace'][0]:.2f} s / {seconds:.2f} s)")  # fmt: skip
        held &= judged("10,000 rows, 9 nodes; glmer nAGQ 9", theirs["nine"][0] / small_seconds, 9,
                       f"({theirs['nine'][0]:.2f} s / {small_seconds:.3f} s)")  # fmt: skip
        away = max(
            abs(row.estimate - value) / row.se
            for row, value in zip(small.coefficients, theirs["nine"][1:4], strict=True)
        )
        gain = small.log_likelihood - theirs["nine"][4]
        held &= away <= 1e-3 and gain >= -1e-6
        print(f"  estimates within {away:.1e} standard errors of glmer's, log-likelihood {gain:+.1e} of its")
    if quick:
        return 0 if held else 1
    cells = patients(1000, 1000, continuous=False)
    together, fast = fit(cells)
    apart, slow = fit(cells, compress=False)
    differ = max(abs(a.estimate - b.estimate) for a, b in zip(together.coefficients, apart.coefficients, strict=True))
    held &= judged(f"a million rows as {together.cells:,} cells; by row", slow / fast, 20,
                   f"({slow:.2f} s / {fast:.3f} s), estimates differ by {differ:.1e}")  # fmt: skip
    held &= differ <= 1e-5
    _, rows = fit(patients(1000, 1000, continuous=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    held &= peak < 2
    print(f"a million different rows: {rows:.2f} s; peak memory of this process {peak:.2f} GB (goal below 2)")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
