"""Imprecision, as far as it can be computed: thresholds inside the interval, and the optimal information size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from handful.base.errors import InputError
from handful.base.wording import difference_per_100, grouped, human_list, range_per_100
from handful.stats.results import NotEstimable

FAR_BELOW = 0.3
"""Below this share of the optimal information size the suggestion is two steps instead of one."""


@dataclass(frozen=True)
class Suggestion:
    """A computed suggestion: how many steps (0 or negative), and why."""

    steps: int
    because: str


def thresholds_inside(low: float, high: float, thresholds: Iterable[float]) -> tuple[float, ...]:
    """The thresholds strictly inside the interval, in order: amounts on both sides of each are possible.

    >>> thresholds_inside(0.006, 0.806, (0.1, 0.3, 0.5))
    (0.1, 0.3, 0.5)
    """
    return tuple(t for t in sorted(thresholds) if low < t < high)


def imprecision(
    low: float,
    high: float,
    thresholds: Iterable[float],
    *,
    people: int | None = None,
    information_size: int | NotEstimable | None = None,
) -> Suggestion:
    """How many steps down the width of an interval suggests.

    One step for each threshold strictly inside the interval of the absolute effect (or of the rate), three at most.
    When none is inside and an information size is given, the people are held against it: fewer suggest one step, fewer
    than three tenths of it two.

    Args:
        low: lower end of the interval, in the unit of the thresholds.
        high: upper end.
        thresholds: where one size word gives way to the next; ``(0,)`` when only "no effect" is a threshold. The
            thresholds of a difference hold on both sides of 0: give ``(-0.1, 0, 0.1)`` then.
        people: how many people the interval rests on.
        information_size: see :func:`optimal_information_size`.

    Raises:
        InputError: when the interval is none, or people are missing though an information size is given.

    Source: GRADE guidance 35 (doi:10.1016/j.jclinepi.2022.07.015) for thresholds, 34
    (doi:10.1016/j.jclinepi.2022.07.014) for the information size; the limit of three tenths is taken over by memory.

    >>> imprecision(0.006, 0.806, (0.1, 0.3, 0.5)).steps
    -3
    >>> imprecision(0.12, 0.28, (0.1, 0.3, 0.5), people=60, information_size=400).steps
    -2
    """
    if not low <= high:
        raise InputError(f"the interval {low!r} to {high!r} is none", hint="give the lower end first")
    inside = thresholds_inside(low, high, thresholds)
    span = range_per_100(low, high) if low >= 0 else difference_per_100(low, high)
    if inside:
        named = human_list([f"{100 * t:g}" for t in inside]) + " in 100"
        return Suggestion(-min(3, len(inside)), f"the interval, {span}, reaches across {named}")
    if information_size is None or isinstance(information_size, NotEstimable):
        return Suggestion(0, f"the interval, {span}, reaches across no threshold")
    if people is None:
        raise InputError("information_size needs people", hint="give the number of people behind the interval")
    size = f"{grouped(people)} people, against {grouped(information_size)} of the optimal information size"
    if people >= information_size:
        return Suggestion(0, f"no threshold inside the interval; {size}")
    steps = -2 if people < FAR_BELOW * information_size else -1
    return Suggestion(steps, f"no threshold inside the interval, but only {size}")


__all__ = ["Suggestion", "imprecision", "thresholds_inside"]
