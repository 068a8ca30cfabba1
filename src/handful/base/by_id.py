"""Things by their id: looking up one that is not there says which is near."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from handful.base.errors import UnknownChoice

T = TypeVar("T")


class UnknownId(UnknownChoice, KeyError):
    """An id that names nothing, with the nearest that does; a ``KeyError`` too, as of any mapping."""


class ById(dict[str, T]):
    """A dict by id whose ``[…]`` says what was near when there is no such id. ``get`` and ``in`` are those of a dict.

    >>> ById("question", {"adults": 1})["adult"]
    Traceback (most recent call last):
    handful.base.by_id.UnknownId: question='adult' is not known
      did you mean 'adults'? accepted: adults
    """

    def __init__(self, kind: str, things: dict[str, T]) -> None:
        super().__init__(things)
        self.kind = kind

    def __missing__(self, identifier: object) -> NoReturn:
        raise UnknownId(self.kind, identifier, list(self))


__all__ = ["ById", "UnknownId"]
