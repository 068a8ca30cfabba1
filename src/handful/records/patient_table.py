"""Patient rows held by column: each different value once, and a number for every row that says which.

A file of a million people is read, checked and counted without a million objects; a person's row is made when asked.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import Any, overload

from handful.base.digest import canonical_json
from handful.base.typed import freeze
from handful.records.patients import PREFIXES, Person

SHOWN = 20
"""Of one and the same fault, so many rows are named one by one; the rest is counted."""


class Column:
    """One column: ``values[codes[i]]`` is the value of row ``i``; None where the cell is empty and has no default."""

    __slots__ = ("codes", "name", "values")

    def __init__(self, name: str, values: list[Any], codes: array[int]) -> None:
        self.name, self.values, self.codes = name, values, codes

    def __getitem__(self, index: int) -> Any:
        return self.values[self.codes[index]]

    def rows_with(self, chosen: Callable[[Any], bool]) -> Iterator[int]:
        """Positions of the rows whose value is chosen; the question is put once to each different value."""
        wanted = [chosen(value) for value in self.values]
        if not any(wanted):
            return iter(())
        return compress(range(len(self.codes)), map(wanted.__getitem__, self.codes))


class PatientTable(Sequence[Person]):
    """The people of one study, in the order of the file."""

    def __init__(self, file: str, columns: dict[str, Column], lines: array[int], units: dict[str, str]) -> None:
        self.file = file
        self.columns = columns
        self.lines = lines
        self.units = units
        self._places: dict[str, int] | None = None

    @classmethod
    def of(cls, people: Iterable[Person], file: str, lines: Iterable[int]) -> PatientTable:
        """A table of rows that are there one by one."""
        listed = list(people)
        made: dict[str, Column] = {}
        for field, info in Person.model_fields.items():
            if field in PREFIXES.values():
                prefix = next(p for p, f in PREFIXES.items() if f == field)
                keys = dict.fromkeys(key for person in listed for key in getattr(person, field))
                for key in keys:
                    made[prefix + key] = _column(prefix + key, [getattr(p, field).get(key) for p in listed])
            else:
                name = info.alias or field
                made[name] = _column(name, [getattr(person, field) for person in listed])
        return cls(file, made, array("q", lines), {})

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> Person: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Person, ...]: ...
    def __getitem__(self, index: int | slice) -> Person | tuple[Person, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        values: dict[str, Any] = {}
        maps: dict[str, dict[str, Any]] = {field: {} for field in PREFIXES.values()}
        for name, column in self.columns.items():
            value = column[index]
            prefix, colon, key = name.partition(":")
            if colon:
                if value is not None:
                    maps[PREFIXES[prefix + colon]][key] = value
            elif value is not None:
                values["with_" if name == "with" else name] = value
        values |= {field: freeze(found) for field, found in maps.items()}
        return Person.model_construct(None, **values)

    def __iter__(self) -> Iterator[Person]:
        return (self[i] for i in range(len(self)))

    def person(self, identifier: str) -> Person | None:
        """The first row of that person, when there is one."""
        if self._places is None:
            column = self.columns["person"]
            self._places = {}
            for index in range(len(self) - 1, -1, -1):
                self._places[column[index]] = index
        place = self._places.get(identifier)
        return None if place is None else self[place]

    def keys(self, prefix: str) -> tuple[str, ...]:
        """What follows the prefix in the names of its columns: ids of outcomes, 'salt@baseline'."""
        return tuple(name[len(prefix) :] for name in self.columns if name.startswith(prefix))

    def value(self, name: str, index: int) -> Any:
        """The value of a column in a row; its default (or None) where the file has no such column."""
        column = self.columns.get(name)
        return column[index] if column is not None else default_of(name)

    def different(self, name: str) -> tuple[Any, ...]:
        """The different values of a column that occur, in the order met."""
        column = self.columns.get(name)
        if column is None:
            return (default_of(name),) if len(self) else ()
        return tuple(column.values[code] for code in dict.fromkeys(column.codes))

    def lines_with(self, name: str, chosen: Callable[[Any], bool]) -> Iterator[tuple[int, Any]]:
        """Line and value of the rows whose value in a column is chosen."""
        column = self.columns.get(name)
        if column is not None:
            for index in column.rows_with(chosen):
                yield self.lines[index], column[index]

    def digest(self) -> str:
        """One hash over all cells; the order of columns does not matter, that of rows does."""
        found = hashlib.sha256()
        for name in sorted(self.columns):
            column = self.columns[name]
            order = list(dict.fromkeys(column.codes))
            found.update(canonical_json([name, [_plain(column.values[code]) for code in order]]).encode())
            place = {code: i for i, code in enumerate(order)}
            codes = array("i", map(place.__getitem__, column.codes))
            if sys.byteorder == "big":
                codes.byteswap()
            found.update(codes.tobytes())
        return "sha256:" + found.hexdigest()

    def kept(self, keep: Sequence[bool]) -> PatientTable:
        """The table with only some of its rows."""
        columns = {n: Column(n, c.values, array("i", compress(c.codes, keep))) for n, c in self.columns.items()}
        return PatientTable(self.file, columns, array("q", compress(self.lines, keep)), self.units)


def default_of(name: str) -> Any:
    """What a cell of a column that is not there means."""
    field = "with_" if name == "with" else name
    info = Person.model_fields.get(field)
    return None if info is None or info.is_required() else info.get_default(call_default_factory=True)


def _column(name: str, values: list[Any]) -> Column:
    place: dict[Any, int] = {}
    codes = array("i", (place.setdefault(value, len(place)) for value in values))
    return Column(name, list(place), codes)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def by_row(columns: Sequence[Column]) -> Iterator[tuple[int, ...]]:
    """The codes of several columns, row by row."""
    return zip(*(column.codes for column in columns), strict=True)


__all__ = ["SHOWN", "Column", "PatientTable", "by_row", "default_of"]
