"""Where the posterior of (μ, τ) lies: a rough, fast search. Nothing here touches the accuracy of the result.

The marginal likelihoods are taken with few nodes, conditional modes by Newton's method with differences for
derivatives, and the integral over μ by Laplace's method. The columns placed on this are evaluated exactly, and
extended where they turn out to be too short.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.stats.bayes.curve_rows import CurveRows
from handful.stats.bayes.likelihood_shape import Shapes
from handful.stats.bayes.priors import Normal, Prior
from handful.stats.bayes.tau_grid import TauGrid

FloatArray: TypeAlias = npt.NDArray[np.float64]

DROP = 38.0  # the posterior is followed down to exp(-38) of its top …
_DROP_DEFAULT = 25.0  # … or to 1e-11 of it, where 1e-5 posterior sd is asked for


def drop_at(fineness: float) -> float:
    """How far down the posterior is followed at this fineness."""
    return _DROP_DEFAULT if fineness <= 1.0 else DROP


_FARTHEST = 38.0  # largest u: τ up to 1e16 of its unit, for the tails of half-Cauchy priors
_Z = np.linspace(-6.3, 6.3, 15)
_Z_LOG_WEIGHTS = np.log((_Z[1] - _Z[0]) / math.sqrt(2 * math.pi)) - 0.5 * _Z * _Z
_NODES = 33
_OFFSETS = np.array([0.0, 6, 7.5, 9, 11, 14, 18, 25, 35, 60, 120, 300, 1000])


def moment_order(power: float) -> int:
    """The highest moment (up to 2) that a tail x^−power has: what the quadrature must still see of it."""
    return 2 if power > 3 else 1 if power > 2 else 0


def tail_power(form: Shapes, flat_mean: bool, prior: Prior) -> float:
    """The posterior of τ falls like τ^−power: one for every two-sided study, one less for a flat mean."""
    return prior.tail_power + int(form.proper.sum()) - flat_mean


class Placement:
    """Conditional modes and widths of μ for any τ, and the shape of the likelihood in τ."""

    def __init__(self, curves: CurveRows, form: Shapes, mean_prior: Normal | None) -> None:
        self.curves = curves
        self.form = form
        self.k = len(curves)
        self.prior_mean = 0.0 if mean_prior is None else float(mean_prior.mean)
        self.prior_precision = 0.0 if mean_prior is None else mean_prior.sd**-2
        reach = 6.5 * form.grain
        proper = form.proper
        centre = np.where(proper, np.where(np.isfinite(form.mode), form.mode, 0.0), 0.5 * (form.low + form.high))
        low = np.where(proper, np.maximum(centre - 3 * reach, form.low), form.low)
        high = np.where(proper, np.minimum(centre + 3 * reach, form.high), form.high)
        self.step = (high - low) / (_NODES - 1)
        self.nodes = low[:, None] + self.step[:, None] * np.arange(_NODES)
        self.heights = np.exp(np.maximum(curves.value(self.nodes) - form.peak[:, None], -700.0))
        self.before, self.after = np.exp(form.left - form.peak), np.exp(form.right - form.peak)
        self.centre, self.width = self._common()

    def _common(self) -> tuple[float, float]:
        """Mode and sd of μ when τ = 0: damped Newton on a concave function."""
        mu, damping = self.prior_mean, 0.0
        if self.prior_precision == 0:
            proper = self.form.proper
            weight = np.where(proper, self.form.grain**-2.0, 0.0)
            mu = float(np.where(proper, self.form.mode, 0.0) @ weight / weight.sum())
        value, slope, bend = self._sum_at_zero(mu)
        for _ in range(300):
            step = slope / (-bend + damping)
            new_value, new_slope, new_bend = self._sum_at_zero(mu + step)
            if new_value >= value - 1e-9 * (1 + abs(value)):
                mu, value, slope, bend = mu + step, new_value, new_slope, new_bend
                damping *= 0.1
                if abs(step) * math.sqrt(-bend) < 1e-4:
                    break
            else:
                damping = max(10 * damping, -bend)
        return mu, 1 / math.sqrt(-bend)

    def _sum_at_zero(self, mu: float) -> tuple[float, float, float]:
        value, slope, bend = self.curves.slopes(np.full(self.k, mu))
        gap = mu - self.prior_mean
        precision = self.prior_precision
        total = float(value.sum()) - 0.5 * precision * gap * gap
        return total, float(slope.sum()) - precision * gap, min(float(bend.sum()) - precision, -1e-12)

    def value(self, mu: FloatArray, tau: FloatArray) -> FloatArray:
        """Roughly log p(data, μ | τ) for pairs (μ, τ) of one shape."""
        shape = mu.shape
        m, t = mu.reshape(-1), np.maximum(tau.reshape(-1), 1e-300)
        by_z = t[None, :] < 1.5 * self.step[:, None]  # rows × pairs
        out = np.zeros((self.k, len(m)))
        pairs = np.flatnonzero(by_z.any(axis=0))
        if len(pairs):
            theta = m[pairs, None] + t[pairs, None] * _Z
            log_f = self.curves.value(theta.reshape(1, -1)).reshape(self.k, len(pairs), len(_Z)) + _Z_LOG_WEIGHTS
            top = log_f.max(axis=2)
            out[:, pairs] = top + np.log(np.exp(log_f - top[..., None]).sum(axis=2))
        rows, cols = np.nonzero(~by_z)
        if len(rows):
            z = (self.nodes[rows] - m[cols, None]) / t[cols, None]
            log_kernel = -0.5 * z * z
            top = log_kernel.max(axis=1)
            kernel = np.exp(log_kernel - top[:, None])
            mass = np.einsum("ij,ij->i", self.heights[rows], kernel)
            mass *= self.step[rows] / (t[cols] * math.sqrt(2 * math.pi))
            flat_left = self.before[rows] * special.ndtr((self.nodes[rows, 0] - m[cols]) / t[cols])
            flat_right = self.after[rows] * special.ndtr((m[cols] - self.nodes[rows, -1]) / t[cols])
            total = mass + (flat_left + flat_right) * np.exp(np.minimum(-top, 600.0))
            out[rows, cols] = np.log(np.maximum(total, 1e-300)) + top + self.form.peak[rows]
        gap = m - self.prior_mean
        return np.asarray(out.sum(axis=0) - 0.5 * self.prior_precision * gap * gap).reshape(shape)

    def each(self, mu: FloatArray, tau: float) -> FloatArray:
        """Roughly log M_i(μ, τ) of every study at means of its own (k × n)."""
        if tau == 0.0:
            return self.curves.value(mu)
        out = np.empty(mu.shape)
        near = tau < 1.5 * self.step
        if near.any():
            theta = mu[:, :, None] + tau * _Z
            log_f = self.curves.value(theta.reshape(self.k, -1)).reshape(theta.shape)[near] + _Z_LOG_WEIGHTS
            top = log_f.max(axis=2)
            out[near] = top + np.log(np.exp(log_f - top[..., None]).sum(axis=2))
        wide = ~near
        if wide.any():
            m, nodes = mu[wide], self.nodes[wide]
            z = (nodes[:, None, :] - m[:, :, None]) / tau
            log_kernel = -0.5 * z * z
            top = log_kernel.max(axis=2)
            mass = np.einsum("ij,inj->in", self.heights[wide], np.exp(log_kernel - top[..., None]))
            mass *= self.step[wide, None] / (tau * math.sqrt(2 * math.pi))
            left = self.before[wide, None] * special.ndtr((nodes[:, :1] - m) / tau)
            right = self.after[wide, None] * special.ndtr((m - nodes[:, -1:]) / tau)
            total = mass + (left + right) * np.exp(np.minimum(-top, 600.0))
            out[wide] = np.log(np.maximum(total, 1e-300)) + top + self.form.peak[wide, None]
        return out

    def modes(self, tau: FloatArray, start: tuple[FloatArray, FloatArray] | None = None) -> tuple[FloatArray, ...]:
        """Conditional mode, sd and height of μ for every τ."""
        mu = np.full(len(tau), self.centre) if start is None else start[0].copy()
        sd = np.hypot(self.width, tau / math.sqrt(self.k)) if start is None else start[1].copy()
        if self.prior_precision:
            sd = np.minimum(sd, self.prior_precision**-0.5)
        best = np.full(len(tau), -np.inf)
        for _ in range(60):
            delta = 0.3 * sd
            left, middle, right = self.value(mu + delta * np.array([[-1.0], [0.0], [1.0]]), np.tile(tau, (3, 1)))
            slope, bend = (right - left) / (2 * delta), (left - 2 * middle + right) / delta**2
            usable = bend < 0
            new_sd = np.where(usable, 1 / np.sqrt(np.where(usable, -bend, 1.0)), 2 * sd)
            new_sd = np.clip(new_sd, 0.2 * sd, 5 * sd)
            step = np.where(usable, slope * new_sd**2, np.sign(slope) * 2 * sd)
            best = middle
            done = (np.abs(step) < 0.05 * sd) & usable & (np.abs(new_sd - sd) < 0.2 * sd)
            if bool(done.all()):
                sd = new_sd
                break
            mu = mu + np.clip(step, -4 * sd, 4 * sd)
            sd = new_sd
        return mu, sd, best

    def ends(self, tau: FloatArray, mu: FloatArray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
        """About where the conditional posterior of μ has fallen by the drop, on either side."""
        signed = np.concatenate([-_OFFSETS[1:], _OFFSETS])
        points = mu[:, None] + sd[:, None] * signed
        values = self.value(points, np.broadcast_to(tau[:, None], points.shape))
        count = len(_OFFSETS) - 1
        sides = []
        for sign, part in ((-1.0, values[:, :count]), (1.0, values[:, count + 1 :])):
            below = part <= values[:, count, None] - DROP
            below[:, -1] = True
            sides.append(mu + sign * sd * _OFFSETS[1:][below.argmax(axis=1)])
        return sides[0], sides[1]

    def scan(self, prior: Prior) -> Scan:
        """Find where in u = asinh(τ/s) the posterior lies, by narrowing in on it."""
        return narrowed([self], prior, self.width, tail_power(self.form, self.prior_precision == 0, prior))[0]


def narrowed(places: Sequence[Placement], prior: Prior, scale: float, power: float) -> list[Scan]:
    """Where in u = asinh(τ/scale) the posterior of a τ common to all of them lies; one scan each, with its own ends."""
    probe = TauGrid(np.array([0.0, 1.0]), scale, True)
    bottom, top = prior.support  # not the prior's quantiles: data may pull τ far beyond a tight prior
    u_low, u_high = (float(v) for v in np.minimum(probe.u_of(np.array([bottom, min(top, 1e300)])), _FARTHEST))
    points = 25
    known: list[tuple[FloatArray, FloatArray] | None] = [None] * len(places)
    for _ in range(40):
        u = np.linspace(u_low, u_high, points)
        found = [place.modes(probe.tau_of(u), start) for place, start in zip(places, known, strict=True)]
        likelihood = np.sum([height + np.log(sd) for _, sd, height in found], axis=0)
        posterior = likelihood + probe.log_prior(prior, np.maximum(u, 0.0 if prior.even else 1e-12))
        best = int(np.argmax(posterior))
        if not math.isfinite(float(posterior[best])):
            raise InputError("the prior of the between-study sd leaves no probability", hint="check its scale")
        far = posterior + moment_order(power) * u
        alive = np.flatnonzero(far > float(far.max()) - DROP)
        first, last = max(int(alive[0]) - 1, 0), min(int(alive[-1]) + 1, points - 1)
        u_low, u_high = float(u[first]), float(u[last])
        if last - first >= 9:
            break
        new = np.linspace(u_low, u_high, points)
        known = [(np.interp(new, u, mu), np.interp(new, u, sd)) for mu, sd, _ in found]
    some = np.unique(np.linspace(first, last, 9).round().astype(int))
    spacing = float(u[1] - u[0])
    widths = curvature_width(likelihood, best, spacing), curvature_width(posterior, best, spacing)
    scans = []
    for place, (mu, sd, _) in zip(places, found, strict=True):
        low, high = place.ends(probe.tau_of(u[some]), mu[some], sd[some])
        scans.append(Scan(scale, prior, u_low, u_high, *widths, u, sd, u[some], low, high, far - float(far.max())))
    return scans


@dataclass(frozen=True, eq=False)
class Scan:
    """What the search found, to be read at any fineness."""

    scale: float
    prior: Prior
    u_low: float
    u_high: float
    width_likelihood: float
    width_posterior: float
    u: FloatArray
    sd: FloatArray
    u_ends: FloatArray
    low: FloatArray
    high: FloatArray
    far: FloatArray  # log posterior (times the power of τ whose moment exists) over ``u``, 0 at its top

    def span(self, fineness: float) -> tuple[float, float]:
        """Between which u the posterior of τ is followed."""
        alive = np.flatnonzero(self.far > -drop_at(fineness))
        first, last = max(int(alive[0]) - 1, 0), min(int(alive[-1]) + 1, len(self.u) - 1)
        return max(float(self.u[first]), self.u_low), min(float(self.u[last]), self.u_high)

    def grid(self, fineness: float) -> tuple[TauGrid, bool]:
        """The τ grid, and whether it needs product weights."""
        u_low, u_high = self.span(fineness)
        wanted_likelihood = min(0.2, self.width_likelihood / 2.2)
        wanted_posterior = min(0.2, self.width_posterior / 2.2)
        product = (
            not self.prior.even
            or wanted_posterior < 0.4 * wanted_likelihood
            or wanted_posterior / fineness > self._finest_trapezoid()
        )
        step = (0.5 * wanted_likelihood if product else wanted_posterior) / fineness
        from_zero = u_low <= (6 * step if product else 0.0)
        u_low = 0.0 if from_zero else u_low
        if product:
            if not from_zero:
                u_low -= 5 * step
            u_high += 2 * step
        count = max(math.ceil((u_high - u_low) / step) + 1, 14 if product else 4)
        return TauGrid(u_low + step * np.arange(count, dtype=float), self.scale, from_zero), product

    def _finest_trapezoid(self) -> float:
        """The step at which a trapezoid rule still resolves the prior.

        Its density has its nearest poles at ±i times its scale when it falls like a power (half-Cauchy, half-t), and
        none when it is half-normal: exp(−2π/0.35) and exp(−2π²·0.67²) are left. Products of the likelihood's
        polynomials with the prior's exact integrals take over where the prior is narrower than that.
        """
        if not self.prior.proper:
            return math.inf
        middle = float(np.arcsinh(float(self.prior.quantile(0.5)) / self.scale))
        return middle * (0.35 if math.isfinite(self.prior.tail_power) else 1.0)

    def columns(self, grid: TauGrid) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Width and about both ends of μ's conditional posterior on the grid."""
        read = (np.interp(grid.u, self.u, self.sd), *(np.interp(grid.u, self.u_ends, v) for v in (self.low, self.high)))
        return read[0], read[1], read[2]


def curvature_width(values: FloatArray, best: int, spacing: float) -> float:
    """Standard deviation of the bump at ``best``, from three points; infinite where it does not bend down."""
    middle = min(max(best, 1), len(values) - 2)
    bend = (values[middle - 1] - 2 * values[middle] + values[middle + 1]) / spacing**2
    return 1 / math.sqrt(-bend) if math.isfinite(bend) and bend < 0 else math.inf
