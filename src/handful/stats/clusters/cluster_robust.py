"""Standard errors that hold whatever the correlation within clusters, with the small-sample correction CR2.

β̂ = (X'WX)⁻¹X'Wy with block-diagonal W; e the residuals. The sandwich is C Σ_g X_g'W_g A_g e_g e_g'A_g W_g X_g C with
C = (X'WX)⁻¹: A = I is CR0, √(G/(G − p)) CR1 for G clusters. CR2 takes the symmetric A_g that make it unbiased when the
working covariance Φ is right: A_g = D'(D (Φ_g − X_g C X_g') D')^{+½} D for W = Φ⁻¹, D the Cholesky factor D'D = Φ_g
(Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, 10.1080/07350015.2016.1247004). Degrees of freedom of each
coefficient: Satterthwaite's under Φ. Several together: the approximate Hotelling test (Tipton & Pustejovsky 2015,
10.3102/1076998615606099): with η from the variances of the sandwich, F = (η − m + 1)/(η m) · b'V⁻¹b has m and
η − m + 1 degrees of freedom.

With few clusters (below ten, or one that dominates) the degrees of freedom can be 2 or 3 where CR1 says 10: that is
the point of them. Below 4 the approximation itself is rough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.distributions.student import f_above

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

KINDS = ("CR2", "CR1", "CR0")


@dataclass(frozen=True, eq=False)
class Sandwich:
    """β̂ (p,), its robust covariance (p, p), degrees of freedom (p,), and the test of all ``tested`` together."""

    beta: FloatArray
    covariance: FloatArray
    df: FloatArray
    statistic: float
    statistic_df: tuple[int, float]
    p: float
    clusters: int


def sandwich(
    y: FloatArray,
    design: FloatArray,
    covariances: Sequence[FloatArray],
    members: Sequence[IntArray],
    tested: Sequence[int],
    kind: str = "CR2",
) -> Sandwich:
    """For y (k,), design (k, p), and for each cluster its rows and its working covariance Φ_g; weights are Φ⁻¹.

    ``df`` is nan where a coefficient rests on one cluster alone.
    """
    p, groups = int(design.shape[1]), len(members)
    weights = [np.linalg.inv(phi) for phi in covariances]
    information = np.zeros((p, p))
    moment = np.zeros(p)
    for rows, w in zip(members, weights, strict=True):
        information += design[rows].T @ w @ design[rows]
        moment += design[rows].T @ w @ y[rows]
    bread = np.asarray(np.linalg.inv(information), dtype=np.float64)
    residual = y - design @ (bread @ moment)
    pulls = []  # C X_g'W_g A_g, shape (p, m_g)
    for rows, phi, w in zip(members, covariances, weights, strict=True):
        pull = bread @ design[rows].T @ w
        if kind == "CR2":
            pull = pull @ _unbiased(phi, design[rows], bread)
        pulls.append(pull)
    if float(np.abs(residual).max(initial=0.0)) <= 1e-13 * float(np.abs(y).max(initial=0.0)):
        residual = np.zeros(len(y))  # all on the line: rounding is no evidence
    meat = np.array([pull @ residual[rows] for pull, rows in zip(pulls, members, strict=True)])
    covariance = meat.T @ meat
    if kind == "CR1":
        covariance = covariance * (groups / (groups - p))
    own = list(tested)
    value = _wald(bread @ moment, covariance, own)
    if kind != "CR2":
        df = np.full(p, float(groups - p))
        m = len(own)
        return Sandwich(bread @ moment, covariance, df, value / m, (m, df[0]), f_above(value / m, m, df[0]), groups)
    moments = _moments(pulls, members, covariances, design, bread)
    df = np.array([_satterthwaite(moments[:, :, j, j]) for j in range(p)])
    statistic, statistic_df = _hotelling(value, moments, own)
    chance = f_above(statistic, *statistic_df) if statistic_df[1] > 0 and statistic >= 0 else np.nan
    return Sandwich(bread @ moment, covariance, df, statistic, statistic_df, chance, groups)


def counted(count: int, one: str, many: str) -> str:
    """'1 cluster', '3 clusters'."""
    return f"{count} {one if count == 1 else many}"


#: why there are no robust standard errors where the residuals are all 0
ON_THE_LINE = "the estimates lie exactly on the fit: residuals of 0 give no robust standard error"


def _unbiased(phi: FloatArray, x: FloatArray, bread: FloatArray) -> FloatArray:
    factor = np.linalg.cholesky(phi).T  # D'D = Φ
    inner = factor @ (phi - x @ bread @ x.T) @ factor.T
    roots, vectors = np.linalg.eigh(0.5 * (inner + inner.T))
    kept = roots > 1e-12 * max(float(roots.max()), float(np.trace(phi)) ** 2 * 1e-4)
    half = np.where(kept, 1.0 / np.sqrt(np.where(kept, roots, 1.0)), 0.0)
    return np.asarray(factor.T @ (vectors * half) @ vectors.T @ factor, dtype=np.float64)


def _moments(
    pulls: Sequence[FloatArray],
    members: Sequence[IntArray],
    covariances: Sequence[FloatArray],
    design: FloatArray,
    bread: FloatArray,
) -> FloatArray:
    """g_gs'Φ g_ht for clusters g, h and coefficients s, t, where the sandwich is Σ_g (g_g'y)(g_g'y)'.

    g_g = (I − H)' [pull_g' in the rows of g], so the product is pull_g Φ_g pull_g' [g = h] − pull_g X_g C X_h'pull_h':
    no matrix of all the estimates is needed.
    """
    groups, p = len(pulls), int(bread.shape[0])
    of_design = np.array([pull @ design[rows] for pull, rows in zip(pulls, members, strict=True)])  # (G, p, p)
    out = -np.einsum("gsi,ij,htj->ghst", of_design, bread, of_design)
    for g in range(groups):
        out[g, g] += pulls[g] @ covariances[g] @ pulls[g].T
    return np.asarray(out.reshape(groups, groups, p, p), dtype=np.float64)


def _satterthwaite(products: FloatArray) -> float:
    squares = float((products * products).sum())
    return float(np.trace(products)) ** 2 / squares if squares > 0 else float("nan")


def _wald(beta: FloatArray, covariance: FloatArray, own: list[int]) -> float:
    part = covariance[np.ix_(own, own)]
    if np.linalg.matrix_rank(part) < len(own):
        return float("nan")
    return float(beta[own] @ np.linalg.solve(part, beta[own]))


def _hotelling(value: float, moments: FloatArray, own: list[int]) -> tuple[float, tuple[int, float]]:
    m = len(own)
    part = moments[:, :, own][:, :, :, own]
    expected = np.einsum("ggst->st", part)
    roots, vectors = np.linalg.eigh(0.5 * (expected + expected.T))
    if float(roots.min()) <= 0:
        return float("nan"), (m, float("nan"))
    half = (vectors / np.sqrt(roots)) @ vectors.T
    scaled = np.einsum("as,ghst,bt->ghab", half, part, half)
    # Var V_st = Σ_gh [Γ_gh,ss Γ_gh,tt + Γ_gh,st Γ_gh,ts]
    spread = np.einsum("ghss,ghtt->", scaled, scaled) + np.einsum("ghst,ghts->", scaled, scaled)
    eta = m * (m + 1) / float(spread)
    return (eta - m + 1) / (eta * m) * value, (m, eta - m + 1)
