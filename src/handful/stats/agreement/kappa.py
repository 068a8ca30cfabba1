"""Cohen's kappa: agreement of two raters beyond what chance alone would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Interval, NotEstimable

FEWEST_FOR_AN_INTERVAL = 20
"""Below this many things judged, the large-sample interval of kappa is not given; the exact one of the agreement is."""


@dataclass(frozen=True)
class Agreement:
    """Two raters on the same things: how often they agreed, and kappa.

    ``expected`` is the share that would agree by chance, ``possible`` the largest kappa that these raters' own shares
    of answers allow. ``interval`` is kappa's large-sample interval, ``agreement`` the exact one of the observed share.
    """

    things: int
    agreed: int
    agreement: Interval | NotEstimable
    expected: float
    kappa: float | NotEstimable
    se: float | NotEstimable
    interval: Interval | NotEstimable
    possible: float | NotEstimable
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        told = f"{self.agreed} of {self.things} alike"
        return told + (f", kappa {self.kappa:.2f}" if not isinstance(self.kappa, NotEstimable) else "")


def kappa(first: Sequence[Hashable], second: Sequence[Hashable], *, level: float = 0.95) -> Agreement | NotEstimable:
    """Cohen's kappa of two raters' answers to the same things, in the same order.

    kappa = (p_o − p_e) / (1 − p_e): p_o is the share of things with the same answer, p_e the sum over answers of the
    product of both raters' shares. Its standard error is the large-sample one of Fleiss, Cohen and Everitt; with fewer
    than 20 things no interval is given, because it would promise more than it holds: the observed agreement has its
    exact interval at any size. Where both gave one and the same answer throughout, kappa is not defined.

    Args:
        first: the first rater's answers: any hashable values, one for each thing.
        second: the second rater's.
        level: of both intervals.

    Returns:
        ``Agreement``, or ``NotEstimable`` when nothing was judged.

    Raises:
        InputError: when the two did not judge equally many things, or an answer cannot be counted.

    Source: Cohen 1960, doi:10.1177/001316446002000104; Fleiss, Cohen and Everitt 1969, doi:10.1037/h0028106.

    >>> print(kappa(["low", "high", "low", "low"], ["low", "high", "high", "low"]))
    3 of 4 alike, kappa 0.50
    """
    if len(first) != len(second):
        raise InputError(
            f"the raters judged {len(first)} and {len(second)} things", hint="give both answers for each thing"
        )
    if any(not isinstance(answer, Hashable) for answer in (*first, *second)):
        raise InputError("an answer is a list or another thing that cannot be counted", hint="give words or numbers")
    n = len(first)
    if n == 0:
        return NotEstimable("nothing was judged by both")
    pairs = Counter(zip(first, second, strict=True))
    rows, columns = Counter(first), Counter(second)
    agreed = sum(count for (a, b), count in pairs.items() if a == b)
    expected = sum(rows[a] * columns[a] for a in rows) / n**2
    share = proportion(agreed, n, level=level)
    if all(rows[a] == n and columns[a] == n for a in rows):
        none = NotEstimable("both gave one and the same answer throughout: chance alone would agree as well")
        return Agreement(n, agreed, share, expected, none, none, none, none)
    value = (agreed / n - expected) / (1 - expected)
    error = _error(pairs, rows, columns, n, agreed / n, expected)
    possible = (sum(min(rows[a], columns[a]) for a in rows) / n - expected) / (1 - expected)
    if n < FEWEST_FOR_AN_INTERVAL:
        few = NotEstimable(f"{n} things are too few for kappa's large-sample interval")
        note = Note("few-things-judged", f"{few.reason}; the agreement itself has its exact one.")
        return Agreement(n, agreed, share, expected, value, error, few, possible, (note,))
    z = NormalDist().inv_cdf((1 + level) / 2)
    low, high = max(-1.0, value - z * error), min(1.0, value + z * error)
    interval = Interval(value, low, high, level, "fleiss-cohen-everitt")
    return Agreement(n, agreed, share, expected, value, error, interval, possible)


def _error(
    pairs: Counter[tuple[Hashable, Hashable]],
    rows: Counter[Hashable],
    columns: Counter[Hashable],
    n: int,
    observed: float,
    expected: float,
) -> float:
    """Large-sample standard error of kappa, kappa not assumed to be 0 (Fleiss, Cohen and Everitt, equation 13)."""
    value = (observed - expected) / (1 - expected)
    total = 0.0
    for (a, b), count in pairs.items():
        p = count / n
        both = (rows[b] + columns[a]) / n  # row share of b, column share of a
        if a == b:
            total += p * (1 - (rows[a] + columns[a]) / n * (1 - value)) ** 2
        else:
            total += (1 - value) ** 2 * p * both**2
    variance = (total - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2)
    return sqrt(max(0.0, variance))


__all__ = ["Agreement", "kappa"]
