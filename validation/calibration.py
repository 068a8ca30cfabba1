"""Simulation-based calibration: if truth is drawn from the prior, the posterior's own shares of it are uniform.

(μ, τ) and the studies' effects are drawn from the priors, data from them, and u = P(quantity ≤ truth | data) is read
from the posterior's exact distribution function: no ranks among draws are needed (Cook, Gelman & Rubin 2006,
10.1198/106186006X136976; Talts et al. 2018, arXiv 1804.06788). Uniform u is tested by the largest distance from the
diagonal and by a χ² of 20 bins, for μ, τ, a new study, the first study, and the population average.

    python validation/calibration.py          # about five minutes; writes data/calibration.json
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special, stats

import handful as hf
from handful.stats.bayes.bayes_binomial import pool_binomial_bayes
from handful.stats.bayes.bayes_normal import pool_normal_bayes

HERE = Path(__file__).parent


def one_arm(rng: Any, sizes: list[int]) -> dict[str, float]:
    """Default priors: N(0, 2²) and half-normal(1) on the logit."""
    mu, tau = rng.normal(0, 2), abs(rng.normal(0, 1))
    theta = mu + tau * rng.normal(size=len(sizes))
    x = rng.binomial(sizes, special.expit(theta))
    fit = pool_binomial_bayes(x, sizes)
    z = np.linspace(-8.5, 8.5, 401)
    w = np.exp(-0.5 * z * z)
    average = float(special.expit(mu + tau * z) @ w / w.sum())
    assert isinstance(fit, hf.Fit)
    return {
        "mu": fit.posterior("mean").cdf(mu),
        "tau": fit.posterior("tau").cdf(tau),
        "new study": fit.posterior("prediction").cdf(mu + tau * rng.normal()),
        "first study": fit.posterior_of(fit.labels[0]).cdf(theta[0]),
        "average": fit.posteriors["average"].cdf(special.logit(average)),  # type: ignore[index]
    }


def odds_ratios(rng: Any, sizes: list[int]) -> dict[str, float] | None:
    """N(0, 2.82²) and half-normal(0.5) on the log odds ratio; totals of events are held, as in the model."""
    mu, tau = rng.normal(0, 2.82), abs(rng.normal(0, 0.5))
    theta = mu + tau * rng.normal(size=len(sizes))
    columns = []
    for n, t in zip(sizes, theta, strict=True):
        m = int(rng.integers(1, n))  # events in both groups together: never none, never all
        u = np.arange(max(0, m - n), min(n, m) + 1)
        log_p = special.gammaln(n + 1) * 2 - special.gammaln(u + 1) - special.gammaln(n - u + 1)
        log_p = log_p - special.gammaln(m - u + 1) - special.gammaln(n - m + u + 1) + t * u
        p = np.exp(log_p - special.logsumexp(log_p))
        x1 = int(rng.choice(u, p=p / p.sum()))
        columns.append((x1, n, m - x1, n))
    fit = hf.pool(hf.two_arms(*(list(c) for c in zip(*columns, strict=True))), measure="OR", model="bayes")
    assert isinstance(fit, hf.Fit)
    return {
        "mu": fit.posterior("mean").cdf(mu),
        "tau": fit.posterior("tau").cdf(tau),
        "new study": fit.posterior("prediction").cdf(mu + tau * rng.normal()),
        "first study": fit.posterior_of(fit.labels[0]).cdf(theta[0]),
    }


def estimates(rng: Any, sizes: list[int]) -> dict[str, float]:
    """N(0, 1²) and half-normal(0.5); variances known."""
    mu, tau = rng.normal(0, 1), abs(rng.normal(0, 0.5))
    v = 4 / np.array(sizes)
    theta = mu + tau * rng.normal(size=len(sizes))
    fit = pool_normal_bayes(rng.normal(theta, np.sqrt(v)), v, mean_prior=hf.Normal(0, 1))
    return {
        "mu": fit.posterior("mean").cdf(mu),
        "tau": fit.posterior("tau").cdf(tau),
        "new study": fit.posterior("prediction").cdf(mu + tau * rng.normal()),
        "first study": fit.posterior_of(fit.labels[0]).cdf(theta[0]),
    }


def robust_borrowing(rng: Any, sizes: list[int]) -> dict[str, float]:
    """With probability ½ the target is a new study of the source's distribution, else Beta(1, 1)."""
    mu, tau = rng.normal(0, 2), abs(rng.normal(0, 1))
    theta = mu + tau * rng.normal(size=len(sizes))
    x = rng.binomial(sizes, special.expit(theta))
    rate = float(special.expit(mu + tau * rng.normal())) if rng.random() < 0.5 else float(rng.random())
    target = hf.one_arm([int(rng.binomial(8, rate))], [8])
    found: Any = hf.borrow(target, hf.one_arm(x, sizes), weight=0.5)
    return {"target rate": found.with_.cdf(rate)}


CASES: dict[str, tuple[Any, list[int], int]] = {
    "one arm, 4 4 10 people": (one_arm, [4, 4, 10], 1000),
    "one arm, 30 80 50 12 20 people": (one_arm, [30, 80, 50, 12, 20], 600),
    "odds ratios, 4 9 12 a group": (odds_ratios, [4, 9, 12], 600),
    "estimates, 20 40 15": (estimates, [20, 40, 15], 2000),
    "robust borrowing from 10 and 20 to 8": (robust_borrowing, [10, 20], 500),
}


def main() -> None:
    shrink = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    out: dict[str, Any] = {}
    for seed, (name, (one, sizes, runs)) in enumerate(CASES.items(), 11):
        rng = np.random.default_rng(seed)
        start = time.perf_counter()
        rows = [one(rng, sizes) for _ in range(max(20, int(runs * shrink)))]
        out[name] = {"runs": len(rows), "seconds": round(time.perf_counter() - start, 1)}
        for quantity in rows[0]:
            u = np.array([row[quantity] for row in rows])
            counts = np.histogram(u, bins=20, range=(0, 1))[0]
            chi2 = float(((counts - len(u) / 20) ** 2).sum() / (len(u) / 20))
            out[name][quantity] = {
                "bins": counts.tolist(),
                "chi2 p": float(special.chdtrc(19, chi2)),
                "kolmogorov p": float(stats.kstest(u, "uniform").pvalue),
                "mean u": float(u.mean()),
                "inside 95 %": float(((u > 0.025) & (u < 0.975)).mean()),
            }
            row = out[name][quantity]
            print(f"{name:<40}{quantity:<14}χ² p {row['chi2 p']:.3f}   K p {row['kolmogorov p']:.3f}   "
                  f"inside {row['inside 95 %']:.3f} ± {math.sqrt(0.95 * 0.05 / len(u)):.3f}", flush=True)  # fmt: skip
    (HERE / "data" / "calibration.json").write_text(
        json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
