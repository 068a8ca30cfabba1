"""Standard deviations of whole numbers take certain values only (GRIMMER); none is larger than a range allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt, sqrt
from typing import Any

from handful.base.errors import InputError
from handful.printed.granularity import grim, whole_number
from handful.printed.rounding import Printed, printed, whole_between

MOST_TRIED = 2000
"""Sums of squares tried for one sum; a span wider than this holds a possible one for certain."""

WIDEST_TABLE = 400
"""People times width of the scale up to which every reachable pair of sum and sum of squares is listed."""


@dataclass(frozen=True, slots=True)
class SpreadPossible:
    """Whether a printed standard deviation is possible beside its mean.

    ``mean_fits``: what :func:`grim` says of the mean (True for measurements). ``if_divided_by_n``: the standard
    deviation fits when the sum of squares is divided by n and not by n − 1; told, and not accepted.
    ``least``, ``greatest``: ends of what is possible, where they are known (score units).
    """

    fits: bool
    text: str
    mean_fits: bool
    if_divided_by_n: bool
    least: float
    greatest: float
    because: str

    def __bool__(self) -> bool:
        return self.fits

    def __str__(self) -> str:
        return self.because


def sd_possible(mean: Any, sd: Any, n: int, low: float, high: float) -> SpreadPossible:
    """Whether scores between ``low`` and ``high`` can have the printed mean and standard deviation in ``n`` people.

    The greatest sample standard deviation with mean m is √((high − m)(m − low) n/(n − 1)): everybody at one end or the
    other. Rounding of both numbers is allowed for. One person has no standard deviation.

    When to use: any score with ends. Edges: a mean at an end leaves a standard deviation of 0 only.
    Raises: :class:`~handful.base.errors.InputError` for n below 2, ends out of order, or text that is no number.
    Source: Bhatia, Davis 2000, doi:10.1080/00029890.2000.12005203.

    >>> print(sd_possible("1.0", "2.9", 12, 0, 4))
    an sd of 2.9 is impossible: scores from 0 to 4 with a mean of 1.0 have one of at most 1.84
    >>> sd_possible("2.2", "4.9", 10, 0, 100).fits
    True
    """
    centre, spread = printed(mean, name="mean"), printed(sd, name="sd")
    people, bottom, top = _two(n), Fraction(str(low)), Fraction(str(high))
    if bottom >= top:
        raise InputError(f"low={low!r}, high={high!r}", hint="accepted: low below high")
    middle = (bottom + top) / 2
    if centre.high < bottom or centre.low > top:
        because = f"a mean of {centre.text} lies outside {low:g} to {high:g}"
        return SpreadPossible(False, spread.text, False, False, 0.0, 0.0, because)
    best = min(max(middle, centre.low, bottom), min(centre.high, top))
    most = (top - best) * (best - bottom) * Fraction(people, people - 1)
    fits = spread.low <= 0 or spread.low**2 <= most
    greatest = sqrt(most)
    limit = f"scores from {low:g} to {high:g} with a mean of {centre.text} have one of at most {greatest:.3g}"
    because = f"an sd of {spread.text} is {'possible' if fits else 'impossible'}: {limit}"
    return SpreadPossible(fits, spread.text, True, False, 0.0, greatest, because)


def grimmer(
    mean: Any, sd: Any, n: int, *, items: int = 1, low: float | None = None, high: float | None = None
) -> SpreadPossible:
    """Whether whole-number scores of ``n`` people can have the printed mean and standard deviation (the GRIMMER test).

    With sum T and sum of squares Q of the whole numbers, sd² = (Q − T²/n)/(n − 1); Q is whole, odd exactly when T is,
    and at least what the most even split gives. Those conditions are necessary for every n. They are also sufficient
    where all possibilities are few: up to 4 people, and on scales with ends up to people × width = 400, every case is
    tried. So a number called impossible is impossible; one called possible may still not be, in larger groups.

    ``items``, ``low``, ``high``: as in :func:`grim`. The mean must pass that test first.
    When to use: whole-number scores; not for measurements. Edges: one person has no standard deviation.
    Raises: :class:`~handful.base.errors.InputError` for n below 2 or text that is no number.
    Sources: Anaya 2016, doi:10.7287/peerj.preprints.2400v1; Allard 2018 (the analytic form).

    >>> print(grimmer("7.3", "2.51", 12))
    an sd of 2.51 is impossible: no 12 whole numbers have it with a mean of 7.3
    >>> grimmer("2.0", "1.0", 3).fits        # 1, 2, 3
    True
    """
    centre, spread = printed(mean, name="mean"), printed(sd, name="sd")
    people, parts = _two(n), whole_number(items, "items")
    sums = _sums(centre, people, parts, low, high)
    if not sums:
        said = grim(centre, people, items=parts, low=low, high=high).because
        return SpreadPossible(False, spread.text, False, False, 0.0, float("inf"), said)
    ends = (_scaled(low, parts, up=True), _scaled(high, parts, up=False))
    fits = any(_reached(total, spread, people, parts, people - 1, ends) for total in sums)
    by_n = not fits and any(_reached(total, spread, people, parts, people, ends) for total in sums)
    least = min(_least_squares(t, people) - Fraction(t * t, people) for t in sums)
    smallest = sqrt(least / (people - 1)) / parts
    scale = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
    subject = f"{people} whole numbers{scale}" if parts == 1 else f"{people} averages of {parts} whole numbers{scale}"
    if fits:
        because = f"an sd of {spread.text} is possible for {subject} with a mean of {centre.text}"
    else:
        because = f"an sd of {spread.text} is impossible: no {subject} have it with a mean of {centre.text}"
        because += "; divided by n and not by n − 1 it would fit" if by_n else ""
    return SpreadPossible(fits, spread.text, True, by_n, smallest, float("inf"), because)


def _two(n: int) -> int:
    if whole_number(n, "n") < 2:
        raise InputError(f"n={n!r}", hint="one person has no standard deviation; accepted: 2 or more")
    return int(n)


def _sums(centre: Printed, n: int, items: int, low: float | None, high: float | None) -> list[int]:
    """Sums of items behind the mean; many sums (a mean too coarse to tell) are thinned, ends and middle kept."""
    found = []
    for total in whole_between(centre.low * n * items, centre.high * n * items):
        exact = Fraction(total, n * items)
        inside = (low is None or exact >= Fraction(str(low))) and (high is None or exact <= Fraction(str(high)))
        if inside and centre.rounds(exact):
            found.append(total)
    return found


def _scaled(end: float | None, items: int, *, up: bool) -> int | None:
    if end is None:
        return None
    exact = Fraction(str(end)) * items
    return -((-exact).__floor__()) if up else exact.__floor__()


def _least_squares(total: int, n: int) -> int:
    """The least sum of squares of n whole numbers with that sum: as even as can be."""
    q, r = divmod(total, n)
    return n * q * q + 2 * q * r + r


def _greatest_squares(total: int, n: int, low: int, high: int) -> int:
    """The greatest sum of squares with ends: everybody at an end but one."""
    if high == low:
        return n * low * low
    at_top, rest = divmod(total - n * low, high - low)
    if at_top >= n:
        return n * high * high
    return at_top * high * high + (low + rest) ** 2 + (n - at_top - 1) * low * low


def _reached(
    total: int, spread: Printed, n: int, items: int, divisor: int, ends: tuple[int | None, int | None]
) -> bool:
    """Whether some whole sum of squares gives the printed standard deviation with this sum."""
    base = Fraction(total * total, n)
    scale = items * items * divisor
    low = base + scale * max(spread.low, Fraction(0)) ** 2
    high = base + scale * spread.high**2
    low = max(low, Fraction(_least_squares(total, n)))
    if ends[0] is not None and ends[1] is not None:
        high = min(high, Fraction(_greatest_squares(total, n, ends[0], ends[1])))
    for tried, squares in enumerate(whole_between(low, high)):
        if tried > MOST_TRIED:
            return True
        if (squares - total) % 2 == 0 and _exists(n, total, squares, ends):
            return True
    return False


def _exists(n: int, total: int, squares: int, ends: tuple[int | None, int | None]) -> bool:
    """Whether whole numbers with that sum and sum of squares exist; True where it would take too long to know."""
    low, high = ends
    if low is not None and high is not None and n * (high - low) <= WIDEST_TABLE:
        shifted = squares - 2 * low * total + n * low * low
        sums = _table(n, high - low)
        place = total - n * low
        return 0 <= place < len(sums) and shifted >= 0 and bool(sums[place] >> shifted & 1)
    if n > 4:
        return True
    return any(
        (low is None or xs[0] >= low) and (high is None or xs[-1] <= high) for xs in _solutions(n, total, squares)
    )


def _solutions(n: int, total: int, squares: int) -> Iterator[tuple[int, ...]]:
    """All rising n whole numbers with that sum and sum of squares."""
    if n == 1:
        if total * total == squares:
            yield (total,)
        return
    if n == 2:
        inside = 2 * squares - total * total
        root = isqrt(inside) if inside >= 0 else -1
        if root >= 0 and root * root == inside and (total - root) % 2 == 0:
            yield ((total - root) // 2, (total + root) // 2)
        return
    for x in range(-isqrt(squares), isqrt(squares) + 1):
        rest, left = total - x, squares - x * x
        if (n - 1) * left >= rest * rest:
            yield from ((x, *more) for more in _solutions(n - 1, rest, left) if x <= more[0])


@lru_cache(maxsize=32)
def _table(n: int, width: int) -> tuple[int, ...]:
    """For each sum of n scores from 0 to ``width``, the reachable sums of squares as the bits of a whole number."""
    reach = [1]
    for person in range(1, n + 1):
        following = [0] * (person * width + 1)
        for total, bits in enumerate(reach):
            if bits:
                for score in range(width + 1):
                    following[total + score] |= bits << (score * score)
        reach = following
    return tuple(reach)
