"""One study's marginal likelihood, and its derivatives, by quadrature around the top of its own integrand.

In z = (θ − μ)/τ the log integrand l(μ + τz) − z²/2 of a concave curve is concave: a bracketed Newton search finds its
top, two more the points where it has fallen by e⁻⁴⁰, and the trapezoid rule in between is exact to rounding. Slower
than a shared table, and right however far the study lies from μ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.curve_rows import CurveRows

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROOT_2PI = float(np.sqrt(2 * np.pi))
_DROP = 40.0
_LARGEST_RULE = 20_000
_CHUNK = 200_000


@dataclass(frozen=True, eq=False)
class Marginals:
    """Per row: log ∫ L(θ) N(θ; μ, τ²) dθ and its derivatives in μ and τ."""

    value: FloatArray
    mu: FloatArray
    tau: FloatArray
    mu_mu: FloatArray
    mu_tau: FloatArray
    tau_tau: FloatArray


def log_marginals(curves: CurveRows, mu: FloatArray, tau: float, fineness: float = 1.0) -> FloatArray:
    """Row r at mean mu[r], all at one τ > 0."""
    out = np.empty(len(mu))
    for part, u in _nodes(curves, mu, tau, fineness):
        step = u[:, 1] - u[:, 0]
        log_f = curves.take(part).value(mu[part, None] + tau * u) - 0.5 * u * u
        top = log_f.max(axis=1)
        out[part] = top + np.log(np.exp(log_f - top[:, None]).sum(axis=1) * step / _ROOT_2PI)
    return out


def with_derivatives(curves: CurveRows, mu: FloatArray, tau: float, fineness: float = 1.0) -> Marginals:
    """The same with first and second derivatives: moments of l' and l'' under each row's own posterior."""
    columns = [np.empty(len(mu)) for _ in range(6)]
    for part, u in _nodes(curves, mu, tau, fineness):
        step = u[:, 1] - u[:, 0]
        value, slope, bend = curves.take(part).slopes(mu[part, None] + tau * u)
        log_f = value - 0.5 * u * u
        top = log_f.max(axis=1)
        w = np.exp(log_f - top[:, None])
        total = w.sum(axis=1)
        w /= total[:, None]
        a, b = _dot(w, slope), _dot(w, u * slope)
        found = (
            top + np.log(total * step / _ROOT_2PI),
            a,
            b,
            _dot(w, bend) + _dot(w, (slope - a[:, None]) ** 2),
            _dot(w, u * bend) + _dot(w, (slope - a[:, None]) * (u * slope - b[:, None])),
            _dot(w, u * u * bend) + _dot(w, (u * slope - b[:, None]) ** 2),
        )
        for column, piece in zip(columns, found, strict=True):
            column[part] = piece
    return Marginals(*columns)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    out: FloatArray = np.einsum("ij,ij->i", a, b)
    return out


def _nodes(curves: CurveRows, mu: FloatArray, tau: float, fineness: float) -> list[tuple[slice, FloatArray]]:
    """Slices of rows with their equally spaced z."""
    _, slope, _ = curves.slopes(mu)
    low, high = np.minimum(0.0, tau * slope), np.maximum(0.0, tau * slope)
    z = np.zeros_like(mu)
    for _ in range(300):
        _, slope, bend = curves.slopes(mu + tau * z)
        f = tau * slope - z
        low, high = np.where(f > 0, z, low), np.where(f < 0, z, high)
        precision = np.maximum(1 - tau * tau * bend, 1e-3)
        step = f / precision
        if bool(np.all((step * step * precision < 1e-6) | (high - low < 1e-9 * (1 + np.abs(z))))):
            break
        new = z + step
        # strictly inside, or two points at the ends of the bracket would take turns for ever
        z = np.where((new > low) & (new < high), new, 0.5 * (low + high))
    value, _, bend = curves.slopes(mu + tau * z)
    scale = 1 / np.sqrt(np.maximum(1 - tau * tau * bend, 1e-3))
    target = value - 0.5 * z * z - _DROP
    ends = [z - 9.0, z + 9.0]
    for side in (0, 1):
        for _ in range(200):  # Newton from outside a concave function stays outside
            value, slope, _ = curves.slopes(mu + tau * ends[side])
            gap = target - (value - 0.5 * ends[side] ** 2)
            ends[side] = ends[side] + np.maximum(gap, 0.0) / (tau * slope - ends[side])
            if bool(np.all(gap < 1.0)):
                break
    width = ends[1] - ends[0]
    step = np.minimum(0.5 * scale, 0.4 / tau) / fineness
    count = np.minimum(np.ceil(width / step), _LARGEST_RULE).astype(int) + 1
    out = []
    chunk = max(1, _CHUNK // int(count.max()))
    for start in range(0, len(mu), chunk):
        part = slice(start, start + chunk)
        out.append((part, ends[0][part, None] + width[part, None] * np.linspace(0.0, 1.0, int(count[part].max()))))
    return out
