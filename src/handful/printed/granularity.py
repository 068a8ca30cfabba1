"""Percentages and means of whole numbers can only take certain values (GRIM)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from handful.base.errors import InputError
from handful.printed.rounding import ROUNDED, Printed, Rule, as_printed, printed, whole_between

MOST_LISTED = 50
"""So many possible sums are listed; there are more where the number is printed too coarsely to tell."""


@dataclass(frozen=True, slots=True)
class Possible:
    """Whether a printed number is possible, what it can stand for, and what would have been possible.

    ``possible``: the whole numbers (counts, or sums of scores) that give the printed number, at most 50.
    ``nearest``: the whole numbers on both sides with what each would have printed.
    ``rules``: the ways of rounding that give it, over all of ``possible``.
    ``if_cut``: whole numbers that give it only when digits are cut off instead of rounded; they do
    not make it possible.
    ``telling``: whether some other last digits would have been impossible; where not, agreement says nothing.
    """

    fits: bool
    text: str
    possible: tuple[int, ...]
    nearest: tuple[tuple[int, str], ...]
    rules: tuple[Rule, ...]
    if_cut: tuple[int, ...]
    telling: bool
    because: str

    def __bool__(self) -> bool:
        return self.fits

    def __str__(self) -> str:
        return self.because


def percentage_fits(percent: Any, n: int) -> Possible:
    """Whether some whole number of ``n`` people gives the printed percentage, and which.

    ``percent``: as printed, without the sign; text keeps its zeros (``"20.0"``). 100 c/n, rounded to its decimals, must
    give it for some c from 0 to n. Halves may go away from zero, to the even digit, or where binary numbers print
    them; digits that were cut off are told in ``if_cut`` and do not count.

    When to use: a percentage of people of whom the number is known. Not for estimates of a model. More than 10^(d + 2)
    people with d decimals: everything fits (``telling`` is False).

    Raises: :class:`~handful.base.errors.InputError` for n below 1 or text that is no number.
    Source: Brown, Heathers 2017, doi:10.1177/1948550616673876.

    >>> print(percentage_fits("9.4", 253))
    9.4 % of 253 is no whole number: 23 is 9.1 %, 24 is 9.5 %; 24 would print 9.4 % if digits were cut off, not rounded
    >>> percentage_fits("32.5", 40).possible
    (13,)
    """
    number = printed(percent, name="percent")
    people = whole_number(n, "n")
    return _possible(number, Fraction(100, people), (0, people), " %", f"{number.text} % of {people}")


def counts_that_fit(percent: Any, of: int) -> tuple[int, ...]:
    """Every whole number of people out of ``of`` that the printed percentage may stand for.

    >>> counts_that_fit("32.5", 40), counts_that_fit("9.4", 21), counts_that_fit("1", 300)
    ((13,), (), (2, 3, 4))
    """
    if of <= 0:
        return ()
    number, step = printed(percent, name="percent"), Fraction(100, of)
    return tuple(c for c in _between(number, step, (0, of)) if number.rounds(c * step))


def grim(mean: Any, n: int, *, items: int = 1, low: float | None = None, high: float | None = None) -> Possible:
    """Whether whole-number scores of ``n`` people can have the printed mean, and with which sums (the GRIM test).

    ``mean``: as printed; text keeps its zeros. ``items``: how many whole-number items each person's score is the
    average of. ``low``, ``high``: the least and the greatest score, where the scale has ends. The mean is
    T/(n × items) for a whole T; one of them must be printed so.

    When to use: means of whole numbers (scores, counts, ages in completed years) with n × items below 10^decimals;
    above that every mean fits (``telling`` is False). Not for measurements with decimals of their own.

    Raises: :class:`~handful.base.errors.InputError` for n or items below 1 or text that is no number.
    Source: Brown, Heathers 2017, doi:10.1177/1948550616673876.

    >>> print(grim("3.48", 20))
    a mean of 3.48 over 20 is no whole sum: 69 gives 3.45, 70 gives 3.50
    >>> grim("3.45", 20).possible
    (69,)
    """
    number = printed(mean, name="mean")
    parts = whole_number(n, "n") * whole_number(items, "items")
    ends = (
        None if low is None else -((-Fraction(str(low)) * parts).__floor__()),
        None if high is None else (Fraction(str(high)) * parts).__floor__(),
    )
    return _possible(number, Fraction(1, parts), ends, "", f"a mean of {number.text} over {parts}")


def people_that_fit(percentages: Iterable[Any], most: int, *, least: int = 1) -> tuple[int, ...]:
    """The numbers of people, ``least`` to ``most``, that fit all of the printed percentages at once.

    When to use: the paper prints percentages of a group and not how many people it had. One answer is a finding,
    many are not: with coarse percentages most large numbers fit.

    Raises: :class:`~handful.base.errors.InputError` when there is no percentage, or text that is no number.
    Source: the GRIM test run backwards; Brown, Heathers 2017, doi:10.1177/1948550616673876.

    >>> people_that_fit(["53.8", "46.2", "38.5"], 30)
    (13, 26)
    """
    numbers = [printed(p, name="percentage") for p in percentages]
    if not numbers:
        raise InputError("percentages is empty", hint='for example ["38.5", "46.2"]')
    first, last = whole_number(least, "least"), whole_number(most, "most")
    return tuple(n for n in range(first, last + 1) if all(any(_fitting(p, Fraction(100, n), (0, n))) for p in numbers))


def whole_number(value: Any, name: str) -> int:
    """``value`` as a whole number of at least 1."""
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise InputError(f"{name}={value!r}", hint="accepted: a whole number of at least 1")
    return int(value)


def _fitting(number: Printed, step: Fraction, ends: tuple[int | None, int | None]) -> Iterable[bool]:
    return (number.rounds(c * step) for c in _between(number, step, ends))


def _between(number: Printed, step: Fraction, ends: tuple[int | None, int | None]) -> Iterable[int]:
    low, high = ends
    return (
        c
        for c in whole_between(number.low / step, number.high / step)
        if (low is None or c >= low) and (high is None or c <= high)
    )


def _possible(
    number: Printed, step: Fraction, ends: tuple[int | None, int | None], unit: str, subject: str
) -> Possible:
    inside = (c for c in _between(number, step, ends) if number.rounds(c * step))
    possible = tuple(islice(inside, MOST_LISTED))
    used = {rule for c in possible[:2] + possible[-2:] for rule in number.rules(c * step)}  # only ends can be halves
    rules = tuple(rule for rule in ROUNDED if rule in used)
    low, high = ends
    below = (number.value / step).__floor__()
    around = [c for c in (below, below + 1) if (low is None or c >= low) and (high is None or c <= high)]
    if not around:
        around = [c for c in (low if low is not None and below < low else high,) if c is not None]
    nearest = tuple((c, as_printed(c * step, number.decimals)) for c in around)
    if_cut = () if possible else tuple(c for c in around if number.cuts(c * step))
    telling = step > number.unit
    if possible:
        said = _few(possible)
        because = f"{subject} is {said}" if unit else f"{subject} is a sum of {said}"
    else:
        gives = "is" if unit else "gives"
        what = "no whole number" if unit else "no whole sum"
        because = f"{subject} is {what}: " + ", ".join(f"{c} {gives} {text}{unit}" for c, text in nearest)
        if if_cut:
            because += f"; {_few(if_cut)} would print {number.text}{unit} if digits were cut off, not rounded"
    return Possible(bool(possible), number.text, possible, nearest, rules, if_cut, telling, because)


def _few(values: tuple[int, ...]) -> str:
    if len(values) <= 3:
        return " or ".join(map(str, values))
    return f"anything from {values[0]} to {values[-1]}"
