"""Exact inference for tiny counts, side by side with scipy in one run: speed, agreement, and the distance to a stated
floor.

    python benchmarks/bench_exact.py            about a minute
    python benchmarks/bench_exact.py --quick    smaller grids, for a check that it runs

Times are CPU seconds of this process, with one BLAS thread. The floor is the least arithmetic the task can be done
with, timed on this machine in numpy in the same run; what is counted is written beside each.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # waiting threads would be counted as work, on either side

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

import handful as hf
from handful.stats.two_groups.exact_tests import all_tables_p, extremeness


def cpu(function: Callable[[], Any], repeat: int = 1) -> tuple[float, Any]:
    """Least CPU seconds of some runs, and the last result."""
    best, result = float("inf"), None
    for _ in range(repeat):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result


def line(what: str, count: int, ours: float, theirs: float, floor: float, agreement: str) -> None:
    print(f"{what}\n  {count:,} at {1e6 * ours:.2f} us each; scipy {1e6 * theirs:,.1f} us each: ", end="")
    print(f"{theirs / ours:,.0f} times as long")
    print(f"  floor {1e6 * floor:.2f} us each: {ours / floor:.1f} times the floor;  {agreement}")


def every_pair(most: int) -> list[tuple[int, int]]:
    return [(n1, n2) for n1 in range(2, most + 1) for n2 in range(2, most + 1)]


def dense(n1: int, n2: int, a: int, b: int, order: str) -> float:
    """The supremum on 40,001 points over the tables at least as extreme, a computation that shares only the
    ordering."""
    key = extremeness(n1, n2, order, "two-sided")
    bound = key[a, b] * (1 + 1e-11) if order == "boschloo" else key[a, b]
    i, j = np.nonzero(key <= bound)
    weight = np.bincount(i + j, special.binom(n1, i) * special.binom(n2, j), n1 + n2 + 1)
    s = np.flatnonzero(weight)[:, None]
    p = np.sin(np.linspace(0, np.pi / 2, 40_001)) ** 2
    return float((weight[s] * np.exp(special.xlogy(s, p) + special.xlog1py(n1 + n2 - s, -p))).sum(axis=0).max())


def unconditional(most: int, sample: int) -> None:
    pairs = every_pair(most)
    count = sum((n1 + 1) * (n2 + 1) for n1, n2 in pairs)
    rng = np.random.default_rng(7)
    chosen = []
    for _ in range(sample):
        n1, n2 = pairs[rng.integers(len(pairs))]
        chosen.append((n1, n2, int(rng.integers(n1 + 1)), int(rng.integers(n2 + 1))))
    chosen.append((9, 26, 6, 24))

    # floor: the probabilities of all distinct regions on a grid of N angles (half by symmetry), one matrix product
    # per pair
    def products() -> None:
        for n1, n2 in pairs:
            total = n1 + n2
            np.ones(((n1 + 1) * (n2 + 1) // 2, total + 1)) @ np.ones((total + 1, total // 2 + 1))

    floor = cpu(products, 2)[0] / count
    for order, peer in (("boschloo", stats.boschloo_exact), ("barnard", stats.barnard_exact)):
        ours, _ = cpu(lambda order=order: [all_tables_p(n1, n2, order=order) for n1, n2 in pairs], 2)
        short, off, worst, used = 0.0, 0.0, "", 0.0
        for n1, n2, a, b in chosen:
            got = float(all_tables_p(n1, n2, order=order)[a, b])
            short = max(short, dense(n1, n2, a, b, order) - got)
            if 0 < a + b < n1 + n2:
                table = [[a, b], [n1 - a, n2 - b]]
                seconds, result = cpu(lambda table=table, peer=peer: peer(table))
                used += seconds
                difference = abs(float(result.pvalue) - got)
                if order == "barnard" and difference > off:
                    off, worst = difference, f"{a}/{n1} v {b}/{n2}: scipy {float(result.pvalue):.5f}, here {got:.5f}"
        agreement = f"never more than {max(short, 0):.1e} below a grid of 40,001 points ({len(chosen)} tables)"
        if order == "barnard":
            agreement += f"; largest difference to scipy {off:.1e} ({worst})"
        else:
            agreement += "; scipy's two-sided test doubles a one-sided one: another definition"
        line(
            f"all tables with groups of 2 to {most}, {order}", count, ours / count, used / len(chosen), floor, agreement
        )


def clopper_pearson_all(most: int) -> None:
    n = np.repeat(np.arange(1, most + 1), np.arange(2, most + 2))
    x = np.concatenate([np.arange(k + 1) for k in range(1, most + 1)])
    ours, got = cpu(lambda: hf.proportion(x, n), 2)
    rng = np.random.default_rng(1)
    chosen = rng.integers(0, n.size, 200)

    def peer() -> list[Any]:
        return [stats.binomtest(int(x[i]), int(n[i])).proportion_ci(method="exact") for i in chosen]

    theirs, want = cpu(peer)
    off = max(max(abs(got.low[i] - w.low), abs(got.high[i] - w.high)) for i, w in zip(chosen, want, strict=True))  # type: ignore[union-attr,index]
    # floor: one inverse beta function per limit
    floor, _ = cpu(
        lambda: (special.betaincinv(x + 0.5, n - x + 1, 0.025), special.betaincinv(x + 1, n - x + 0.5, 0.975))
    )
    line(
        f"Clopper-Pearson, all x of n up to {most}", n.size, ours / n.size, theirs / chosen.size, floor / n.size,
        f"largest difference {off:.1e}",
    )  # fmt: skip


def a_million(size: int) -> None:
    rng = np.random.default_rng(2)
    n = rng.integers(1, 501, size)
    x = rng.binomial(n, rng.random(size))
    ours, got = cpu(lambda: hf.proportion(x, n))
    chosen = rng.integers(0, size, 200)
    theirs, want = cpu(lambda: [stats.binomtest(int(x[i]), int(n[i])).proportion_ci(method="exact") for i in chosen])
    off = max(max(abs(got.low[i] - w.low), abs(got.high[i] - w.high)) for i, w in zip(chosen, want, strict=True))  # type: ignore[union-attr,index]
    pairs = np.unique(x * 1000 + n).size
    floor, _ = cpu(lambda: np.unique(x * 1000 + n, return_inverse=True))
    line(
        f"Clopper-Pearson, {size:,} of n up to 500 ({pairs:,} different)", size, ours / size, theirs / chosen.size,
        floor / size, f"largest difference {off:.1e} (floor: finding the different ones)",
    )  # fmt: skip

    n1, n2 = rng.integers(1, 201, (2, size))
    x1, x2 = rng.binomial(n1, rng.random(size)), rng.binomial(n2, rng.random(size))
    groups = hf.two_groups(x1, n1, x2, n2)
    ours, got = cpu(groups.risk_difference)
    # floor: both limits, four evaluations each of two square roots and two divisions
    column = np.asarray(got.low) + 2.0  # type: ignore[union-attr]
    floor, _ = cpu(lambda: [np.sqrt(column) / column for _ in range(16)])
    off = 0.0
    for limit, z in ((got.low, 1.959963984540054), (got.high, -1.959963984540054)):  # type: ignore[union-attr]
        d = np.asarray(limit)
        inside = np.flatnonzero(np.abs(d) < 1)[:20_000]
        off = max(off, float(np.abs(_score(x1, n1, x2, n2, d, inside) - z).max()))
    print(
        f"Miettinen-Nurminen, {size:,} tables with groups up to 200\n  {1e6 * ours / size:.2f} us each; scipy has none"
    )
    print(f"  floor {1e6 * floor / size:.2f} us each: {ours / floor:.1f} times the floor;  ", end="")
    print(f"z at the limits is off by at most {off:.1e} by the closed-form cubic (20,000 of each side)")


def _score(x1: Any, n1: Any, x2: Any, n2: Any, d: Any, at: Any) -> Any:
    """Miettinen and Nurminen's own route: the restricted estimate as a root of their cubic."""
    a, m, b, k, d = (np.asarray(v, dtype=float)[at] for v in (x1, n1, x2, n2, d))
    total, events = m + k, a + b
    c3, c2 = total, (m + 2 * k) * d - total - events
    c1, c0 = (k * d - total - 2 * b) * d + events, b * d * (1 - d)
    v = (c2 / (3 * c3)) ** 3 - c1 * c2 / (6 * c3**2) + c0 / (2 * c3)
    u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum((c2 / (3 * c3)) ** 2 - c1 / (3 * c3), 0))
    ratio = np.divide(v, u**3, out=np.ones(v.size), where=np.abs(u) > 1e-12)
    w = (np.pi + np.arccos(np.clip(ratio, -1, 1))) / 3
    q2 = np.clip(2 * u * np.cos(w) - c2 / (3 * c3), 0, 1)
    q1 = np.clip(q2 + d, 0, 1)
    variance = (q1 * (1 - q1) / m + q2 * (1 - q2) / k) * total / (total - 1)
    usable = variance > 1e-9  # the cubic loses its digits at the corners
    z = np.divide(a / m - b / k - d, np.sqrt(np.where(usable, variance, 1.0)))
    return np.where(usable, z, np.where(a / m - b / k > d, 1.959963984540054, -1.959963984540054))


def main() -> None:
    parser = argparse.ArgumentParser(description="Exact inference for tiny counts against scipy.")
    parser.add_argument("--quick", action="store_true", help="smaller grids")
    quick = parser.parse_args().quick
    unconditional(8 if quick else 30, 6 if quick else 60)
    clopper_pearson_all(60 if quick else 500)
    a_million(20_000 if quick else 1_000_000)


if __name__ == "__main__":
    main()
