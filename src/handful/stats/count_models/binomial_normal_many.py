"""The binomial–normal model fitted to many sets of studies in one call.

The same likelihood as ``binomial_normal.py``. All sets climb together: each round evaluates every set that is not
yet done at its next (μ, log τ), keeps it if the likelihood did not fall, and otherwise halves that set's step.
Studies of a set share their nodes (``shared_nodes.py``), so a round is one exponential a study and node and one
matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.count_models.average import normal_averages
from handful.stats.count_models.curves import BinomialCurves, logit
from handful.stats.count_models.random_effect import Quadrature, marginal
from handful.stats.count_models.shared_nodes import nodes_needed, shared_nodes

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]

ROWS_AT_ONCE = 4096

OK, ONE_STUDY, NO_EVENT, ALL_EVENTS, ALL_OR_NONE, NO_STUDY = range(6)
STATUS = (
    "fitted",
    "one study: nothing to pool",
    "no event at all: no highest point in μ",
    "nothing but events: no highest point in μ",
    "every study is all or none: τ grows without bound",
    "no study with anyone in it",
)


@dataclass(frozen=True, eq=False)
class ManyFits:
    """One entry a set. Where ``status`` is not 0 (``STATUS`` says what it means) μ, se, τ² and the log-likelihood
    are NaN."""

    mu: FloatArray
    se: FloatArray
    tau2: FloatArray
    log_likelihood: FloatArray
    average: FloatArray
    boundary: npt.NDArray[np.bool_]
    converged: npt.NDArray[np.bool_]
    status: npt.NDArray[np.int8]
    evaluations: int


def pool_binomial_normal_many(events: Any, totals: Any, offsets: Any = None, *, averages: bool = True) -> ManyFits:
    """Maximum likelihood for B sets: ``events`` and ``totals`` of shape (B, k), or flat with ``offsets`` of length B
    + 1.

    Set b holds the rows offsets[b]:offsets[b + 1]; studies of nobody are ignored. ``se`` is the standard error of μ
    with τ estimated too (given τ = 0 on the boundary). Log-likelihoods agree with finer quadrature to 1e-9 or better.

    >>> fits = pool_binomial_normal_many([[3, 5, 1, 7], [0, 0, 0, 0]], [[10, 12, 9, 11]] * 2)
    >>> round(float(fits.tau2[0]), 3), STATUS[fits.status[1]]
    (0.265, 'no event at all: no highest point in μ')
    """
    x, n, offsets = _flat(events, totals, offsets)
    size = np.diff(offsets)
    status = _status(x, n, offsets)
    nan = np.full(len(size), np.nan)
    mu, tau, value, se = nan.copy(), nan.copy(), nan.copy(), nan.copy()
    converged = status == OK
    evaluations = 0
    good = np.flatnonzero(status == OK)
    order = good[np.argsort(size[good], kind="stable")]
    for chunk in _chunks(order, size):
        rows = _rows(offsets, chunk)
        work = _Batch(BinomialCurves.of(x[rows], n[rows]), size[chunk])
        work.run()
        mu[chunk], tau[chunk], value[chunk], se[chunk] = work.mu, work.tau, work.value, work.se
        converged[chunk] = work.converged
        evaluations += work.evaluations
    average = nan.copy()
    if averages:
        average[good] = normal_averages(mu[good], tau[good])
    average[status == NO_EVENT] = 0.0
    average[status == ALL_EVENTS] = 1.0
    return ManyFits(mu, se, tau * tau, value, average, tau == 0.0, converged, status, evaluations)


def _flat(events: Any, totals: Any, offsets: Any) -> tuple[FloatArray, FloatArray, IntArray]:
    x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    if x.shape != n.shape:
        raise InputError(f"events has shape {x.shape}, totals {n.shape}", hint="give both the same shape")
    if offsets is None:
        if x.ndim != 2:
            raise InputError("events is not a table of sets × studies", hint="or give flat columns with offsets=")
        offsets = np.arange(x.shape[0] + 1) * x.shape[1]
    at = np.asarray(offsets, dtype=np.intp)
    x, n = x.reshape(-1), n.reshape(-1)
    if len(at) < 1 or at[0] != 0 or at[-1] != len(x) or bool(np.any(np.diff(at) < 0)):
        raise InputError("offsets must rise from 0 to the number of rows")
    bad = ~((x >= 0) & (x <= n) & (x == np.floor(x)) & (n == np.floor(n)) & np.isfinite(n))
    if bad.any():
        raise InputError(f"{int(bad.sum())} rows are not whole events of whole totals, first at {int(bad.argmax())}")
    keep = n > 0
    if not keep.all():
        at = np.concatenate([[0], np.cumsum(keep)])[at].astype(np.intp)
        x, n = x[keep], n[keep]
    return x, n, at


def _sums(values: FloatArray, offsets: IntArray) -> FloatArray:
    """Sum of each set's rows; 0 for an empty set."""
    running = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(running[offsets[1:]] - running[offsets[:-1]], dtype=np.float64)


def _status(x: FloatArray, n: FloatArray, offsets: IntArray) -> npt.NDArray[np.int8]:
    size = np.diff(offsets)
    total_x, total_n = _sums(x, offsets), _sums(n, offsets)
    inside = _sums(((x > 0) & (x < n)).astype(np.float64), offsets)
    out = np.full(len(size), OK, dtype=np.int8)
    out[inside == 0] = ALL_OR_NONE
    out[total_x == total_n] = ALL_EVENTS
    out[total_x == 0] = NO_EVENT
    out[size == 1] = ONE_STUDY
    out[size == 0] = NO_STUDY
    return out


def _chunks(order: IntArray, size: IntArray) -> list[IntArray]:
    """Sets of about ``ROWS_AT_ONCE`` rows, equal sizes together."""
    if len(order) == 0:
        return []
    at = np.cumsum(size[order])
    return np.split(order, np.flatnonzero(np.diff(at // ROWS_AT_ONCE)) + 1)


def _rows(offsets: IntArray, chunk: IntArray) -> IntArray:
    size = offsets[chunk + 1] - offsets[chunk]
    starts = np.repeat(offsets[chunk] - np.concatenate([[0], np.cumsum(size)[:-1]]), size)
    return np.asarray(starts + np.arange(int(size.sum())), dtype=np.intp)


class _Batch:
    """The climb of one chunk of sets."""

    def __init__(self, curves: BinomialCurves, size: IntArray) -> None:
        self.curves, self.size = curves, size
        self.starts = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.intp)
        b = len(size)
        self.group = np.repeat(np.arange(b), size)
        x, n = self._sum(curves.x), self._sum(curves.n)
        self.common = np.asarray(logit(x / n), dtype=np.float64)
        common_value, slope, bend = curves.slopes(self.common[self.group])
        self.common_value = self._sum(common_value)
        excess = self._sum(slope * slope + bend)
        self.common_information = -self._sum(bend)
        self.sharpest = np.maximum.reduceat(np.abs(bend), self.starts)
        self.rises = excess > 1e-9 * (1.0 + self.common_information)
        start = np.sqrt(np.clip(excess / self._sum(bend * bend), 1e-4, 9.0))
        self.mu, self.rho = self.common.copy(), np.log(np.where(self.rises, start, 0.7))
        self.peaks, self.sharp = curves.peaks, curves.sharpest
        self.zero = np.zeros(b, dtype=bool)
        self.converged = np.zeros(b, dtype=bool)
        self.value = np.full(b, -np.inf)
        self.information = np.zeros((b, 3))
        self.evaluations = 0

    def _sum(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self.starts), dtype=np.float64)

    def run(self) -> None:
        self._climb(np.arange(len(self.size)), 1e-4, 60, rough=True)
        left = np.flatnonzero(~self.zero)
        self.converged[left] = False
        self._climb(left, 1e-14, 60, rough=False)
        back = ~self.zero & (self.value <= self.common_value + 1e-10 * (1.0 + np.abs(self.common_value)))
        self.zero |= back
        self.value = np.where(self.zero, self.common_value, self.value)
        self.mu = np.where(self.zero, self.common, self.mu)
        self.converged |= self.zero
        self.tau = np.where(self.zero, 0.0, np.exp(self.rho))
        a, b, c = self.information.T
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = c / (a * c - b * b)
        self.se = np.where(self.zero, self.common_information**-0.5, np.sqrt(np.abs(variance)))

    def _evaluate(self, sets: IntArray, mu: FloatArray, rho: FloatArray, rough: bool) -> list[FloatArray]:
        """Value, gradient (2) and Hessian (3) in (μ, τ) of the chosen sets, those of like τ together."""
        tau = np.exp(rho)
        parts = [np.zeros(len(sets)) for _ in range(6)]
        order = np.argsort(tau, kind="stable")
        needs = np.array(
            [nodes_needed(self.sharp, float(t), rough=rough) for t in tau[order[:: max(len(order) // 8, 1)]]]
        )
        cuts = np.flatnonzero(np.diff(needs)) + 1
        for piece in np.split(order, cuts * max(len(order) // 8, 1)):
            if len(piece):
                for part, found in zip(parts, self._piece(sets[piece], mu[piece], tau[piece], rough), strict=True):
                    part[piece] = found
        return parts

    def _piece(self, sets: IntArray, mu: FloatArray, tau: FloatArray, rough: bool) -> list[FloatArray]:
        size = self.size[sets]
        starts = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.intp)
        rows = np.repeat(self.starts[sets] - starts, size) + np.arange(int(size.sum()))
        which = np.repeat(np.arange(len(sets)), size)
        curves = self.curves.take(rows)
        equal = bool((size == size[0]).all())
        shared = shared_nodes(curves, self.peaks[rows], mu, tau, None if equal else which, self.sharp, rough=rough)
        parts, again = [np.zeros(len(sets)) for _ in range(6)], np.arange(len(sets))
        if shared is not None:
            self.evaluations += len(rows) * shared.nodes
            found = (shared.value, shared.d_mu, shared.d_tau, shared.d_mu_mu, shared.d_mu_tau, shared.d_tau_tau)
            parts = [np.asarray(np.add.reduceat(p, starts), dtype=np.float64) for p in found]
            again = np.flatnonzero(np.add.reduceat(~shared.good, starts))
        if len(again):
            own = np.isin(which, again)
            m = marginal(curves.take(own), mu[which[own]], tau[which[own]], Quadrature())
            self.evaluations += int(own.sum()) * m.nodes
            first = np.concatenate([[0], np.cumsum(size[again])[:-1]]).astype(np.intp)
            finer = (m.value, m.d_eta, m.d_tau, m.d_eta_eta, m.d_eta_tau, m.d_tau_tau)
            for part, p in zip(parts, finer, strict=True):
                part[again] = np.add.reduceat(p, first)
        return parts

    def _climb(self, sets: IntArray, precision: float, rounds: int, *, rough: bool) -> None:
        """Newton in (μ, log τ) for the chosen sets until the expected gain is below ``precision``."""
        if len(sets) == 0:
            return
        mu, rho = self.mu[sets], self.rho[sets]
        value, *slopes = self._evaluate(sets, mu, rho, rough)
        s_mu, s_rho, gain = _steps(slopes, rho)
        live = np.ones(len(sets), dtype=bool)
        info = np.stack([-slopes[2], -slopes[3], -slopes[4]], axis=1)
        for _ in range(rounds):
            now = np.flatnonzero(live)
            if len(now) == 0:
                break
            new_value, *new = self._evaluate(sets[now], mu[now] + s_mu[now], rho[now] + s_rho[now], rough)
            better = new_value >= value[now] - 1e-11 * (1.0 + np.abs(value[now]))
            worse, kept = now[~better], now[better]
            s_mu[worse] *= 0.5
            s_rho[worse] *= 0.5
            stuck = worse[(np.abs(s_mu[worse]) + np.abs(s_rho[worse])) < 1e-9]
            self.converged[sets[stuck]] = gain[stuck] < 1e-6
            live[stuck] = False
            mu[kept] += s_mu[kept]
            rho[kept] += s_rho[kept]
            value[kept] = new_value[better]
            info[kept] = -np.stack(new[2:], axis=1)[better]
            done = gain[kept] < precision * (1.0 + np.abs(value[kept]))
            self.converged[sets[kept[done]]] = True
            live[kept[done]] = False
            s_mu[kept], s_rho[kept], gain[kept] = _steps([v[better] for v in new], rho[kept])
            low = (value[kept] < self.common_value[sets[kept]]) & (
                np.exp(2 * rho[kept]) * self.sharpest[sets[kept]] < 0.1
            )
            gone = kept[(low & ~self.rises[sets[kept]]) | (rho[kept] < -14.0)]
            self.zero[sets[gone]] = True
            live[gone] = False
        self.mu[sets], self.rho[sets], self.value[sets] = mu, rho, value
        self.information[sets] = info


def _steps(slopes: list[FloatArray], rho: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Uphill steps in (μ, log τ) from 2 × 2 Hessians, eigenvalues' signs turned where they are not negative; and the
    expected gain."""
    d_mu, d_tau, h_mm, h_mt, h_tt = slopes
    tau = np.exp(rho)
    g1, g2 = d_mu, tau * d_tau
    a, b, c = h_mm, tau * h_mt, tau * tau * h_tt + g2
    half, middle = 0.5 * (a - c), 0.5 * (a + c)
    radius = np.hypot(half, b)
    angle = 0.5 * np.arctan2(b, half)
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = np.abs(middle + radius), np.abs(middle - radius)
    floor = 1e-10 * (1.0 + np.maximum(first, second))
    p, q = (cos * g1 + sin * g2) / np.maximum(first, floor), (cos * g2 - sin * g1) / np.maximum(second, floor)
    s_mu, s_rho = cos * p - sin * q, sin * p + cos * q
    gain = g1 * s_mu + g2 * s_rho
    longest = np.maximum(1.0, np.maximum(np.abs(s_mu) / 3.0, np.abs(s_rho) / 1.5))
    return s_mu / longest, s_rho / longest, gain
