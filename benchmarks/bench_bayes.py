"""Exact posteriors: one of 8 studies, one of 50, two arms of 13, the normal model, and 10,000 in one call.

CPU seconds, lowest of some rounds. Every row says how far the answer lies from a computation at the finest grid (or,
for eight studies, from an independent brute force), in posterior sds, and how far the time lies from a floor: the
arithmetic of one table × kernel product and its exponentials, timed here.

References are run when they are there: bayesmeta through Rscript, PyMC with nutpie through engine="mcmc" (the extra
``handful[mcmc]``; one run each, compiling included, with the largest distance of its draws from the exact posterior).
Where one is absent its column holds a stored figure, measured on another machine and a different data set of the same
size, and the row says so; such a ratio is a rough guide, no more.

    python benchmarks/bench_bayes.py [--sets 10000] [--rounds 5]

Exit status 1 when an accuracy goal is missed.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import handful as hf
from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.bayes_curves import pool_curves_bayes
from handful.stats.bayes.bayes_normal import pool_normal_bayes
from handful.stats.bayes.likelihood_curves import from_table
from handful.stats.bayes.priors import HalfNormal, Normal

#: CPU seconds stored from runs elsewhere: never compare them with each other, only in order of magnitude with ours
STORED = {
    "nutpie 4×1000, sampling": 0.5,
    "nutpie 4×1000, with compiling": 15.0,
    "numpyro 4×1000, warm": 12.0,
    "bayesmeta, default": 10.0,
}
X8, N8 = [1, 0, 3, 4, 6, 5, 0, 2], [4, 4, 10, 4, 17, 10, 8, 10]
BCG = (
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808),
    (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277), (17, 1716, 65, 1665),
    (186, 50634, 141, 27338), (5, 2498, 3, 2341), (27, 16913, 29, 17854),
)  # fmt: skip
QUANTILES = [0.005, 0.025, 0.25, 0.5, 0.75, 0.975, 0.995]


def best_of(rounds: int, work: Callable[[], Any]) -> tuple[float, Any]:
    lowest, found = np.inf, None
    for _ in range(rounds):
        start = time.process_time()
        found = work()
        lowest = min(lowest, time.process_time() - start)
    return float(lowest), found


def distance(a: Any, b: Any) -> float:
    """Largest difference of mean, sd and quantiles of μ, τ, a new study and every study, in posterior sds."""
    pairs = [(a.posteriors[k], b.posteriors[k]) for k in ("mean", "tau", "prediction")]
    pairs += list(zip(a.posteriors["studies"].values(), b.posteriors["studies"].values(), strict=True))
    worst = 0.0
    for p, q in pairs:
        gaps = np.abs(np.array([p.mean, p.sd, *p.quantile(QUANTILES)]) - [q.mean, q.sd, *q.quantile(QUANTILES)])
        worst = max(worst, float(gaps.max()) / q.sd)
    return worst


def brute_force(x: list[int], n: list[int]) -> tuple[float, float, float, float]:
    """Mean and sd of μ and of τ by Gauss–Legendre panels and a plain sum: other code, slower."""

    def panels(edges: list[float], order: int) -> tuple[np.ndarray, np.ndarray]:
        nodes, weights = np.polynomial.legendre.leggauss(order)
        half = np.diff(edges)[:, None] / 2
        return ((np.array(edges[:-1])[:, None] + half) + half * nodes).ravel(), (half * weights).ravel()

    mu, w_mu = panels([-10, -4, -2, -1, 0, 2, 8], 24)
    tau, w_tau = panels([0, 0.4, 1.2, 2.5, 5, 9], 20)
    z = np.linspace(-9, 9, 241)
    phi = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    theta = mu[:, None, None] + tau[None, :, None] * z
    soft = np.logaddexp(0, theta)
    weight = np.outer(w_mu * Normal(0, 2).density(mu), w_tau * HalfNormal(1).density(tau))
    for a, b in zip(x, n, strict=True):
        weight *= np.exp(a * theta - b * soft) @ phi
    weight /= weight.sum()
    found = []
    for values in (mu[:, None], tau[None, :]):
        mean = float((weight * values).sum())
        found += [mean, float(np.sqrt((weight * (values - mean) ** 2).sum()))]
    return found[0], found[1], found[2], found[3]


def floor(k: int) -> float:
    """Arithmetic that cannot be avoided: a k × 400 table times 400 × 1,100 kernels, and their exponentials."""
    table, points = np.random.default_rng(0).random((k, 400)), np.linspace(0, 30, 400 * 1100).reshape(400, 1100)

    def work() -> None:
        _ = table @ np.exp(-points)

    return best_of(7, work)[0]


def r_bayesmeta(y: np.ndarray, v: np.ndarray) -> float | None:
    """CPU seconds of bayesmeta for the same estimates, or None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    script = (
        'if (!requireNamespace("bayesmeta", quietly=TRUE)) quit(status=3);'
        f"y <- c({','.join(map(repr, y.tolist()))}); s <- sqrt(c({','.join(map(repr, v.tolist()))}));"
        "t <- system.time(bayesmeta::bayesmeta(y, s, tau.prior=function(t) bayesmeta::dhalfnormal(t, scale=0.5)));"
        "cat(sum(t[1:2]))"
    )
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def sampled(x: Any, n: Any) -> tuple[float, Any] | None:
    """CPU seconds and the fit of PyMC with nutpie, four chains of 1000 after 1000; None where not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("pymc", "nutpie")):
        return None
    return best_of(1, lambda: hf.pool(hf.one_arm(x, n), model="bayes", engine="mcmc", seed=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    missed = []

    def row(what: str, seconds: float, error: float, goal: float, lowest: float, beside: str) -> None:
        if error > goal:
            missed.append(what)
        print(
            f"{what:34s} {1e3 * seconds:9.1f} ms   error {error:.1e} sd (goal {goal:g})"
            f"   {seconds / lowest:6.0f} × floor   {beside}"
        )

    def stored(name: str, seconds: float) -> str:
        return f"≈ {STORED[name] / seconds:.0f} × quicker than {name} (stored figure, not run here)"

    one, fit = best_of(options.rounds, lambda: pool_binomial_bayes(X8, N8))
    exact = brute_force(X8, N8)
    mean, tau = fit.posteriors["mean"], fit.posteriors["tau"]
    against = max(
        abs(mean.mean - exact[0]) / exact[1],
        abs(mean.sd - exact[1]) / exact[1],
        abs(tau.mean - exact[2]) / exact[3],
        abs(tau.sd - exact[3]) / exact[3],
    )
    drawn = sampled(X8, N8)
    beside = stored("numpyro 4×1000, warm", one)
    if drawn is not None:
        seconds, of_draws = drawn
        beside = (
            f"{seconds / one:.0f} × quicker than nutpie 4×1000 with compiling, same run, "
            f"whose draws lie {distance(of_draws, fit):.0e} sd off"
        )
    row("rates, 8 studies, brute force", one, against, 1e-5, floor(8), beside)
    finest = pool_binomial_bayes(X8, N8, accuracy="high")
    text = stored("nutpie 4×1000, with compiling", one)
    row("rates, 8 studies, finest grid", one, distance(fit, finest), 1e-5, floor(8), text)

    rng = np.random.default_rng(4)
    n = rng.integers(5, 200, 50)
    x = rng.binomial(n, 1 / (1 + np.exp(-rng.normal(-1, 1, 50))))
    fifty, fit = best_of(max(2, options.rounds // 2), lambda: pool_binomial_bayes(x, n))
    finest = pool_binomial_bayes(x, n, accuracy="high")
    drawn = sampled(x, n)
    beside = "no stored figure for 50 studies"
    if drawn is not None:
        beside = (
            f"{drawn[0] / fifty:.0f} × quicker than nutpie 4×1000 with compiling, same run, "
            f"whose draws lie {distance(drawn[1], fit):.0e} sd off"
        )
    row("rates, 50 studies", fifty, distance(fit, finest), 1e-5, floor(50), beside)

    tables = [from_table(*t) for t in BCG]
    priors = {"mean_prior": Normal(0, 2.82), "tau_prior": HalfNormal(0.5)}
    two, fit = best_of(max(2, options.rounds // 2), lambda: pool_curves_bayes(tables, **priors))
    finest = pool_curves_bayes(tables, accuracy="high", **priors)
    row(
        "log odds ratios, 13 tables",
        two,
        distance(fit, finest),
        1e-5,
        floor(13),
        f"{two / one:.1f} × the 8 rates (goal 2)",
    )

    integrated = [from_table(*t, method="baseline-integrated") for t in BCG]
    wide, fit = best_of(max(2, options.rounds // 2), lambda: pool_curves_bayes(integrated, **priors))
    finest = pool_curves_bayes(integrated, accuracy="high", **priors)
    row(
        "the same, baselines integrated",
        wide,
        distance(fit, finest),
        1e-5,
        floor(13),
        f"{wide / one:.1f} × the 8 rates (goal 2)",
    )

    y = np.array([np.log(a / (b - a) / (c / (d - c))) for a, b, c, d in BCG])
    v = np.array([1 / a + 1 / (b - a) + 1 / c + 1 / (d - c) for a, b, c, d in BCG])
    normal, fit = best_of(options.rounds, lambda: pool_normal_bayes(y, v))
    finest = pool_normal_bayes(y, v, accuracy="high")
    seconds = r_bayesmeta(y, v)
    beside = (
        stored("bayesmeta, default", normal) if seconds is None else f"{seconds / normal:.0f} × bayesmeta, same run"
    )
    row("estimates, 13 studies", normal, distance(fit, finest), 1e-5, floor(1), beside)

    k = 8
    n = rng.integers(3, 30, options.sets * k)
    x, which = rng.binomial(n, 0.3), np.repeat(np.arange(options.sets), k)
    batch, many = best_of(1, lambda: hf.posteriors_many(x, n, which))
    worst = 0.0
    for s in range(0, options.sets, max(1, options.sets // 20)):
        single = pool_binomial_bayes(x[which == s], n[which == s])
        p = single.posteriors["mean"]
        got = np.array([many.mean[s], many.sd[s], many.median[s], many.low[s], many.high[s]])
        worst = max(worst, float(np.abs(got - [p.mean, p.sd, p.median, *p.interval(0.95)]).max()) / p.sd)
    each = batch / options.sets
    beside = f"{each * 1e6:.0f} µs each, {one / each:.0f} × quicker than one by one"
    row(f"{options.sets} sets of 8, one call", batch, worst, 5e-5, floor(8) * options.sets, beside)

    absent = [name for name in ("pymc", "nutpie", "numpyro") if importlib.util.find_spec(name) is None]
    if absent:
        print(f"not installed, so stored figures stand in: {', '.join(absent)}")
    if seconds is None:
        print("bayesmeta is not installed: its ratio uses a stored figure")
    for what in missed:
        print(f"MISSED: {what}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
