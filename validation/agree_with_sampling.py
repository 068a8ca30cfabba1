"""Six data sets, two of them with zeros: every mean, sd and quantile of the quadrature against a long Metropolis run.

python validation/agree_with_sampling.py     # about three minutes; writes data/agree_with_sampling.json
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
from posterior_draws import sample

import handful as hf

HERE = Path(__file__).parent


def binomial(x: list[int], n: list[int]) -> Any:
    a, b = np.array(x, dtype=float), np.array(n, dtype=float)
    return lambda t: a * t - b * np.logaddexp(0, t)


def normal(y: list[float], v: list[float]) -> Any:
    a, b = np.array(y), np.array(v)
    return lambda t: -0.5 * (t - a) ** 2 / b


def hypergeometric(tables: list[tuple[int, int, int, int]]) -> Any:
    rows = []
    for x1, n1, x2, n2 in tables:
        m = x1 + x2
        u = np.arange(max(0, m - n2), min(n1, m) + 1)
        log_c = np.array([math.log(math.comb(n1, int(v)) * math.comb(n2, int(m - v))) for v in u])
        rows.append((x1, u, log_c))

    def curve(t: Any) -> Any:
        out = np.empty_like(t)
        for i, (x1, u, log_c) in enumerate(rows):
            terms = log_c + t[:, i : i + 1] * (u - x1)
            top = terms.max(axis=1)
            out[:, i] = -top - np.log(np.exp(terms - top[:, None]).sum(axis=1))
        return out

    return curve


RATES = ([2, 0, 5, 1], [31.5, 12.0, 60.0, 9.0])
TABLES = [(1, 4, 0, 4), (2, 9, 1, 8), (0, 12, 3, 11), (4, 20, 6, 22)]
SETS: dict[str, tuple[Any, str, Any, tuple[float, float], float]] = {
    "1 of 4 and 0 of 4": (hf.one_arm([1, 0], [4, 4]), "bayes", binomial([1, 0], [4, 4]), (0, 2), 1.0),
    "0 of 4, 0 of 12, 3 of 9": (
        hf.one_arm([0, 0, 3], [4, 12, 9]), "bayes", binomial([0, 0, 3], [4, 12, 9]), (0, 2), 1.0,
    ),
    "ankylosing spondylitis, 8 arms": (
        hf.one_arm([23, 12, 19, 9, 39, 6, 9, 10], [107, 44, 51, 39, 139, 20, 78, 35]), "bayes",
        binomial([23, 12, 19, 9, 39, 6, 9, 10], [107, 44, 51, 39, 139, 20, 78, 35]), (0, 2), 1.0,
    ),
    "odds ratios of four small trials": (
        hf.two_arms(*(list(c) for c in zip(*TABLES, strict=True))), "bayes", hypergeometric(TABLES), (0, 2.82), 0.5,
    ),
    "four rates": (
        hf.one_arm_rates(*RATES), "bayes",
        lambda t: np.array(RATES[0]) * t - np.array(RATES[1]) * np.exp(np.minimum(t, 300)),
        (-math.log(112.5), 3.0), 1.0,
    ),
    "counts and a published percentage": (
        hf.combine(hf.one_arm([1, 3], [4, 9]), hf.estimates([-1.1], [0.2], measure="PLO"), measure="proportion"),
        "bayes",
        lambda t: np.concatenate([binomial([1, 3], [4, 9])(t[:, :2]), normal([-1.1], [0.2])(t[:, 2:])], axis=1),
        (0, 2), 1.0,
    ),
}  # fmt: skip


def main() -> None:
    rows: dict[str, Any] = {}
    worst = []
    for seed, (name, (evidence, model, curve, mean, tau)) in enumerate(SETS.items(), 1):
        start = time.perf_counter()
        priors = {"mean": hf.Normal(*map(float, mean)), "tau": hf.HalfNormal(tau)}
        fit = hf.pool(evidence, model=model, priors=priors)
        exact_seconds = time.perf_counter() - start
        assert isinstance(fit, hf.Fit)
        start = time.perf_counter()
        drawn = sample(curve, fit.k, mean, tau, seed=seed)
        seconds = time.perf_counter() - start
        table = {}
        for key, (value, error) in drawn.items():
            quantity, what = key.split()
            posterior = fit.posterior({"mu": "mean", "tau": "tau", "new": "prediction"}[quantity])
            exact = (
                float(getattr(posterior, what))
                if what in ("mean", "sd")
                else float(posterior.quantile(float(what[1:])))
            )
            table[key] = {"exact": exact, "drawn": value, "error": error, "z": (value - exact) / error}
            worst.append(abs(value - exact) / error)
        rows[name] = {"seconds": [exact_seconds, seconds], "values": table}
        largest = max(abs(v["z"]) for v in table.values())
        print(f"{name:<40}largest |z| {largest:.2f}   {exact_seconds:.3f} s against {seconds:.1f} s")
    z = np.array(worst)
    summary = {"comparisons": len(z), "rms z": float(np.sqrt((z**2).mean())), "largest |z|": float(z.max())}
    print(summary)
    out = HERE / "data" / "agree_with_sampling.json"
    out.write_text(
        json.dumps({"summary": summary, "sets": rows}, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
