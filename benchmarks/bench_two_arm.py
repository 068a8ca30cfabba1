"""Odds ratios beside R: the conditional exact mixed model, one fit at a time, with metafor's CM.EL in the same run.

CPU seconds of fits that give estimate, standard error and τ² (``interval="wald"``; ours always adds the profile limits
of τ², so it is timed with and without them). R's start-up is not counted: the R session times its fits itself. Who is
right is judged on the log-likelihood at each side's (μ, τ), both computed with the fine rule: the higher one is nearer
to the maximum.

    python benchmarks/bench_two_arm.py [--sets 8] [--rounds 3]

Exit status 1 when ours is not the higher one, within 1e-8, in every set, or when a fit did not converge. Without R,
metafor and the packages it needs for this model the ratios are left out, and the last line says so.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from handful.stats.comparisons.conditional_curves import ConditionalTables
from handful.stats.comparisons.hypergeometric_normal import pool_hypergeometric_normal, with_information
from handful.stats.count_models.one_effect_ml import maximise
from handful.stats.count_models.random_effect import Quadrature, marginal_value
from handful.stats.results import Fit

ALLOWED_ERROR = 1e-8
STUDIES = 12

R_SCRIPT = """
for (p in c("metafor", "numDeriv", "BiasedUrn")) if (!requireNamespace(p, quietly=TRUE)) quit(status=3)
suppressMessages(library(metafor))
a <- commandArgs(TRUE); d <- read.csv(a[1]); out <- list()
for (s in unique(d$set)) {
  e <- d[d$set == s, ]
  t <- suppressWarnings(system.time(
    f <- try(rma.glmm(measure="OR", ai=a, n1i=n1, ci=c, n2i=n2, data=e, model="CM.EL"), silent=TRUE)))
  bad <- inherits(f, "try-error")
  out[[length(out) + 1]] <- c(s, if (bad) NA else f$beta[1], if (bad) NA else sqrt(f$tau2), sum(t[1:2]))
}
m <- do.call(rbind, out); colnames(m) <- c("set", "mu", "tau", "cpu")
write.csv(m, a[2], row.names=FALSE)
cat(as.character(packageVersion("metafor")))
"""

Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]


def made(sets: int, seed: int = 5) -> list[Columns]:
    """Trials of 20 to 120 people a group, risks near 0.15, odds ratio 1.6, τ 0 to 0.8."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(sets):
        n1, n2 = rng.integers(20, 121, STUDIES), rng.integers(20, 121, STUDIES)
        alpha = rng.normal(-1.8, 0.5, STUDIES)
        theta = rng.normal(np.log(1.6), rng.choice([0.0, 0.4, 0.8]), STUDIES)
        x1, x2 = (rng.binomial(n, 1 / (1 + np.exp(-alpha - side * theta / 2))) for n, side in ((n1, 1), (n2, -1)))
        out.append((x1, n1, x2, n2))
    return out


def likelihood(columns: Columns, mu: float, tau: float) -> float:
    """The log-likelihood at (μ, τ) by the fine rule."""
    kept, _, _ = with_information(tuple(c.astype(float) for c in columns), None)  # type: ignore[arg-type]
    curves = ConditionalTables.of(*kept)
    eta = np.full(len(curves), mu)
    if tau < 1e-6:
        return float(curves.value(eta).sum())
    return float(marginal_value(curves, eta, np.full(len(curves), tau), Quadrature().doubled()).sum())  # type: ignore[arg-type]


def ours(data: list[Columns], rounds: int) -> tuple[list[Fit], float, float]:
    """Fits, CPU seconds a fit with limits of τ², and of the maximum alone."""
    fits = []
    whole = top = np.inf
    for _ in range(rounds):
        start = time.process_time()
        found = [pool_hypergeometric_normal(*columns, interval="wald") for columns in data]
        whole = min(whole, (time.process_time() - start) / len(data))
        fits = [fit for fit in found if isinstance(fit, Fit)]
        start = time.process_time()
        for columns in data:
            kept, _, _ = with_information(tuple(c.astype(float) for c in columns), None)  # type: ignore[arg-type]
            maximise(ConditionalTables.of(*kept), np.ones((len(kept[0]), 1)))  # type: ignore[arg-type]
        top = min(top, (time.process_time() - start) / len(data))
    return fits, whole, top


def theirs(data: list[Columns]) -> tuple[npt.NDArray[np.float64], str] | None:
    """μ, τ and CPU seconds of each set by metafor, and its version; None where it cannot run."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, result, script = (Path(folder) / name for name in ("in.csv", "out.csv", "fit.R"))
        lines = [
            f"{s},{a},{n1},{c},{n2}" for s, columns in enumerate(data) for a, n1, c, n2 in zip(*columns, strict=True)
        ]
        table.write_text("set,a,n1,c,n2\n" + "\n".join(lines) + "\n", encoding="utf-8")
        script.write_text(R_SCRIPT, encoding="utf-8")
        run = subprocess.run(
            ["Rscript", str(script), str(table), str(result)], capture_output=True, text=True, check=False
        )
        if run.returncode != 0 or not result.is_file():
            return None
        return np.genfromtxt(result, delimiter=",", skip_header=1), run.stdout.strip()


def main() -> int:
    """Runs both sides and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    data = made(options.sets)
    fits, whole, top = ours(data, options.rounds)
    print(f"{options.sets} sets of {STUDIES} trials")
    print(f"handful   {1e3 * whole:8.1f} ms a fit with limits of tau²; {1e3 * top:.1f} ms the maximum alone")
    failed = len(fits) != len(data) or not all(fit.converged for fit in fits)
    mine = [likelihood(c, float(f.coefficient), float(f.tau)) for c, f in zip(data, fits, strict=True)]  # type: ignore[arg-type]
    other = theirs(data)
    if other is None:
        print("R with metafor, numDeriv and BiasedUrn is not here: no comparison")
        return int(failed)
    rows, version = other
    cpu = rows[:, 3]
    print(f"metafor   {1e3 * cpu.mean():8.1f} ms a fit (version {version}, CM.EL, default control)")
    print(f"ratio     {cpu.mean() / whole:8.0f} with limits of tau², {cpu.mean() / top:.0f} for the maximum alone")
    fitted = np.isfinite(rows[:, 1])
    print(f"metafor stopped with an error in {int((~fitted).sum())} of {len(data)} sets, handful in none")
    gains = np.array(
        [m - likelihood(c, mu, tau) for m, c, (_, mu, tau, _), ok in zip(mine, data, rows, fitted, strict=True) if ok]
    )
    if gains.size:
        print(f"log-likelihood, ours less theirs: least {gains.min():.1e}, median {np.median(gains):.1e}, "
              f"most {gains.max():.1e}")  # fmt: skip
        failed = failed or bool(gains.min() < -ALLOWED_ERROR)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
