"""Looking closer beside R: trim-and-fill and influence diagnostics of 100 studies, with metafor in the same run.

CPU seconds a call, lowest of the rounds; R's start-up is not counted (the R session times its calls itself). The floor
of trim-and-fill is the work that must be done: its fits of the mean, each one pass of sums over the studies for every
trial of τ².

    python benchmarks/bench_looking_closer.py [--rounds 5]

Exit status 1 when trim-and-fill disagrees with metafor in the number filled or by more than 1e-7 in the mean. Without R
and metafor the ratios are left out, and the last line says so.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import handful as hf

STUDIES = 100
CALLS = 20

R_SCRIPT = """
if (!requireNamespace("metafor", quietly=TRUE)) quit(status=3)
suppressMessages(library(metafor))
a <- commandArgs(TRUE); d <- read.csv(a[1]); calls <- as.integer(a[2])
f <- rma(yi, vi, data=d, method="DL"); tf <- trimfill(f, side="left")
time <- function(g) { t <- system.time(for (i in 1:calls) g()); sum(t[1:2]) / calls }
cat(time(function() trimfill(f, side="left")), time(function() influence(f)), tf$k0, sprintf("%.15g", tf$beta[1]),
    as.character(packageVersion("metafor")))
"""


def made(seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """A funnel with most of its small studies on the left missing."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.5, 3 * STUDIES)
    y = rng.normal(0.2, np.sqrt(v + 0.02))
    seen = ~((y < 0.2) & (v > 0.1) & (rng.random(len(y)) < 0.8))
    return y[seen][:STUDIES], v[seen][:STUDIES]


def cpu(call: Callable[[], object], rounds: int) -> float:
    """CPU seconds of one call, lowest of the rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(CALLS):
            call()
        times.append((time.process_time() - start) / CALLS)
    return min(times)


def beside(y: np.ndarray, v: np.ndarray) -> list[str] | None:
    """What metafor measured and found, or None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "data.csv", Path(folder) / "run.R"
        rows = "\n".join(f"{a!r},{b!r}" for a, b in zip(y.tolist(), v.tolist(), strict=True))
        table.write_text(f"yi,vi\n{rows}\n", encoding="utf-8")
        script.write_text(R_SCRIPT, encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(script), str(table), str(CALLS)], capture_output=True, text=True, check=False
        )
    return done.stdout.split() if done.returncode == 0 else None


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    y, v = made()
    fit = hf.pool(hf.estimates(y, v), model="random-effects", tau2="DL", interval="wald")
    filled = hf.trim_and_fill(fit, side="left")
    trim, look = cpu(lambda: hf.trim_and_fill(fit, side="left"), rounds), cpu(lambda: hf.influence(fit), rounds)
    print(f"{STUDIES} studies, DL; CPU milliseconds a call")
    print(f"  trim-and-fill   ours {1e3 * trim:8.2f}   filled {filled.missing}")
    print(f"  influence       ours {1e3 * look:8.2f}")
    theirs = beside(y, v)
    if theirs is None:
        print("R with metafor is not on this machine: no ratios")
        return 0
    r_trim, r_look, k0, mean, version = float(theirs[0]), float(theirs[1]), int(theirs[2]), float(theirs[3]), theirs[4]
    print(f"  trim-and-fill   metafor {version} {1e3 * r_trim:8.2f}   ratio {r_trim / trim:6.0f}   filled {k0}")
    print(f"  influence       metafor {version} {1e3 * r_look:8.2f}   ratio {r_look / look:6.0f}")
    gap = abs(float(filled.fit.coefficient) - mean)
    print(f"  agreement of the filled mean: {gap:.1e} (allowed 1e-7)")
    return 0 if k0 == filled.missing and gap < 1e-7 else 1


if __name__ == "__main__":
    sys.exit(main())
