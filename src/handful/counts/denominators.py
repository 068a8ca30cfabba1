"""Of how many people a count is taken, and how many more there were without a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handful.records.study import Denominators

Path = tuple[str | int, ...]
Place = tuple[Denominators | None, Path]

AT_THE_START = ("randomised", "started", "enrolled")
"""Kinds of numbers of people who should have had a result."""

WITH_RESULT = ("analysed", "assessed")
"""Kinds of numbers of people who had one."""


def first_kind(places: Iterable[Place], kinds: Sequence[str]) -> tuple[str, Path] | None:
    """The first of ``kinds`` that a count's own numbers of people give, or else those of its arm; and where."""
    for denominators, where in places:
        for kind in kinds:
            if denominators is not None and denominators.get(kind) is not None:
                return kind, (*where, kind)
    return None


def any_kind(places: Sequence[Place], kinds: Sequence[str]) -> tuple[str, Path] | None:
    """The first of ``kinds`` that stands anywhere, the count's own numbers before those of its arm."""
    for kind in kinds:
        found = first_kind(places, (kind,))
        if found is not None:
            return found
    return None


__all__ = ["AT_THE_START", "WITH_RESULT", "any_kind", "first_kind"]
