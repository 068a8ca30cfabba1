"""A number as it was printed, and the exact values that would have been printed so; fractions only, nothing is lost.

Programs differ where a value lies exactly between two printed ones: halves go away from zero, to the even digit, or
where the binary number nearest to the value happens to lie. All three are rounding. Cutting digits off is not; it is
told apart, so that a reader learns what the paper may have done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from handful.base.errors import InputError

Rule: TypeAlias = Literal["half-up", "half-even", "binary", "cut"]

ROUNDED: tuple[Rule, ...] = ("half-up", "half-even", "binary")
"""The rules that round; ``cut`` only cuts off."""

RULE_WORDS: dict[str, str] = {
    "half-up": "halves away from zero",
    "half-even": "halves to the even digit",
    "binary": "as binary numbers print",
    "cut": "cut off, not rounded",
}

_NUMBER = re.compile(r"[+\-−]?(\d+(\.\d*)?|\.\d+)")


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed number: its text, its decimals, and its value as a fraction."""

    text: str
    decimals: int
    value: Fraction

    @property
    def half(self) -> Fraction:
        """Half a unit of the last decimal."""
        return Fraction(1, 2 * 10**self.decimals)

    @property
    def unit(self) -> Fraction:
        """A unit of the last decimal."""
        return Fraction(1, 10**self.decimals)

    @property
    def low(self) -> Fraction:
        """The smallest value that may have been rounded to it."""
        return self.value - self.half

    @property
    def high(self) -> Fraction:
        """The largest value that may have been rounded to it."""
        return self.value + self.half

    def rules(self, exact: Fraction) -> tuple[Rule, ...]:
        """The rules by which ``exact`` is printed so."""
        if self.low < exact < self.high:
            return (*ROUNDED, "cut") if self.cuts(exact) else ROUNDED
        if not self.value - self.unit <= exact <= self.value + self.unit:
            return ()
        return tuple(rule for rule in (*ROUNDED, "cut") if self._by(exact, rule))

    def rounds(self, exact: Fraction) -> bool:
        """Whether some way of rounding prints ``exact`` so."""
        if not self.low <= exact <= self.high:
            return False
        if exact not in (self.low, self.high):
            return True
        return any(self._by(exact, rule) for rule in ROUNDED)

    def cuts(self, exact: Fraction) -> bool:
        """Whether cutting off the further digits prints ``exact`` so."""
        return self._by(exact, "cut")

    def _by(self, exact: Fraction, rule: str) -> bool:
        if rule == "binary":
            return Fraction(f"{float(exact):.{self.decimals}f}") == self.value
        return rounded(exact, self.decimals, rule) == self.value


def printed(number: Any, *, name: str = "number") -> Printed:
    """``number`` as printed: text keeps its zeros (``"3.50"`` has two decimals), a plain number has those it needs
    (3.0 may have been printed as 3, so nothing more is read into it).

    Raises: :class:`~handful.base.errors.InputError` when it is no decimal number.

    >>> printed("3.50").decimals, printed(3.5).decimals, printed(3.0).decimals, printed("−0.6").value
    (2, 1, 0, Fraction(-3, 5))
    """
    if isinstance(number, Printed):
        return number
    text = f"{Decimal(repr(number)):f}".removesuffix(".0") if isinstance(number, float) else str(number).strip()
    if isinstance(number, bool) or not _NUMBER.fullmatch(text):
        raise InputError(
            f"{name}={number!r} is not a number as printed", hint='accepted: text that keeps its zeros, such as "3.50"'
        )
    plain = text.replace("−", "-")
    return Printed(plain, len(plain.partition(".")[2]), Fraction(plain.rstrip(".") if plain.endswith(".") else plain))


def rounded(exact: Fraction, decimals: int, rule: str = "half-up") -> Fraction:
    """``exact`` rounded to ``decimals``: ``half-up`` (away from zero), ``half-even``, or ``cut`` (towards zero).

    >>> rounded(Fraction(5, 2), 0), rounded(Fraction(5, 2), 0, "half-even"), rounded(Fraction(-29, 10), 0, "cut")
    (Fraction(3, 1), Fraction(2, 1), Fraction(-2, 1))
    """
    scale: int = 10**decimals
    units = abs(exact) * scale
    whole = units.numerator // units.denominator
    over = units - whole
    half = Fraction(1, 2)
    if rule != "cut" and (over > half or (over == half and (rule == "half-up" or whole % 2))):
        whole += 1
    return Fraction(whole if exact >= 0 else -whole, scale)


def as_printed(exact: Fraction, decimals: int) -> str:
    """``exact`` with that many decimals, halves away from zero.

    >>> as_printed(Fraction(145, 28), 2)
    '5.18'
    """
    value = rounded(exact, decimals)
    units = abs(value.numerator * (10**decimals // value.denominator))
    digits = str(units).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def whole_between(low: Fraction, high: Fraction) -> Iterator[int]:
    """The whole numbers from ``low`` to ``high``."""
    yield from range(-((-low.numerator) // low.denominator), high.numerator // high.denominator + 1)
