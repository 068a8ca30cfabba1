"""Imprecision, as far as it can be computed: thresholds inside the interval, and the optimal information size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, isfinite
from numbers import Integral, Real
from typing import Literal

from handful.base.errors import InputError, UnknownChoice
from handful.base.language import language
from handful.base.wording import difference_per_100, grouped, human_list, plural, range_per_100
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

    Raises:
        InputError: for a threshold that is no finite number.

    >>> thresholds_inside(0.006, 0.806, (0.1, 0.3, 0.5))
    (0.1, 0.3, 0.5)
    """
    asked = thresholds if not isinstance(thresholds, str | float | int) else (thresholds,)
    wrong = [t for t in asked if not _is_number(t)]
    if wrong:
        raise InputError(f"{wrong[0]!r} is no threshold", hint="give numbers between -1 and 1: (0.1, 0.3, 0.5)")
    return tuple(t for t in sorted(set(asked)) if low < t < high)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def imprecision(
    low: float,
    high: float,
    thresholds: Iterable[float],
    *,
    people: int | None = None,
    information_size: int | NotEstimable | None = None,
    arms: Literal[1, 2] = 2,
) -> Suggestion:
    """How many steps down the width of an interval suggests.

    One step for each threshold strictly inside the interval of the absolute effect (or of the rate), three at most.
    When none is inside and an information size is given, the people are held against it: fewer suggest one step, fewer
    than three tenths of it two. Whatever decides, the reason names both: the thresholds crossed, and the people beside
    the information size.

    Args:
        low: lower end of the interval, in the unit of the thresholds.
        high: upper end.
        thresholds: where one size word gives way to the next; ``(0,)`` when only "no effect" is a threshold. The
            thresholds of a difference hold on both sides of 0: give ``(-0.1, 0, 0.1)`` then.
        people: how many people the interval rests on.
        information_size: people in both groups together, see :func:`optimal_information_size`.
        arms: 2 for a comparison; 1 for the rate of one group, which is held against one of the two groups, half of it.

    Raises:
        InputError: when the interval is none, a threshold no number, or people are missing or no whole number of 0 or
            more though an information size is given.

    Source: GRADE guidance 35 (doi:10.1016/j.jclinepi.2022.07.015) for thresholds, 34
    (doi:10.1016/j.jclinepi.2022.07.014) for the information size; the limit of three tenths is taken over by memory.

    >>> imprecision(0.006, 0.806, (0.1, 0.3, 0.5)).steps
    -3
    >>> imprecision(0.12, 0.28, (0.1, 0.3, 0.5), people=60, information_size=400).steps
    -2
    >>> imprecision(0.12, 0.28, (0.1, 0.3), people=150, information_size=401, arms=1).steps
    -1
    """
    if not (_is_number(low) and _is_number(high) and low <= high):
        raise InputError(f"the interval {low!r} to {high!r} is none", hint="give two numbers, the lower end first")
    _check_size(people, information_size, arms)
    inside = thresholds_inside(low, high, thresholds)
    span = range_per_100(low, high) if low >= 0 else difference_per_100(low, high)
    words = language()
    told = words.text("suggested.across-none", span=span)
    if inside:
        told = words.text("suggested.across", span=span, named=human_list([f"{100 * t:g}" for t in inside]))
    if people is None or information_size is None:
        return Suggestion(-min(3, len(inside)), told)
    if isinstance(information_size, NotEstimable):
        because = words.text("suggested.no-size", said=told, because=information_size.reason)
        return Suggestion(-min(3, len(inside)), because)
    asked, size = _asked(information_size, arms)
    if inside:
        return Suggestion(
            -min(3, len(inside)), words.text("suggested.against", said=told, people=_people(people), size=size)
        )
    if people >= asked:
        return Suggestion(0, words.text("suggested.enough", said=told, people=_people(people), size=size))
    steps = -2 if people < FAR_BELOW * asked else -1
    key = words.form("suggested.far-fewer" if steps == -2 else "suggested.fewer", people)
    return Suggestion(steps, words.text(key, said=told, n=grouped(people), size=size))


def _check_size(people: int | None, information_size: int | NotEstimable | None, arms: int) -> None:
    if arms not in (1, 2):
        raise UnknownChoice("arms", arms, ["1", "2"])
    if information_size is not None and people is None:
        raise InputError("information_size needs people", hint="give the number of people behind the interval")
    named = (("people", people, 0), ("information_size", information_size, 1))
    for name, value, least in named:
        if value is None or isinstance(value, NotEstimable):
            continue
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise InputError(f"{name}={value!r} is no number of people", hint=f"give a whole number of {least} or more")


def _asked(information_size: int, arms: Literal[1, 2]) -> tuple[int, str]:
    """How many people are asked for, and how that is told."""
    if arms == 2:
        return information_size, language().text("suggested.size", size=grouped(information_size))
    half = ceil(information_size / 2)
    told = language().text("suggested.size-one", half=grouped(half), both=grouped(information_size))
    return half, told


def _people(count: int) -> str:
    return plural(count, "person")


__all__ = ["Suggestion", "imprecision", "thresholds_inside"]
