"""Maximum likelihood of (μ, τ) over likelihood curves of any kind: the generalised linear mixed model of those data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.curve_rows import CurveRows
from handful.stats.bayes.likelihood_shape import limits
from handful.stats.count_models.centred_quadrature import with_derivatives
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

_SMALLEST_TAU = 1e-5
_LARGEST_MEAN = 60.0


@dataclass(frozen=True)
class CurveMaximum:
    """Where the likelihood of all studies together is highest."""

    mu: float
    tau: float
    log_likelihood: float
    se_mu: float  # from the observed information, τ estimated too (τ fixed at 0 on the boundary)
    boundary: bool
    common_mu: float
    common_se: float
    common_log_likelihood: float

    @property
    def tau2(self) -> float:
        return self.tau * self.tau


def maximise(curves: CurveRows) -> CurveMaximum | NotEstimable:
    """Newton's method in (μ, log τ) from several starts; τ = 0 where nothing inside is higher."""
    left, right = limits(curves)
    found = None if np.isfinite(left).all() or np.isfinite(right).all() else _common(curves)
    if found is None:
        return NotEstimable("the likelihood rises for ever: every study is one-sided, all in the same direction")
    mu0, value0, information0, slope, bend = found
    best: tuple[float, float, float, FloatArray] | None = None
    excess, spread = float((slope * slope + bend).sum()), float((bend * bend).sum())
    starts = [math.sqrt(min(max(excess / spread, 1e-4), 9.0))] if excess > 0 else []
    for start in (*starts, 0.3, 1.5):
        climbed = _climb(curves, mu0, start, value0)
        if climbed is not None and (best is None or climbed[2] > best[2] + 1e-11):
            best = climbed
    common_se = 1 / math.sqrt(information0)
    if best is None or best[2] <= value0 + 1e-11 * (1 + abs(value0)):
        return CurveMaximum(mu0, 0.0, value0, common_se, True, mu0, common_se, value0)
    mu, tau, value, hessian = best
    se = math.sqrt(float(np.linalg.inv(-hessian)[0, 0]))
    return CurveMaximum(mu, tau, value, se, False, mu0, common_se, value0)


def _common(curves: CurveRows) -> tuple[float, float, float, FloatArray, FloatArray] | None:
    """τ = 0: μ, log-likelihood, information, l' and l'' per row; None when μ runs away."""
    mu, k = 0.0, len(curves)
    value, slope, bend = curves.slopes(np.full(k, mu))
    for _ in range(500):
        step = float(np.clip(float(slope.sum()) / max(-float(bend.sum()), 1e-12), -3.0, 3.0))
        for _ in range(60):
            new_value, new_slope, new_bend = curves.slopes(np.full(k, mu + step))
            if float(new_value.sum()) >= float(value.sum()) - 1e-12 * (1 + abs(float(value.sum()))):
                break
            step /= 2
        mu += step
        value, slope, bend = new_value, new_slope, new_bend
        if abs(mu) > _LARGEST_MEAN:
            return None
        if abs(step) < 1e-14 * (1 + abs(mu)):
            break
    return mu, float(value.sum()), -float(bend.sum()), slope, bend


def _climb(curves: CurveRows, mu: float, tau: float, floor: float) -> tuple[float, float, float, FloatArray] | None:
    """(μ, τ, log-likelihood, Hessian) at the top reached from here; None when τ runs to 0 or μ away."""
    k = len(curves)
    m = with_derivatives(curves, np.full(k, mu), tau)
    value = float(m.value.sum())
    for _ in range(200):
        gradient = np.array([float(m.mu.sum()), float(m.tau.sum())])
        hessian = np.array(
            [[float(m.mu_mu.sum()), float(m.mu_tau.sum())], [float(m.mu_tau.sum()), float(m.tau_tau.sum())]]
        )
        scale = np.array([1.0, tau])  # to (μ, log τ)
        g, h = gradient * scale, hessian * np.outer(scale, scale)
        h[1, 1] += g[1]
        values, vectors = np.linalg.eigh(h)
        step = vectors @ ((vectors.T @ g) / np.maximum(np.abs(values), 1e-10 * (1 + np.abs(values).max())))
        decrement = float(g @ step)
        step = step / max(1.0, abs(float(step[0])) / 3.0, abs(float(step[1])) / 1.5)
        for _ in range(40):
            new_mu, new_tau = mu + float(step[0]), tau * math.exp(float(step[1]))
            new = with_derivatives(curves, np.full(k, new_mu), new_tau)
            if float(new.value.sum()) >= value - 1e-12 * (1 + abs(value)):
                break
            step = step / 2
        mu, tau, m, value = new_mu, new_tau, new, float(new.value.sum())
        if tau < _SMALLEST_TAU or abs(mu) > _LARGEST_MEAN or tau > 1e4:
            return None
        if decrement < 1e-21 * (1 + abs(value)):
            break
    return (mu, tau, value, hessian) if value > floor else None
