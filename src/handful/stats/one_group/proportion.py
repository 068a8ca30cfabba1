"""Intervals for one proportion: x of n."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import special

from handful.base.notes import Note
from handful.stats.checked import Given, choice, distinct, events_and_totals, level_and_side
from handful.stats.distributions.normal import normal_quantile
from handful.stats.one_group.binomial_tails import at_least, at_most, density
from handful.stats.one_group.rule_of_three import none_or_all
from handful.stats.results import Interval, NotEstimable
from handful.stats.roots import increasing_root

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    #: (x, n, probability beyond the limit) -> lower limit; the upper one is the mirror image 1 - lower(n - x, n)
    Lower: TypeAlias = Callable[[Array, Array, float], Array]


def proportion(
    x: Any, n: Any, *, method: str = "clopper-pearson", level: float = 0.95, side: str = "two"
) -> Interval | NotEstimable:
    """The interval for a probability from ``x`` events in ``n`` people.

    Model: x ~ Binomial(n, p). With alpha = 1 - level, and z the normal quantile at 1 - alpha/2:

    ========================  =========================================================================================
    ``clopper-pearson``       P(X >= x; L) = alpha/2, P(X <= x; U) = alpha/2: never covers less than ``level`` (default)
    ``mid-p``                 the same with half the probability of x itself; shorter, nearly always enough
    ``blaker``                inversion of Blaker's acceptability; exact, always inside Clopper-Pearson
    ``wilson``                (p - pi)^2 <= z^2 pi (1 - pi)/n solved for pi; right on average over p
    ``wilson-cc``             the same with |p - pi| reduced by 1/(2n); as R's ``prop.test``, which leaves the
                              reduction out at x = n/2 (``wilson-cc-newcombe`` keeps it everywhere)
    ``agresti-coull``         Wald after adding z^2/2 to x and z^2 to n
    ``plus-four``             Wald after adding 2 to x and 4 to n, the rounder rule of the same authors
    ``jeffreys``              Beta(x + 1/2, n - x + 1/2) quantiles; L = 0 at x = 0, U = 1 at x = n
    ``likelihood-ratio``      2 (l(p) - l(pi)) <= z^2
    ``arcsine``               sin^2(arcsin sqrt((x + 3/8)/(n + 3/4)) -+ z/(2 sqrt n)) (Anscombe)
    ``wald``                  p -+ z sqrt(p (1 - p)/n); for reproducing other people's numbers only
    ========================  =========================================================================================

    Parameters: ``x`` and ``n`` are whole numbers or array-likes of them, broadcast together. ``side="upper"``
    (``"lower"``) gives one bound at the full level: 0 of 4 has the one-sided 95 % upper bound 1 - 0.05^(1/4) = 0.527.

    Edges: limits are cut to [0, 1]. 0 of n has low = 0 exactly and n of n has high = 1 (Wald excepted, whose zero
    width at the ends is its known fault; below five events or non-events it carries a note). Beside 0 of n and n of n,
    given as single numbers, stands a note with the exact one-sided bound and what the rule of three is worth there
    (:mod:`handful.stats.one_group.rule_of_three`). n = 0 gives :class:`NotEstimable`; within an array it gives the
    whole range, the middle as its estimate, and a note naming the positions. One-sided ``blaker`` is one-sided
    Clopper-Pearson, since the other tail is what Blaker adds.

    Raises: :class:`~handful.base.errors.InputError` naming every bad position (not whole, negative, x > n, not a
    number, a level outside 0 to 1); :class:`~handful.base.errors.UnknownChoice` for a method or side that does not
    exist.

    References: Clopper, Pearson 1934, doi:10.1093/biomet/26.4.404; Wilson 1927, doi:10.1080/01621459.1927.10502953;
    Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E; Agresti, Coull 1998,
    doi:10.1080/00031305.1998.10480550; Blaker 2000, doi:10.2307/3315916; Brown, Cai, DasGupta 2001,
    doi:10.1214/ss/1009213286; Anscombe 1948, doi:10.1093/biomet/35.3-4.246.

    >>> print(proportion(1, 4))
    0.25 (0.006309 to 0.8059), 95 % clopper-pearson
    """
    named = choice("method", method, tuple(METHODS))
    confidence, picked, tail = level_and_side(level, side)
    given = events_and_totals(x=x, n=n)
    events, totals = given.values
    empty = totals == 0
    if given.scalar and empty[0]:
        return NotEstimable("no people: 0 of 0 says nothing about a proportion")
    people = np.where(empty, 1.0, totals)
    lower = METHODS[named]
    if named == "blaker" and picked != "two":
        lower = clopper_pearson_lower
    # tiny counts repeat: each different table is solved once
    (events_once, people_once), back = distinct(events, people)
    size = people_once.size
    low = np.zeros(size) if picked == "upper" else lower(events_once, people_once, tail)
    high = np.ones(size) if picked == "lower" else 1 - lower(people_once - events_once, people_once, tail)
    low, high = np.clip(low, 0, 1)[back], np.clip(high, 0, 1)[back]
    estimate = events / people
    for array, value in ((estimate, 0.5), (low, 0.0), (high, 1.0)):
        array[empty] = value
    notes = _notes(named, picked, confidence, given, empty)
    return Interval(given.back(estimate), given.back(low), given.back(high), confidence, named, picked, notes)


# --- lower limits -----------------------------------------------------------------------------------------------------


def clopper_pearson_lower(x: Array, n: Array, tail: float) -> Array:
    """The p with P(X >= x; p) = tail; 0 at x = 0."""
    some = x > 0
    low = np.zeros(x.size)
    low[some] = special.betaincinv(x[some], n[some] - x[some] + 1, tail)
    return low


def mid_p_lower(x: Array, n: Array, tail: float) -> Array:
    """Root of P(X > x; L) + P(X = x; L)/2 = tail. It lies between the roots of P(X >= x) = tail and P(X > x) = tail."""
    low = np.zeros(x.size)
    full = (x == n) & (x > 0)
    low[full] = np.exp(np.log(2 * tail) / n[full]) if tail < 0.5 else 1.0
    inner = np.flatnonzero((x > 0) & (x < n))
    if inner.size == 0:
        return low
    k, m = x[inner], n[inner]
    bottom, top = special.betaincinv(k, m - k + 1, tail), special.betaincinv(k + 1, m - k, tail)

    def function(p: Array, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        a, b = k[rows], m[rows]
        value = 0.5 * (at_least(a, b, p) + at_least(a + 1, b, p))
        slope = 0.5 * (a * density(a, b, p) / p + (b - a) * density(a, b, p) / (1 - p))
        return np.log(value / tail), slope / value

    low[inner] = increasing_root(function, bottom, top)
    return low


def blaker_lower(x: Array, n: Array, tail: float) -> Array:
    """The least p with acceptability above alpha = 2 tail, found without a search over the steps.

    Near the lower end the acceptability is P(X >= x; p) + P(X <= k; p), with k the largest for which the second term
    is at most the first. It jumps up where k grows by one, at b_k: P(X <= k; b_k) = P(X >= x; b_k), and there its
    value is twice either term. So the first jump to reach alpha is the first b_k beyond the Clopper-Pearson limit p0,
    that is the first k with P(X <= k; p0) >= alpha/2; and the limit is that b_k, unless the rising piece before it
    reaches alpha earlier.
    """
    low = np.zeros(x.size)
    some = np.flatnonzero(x > 0)
    if some.size == 0:
        return low
    a, m = x[some], n[some]
    start = special.betaincinv(a, m - a + 1, tail)
    k = _first_above(a, m, start, tail)

    def meet(t: Array, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        up, down = at_least(a[rows], m[rows], t), at_most(k[rows], m[rows], t)
        slope = (
            a[rows] * density(a[rows], m[rows], t) + (m - k)[rows] * density(k[rows], m[rows], t) * t / (1 - t)
        ) / t
        return up - down, slope

    # P(X <= x - 1) = 1/2 is the last meeting point
    jump = increasing_root(meet, start, special.betaincinv(a, m - a + 1, 0.5))
    # with k = 0 the piece before the jump is P(X >= x) alone
    none = k == 0
    jump[none] = np.minimum(jump[none], special.betaincinv(a[none], m[none] - a[none] + 1, 2 * tail))
    before = at_least(a, m, jump) + at_most(k - 1, m, jump)
    early = np.flatnonzero((before >= 2 * tail) & ~none)

    def rising(t: Array, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        i = early[rows]
        up, down = at_least(a[i], m[i], t), at_most(k[i] - 1, m[i], t)
        slope = (a[i] * density(a[i], m[i], t) - (m[i] - k[i] + 1) * density(k[i] - 1, m[i], t) * t / (1 - t)) / t
        return up + down - 2 * tail, slope

    jump[early] = increasing_root(rising, start[early], jump[early])
    low[some] = jump
    return low


def _first_above(x: Array, n: Array, p: Array, tail: float) -> Array:
    """The smallest k with P(X <= k; p) >= tail, where P(X >= x; p) = tail; by halving, so that no rounding can
    mislead."""
    below, above = np.full(x.size, -1.0), x - 1
    while np.any(above - below > 1):
        middle = np.floor((below + above) / 2)
        enough = at_most(middle, n, p) >= tail * (1 - 1e-13)
        move = above - below > 1
        above = np.where(move & enough, middle, above)
        below = np.where(move & ~enough, middle, below)
    return above


def _wilson(x: Array, n: Array, tail: float) -> Array:
    z = normal_quantile(tail)
    # the lower root as product/(sum + root), which loses nothing near 0
    centre, root = x + z * z / 2, z * np.sqrt(x * (n - x) / n + z * z / 4)
    return _smaller(centre, root, x * x / n, n + z * z, z)


def _smaller(centre: Array, root: Array, product: Array, scale: Array, z: float) -> Array:
    if z < 0:  # a bound at a level under one half lies above the estimate
        return (centre - root) / scale
    return product / (centre + root)


def _wilson_cc_newcombe(x: Array, n: Array, tail: float) -> Array:
    return _wilson_reduced(x, n, tail, np.full(x.size, 0.5))


def _wilson_cc(x: Array, n: Array, tail: float) -> Array:
    return _wilson_reduced(x, n, tail, np.minimum(0.5, np.abs(x - n / 2)))


def _wilson_reduced(x: Array, n: Array, tail: float, reduction: Array) -> Array:
    z = normal_quantile(tail)
    k = x - reduction
    inside = np.maximum(k * (n - k) / n + z * z / 4, 0)
    low = (k + z * z / 2 - z * np.sqrt(inside)) / (n + z * z)
    return np.where(x == 0, 0.0, np.maximum(low, 0))


def _agresti_coull(x: Array, n: Array, tail: float) -> Array:
    z = normal_quantile(tail)
    return _wald_after_adding(x, n, z, z * z / 2)


def _plus_four(x: Array, n: Array, tail: float) -> Array:
    return _wald_after_adding(x, n, normal_quantile(tail), 2.0)


def _wald(x: Array, n: Array, tail: float) -> Array:
    return _wald_after_adding(x, n, normal_quantile(tail), 0.0)


def _wald_after_adding(x: Array, n: Array, z: float, extra: float) -> Array:
    people = n + 2 * extra
    p = (x + extra) / people
    return p - z * np.sqrt(p * (1 - p) / people)


def _jeffreys(x: Array, n: Array, tail: float) -> Array:
    return np.where(x == 0, 0.0, special.betaincinv(x + 0.5, n - x + 0.5, tail))


def _arcsine(x: Array, n: Array, tail: float) -> Array:
    angle = np.arcsin(np.sqrt((x + 0.375) / (n + 0.75))) - normal_quantile(tail) / (2 * np.sqrt(n))
    return np.where(x == 0, 0.0, np.sin(np.clip(angle, 0, np.pi / 2)) ** 2)


def _likelihood_ratio(x: Array, n: Array, tail: float) -> Array:
    """Root in p of the signed root of the likelihood ratio, sign(x/n - p) sqrt(2 (l(x/n) - l(p))) = z."""
    z = normal_quantile(tail)
    low = np.zeros(x.size)
    some = np.flatnonzero(x > 0)
    a, m = x[some], n[some]
    peak = special.xlogy(a, a / m) + special.xlog1py(m - a, -a / m)

    def function(t: Array, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        p = special.expit(t)
        fall = peak[rows] - (a[rows] * -np.logaddexp(0, -t) + (m - a)[rows] * -np.logaddexp(0, t))
        side = np.where(p <= a[rows] / m[rows], 1.0, -1.0)
        return z * abs(z) / 2 - side * np.maximum(fall, 0), np.abs(a[rows] - m[rows] * p)

    # l falls by at least n times what log p loses: p >= p_hat exp(-z^2/(2x)) is a safe bottom
    middle = special.logit(np.clip(a / m, 1e-300, 1 - 1e-16))
    if z >= 0:
        bottom = middle - z * z / (2 * a) * 2 - 2 * z / np.sqrt(a) - 40
        top = middle
    else:
        bottom, top = middle, np.full(a.size, 700.0)
    low[some] = special.expit(increasing_root(function, bottom, top))
    return low


#: name -> lower limit
METHODS: dict[str, Lower] = {
    "clopper-pearson": clopper_pearson_lower,
    "mid-p": mid_p_lower,
    "blaker": blaker_lower,
    "wilson": _wilson,
    "wilson-cc": _wilson_cc,
    "wilson-cc-newcombe": _wilson_cc_newcombe,
    "agresti-coull": _agresti_coull,
    "plus-four": _plus_four,
    "jeffreys": _jeffreys,
    "likelihood-ratio": _likelihood_ratio,
    "arcsine": _arcsine,
    "wald": _wald,
}


def _notes(method: str, side: str, level: float, given: Given, empty: npt.NDArray[np.bool_]) -> tuple[Note, ...]:
    notes: list[Note] = []
    x, n = given.values
    if empty.any():
        notes.append(
            Note(
                "no-people",
                "0 of 0: the interval is the whole range and the estimate only its middle",
                given.positions(empty),
            )
        )
    few = (np.minimum(x, n - x) < 5) & ~empty
    if method == "wald" and few.any():
        about = "" if given.scalar else given.positions(few)
        notes.append(
            Note("wald-small-counts", "Wald limits are not to be trusted with fewer than 5 events or non-events", about)
        )
    if given.scalar and side == "two":
        notes += none_or_all(float(x[0]), float(n[0]), level)
    if method == "blaker" and side != "two":
        notes.append(Note("one-sided-blaker", "a one-sided Blaker bound is the one-sided Clopper-Pearson bound"))
    return tuple(notes)
