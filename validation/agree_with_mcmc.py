"""``engine="mcmc"`` against the quadrature: six data sets, three of them with zeros, and regressions.

    python validation/agree_with_mcmc.py [--draws 4000]

Needs ``handful[mcmc]`` (PyMC, nutpie). Every mean, sd and quantile of μ (or a coefficient), τ and a new study is
compared with the exact one in units of its Monte Carlo error, from the effective number of draws (for quantiles, from
the exact density there). Writes data/agree_with_mcmc.json. About ten minutes, most of it compiling.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

import handful as hf

HERE = Path(__file__).parent
SHARES = (0.025, 0.25, 0.5, 0.75, 0.975)
TABLES = [(1, 4, 0, 4), (2, 9, 1, 8), (0, 12, 3, 11), (4, 20, 6, 22)]
X8, N8 = [1, 0, 3, 4, 6, 5, 0, 2], [4, 4, 10, 4, 17, 10, 8, 10]

#: name → (evidence, moderators or None, whether a count is 0)
SETS: dict[str, tuple[Any, Any, bool]] = {
    "1 of 4 and 0 of 4": (hf.one_arm([1, 0], [4, 4]), None, True),
    "0 of 4, 0 of 12, 3 of 9": (hf.one_arm([0, 0, 3], [4, 12, 9]), None, True),
    "ankylosing spondylitis, 8 arms": (
        hf.one_arm([23, 12, 19, 9, 39, 6, 9, 10], [107, 44, 51, 39, 139, 20, 78, 35]), None, False,
    ),
    "odds ratios of four small trials": (
        hf.two_arms(*(list(c) for c in zip(*TABLES, strict=True))), None, True,
    ),
    "four rates": (hf.one_arm_rates([2, 0, 5, 1], [31.5, 12.0, 60.0, 9.0]), None, True),
    "counts and a published percentage": (
        hf.combine(hf.one_arm([1, 3], [4, 9]), hf.estimates([-1.1], [0.2], measure="PLO"), measure="proportion"),
        None, False,
    ),
    "eight series on one moderator": (
        hf.one_arm(X8, N8), {"z": [-1.0, 0.5, 0.2, 1.5, -0.3, 0.8, -1.2, 0.1]}, True,
    ),
    "eight series on two moderators": (
        hf.one_arm(X8, N8), {"z": [-1.0, 0.5, 0.2, 1.5, -0.3, 0.8, -1.2, 0.1], "late": [0, 0, 1, 1, 0, 1, 0, 1]}, True,
    ),
    "five estimates on two moderators": (
        hf.estimates([0.1, 0.3, -0.2, 0.8, 0.4, 0.5], [0.04, 0.02, 0.05, 0.03, 0.06, 0.04], measure="OR"),
        {"dose": [0.0, 1.0, 2.0, 3.0, 4.0, 2.5], "late": [0, 0, 1, 1, 0, 1]}, False,
    ),
}  # fmt: skip


def compared(exact: Any, drawn: Any, effective: float) -> dict[str, dict[str, float]]:
    """Exact and drawn values with the Monte Carlo error of each."""
    sd = exact.sd
    pairs = {
        "mean": (exact.mean, drawn.mean, sd / math.sqrt(effective)),
        # the error of an sd from the fourth moment, read off the exact posterior
        "sd": (sd, drawn.sd, sd * math.sqrt((_kurtosis(exact) - 1) / (4 * effective))),
    }
    for share in SHARES:
        q = float(exact.quantile(share))
        error = math.sqrt(share * (1 - share) / effective) / float(exact.density(q))
        pairs[f"q{share:g}"] = (q, float(drawn.quantile(share)), error)
    return {k: {"exact": a, "drawn": b, "error": e, "z": (b - a) / e} for k, (a, b, e) in pairs.items()}


def _kurtosis(p: Any) -> float:
    return float(p.expectation(lambda x: ((x - p.mean) / p.sd) ** 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000, help="draws of each of four chains (default: %(default)s)")
    draws = parser.parse_args().draws
    rows: dict[str, Any] = {}
    z = []
    for seed, (name, (evidence, moderators, zeros)) in enumerate(SETS.items(), 1):
        start = time.perf_counter()
        exact, names = _run(evidence, moderators, {})
        exact_seconds = time.perf_counter() - start
        start = time.perf_counter()
        drawn, _ = _run(evidence, moderators, {"engine": "mcmc", "seed": seed, "draws": draws, "target_accept": 0.99})
        seconds = time.perf_counter() - start
        said = next(note.text for note in drawn.notes if note.code == "sampled")
        rhat, fewest, diverging = (
            float(v) for v in re.findall(r"at most ([\d.]+), at least (\d+) .*?(\d+) div", said)[0]
        )
        table = {}
        for quantity in names:
            for key, found in compared(_of(exact, quantity), _of(drawn, quantity), fewest).items():
                table[f"{quantity} {key}"] = found
                z.append(abs(found["z"]))
        rows[name] = {
            "zeros": zeros, "seconds": [exact_seconds, seconds], "rhat": rhat, "effective": fewest,
            "diverging": int(diverging), "values": table,
        }  # fmt: skip
        worst = max(abs(v["z"]) for v in table.values())
        print(f"{name:<36}largest |z| {worst:.2f}   {exact_seconds:.3f} s against {seconds:.1f} s; {said}", flush=True)
    summary = {
        "comparisons": len(z),
        "rms z": float(np.sqrt(np.mean(np.square(z)))),
        "largest |z|": float(max(z)),
        "draws": 4 * draws,
    }
    print(summary)
    (HERE / "data" / "agree_with_mcmc.json").write_text(
        json.dumps({"summary": summary, "sets": rows}, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )


def _run(evidence: Any, moderators: Any, options: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    if moderators is None:
        return hf.pool(evidence, model="bayes", **options), ("mean", "tau", "prediction")
    found = hf.regress(evidence, moderators, model="bayes", **options)
    return found, (*found.names, "tau")


def _of(found: Any, quantity: str) -> Any:
    return found.posterior(quantity)


if __name__ == "__main__":
    main()
