"""Likelihood curves regressed on moderators: θ_i ~ N(x_i'β, τ²), β of two to four numbers, by quadrature over β and τ.

For every τ the space of β is covered by a uniform sheared grid around the conditional top: f, the number asked for
(a coefficient, or the mean at some moderator), along the direction in which it changes most easily, and z, what is
left (see :mod:`handful.stats.bayes.coefficient_grid`). Every study's marginal likelihood M_i(μ, τ) is tabulated once
for each τ on a uniform grid of means and read at x_i'β by polynomials of degree 11; the sums over z and f are trapezoid
rules of analytic functions that vanish at both ends, exact to rounding once the steps are short. What is left is a
column of f for every τ, as without a moderator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.bayes_grid import TARGETS, moved
from handful.stats.bayes.coefficient_grid import Axes, summed
from handful.stats.bayes.curve_rows import CurveRows
from handful.stats.bayes.lagrange import Cells
from handful.stats.bayes.likelihood_shape import Shapes, shapes
from handful.stats.bayes.marginal_tables import MarginalTables
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.posterior_columns import Column, Columns, inner_span
from handful.stats.bayes.posterior_densities import mean_density, new_density, tau_density
from handful.stats.bayes.posterior_placement import DROP, Placement, Scan, curvature_width, drop_at, moment_order
from handful.stats.bayes.priors import Normal, Prior
from handful.stats.bayes.tau_grid import TauGrid
from handful.stats.checked import choice

FloatArray: TypeAlias = npt.NDArray[np.float64]

_POINTS = 25
_FINENESS = {
    "default": ((0.75, 0.9), (0.9, 1.1), (1.1, 1.5)),
    "high": ((1.0, 1.3), (1.3, 1.7), (1.7, 2.2)),
}
_WIDE = Normal(0.0, 100.0)  # only to find where curves lie
_FARTHEST = 38.0
_LARGEST = 2_000_000  # numbers of one block of work
_AT_LEAST_0 = "a proper prior of what is at least 0: HalfNormal, HalfT, HalfCauchy, LogNormal"


@dataclass(frozen=True, eq=False)
class Top:
    """The conditional top of β for one τ: where, minus the inverse of the second derivatives, and log p there."""

    beta: FloatArray
    covariance: FloatArray
    height: float

    @property
    def log_integral(self) -> float:
        """Laplace's."""
        return self.height + 0.5 * float(np.linalg.slogdet(self.covariance)[1])


class Plane:
    """The model; ``design`` is k × p, priors of the p coefficients are independent normals, or flat (None)."""

    def __init__(
        self, curves: CurveRows, design: FloatArray, priors: Sequence[Normal | None], tau_prior: Prior
    ) -> None:
        self.curves, self.design, self.tau_prior = curves, design, tau_prior
        self.form: Shapes = shapes(curves)
        self.prior_mean = np.array([0.0 if p is None else p.mean for p in priors])
        self.prior_precision = np.array([0.0 if p is None else p.sd**-2 for p in priors])
        self.flat = sum(p is None for p in priors)
        self.log_prior_constant = sum(
            0.0 if p is None else -math.log(p.sd) - 0.5 * math.log(2 * math.pi) for p in priors
        )
        _check(self.form, design, self.flat, tau_prior)
        if hasattr(curves, "prepare"):
            curves.prepare()
        self.power = tau_prior.tail_power + int(self.form.proper.sum()) - self.flat
        self.place = Placement(curves, self.form, _WIDE)
        self.scan = self._scan()
        self._tables: dict[float, MarginalTables] = {}
        self._marginals: dict[tuple[float, float, int], tuple[float, FloatArray]] = {}
        self._kept: dict[tuple[float, tuple[float, ...]], Columns] = {}

    @property
    def last(self) -> FloatArray:
        """The last coefficient, where any number will do."""
        return np.asarray(np.eye(self.design.shape[1])[-1])

    # --- where the posterior lies -------------------------------------------------------------------------------

    def top(self, tau: float, start: FloatArray) -> Top:
        """Newton's method with differences for derivatives, damped where a step does not rise."""
        beta = start
        delta = 0.1 * np.hypot(self.form.grain, tau)
        offsets = np.array([-1.0, 0.0, 1.0])

        def at(b: FloatArray) -> tuple[float, FloatArray, FloatArray]:
            mu = (self.design @ b)[:, None] + delta[:, None] * offsets
            values = self.place.each(mu, tau)
            first = (values[:, 2] - values[:, 0]) / (2 * delta)
            second = np.minimum((values[:, 0] - 2 * values[:, 1] + values[:, 2]) / delta**2, 0.0)
            gap = b - self.prior_mean
            total = float(values[:, 1].sum()) - 0.5 * float(self.prior_precision @ (gap * gap))
            gradient = self.design.T @ first - self.prior_precision * gap
            bend = (self.design.T * -second) @ self.design + np.diag(self.prior_precision)
            return total, gradient, bend

        value, gradient, bend = at(beta)
        damping = 0.0
        for _ in range(80):
            ridge = bend + (damping + 1e-9) * np.diag(np.diag(bend) + 1e-9)
            step = np.linalg.solve(ridge, gradient)
            new, new_gradient, new_bend = at(beta + step)
            if new >= value - 1e-9 * (1 + abs(value)):
                beta, value, gradient, bend = beta + step, new, new_gradient, new_bend
                damping *= 0.1
                if float(step @ bend @ step) < 1e-5:
                    break
            else:
                damping = max(10 * damping, 0.5)
        covariance = np.linalg.inv(bend + 1e-12 * np.diag(np.diag(bend) + 1e-12))
        return Top(beta, np.asarray(covariance, dtype=float), value + self.log_prior_constant)

    def _scan(self) -> Scan:
        """Narrow in on u = asinh(τ/s); for the grid of τ, not for the columns."""
        start = self.prior_mean.copy()
        usable = np.where(self.form.proper, self.form.mode, 0.0)
        weight = np.where(self.form.proper, self.form.grain**-2.0, 0.0)
        left = (self.design.T * weight) @ self.design + np.diag(self.prior_precision + 1e-6)
        start = np.linalg.solve(left, (self.design.T * weight) @ usable + self.prior_precision * self.prior_mean)
        self.zero = self.top(0.0, start)
        self.width = math.sqrt(float(np.linalg.eigvalsh(self.zero.covariance).min()))
        probe = TauGrid(np.array([0.0, 1.0]), self.width, True)
        bottom, roof = self.tau_prior.support
        low, high = (float(v) for v in np.minimum(probe.u_of(np.array([bottom, min(roof, 1e300)])), _FARTHEST))
        for _ in range(40):
            u = np.linspace(low, high, _POINTS)
            beta, likelihood = self.zero.beta, np.empty(_POINTS)
            for j, t in enumerate(probe.tau_of(u)):
                found = self.top(float(t), beta)
                beta, likelihood[j] = found.beta, found.log_integral
            posterior = likelihood + probe.log_prior(
                self.tau_prior, np.maximum(u, 0.0 if self.tau_prior.even else 1e-12)
            )
            best = int(np.argmax(posterior))
            if not math.isfinite(float(posterior[best])):
                raise InputError("the prior of the between-study sd leaves no probability", hint="check its scale")
            far = posterior + moment_order(self.power) * u
            alive = np.flatnonzero(far > float(far.max()) - DROP)
            first, last = max(int(alive[0]) - 1, 0), min(int(alive[-1]) + 1, _POINTS - 1)
            low, high = float(u[first]), float(u[last])
            if last - first >= 9:
                break
        spacing = float(u[1] - u[0])
        none = np.zeros(1)
        fallen = far - float(far.max())
        return Scan(
            self.width, self.tau_prior, low, high, curvature_width(likelihood, best, spacing),
            curvature_width(posterior, best, spacing), u, none, none, none, none, fallen,
        )  # fmt: skip

    # --- the columns of one number --------------------------------------------------------------------------------

    def columns(self, asked: FloatArray, fineness: float, *, predict: bool = False) -> Columns:
        """Columns of f = asked'β; ``predict`` keeps their steps short enough for a new study's effect."""
        key = (fineness + 1000.0 * predict, tuple(asked.tolist()))
        if key in self._kept:
            return self._kept[key]
        if fineness not in self._tables:
            self._tables[fineness] = MarginalTables.of(self.curves, self.form, fineness)
        tables = self._tables[fineness]
        grid, product = self.scan.grid(fineness)
        beta, parts = self.zero.beta, []
        for t in grid.tau:
            top = self.top(float(t), beta)
            beta = top.beta
            parts.append(self._column(tables, top, asked, float(t), fineness, predict))
        totals = np.array([_log_sum(log_p) + math.log(h) for _, log_p, h in parts])
        roof = float(totals.max())
        weights = grid.product_weights(self.tau_prior) if product else grid.trapezoid(self.tau_prior)
        mass = float(weights @ np.exp(totals - roof))
        built = tuple(
            Column(float(t), f, h, np.empty((0, len(f))), np.exp(log_p - roof) * (h * w / mass))
            for t, (f, log_p, h), w in zip(grid.tau, parts, weights, strict=True)
        )
        span = inner_span(self.scan, grid, fineness)
        self._kept[key] = Columns(
            self.curves,
            self.form,
            grid,
            built,
            totals,
            math.log(mass) + roof,
            self.tau_prior,
            self.power,
            fineness,
            span,
        )
        return self._kept[key]

    def _column(
        self, tables: MarginalTables, top: Top, asked: FloatArray, tau: float, fineness: float, predict: bool
    ) -> tuple[FloatArray, FloatArray, float]:
        """f, log ∫ p(data, β | τ) dz on it, and its step."""
        axes = Axes.of(top.covariance, asked)
        a, b = self.design @ axes.along, self.design @ axes.others
        grain = math.hypot(float(self.form.grain.min()) / 1.2, tau)
        step = min(0.42 * axes.spread, 0.35 * grain / max(float(np.abs(a).max()), 1e-300)) / fineness
        if predict and tau > 0:
            step = min(step, tau / 1.25 / fineness)
        # only sums are taken over these: a trapezoid rule needs half the points that interpolation does
        sides = np.minimum(0.85, 0.75 * grain / np.maximum(np.abs(b).max(axis=0), 1e-300)) / fineness
        drop = drop_at(fineness)
        reach = math.sqrt(2 * drop) * np.concatenate([[axes.spread], np.ones(len(sides))])
        centre = self.design @ top.beta

        def value(f: FloatArray, z: FloatArray) -> FloatArray:
            out = np.empty(len(f))
            most = max(1, _LARGEST // len(centre))
            for first in range(0, len(f), most):
                part = slice(first, first + most)
                eta = centre[:, None] + np.outer(a, f[part]) + b @ z[part].T
                gap = top.beta[:, None] + np.outer(axes.along, f[part]) + axes.others @ z[part].T
                gap -= self.prior_mean[:, None]
                out[part] = self._read(tables, eta, tau).sum(axis=0) - 0.5 * self.prior_precision @ (gap * gap)
            return out

        f, log_p = summed(value, np.concatenate([[step], sides]), reach, drop)
        kept = np.flatnonzero(log_p > float(log_p.max()) - drop - 2)
        keep = slice(max(int(kept[0]) - 1, 0), int(kept[-1]) + 2)
        log_p = log_p[keep] + math.log(float(np.prod(sides)) * axes.volume) + self.log_prior_constant
        return float(asked @ top.beta) + f[keep], np.maximum(log_p, float(log_p.max()) - 700.0), step

    def _read(self, tables: MarginalTables, eta: FloatArray, tau: float) -> FloatArray:
        """Log marginal likelihoods at each study's own means (k × points)."""
        if tau <= 0:
            return self.curves.value(eta)
        step = 0.22 * math.hypot(float(self.form.grain.min()), tau) / tables.fineness**0.5
        known = [
            self._known(tables, i, tau, step, float(low), float(high))
            for i, (low, high) in enumerate(zip(eta.min(axis=1), eta.max(axis=1), strict=True))
        ]
        widest = max(len(values) for _, values in known)
        table = np.zeros((len(eta), widest))
        for row, (_, values) in zip(table, known, strict=True):
            row[: len(values)] = values
        start = np.array([at for at, _ in known])[:, None]
        # every place is well inside its own row
        return Cells(table).read(np.arange(len(eta))[:, None], (eta - start) / step)

    def _known(
        self, tables: MarginalTables, row: int, tau: float, step: float, low: float, high: float
    ) -> tuple[float, FloatArray]:
        """One study's log marginal likelihoods on a grid around these means, kept for the next number asked for."""
        key = (tables.fineness, tau, row)
        margin = 6.5 * step
        kept = self._marginals.get(key)
        if kept is not None:
            first, last = kept[0], kept[0] + step * (len(kept[1]) - 1)
            if first <= low - margin and last >= high + margin:
                return kept
            low, high = min(low, first + margin), max(high, last - margin)
        wider = 0.05 * (high - low)
        start = low - wider - margin
        count = math.ceil((high - low + 2 * wider + 2 * margin) / step) + 1
        grid = start + step * np.arange(count, dtype=float)
        self._marginals[key] = (start, tables.row(row, grid, tau))
        return self._marginals[key]


def _log_sum(values: FloatArray) -> float:
    top = float(values.max())
    return top + math.log(math.fsum(np.exp(values - top)))


def _check(form: Shapes, design: FloatArray, flat: int, tau_prior: Prior) -> None:
    if not isinstance(tau_prior, Prior) or tau_prior.support[0] < 0:
        raise InputError(
            f"τ's prior is {tau_prior!r}", hint="τ is at least 0: HalfNormal, HalfT, HalfCauchy, LogNormal"
        )
    two_sided = form.proper
    rank = int(np.linalg.matrix_rank(design[two_sided])) if two_sided.any() else 0
    if flat and (form.one_sided.any() or rank < design.shape[1]):
        raise InputError(
            "a flat prior has no posterior here: a study is flat to one side, or too few carry the moderator",
            hint="give mean and coefficients Normal priors",
        )
    if not tau_prior.proper and int(two_sided.sum()) < design.shape[1] + 2:
        raise InputError(
            f"{tau_prior} does not integrate to 1 and these studies cannot close it", hint="a proper prior"
        )


@dataclass(frozen=True, eq=False)
class PlanePosteriors:
    """Ask for the posterior of any linear combination of the coefficients, of τ, and of a new study."""

    plane: Plane
    scale: str
    levels: tuple[float, float]

    @property
    def tau(self) -> Posterior:
        joint = self.plane.columns(self.plane.last, self.levels[1])
        power = self.plane.power
        return Posterior(tau_density(joint), "between-study sd", "identity", (power > 2, power > 3))

    @property
    def log_evidence(self) -> float:
        return self.plane.columns(self.plane.last, self.levels[1]).log_evidence

    def of(self, asked: FloatArray, name: str, level: int = 1) -> Posterior:
        """Posterior of asked'β on the model scale."""
        power, flat = self.plane.power, self.plane.flat
        moments = (power > 2, power > 3) if flat else (True, True)
        return Posterior(mean_density(self.plane.columns(asked, self.levels[level])), name, self.scale, moments)

    def new(self, asked: FloatArray, name: str) -> Posterior:
        """Posterior of a new study's effect at these moderators."""
        power = self.plane.power
        joint = self.plane.columns(asked, self.levels[1], predict=True)
        return Posterior(new_density(joint), name, self.scale, (power > 2, power > 3))


def regress_curves(
    curves: CurveRows,
    design: FloatArray,
    *,
    priors: Sequence[Normal | None],
    tau_prior: Prior,
    scale: str,
    accuracy: str = "default",
) -> tuple[PlanePosteriors, float]:
    """The posteriors, and the largest change of any coefficient's mean, sd or quantile between two finenesses."""
    choice("accuracy", accuracy, tuple(_FINENESS))
    plane = Plane(curves, design, priors, tau_prior)
    error = math.nan
    for levels in _FINENESS[accuracy]:
        found = PlanePosteriors(plane, scale, levels)
        error = max(moved(*(found.of(row, "", level) for level in (0, 1))) for row in np.eye(design.shape[1]))
        if error <= TARGETS[accuracy]:
            break
    return found, error
