"""A posterior distribution one can ask: mean, quantiles, probabilities, samples, on the model or the natural scale."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.axes import axes_for
from handful.stats.bayes.panels import NODES, WEIGHTS, Panels
from handful.stats.checked import finite_numbers, level_and_side, one_number
from handful.stats.results import Interval

if TYPE_CHECKING:
    FloatArray: TypeAlias = npt.NDArray[np.float64]


class Shape(Protocol):
    """How a distribution is held: polynomials on panels, a mixture of normals, or one of these on another scale."""

    @property
    def support(self) -> tuple[float, float]: ...
    def density(self, x: FloatArray) -> FloatArray: ...
    def cdf(self, x: FloatArray) -> FloatArray: ...
    def survival(self, x: FloatArray) -> FloatArray: ...
    def quantile(self, q: FloatArray) -> FloatArray: ...
    def nodes(self) -> tuple[FloatArray, FloatArray]: ...


@dataclass(frozen=True, eq=False)
class NormalMixture:
    """Σ_j w_j N(m_j, s_j²): what a mean effect is after the between-study sd has been integrated out numerically."""

    weights: FloatArray
    means: FloatArray
    sds: FloatArray

    @property
    def support(self) -> tuple[float, float]:
        return -math.inf, math.inf

    def density(self, x: FloatArray) -> FloatArray:
        z = (x[..., None] - self.means) / self.sds
        with np.errstate(under="ignore"):
            out: FloatArray = np.exp(-0.5 * z * z) @ (self.weights / self.sds) / math.sqrt(2 * math.pi)
        return out

    def cdf(self, x: FloatArray) -> FloatArray:
        out: FloatArray = special.ndtr((x[..., None] - self.means) / self.sds) @ self.weights
        return np.minimum(out, 1.0)

    def survival(self, x: FloatArray) -> FloatArray:
        out: FloatArray = special.ndtr((self.means - x[..., None]) / self.sds) @ self.weights
        return np.minimum(out, 1.0)

    def quantile(self, q: FloatArray) -> FloatArray:
        """Newton's method from the nearer end, in a bracket given by the extreme components' own quantiles."""
        inner = np.clip(q, 1e-300, 1 - 1e-16)
        z = special.ndtri(inner)
        own = self.means + np.multiply.outer(z, self.sds)
        left, right = own.min(axis=-1), own.max(axis=-1)
        centre = float(self.weights @ self.means)
        spread = math.sqrt(float(self.weights @ (self.sds**2 + (self.means - centre) ** 2)))
        x = np.clip(centre + spread * z, left, right)
        sign = np.where(inner > 0.5, -1.0, 1.0)
        tail = np.where(inner > 0.5, 1 - inner, inner)
        unit = float(self.sds.min())
        scaled = self.weights / (self.sds * math.sqrt(2 * math.pi))
        for _ in range(200):
            gaps = (x[:, None] - self.means) / self.sds
            gap = sign * (special.ndtr(sign[:, None] * gaps) @ self.weights - tail)
            right, left = np.where(gap > 0, x, right), np.where(gap > 0, left, x)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
                step = x - gap / (np.exp(-0.5 * gaps * gaps) @ scaled)
            arrived = np.abs(step - x) <= 1e-13 * np.maximum(np.abs(x), unit)
            new = np.where(arrived | ((step > left) & (step < right)), step, (left + right) / 2)
            moved = np.abs(new - x)
            x = new
            if np.all((moved <= 1e-12 * np.maximum(np.abs(x), unit)) | (right - left <= 2e-16 * np.abs(x))):
                break
        return np.where(q <= 0, -np.inf, np.where(q >= 1, np.inf, x))

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        step = 0.25
        z = np.arange(-36, 37) * step
        w = np.exp(-0.5 * z * z)
        w = w / w.sum()
        return (self.means[:, None] + self.sds[:, None] * z).ravel(), (self.weights[:, None] * w).ravel()


@dataclass(frozen=True, eq=False)
class Transformed:
    """A shape seen through an increasing function, or a scale on which it was not computed."""

    base: Shape
    forward: Callable[[FloatArray], FloatArray]
    backward: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]  # d forward / d x at x

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.forward(np.asarray(self.base.support, dtype=float))
        return float(low), float(high)

    def density(self, x: FloatArray) -> FloatArray:
        inner = self.backward(x)
        inside = np.isfinite(inner)
        safe = np.where(inside, inner, 0.0)
        slope = self.slope(safe)
        usable = inside & (slope > 0)
        return np.where(usable, self.base.density(safe) / np.where(usable, slope, 1.0), 0.0)

    def cdf(self, x: FloatArray) -> FloatArray:
        return _at_infinity(self.base.cdf, self.backward(x), 0.0, 1.0)

    def survival(self, x: FloatArray) -> FloatArray:
        return _at_infinity(self.base.survival, self.backward(x), 1.0, 0.0)

    def quantile(self, q: FloatArray) -> FloatArray:
        return self.forward(self.base.quantile(q))

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        if isinstance(self.base, Panels):
            x, w = _dense_nodes(self.base)
        else:
            x, w = self.base.nodes()
        return self.forward(x), w


def _at_infinity(function: Callable[[FloatArray], FloatArray], x: FloatArray, low: float, high: float) -> FloatArray:
    finite = np.isfinite(x)
    return np.where(finite, function(np.where(finite, x, 0.0)), np.where(x > 0, high, low))


def _dense_nodes(panels: Panels) -> tuple[FloatArray, FloatArray]:
    """Panels no wider than 1, so that a function with its nearest pole at ±iπ is integrated to rounding."""
    cuts = [panels.edges[:1]]
    for left, right in zip(panels.edges[:-1], panels.edges[1:], strict=True):
        pieces = int(min(max(1, math.ceil(right - left)), 64))
        cuts.append(np.linspace(left, right, pieces + 1)[1:])
    edges = np.concatenate(cuts)
    half = np.diff(edges)[:, None] / 2
    x = ((edges[:-1, None] + half) + half * NODES).ravel()
    return x, panels.density(x) * (half * WEIGHTS).ravel()


def _expit(x: FloatArray) -> FloatArray:
    return np.asarray(special.expit(x))


def _expit_slope(x: FloatArray) -> FloatArray:
    return _expit(x) * _expit(-x)


def _logit(p: FloatArray) -> FloatArray:
    inside = np.clip(p, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(inside) - np.log1p(-inside))


def _log(x: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.maximum(x, 0.0)))


def _exp(x: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(x))


def _same(x: FloatArray) -> FloatArray:
    return x


_SCALES: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = {
    "logit": (_expit, _logit, _expit_slope),
    "log": (_exp, _log, _exp),
    "identity": (_same, _same, np.ones_like),
}


@dataclass(frozen=True, eq=False)
class Posterior:
    """A posterior distribution of one number.

    Everything is computed from the distribution itself, never from draws. ``scale`` names the model scale ("logit",
    "log", "identity"); ``on("natural")`` is the same posterior of the back-transformed number: a rate, a ratio.
    Arguments may be numbers or arrays; numbers give floats.

    ``moments`` is (mean exists, sd exists): a half-Cauchy prior with few studies leaves a tail without them, and then
    they are infinite.
    """

    shape: Shape
    name: str
    scale: str = "identity"
    moments: tuple[bool, bool] = (True, True)
    natural: bool = field(default=False)

    def __repr__(self) -> str:
        low, high = self.interval(0.95)
        where = "natural scale" if self.natural or self.scale == "identity" else f"{self.scale} scale"
        return f"<Posterior of {self.name}: median {self.median:.4g}, 95 % {low:.4g} to {high:.4g}, {where}>"

    @cached_property
    def _moments(self) -> tuple[float, float]:
        bounded = self.natural and self.scale == "logit"
        has_mean, has_sd = (True, True) if bounded else self.moments
        if self.natural and self.scale == "log" and not all(self.moments):
            has_mean = has_sd = False
        x, w = self.shape.nodes()
        if not has_mean or not np.isfinite(x).all():
            return math.inf, math.inf
        total = float(w.sum())
        centre = float(w @ x) / total  # twice, so that a small spread far from 0 keeps its digits
        mean = centre + float(w @ (x - centre)) / total
        with np.errstate(over="ignore"):
            sd = math.sqrt(max(float(w @ (x - mean) ** 2) / total, 0.0)) if has_sd else math.inf
        return mean, sd

    @property
    def mean(self) -> float:
        """Posterior mean; infinite when the tail is too heavy to have one."""
        return self._moments[0]

    @property
    def sd(self) -> float:
        """Posterior standard deviation; infinite when the tail is too heavy to have one."""
        return self._moments[1]

    @cached_property
    def median(self) -> float:
        """The value that is as probably too large as too small."""
        return float(self.shape.quantile(np.array([0.5]))[0])

    def quantile(self, q: npt.ArrayLike) -> Any:
        """The value below which the probability is q."""
        wanted = finite_numbers("q", q)
        if not np.all((wanted >= 0) & (wanted <= 1)):
            raise InputError(f"quantile({q!r})", hint="probabilities lie between 0 and 1")
        return _back(self.shape.quantile(wanted.reshape(-1)), wanted.shape)

    def cdf(self, x: npt.ArrayLike) -> Any:
        """Probability of at most x."""
        values = finite_numbers("x", x)
        return _back(_at_infinity(self.shape.cdf, values.reshape(-1), 0.0, 1.0), values.shape)

    def density(self, x: npt.ArrayLike) -> Any:
        """Probability density at x."""
        values = finite_numbers("x", x)
        return _back(_at_infinity(self.shape.density, values.reshape(-1), 0.0, 0.0), values.shape)

    def probability(self, *, above: float | None = None, below: float | None = None) -> float:
        """P(above < value), P(value < below), or P(above < value < below). Small probabilities keep their digits."""
        if above is None and below is None:
            raise InputError("probability() of what?", hint="give above=, below= or both")
        for name, value in (("above", above), ("below", below)):
            if value is not None and np.ndim(finite_numbers(name, value)):
                raise InputError(f"{name}={value!r} is not one number", hint="ask for one at a time, or use cdf")
        if below is None:
            assert above is not None
            return float(_at_infinity(self.shape.survival, np.array([above], dtype=float), 1.0, 0.0)[0])
        if above is None:
            return float(self.cdf(below))
        if above >= below:
            return 0.0
        if self.cdf(above) > 0.5:  # both ends in the upper half: take the difference there
            return self.probability(above=above) - self.probability(above=below)
        return float(self.cdf(below)) - float(self.cdf(above))

    def expectation(self, function: Callable[[FloatArray], FloatArray]) -> float:
        """Posterior mean of a smooth function of the value."""
        x, w = _dense_nodes(self.shape) if isinstance(self.shape, Panels) else self.shape.nodes()
        return float(w @ function(x)) / float(w.sum())

    def sample(self, n: int, seed: int) -> FloatArray:
        """n independent draws; the same seed gives the same draws."""
        one_number("n", n, "how many draws: a whole number, 0 or more", least=0, whole=True)
        one_number("seed", seed, "a whole number, 0 or more: the same one gives the same draws", least=0, whole=True)
        return np.asarray(self.quantile(np.random.default_rng(int(seed)).random(int(n))))

    def interval(self, level: float = 0.95, kind: Literal["central", "shortest"] = "central") -> tuple[float, float]:
        """The central interval (equal tails), or the shortest one with this probability."""
        level, _, _ = level_and_side(level, "two")
        if kind == "central":
            low, high = self.quantile([(1 - level) / 2, (1 + level) / 2])
            return float(low), float(high)
        if kind != "shortest":
            raise UnknownChoice("kind", kind, ("central", "shortest"))
        return self._shortest(level)

    def summary(self, level: float, kind: Literal["central", "shortest"] = "central") -> tuple[float, float, float]:
        """Median and both limits, found together."""
        if kind != "central":
            return self.median, *self.interval(level, kind)
        level, _, _ = level_and_side(level, "two")
        middle, low, high = (float(v) for v in self.quantile([0.5, (1 - level) / 2, (1 + level) / 2]))
        self.__dict__["median"] = middle
        return middle, low, high

    def _shortest(self, level: float) -> tuple[float, float]:
        left, right = 0.0, 1 - level
        bottom, top = self.shape.support
        tiny = 1e-12
        if not math.isfinite(bottom):
            left = tiny
        if not math.isfinite(top):
            right -= tiny
        best = (0.0, 0.0)
        for _ in range(5):
            tails = np.linspace(left, right, 41)
            lows, highs = self.quantile(tails), self.quantile(np.minimum(tails + level, 1.0))
            place = int(np.argmin(highs - lows))
            best = float(lows[place]), float(highs[place])
            left, right = float(tails[max(place - 1, 0)]), float(tails[min(place + 1, 40)])
        return best

    def as_interval(self, level: float = 0.95, kind: Literal["central", "shortest"] = "central") -> Interval:
        """Median with limits, as an :class:`Interval`."""
        low, high = self.interval(level, kind)
        return Interval(self.median, low, high, level, f"{kind} posterior interval")

    def on(self, scale: Literal["model", "natural"]) -> Posterior:
        """The same posterior on the model scale or of the back-transformed number."""
        if scale not in ("model", "natural"):
            raise UnknownChoice("scale", scale, ("model", "natural"))
        if self.scale == "identity" or (scale == "natural") == self.natural:
            return self
        forward, backward, slope = _SCALES[self.scale]
        if scale == "natural":
            shape: Shape = Transformed(self.shape, forward, backward, slope)
            return Posterior(shape, self.name, self.scale, self.moments, natural=True)
        assert isinstance(self.shape, Transformed)
        return Posterior(self.shape.base, self.name, self.scale, self.moments)

    def draw(self, ax: Any = None) -> Any:
        """Draw the density with its median and 95 % interval; returns the matplotlib axes (needs ``handful[plot]``)."""
        axes = axes_for(ax)
        ends = self.quantile([0.0005, 0.9995])
        grid = np.linspace(float(ends[0]), float(ends[1]), 400)
        axes.plot(grid, self.density(grid))
        low, high = self.interval(0.95)
        axes.axvspan(low, high, alpha=0.15)
        axes.axvline(self.median, linestyle="--")
        axes.set_xlabel(self.name)
        axes.set_ylabel("posterior density")
        return axes


def _back(values: FloatArray, shape: tuple[int, ...]) -> Any:
    return float(values[0]) if shape == () else values.reshape(shape)
