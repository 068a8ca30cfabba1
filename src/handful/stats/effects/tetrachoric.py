"""The tetrachoric correlation of a 2×2 table.

Two normal variables with correlation ρ, each cut at a threshold, make the table. The thresholds h = Φ⁻¹(n1/N) and
k = Φ⁻¹((a + c)/N) follow from the margins, and ρ solves P(X < h, Y < k; ρ) = a/N: the maximum of the likelihood, for
the model has as many parameters as the table has free cells. The variance is that of ρ as a function of the three
free proportions, N people fixed: with A = Φ((k − ρh)/√(1 − ρ²)), B = Φ((h − ρk)/√(1 − ρ²)) and φ₂ the normal density at
(h, k), the derivatives of ρ by a/N, b/N, c/N are (1 − A − B)/φ₂, −A/φ₂, −B/φ₂.

P is Φ(h)Φ(k) + ∫₀^{asin ρ} exp(−(h² + k² − 2hk sin t)/(2 cos² t)) dt / 2π (Plackett 1954, 10.1093/biomet/41.3-4.351).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray: TypeAlias = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)


def tetrachoric(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """ρ and its variance. With one empty cell ρ is ±1 and has no variance (infinite); with an empty margin NaN."""
    shape = np.broadcast_shapes(a.shape, b.shape, c.shape, d.shape)
    cells = [np.broadcast_to(x, shape).reshape(-1).astype(np.float64) for x in (a, b, c, d)]
    rho, variance = np.full(cells[0].size, np.nan), np.full(cells[0].size, np.nan)
    p, q, r, s = cells
    whole = (p + q > 0) & (r + s > 0) & (p + r > 0) & (q + s > 0)
    inside = (p > 0) & (q > 0) & (r > 0) & (s > 0)
    edge = whole & ~inside
    rho[edge] = np.where((q[edge] == 0) | (r[edge] == 0), 1.0, -1.0)
    variance[edge] = np.inf
    for start in range(0, int(inside.sum()), 20_000):  # the quadrature takes 96 numbers a table
        rows = np.flatnonzero(inside)[start : start + 20_000]
        rho[rows], variance[rows] = _interior(p[rows], q[rows], r[rows], s[rows])
    return rho.reshape(shape), variance.reshape(shape)


def _interior(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    n = a + b + c + d
    h, k = _threshold(a + b, c + d), _threshold(a + c, b + d)
    want = (a / n) * (d / n) - (b / n) * (c / n)  # a/N − Φ(h)Φ(k), without the subtraction
    angle = np.zeros(a.size)
    low, high, last = np.full(a.size, -0.5 * np.pi), np.full(a.size, 0.5 * np.pi), np.full(a.size, np.inf)
    active = np.arange(a.size)  # a table that has its answer leaves, whatever the others still need
    for _ in range(100):
        now = angle[active]
        miss = want[active] - _integral(h[active], k[active], now)
        low[active], high[active] = np.where(miss > 0, now, low[active]), np.where(miss > 0, high[active], now)
        slope = _integrand(h[active], k[active], now)
        new = now + np.divide(miss, slope, out=np.full(now.size, np.inf), where=slope > 0)
        # the bracket guards long steps; a step of rounding size may well leave it
        inside = ((new > low[active]) & (new < high[active])) | (np.abs(new - now) < 1e-9)
        new = np.where(inside, new, 0.5 * (low[active] + high[active]))
        step = np.abs(new - now)
        # Newton has come as far as rounding lets it: the step is none, or tiny and no longer shrinking
        done = (step <= 1e-15) | ((step < 1e-9) & (step >= 0.5 * last[active]))
        angle[active], last[active] = new, step
        active = active[~done]
        if not active.size:
            break
    rho, root = np.sin(angle), np.cos(angle)
    first, second = special.ndtr((k - rho * h) / root), special.ndtr((h - rho * k) / root)
    density = _integrand(h, k, angle) / root
    slopes = (1 - first - second, -first, -second)
    shares = (a / n, b / n, c / n)
    mean = sum(p * g for p, g in zip(shares, slopes, strict=True))
    square = sum(p * g**2 for p, g in zip(shares, slopes, strict=True))
    return rho, np.asarray((square - mean**2) / (n * density**2), dtype=np.float64)


def _threshold(below: FloatArray, above: FloatArray) -> FloatArray:
    """Φ⁻¹ of the share below, from whichever side is smaller: near 1 a share has lost the digits of its rest."""
    smaller = special.ndtri(np.minimum(below, above) / (below + above))
    return np.asarray(np.where(below > above, -smaller, smaller), dtype=np.float64)


def _integrand(h: FloatArray, k: FloatArray, angle: FloatArray) -> FloatArray:
    """The bivariate normal density at (h, k) times cos t, for ρ = sin t."""
    s, c = np.sin(angle), np.cos(angle)
    # h² + k² − 2hk s in the form that keeps its digits as |s| → 1
    distance = np.where(s >= 0, (h - k) ** 2 + 2 * h * k * (1 - s), (h + k) ** 2 - 2 * h * k * (1 + s))
    out: FloatArray = np.exp(-0.5 * distance / np.maximum(c, 1e-150) ** 2) / (2 * np.pi)
    return out


def _integral(h: FloatArray, k: FloatArray, angle: FloatArray) -> FloatArray:
    points = 0.5 * angle[:, None] * (1 + _NODES)
    out: FloatArray = 0.5 * angle * (_integrand(h[:, None], k[:, None], points) * _WEIGHTS).sum(axis=1)
    return out
