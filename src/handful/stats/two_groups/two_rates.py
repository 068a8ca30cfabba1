"""Two groups observed for some time, events counted: the rate ratio given the number of events in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import special

from handful.base.notes import Note
from handful.stats.checked import Given, choice, events_and_times, level_and_side
from handful.stats.one_group.binomial_tails import at_least, at_most, density
from handful.stats.one_group.proportion import blaker_lower, clopper_pearson_lower, mid_p_lower
from handful.stats.results import Interval, NotEstimable

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]

_METHODS = {"conditional-exact": clopper_pearson_lower, "mid-p": mid_p_lower, "blaker": blaker_lower}
_TESTS = ("central", "minlike", "blaker", "central-mid-p")

#: probabilities closer than this, relatively, count as equal
_SAME = 1e-10


def two_rates(events1: Any, time1: Any, events2: Any, time2: Any) -> TwoRates:
    """``events1`` in ``time1`` against ``events2`` in ``time2`` (one unit of time for both); array-likes are broadcast.

    Raises: :class:`~handful.base.errors.InputError` naming every bad position.

    >>> print(two_rates(6, 60.5, 2, 121).rate_ratio())
    6 (1.073 to 60.79), 95 % conditional-exact
    """
    given = events_and_times(events1=events1, time1=time1, events2=events2, time2=time2)
    return TwoRates(given)


@dataclass(frozen=True, eq=False)
class TwoRates:
    """Given s = x1 + x2 events in all, x1 ~ Binomial(s, pi) with pi/(1 - pi) = ratio * t1/t2: one proportion again.

    No events at all, or a group without any time, says nothing about a ratio: 0 to infinity with a note (no time,
    single numbers: :class:`~handful.stats.results.NotEstimable`).
    """

    _given: Given

    def rate_ratio(
        self, *, method: str = "conditional-exact", level: float = 0.95, side: str = "two"
    ) -> Interval | NotEstimable:
        """The first rate over the second, with the limits of pi turned into limits of the ratio.

        ``conditional-exact`` (Clopper-Pearson; belongs to ``p_value(test="central")``), ``mid-p``
        (``central-mid-p``), ``blaker`` (``blaker``). Reference: Przyborowski, Wilenski 1940,
        doi:10.1093/biomet/31.3-4.313.
        """
        named = choice("method", method, tuple(_METHODS))
        confidence, picked, tail = level_and_side(level, side)
        x1, t1, x2, t2 = self._given.values
        empty = (t1 == 0) | (t2 == 0)
        if self._given.scalar and empty[0]:
            return NotEstimable("a group without observed time cannot be compared")
        none = (x1 + x2 == 0) | empty
        s = np.where(none, 1.0, x1 + x2)
        scale = np.where(empty, 1.0, t2) / np.where(empty, 1.0, t1)
        lower = _METHODS["conditional-exact" if named == "blaker" and picked != "two" else named]
        below, above = lower(x1, s, tail), lower(s - x1, s, tail)
        low = scale * np.divide(below, 1 - below, out=np.full(s.size, np.inf), where=below < 1)
        high = scale * np.divide(1 - above, above, out=np.full(s.size, np.inf), where=above > 0)
        estimate = scale * np.divide(x1, x2, out=np.full(s.size, np.inf), where=x2 > 0)
        low[none], high[none], estimate[none] = 0.0, np.inf, 1.0
        if picked == "upper":
            low[:] = 0.0
        elif picked == "lower":
            high[:] = np.inf
        notes: tuple[Note, ...] = ()
        if none.any():
            about = "" if self._given.scalar else self._given.positions(none)
            text = "no events, or no time: no information on a ratio; the estimate 1 is only the middle of the range"
            notes = (Note("no-information-on-a-ratio", text, about),)
        back = self._given.back
        return Interval(back(estimate), back(low), back(high), confidence, named, picked, notes)

    def p_value(self, *, test: str = "central", alternative: str = "two-sided") -> Any:
        """The p-value for equal rates: a float, or an array for arrays.

        ``central`` doubles the smaller tail (default, belongs to the default limits), ``minlike`` adds every split at
        most as likely as the observed one, ``blaker`` adds to the smaller tail the largest opposite one not above it,
        ``central-mid-p`` counts half the probability of the observed split. ``alternative`` as for two groups.
        """
        named = choice("test", test, _TESTS)
        sided = choice("alternative", alternative, ("two-sided", "greater", "less"))
        x1, t1, x2, t2 = self._given.values
        empty = (t1 == 0) | (t2 == 0)
        if self._given.scalar and empty[0]:
            return NotEstimable("a group without observed time cannot be compared")
        pi = np.where(empty, 0.5, t1 / np.where(empty, 1.0, t1 + t2))
        s = x1 + x2
        half = 0.5 * density(x1, s, pi) if named == "central-mid-p" else 0.0
        upper, lower = at_least(x1, s, pi) - half, at_most(x1, s, pi) - half
        if sided != "two-sided":
            p = upper if sided == "greater" else lower
        elif named in ("central", "central-mid-p"):
            p = 2 * np.minimum(upper, lower)
        else:
            whole = zip(x1, s, pi, upper, lower, strict=True)
            p = np.array([_two_sided(named, *row) for row in whole])
        p = np.where(empty, 1.0, np.clip(p, 0, 1))
        return self._given.back(p)


def _two_sided(named: str, x: float, s: float, pi: float, upper: float, lower: float) -> float:
    k = np.arange(s + 1)
    log = special.gammaln(s + 1) - special.gammaln(k + 1) - special.gammaln(s - k + 1)
    mass = np.exp(log + special.xlogy(k, pi) + special.xlog1py(s - k, -pi))
    if named == "minlike":
        return float(mass[mass <= mass[int(x)] * (1 + _SAME)].sum())
    if abs(upper - lower) <= _SAME * upper:
        return 1.0
    smaller = min(upper, lower)
    opposite = np.cumsum(mass if upper <= lower else mass[::-1])
    return float(smaller + opposite[opposite <= smaller * (1 + _SAME)].max(initial=0.0))
