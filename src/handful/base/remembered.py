"""What was made of a frozen value, kept for as long as the value lives: by identity, so that asking costs nothing."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")
T = TypeVar("T")


class Remembered(Generic[V, T]):
    """A function of one frozen value that is worked out once for each object it is asked about.

    Nothing is kept alive by it: when the object goes, what was made of it goes. A copy of the object is another object.
    """

    def __init__(self, make: Callable[[V], T]) -> None:
        self._make = make
        self._made: dict[int, tuple[weakref.ref[V], T]] = {}

    def __call__(self, value: V) -> T:
        key = id(value)
        found = self._made.get(key)
        if found is None or found[0]() is not value:
            kept = weakref.ref(value, lambda _: self._made.pop(key, None) and None)
            found = self._made[key] = (kept, self._make(value))
        return found[1]


__all__ = ["Remembered"]
