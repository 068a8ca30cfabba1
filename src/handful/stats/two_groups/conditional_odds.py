"""The odds ratio given both margins: its estimate, its exact and mid-P limits, and Fisher's tests.

Given the number of events in both groups together, s = x1 + x2, the events of the first follow Fisher's non-central
hypergeometric distribution, P(U = u) proportional to C(n1, u) C(n2, s - u) psi^u for max(0, s - n2) <= u <= min(n1,
s): the odds ratio psi is the only parameter left. All functions take flat arrays x1, n1, x2, n2 of whole numbers.

References: Fisher 1935, doi:10.2307/2342435; Cornfield 1956; Mantel, Hankey 1971; Fay 2010, doi:10.32614/RJ-2010-008.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import special

from handful.stats.roots import increasing_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Limits: TypeAlias = tuple[Array, Array]

#: tables of one margin whose probabilities differ by less than this share are equally likely (far above rounding
#: error, and #: far below the least difference that two unequal probabilities of small tables can have)
SAME = 1e-8

#: at most this many support points are held at once
_CELLS = 2_000_000


def conditional_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, mid: bool = False) -> Limits:
    """L with P(U >= x1; L) = tail and U with P(U <= x1; U) = tail; ``mid`` counts half the probability of x1 itself."""
    low = np.exp(_log_lower(x1, n1, x2, n2, tail, mid))
    return low, np.exp(-_log_lower(x2, n2, x1, n1, tail, mid))


def conditional_estimate(x1: Array, n1: Array, x2: Array, n2: Array) -> Array:
    """psi with E(U; psi) = x1: 0 or infinite with x1 at an end of its support; 1 if the support is one point."""
    log = np.zeros(x1.size)
    bottom, top = np.maximum(0, x1 - (n2 - x2)), np.minimum(n1, x1 + x2)
    log[(x1 == bottom) & (bottom < top)] = -np.inf
    log[(x1 == top) & (bottom < top)] = np.inf
    inner = np.flatnonzero((x1 > bottom) & (x1 < top))
    for rows, u, weight in supports(x1[inner], n1[inner], x2[inner], n2[inner]):
        place = inner[rows]
        target = x1[place]

        def function(
            t: Array, at: Rows, u: Array = u, weight: Array = weight, target: Array = target
        ) -> tuple[Array, Array]:
            p = _normalised(weight[at] + u[at] * t[:, None])
            mean = (p * u[at]).sum(axis=1)
            return mean - target[at], (p * (u[at] - mean[:, None]) ** 2).sum(axis=1)

        start = np.log(_half_added(x1[place], n1[place], x2[place], n2[place]))
        span = np.full(place.size, 700.0)
        log[place] = increasing_root(function, -span, span, start)
    return np.exp(log)


def fisher_p(
    x1: Array,
    n1: Array,
    x2: Array,
    n2: Array,
    *,
    alternative: str = "two-sided",
    kind: str = "minlike",
    mid: bool = False,
) -> Array:
    """p-value given the margins.

    ``greater`` is P(U >= x1), ``less`` P(U <= x1). Two-sided: ``minlike`` adds every table at most as likely as the
    observed one, ``central`` doubles the smaller tail, ``blaker`` adds to the smaller tail the largest opposite one
    not above it.
    ``mid`` takes away half the probability of x1 or, for ``minlike``, of *all* tables exactly as likely as x1.
    """
    p = np.ones(x1.size)
    for rows, u, weight in supports(x1, n1, x2, n2):
        mass = _normalised(weight)
        at = x1[rows][:, None]
        own = np.where(u == at, mass, 0.0).sum(axis=1)
        half = 0.5 * own if mid else 0.0
        upper = np.where(u >= at, mass, 0.0).sum(axis=1) - half
        lower = np.where(u <= at, mass, 0.0).sum(axis=1) - half
        if alternative == "greater":
            p[rows] = upper
        elif alternative == "less":
            p[rows] = lower
        elif kind == "central":
            p[rows] = 2 * np.minimum(upper, lower)
        elif kind == "blaker":
            p[rows] = _blaker(mass, upper, lower)
        else:
            bound = own[:, None]
            p[rows] = np.where(mass <= bound * (1 + SAME), mass, 0.0).sum(axis=1)
            if mid:
                p[rows] -= 0.5 * np.where(np.abs(mass - bound) <= bound * SAME, mass, 0.0).sum(axis=1)
    return np.clip(p, 0, 1)


def _blaker(mass: Array, upper: Array, lower: Array) -> Array:
    """The smaller tail and the largest opposite tail that is not above it."""
    smaller = np.minimum(upper, lower)[:, None] * (1 + SAME)
    from_left, from_right = np.cumsum(mass, axis=1), np.cumsum(mass[:, ::-1], axis=1)
    opposite = np.where((upper <= lower)[:, None], from_left, from_right)
    added = np.where(opposite <= smaller, opposite, 0.0).max(axis=1)
    return np.where(np.abs(upper - lower) <= SAME * upper, 1.0, np.minimum(upper, lower) + added)


# --- the distribution -------------------------------------------------------------------------------------------------


def supports(x1: Array, n1: Array, x2: Array, n2: Array) -> Iterator[tuple[Rows, Array, Array]]:
    """Blocks of tables with supports of like length: (which, u, log C(n1, u) C(n2, s - u)), padded with -infinity."""
    s = x1 + x2
    bottom, top = np.maximum(0, s - n2), np.minimum(n1, s)
    width = (top - bottom + 1).astype(np.intp)
    bucket = np.maximum(np.ceil(np.log2(width)), 2).astype(np.intp)
    for size in np.unique(bucket):
        members = np.flatnonzero(bucket == size)
        longest = int(width[members].max())
        for rows in np.array_split(members, max(1, -(-members.size * longest // _CELLS))):
            if rows.size == 0:
                continue
            u = (bottom[rows][:, None] + np.arange(longest)).astype(np.float64)
            real = u <= top[rows][:, None]
            v = np.where(real, u, top[rows][:, None])
            weight = _log_choose(n1[rows][:, None], v) + _log_choose(n2[rows][:, None], s[rows][:, None] - v)
            weight -= weight.max(axis=1, keepdims=True)
            yield rows.astype(np.intp), u, np.where(real, weight, -np.inf)


def _log_choose(n: Array, k: Array) -> Array:
    value: Array = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return value


def _normalised(log: Array) -> Array:
    p = np.exp(log - log.max(axis=1, keepdims=True))
    total: Array = p / p.sum(axis=1, keepdims=True)
    return total


def _half_added(x1: Array, n1: Array, x2: Array, n2: Array) -> Array:
    """A starting value only."""
    return (x1 + 0.5) * (n2 - x2 + 0.5) / ((n1 - x1 + 0.5) * (x2 + 0.5))


# --- limits -----------------------------------------------------------------------------------------------------------


def _log_lower(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, mid: bool) -> Array:
    """log L. With A the upper tail and B the rest, log P(A) - log P(B) rises in log psi with slope E(U|A) - E(U|B) >
    0."""
    log = np.full(x1.size, -np.inf)
    bottom, top = np.maximum(0, x1 - (n2 - x2)), np.minimum(n1, x1 + x2)
    solvable = x1 > bottom
    if mid and tail >= 0.5:  # half of x1 itself is more than the tail asked for on one end, less on the other
        solvable = (x1 < top) & (bottom < top)
        log[(x1 == top) & (bottom < top)] = np.inf
    some = np.flatnonzero(solvable)
    goal = np.log(tail) - np.log1p(-tail)
    for rows, u, weight in supports(x1[some], n1[some], x2[some], n2[some]):
        place = some[rows]
        at = x1[place][:, None]
        in_tail = np.where(u > at, 0.0, np.where(u == at, np.log(0.5) if mid else 0.0, -np.inf))
        in_rest = np.where(u < at, 0.0, np.where((u == at) & mid, np.log(0.5), -np.inf))
        tail_weight, rest_weight = weight + in_tail, weight + in_rest

        def function(
            t: Array, pick: Rows, u: Array = u, a: Array = tail_weight, b: Array = rest_weight
        ) -> tuple[Array, Array]:
            shift = u[pick] * t[:, None]
            log_a, mean_a = _log_sum_and_mean(a[pick] + shift, u[pick])
            log_b, mean_b = _log_sum_and_mean(b[pick] + shift, u[pick])
            return log_a - log_b - goal, mean_a - mean_b

        c, d = x1[place], x2[place]
        centre = np.log(_half_added(c, n1[place], d, n2[place]))
        spread = np.sqrt(1 / (c + 0.5) + 1 / (n1[place] - c + 0.5) + 1 / (d + 0.5) + 1 / (n2[place] - d + 0.5))
        span = np.full(place.size, 1000.0)
        start = centre + special.ndtri(tail) * spread
        log[place] = increasing_root(function, -span, span, start)
    return log


def _log_sum_and_mean(log: Array, u: Array) -> tuple[Array, Array]:
    peak = log.max(axis=1, keepdims=True)
    mass = np.exp(log - peak)
    total = mass.sum(axis=1)
    return np.log(total) + peak[:, 0], (mass * u).sum(axis=1) / total
