"""Unconditional exact tests of two proportions: Boschloo's and Barnard's, for one table or all of them.

The p-value of a table is the largest probability, over the common proportion p, of all tables at least as extreme:

    P(x1, x2) = max over p in [0, 1] of  sum of C(n1, a) C(n2, b) p^(a + b) (1 - p)^(N - a - b)  over T(a, b) >= T(x1,
    x2).

*Boschloo* orders tables by Fisher's p-value (one- or two-sided as the alternative asks), *Barnard* by the pooled z
statistic (its square for two sides; 0/0 counts as 0), ``barnard-unpooled`` by the unpooled one.

How it is computed. The probability depends on a table only through s = a + b, so a rejection region is N + 1 numbers:
the share c_s of C(N, s) that it holds. The sum is then the Bernstein polynomial of degree N with coefficients c_s.
All regions of one (n1, n2) come from one sort and one cumulative sum, their values on a grid from one matrix product;
the best two local maxima of each are polished by Newton's method (to a relative 1e-11). For two sides c_s = c_(N -
s), so half of [0, 1] is enough.

Ties decide. Equal values of z^2 are equal as rationals, and the floating-point quotients of equal rationals with
exactly representable parts are the same number, so they tie exactly; Fisher's p-values are compared with a relative
tolerance of 1e-11, far above their rounding error.

References: Boschloo 1970, doi:10.1111/j.1467-9574.1970.tb00104.x; Barnard 1947, doi:10.1093/biomet/34.1-2.123;
Suissa, Shuster 1985, doi:10.2307/2981892; Mehrotra, Chan, Berger 2003, doi:10.1111/1541-0420.00051; Lydersen,
Fagerland, Laake 2009, doi:10.1002/sim.3531.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import special

from handful.base.errors import InputError
from handful.stats.checked import distinct

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Places: TypeAlias = npt.NDArray[np.intp]

#: Fisher's p-values closer than this, relatively, are tied
TIED = 1e-11

#: this many numbers are held at once
_CELLS = 4_000_000


#: more tables, or more people, than this are not listed: time and memory would be out of proportion
MOST_TABLES, MOST_PEOPLE = 4_000_000, 12_000


def refuse_too_many(n1: Array, n2: Array) -> None:
    """:class:`InputError` where a pair of groups has more tables than can be listed in reasonable time and memory."""
    too_many = np.flatnonzero(((n1 + 1) * (n2 + 1) > MOST_TABLES) | (n1 + n2 > MOST_PEOPLE))
    if too_many.size:
        at = too_many[0]
        raise InputError(
            f"unconditional exact inference lists every table; groups of {n1[at]:.0f} and {n2[at]:.0f} have too many",
            hint=f"at most {MOST_TABLES} tables and {MOST_PEOPLE} people; with so many people use "
            'test="fisher-mid-p" or "score", and the score limits',
        )


def unconditional_p(x1: Array, n1: Array, x2: Array, n2: Array, *, order: str, alternative: str) -> Array:
    """p-values of tables (flat arrays, n >= 1), solved once per different table and with one sort per pair of group
    sizes.

    ``order`` is ``boschloo``, ``barnard`` or ``barnard-unpooled``; ``alternative`` is ``two-sided``, ``greater`` (p1
    > p2) or
    ``less``.
    """
    refuse_too_many(n1, n2)
    (a, m, b, k), back = distinct(x1, n1, x2, n2)
    p = np.empty(a.size)
    sizes = m * (k.max(initial=0) + 1) + k
    by_pair = np.argsort(sizes, kind="stable")
    for rows in np.split(by_pair, np.flatnonzero(np.diff(sizes[by_pair])) + 1):
        if rows.size:
            pair = int(m[rows[0]]), int(k[rows[0]])
            p[rows] = _one_pair(*pair, a[rows].astype(np.intp), b[rows].astype(np.intp), order, alternative)
    return p[back]


def all_tables_p(n1: int, n2: int, *, order: str = "boschloo", alternative: str = "two-sided") -> Array:
    """The p-values of every table of two groups, as an (n1 + 1, n2 + 1) array indexed by the two numbers of events."""
    a, b = np.divmod(np.arange((n1 + 1) * (n2 + 1)), n2 + 1)
    return _one_pair(n1, n2, a, b, order, alternative).reshape(n1 + 1, n2 + 1)


def _one_pair(n1: int, n2: int, a: Places, b: Places, order: str, alternative: str) -> Array:
    key = extremeness(n1, n2, order, alternative).reshape(-1)
    sequence = np.argsort(key, kind="stable")
    ordered = key[sequence]
    bound = ordered[:-1] * (1 + TIED) if order == "boschloo" else ordered[:-1]
    last = np.append(np.flatnonzero(ordered[1:] > bound), ordered.size - 1)
    rank = np.empty(key.size, dtype=np.intp)
    rank[sequence] = np.repeat(np.arange(last.size), np.diff(last, prepend=-1))
    wanted, back = np.unique(rank[a * (n2 + 1) + b], return_inverse=True)
    symmetric = alternative == "two-sided"
    p = np.empty(wanted.size)
    step = max(1, _CELLS // (6 * (n1 + n2) + 16))
    for start in range(0, wanted.size, step):
        part = wanted[start : start + step]
        p[start : start + step] = _largest(_regions(n1, n2, sequence, last[part]), symmetric)
    return np.clip(p, 0, 1)[back.reshape(-1)]


# --- how extreme each table is (smaller is more extreme) --------------------------------------------------------------


def extremeness(n1: int, n2: int, order: str, alternative: str) -> Array:
    """For every table (n1 + 1, n2 + 1) a number that is smaller the more extreme the table is."""
    if order == "boschloo":
        return _fisher_all(n1, n2, alternative)
    a, b = np.arange(n1 + 1.0)[:, None], np.arange(n2 + 1.0)[None, :]
    difference = a * n2 - b * n1
    if order == "barnard":
        s = a + b
        square = np.divide(difference**2, s * (n1 + n2 - s), out=np.zeros(difference.shape), where=difference != 0)
    else:
        spread = a * (n1 - a) * float(n2) ** 3 + b * (n2 - b) * float(n1) ** 3
        out = np.where(difference == 0, 0.0, np.inf)
        square = np.divide(difference**2, spread, out=out, where=(difference != 0) & (spread > 0))
    if alternative == "two-sided":
        turned: Array = -square
        return turned
    signed: Array = np.copysign(square, difference)
    return -signed if alternative == "greater" else signed


def _fisher_all(n1: int, n2: int, alternative: str) -> Array:
    """Fisher's p-value of every table; the work is laid out along the smaller group."""
    if n1 > n2:
        turned = {"greater": "less", "less": "greater"}.get(alternative, alternative)
        return _fisher_all(n2, n1, turned).T
    mass, place = _by_margin(n1, n2)
    if alternative == "greater":
        p = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]
    elif alternative == "less":
        p = np.cumsum(mass, axis=1)
    else:
        p = _at_most_as_likely(mass)
    table: Array = p[place, np.arange(n1 + 1)[:, None]]
    return np.minimum(table, 1.0)


def _by_margin(n1: int, n2: int) -> tuple[Array, Places]:
    """P(first group has a of the s events) as an (N + 1, n1 + 1) array, zero outside the support, and s = a + b per
    table."""
    place = np.arange(n1 + 1)[:, None] + np.arange(n2 + 1)[None, :]
    mass = np.zeros((n1 + n2 + 1, n1 + 1))
    log = _log_choose(n1)[:, None] + _log_choose(n2)[None, :] - _log_choose(n1 + n2)[place]
    mass[place, np.arange(n1 + 1)[:, None]] = np.exp(log)
    return mass, place


def _at_most_as_likely(mass: Array) -> Array:
    """Row by row, for each entry the sum of all entries at most as large; ties by the tolerance."""
    sequence = np.argsort(mass, axis=1)
    ordered = np.take_along_axis(mass, sequence, axis=1)
    total = np.cumsum(ordered, axis=1)
    width = mass.shape[1]
    ends = np.ones(mass.shape, dtype=bool)
    ends[:, :-1] = ordered[:, 1:] > ordered[:, :-1] * (1 + TIED)
    last = np.where(ends, np.arange(width), width)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    out = np.empty(mass.shape)
    np.put_along_axis(out, sequence, np.take_along_axis(total, last, axis=1), axis=1)
    return out


@lru_cache(maxsize=256)
def _log_choose(n: int) -> Array:
    """log C(n, 0..n) from exact whole numbers."""
    row, value = [0.0], 1
    for k in range(1, n + 1):
        value = value * (n - k + 1) // k
        row.append(math.log(value))
    out = np.array(row)
    out.setflags(write=False)
    return out


# --- the regions and their largest probability ------------------------------------------------------------------------


def _regions(n1: int, n2: int, sequence: Places, last: Places) -> Array:
    """c_s of each region: the tables of ``sequence`` up to each of ``last`` (increasing), as rows of N + 1 numbers."""
    a, b = np.divmod(sequence, n2 + 1)
    s = a + b
    weight = np.exp(_log_choose(n1)[a] + _log_choose(n2)[b] - _log_choose(n1 + n2)[s])
    out = np.empty((last.size, n1 + n2 + 1))
    running = np.zeros(n1 + n2 + 1)
    first = 0
    if sequence.size <= 64 * last.size and sequence.size * (n1 + n2 + 1) <= _CELLS:
        every = np.zeros((sequence.size, n1 + n2 + 1))
        every[np.arange(sequence.size), s] = weight
        picked: Array = np.cumsum(every, axis=0)[last]
        return picked
    for row, end in enumerate(last):
        part = slice(first, end + 1)
        running = running + np.bincount(s[part], weight[part], minlength=running.size)
        out[row], first = running, end + 1
    return out


def _largest(c: Array, symmetric: bool) -> Array:
    """The maximum over p in [0, 1] of sum of c_s times the binomial probability of s, for each row of ``c``."""
    angle, basis = _grid(c.shape[1] - 1, symmetric)
    value = _values(c, basis, symmetric)
    rows, end = np.arange(c.shape[0]), angle.size - 1
    spacing = float(angle[1] - angle[0])
    place = value.argmax(axis=1)
    best: Array = value[rows, place]
    start, _ = _parabola(value, rows, place, symmetric)
    best = np.maximum(best, _polish(c, angle[place] + start * spacing))
    # the next best local maximum, wherever the parabola through it comes near
    value[rows, place] = -1.0
    peak = np.zeros(value.shape, dtype=bool)
    np.greater_equal(value[:, 1:-1], value[:, :-2], out=peak[:, 1:-1])
    peak[:, 1:-1] &= value[:, 1:-1] >= value[:, 2:]
    peak[:, 0], peak[:, end] = value[:, 0] >= value[:, 1], value[:, end] >= value[:, end - 1]
    for offset in (-1, 1):  # neighbours of the best point are its flanks, not peaks
        peak[rows, np.clip(place + offset, 0, end)] = False
    np.multiply(value, peak, out=value, where=peak | (value > 0))
    second = value.argmax(axis=1)
    height = value[rows, second]
    some = np.flatnonzero(height > best - 0.04)
    if some.size:
        full = _values(c[some], basis, symmetric)
        start, gain = _parabola(full, np.arange(some.size), second[some], symmetric)
        near = height[some] + 2 * gain + 1e-9 > best[some]
        some, start = some[near], start[near]
        if some.size:
            best[some] = np.maximum(best[some], _polish(c[some], angle[second[some]] + start * spacing))
    return best


def _values(c: Array, basis: Array, symmetric: bool) -> Array:
    """The polynomials on the grid; with c_s = c_(N - s) the two halves of the basis are added first, by
    :func:`_make_grid`."""
    value: Array = c[:, : basis.shape[0]] @ basis if symmetric else c @ basis
    return value


def _parabola(value: Array, rows: Places, place: Places, symmetric: bool) -> tuple[Array, Array]:
    """Through three grid values: where its top lies, in steps from the middle one, and how much higher it is."""
    end = value.shape[1] - 1
    left = value[rows, np.abs(place - 1)]
    right = value[rows, np.where(place < end, place + 1, end - 1 if symmetric else end)]
    middle = value[rows, place]
    bend = np.maximum(2 * middle - left - right, 1e-300)
    slope = right - left
    return np.clip(slope / (2 * bend), -1, 1), np.minimum(slope * slope / (8 * bend), 1.0)


def _grid(degree: int, symmetric: bool) -> tuple[Array, Array]:
    return _small_grid(degree, symmetric) if degree <= 600 else _make_grid(degree, symmetric)


@lru_cache(maxsize=64)
def _small_grid(degree: int, symmetric: bool) -> tuple[Array, Array]:
    return _make_grid(degree, symmetric)


def _make_grid(degree: int, symmetric: bool) -> tuple[Array, Array]:
    """Angles t in [0, pi] (half of it if symmetric) with p = sin^2(t/2), and the binomial probabilities there.

    In t the binomial proportion has the standard deviation 1/sqrt(N) wherever p is, and a Bernstein polynomial has no
    finer detail than that: the spacing is a seventh of it, or the half wavelength of degree N where that is wider.
    """
    points = min(2 * degree + 17, int(24 * math.sqrt(degree)) + 17) | 1
    angle = np.linspace(0, math.pi, points)
    if symmetric:
        angle = angle[: points // 2 + 1]
    s = np.arange(degree + 1.0)[:, None]
    p, q = np.sin(angle / 2) ** 2, np.cos(angle / 2) ** 2
    basis = np.exp(_log_choose(degree)[:, None] + special.xlogy(s, p) + special.xlogy(degree - s, q))
    if symmetric:
        half = degree // 2 + 1
        folded = basis[:half] + basis[::-1][:half]
        if degree % 2 == 0:
            folded[-1] = basis[half - 1]
        basis = folded
    return angle, basis


def _polish(c: Array, angle: Array) -> Array:
    """The largest value met by Newton's method for the logit of p, from a start close to a maximum."""
    degree = c.shape[1] - 1
    s = np.arange(degree + 1.0)
    log_choose = _log_choose(degree)
    t = 2 * np.log(np.tan(np.clip(np.abs(angle), 1e-9, math.pi - 1e-9) / 2))
    best = np.zeros(c.shape[0])
    rows = np.arange(c.shape[0])
    for round_ in range(12):
        at = t[rows]
        log_q = -np.logaddexp(0, at)
        term = s * at[:, None] + (degree * log_q)[:, None]
        term += log_choose
        np.exp(term, out=term)
        term *= c[rows]
        value, first, second = term.sum(axis=1), term @ s, term @ (s * s)
        best[rows] = np.maximum(best[rows], value)
        p = np.exp(at + log_q)
        mean, spread = degree * p, degree * p * np.exp(log_q)
        first, second = first - mean * value, second - 2 * mean * first + (mean * mean - spread) * value
        usable = second < 0
        # where the curve bends upwards, uphill; from the dip at p = 1/2 that a symmetric curve may have, to either side
        uphill = np.where(first >= 0, -0.2, 0.2)
        step = np.clip(np.where(usable, first / np.where(usable, second, -1.0), uphill), -0.5, 0.5)
        # what is left to gain is about half of step times slope
        going = np.abs(step * first) > 1e-11 * value
        if round_ == 0:
            going |= ~usable
        t[rows] = at - step
        rows = rows[going]
        if rows.size == 0:
            break
    return best
