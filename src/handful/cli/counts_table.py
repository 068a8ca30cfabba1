"""A table read from a file: counts of one group or two, means, or estimates; every wrong line told."""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from handful.base.errors import HandfulError, InputError
from handful.base.problems import Problem
from handful.cli.say import message
from handful.cli.table_forms import ACCEPTED, ARM, FORMS, LABEL, Form, form_of, found_in, place_of

LARGEST_TABLE = 20 * 1024 * 1024
_MISSING = ("", "na", "nan", ".", "not reported")

Cell: TypeAlias = int | float | None
Tell: TypeAlias = Callable[[int, str, str, str], None]


@dataclass
class Table:
    """The columns as read. ``makes`` names the evidence, ``arms`` the two groups where the file named them."""

    makes: str = "one_arm"
    columns: dict[str, list[Cell]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    arms: tuple[str, str] | None = None
    names: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))


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


def read_table(text: str, name: str, reference: str | None = None) -> tuple[Table, list[Problem]]:
    """The columns, and every problem with its line. ``reference`` names the second group of a table with arms."""
    table, problems = Table(), []
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)

    def problem(line: int, code: str, said: str, hint: str) -> None:
        problems.append(Problem(name, line, code, said, hint))

    header: list[str] | None = None
    form, places = FORMS[0], dict[str, int]()
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                form, places = _header(header, cells, line, problem, name)
                if problems:
                    break
                table.makes = form.makes
                table.columns = {column.name: [] for column in form.columns}
                continue
            if len(cells) != len(header):
                problem(
                    line, "wrong-cell-count", f"has {len(cells)} cells, the header {len(header)}",
                    "check commas and quotes",
                )  # fmt: skip
                continue
            _row(table, form, {key: cells[i].strip() for key, i in places.items()}, line, problem)
    except csv.Error as error:
        problem(reader.line_num, "broken-csv", f"cannot be read: {error}", "check quotes and commas")
    if header is None:
        problem(1, "empty-file", "has no header", "begin with: label,events,total")
    elif not problems and not len(table):
        problem(1, "no-rows", "has a header and no row", "one row a study")
    if not problems:
        _finish(table, form, name, reference, problem)
    return table, problems


def _finish(table: Table, form: Form, name: str, reference: str | None, problem: Tell) -> None:
    from handful.cli.arms_table import side_by_side

    repeated = len(set(table.labels)) != len(table.labels)
    if "others1" in table.columns:
        for i in ("1", "2"):
            events, others = table.columns[f"events{i}"], table.columns.pop(f"others{i}")
            table.columns[f"total{i}"] = [int(a or 0) + int(b or 0) for a, b in zip(events, others, strict=True)]
    if table.names and repeated and form.makes in ("one_arm", "one_arm_rates"):
        side_by_side(table, reference, problem)
    elif reference is not None:
        raise InputError(
            "--reference is for a table with a row for each arm of a study",
            hint="give columns study, arm, events and total, two rows a study",
        )
    elif repeated:
        twice = sorted({label for label in table.labels if table.labels.count(label) > 1})
        message(f"{name}: note: these labels stand on several rows: {', '.join(twice)}")


def _header(header: list[str], cells: list[str], line: int, problem: Tell, name: str) -> tuple[Form, dict[str, int]]:
    """Which form the table has and where its columns stand."""
    form, lacking = form_of(header)
    seen = ", ".join(cell.strip() for cell in cells)
    if lacking:
        accepted = [column for column in form.columns if column.name in lacking]
        words = " and ".join(f"`{column}`" for column in lacking)
        hint = f"the header is: {seen[:200]}\n" + "\n".join(
            f"accepted for `{column.name}`: {', '.join(column.names)}" for column in accepted
        )
        hint += f"\ntables that can be pooled: {ACCEPTED}"
        problem(line, "missing-column", f"there is no column {words}", hint)
        return form, {}
    for one, other in (("total", "time"), ("total1", "time1")):
        if all(any(c.name == word and place_of(c.names, header) is not None for f in FORMS for c in f.columns)
               for word in (one, other)) and one in found_in(form, header):  # fmt: skip
            problem(line, "two-denominators", f"has both `{one}` and `{other}`", "keep the one that is meant")
    spreads = [form for form in FORMS if form.makes == "estimates" and len(found_in(form, header)) == 2]
    if form.makes == "estimates" and len(spreads) > 1:
        message(f"{name}: note: the variances were taken, the standard errors left aside")
    elif form.makes != "estimates" and spreads:
        message(f"{name}: note: the counts or means were pooled, the estimates left aside")
    places = found_in(form, header)
    for key, names in (("label", LABEL), ("arm", ARM)):
        place = place_of(names, header)
        if place is not None and place not in places.values():
            places[key] = place
    for place in sorted(places.values()):
        if header.count(header[place]) > 1:
            problem(line, "duplicate-column", f"column `{header[place]}` stands twice", "keep one")
    return form, places


def _row(table: Table, form: Form, cells: dict[str, str], line: int, problem: Tell) -> None:
    values: dict[str, Cell] = {}
    wrong = False
    for column in form.columns:
        try:
            values[column.name] = _value(cells[column.name], column.holds)
        except ValueError:
            wrong = True
            found = f"{column.name} must be {_WORDS[column.holds][0]}, found {cells[column.name][:40]!r}"
            code = "whole-number" if column.holds == "count" else "number"
            _tell(problem, line, code, found, _hint(cells[column.name], column.holds))
    for events, total in form.not_more:
        x, n = values.get(events), values.get(total)
        if x is not None and n is not None and x > n:
            wrong = True
            hint = "if events are episodes rather than people, give a column `time` and pool a rate"
            group = {"1": " in group 1", "2": " in group 2"}.get(events[-1], "")
            problem(line, "more-events-than-people", f"{x} events of {n}{group}", hint)
    if wrong:
        return
    for name, value in values.items():
        table.columns[name].append(value)
    table.lines.append(line)
    if "label" in cells:
        table.labels.append(cells["label"] or f"row {line}")
    if "arm" in cells:
        table.names.append(cells["arm"])


def _tell(problem: Tell, line: int, code: str, said: str, hint: str) -> None:
    if code == "whole-number":
        problem(line, "whole-number", said, hint)
    else:
        problem(line, "number", said, hint)


def _hint(cell: str, holds: str) -> str:
    """What is accepted; for a decimal comma, the number as it should stand."""
    whole, comma, part = cell.partition(",")
    if holds != "count" and comma and whole.lstrip("-−").isdigit() and part.isdigit():
        return f"a decimal point: {whole}.{part}"
    return _WORDS[holds][1]


_WORDS = {
    "count": ("a whole number", "a count of people, 0 or more"),
    "above-0": ("a number above 0", "person-time, in the unit the rate should have"),
    "number": ("a number", "a decimal point, no thousands separator"),
    "not-negative": ("a number of at least 0", "a standard deviation"),
    "estimate": ("a number, or empty", "ratios as logarithms; an empty cell leaves the study out, with a note"),
    "spread": ("a number above 0, or empty", "a variance (vi) or standard error (sei) on the scale of yi"),
}


def _value(cell: str, holds: str) -> Cell:
    """The cell as what its column holds; ``ValueError`` where it is something else."""
    if holds == "count":
        if cell.isascii() and cell.isdigit() and len(cell) <= 15:
            return int(cell)
        raise ValueError
    if holds in ("estimate", "spread") and cell.lower() in _MISSING:
        return None
    value = float(cell.replace("−", "-"))
    if not math.isfinite(value) or "_" in cell:
        raise ValueError
    if (holds in ("above-0", "spread") and value <= 0) or (holds == "not-negative" and value < 0):
        raise ValueError
    return value
