"""The posterior of the difference of two proportions with Beta priors, by quadrature.

With p1 ~ Beta(a1 + x1, b1 + n1 - x1) and p2 likewise, independently,

    P(p1 - p2 <= x | data) = integral of f2(p) F1(p + x) dp,

f2 the density of p2 and F1 the distribution function of p1. The integral is taken over the part of [0, 1] where the
integrand is neither 0 nor 1, cut at the 1e-18 tails of p2, by the double-exponential rule, which is indifferent to
the powers of p at the ends. No simulation: the same data give the same digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import special

from handful.base.errors import InputError, UnknownChoice
from handful.stats.checked import Given, level_and_side
from handful.stats.results import Interval
from handful.stats.roots import increasing_root

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Rows: TypeAlias = npt.NDArray[np.intp]

#: what ``prior=`` may name
PRIORS = {"jeffreys": (0.5, 0.5), "uniform": (1.0, 1.0)}

#: step of the double-exponential rule; with 0.04 a bell-shaped integrand cut at its 1e-18 tails is exact to about 1e-13
_STEP = 0.04

#: this many integrand values are held at once
_CELLS = 1_000_000


def beta_priors(prior: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """(a1, b1), (a2, b2) from "jeffreys", "uniform", (a, b), ((a1, b1), (a2, b2)), or objects with ``a`` and ``b``."""
    if isinstance(prior, str):
        if prior not in PRIORS:
            raise UnknownChoice("prior", prior, [*PRIORS, "(a, b)", "((a1, b1), (a2, b2))"])
        return PRIORS[prior], PRIORS[prior]
    one = _pair(prior)
    if one is not None:
        return one, one
    try:
        first, second = (_pair(part) for part in prior)
    except (TypeError, ValueError):
        first = second = None
    if first is None or second is None:
        raise InputError(
            f"prior={prior!r} cannot be used",
            hint='accepted: "jeffreys", "uniform", (a, b), or ((a1, b1), (a2, b2)), with finite a > 0 and b > 0',
        )
    return first, second


def _pair(part: Any) -> tuple[float, float] | None:
    if isinstance(part, str):
        return PRIORS.get(part)
    if hasattr(part, "a") and hasattr(part, "b"):
        part = (part.a, part.b)
    try:
        a, b = (float(v) for v in part)
    except (TypeError, ValueError):
        return None
    return (a, b) if np.isfinite([a, b]).all() and a > 0 and b > 0 else None


@dataclass(frozen=True, eq=False)
class PosteriorDifference:
    """The posterior of p1 - p2. Scalar data give floats, array data arrays of their shape.

    >>> from handful.stats.two_groups.two_by_two import two_groups
    >>> round(two_groups(1, 4, 0, 4).posterior_difference().probability(above=0), 2)
    0.84
    """

    mean: float | Array
    sd: float | Array
    prior: tuple[tuple[float, float], tuple[float, float]]
    _parameters: tuple[Array, Array, Array, Array]
    _given: Given

    def cdf(self, x: float) -> Any:
        """P(p1 - p2 <= x)."""
        return self._given.back(self._cdf(np.full(self._parameters[0].size, _number("x", x)), None))

    def probability(self, *, above: float | None = None, below: float | None = None) -> Any:
        """P(p1 - p2 > above), P(p1 - p2 < below), or with both P(above < p1 - p2 < below)."""
        if above is None and below is None:
            raise InputError("probability() needs a bound", hint="above=0.1, below=0.3, or both")
        size = self._parameters[0].size
        if below is None:
            assert above is not None
            # the other group's side, so that a small probability keeps its digits
            return self._given.back(_difference_cdf(*self._swapped(), np.full(size, -_number("above", above))))
        upper = self._cdf(np.full(size, _number("below", below)), None)
        lower = self._cdf(np.full(size, _number("above", above)), None) if above is not None else np.zeros(size)
        return self._given.back(np.maximum(upper - lower, 0))

    def quantile(self, q: float) -> Any:
        """x with P(p1 - p2 <= x) = q, for 0 < q < 1."""
        target = _number("q", q)
        if not 0 < target < 1:
            raise InputError(f"q={q!r} is not between 0 and 1", hint="a probability, for example 0.5 for the median")
        return self._given.back(self._quantile(target))

    def interval(self, level: float = 0.95) -> Interval:
        """The central credible interval, with the posterior mean as its estimate."""
        confidence, _, tail = level_and_side(level, "two")
        low, high = self._quantile(tail), self._quantile(1 - tail)
        return Interval(self.mean, self._given.back(low), self._given.back(high), confidence, "posterior, central")

    # --- numerics -----------------------------------------------------------------------------------------------------

    def _cdf(self, x: Array, rows: Rows | None) -> Array:
        a1, b1, a2, b2 = self._of(rows)
        return _difference_cdf(a1, b1, a2, b2, x)

    def _of(self, rows: Rows | None) -> tuple[Array, Array, Array, Array]:
        a1, b1, a2, b2 = self._parameters
        return self._parameters if rows is None else (a1[rows], b1[rows], a2[rows], b2[rows])

    def _swapped(self) -> tuple[Array, Array, Array, Array]:
        a1, b1, a2, b2 = self._parameters
        return a2, b2, a1, b1

    def _quantile(self, q: float) -> Array:
        size = self._parameters[0].size

        def function(x: Array, rows: Rows) -> tuple[Array, Array]:
            a1, b1, a2, b2 = self._of(rows)
            return self._cdf(x, rows) - q, _difference_density(a1, b1, a2, b2, x)

        mean, sd = (np.broadcast_to(np.reshape(v, -1), size) for v in (self.mean, self.sd))
        return increasing_root(function, np.full(size, -1.0), np.ones(size), mean + special.ndtri(q) * sd)


def posterior_difference(given: Given, prior: Any) -> PosteriorDifference:
    """From checked counts (x1, n1, x2, n2)."""
    (a1, b1), (a2, b2) = beta_priors(prior)
    x1, n1, x2, n2 = given.values
    a, b, c, d = x1 + a1, n1 - x1 + b1, x2 + a2, n2 - x2 + b2
    variance = a * b / ((a + b) ** 2 * (a + b + 1)) + c * d / ((c + d) ** 2 * (c + d + 1))
    mean = a / (a + b) - c / (c + d)
    return PosteriorDifference(
        given.back(mean), given.back(np.sqrt(variance)), ((a1, b1), (a2, b2)), (a, b, c, d), given
    )


def probability_first_greater(a1: Array, b1: Array, a2: Array, b2: Array) -> Array:
    """P(p1 > p2) = P(p2 - p1 <= 0) for Beta(a1, b1) and Beta(a2, b2)."""
    return _difference_cdf(a2, b2, a1, b1, np.zeros(a1.size))


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        raise InputError(f"{name}={value!r} is not a finite number", hint="a difference of proportions, -1 to 1")
    return float(value)


def _difference_cdf(a1: Array, b1: Array, a2: Array, b2: Array, x: Array) -> Array:
    """P(p1 - p2 <= x), in blocks."""
    out = np.empty(a1.size)
    step = max(1, _CELLS // 200)
    for start in range(0, a1.size, step):
        part = slice(start, start + step)
        out[part] = _cdf_block(a1[part], b1[part], a2[part], b2[part], x[part])
    return out


def _window(a1: Array, b1: Array, a2: Array, b2: Array, x: Array) -> tuple[Array, Array]:
    """Where p2 = p matters and F1(p + x) is strictly between 0 and 1: the support of p2 cut at its 1e-18 tails."""
    low = np.maximum(special.betaincinv(a2, b2, 1e-18), 0.0)
    high = 1 - special.betaincinv(b2, a2, 1e-18)
    return np.clip(np.maximum(low, -x), 0, 1), np.clip(np.minimum(high, 1 - x), 0, 1)


def _cdf_block(a1: Array, b1: Array, a2: Array, b2: Array, x: Array) -> Array:
    low, high = _window(a1, b1, a2, b2, x)
    empty = high <= low
    width = np.where(empty, 0.0, high - low)
    p, q, weight = _nodes(low, high, width, _least(a1, b1, a2, b2))
    density = _beta_density(a2, b2, p, q)
    shifted = np.clip(p + x[:, None], 0, 1)
    inside = (density * special.betainc(a1[:, None], b1[:, None], shifted) * weight).sum(axis=1)
    # beyond 1 - x the other proportion is below p + x for certain
    beyond = np.where(x > 0, special.betainc(b2, a2, np.clip(x, 0, 1)), 0.0)
    value = np.where(x >= 1, 1.0, np.where(x <= -1, 0.0, inside + beyond))
    return np.clip(value, 0, 1)


def _difference_density(a1: Array, b1: Array, a2: Array, b2: Array, x: Array) -> Array:
    """The density of p1 - p2 at x, only to steer Newton's method."""
    low, high = _window(a1, b1, a2, b2, x)
    p, q, weight = _nodes(low, high, np.maximum(high - low, 0.0), _least(a1, b1, a2, b2))
    shifted = np.clip(p + x[:, None], 1e-300, 1)
    total: Array = (
        _beta_density(a2, b2, p, q) * _beta_density(a1, b1, shifted, np.clip(q - x[:, None], 1e-300, 1)) * weight
    ).sum(axis=1)
    return total


def _least(*parameters: Array) -> float:
    return float(min(p.min(initial=1.0) for p in parameters))


def _nodes(low: Array, high: Array, width: Array, power: float) -> tuple[Array, Array, Array]:
    """p, 1 - p and weights of the rule on [low, high]; each distance is taken from its own end, so none is lost.

    ``power`` is the smallest Beta parameter: the rule reaches so far that distance^power falls to 1e-17 at the ends.
    """
    left, right, weight = _rule(math.ceil(math.asinh(39 / (math.pi * min(power, 1.0))) / _STEP))
    p = low[:, None] + width[:, None] * left
    q = (1 - high)[:, None] + width[:, None] * right
    return np.maximum(p, 1e-300), np.maximum(q, 1e-300), width[:, None] * weight


@lru_cache(maxsize=32)
def _rule(half: int) -> tuple[Array, Array, Array]:
    """Nodes on (0, 1) as distances from both ends, and weights."""
    t = _STEP * np.arange(-half, half + 1)
    reach = np.minimum(np.pi * np.abs(np.sinh(t)), 690.0) * np.sign(t)
    left, right = special.expit(reach), special.expit(-reach)
    return left, right, _STEP * np.pi * np.cosh(t) * left * right


def _beta_density(a: Array, b: Array, p: Array, q: Array) -> Array:
    log = (a - 1)[:, None] * np.log(p) + (b - 1)[:, None] * np.log(q) - special.betaln(a, b)[:, None]
    density: Array = np.exp(np.minimum(log, 700.0))
    return density
