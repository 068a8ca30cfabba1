"""Two groups of people, one yes-or-no outcome: contrasts with intervals, tests, and the posterior comparison."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from handful.base.notes import Note
from handful.stats.checked import Given, choice, distinct, events_and_totals, in_blocks, level_and_side
from handful.stats.results import Interval, NotEstimable
from handful.stats.two_groups import closed_two_by_two as closed
from handful.stats.two_groups.conditional_odds import conditional_estimate, conditional_limits
from handful.stats.two_groups.exact_intervals import exact_difference_limits, exact_ratio_limits
from handful.stats.two_groups.score_intervals import difference_limits, odds_ratio_limits, ratio_limits
from handful.stats.two_groups.skewed_scores import (
    skewed_difference_limits,
    skewed_odds_ratio_limits,
    skewed_ratio_limits,
    unbiased_odds_ratio_limits,
)
from handful.stats.two_groups.two_posterior import (
    PosteriorDifference,
    beta_priors,
    posterior_difference,
    probability_first_greater,
)
from handful.stats.two_groups.two_tests import TESTS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Limits: TypeAlias = tuple[Array, Array]
    Method: TypeAlias = Callable[[Array, Array, Array, Array, float], Limits]


def two_groups(x1: Any, n1: Any, x2: Any, n2: Any) -> TwoGroups:
    """Two groups: ``x1`` events in ``n1`` people against ``x2`` in ``n2``; whole numbers, or array-likes of them
    (broadcast).

    The contrasts are always first against second: p1 - p2, p1/p2, and the odds of the first over those of the second.

    Raises: :class:`~handful.base.errors.InputError` naming every bad position (not whole, negative, more events than
    people).

    >>> print(two_groups(1, 4, 0, 4).risk_difference())
    0.25 (-0.3546 to 0.7203), 95 % miettinen-nurminen
    """
    given = events_and_totals(x1=x1, n1=n1, x2=x2, n2=n2)
    first, second, third, fourth = (given.back(column) for column in given.values)
    return TwoGroups(first, second, third, fourth, given)


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """Made by :func:`two_groups`. Scalars in give floats out; arrays in give read-only arrays of the common shape.

    A group of nobody (n = 0) makes a scalar comparison :class:`~handful.stats.results.NotEstimable`; within arrays
    that row has the whole range, an estimate of no difference, and a note naming the position.
    """

    x1: float | Array
    n1: float | Array
    x2: float | Array
    n2: float | Array
    _given: Given

    def __repr__(self) -> str:
        if not self._given.scalar:
            return f"TwoGroups({self._given.values[0].size} tables)"
        return f"TwoGroups({self.x1:.0f} of {self.n1:.0f} against {self.x2:.0f} of {self.n2:.0f})"

    def risk_difference(
        self, *, method: str = "miettinen-nurminen", level: float = 0.95, side: str = "two"
    ) -> Interval | NotEstimable:
        """p1 - p2 with its limits, cut to [-1, 1].

        ``miettinen-nurminen`` (default), ``mee`` (the same without N/(N - 1)); ``scas`` and ``gart-nam`` (with the
        skewness correction, with and without N/(N - 1)); ``newcombe``, ``agresti-caffo``, ``wald``, ``wald-cc`` (with
        Yates's correction); ``exact-unconditional`` (in the order of the score limits) and ``exact-boschloo`` (in the
        order of Fisher's p-values: wider), which never cover less than the level.

        The score test with N/(N - 1) (``p_value(test="score")``) belongs to ``miettinen-nurminen``, ``chi-squared``
        to ``mee`` and ``boschloo-central`` to ``exact-boschloo``. See :mod:`handful.stats.two_groups.score_intervals`
        and :mod:`handful.stats.two_groups.exact_intervals`.

        >>> print(two_groups(7, 34, 1, 34).risk_difference(method="newcombe"))
        0.1765 (0.01892 to 0.3404), 95 % newcombe
        """
        named = choice("method", method, tuple(DIFFERENCES))
        x1, n1, x2, n2, empty = self._usable()
        estimate = x1 / n1 - x2 / n2
        notes: tuple[Note, ...] = ()
        few = (np.minimum(np.minimum(x1, n1 - x1), np.minimum(x2, n2 - x2)) < 5) & ~empty
        if named in ("wald", "wald-cc") and few.any():
            notes = (
                Note(
                    "wald-small-counts",
                    "Wald limits are not to be trusted with fewer than 5 events or non-events in a group",
                    "" if self._given.scalar else self._given.positions(few),
                ),
            )
        return self._interval(DIFFERENCES[named], named, level, side, estimate, (-1.0, 1.0, 0.0), notes)

    def risk_ratio(self, *, method: str = "koopman", level: float = 0.95, side: str = "two") -> Interval | NotEstimable:
        """p1/p2 with its limits, from 0 to infinity.

        ``koopman`` (default), ``miettinen-nurminen`` (the same with N/(N - 1)); ``scas`` and ``gart-nam`` (with the
        skewness correction, with and without N/(N - 1)); ``katz``, ``inverse-sinh``, ``mover-r-wilson``,
        ``price-bonett``;
        ``exact-unconditional`` and ``exact-boschloo`` as for the difference.

        With no events in either group there is no information on a ratio: 0 to infinity, with a note; the estimate 1 is
        then only the middle. ``chi-squared`` is the test that belongs to ``koopman``.

        >>> print(two_groups(1, 4, 0, 4).risk_ratio())
        inf (0.3143 to inf), 95 % koopman
        """
        named = choice("method", method, tuple(RATIOS))
        x1, n1, x2, n2, empty = self._usable()
        none = (x1 == 0) & (x2 == 0)
        estimate = _quotient(x1 * n2, x2 * n1)
        notes = self._no_information(none & ~empty, "no events in either group: no information on a ratio")
        return self._interval(RATIOS[named], named, level, side, estimate, (0.0, np.inf, 1.0), notes, none)

    def odds_ratio(
        self, *, method: str = "conditional-exact", level: float = 0.95, side: str = "two"
    ) -> Interval | NotEstimable:
        """The odds of the first group over those of the second, with limits from 0 to infinity.

        ``conditional-exact`` (default; estimate by conditional maximum likelihood) and ``mid-p`` from the non-central
        hypergeometric distribution; ``miettinen-nurminen`` and ``cornfield`` (score limits with and without N/(N - 1)),
        ``miettinen-nurminen-unbiased`` and ``scas`` (with the bias, and also the skewness, of the score corrected),
        ``woolf``,
        ``gart``, ``mover-r-wilson-odds``, and ``mover-r-wilson`` as published (see its note), with x1 (n2 - x2)/((n1
        - x1) x2) as the estimate. With one empty cell one limit is 0 or infinite. Without events, or without
        non-events, in both groups there is no information: 0 to infinity, with a note.

        Fisher's central p-value (``p_value(test="fisher-central")``) belongs to ``conditional-exact``,
        ``fisher-central-mid-p`` to ``mid-p``, ``score`` to ``miettinen-nurminen``, ``chi-squared`` to ``cornfield``.

        >>> print(two_groups(1, 4, 0, 4).odds_ratio())
        inf (0.02564 to inf), 95 % conditional-exact
        """
        named = choice("method", method, tuple(ODDS_RATIOS))
        x1, n1, x2, n2, empty = self._usable()
        none = (x1 + x2 == 0) | (x1 + x2 == n1 + n2)
        if named in ("conditional-exact", "mid-p"):
            once, back = distinct(x1, n1, x2, n2)
            estimate = conditional_estimate(*once)[back]
        else:
            estimate = _quotient(x1 * (n2 - x2), (n1 - x1) * x2)
        notes = self._no_information(
            none & ~empty, "all or none had the event in both groups: no information on an odds ratio"
        )
        if named == "mover-r-wilson":
            text = "the published form mixes limits of proportions with odds and does not narrow as groups grow"
            notes = (*notes, Note("mover-r-mixed", f"{text}; mover-r-wilson-odds is the consistent one"))
        return self._interval(ODDS_RATIOS[named], named, level, side, estimate, (0.0, np.inf, 1.0), notes, none)

    def p_value(self, *, test: str = "boschloo", alternative: str = "two-sided") -> Any:
        """The p-value for no difference: a float, or an array for arrays.

        Unconditional exact: ``boschloo`` (default), ``barnard`` (pooled z), ``barnard-unpooled``,
        ``boschloo-central`` (twice the smaller one-sided Boschloo p-value). Given the margins: ``fisher`` (two-sided:
        every table at most as likely),
        ``fisher-mid-p`` (less half of all tables exactly as likely as the observed one), ``fisher-central`` and
        ``fisher-central-mid-p`` (twice the smaller tail), ``fisher-blaker``. Approximate: ``score`` (chi-squared
        times (N - 1)/N, which belongs to the Miettinen-Nurminen limits), ``chi-squared`` (to Mee, Koopman and
        Cornfield), ``chi-squared-yates``.

        ``alternative`` is ``two-sided``, ``greater`` (p1 > p2) or ``less``. A table without events, or without
        non-events, has p = 1. A group of nobody is :class:`~handful.stats.results.NotEstimable`, and 1 within arrays.

        Raises: :class:`~handful.base.errors.UnknownChoice`.

        References: :mod:`handful.stats.two_groups.exact_tests`, :mod:`handful.stats.two_groups.conditional_odds`.

        >>> round(two_groups(7, 34, 1, 34).p_value(), 4)
        0.0385
        """
        named = choice("test", test, tuple(TESTS))
        sided = choice("alternative", alternative, ("two-sided", "greater", "less"))
        x1, n1, x2, n2, empty = self._usable()
        if self._given.scalar and empty[0]:
            return NotEstimable("a group of nobody (n = 0) cannot be compared")
        p = TESTS[named](x1, n1, x2, n2, sided)
        p[empty] = 1.0
        return self._given.back(p)

    def probability_greater(self, *, prior: Any = "jeffreys") -> Any:
        """P(p1 > p2 | data) with independent Beta priors, by quadrature: a float, or an array for arrays.

        ``prior`` is ``"jeffreys"`` (Beta(1/2, 1/2) each), ``"uniform"``, ``(a, b)`` for both or ``((a1, b1), (a2,
        b2))``. With few people it moves the answer, so it is to be printed with it. A group of nobody is described by
        its prior alone.

        >>> groups = two_groups(1, 4, 0, 4)
        >>> round(groups.probability_greater(), 2), round(groups.probability_greater(prior="uniform"), 2)
        (0.84, 0.78)
        """
        (a1, b1), (a2, b2) = beta_priors(prior)
        (x1, n1, x2, n2), back = distinct(*self._given.values)
        p = probability_first_greater(x1 + a1, n1 - x1 + b1, x2 + a2, n2 - x2 + b2)
        return self._given.back(p[back])

    def posterior_difference(self, *, prior: Any = "jeffreys") -> PosteriorDifference:
        """The posterior of p1 - p2: ``mean``, ``sd``, ``cdf(x)``, ``quantile(q)``, ``probability(above=, below=)``,
        ``interval(level)``.

        Priors as in :meth:`probability_greater`.
        """
        return posterior_difference(self._given, prior)

    # --- what all contrasts share -------------------------------------------------------------------------------------

    def _usable(self) -> tuple[Array, Array, Array, Array, npt.NDArray[np.bool_]]:
        """Counts with an empty group replaced by one person without event, and where that was done."""
        x1, n1, x2, n2 = self._given.values
        empty = (n1 == 0) | (n2 == 0)
        return x1, np.where(n1 == 0, 1.0, n1), x2, np.where(n2 == 0, 1.0, n2), empty

    def _no_information(self, where: npt.NDArray[np.bool_], words: str) -> tuple[Note, ...]:
        if not where.any():
            return ()
        about = "" if self._given.scalar else self._given.positions(where)
        return (Note("no-information-on-a-ratio", f"{words}; the estimate 1 is only the middle of the range", about),)

    def _interval(
        self,
        function: Method,
        named: str,
        level: float,
        side: str,
        estimate: Array,
        whole: tuple[float, float, float],
        notes: tuple[Note, ...],
        none: npt.NDArray[np.bool_] | None = None,
    ) -> Interval | NotEstimable:
        confidence, picked, tail = level_and_side(level, side)
        x1, n1, x2, n2, empty = self._usable()
        if self._given.scalar and empty[0]:
            return NotEstimable("a group of nobody (n = 0) cannot be compared")
        once, back = distinct(x1, n1, x2, n2)
        rows = once[0].size if named.startswith("exact-") else 8192  # those sort once per pair of group sizes
        limits = in_blocks(lambda a, m, b, k: function(a, m, b, k, tail), *once, rows=rows)
        low, high = (np.clip(limit, whole[0], whole[1])[back] for limit in limits)
        if none is not None:
            estimate[none] = whole[2]
        if picked == "upper":
            low[:] = whole[0]
        elif picked == "lower":
            high[:] = whole[1]
        if empty.any():
            low[empty], high[empty], estimate[empty] = whole
            text = "a group of nobody: the interval is the whole range and the estimate says nothing"
            notes = (*notes, Note("no-people", text, self._given.positions(empty)))
        back_to = self._given.back
        return Interval(back_to(estimate), back_to(low), back_to(high), confidence, named, picked, notes)


def _quotient(top: Array, bottom: Array) -> Array:
    """top/bottom with c/0 infinite and 0/0 one."""
    out = np.where(top > 0, np.inf, 1.0)
    return np.divide(top, bottom, out=out, where=bottom > 0)


# --- the methods by name ----------------------------------------------------------------------------------------------

DIFFERENCES: dict[str, Method] = {
    "miettinen-nurminen": partial(difference_limits, total=True),
    "mee": partial(difference_limits, total=False),
    "scas": skewed_difference_limits,
    "gart-nam": partial(skewed_difference_limits, total=False),
    "newcombe": closed.newcombe,
    "agresti-caffo": closed.agresti_caffo,
    "wald": closed.wald,
    "wald-cc": closed.wald_cc,
    "exact-unconditional": exact_difference_limits,
    "exact-boschloo": partial(exact_difference_limits, order="boschloo"),
}
RATIOS: dict[str, Method] = {
    "koopman": partial(ratio_limits, total=False),
    "miettinen-nurminen": partial(ratio_limits, total=True),
    "katz": closed.katz,
    "inverse-sinh": closed.inverse_sinh,
    "mover-r-wilson": closed.mover_r_wilson,
    "price-bonett": closed.price_bonett,
    "scas": skewed_ratio_limits,
    "gart-nam": partial(skewed_ratio_limits, total=False),
    "exact-unconditional": exact_ratio_limits,
    "exact-boschloo": partial(exact_ratio_limits, order="boschloo"),
}
ODDS_RATIOS: dict[str, Method] = {
    "conditional-exact": conditional_limits,
    "mid-p": partial(conditional_limits, mid=True),
    "miettinen-nurminen": partial(odds_ratio_limits, total=True),
    "cornfield": partial(odds_ratio_limits, total=False),
    "woolf": closed.woolf,
    "gart": closed.gart,
    "mover-r-wilson-odds": closed.mover_r_wilson_odds,
    "mover-r-wilson": closed.mover_r_wilson_mixed,
    "miettinen-nurminen-unbiased": unbiased_odds_ratio_limits,
    "scas": skewed_odds_ratio_limits,
}
