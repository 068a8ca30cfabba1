"""Exact unconditional limits for a difference and a ratio: they never cover less than the level, whatever p1 and p2.

Tables are put in one order, from most to least in favour of the first group. Let R be the tables at least as far up
as the observed one, and P(R; p1, p2) its probability, which rises in p1 and falls in p2. The lower limits are

    difference:  min over p2 of  p1*(p2) - p2,        ratio:  min over p2 of  p1*(p2) / p2,

where p1*(p2) solves P(R; p1, p2) = alpha/2 (Buehler's limits). Because R does not change with the contrast, they
bound a proper interval without gaps. Upper limits come from the groups exchanged. Two orders:

``score``     by the lower score limit of each table itself (Miettinen-Nurminen or Koopman, at the same level). Buehler
              limits in the order of a good approximate limit are about the tightest exact ones (Kabaila, Lloyd).
``boschloo``  by Fisher's one-sided p-value: wider, above all far from no difference, but in agreement with a test: the
              lower limit lies above no difference exactly when the one-sided Boschloo test rejects at alpha/2.

References: Buehler 1957, J Am Stat Assoc 52:482; Kabaila, Lloyd 2003, Aust N Z J Stat 45:319; Santner, Snell 1980, J
Am Stat Assoc 75:386; Chan, Zhang 1999, doi:10.1111/j.0006-341X.1999.01202.x; Fay, Hunsberger 2021,
doi:10.1214/21-SS131.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import special

from handful.stats.one_group.binomial_tails import at_least
from handful.stats.roots import increasing_root
from handful.stats.two_groups.exact_tests import TIED, extremeness, refuse_too_many
from handful.stats.two_groups.score_intervals import difference_limits, ratio_limits

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Limits: TypeAlias = tuple[Array, Array]


def exact_difference_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, order: str = "score") -> Limits:
    """Limits of p1 - p2; flat arrays, one table at a time."""
    low = _each(x1, n1, x2, n2, tail, order, False)
    return low, -_each(x2, n2, x1, n1, tail, order, False)


def exact_ratio_limits(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, *, order: str = "score") -> Limits:
    """Limits of p1/p2 in [0, infinity]."""
    low = _each(x1, n1, x2, n2, tail, order, True)
    other = _each(x2, n2, x1, n1, tail, order, True)
    return low, np.divide(1.0, other, out=np.full(other.size, np.inf), where=other > 0)


def _each(x1: Array, n1: Array, x2: Array, n2: Array, tail: float, order: str, ratio: bool) -> Array:
    """One sort per pair of group sizes, one search per table."""
    refuse_too_many(n1, n2)
    low = np.empty(x1.size)
    sizes = n1 * (n2.max(initial=0) + 1) + n2
    by_pair = np.argsort(sizes, kind="stable")
    for rows in np.split(by_pair, np.flatnonzero(np.diff(sizes[by_pair])) + 1):
        if rows.size:
            m, k = int(n1[rows[0]]), int(n2[rows[0]])
            key = _order(m, k, tail, order, ratio)
            for row in rows:
                low[row] = _lower(key, int(x1[row]), int(x2[row]), tail, ratio)
    return low


def _order(n1: int, n2: int, tail: float, order: str, ratio: bool) -> Array:
    """For every table a number that is smaller the more it favours the first group, and monotone in both counts."""
    if order == "boschloo":
        return extremeness(n1, n2, "boschloo", "greater")
    a, b = (v.reshape(-1).astype(np.float64) for v in np.indices((n1 + 1, n2 + 1)))
    m, k = np.full(a.size, float(n1)), np.full(a.size, float(n2))
    if ratio:
        low = ratio_limits(a, m, b, k, tail, total=False)[0]
        key = 1 / (1 + low)
    else:
        key = 1 - difference_limits(a, m, b, k, tail, total=True)[0]
    # score limits are monotone but for rounding; the running minimum makes it so exactly
    rounded = np.round(key.reshape(n1 + 1, n2 + 1), 11)
    return np.minimum.accumulate(np.minimum.accumulate(rounded, axis=0)[:, ::-1], axis=1)[:, ::-1]


def _lower(key: Array, x1: int, x2: int, tail: float, ratio: bool) -> float:
    n1, n2 = key.shape[0] - 1, key.shape[1] - 1
    region = key <= key[x1, x2] * (1 + TIED)
    if region.all():
        return 0.0 if ratio else -1.0
    # for each b, the least a in the region; n1 + 1 stands for none
    threshold = np.where(region.any(axis=0), region.argmax(axis=0), n1 + 1)
    low, high = 0.0, math.pi
    best = math.inf
    for points in (129, 33, 33, 33, 33):  # each pass looks closer around the best point so far
        angle = np.linspace(low, high, points)
        p2 = np.sin(angle / 2) ** 2
        p1 = _boundary(threshold, n1, n2, p2, tail)
        value = p1 / np.maximum(p2, 1e-300) if ratio else p1 - p2
        place = int(value.argmin())
        best = min(best, float(value[place]))
        low, high = angle[max(place - 1, 0)], angle[min(place + 1, points - 1)]
    return best


def _boundary(threshold: Rows, n1: int, n2: int, p2: Array, tail: float) -> Array:
    """p1 with P(R; p1, p2) = tail for each p2; infinite where even p1 = 1 does not reach it."""
    b = np.flatnonzero(threshold <= n1)
    log = (
        (special.gammaln(n2 + 1) - special.gammaln(b + 1.0) - special.gammaln(n2 - b + 1.0))
        + special.xlogy(b, p2[:, None])
        + special.xlog1py(n2 - b, -p2[:, None])
    )
    # b with the same threshold share one tail
    edges, share = np.unique(threshold[b], return_inverse=True)
    weight = np.zeros((p2.size, edges.size))
    np.add.at(weight.T, share, np.exp(log).T)
    a = edges.astype(np.float64)
    people = np.float64(n1)
    log_slope = -special.betaln(a, people - a + 1)

    def function(p1: Array, rows: Rows) -> tuple[Array, Array]:
        p = p1[:, None]
        value = (weight[rows] * at_least(a, np.broadcast_to(people, a.shape), p)).sum(axis=1)
        fall = np.exp(log_slope + (a - 1) * np.log(p) + special.xlog1py(people - a, -p))
        slope = (weight[rows] * fall).sum(axis=1)
        return np.log(np.maximum(value, 1e-300) / tail), slope / np.maximum(value, 1e-300)

    reachable = weight.sum(axis=1) > tail
    p1 = np.full(p2.size, np.inf)
    some = np.flatnonzero(reachable)
    if some.size:
        bottom, top = np.full(some.size, 1e-12), np.full(some.size, 1 - 1e-15)
        p1[some] = increasing_root(lambda t, rows: function(t, some[rows]), bottom, top)
    return p1
