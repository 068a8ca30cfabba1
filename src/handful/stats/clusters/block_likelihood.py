"""The normal likelihood of estimates whose errors and effects are correlated within clusters.

y ~ N(Xβ, M), M = V + Σ_j c_j B_j, all block-diagonal by cluster: V the known sampling covariance, B_j fixed patterns (a
block of ones for an effect that a cluster shares, and so on), c_j unknown. With P = M⁻¹ − M⁻¹X(X'M⁻¹X)⁻¹X'M⁻¹ and
u = Py, the restricted log-likelihood and its derivatives in c are

    l   = −½ [(n − p) log 2π + log det M + log det X'M⁻¹X − log det X'X + y'Py]
    l_j = ½ [u'B_j u − tr(P B_j)]          l_jk = ½ tr(P B_j P B_k) − u'B_j P B_k u

and those of maximum likelihood have M⁻¹ in place of P inside the traces (Searle, Casella & McCulloch 1992,
10.1002/9780470316856, chapter 6). Clusters of one size are stacked, so no matrix is larger than the largest cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stack:
    """n clusters of m estimates each: rows (n, m), y (n, m), x (n, m, p), v (n, m, m), patterns (q, n, m, m)."""

    rows: IntArray
    y: FloatArray
    x: FloatArray
    v: FloatArray
    patterns: FloatArray


@dataclass(frozen=True, eq=False)
class Value:
    """The log-likelihood at one c with its gradient and matrix of second derivatives; β̂, (X'M⁻¹X)⁻¹."""

    value: float
    gradient: FloatArray
    second: FloatArray
    beta: FloatArray
    covariance: FloatArray


def stacks_of(
    y: FloatArray, v: FloatArray, design: FloatArray, clusters: IntArray, patterns: Sequence[FloatArray]
) -> tuple[Stack, ...]:
    """Cut into clusters; ``v`` and each pattern are whole matrices (k, k), zero between clusters."""
    members = [np.flatnonzero(clusters == c).astype(np.int64) for c in range(int(clusters.max()) + 1)]
    out = []
    for size in sorted({len(rows) for rows in members}):
        rows = np.array([own for own in members if len(own) == size], dtype=np.int64)
        inside = (rows[:, :, None], rows[:, None, :])
        own_patterns = [pattern[inside] for pattern in patterns]
        stacked = np.array(own_patterns) if own_patterns else np.empty((0, *inside[0].shape[:2], size))
        out.append(Stack(rows, y[rows], design[rows], v[inside], stacked.reshape(len(patterns), len(rows), size, size)))
    return tuple(out)


def covariances(stacks: Sequence[Stack], c: FloatArray) -> list[FloatArray]:
    """M of every cluster, stack by stack."""
    return [stack.v + np.tensordot(c, stack.patterns, axes=1) for stack in stacks]


def evaluate(stacks: Sequence[Stack], c: FloatArray, restricted: bool) -> Value | None:
    """The likelihood at c; None where M is not positive definite."""
    q, p = len(c), int(stacks[0].x.shape[2])
    information, moment, of_design = np.zeros((p, p)), np.zeros(p), np.zeros((p, p))
    log_det, n = 0.0, 0
    inverses = []
    for stack, m in zip(stacks, covariances(stacks, c), strict=True):
        try:
            factor = np.linalg.cholesky(m)
        except np.linalg.LinAlgError:
            return None
        log_det += 2.0 * float(np.log(np.diagonal(factor, axis1=1, axis2=2)).sum())
        inverse = np.linalg.inv(m)
        inverses.append(inverse)
        weighted = inverse @ stack.x
        information += np.einsum("nmi,nmj->ij", stack.x, weighted)
        of_design += np.einsum("nmi,nmj->ij", stack.x, stack.x)
        moment += np.einsum("nmi,nm->i", weighted, stack.y)
        n += stack.y.size
    try:
        covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    beta = covariance @ moment
    squares, gradient, second = 0.0, np.zeros(q), np.zeros((q, q))
    between, across = np.zeros((q, p, p)), np.zeros((q, p))
    for stack, inverse in zip(stacks, inverses, strict=True):
        rest = stack.y - stack.x @ beta
        u = np.einsum("nij,nj->ni", inverse, rest)
        squares += float((u * rest).sum())
        weighted = inverse @ stack.x
        turned = inverse @ stack.patterns  # M⁻¹B_j
        pushed = np.einsum("qnij,nj->qni", stack.patterns, u)  # B_j u
        gradient += 0.5 * (np.einsum("qni,ni->q", pushed, u) - np.einsum("qnii->q", turned))
        second += 0.5 * np.einsum("anij,bnji->ab", turned, turned)
        second -= np.einsum("ani,nij,bnj->ab", pushed, inverse, pushed)
        across += np.einsum("nmi,qnm->qi", weighted, pushed)
        of_x = stack.patterns @ weighted  # B_j M⁻¹X
        between += np.einsum("nmi,qnmj->qij", weighted, of_x)
        if restricted:
            product = np.einsum("anmi,nml,bnlj->abij", of_x, inverse, of_x)
            second -= np.einsum("ij,abji->ab", covariance, product)
    second += across @ covariance @ across.T
    value = -0.5 * (n * np.log(2 * np.pi) + log_det + squares)
    if restricted:
        scaled = covariance @ between
        gradient += 0.5 * np.einsum("qii->q", scaled)
        second += 0.5 * np.einsum("aij,bji->ab", scaled, scaled)
        extra = float(np.linalg.slogdet(information)[1] - np.linalg.slogdet(of_design)[1])
        value += 0.5 * (p * np.log(2 * np.pi) - extra)
    return Value(float(value), gradient, second, beta, covariance)
