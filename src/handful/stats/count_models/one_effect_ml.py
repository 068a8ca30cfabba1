"""Maximum likelihood for one normal random effect: θ_i ~ N(x_i'β, τ²), any concave curve per study.

The score and Hessian in (β, τ) come from the quadrature nodes themselves (``random_effect.marginal``); Newton's
method works in (β, log τ). The log-likelihood is even in τ, so d/dτ is 0 at τ = 0 for every data set: the boundary
is judged by d/dτ² = ½ Σ (l'(η)² + l''(η)) at the common effect. Where that is negative the climb is still tried from
two larger τ, because sparse sets can have a local top at τ = 0 and a higher one inside (37 placebo arms of a
published review do).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.count_models.curves import Curves
from handful.stats.count_models.random_effect import Marginal, Quadrature, marginal, rise_with_tau2

FloatArray: TypeAlias = npt.NDArray[np.float64]

LARGEST_EFFECT = 40.0
LARGEST_TAU = 1e4
_SMALLEST_TAU = 1e-6


class Separated(Exception):
    """The likelihood rises for ever: a coefficient has no finite maximum."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the likelihood is highest. ``information`` is minus the Hessian in (β, τ); at τ = 0 only its β block
    means anything."""

    beta: FloatArray
    tau: float
    value: float
    boundary: bool
    information: FloatArray
    slope_at_zero: float
    common_beta: FloatArray
    common_value: float
    common_information: FloatArray
    evaluations: int
    nodes: int
    mean_u: FloatArray
    converged: bool

    @property
    def covariance(self) -> FloatArray:
        """Of β (τ estimated too); of β given τ = 0 on the boundary."""
        p = len(self.beta)
        if self.boundary:
            return np.asarray(np.linalg.inv(self.common_information), dtype=np.float64)
        return np.asarray(np.linalg.inv(self.information), dtype=np.float64)[:p, :p]


def common_effect(
    curves: Curves, design: FloatArray, offset: FloatArray, start: FloatArray | None = None
) -> tuple[FloatArray, float, FloatArray, FloatArray, FloatArray]:
    """τ = 0: β, log-likelihood, information, and l', l'' per row at β. Newton with halving; concave."""
    p = design.shape[1]
    beta = np.zeros(p) if start is None else np.array(start, dtype=np.float64)
    value, slope, bend = repeated(curves, offset + design @ beta)
    total = float(value.sum())
    for _ in range(200):
        if p == 0:
            break
        gradient = design.T @ slope
        information = (design * -bend[:, None]).T @ design
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            raise Separated from None
        longest = float(np.max(np.abs(design @ step)))
        decrement = float(gradient @ step)
        step *= min(1.0, 3.0 / max(longest, 1e-300))
        for _ in range(40):
            new_value, new_slope, new_bend = repeated(curves, offset + design @ (beta + step))
            if float(new_value.sum()) >= total - 1e-12 * (1 + abs(total)):
                break
            step = step / 2
        beta, slope, bend, total = beta + step, new_slope, new_bend, float(new_value.sum())
        if float(np.max(np.abs(design @ beta))) > LARGEST_EFFECT:
            raise Separated
        if decrement < 1e-22 * (1 + abs(total)) or longest < 1e-14:
            break
    information = (design * -bend[:, None]).T @ design
    return beta, total, information, slope, bend


def repeated(curves: Curves, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log-likelihood and slopes per row, times the number of studies that share it."""
    value, slope, bend = curves.slopes(eta)
    return curves.repeat * value, curves.repeat * slope, curves.repeat * bend


def maximise(
    curves: Curves,
    design: FloatArray,
    offset: FloatArray | None = None,
    quadrature: Quadrature | None = None,
    start: tuple[FloatArray, float] | None = None,
) -> Maximum:
    """The highest point of the likelihood over β (design has shape k × p, p may be 0) and τ ≥ 0.

    Raises ``Separated`` where β has no finite maximum. ``start`` is a (β, τ) to begin from, as a neighbouring fit
    gives.
    """
    quadrature = quadrature or Quadrature()
    k, p = design.shape
    many = curves.repeat
    offset = np.zeros(k) if offset is None else offset
    start0 = np.zeros(p)
    if p and hasattr(curves, "common") and bool((design[:, 0] == 1.0).all()):
        start0[0] = np.clip(curves.common(), -LARGEST_EFFECT / 2, LARGEST_EFFECT / 2)
    beta0, value0, info0, slope, bend = common_effect(curves, design, offset, start0)
    excess = 2.0 * rise_with_tau2(curves, offset + design @ beta0, slope / many, bend / many)
    spread = float((bend * bend / many).sum())
    at_zero = 0.5 * excess
    flat = 1e-9 * (1.0 + float(np.abs(bend).sum()))
    starts = [start] if start is not None and start[1] > 0 else []
    if not starts and at_zero > flat:
        starts = [(beta0, float(np.sqrt(np.clip(excess / spread, 1e-4, 9.0))))]
    elif not starts:
        starts = [(beta0, 0.7), (beta0, 2.5)] if at_zero < -flat else []
    evaluations = 0
    best = None
    for first in starts:
        found = _newton(curves, design, offset, quadrature, first, value0, float(np.abs(bend / many).max(initial=0.0)))
        if found is None:
            continue
        evaluations += found.evaluations
        higher_than = value0 + 1e-10 * (1.0 + abs(value0)) if best is None else best.value
        if found.value > higher_than:
            best = found
    if best is not None:
        return Maximum(
            best.beta, best.tau, best.value, False, best.information, at_zero, beta0, value0, info0,
            evaluations, best.marginal.nodes, best.marginal.mean_u, best.converged,
        )  # fmt: skip
    full = np.zeros((p + 1, p + 1))
    full[:p, :p] = info0
    zeros = np.zeros(k)
    return Maximum(
        beta0, 0.0, value0, True, full, at_zero, beta0, value0, info0, evaluations, 1, zeros, at_zero <= flat
    )


@dataclass(frozen=True, slots=True)
class _Climb:
    beta: FloatArray
    tau: float
    value: float
    information: FloatArray
    marginal: Marginal
    evaluations: int
    converged: bool


def score_and_hessian(m: Marginal, design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient and Hessian of the summed log-likelihood in (β, τ)."""
    p = design.shape[1]
    gradient = np.append(design.T @ m.d_eta, m.d_tau.sum())
    hessian = np.empty((p + 1, p + 1))
    hessian[:p, :p] = (design * m.d_eta_eta[:, None]).T @ design
    hessian[:p, p] = hessian[p, :p] = design.T @ m.d_eta_tau
    hessian[p, p] = m.d_tau_tau.sum()
    return gradient, hessian


def uphill_step(gradient: FloatArray, hessian: FloatArray) -> FloatArray:
    """Newton's step where the Hessian is negative definite; with its eigenvalues' signs turned where it is not."""
    if len(gradient) == 2:
        a, b, c = float(hessian[0, 0]), float(hessian[0, 1]), float(hessian[1, 1])
        g, f = float(gradient[0]), float(gradient[1])
        determinant = a * c - b * b
        if a < 0 and determinant > 1e-12 * a * c:  # negative definite: no need for eigenvalues
            return np.array([(b * f - c * g) / determinant, (b * g - a * f) / determinant])
    if len(gradient) == 1:
        return gradient / max(abs(float(hessian[0, 0])), 1e-12)
    values, vectors = np.linalg.eigh(hessian)
    size = np.maximum(np.abs(values), 1e-10 * (1.0 + np.abs(values).max()))
    out: FloatArray = vectors @ ((vectors.T @ gradient) / size)
    return out


def _newton(
    curves: Curves,
    design: FloatArray,
    offset: FloatArray,
    quadrature: Quadrature,
    start: tuple[FloatArray, float],
    floor: float,
    sharpest: float,
) -> _Climb | None:
    """Newton in (β, log τ) with halving. None when τ runs to 0: below the ``floor`` reached there, with τ small
    against every curve."""
    p = design.shape[1]
    beta, rho = np.array(start[0], dtype=np.float64), float(np.log(start[1]))
    k = len(curves)

    def at(beta: FloatArray, rho: float, mode: FloatArray | None) -> Marginal:
        return marginal(curves, offset + design @ beta, np.full(k, np.exp(rho)), quadrature, mode)

    m = at(beta, rho, None)
    value, count, converged = float(m.value.sum()), 1, False
    while count < 100:
        tau = float(np.exp(rho))
        gradient, hessian = score_and_hessian(m, design)
        g = gradient.copy()
        g[p] *= tau
        h = hessian.copy()
        h[p, :] *= tau
        h[:, p] *= tau
        h[p, p] += g[p]
        step = uphill_step(g, h)
        decrement = float(g @ step)
        longest = max(abs(float(step[p])) / 1.5, float(np.max(np.abs(design @ step[:p]), initial=0.0)) / 3.0)
        if longest > 1:
            step /= longest
        accuracy = 1e-11 * (1.0 + abs(value))
        tried = False
        for _ in range(30):
            new = at(beta + step[:p], rho + float(step[p]), m.mode_u)
            count += 1
            new_value = float(new.value.sum())
            if new_value >= value - accuracy:
                tried = True
                break
            step /= 2
        if not tried:
            converged = decrement < 1e-7
            break
        beta, rho, m, value = beta + step[:p], rho + float(step[p]), new, new_value
        if np.exp(rho) < _SMALLEST_TAU or (value < floor and np.exp(2 * rho) * sharpest < 0.1):
            return None
        if np.exp(rho) > LARGEST_TAU or float(np.max(np.abs(beta), initial=0.0)) > 100 * LARGEST_EFFECT:
            raise Separated
        if decrement < 1e-18 * (1.0 + abs(value)):
            converged = True
            break
    gradient, hessian = score_and_hessian(m, design)
    return _Climb(beta, float(np.exp(rho)), value, -hessian, m, count, converged)
