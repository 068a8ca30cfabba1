"""A table of counts read from a file: events and totals (or time), every wrong line told."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handful.base.errors import HandfulError, InputError
from handful.base.problems import Problem
from handful.cli.say import message

NAMES = {
    "events": ("events", "event", "x", "responders", "cases"),
    "total": ("total", "totals", "n", "people"),
    "time": ("time", "person-time", "person-years"),
    "label": ("label", "labels", "study", "name"),
}
"""What a column may be called."""

LARGEST_TABLE = 20 * 1024 * 1024


@dataclass
class Table:
    """The columns as read."""

    events: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    time: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    rates: bool = False


def table_text(named: str) -> tuple[str, str]:
    """The table's name for people, and its text."""
    if named == "-":
        name, data = "standard input", sys.stdin.buffer.read(LARGEST_TABLE + 1)
    else:
        path = Path(named)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise InputError(f"{named} {what}", hint="name a table with the columns events and total, or - for input")
        name = named
        with path.open("rb") as file:
            data = file.read(LARGEST_TABLE + 1)
    if len(data) > LARGEST_TABLE:
        raise HandfulError(f"{name} is larger than {LARGEST_TABLE // 1024 // 1024} MB")
    try:
        return name, data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HandfulError(f"{name} is not UTF-8 text (byte {error.start})", hint="save the table as UTF-8") from None


def read_table(text: str, name: str) -> tuple[Table, list[Problem]]:
    """The columns, and every problem with its line."""
    table, problems = Table(), []
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)

    def problem(line: int, code: str, said: str, hint: str) -> None:
        problems.append(Problem(name, line, code, said, hint))

    columns: dict[str, int] | None = None
    width = 0
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                width = len(cells)
                columns = _header([cell.strip().lower() for cell in cells])
                for needed, words in (("events", "events"), ("total", "total (or time)")):
                    if needed not in columns and not (needed == "total" and "time" in columns):
                        seen = ", ".join(cell.strip() for cell in cells)
                        hint = f"the header is: {seen[:200]}\naccepted: {', '.join(NAMES[needed])}"
                        problem(line, "missing-column", f"there is no column `{words}`", hint)
                if "total" in columns and "time" in columns:
                    problem(line, "two-denominators", "has both `total` and `time`", "keep the one that is meant")
                if problems:
                    break
                table.rates = "time" in columns
                continue
            if len(cells) != width:
                problem(
                    line, "wrong-cell-count", f"has {len(cells)} cells, the header {width}", "check commas and quotes"
                )
                continue
            _row(table, {key: cells[i].strip() for key, i in columns.items()}, line, problem)
    except csv.Error as error:
        problem(reader.line_num, "broken-csv", f"cannot be read: {error}", "check quotes and commas")
    if columns is None:
        problem(1, "empty-file", "has no header", "begin with: label,events,total")
    elif not problems and not table.events:
        problem(1, "no-rows", "has a header and no row", "one row a study")
    if table.labels and len(set(table.labels)) != len(table.labels) and not problems:
        twice = sorted({label for label in table.labels if table.labels.count(label) > 1})
        message(f"{name}: note: these labels stand on several rows: {', '.join(twice)}")
    return table, problems


def _header(cells: list[str]) -> dict[str, int]:
    """Which column is what; the first of several names wins."""
    found: dict[str, int] = {}
    for key, names in NAMES.items():
        for name in names:
            if name in cells:
                found[key] = cells.index(name)
                break
    return found


def _row(table: Table, cells: dict[str, str], line: int, problem: Any) -> None:
    events = _whole(cells["events"])
    if events is None:
        said = f"events must be a whole number, found {cells['events'][:40]!r}"
        problem(line, "whole-number", said, "a count of people, 0 or more")
    if table.rates:
        time = _positive(cells["time"])
        if time is None:
            said = f"time must be a number above 0, found {cells['time'][:40]!r}"
            problem(line, "number", said, "person-time, in the unit the rate should have")
        if events is None or time is None:
            return
        table.time.append(time)
    else:
        total = _whole(cells["total"])
        if total is None:
            said = f"total must be a whole number, found {cells['total'][:40]!r}"
            problem(line, "whole-number", said, "a number of people, 0 or more")
        if events is None or total is None:
            return
        if events > total:
            said = f"{events} events of {total}"
            hint = "if events are episodes rather than people, give a column `time` and pool a rate"
            problem(line, "more-events-than-people", said, hint)
            return
        table.totals.append(total)
    table.events.append(events)
    if "label" in cells:
        table.labels.append(cells["label"] or f"row {line}")


def _whole(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) <= 15 else None


def _positive(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
