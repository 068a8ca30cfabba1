"""Pooling estimates beside R's metafor in one run: one fit, 2,000 and 100,000 at once, leave-one-out, permutations.

CPU time of the work itself (no start-up, no reading), each program on the same numbers; for the reference a part of the
repeated work is done and its time per piece taken. Agreement is on what both computed, the reference run with a tight
stopping rule. Batches run in plain numpy and, where numba is installed, compiled (loaded before the clock starts; what
loading costs is in docs/decisions/fast-kernels.md). Exit status 1 when a goal is missed, a fit did not end, or τ² is
more than 1e-8 from the reference; without Rscript and metafor it says so and prints our times only.

    python benchmarks/bench_pairwise.py [--sets 100000]
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import handful as hf

SEED = 20261122

R_SCRIPT = """
suppressMessages(library(metafor))
a <- commandArgs(trailingOnly = TRUE); d <- read.csv(a[1]); one <- read.csv(a[2]); hundred <- read.csv(a[3])
twenty <- read.csv(a[4])
cpu <- function(f) { t <- proc.time(); v <- f(); e <- proc.time() - t; list(s = e[[1]] + e[[2]], v = v) }
say <- function(...) cat(..., "\\n", sep = " ")
say("version", as.character(packageVersion("metafor")))
invisible(rma(yi, vi, data = one)); invisible(predict(rma(yi, vi, data = one, test = "knha")))
say("one", cpu(function() for (i in 1:100) rma(yi, vi, data = one))$s / 100)
sets <- split(d, d$by)
fits <- cpu(function() sapply(sets, function(s) {
  f <- try(suppressWarnings(rma(yi, vi, data = s, test = "knha")), silent = TRUE)
  if (inherits(f, "try-error")) return(c(NA, NA)); p <- predict(f); c(f$beta, p$pi.lb) }))
say("many", fits$s / length(sets)); say("failed", sum(is.na(fits$v[1, ])))
r <- rma(yi, vi, data = hundred); say("left", cpu(function() leave1out(r))$s)
say("signs", cpu(function() permutest(rma(yi, vi, data = twenty), iter = 300, progbar = FALSE))$s / 300)
say("orders", cpu(function() permutest(rma(yi, vi, mods = ~ dose, data = twenty), iter = 300, progbar = FALSE))$s / 300)
for (s in sets) { f <- try(suppressWarnings(rma(yi, vi, data = s, test = "knha",
  control = list(threshold = 1e-13, maxiter = 10000))), silent = TRUE)
  if (!inherits(f, "try-error")) say("fit", s$by[1], sprintf("%.17g", f$tau2), sprintf("%.17g", f$ci.lb)) }
"""


def ragged(sets: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """k of 2 to 30, log-normal variances, τ² one of four."""
    generator = np.random.default_rng(SEED)
    by = np.repeat(np.arange(sets), generator.integers(2, 31, sets))
    v = generator.lognormal(-2.0, 0.8, len(by))
    tau2 = generator.choice([0.0, 0.05, 0.2, 1.0], sets)[by]
    return 0.3 + generator.normal(size=len(by)) * np.sqrt(v + tau2), v, by


def cpu(work: Callable[[], Any], at_least: float = 0.5) -> float:
    """Lowest CPU seconds of a call, over at least five calls and half a second."""
    work()
    times: list[float] = []
    while len(times) < 5 or (sum(times) < at_least and len(times) < 2000):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def reference(files: list[Path]) -> dict[str, list[list[str]]] | None:
    """What the reference says, by the first word of each line; None where it is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    found = subprocess.run(
        [program, "-e", R_SCRIPT, *map(str, files)], capture_output=True, text=True, check=False
    )  # fmt: skip
    if found.returncode != 0:
        print(found.stderr.strip().splitlines()[-1] if found.stderr.strip() else "Rscript failed")
        return None
    out: dict[str, list[list[str]]] = {}
    for line in found.stdout.splitlines():
        word, *rest = line.split()
        out.setdefault(word, []).append(rest)
    return out


def write(path: Path, **columns: Any) -> Path:
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(names), *(",".join(repr(float(x)) for x in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def line(what: str, ours: float, theirs: float | None, goal: float, unit: str) -> bool:
    """One row; whether the goal is held (or cannot be judged)."""
    if theirs is None:
        print(f"{what:44s} {1e6 * ours:10.2f} µs {unit}")
        return True
    ratio = theirs / ours
    held = ratio >= goal
    print(
        f"{what:44s} {1e6 * ours:10.2f} µs   metafor {1e6 * theirs:10.0f} µs {unit:14s} {ratio:8.0f} × "
        f"(goal {goal:,.0f} ×){'' if held else '  missed'}"
    )
    return held


def agrees(what: str, many: Any, theirs: dict[str, list[list[str]]] | None) -> bool:
    """One row; whether every fit ended, and τ² is the reference's to 1e-8 wherever that has one."""
    print(f"{what}: {int(many.converged.sum()):,} converged, {int(many.several_tops.sum())} with several tops", end="")
    held = bool(many.converged.all())
    if theirs is not None:
        rows = [(int(float(i)), float(t), float(low)) for i, t, low in theirs.get("fit", [])]
        index = np.array([i for i, _, _ in rows])
        tau2, low = (np.array([row[j] for row in rows]) for j in (1, 2))
        worst = float(np.abs(many.tau2[index] - tau2).max())
        held = held and worst <= 1e-8
        print(f"; on {len(index)} sets (metafor failed on {300 - len(index)}) τ² differs by {worst:.1e}, "
              f"the lower limit by {np.abs(many.low[index] - low).max():.1e}", end="")  # fmt: skip
    print("" if held else "  missed")
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--sets", type=int, default=100_000, help="meta-analyses in the large batch (default: %(default)s)"
    )
    sets = parser.parse_args().sets
    generator = np.random.default_rng(SEED)
    y, v, by = ragged(sets)
    one, hundred, twenty = (slice(0, k) for k in (13, 100, 20))
    ys, vs = 0.3 + generator.normal(size=100) * 0.6, generator.lognormal(-2.0, 0.8, 100)
    dose = generator.uniform(0, 10, 20)
    compared = by < 300
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        files = [
            write(at / "many.csv", yi=y[compared], vi=v[compared], by=by[compared]),
            write(at / "one.csv", yi=ys[one], vi=vs[one]),
            write(at / "hundred.csv", yi=ys[hundred], vi=vs[hundred]),
            write(at / "twenty.csv", yi=ys[twenty], vi=vs[twenty], dose=dose),
        ]
        theirs = reference(files)
    if theirs is None:
        print("no Rscript with metafor here: our times only\n")
    else:
        print(f"metafor {theirs['version'][0][0]}; CPU time, lowest of several; seed {SEED}\n")

    def per(word: str) -> float | None:
        return None if theirs is None else float(theirs[word][0][0])

    single = hf.estimates(ys[one], vs[one])
    first = by < 2000
    rows = np.array([[i for i in range(100) if i != j] for j in range(100)])
    leave_y, leave_v, leave_by = ys[rows].ravel(), vs[rows].ravel(), np.repeat(np.arange(100), 99)
    draws = generator.integers(0, 20, (10_000, 20))
    draw_by = np.repeat(np.arange(10_000), 20)
    engines = ["numpy", "numba"] if importlib.util.find_spec("numba") else ["numpy"]
    fits = [hf.pool_many(y, v, by, interval="hartung-knapp", engine=engine) for engine in engines]
    some = hf.estimates(ys[twenty], vs[twenty])
    signs, orders = hf.regress(some, test="z"), hf.regress(some, {"dose": dose}, test="z")
    assert not isinstance(signs, hf.NotEstimable)
    assert not isinstance(orders, hf.NotEstimable)
    left = per("left")
    held = [
        line("one REML fit, k = 13, every statistic", cpu(lambda: hf.pool(single)), per("one"), 20, "a fit"),
        line("2,000 REML + Hartung–Knapp + prediction",
             cpu(lambda: hf.pool_many(y[first], v[first], by[first], engine="numpy")) / 2000, per("many"), 1000,
             "each"),
        line(f"{sets:,} of the same, k 2 to 30", cpu(lambda: hf.pool_many(y, v, by, engine="numpy")) / sets,
             per("many"), 1000, "each"),
        line("leave-one-out, k = 100", cpu(lambda: hf.pool_many(leave_y, leave_v, leave_by)) / 100,
             None if left is None else left / 100, 1000, "each"),
        line("10,000 sign changes, k = 20, REML",
             cpu(lambda: signs.permutation_test(10_000, seed=1, engine="numpy")) / 10_000, per("signs"), 3000, "each"),
        line("10,000 orders of a moderator, k = 20, REML",
             cpu(lambda: orders.permutation_test(10_000, seed=1)) / 10_000, per("orders"), 1000, "each"),
    ]  # fmt: skip
    if len(engines) == 1:
        print("numba is not installed: nothing compiled to measure")
    else:
        held += [
            line(f"compiled: {sets:,} of the same", cpu(lambda: hf.pool_many(y, v, by, engine="numba")) / sets,
                 per("many"), 5000, "each"),
            line("compiled: 2,000 of the same",
                 cpu(lambda: hf.pool_many(y[first], v[first], by[first], engine="numba")) / 2000, per("many"), 3000,
                 "each"),
            line("compiled: leave-one-out, k = 100",
                 cpu(lambda: hf.pool_many(leave_y, leave_v, leave_by, engine="numba")) / 100,
                 None if left is None else left / 100, 1000, "each"),
            line("compiled: 10,000 bootstrap samples, k = 20",
                 cpu(lambda: hf.pool_many(ys[draws].ravel(), vs[draws].ravel(), draw_by, engine="numba")) / 10_000,
                 per("many"), 3000, "each"),
            line("compiled: 10,000 sign changes, k = 20, REML",
                 cpu(lambda: signs.permutation_test(10_000, seed=1, engine="numba")) / 10_000, per("signs"), 3000,
                 "each"),
        ]  # fmt: skip
    print()
    for engine, many in zip(engines, fits, strict=True):
        held.append(agrees(f"{engine}: {sets:,} fits", many, theirs))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
