"""More rows of log-likelihood curves: estimates, small-sample means, shifted, added and mixed rows.

All follow one small protocol (value, slopes, take), as those of :mod:`handful.stats.count_models.curves` do. Beyond it
they may say where their tops are (``modes``), how fine they are (``grains``), what they tend to far out (``limits``),
and, where it is a closed form, their marginal likelihood under N(μ, τ²) (``log_marginals``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray: TypeAlias = npt.NDArray[np.float64]

_LOG_2PI = math.log(2 * math.pi)


def columns_of(theta: FloatArray, *values: FloatArray) -> tuple[FloatArray, ...]:
    """Give per-row values the trailing axes of θ."""
    extra = (1,) * (np.ndim(theta) - 1)
    return tuple(v.reshape(v.shape + extra) for v in values)


class CurveRows(Protocol):
    """Rows of log-likelihoods over one effect; θ has the rows, or 1, as its first axis."""

    def __len__(self) -> int: ...

    def value(self, theta: FloatArray) -> FloatArray:
        """Log-likelihood at θ."""
        ...

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood with its first and second derivative."""
        ...

    def take(self, rows: Any) -> Any:
        """The chosen rows."""
        ...


class Rows:
    """Rows held as one-dimensional fields of equal length."""

    def __len__(self) -> int:
        return len(getattr(self, next(iter(type(self).__dataclass_fields__))))  # type: ignore[attr-defined]

    def take(self, rows: Any) -> Any:
        return type(self)(*(getattr(self, f.name)[rows] for f in fields(self)))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class NormalCurves(Rows):
    """An estimate with its standard error: −(y − θ)²/2s² − log s√2π."""

    y: FloatArray
    se: FloatArray

    def value(self, theta: FloatArray) -> FloatArray:
        return self.slopes(theta)[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        y, se = columns_of(theta, self.y, self.se)
        z = (y - theta) / se
        return -0.5 * z * z - np.log(se) - 0.5 * _LOG_2PI, z / se, -1 / se**2 + 0.0 * theta

    def limits(self) -> tuple[FloatArray, FloatArray]:
        return np.full(len(self), -np.inf), np.full(len(self), -np.inf)

    def modes(self) -> FloatArray:
        return self.y

    def grains(self) -> FloatArray:
        return self.se

    def log_marginals(self, mu: FloatArray, tau: float) -> FloatArray:
        variance = (self.se**2 + tau * tau)[:, None]
        return np.asarray(-0.5 * (self.y[:, None] - mu) ** 2 / variance - 0.5 * np.log(variance) - 0.5 * _LOG_2PI)


@dataclass(frozen=True, eq=False)
class StudentCurves(Rows):
    """A mean difference from few people: t with ``df`` degrees of freedom around y, scaled by se.

    Not concave in the tails, which is the point: a handful of patients does not rule out a far mean as a normal curve
    would. It is a scale mixture of normals, so its marginal likelihood is a sum of normal ones.
    """

    y: FloatArray
    se: FloatArray
    df: FloatArray

    def value(self, theta: FloatArray) -> FloatArray:
        return self.slopes(theta)[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        y, se, df = columns_of(theta, self.y, self.se, self.df)
        z = (y - theta) / se
        bottom = df + z * z
        constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * math.pi) - np.log(se)
        value = constant - (df + 1) / 2 * np.log1p(z * z / df)
        return value, (df + 1) * z / (bottom * se), (df + 1) * (z * z - df) / (bottom * se) ** 2

    def limits(self) -> tuple[FloatArray, FloatArray]:
        return np.full(len(self), -np.inf), np.full(len(self), -np.inf)

    def modes(self) -> FloatArray:
        return self.y

    def grains(self) -> FloatArray:
        return self.se

    def log_marginals(self, mu: FloatArray, tau: float) -> FloatArray:
        out = np.empty((len(self), len(mu)))
        for i, (y, se, df) in enumerate(zip(self.y, self.se, self.df, strict=True)):
            scale2, log_w = _precision_nodes(float(df))
            variance = se * se * scale2 + tau * tau
            terms = log_w - 0.5 * np.log(variance) - 0.5 * np.subtract.outer(mu, y)[:, None] ** 2 / variance
            top = terms.max(axis=1)
            out[i] = top + np.log(np.exp(terms - top[:, None]).sum(axis=1)) - 0.5 * _LOG_2PI
        return out


def _precision_nodes(df: float) -> tuple[FloatArray, FloatArray]:
    """1/λ and log weights with Σ w N(·; 0, 1/λ) = t_df: the trapezoid rule in log λ, λ ~ Gamma(df/2, df/2)."""
    spread = math.sqrt(2 / df)
    step = min(0.12, 0.3 * spread)
    low = -min(60.0, 45.0 / df + 12 * spread) - 1
    high = min(8.0, 12 * spread + 1.0)
    s = np.arange(low, high + step, step)
    log_w = df / 2 * (math.log(df / 2) + s - np.exp(s)) - math.lgamma(df / 2) + math.log(step)
    keep = log_w > log_w.max() - 60
    return np.exp(-s[keep]), log_w[keep]


@dataclass(frozen=True, eq=False)
class ShiftedCurves:
    """Rows of other curves at θ + shift: a binomial curve at log odds + log(T1/T2) is a rate ratio."""

    base: Any
    shift: FloatArray

    def __len__(self) -> int:
        return len(self.shift)

    def _moved(self, theta: FloatArray) -> FloatArray:
        return np.asarray(theta + columns_of(theta, self.shift)[0])

    def value(self, theta: FloatArray) -> FloatArray:
        out: FloatArray = self.base.value(self._moved(theta))
        return out

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        a, b, c = self.base.slopes(self._moved(theta))
        return a, b, c

    def take(self, rows: Any) -> ShiftedCurves:
        return ShiftedCurves(self.base.take(rows), self.shift[rows])

    def limits(self) -> tuple[FloatArray, FloatArray]:
        from handful.stats.bayes.likelihood_shape import limits

        return limits(self.base)

    def modes(self) -> FloatArray:
        from handful.stats.bayes.likelihood_shape import shapes

        return shapes(self.base).mode - self.shift


@dataclass(frozen=True, eq=False)
class ProductCurves:
    """Two sources on the same effects: their log-likelihoods added, row by row."""

    first: Any
    second: Any

    def __len__(self) -> int:
        return len(self.first)

    def value(self, theta: FloatArray) -> FloatArray:
        return np.asarray(self.first.value(theta) + self.second.value(theta))

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        one, two = self.first.slopes(theta), self.second.slopes(theta)
        return one[0] + two[0], one[1] + two[1], one[2] + two[2]

    def take(self, rows: Any) -> ProductCurves:
        return ProductCurves(self.first.take(rows), self.second.take(rows))

    def limits(self) -> tuple[FloatArray, FloatArray]:
        from handful.stats.bayes.likelihood_shape import limits

        (a, b), (c, d) = limits(self.first), limits(self.second)
        return a + c, b + d

    def grains(self) -> FloatArray:
        """The sharper of the two; a product is never finer than that by more than √2."""
        from handful.stats.bayes.likelihood_shape import shapes

        return np.minimum(shapes(self.first).grain, shapes(self.second).grain) / math.sqrt(2)


@dataclass(frozen=True, eq=False)
class MixedCurves:
    """Rows of different kinds together. ``place[r]`` is (part, row within it)."""

    parts: tuple[Any, ...]
    part: npt.NDArray[np.intp]
    row: npt.NDArray[np.intp]

    @classmethod
    def of(cls, parts: Sequence[CurveRows]) -> MixedCurves:
        sizes = [len(p) for p in parts]
        return cls(
            tuple(parts),
            np.repeat(np.arange(len(parts)), sizes),
            np.concatenate([np.arange(n, dtype=np.intp) for n in sizes]),
        )

    def __len__(self) -> int:
        return len(self.part)

    def groups(self) -> list[tuple[npt.NDArray[np.intp], Any]]:
        """(where in this set, the curves there), one for each kind that occurs."""
        out = []
        for p, curves in enumerate(self.parts):
            here = np.flatnonzero(self.part == p)
            if len(here):
                out.append((here, curves.take(self.row[here])))
        return out

    def _spread(self, theta: FloatArray, call: Any) -> tuple[FloatArray, ...]:
        shared = theta.shape[0] == 1 and np.ndim(theta) > 1
        shape = (len(self), *theta.shape[1:])
        out: tuple[FloatArray, ...] | None = None
        for here, curves in self.groups():
            found = call(curves, theta if shared else theta[here])
            if out is None:
                out = tuple(np.empty(shape) for _ in found)
            for whole, piece in zip(out, found, strict=True):
                whole[here] = piece
        assert out is not None
        return out

    def value(self, theta: FloatArray) -> FloatArray:
        return self._spread(theta, lambda c, t: (c.value(t),))[0]

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        a, b, c = self._spread(theta, lambda c, t: c.slopes(t))
        return a, b, c

    def limits(self) -> tuple[FloatArray, FloatArray]:
        from handful.stats.bayes.likelihood_shape import limits

        left, right = np.empty(len(self)), np.empty(len(self))
        for here, curves in self.groups():
            left[here], right[here] = limits(curves)
        return left, right

    def prepare(self) -> None:
        """Let the dear parts tabulate themselves."""
        for part in self.parts:
            if hasattr(part, "prepare"):
                part.prepare()

    def take(self, rows: Any) -> MixedCurves:
        return MixedCurves(self.parts, self.part[rows], self.row[rows])
