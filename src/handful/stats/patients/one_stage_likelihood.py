"""The likelihood of patients nested in studies: η = a + x'β + τ u_i, u_i ~ N(0, 1), integrated over u_i.

Adaptive Gauss–Hermite quadrature around each study's own mode. From the same nodes, with posterior weights π and
g_i(u) = Σ_j (y_j − n_j b'(η_j)) c_j(u), c = (1, x, u):

    score = Σ_i E_i g_i,     Hessian = Σ_i { Cov_i g_i − E_i Σ_j n_j b''(η_j) c_j c_j' }.

The likelihood is even in τ; at τ = 0 its slope in τ² is ½ Σ_i {(Σ_j r_j)² − Σ_j n_j b''(η_j)}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.count_models.gauss_hermite import hermite_nodes
from handful.stats.patients.cells import Cells
from handful.stats.patients.families import Family

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

_MODE_STEPS = 60
_MODE_NEAR = 1e-5  # the mode only places the nodes


@dataclass(frozen=True, eq=False, slots=True)
class At:
    """Log-likelihood, score and Hessian in (a, β, τ); ``slope``: in τ², known at τ = 0 only (else NaN)."""

    value: float
    score: FloatArray
    hessian: FloatArray
    slope: float


class Likelihood:
    """One set of cells; remembers each study's mode as the next start."""

    def __init__(self, cells: Cells, family: Family, nodes: int) -> None:
        self.cells, self.family = cells, family
        self.z, log_weights = hermite_nodes(nodes)
        self.log_weights = log_weights - 0.5 * np.log(2.0 * np.pi)
        self.modes = np.zeros(cells.studies)
        self.blocks = cells.blocks()
        self.size = cells.x.shape[0] + 2  # a, β, τ

    def at(self, theta: FloatArray) -> At:
        """Everything at ``theta`` = (a, β, τ); a value of minus infinity where no float can hold it."""
        value, slope = 0.0, 0.0
        score, hessian = np.zeros(self.size), np.zeros((self.size, self.size))
        with np.errstate(over="ignore", invalid="ignore"):
            for studies, rows in self.blocks:
                part = self._pooled(theta, studies, rows) if theta[-1] == 0.0 else self._block(theta, studies, rows)
                value += part.value
                score += part.score
                hessian += part.hessian
                slope += part.slope
        if not np.isfinite(value):
            self.modes[:] = 0.0
            return At(-np.inf, score, hessian, slope)
        return At(value, score, hessian, slope)

    def _pooled(self, theta: FloatArray, studies: slice, rows: slice) -> At:
        """τ = 0: the studies share one intercept."""
        y, n, x, starts, _ = self._rows(studies, rows)
        eta = theta[0] + theta[1:-1] @ x
        b, first, second = self.family.b(eta)
        r, w = y - n * first, n * second
        score = np.concatenate([[r.sum()], x @ r, [0.0]])
        hessian = np.zeros((self.size, self.size))
        wx = x * w
        hessian[0, 0] = -w.sum()
        hessian[0, 1:-1] = hessian[1:-1, 0] = -wx.sum(axis=1)
        hessian[1:-1, 1:-1] = -wx @ x.T
        by_study = np.add.reduceat(r, starts) ** 2 - np.add.reduceat(w, starts)
        hessian[-1, -1] = by_study.sum()  # twice the slope in τ²: the curvature in τ
        return At(float(y @ eta - n @ b), score, hessian, 0.5 * float(by_study.sum()))

    def _rows(self, studies: slice, rows: slice) -> tuple[FloatArray, FloatArray, FloatArray, IntArray, IntArray]:
        cells = self.cells
        starts = cells.starts[studies.start : studies.stop + 1]
        return cells.y[rows], cells.n[rows], cells.x[:, rows], starts[:-1] - starts[0], np.diff(starts)

    def _block(self, theta: FloatArray, studies: slice, rows: slice) -> At:
        y, n, x, starts, sizes = self._rows(studies, rows)
        tau, b = float(theta[-1]), self.family.b
        base = theta[0] + theta[1:-1] @ x
        events = np.add.reduceat(y, starts)
        mode, spread = self._modes(studies, base, y, n, starts, sizes, tau)
        u = mode + spread * self.z[:, None]  # (nodes, studies)
        count = len(self.z)
        means, bends, logs = np.empty((count, len(y))), np.empty((count, len(y))), np.empty_like(u)
        known = np.add.reduceat(y * base, starts)
        for q in range(count):
            level, first, second = b(base + np.repeat(tau * u[q], sizes))
            np.multiply(n, first, out=means[q])
            np.multiply(n, second, out=bends[q])
            logs[q] = known + tau * u[q] * events - np.add.reduceat(n * level, starts)
        logs += self.log_weights[:, None] - 0.5 * u * u
        top = logs.max(axis=0)
        weights = np.exp(logs - top)
        total = weights.sum(axis=0)
        weights /= total
        value = float((top + np.log(total) + np.log(spread)).sum())

        wide = np.repeat(weights, sizes, axis=1)
        wide_u = np.repeat(weights * u, sizes, axis=1)
        w0 = np.einsum("qj,qj->j", wide, bends)
        w1 = np.einsum("qj,qj->j", wide_u, bends)
        w2 = (weights * u * u * np.add.reduceat(bends, starts, axis=1)).sum()
        rest = y - means
        pulls = np.empty((self.size, count, len(starts)))
        pulls[0] = np.add.reduceat(rest, starts, axis=1)
        for c in range(x.shape[0]):
            pulls[c + 1] = np.add.reduceat(rest * x[c], starts, axis=1)
        pulls[-1] = u * pulls[0]
        expected = np.einsum("qi,cqi->ci", weights, pulls)
        away = (pulls - expected[:, None, :]).reshape(self.size, -1)
        hessian = (away * weights.reshape(-1)) @ away.T
        wx = x * w0
        hessian[0, 0] -= w0.sum()
        hessian[0, 1:-1] -= wx.sum(axis=1)
        hessian[1:-1, 0] -= wx.sum(axis=1)
        hessian[1:-1, 1:-1] -= wx @ x.T
        mixed = np.concatenate([[w1.sum()], x @ w1])
        hessian[-1, :-1] -= mixed
        hessian[:-1, -1] -= mixed
        hessian[-1, -1] -= w2
        return At(value, expected.sum(axis=1), hessian, np.nan)

    def _modes(
        self,
        studies: slice,
        base: FloatArray,
        y: FloatArray,
        n: FloatArray,
        starts: IntArray,
        sizes: IntArray,
        tau: float,
    ) -> tuple[FloatArray, FloatArray]:
        """Where each study's integrand is highest, and the standard deviation of its normal shape there.

        Newton inside a bracket: the slope falls in u, so its sign says on which side the mode lies.
        """
        u = self.modes[studies]
        low, high = np.full_like(u, -np.inf), np.full_like(u, np.inf)
        bend = np.ones_like(u)
        for _ in range(_MODE_STEPS):
            _, first, second = self.family.b(base + np.repeat(tau * u, sizes))
            slope = tau * np.add.reduceat(y - n * first, starts) - u
            bend = 1.0 + tau * tau * np.add.reduceat(n * second, starts)
            low, high = np.where(slope > 0, u, low), np.where(slope < 0, u, high)
            step = slope / bend
            if float(np.abs(step * np.sqrt(bend)).max()) < _MODE_NEAR:
                break
            new = u + np.clip(step, -5.0, 5.0)
            outside = ((new <= low) | (new >= high)) & np.isfinite(low) & np.isfinite(high)
            if outside.any():
                new[outside] = 0.5 * (low[outside] + high[outside])
            u = new
        self.modes[studies] = u
        return u, 1.0 / np.sqrt(bend)
