"""Log-likelihood curves of one study: events among people, events in person-time.

A curve is a log-likelihood over one effect θ with its first two derivatives, for many rows at once. Rows are the
first axis of θ; any further axes are points along the same curve. Both curves are strictly concave, which the
quadrature relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


class Curves(Protocol):
    """Rows of concave log-likelihoods over one effect, all of the form xθ − size·f(θ) + constant.

    ``repeat`` says how many studies share a row: equal counts are one curve.
    """

    @property
    def x(self) -> FloatArray: ...

    @property
    def size(self) -> FloatArray: ...

    @property
    def constant(self) -> FloatArray: ...

    @property
    def repeat(self) -> FloatArray: ...

    def __len__(self) -> int: ...

    def cumulant(self, theta: FloatArray) -> FloatArray:
        """f(θ): log(1 + e^θ) for binomial, e^θ for Poisson curves."""
        ...

    @property
    def peaks(self) -> FloatArray:
        """The height of each curve's top (its limit where the top is at infinity)."""
        ...

    @property
    def sharpest(self) -> float:
        """The largest −l'' that any row can have where it matters."""
        ...

    def common(self) -> float:
        """The θ at which all rows together are most likely; infinite where it is."""
        ...

    def value(self, theta: FloatArray) -> FloatArray:
        """Log-likelihood with every constant, at θ of shape (rows, ...)."""
        ...

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood and its first and second derivative in θ."""
        ...

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """A θ below which the slope is above −1, the top, and a θ above which the slope is below 1; infinite if
        nowhere."""
        ...

    def take(self, rows: Any) -> Curves:
        """The chosen rows (an index, a slice or a mask)."""
        ...


#: from so many people or events on curves are written as the fall from their top
_LARGE = 10_000.0


def softplus(theta: FloatArray) -> FloatArray:
    """log(1 + e^θ) without overflow."""
    out: FloatArray = np.maximum(theta, 0.0) + np.log1p(np.exp(-np.abs(theta)))
    return out


def expit(theta: Any) -> Any:
    """Inverse logit without overflow at either end."""
    e = np.exp(-np.abs(theta))
    return np.where(np.asarray(theta) >= 0, 1.0, e) / (1.0 + e)


def logit(p: Any) -> Any:
    """log(p / (1 − p)); infinite at 0 and 1, without a warning."""
    with np.errstate(divide="ignore"):
        return np.log(p) - np.log1p(-np.asarray(p))


@dataclass(frozen=True, eq=False)
class BinomialCurves:
    """x of n at log odds θ: xθ − n log(1 + e^θ) + log C(n, x)."""

    x: FloatArray
    n: FloatArray
    constant: FloatArray
    repeat: FloatArray

    @classmethod
    def of(cls, events: Any, totals: Any) -> BinomialCurves:
        from scipy.special import gammaln

        x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
        return cls(x, n, gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1), np.ones(len(x)))

    def __len__(self) -> int:
        return len(self.x)

    def value(self, theta: FloatArray) -> FloatArray:
        if self._large:
            return self._from_the_top(theta)
        x, n, c = _columns(theta, self.x, self.n, self.constant)
        # whichever event is nearer to certain is written through its complement, so that x = n loses no digits
        out: FloatArray = c - x * softplus(-theta) - (n - x) * softplus(theta)
        return out

    @cached_property
    def _large(self) -> bool:
        return len(self.n) > 0 and float(self.n.max()) >= _LARGE

    def _from_the_top(self, theta: FloatArray) -> FloatArray:
        """The fall from the curve's top, so that millions of people do not drown it in the rounding of large terms.

        With r the rarer outcome's count and δ the way from the top towards more of it: n log(1 + r/n (e^δ − 1)) − rδ.
        Where nobody or everybody responded there is nothing to drown in.
        """
        x, n, c = _columns(theta, self.x, self.n, self.constant)
        (top,) = _columns(theta, self.peaks)
        inside = (x > 0) & (x < n)
        one, less = np.where(inside, x, 1.0), np.where(inside, n - x, 1.0)
        away = theta - (np.log(one) - np.log(less))
        rarer = np.minimum(one, less)
        gap = np.where(one <= less, away, -away)
        near = np.minimum(gap, 700.0)
        fall = n * (np.log1p(rarer / np.where(inside, n, 2.0) * np.expm1(near)) + (gap - near)) - rarer * gap
        plain = c - x * softplus(-theta) - (n - x) * softplus(theta)
        return np.asarray(np.where(inside, top - fall, plain))

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        x, n, c = _columns(theta, self.x, self.n, self.constant)
        e = np.exp(-np.abs(theta))
        r = 1.0 / (1.0 + e)
        positive = theta >= 0
        # x θ − n max(θ, 0) in the form that loses no digits when x = n and θ is large
        value = np.where(positive, x - n, x)
        value *= theta
        value += c
        value -= n * np.log1p(e)
        e *= r
        slope = x - n * np.where(positive, r, e)
        e *= r
        e *= -n
        return value, slope, e

    @property
    def size(self) -> FloatArray:
        return self.n

    def cumulant(self, theta: FloatArray) -> FloatArray:
        return softplus(theta)

    @cached_property
    def peaks(self) -> FloatArray:
        from scipy.special import xlogy

        share = self.x / self.n
        return np.asarray(self.constant + xlogy(self.x, share) + xlogy(self.n - self.x, 1.0 - share), dtype=np.float64)

    @cached_property
    def sharpest(self) -> float:
        return 0.25 * float(self.n.max())

    def common(self) -> float:
        return float(logit(float(self.repeat @ self.x) / float(self.repeat @ self.n)))

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        shares = np.clip(np.stack([self.x + 1.0, self.x, self.x - 1.0]) / self.n, 0.0, 1.0)
        falls, top, rises = np.asarray(logit(shares), dtype=np.float64)
        return falls, top, rises

    def take(self, rows: Any) -> BinomialCurves:
        return BinomialCurves(self.x[rows], self.n[rows], self.constant[rows], self.repeat[rows])


@dataclass(frozen=True, eq=False)
class PoissonCurves:
    """x events in person-time t at log rate θ: x(θ + log t) − t e^θ − log x!."""

    x: FloatArray
    t: FloatArray
    constant: FloatArray
    repeat: FloatArray

    @classmethod
    def of(cls, events: Any, time: Any) -> PoissonCurves:
        from scipy.special import gammaln

        x, t = np.asarray(events, dtype=np.float64), np.asarray(time, dtype=np.float64)
        return cls(x, t, x * np.log(t) - gammaln(x + 1), np.ones(len(x)))

    def __len__(self) -> int:
        return len(self.x)

    def value(self, theta: FloatArray) -> FloatArray:
        if self._large:
            return self._from_the_top(theta)
        return self.slopes(theta)[0]

    @cached_property
    def _large(self) -> bool:
        return len(self.x) > 0 and float(self.x.max()) >= _LARGE

    def _from_the_top(self, theta: FloatArray) -> FloatArray:
        """The fall from the curve's top, x(e^δ − 1 − δ) with δ = θ − θ̂: millions of events stay free of rounding."""
        x, t, c = _columns(theta, self.x, self.t, self.constant)
        (top,) = _columns(theta, self.peaks)
        inside = x > 0
        with np.errstate(divide="ignore"):
            gap = np.minimum(theta, 600.0) - np.where(inside, np.log(np.where(inside, x, 1.0) / t), 0.0)
            plain = c - t * np.exp(np.minimum(theta, 600.0))
        return np.asarray(np.where(inside, top - x * (np.expm1(gap) - gap), plain))

    def slopes(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        x, t, c = _columns(theta, self.x, self.t, self.constant)
        mean = t * np.exp(np.minimum(theta, 600.0))
        return c + x * theta - mean, x - mean, -mean

    @property
    def size(self) -> FloatArray:
        return self.t

    def cumulant(self, theta: FloatArray) -> FloatArray:
        out: FloatArray = np.exp(np.minimum(theta, 600.0))
        return out

    @cached_property
    def peaks(self) -> FloatArray:
        from scipy.special import xlogy

        return np.asarray(self.constant + xlogy(self.x, self.x / self.t) - self.x, dtype=np.float64)

    @cached_property
    def sharpest(self) -> float:
        return 2.0 * float(self.x.max()) + 4.0

    def common(self) -> float:
        with np.errstate(divide="ignore"):
            return float(np.log(float(self.repeat @ self.x) / float(self.repeat @ self.t)))

    def landmarks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        with np.errstate(divide="ignore"):
            falls, top, rises = np.log(np.maximum(np.stack([self.x + 1.0, self.x, self.x - 1.0]), 0.0) / self.t)
        return falls, top, rises

    def take(self, rows: Any) -> PoissonCurves:
        return PoissonCurves(self.x[rows], self.t[rows], self.constant[rows], self.repeat[rows])


def _columns(theta: FloatArray, *values: FloatArray) -> tuple[FloatArray, ...]:
    """Give per-row values the trailing axes of θ."""
    extra = (1,) * (np.ndim(theta) - 1)
    return tuple(v.reshape(v.shape + extra) if extra else v for v in values)
