"""Marginal likelihoods of many studies at many means for one between-study sd, from tables and one matrix product.

For study i, M_i(μ, τ) = ∫ L_i(θ) N(θ; μ, τ²) dθ. Each curve is tabulated once on a uniform grid in θ; for every τ the
product of the table (studies × θ) with the normal kernel (θ × μ) gives all studies at all means. The sum is a
trapezoid rule for an analytic function, so its error is exponentially small in (width / step)² (Trefethen & Weideman
2014, 10.1137/130932132); all terms are positive, so small values keep their digits. Where the kernel is too narrow
for the table the integral runs over z = (θ − μ)/τ instead; where a study lies very far from μ it is integrated on its
own around the top of its integrand.

Studies of similar fineness share a table (a block), so 3 of 5 and 4,000 of 10,000 do not slow each other down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.curve_rows import CurveRows, MixedCurves
from handful.stats.bayes.likelihood_shape import Shapes
from handful.stats.count_models.centred_quadrature import log_marginals

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROOT_2PI = float(np.sqrt(2 * np.pi))
_ROOT_HALF = float(np.sqrt(0.5))
#: below exp(this) of its top a study is integrated on its own; small counts fall doubly exponentially, hence earlier
_FAR_SMALL, _FAR = -20.0, -40.0
_LARGEST_TABLE = 1100  # columns of a table that studies share; a wider one is split by study


@dataclass(frozen=True, eq=False)
class _Block:
    rows: npt.NDArray[np.intp]
    curves: CurveRows
    peak: FloatArray
    theta: FloatArray
    step: float
    table: FloatArray  # exp(log-likelihood − peak), rows × θ
    before: FloatArray  # height of the flat part left of the table, rows
    after: FloatArray
    far: FloatArray  # log of the share of its top below which a row is integrated on its own
    smallest: float  # the narrowest kernel this table can be used with

    def relative(self, mu: FloatArray, tau: float, z_step: float) -> FloatArray:
        """Marginal likelihoods divided by the curve's top, rows × means; for τ > 0."""
        if tau < self.smallest:
            return self._over_z(mu, tau, z_step)
        # beyond 13 τ of all means the kernel is e⁻⁸⁴: nothing, beside values that are e⁻⁴⁰ of the top at least
        first = max(0, int((mu[0] - 13.0 * tau - self.theta[0]) / self.step))
        last = max(first + 1, int((mu[-1] + 13.0 * tau - self.theta[0]) / self.step) + 2)
        near = self.theta[first:last]
        kernel = np.subtract.outer(near, mu)
        kernel *= _ROOT_HALF / tau
        np.square(kernel, out=kernel)
        np.negative(kernel, out=kernel)
        if tau * 36.0 < float(near[-1] - near[0]):
            np.maximum(kernel, -700.0, out=kernel)  # subnormal numbers are slow
        np.exp(kernel, out=kernel)
        out: FloatArray = self.table[:, first:last] @ kernel
        out *= self.step / (tau * _ROOT_2PI)
        if first == 0 and self.flat_before:
            out += np.outer(self.before, _beyond(mu - self.theta[0] + 0.5 * self.step, tau, self.step))
        if last >= len(self.theta) and self.flat_after:
            out += np.outer(self.after, _beyond(self.theta[-1] + 0.5 * self.step - mu, tau, self.step))
        return out

    @cached_property
    def flat_before(self) -> bool:
        """Whether any row stays at some height left of the table."""
        return bool(self.before.any())

    @cached_property
    def flat_after(self) -> bool:
        return bool(self.after.any())

    @cached_property
    def bar(self) -> FloatArray:
        """The share of its top below which a row is integrated on its own."""
        return np.exp(self.far)[:, None]

    def only(self, place: int) -> _Block:
        """The same table for one of its rows."""
        rows = np.array([place])
        return _Block(
            self.rows[rows], self.curves.take(rows), self.peak[rows], self.theta, self.step, self.table[rows],
            self.before[rows], self.after[rows], self.far[rows], self.smallest,
        )  # fmt: skip

    def _over_z(self, mu: FloatArray, tau: float, z_step: float) -> FloatArray:
        count = int(np.ceil(9.5 / z_step))
        z = np.arange(-count, count + 1) * z_step
        weights = np.exp(-0.5 * z * z)
        weights *= z_step / _ROOT_2PI
        theta = (mu[:, None] + tau * z).reshape(1, -1)
        values = self.curves.value(theta) - self.peak[:, None]
        np.maximum(values, -700.0, out=values)
        np.exp(values, out=values)
        return values.reshape(len(self.rows), len(mu), len(z)) @ weights


def _beyond(distance: FloatArray, tau: float, step: float) -> FloatArray:
    """Mass of N(0, τ²) beyond ``distance``, and the Euler–Maclaurin correction of the midpoint sum that stops there."""
    z = distance / tau
    density = np.exp(-0.5 * np.minimum(z * z, 1400.0)) / (tau * _ROOT_2PI)
    ratio = step / tau
    first = ratio * step / 24 * z
    third = 7 * ratio**3 * step / 5760 * (z**3 - 3 * z)
    out: FloatArray = special.ndtr(-z) - density * (first - third)
    return out


@dataclass(frozen=True, eq=False)
class MarginalTables:
    """All studies' marginal likelihoods. ``fineness`` divides every step; use two values to see the error."""

    curves: CurveRows
    shapes: Shapes
    blocks: tuple[_Block, ...]
    fineness: float

    closed: tuple[tuple[npt.NDArray[np.intp], Any], ...] = ()  # rows whose marginal likelihood is a closed form

    @classmethod
    def of(cls, curves: CurveRows, form: Shapes, fineness: float) -> MarginalTables:
        groups = curves.groups() if isinstance(curves, MixedCurves) else [(np.arange(len(curves)), curves)]
        closed = tuple((rows, part) for rows, part in groups if hasattr(part, "log_marginals"))
        blocks = tuple(
            _block(curves, form, rows[inner], fineness)
            for rows, part in groups
            if not hasattr(part, "log_marginals")
            for inner in _groups(form.take(rows), fineness)
        )
        return cls(curves, form, blocks, fineness, closed)

    def row(self, row: int, mu: FloatArray, tau: float) -> FloatArray:
        """log M of one study at many means; τ > 0."""
        for rows, part in self.closed:
            place = np.flatnonzero(rows == row)
            if len(place):
                found = np.empty(len(mu))
                found[:] = part.take(place).log_marginals(mu, tau)[0]
                return found
        block = next(b for b in self.blocks if row in b.rows)
        alone = block.only(int(np.flatnonzero(block.rows == row)[0]))
        return self._of_block(alone, mu, tau, far=True).reshape(-1)

    def log_marginals(self, mu: FloatArray, tau: float, *, far: bool = True) -> FloatArray:
        """log M_i(μ, τ) for all studies (first axis) and means; τ = 0 gives the curves themselves.

        ``far=False`` leaves out the separate integration of studies far from μ, which a wide shared grid does not need.
        """
        if tau == 0.0:
            return self.curves.value(mu[None, :])
        if len(self.blocks) == 1 and not self.closed:
            return self._of_block(self.blocks[0], mu, tau, far=far)
        out = np.empty((len(self.curves), len(mu)))
        for rows, part in self.closed:
            out[rows] = part.log_marginals(mu, tau)
        for block in self.blocks:
            out[block.rows] = self._of_block(block, mu, tau, far=far)
        return out

    def _of_block(self, block: _Block, mu: FloatArray, tau: float, *, far: bool) -> FloatArray:
        relative = block.relative(mu, tau, 0.5 / self.fineness)
        # nothing is far from a kernel wider than the table
        wide = tau > 10 * float(block.theta[-1] - block.theta[0])
        low = None
        if far and not wide:
            low = relative < block.bar * min(1.0, block.step / tau)
            if low.any():
                relative[low] = 1.0
            else:
                low = None
        found = np.log(np.maximum(relative, 1e-300, out=relative), out=relative)
        found += block.peak[:, None]
        if low is not None:
            row, column = np.nonzero(low)
            found[row, column] = log_marginals(block.curves.take(row), mu[column], tau, self.fineness)
        return np.asarray(found)


def _groups(form: Shapes, fineness: float) -> list[npt.NDArray[np.intp]]:
    """Rows by fineness (factors of 3), split further when one table for all would be long."""
    level = np.floor(np.log(form.grain / form.grain.min()) / np.log(3.0)).astype(int)
    groups: list[npt.NDArray[np.intp]] = []
    for value in np.unique(level):
        rows = np.flatnonzero(level == value)
        rows = rows[np.argsort(form.low[rows], kind="stable")]
        step = 0.25 * float(form.grain[rows].min()) / fineness
        start = 0
        reach = form.high[rows[0]]
        for place in range(1, len(rows)):
            reach_new = max(reach, form.high[rows[place]])
            long = (reach_new - form.low[rows[start]]) / step > _LARGEST_TABLE * fineness
            if long and (form.low[rows[place]] - form.low[rows[start]]) / step > 0.25 * _LARGEST_TABLE * fineness:
                groups.append(np.sort(rows[start:place]))
                start, reach_new = place, form.high[rows[place]]
            reach = reach_new
        groups.append(np.sort(rows[start:]))
    return groups


def _block(curves: CurveRows, form: Shapes, rows: npt.NDArray[np.intp], fineness: float) -> _Block:
    grain = float(form.grain[rows].min())
    step = 0.25 * grain / fineness
    low, high = float(form.low[rows].min()), float(form.high[rows].max())
    theta = low + step * np.arange(int(np.ceil((high - low) / step)) + 1, dtype=float)
    mine = curves.take(rows)
    peak = form.peak[rows]
    table = np.exp(np.maximum(mine.value(theta[None, :]) - peak[:, None], -700.0))
    before = np.exp(form.left[rows] - peak)
    after = np.exp(form.right[rows] - peak)
    far = np.where(form.grain[rows] > 0.6, _FAR_SMALL, _FAR)
    return _Block(rows, mine, peak, theta, step, table, before, after, far, 1.3 * step)
