"""One-arm pooling beside R: the binomial–normal model, one fit and 10,000, with metafor and lme4 in the same run.

CPU seconds, the two sides taken in turn on the same counts. R's own start-up is not counted: each R session times
its fits itself. The agreement is judged on the log-likelihood at each side's maximum, both computed with the fine
trapezoid rule. The floor is the exponentials that any quadrature of this accuracy must take (15 Gauss–Hermite nodes
× 6 evaluations), timed here.

    python benchmarks/bench_one_arm.py [--sets 10000] [--rounds 3]

Exit status 1 when a goal is missed; without R the ratios are left out, and the last line says so.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import handful as hf
from handful.stats.count_models.binomial_normal_many import OK, pool_binomial_normal_many
from handful.stats.count_models.curves import BinomialCurves
from handful.stats.count_models.one_effect_ml import maximise
from handful.stats.count_models.random_effect import Quadrature, marginal_value

GOAL_BATCH, GOAL_SINGLE, GOAL_ERROR = 300.0, 30.0, 1e-8

R_SCRIPT = """
suppressMessages({library(lme4); have_metafor <- requireNamespace("metafor", quietly=TRUE)})
a <- commandArgs(TRUE); d <- read.csv(a[1]); out <- list()
for (s in unique(d$set)) {
  e <- d[d$set == s, ]; e$id <- factor(seq_len(nrow(e)))
  g <- function() suppressMessages(suppressWarnings(
    glmer(cbind(x, n - x) ~ 1 + (1 | id), data=e, family=binomial, nAGQ=7)))
  t <- system.time(f <- g()); lme4 <- sum(t[1:2])
  mf <- NA
  if (have_metafor && s <= as.integer(a[2]))
    mf <- sum(suppressWarnings(system.time(try(metafor::rma.glmm(measure="PLO", xi=x, ni=n, data=e),
    silent=TRUE)))[1:2])
  out[[length(out) + 1]] <- c(s, fixef(f)[[1]], sqrt(VarCorr(f)$id[1]), lme4, mf)
}
m <- do.call(rbind, out); colnames(m) <- c("set", "mu", "tau", "lme4", "metafor")
write.csv(m, a[3], row.names=FALSE)
cat(as.character(packageVersion("lme4")), if (have_metafor) as.character(packageVersion("metafor")) else "absent")
"""


def sparse_sets(sets: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Small sparse series: 5 to 40 people, rates around 0.2, τ from 0 to 1.5."""
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 41, (sets, k))
    theta = rng.normal(-1.4, rng.choice([0.0, 0.5, 1.0, 1.5], sets)[:, None], (sets, k))
    return rng.binomial(n, 1 / (1 + np.exp(-theta))), n


def cpu(function: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Least CPU time of several rounds, and the answer."""
    best, answer = float("inf"), None
    for _ in range(rounds):
        start = time.process_time()
        answer = function()
        best = min(best, time.process_time() - start)
    return best, answer


def in_r(x: np.ndarray, n: np.ndarray, metafor_sets: int) -> tuple[np.ndarray, str] | None:
    """μ, τ and CPU seconds of lme4 and metafor for each set; None where R or lme4 is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, script, answer = (Path(folder) / name for name in ("d.csv", "s.R", "a.csv"))
        rows = [f"{s + 1},{a},{b}" for s in range(len(x)) for a, b in zip(x[s], n[s], strict=True)]
        data.write_text("set,x,n\n" + "\n".join(rows), encoding="utf-8")
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = ["Rscript", str(script), str(data), str(metafor_sets), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr[-500:])
            return None
        return np.loadtxt(answer, delimiter=",", skiprows=1, ndmin=2), done.stdout


def exact(x: np.ndarray, n: np.ndarray, mu: float, tau: float) -> float:
    curves = BinomialCurves.of(x, n)
    k = len(x)
    if tau <= 0:
        return float(curves.value(np.full(k, mu)).sum())
    return float(marginal_value(curves, np.full(k, mu), np.full(k, tau), Quadrature(refine=2.0)).sum())


def floor_seconds(k: int) -> float:
    """CPU seconds of the exponentials one fit cannot do without."""
    values = np.linspace(-20.0, 0.0, 1_000_000)
    seconds, _ = cpu(lambda: np.exp(values), 5)
    return seconds / len(values) * k * 15 * 6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    report: dict[str, Any] = {}
    missed = []
    for k, r_sets, sets in ((10, 30, asked.sets), (100, 6, max(asked.sets // 20, 10))):
        x, n = sparse_sets(sets, k, seed=k)
        many_seconds, fits = cpu(lambda x=x, n=n: pool_binomial_normal_many(x, n), asked.rounds)
        usable = np.flatnonzero(fits.status == OK)[:r_sets]
        singles, wholes = [], []
        for s in usable:
            curves, ones = BinomialCurves.of(x[s], n[s]), np.ones((k, 1))
            singles.append(cpu(lambda c=curves, o=ones: maximise(c, o), asked.rounds)[0])
            one = hf.one_arm(x[s], n[s])
            wholes.append(cpu(lambda e=one: hf.pool(e, model="binomial-normal"), 1)[0])
        assert all(fits.converged[fits.status == OK])
        ours = [exact(x[s], n[s], fits.mu[s], fits.tau2[s] ** 0.5) for s in usable]
        error = max(abs(a - fits.log_likelihood[s]) for a, s in zip(ours, usable, strict=True))
        floor = floor_seconds(k)
        line: dict[str, Any] = {
            "k": k,
            "microseconds a fit, in one call": 1e6 * many_seconds / sets,
            "microseconds, one fit": 1e6 * float(np.median(singles)),
            "microseconds, hf.pool with three profile intervals": 1e6 * float(np.median(wholes)),
            "times the floor, in one call": many_seconds / sets / floor,
            "largest error of the log-likelihood": error,
        }
        if error > GOAL_ERROR:
            missed.append(f"k = {k}: log-likelihood off by {error:.1e}")
        found = in_r(x[usable], n[usable], len(usable))
        if found is not None:
            table, versions = found
            theirs = [exact(x[s], n[s], row[1], row[2]) for s, row in zip(usable, table, strict=True)]
            lme4, metafor = float(np.median(table[:, 3])), float(np.nanmedian(table[:, 4]))
            line |= {
                "R": f"lme4, metafor {versions}",
                "glmer nAGQ=7 / ours, in one call": lme4 / (many_seconds / sets),
                "glmer nAGQ=7 / ours, one fit": lme4 / float(np.median(singles)),
                "rma.glmm / ours, one fit": metafor / float(np.median(singles)),
                "rma.glmm / hf.pool with profile intervals": metafor / float(np.median(wholes)),
                "largest log-likelihood that glmer leaves behind": max(
                    a - b for a, b in zip(ours, theirs, strict=True)
                ),
                "largest difference of μ from glmer": float(np.abs(fits.mu[usable] - table[:, 1]).max()),
            }
            if k == 10:
                if line["glmer nAGQ=7 / ours, in one call"] < GOAL_BATCH:
                    missed.append(
                        f"in one call {line['glmer nAGQ=7 / ours, in one call']:.0f} times, goal {GOAL_BATCH:g}"
                    )
                if line["glmer nAGQ=7 / ours, one fit"] < GOAL_SINGLE:
                    missed.append(f"one fit {line['glmer nAGQ=7 / ours, one fit']:.0f} times, goal {GOAL_SINGLE:g}")
        report[f"k = {k}"] = line
    print(json.dumps(report, indent=1, ensure_ascii=False, default=lambda v: float(f"{v:.4g}")))
    if shutil.which("Rscript") is None:
        print("R is not installed: the ratios to glmer and rma.glmm were left out")
    for miss in missed:
        print(f"missed: {miss}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
