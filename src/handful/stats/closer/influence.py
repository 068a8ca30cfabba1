"""What one study does to a pooled mean or a meta-regression: residuals, leverage, and what leaving it out changes.

With w = 1/(v + τ²), H = X(X'WX)⁻¹X'W, and (−i) for the fit without study i (τ² estimated anew), s the Hartung–Knapp
factor where limits are by Hartung and Knapp and 1 elsewhere (Viechtbauer & Cheung 2010, 10.1002/jrsm.11):

    standardised residual   (y_i − ŷ_i) / √(s (v_i + τ² − x_i'(X'WX)⁻¹x_i))
    studentised, deleted    (y_i − x_i'β₍₋ᵢ₎) / √(s₍₋ᵢ₎ (v_i + τ²₍₋ᵢ₎ + x_i'(X'W X)₍₋ᵢ₎⁻¹x_i))
    DFFITS                  (ŷ_i − x_i'β₍₋ᵢ₎) / √(s₍₋ᵢ₎ h_i (v_i + τ²₍₋ᵢ₎))
    Cook's distance         (β − β₍₋ᵢ₎)' Var(β)⁻¹ (β − β₍₋ᵢ₎)
    covariance ratio        det Var(β₍₋ᵢ₎) / det Var(β)
    DFBETAS                 (β_j − β_j₍₋ᵢ₎) / √(s₍₋ᵢ₎ [(X'W X)⁻¹]_jj), all studies, W at τ²₍₋ᵢ₎

Flagged: |DFFITS| > 3 √(p/(k − p)), or the χ²_p distribution function at Cook's distance above ½, or h > 3 p/k, or a
|DFBETAS| > 1. Baujat's picture (Baujat et al. 2002, 10.1002/sim.1221): (y_i − ŷ_i)²/(v_i + τ²) against
(ŷ_i − x_i'β₍₋ᵢ₎)² over the variance of the latter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.closer.influence_result import Influence
from handful.stats.estimates.between_study import Weighted, estimate_tau2, weighted
from handful.stats.estimates.pool_many import pool_many
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

SCALED = ("knapp-hartung", "knapp-hartung-safe", "hartung-knapp", "hartung-knapp-safe")


@dataclass(frozen=True, eq=False)
class _Without:
    """Row i: the fit without study i."""

    beta: FloatArray
    covariance: FloatArray
    tau2: FloatArray
    scale: FloatArray
    q: FloatArray


def influence_of(
    y: FloatArray,
    v: FloatArray,
    design: FloatArray,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    *,
    method: str,
    given: float | None = None,
    test: str = "z",
) -> Influence | NotEstimable:
    """For y, v of shape (k,) and a design (k, p); ``method`` "" is a common effect, ``given`` a known τ²."""
    from scipy.special import chdtr

    k, p = int(design.shape[0]), int(design.shape[1])
    if k < p + 2:
        wanted = f"{p} coefficients" if p > 1 else "a mean"
        return NotEstimable(f"influence on {wanted} needs {p + 2} studies or more, so that without one some are left")
    tau2 = given if given is not None else estimate_tau2(y, v, method, design) if method else 0.0
    fit = weighted(y, v, design, tau2)
    scale = _scale(fit, k - p, test)
    without = _deleted(y, v, design, method, given, test)
    if isinstance(without, str):
        return NotEstimable(f"without {labels[int(without)]} the moderators determine each other")
    hat = np.einsum("ij,jl,il->i", design, fit.covariance, design) * fit.weights
    fitted = design @ fit.beta
    deleted = np.einsum("ij,ij->i", design, without.beta)
    of_mean = np.einsum("ij,ijl,il->i", design, without.covariance, design)  # s is not in it
    shift = fit.beta - without.beta
    precision = np.linalg.inv(fit.covariance * scale)
    cook = np.einsum("ij,jl,il->i", shift, precision, shift)
    dffits = (fitted - deleted) / np.sqrt(without.scale * hat * (v + without.tau2))
    ratio = np.linalg.det(without.covariance) * without.scale**p / np.linalg.det(fit.covariance * scale)
    spread = np.array([np.diag(weighted(y, v, design, float(t)).covariance) for t in without.tau2])
    dfbetas = shift / np.sqrt(without.scale[:, None] * spread)
    own = fit.weights / fit.weights.sum()
    flags = (np.abs(dffits) > 3.0 * np.sqrt(p / (k - p))) | (np.asarray(chdtr(p, cook)) > 0.5) | (hat > 3.0 * p / k)
    flags |= (np.abs(dfbetas) > 1.0).any(axis=1)
    leverage_left = np.maximum(v + tau2 - hat * (v + tau2), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = np.where(leverage_left > 0, (y - fitted) / np.sqrt(scale * leverage_left), 0.0)
        student = (y - deleted) / np.sqrt(without.scale * (v + without.tau2 + of_mean))
    return Influence(
        labels=labels,
        residual=tuple((y - fitted).tolist()),
        rstandard=tuple(standard.tolist()),
        rstudent=tuple(student.tolist()),
        dffits=tuple(dffits.tolist()),
        cook=tuple(cook.tolist()),
        covariance_ratio=tuple(ratio.tolist()),
        tau2_deleted=tuple(without.tau2.tolist()),
        q_deleted=tuple(without.q.tolist()),
        hat=tuple(hat.tolist()),
        weight=tuple((100.0 * own).tolist()),
        dfbetas={name: tuple(dfbetas[:, j].tolist()) for j, name in enumerate(names)},
        influential=tuple(flags.tolist()),
        baujat_x=tuple(((y - fitted) ** 2 * fit.weights).tolist()),
        baujat_y=tuple(((fitted - deleted) ** 2 / (without.scale * of_mean)).tolist()),
        estimate_deleted=tuple(tuple(row) for row in without.beta.tolist()),
    )


def _scale(fit: Weighted, df: int, test: str) -> float:
    if test not in SCALED:
        return 1.0
    factor = fit.q / df
    return max(factor, 1.0) if test.endswith("safe") else factor


def _deleted(
    y: FloatArray, v: FloatArray, design: FloatArray, method: str, given: float | None, test: str
) -> _Without | str:
    """The fits without each study; the number of a study without which there is none, as text."""
    k, p = int(design.shape[0]), int(design.shape[1])
    if p == 1 and given is None and bool(np.all(design == 1.0)):
        return _deleted_mean(y, v, method, test)
    beta, covariance = np.empty((k, p)), np.empty((k, p, p))
    tau2, scale, q = np.empty(k), np.empty(k), np.empty(k)
    for i in range(k):
        keep = np.arange(k) != i
        x = design[keep]
        if np.linalg.matrix_rank(x) < p:
            return str(i)
        t2 = given if given is not None else estimate_tau2(y[keep], v[keep], method, x) if method else 0.0
        fit = weighted(y[keep], v[keep], x, t2)
        beta[i], covariance[i], tau2[i], scale[i] = fit.beta, fit.covariance, t2, _scale(fit, k - 1 - p, test)
        q[i] = fit.q if t2 == 0.0 else weighted(y[keep], v[keep], x, 0.0).q
    return _Without(beta, covariance, tau2, scale, q)


def _deleted_mean(y: FloatArray, v: FloatArray, method: str, test: str) -> _Without:
    """For one mean, all at once."""
    k = len(y)
    rows = np.array([[j for j in range(k) if j != i] for i in range(k)])
    interval = {"t": "t", "z": "wald"}.get(test, test.replace("knapp-hartung", "hartung-knapp"))
    if interval not in ("hartung-knapp", "hartung-knapp-safe"):
        interval = "wald"
    many = pool_many(
        y[rows].ravel(), v[rows].ravel(), np.repeat(np.arange(k), k - 1),
        model="random-effects" if method else "common-effect", tau2=method or "REML", interval=interval,
    )  # fmt: skip
    tau2 = np.asarray(many.tau2)
    plain = 1.0 / (1.0 / (v[rows] + tau2[:, None])).sum(axis=1)
    return _Without(many.coefficient[:, None], plain[:, None, None], tau2, many.se**2 / plain, np.asarray(many.q))
