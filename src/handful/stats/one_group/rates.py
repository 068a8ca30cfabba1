"""Intervals for one rate: events per person-time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import special

from handful.base.notes import Note
from handful.stats.checked import choice, distinct, events_and_times, level_and_side
from handful.stats.distributions.normal import normal_quantile
from handful.stats.one_group.rule_of_three import no_events
from handful.stats.results import Interval, NotEstimable
from handful.stats.roots import increasing_root

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    #: (events, probability beyond the limit) -> limit of the expected number of events
    Limit: TypeAlias = Callable[[Array, float], Array]


def rate(
    events: Any, time: Any, *, method: str = "garwood", level: float = 0.95, side: str = "two"
) -> Interval | NotEstimable:
    """The interval for a rate from ``events`` in ``time`` (person-years, patient-months: the rate is per that unit).

    Model: x ~ Poisson(m), m = rate * time. With alpha = 1 - level and z the normal quantile at 1 - alpha/2, limits of
    m:

    ==============  ====================================================================================================
    ``garwood``     chi-squared quantiles, q(alpha/2; 2x)/2 and q(1 - alpha/2; 2x + 2)/2: exact (default)
    ``mid-p``       the same tails with half the probability of x itself
    ``score``       (x - m)^2 = z^2 m: x + z^2/2 -+ z sqrt(x + z^2/4)
    ``jeffreys``    Gamma(x + 1/2) quantiles, low = 0 at x = 0
    ``byar``        Wilson and Hilferty's cube root for Garwood's quantiles
    ``log``         x exp(-+ z/sqrt(x)); 0 to infinity at x = 0
    ``wald``        x -+ z sqrt(x); for reproducing other people's numbers only
    ==============  ====================================================================================================

    Edges: no events give low = 0 and, exactly, the upper bound 3.00/time one-sided (the rule of
    three, told in a note) and 3.69/time two-sided. No time
    and no events is :class:`NotEstimable` (within an array: 0 to infinity, estimate 0, and a note naming the
    positions). Low is never negative. ``side="upper"`` and ``"lower"`` give one bound at the full level.

    Raises: :class:`~handful.base.errors.InputError` naming every bad position (events not whole or negative, time
    negative or not finite, events in no time); :class:`~handful.base.errors.UnknownChoice`.

    References: Garwood 1936, doi:10.1093/biomet/28.3-4.437; Barker 2002, doi:10.1198/000313002317572736 (a
    comparison); Breslow, Day 1987, IARC Scientific Publications 82, 2.3 (Byar).

    >>> print(rate(2, 31.5))
    0.06349 (0.007689 to 0.2294), 95 % garwood
    """
    named = choice("method", method, tuple(METHODS))
    confidence, picked, tail = level_and_side(level, side)
    given = events_and_times(events=events, time=time)
    x, t = given.values
    empty = t == 0
    if given.scalar and empty[0]:
        return NotEstimable("no time was observed, so a rate cannot be given")
    units = np.where(empty, 1.0, t)
    lower, upper = METHODS[named]
    (once,), back = distinct(x)
    low = np.zeros(x.size) if picked == "upper" else np.maximum(lower(once, tail), 0)[back] / units
    high = np.full(x.size, np.inf) if picked == "lower" else np.maximum(upper(once, tail), 0)[back] / units
    estimate = x / units
    high[empty] = np.inf
    low[empty] = 0.0
    notes: list[Note] = []
    if given.scalar and x[0] == 0 and picked == "two":
        notes += no_events(float(t[0]), confidence)
    if empty.any():
        notes.append(
            Note(
                "no-time",
                "no time observed: the interval is 0 to infinity and the estimate, 0, says nothing",
                given.positions(empty),
            )
        )
    few = (x < 5) & ~empty
    if named == "wald" and few.any():
        about = "" if given.scalar else given.positions(few)
        notes.append(Note("wald-small-counts", "Wald limits are not to be trusted with fewer than 5 events", about))
    return Interval(given.back(estimate), given.back(low), given.back(high), confidence, named, picked, tuple(notes))


# --- limits of the expected number of events --------------------------------------------------------------------------


def _garwood_low(x: Array, tail: float) -> Array:
    return np.where(x > 0, special.gammaincinv(np.maximum(x, 1), tail), 0.0)


def _garwood_high(x: Array, tail: float) -> Array:
    limit: Array = special.gammainccinv(x + 1, tail)
    return limit


def _mid_p_low(x: Array, tail: float) -> Array:
    """Root of P(X > x; m) + P(X = x; m)/2 = tail; 0 at x = 0, where there is none."""
    low = np.zeros(x.size)
    some = x > 0
    k = x[some]

    def function(m: Array, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        a = k[rows]
        value = 0.5 * (special.gammainc(a, m) + special.gammainc(a + 1, m))
        slope = 0.5 * _density(a, m) * (a / m + 1)
        return np.log(value / tail), slope / value

    low[some] = increasing_root(function, special.gammaincinv(k, tail), special.gammaincinv(k + 1, tail))
    return low


def _mid_p_high(x: Array, tail: float) -> Array:
    """Root of P(X < x; m) + P(X = x; m)/2 = tail."""
    bottom = np.where(x > 0, special.gammainccinv(np.maximum(x, 1), tail), 0.0)
    top = special.gammainccinv(x + 1, tail)

    def function(m: Array, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        a = x[rows]
        below = np.where(a > 0, special.gammaincc(np.maximum(a, 1), m), 0.0)
        value = 0.5 * (below + special.gammaincc(a + 1, m))
        slope = 0.5 * _density(a, m) * (a / m + 1)
        return -np.log(value / tail), slope / value

    zero = x == 0
    limit = np.empty(x.size)
    limit[zero] = -np.log(2 * tail) if tail < 0.5 else 0.0
    rest = np.flatnonzero(~zero)
    limit[rest] = increasing_root(lambda m, rows: function(m, rest[rows]), bottom[rest], top[rest])
    return limit


def _density(x: Array, m: Array) -> Array:
    probability: Array = np.exp(special.xlogy(x, m) - m - special.gammaln(x + 1))
    return probability


def _score_low(x: Array, tail: float) -> Array:
    z = normal_quantile(tail)
    centre, root = x + z * z / 2, z * np.sqrt(x + z * z / 4)
    return x * x / (centre + root) if z >= 0 else centre - root


def _score_high(x: Array, tail: float) -> Array:
    z = normal_quantile(tail)
    return x + z * z / 2 + z * np.sqrt(x + z * z / 4)


def _jeffreys_low(x: Array, tail: float) -> Array:
    return np.where(x > 0, special.gammaincinv(x + 0.5, tail), 0.0)


def _jeffreys_high(x: Array, tail: float) -> Array:
    limit: Array = special.gammainccinv(x + 0.5, tail)
    return limit


def _byar_low(x: Array, tail: float) -> Array:
    k = np.maximum(x, 1)
    return np.where(x > 0, k * np.maximum(1 - 1 / (9 * k) - normal_quantile(tail) / (3 * np.sqrt(k)), 0) ** 3, 0.0)


def _byar_high(x: Array, tail: float) -> Array:
    k = x + 1
    limit: Array = k * np.maximum(1 - 1 / (9 * k) + normal_quantile(tail) / (3 * np.sqrt(k)), 0) ** 3
    return limit


def _log_low(x: Array, tail: float) -> Array:
    limit: Array = x * np.exp(-normal_quantile(tail) / np.sqrt(np.maximum(x, 1)))
    return limit


def _log_high(x: Array, tail: float) -> Array:
    return np.where(x > 0, x * np.exp(normal_quantile(tail) / np.sqrt(np.maximum(x, 1))), np.inf)


def _wald_low(x: Array, tail: float) -> Array:
    return x - normal_quantile(tail) * np.sqrt(x)


def _wald_high(x: Array, tail: float) -> Array:
    return x + normal_quantile(tail) * np.sqrt(x)


#: name -> limits of the expected number of events
METHODS: dict[str, tuple[Limit, Limit]] = {
    "garwood": (_garwood_low, _garwood_high),
    "mid-p": (_mid_p_low, _mid_p_high),
    "score": (_score_low, _score_high),
    "jeffreys": (_jeffreys_low, _jeffreys_high),
    "byar": (_byar_low, _byar_high),
    "log": (_log_low, _log_high),
    "wald": (_wald_low, _wald_high),
}
