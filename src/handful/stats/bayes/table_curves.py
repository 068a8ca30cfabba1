"""Curves of a 2×2 table over the log odds ratio: conditional on its margins, or with the baseline integrated out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.curve_rows import Rows, columns_of
from handful.stats.bayes.lagrange import MARGIN, Cells

FloatArray: TypeAlias = npt.NDArray[np.float64]

_CHUNK = 4_000_000


class Tabled(Rows):
    """Rows that are dear to evaluate: once prepared, θ shared by all rows are read from a fine table of them."""

    def _exact(self, theta: FloatArray) -> FloatArray:
        """Log-likelihood at θ of shape (rows, n)."""
        raise NotImplementedError

    def value(self, theta: FloatArray) -> FloatArray:
        if theta.ndim == 2 and theta.shape[0] == 1 and "_table" in self.__dict__:
            return self._from_table(theta[0])
        shape = (len(self), *theta.shape[1:])
        flat = np.broadcast_to(theta, shape).reshape(len(self), -1)
        return self._exact(flat).reshape(shape)

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood with two derivatives."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Tabulate now; from here on many θ for all rows at once are read from the table."""
        _ = self._table

    def take(self, rows: Any) -> Any:
        """The chosen rows, with what has been tabulated of them."""
        out = super().take(rows)
        for name in ("_table", "_terms"):
            known = self.__dict__.get(name)
            if known is not None and name not in out.__dict__:
                out.__dict__[name] = tuple(column[rows] for column in known)
        return out

    @cached_property
    def _table(self) -> tuple[FloatArray, ...]:
        """Start, step, values and the slopes at both ends: wide enough for all that is not negligible."""
        from handful.stats.bayes.likelihood_shape import shapes

        form = shapes(self)
        # degree 11: off by about 10⁻¹⁰ either way, for a curve finer than ½ bends less on its own scale
        step = np.where(form.grain < 0.5, 0.3, 0.15) * form.grain
        count = int(np.ceil(((form.high - form.low) / step).max())) + 1
        theta = form.low[:, None] + step[:, None] * np.arange(-MARGIN, count + MARGIN)
        slopes = self.slopes(np.stack([theta[:, MARGIN], theta[:, -1 - MARGIN]], axis=1))[1]
        return theta[:, 0], step, self._exact(theta), slopes

    @cached_property
    def _cells(self) -> Cells:
        return Cells(self._table[2])

    def _from_table(self, theta: FloatArray) -> FloatArray:
        start, step, values, slopes = self._table
        place = (theta - start[:, None]) / step[:, None]
        inner = np.clip(place, MARGIN, values.shape[1] - 1.0 - MARGIN)
        read = self._cells.read(np.arange(len(self))[:, None], inner)
        place -= inner
        if not place.any():
            return read
        place *= step[:, None]  # a straight line goes on where the curve is negligible or flat
        return read + np.where(place < 0, slopes[:, :1], slopes[:, 1:]) * place


@dataclass(frozen=True, eq=False)
class HypergeometricCurves(Tabled):
    """x1 of n1 against x2 of n2 given x1 + x2: C(n1,x) C(n2,m−x) e^{θx} / Σ_u C(n1,u) C(n2,m−u) e^{θu}.

    No baseline and no correction. One empty cell leaves a curve that rises to one side; no events or only events in
    both arms leave a flat one, which says nothing about the odds ratio.
    """

    x1: FloatArray
    n1: FloatArray
    x2: FloatArray
    n2: FloatArray

    def terms(self) -> tuple[FloatArray, FloatArray]:
        """Possible x1 less the observed one (rows × terms), and their log weights, −inf beyond the last.

        Only those within 25 standard deviations and 250 people of the observed one, beyond which no θ that matters puts
        any mass; and where a standard deviation is 20 people or more, every so manyth, each standing for its
        neighbours. The trapezoid rule with steps of h = sd/2.5 is off by exp(−2π²(sd/h)²) ≈ e⁻¹²³, relatively.
        """
        return self._terms

    @cached_property
    def _terms(self) -> tuple[FloatArray, FloatArray]:
        cells = np.stack([self.x1, self.n1 - self.x1, self.x2, self.n2 - self.x2])
        sd = 1.0 / np.sqrt((1.0 / (cells + 0.5)).sum(axis=0))
        stride = np.where(sd >= 20.0, np.floor(sd / 2.5), 1.0)
        reach = 25.0 * sd + 250.0
        down = np.floor(np.minimum(np.minimum(cells[0], cells[3]), reach) / stride)
        up = np.floor(np.minimum(np.minimum(cells[1], cells[2]), reach) / stride)
        step = np.arange(int((down + up).max()) + 1, dtype=float) - down[:, None]
        inside = step <= up[:, None]
        gap = np.where(inside, step, 0.0) * stride[:, None]
        changes = (_log_factorial_change(c[:, None], s * gap) for c, s in zip(cells, (1, -1, -1, 1), strict=True))
        log_c = np.log(stride)[:, None] - sum(changes)
        return gap, np.where(inside, log_c, -np.inf)

    def _exact(self, theta: FloatArray) -> FloatArray:
        if theta.shape[1] < 50:
            return self._sums(theta, False)[0]
        u, log_c = self._terms
        out = np.empty(theta.shape)
        for i in range(len(self)):  # row by row: one long support must not make all rows long
            inside = np.isfinite(log_c[i])
            terms = log_c[i, inside] + np.multiply.outer(theta[i], u[i, inside])
            top = terms.max(axis=1)
            terms -= top[:, None]
            np.maximum(terms, -700.0, out=terms)
            out[i] = -top - np.log(np.exp(terms, out=terms).sum(axis=1))
        return out

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        shape = (len(self), *theta.shape[1:])
        flat = np.broadcast_to(np.asarray(theta, dtype=float), shape).reshape(len(self), -1)
        a, b, c = self._sums(flat, True)
        return a.reshape(shape), b.reshape(shape), c.reshape(shape)

    def _sums(self, theta: FloatArray, derivatives: bool) -> tuple[FloatArray, ...]:
        u, log_c, sizes, first = self._in_line
        out = [np.empty(theta.shape) for _ in range(3 if derivatives else 1)]
        width = max(1, _CHUNK // u.size)
        for start in range(0, theta.shape[1], width):
            part = slice(start, start + width)
            terms = np.repeat(theta[:, part].T, sizes, axis=1)  # points × all rows' terms in line
            terms *= u
            terms += log_c
            top = np.maximum.reduceat(terms, first, axis=1)
            terms -= np.repeat(top, sizes, axis=1)
            np.exp(np.maximum(terms, -700.0, out=terms), out=terms)
            total = np.add.reduceat(terms, first, axis=1)
            out[0][:, part] = (-top - np.log(total)).T
            if derivatives:
                terms *= u
                mean = np.add.reduceat(terms, first, axis=1) / total
                terms *= u
                square = np.add.reduceat(terms, first, axis=1) / total
                out[1][:, part] = -mean.T
                out[2][:, part] = -np.maximum(square - mean * mean, 0.0).T
        return tuple(out)

    @cached_property
    def _in_line(self) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The possible terms of all rows one after another, how many each row has, and where it starts."""
        u, log_c = self._terms
        possible = np.isfinite(log_c)
        sizes = possible.sum(axis=1)
        return u[possible], log_c[possible], sizes, np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)

    def limits(self) -> tuple[FloatArray, FloatArray]:
        m = self.x1 + self.x2
        lowest = self.x1 == np.maximum(0, m - self.n2)
        highest = self.x1 == np.minimum(self.n1, m)
        return np.where(lowest, 0.0, -np.inf), np.where(highest, 0.0, -np.inf)

    def modes(self) -> FloatArray:
        """The conditional estimate by bracketed Newton, for rows that have one."""
        left, right = self.limits()
        two_sided = np.isinf(left) & np.isinf(right)
        if not two_sided.any():
            return np.zeros(len(self))
        rows = self.take(np.flatnonzero(two_sided))
        low, high = np.full(len(rows), -60.0), np.full(len(rows), 60.0)
        a, b, c, d = rows.x1, rows.n1 - rows.x1, rows.x2, rows.n2 - rows.x2
        theta = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
        for _ in range(100):
            _, slope, bend = rows.slopes(theta)
            low, high = np.where(slope >= 0, theta, low), np.where(slope <= 0, theta, high)
            step = slope / np.maximum(-bend, 1e-300)
            new = theta + step
            arrived = np.abs(step) < 1e-10  # rounding may put the last step just outside the bracket
            new = np.where(arrived | ((new > low) & (new < high)), new, 0.5 * (low + high))
            theta = new
            if bool(arrived.all()):
                break
        out = np.zeros(len(self))
        out[two_sided] = theta
        return out


@dataclass(frozen=True, eq=False)
class BaselineCurves(Tabled):
    """x1 of n1 against x2 of n2, logit p = α ± θ/2, with the baseline α ~ N(centre, sd²) integrated out.

    Uses the events of both arms and is nearly the conditional curve; a table without any event is not quite flat,
    because the prior of the baseline speaks.
    """

    x1: FloatArray
    n1: FloatArray
    x2: FloatArray
    n2: FloatArray
    centre: FloatArray
    sd: FloatArray

    def _exact(self, theta: FloatArray) -> FloatArray:
        return self._integrals(theta, False)[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        shape = (len(self), *theta.shape[1:])
        a, b, c = self._integrals(np.broadcast_to(theta, shape).reshape(len(self), -1), True)
        return a.reshape(shape), b.reshape(shape), c.reshape(shape)

    def _integrals(self, t: FloatArray, derivatives: bool) -> tuple[FloatArray, ...]:
        """Log of the integral over α, and its slope and bend in θ; in blocks, all nodes of a block at once."""
        out = tuple(np.empty(t.shape) for _ in range(3 if derivatives else 1))
        alpha, ends, count = self._nodes(t)
        most = max(1, _CHUNK // 4 // (count * len(self)))
        for start in range(0, t.shape[1], most):
            part = slice(start, start + most)
            found = self._sum(t[:, part], alpha[:, part], [end[:, part] for end in ends], count, derivatives)
            for whole, piece in zip(out, found, strict=True):
                whole[:, part] = piece
        return out

    def _sum(
        self, t: FloatArray, alpha: FloatArray, ends: list[FloatArray], count: int, derivatives: bool
    ) -> tuple[FloatArray, ...]:
        """Trapezoid rule over α between the points where the integrand has fallen by e⁻⁴⁰."""
        x1, n1, x2, n2, centre, sd = columns_of(t, self.x1, self.n1, self.x2, self.n2, self.centre, self.sd)
        top = self._joint(alpha, t)[0]
        width = ends[1] - ends[0]
        a = ends[0][:, :, None] + width[:, :, None] * np.linspace(0.0, 1.0, count)
        half = t[:, :, None] / 2
        z = (a - centre[:, :, None]) / sd[:, :, None]
        z *= z
        z *= -0.5
        value = z
        residual: FloatArray | float = 0.0  # of the first group less that of the second
        spread: FloatArray | float = 0.0
        for x, n, sign in ((x1, n1, 1.0), (x2, n2, -1.0)):
            logit = a + sign * half
            e = np.exp(-np.abs(logit))
            value += x[:, :, None] * logit
            value -= n[:, :, None] * (np.maximum(logit, 0.0) + np.log1p(e))
            if not derivatives:
                continue
            rest = 1.0 / (1.0 + e)
            p = np.where(logit >= 0, rest, e * rest)
            residual = residual + sign * (x[:, :, None] - n[:, :, None] * p)
            spread = spread + n[:, :, None] * (p - p * p)
        value -= top[:, :, None]
        w = np.exp(np.maximum(value, -700.0, out=value), out=value)
        total = w.sum(axis=2)
        constant = _log_choose(n1, x1) + _log_choose(n2, x2) - np.log(sd) - 0.5 * math.log(2 * math.pi)
        found = top + np.log(total * width / (count - 1)) + constant
        if not derivatives:
            return (found,)
        g = 0.5 * np.einsum("ijk,ijk->ij", w, residual) / total
        second = 0.25 * np.einsum("ijk,ijk->ij", w, np.square(residual)) / total
        curve = 0.25 * np.einsum("ijk,ijk->ij", w, spread) / total
        return found, g, second - curve - g * g

    def _nodes(self, t: FloatArray) -> tuple[FloatArray, list[FloatArray], int]:
        """The best α, both ends of the integral, and how many nodes the widest needs.

        Steps h are off by exp(−2π²s²/h²) for a top of sd s and exp(−π²/h) for a flank like exp(−e^α): 2·10⁻¹¹.
        """
        (sd,) = columns_of(t, self.sd)
        alpha = self._top(t)
        top, _, bend = self._joint(alpha, t)
        scale = 1 / np.sqrt(-bend)
        ends = []
        for sign in (-1.0, 1.0):
            reach = np.minimum(9.2 * scale, 9.2 * sd)
            for _ in range(60):  # wider until the integrand has fallen; the prior alone has at 9.2 sd
                short = (self._joint(alpha + sign * reach, t)[0] > top - 40.0) & (reach < 9.2 * sd)
                if not short.any():
                    break
                reach = np.where(short, np.minimum(1.3 * reach, 9.2 * sd), reach)
            ends.append(alpha + sign * reach)
        count = int(np.ceil(((ends[1] - ends[0]) / np.minimum(0.8 * scale, 0.4)).max())) + 1
        return alpha, ends, count

    def _joint(self, alpha: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log of likelihood × baseline prior (no constants), with slope and bend in α."""
        x1, n1, x2, n2, centre, sd = columns_of(theta, self.x1, self.n1, self.x2, self.n2, self.centre, self.sd)
        z = (alpha - centre) / sd
        value, slope, bend = -0.5 * z * z, -z / sd, np.broadcast_to(-1 / (sd * sd), z.shape)
        for x, n, logit in ((x1, n1, alpha + theta / 2), (x2, n2, alpha - theta / 2)):
            e = np.exp(-np.abs(logit))
            rest = 1.0 / (1.0 + e)
            p = np.where(logit >= 0, rest, e * rest)
            value = value + x * logit - n * (np.maximum(logit, 0.0) + np.log1p(e))
            slope = slope + x - n * p
            bend = bend - n * (e * rest * rest)
        return value, slope, bend

    def _top(self, theta: FloatArray) -> FloatArray:
        """The best baseline for each θ: bracketed Newton."""
        centre, sd = columns_of(theta, self.centre, self.sd)
        reach = 60.0 * np.maximum(sd, 1.0) + np.abs(theta)
        low, high = centre - reach, centre + reach
        x, n = self.x1 + self.x2, self.n1 + self.n2
        share = np.log((x + 0.5) / (n - x + 0.5))
        (alpha,) = columns_of(theta, np.where(np.abs(share - self.centre) < 3 * self.sd, share, self.centre))
        alpha = np.broadcast_to(alpha, theta.shape)
        for _ in range(200):
            _, slope, bend = self._joint(alpha, theta)
            bend = -bend
            low, high = np.where(slope >= 0, alpha, low), np.where(slope <= 0, alpha, high)
            new = alpha + slope / bend
            new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
            arrived = bool(np.all(slope * slope < 1e-8 * bend))
            alpha = np.where(slope * slope < 1e-8 * bend, alpha, new)
            if arrived:
                break
        return np.asarray(alpha)

    def limits(self) -> tuple[FloatArray, FloatArray]:
        return np.full(len(self), -np.inf), np.full(len(self), -np.inf)

    def modes(self) -> FloatArray:
        cells = [self.x1 + 0.5, self.n1 - self.x1 + 0.5, self.x2 + 0.5, self.n2 - self.x2 + 0.5]
        theta = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
        for _ in range(60):
            _, slope, bend = self.slopes(theta)
            step = np.clip(slope / np.maximum(-bend, 1e-3), -3.0, 3.0)
            theta = theta + step
            if bool(np.all(np.abs(step) < 1e-8)):
                break
        return theta


def _log_choose(n: FloatArray, k: FloatArray) -> FloatArray:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def _log_factorial_change(n: FloatArray, by: FloatArray) -> FloatArray:
    """log (n + by)! − log n! by Stirling's series where both are large, for the logarithms of 10⁹! leave six digits."""
    other = n + by
    large = np.minimum(n, other) >= 100.0
    a, b = np.where(large, n, 100.0), np.where(large, other, 100.0)
    share = (b - a) / a
    series = (b + 0.5) * np.log1p(share) + (b - a) * (np.log(a) - 1.0) + _stirling(b) - _stirling(a)
    return np.asarray(np.where(large, series, special.gammaln(other + 1) - special.gammaln(n + 1)))


def _stirling(n: FloatArray) -> FloatArray:
    return np.asarray((1.0 / 12 - (1.0 / 360 - 1.0 / (1260 * n * n)) / (n * n)) / n)
