"""A long run of plain Metropolis sampling of (μ, log τ, z_1 … z_k): slow, simple, and unlike the quadrature it checks.

θ_i = μ + τ z_i, z_i ~ N(0, 1). One sweep updates every z_i by itself, then μ, log τ and both together; many chains run
side by side as one array. Nothing here is imported from handful but the data's types.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def sample(
    log_curve: Callable[[FloatArray], FloatArray],
    k: int,
    mean_prior: tuple[float, float],
    tau_scale: float,
    *,
    chains: int = 200,
    sweeps: int = 4000,
    burn: int = 1000,
    seed: int = 1,
) -> dict[str, tuple[float, float]]:
    """(value, Monte Carlo standard error) of moments and quantiles; ``log_curve`` maps θ (chains, k) to (chains, k).

    The error is that of the chains' own values, which are independent of each other: sd over chains / √chains.
    """
    rng = np.random.default_rng(seed)
    mu = rng.normal(mean_prior[0], 0.5, chains)
    log_tau = rng.normal(math.log(tau_scale) - 1, 0.5, chains)
    z = rng.normal(size=(chains, k))
    steps = np.full(k + 3, 0.8)
    taken = np.zeros(k + 3)

    def prior(m: FloatArray, s: FloatArray) -> FloatArray:
        # the log τ at the end is the Jacobian
        return -0.5 * ((m - mean_prior[0]) / mean_prior[1]) ** 2 - 0.5 * (np.exp(s) / tau_scale) ** 2 + s

    own = log_curve(mu[:, None] + np.exp(log_tau)[:, None] * z)
    kept_mu, kept_tau, kept_new = [], [], []
    for sweep in range(sweeps + burn):
        tau = np.exp(log_tau)
        moved = z + steps[:k] * rng.normal(size=z.shape)
        new = log_curve(mu[:, None] + tau[:, None] * moved)
        yes = np.log(rng.random(z.shape)) < new - own + 0.5 * (z**2 - moved**2)
        z, own = np.where(yes, moved, z), np.where(yes, new, own)
        taken[:k] += yes.mean(axis=0)
        for j, (a, b) in enumerate(((1.0, 0.0), (0.0, 1.0), (0.7, -0.7))):
            size = steps[k + j] * rng.normal(size=chains)
            m, s = mu + a * size, log_tau + b * size
            new = log_curve(m[:, None] + np.exp(s)[:, None] * z)
            gain = new.sum(axis=1) - own.sum(axis=1) + prior(m, s) - prior(mu, log_tau)
            yes1 = np.log(rng.random(chains)) < gain
            mu, log_tau = np.where(yes1, m, mu), np.where(yes1, s, log_tau)
            own = np.where(yes1[:, None], new, own)
            taken[k + j] += yes1.mean()
        # θ held, μ and τ moved: otherwise the chain crawls where the studies are sharp
        theta = mu[:, None] + np.exp(log_tau)[:, None] * z
        m = mu + 0.4 * rng.normal(size=chains)
        s = log_tau + 0.4 * rng.normal(size=chains)
        moved = (theta - m[:, None]) / np.exp(s)[:, None]
        gain = prior(m, s) - prior(mu, log_tau) - 0.5 * (moved**2 - z**2).sum(axis=1) - k * (s - log_tau)
        yes1 = np.log(rng.random(chains)) < gain
        mu, log_tau = np.where(yes1, m, mu), np.where(yes1, s, log_tau)
        z = np.where(yes1[:, None], moved, z)
        if sweep < burn:
            if sweep % 50 == 49:
                steps *= np.exp(np.clip(taken / 50 - 0.4, -0.5, 0.5))
                taken[:] = 0
            continue
        kept_mu.append(mu)
        kept_tau.append(np.exp(log_tau))
        kept_new.append(mu + np.exp(log_tau) * rng.normal(size=chains))
    out: dict[str, tuple[float, float]] = {}
    for name, values in (("mu", kept_mu), ("tau", kept_tau), ("new", kept_new)):
        table = np.array(values)  # sweeps × chains
        root = math.sqrt(chains)
        for what, per_chain, whole in (
            ("mean", table.mean(axis=0), table.mean()),
            ("sd", np.sqrt(((table - table.mean()) ** 2).mean(axis=0)), table.std()),
            *((f"q{q}", np.quantile(table, q, axis=0), np.quantile(table, q)) for q in (0.025, 0.5, 0.975)),
        ):
            out[f"{name} {what}"] = (float(whole), float(per_chain.std(ddof=1)) / root)
    return out
