"""A table for other programs: named columns with their types, rows of plain values, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Field:
    """A column: its name, its Frictionless type (string, integer, number, boolean, any), and what stands in it."""

    name: str
    type: str
    description: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its name, what one row is, its columns, its rows; which columns name a row, and which name others."""

    name: str
    description: str
    fields: tuple[Field, ...]
    rows: tuple[Row, ...]
    key: tuple[str, ...] = ()
    refers: tuple[tuple[str, str, str], ...] = ()
    """(column, table, its column)."""

    def csv(self) -> bytes:
        """The table as UTF-8 CSV: a header, then the rows; an empty cell is a value that is not known."""
        to = io.StringIO(newline="")
        writer = csv.writer(to, lineterminator="\n")
        writer.writerow(field.name for field in self.fields)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return to.getvalue().encode()


def _cell(value: Any) -> str:
    """A value as text. A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format(value, ".10g")
    if isinstance(value, tuple | list):
        value = "; ".join(str(v) for v in value)
    text = str(value).replace("\x00", "")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


TEXT, WHOLE, NUMBER = "string", "integer", "number"


def table_of(
    name: str,
    description: str,
    fields: Sequence[tuple[str, str, str]],
    rows: Iterable[Row],
    key: tuple[str, ...] = (),
    refers: tuple[tuple[str, str, str], ...] = (),
) -> Table:
    """The table of these columns: (name, type, description)."""
    return Table(name, description, tuple(Field(*field) for field in fields), tuple(rows), key, refers)


__all__ = ["NUMBER", "TEXT", "WHOLE", "Field", "Row", "Table", "table_of"]
