"""Certainty and thresholds as the sentences need them, however they are handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from handful.base.errors import InputError, UnknownChoice

CertaintyLevel: TypeAlias = Literal["high", "moderate", "low", "very-low"]

LEVELS: tuple[CertaintyLevel, ...] = ("very-low", "low", "moderate", "high")
"""From the least to the most certain."""

SIZES = ("small", "moderate", "large")
"""Each threshold is where its size begins; below the first a difference is trivial."""


def certainty_level(given: Any) -> CertaintyLevel | None:
    """``None`` where nothing was rated; a word in either spelling, or something with a ``level``.

    Raises:
        UnknownChoice: for another word.
    """
    if given is None or given == "not-rated":
        return None
    word = str(getattr(given, "level", given)).strip().lower().replace(" ", "-").replace("_", "-")
    for level in LEVELS:
        if word == level:
            return level
    raise UnknownChoice("certainty", given, list(LEVELS))


@dataclass(frozen=True)
class Thresholds:
    """Where a small, a moderate and a large difference begin, in the units of the difference, in rising order."""

    names: tuple[str, ...]
    begins: tuple[float, ...]

    def size(self, difference: float) -> str:
        """'trivial', 'small', 'moderate' or 'large'."""
        reached = sum(abs(difference) >= start for start in self.begins)
        return self.names[reached - 1] if reached else "trivial"


def thresholds_of(given: Any) -> Thresholds | None:
    """From a mapping ``{"small": 0.05, "moderate": 0.1, "large": 0.2}`` (or its parts) or three rising numbers.

    Raises:
        InputError: when they are not positive and rising, or carry other names.
    """
    if given is None:
        return None
    if isinstance(given, Thresholds):
        return given
    if isinstance(given, Mapping):
        pairs = [(name, given[name]) for name in SIZES if given.get(name) is not None]
        odd = [str(name) for name in given if name not in SIZES]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        pairs, odd = list(zip(SIZES, given, strict=False)), [str(value) for value in given[len(SIZES) :]]
    else:
        pairs = [(name, value) for name in SIZES if (value := getattr(given, name, None)) is not None]
        odd = [] if pairs else [repr(given)]
    begins = tuple(float(value) for _, value in pairs)
    rising = all(a < b for a, b in pairwise(begins))
    if odd or not begins or not rising or not 0 < begins[0] < float("inf") or begins[-1] != begins[-1]:
        hint = 'for example thresholds={"small": 0.05, "moderate": 0.1, "large": 0.2}: where each size begins, rising'
        raise InputError(f"thresholds={given!r} cannot be used", hint=hint)
    return Thresholds(tuple(name for name, _ in pairs), begins)
