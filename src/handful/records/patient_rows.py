"""``studies/<id>.patients.csv`` read into a table, every problem with its line.

Cells repeat: each different text of a column is validated once, by the same types that validate a single ``Person``.
"""

from __future__ import annotations

import csv
import functools
import io
from array import array
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from handful.base.problems import Problem, did_you_mean
from handful.records.patient_table import SHOWN, Column, PatientTable, default_of
from handful.records.patients import PREFIXES, CellDate, CellNumber, Person, YesNo
from handful.records.score_columns import without_unit

Told: TypeAlias = tuple[str, str]
"""A fault of a cell: message and hint."""

_FIXED = {(f.alias or n): f for n, f in Person.model_fields.items() if n not in PREFIXES.values()}
_NEEDED = ("person", "treatment", "row", "source", "at")
_MANY: dict[str, Any] = {"outcome:": YesNo, "score:": CellNumber, "date:": CellDate}
_CHUNK = 16384


def read_patient_rows(text: str | Iterable[str], file: str) -> tuple[PatientTable, list[Problem]]:
    """The people and what is wrong, from a text or from its lines. A file with a wrong header gives no people.

    Rows with a fault in a cell are told and left out of the table.
    """
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="") if isinstance(text, str) else text
    reader = csv.reader(lines, strict=True)
    problems: list[Problem] = []
    try:
        header = [cell.strip() for cell in next(reader)]
    except StopIteration:
        problems.append(Problem(file, 1, "empty-file", "has no header", f"begin with: {','.join(_NEEDED)}"))
        return _nobody(file), problems
    except csv.Error as error:
        problems.append(Problem(file, 1, "broken-csv", f"cannot be read: {error}", "check quotes and commas"))
        return _nobody(file), problems
    if header:
        header[0] = header[0].removeprefix("\ufeff")
    problems.extend(_header_problems(header, file))
    if problems:
        return _nobody(file), problems
    names, units = without_unit(header)
    columns = [_Reading(name) for name in names]
    rows = _Rows(reader, header, file, problems, reader.line_num + 1)
    found_lines = array("q")
    for chunk in rows.chunks():
        found_lines.extend(rows.lines)
        for column, cells in zip(columns, zip(*chunk, strict=True), strict=True):
            column.codes.extend(map(column.found.__getitem__, cells))
    for name, column in zip(header, columns, strict=True):
        problems.extend(column.problems(name, file, found_lines))
    table = PatientTable(file, {c.name: Column(c.name, c.values, c.codes) for c in columns}, found_lines, units)
    if any(c.wrong for c in columns):
        table = table.kept([min(codes) >= 0 for codes in zip(*(c.codes for c in columns), strict=True)])
    problems.extend(_twice(table))
    return table, problems


def _nobody(file: str) -> PatientTable:
    return PatientTable(file, {}, array("q"), {})


def _header_problems(header: list[str], file: str) -> Iterator[Problem]:
    for name in header:
        if name not in _FIXED and not name.startswith(tuple(_MANY)):
            yield Problem(file, 1, "unknown-column", f"unknown column `{name}`", did_you_mean(name, _FIXED))
    for name in _NEEDED:
        if name not in header:
            yield Problem(file, 1, "missing-column", f"column `{name}` is missing", "add it to the header")
    plain, _ = without_unit(header)
    for name in sorted({n for n in plain if plain.count(n) > 1}):
        yield Problem(file, 1, "duplicate-column", f"column `{name}` stands twice", "keep one")


class _Rows:
    """Rows of the right width, many at a time, with the line each begins in."""

    def __init__(self, reader: Any, header: list[str], file: str, problems: list[Problem], start: int) -> None:
        self.reader, self.width, self.file, self.problems, self.start = reader, len(header), file, problems, start
        self.person = header.index("person")
        self.lines: list[int] = []

    def chunks(self) -> Iterator[list[list[str]]]:
        chunk: list[list[str]] = []
        lines: list[int] = []
        start, reader = self.start, self.reader
        try:
            for cells in reader:
                line, start = start, reader.line_num + 1
                if len(cells) == self.width and cells[self.person].strip():
                    chunk.append(cells)
                    lines.append(line)
                    if len(chunk) == _CHUNK:
                        self.lines = lines
                        yield chunk
                        chunk, lines = [], []
                elif not any(cell.strip() for cell in cells):
                    continue
                elif len(cells) == self.width:
                    chunk.append(cells)
                    lines.append(line)
                else:
                    message = f"has {len(cells)} cells, the header {self.width}"
                    self.problems.append(
                        Problem(self.file, line, "wrong-cell-count", message, "check commas and quotes")
                    )
        except csv.Error as error:
            message = f"cannot be read: {error}"
            self.problems.append(Problem(self.file, reader.line_num, "broken-csv", message, "check quotes and commas"))
        if chunk:
            self.lines = lines
            yield chunk


class _Texts(dict[str, int]):
    """Text of a cell → number of its value; a new text is validated when it is met, spaces around it do not count."""

    def __init__(self, column: _Reading) -> None:
        super().__init__()
        self.column = column

    def __missing__(self, text: str) -> int:
        plain = text.strip()
        code = self[plain] if plain != text else self.column.code_of(text)
        self[text] = code
        return code


class _Reading:
    """A column while it is read. A text with faults has a number below 0."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: list[Any] = []
        self.codes = array("i")
        self.found = _Texts(self)
        self.wrong: list[list[Told]] = []
        self.validated = _adapter(name).validator.validate_python

    def code_of(self, text: str) -> int:
        """The number of the value of a text that was not met before."""
        try:
            value = self.validated(text) if text else _empty(self.name)
        except (ValidationError, _Empty):
            self.wrong.append(read_cell(self.name, text)[1])
            return -len(self.wrong)
        self.values.append(value)
        return len(self.values) - 1

    def problems(self, name: str, file: str, lines: array[int]) -> Iterator[Problem]:
        """The faults of its cells, each with its line."""
        if not self.wrong:
            return
        where: dict[int, list[int]] = {}
        for code, line in zip(self.codes, lines, strict=True):
            if code < 0:
                where.setdefault(code, []).append(line)
        for code, found in where.items():
            for message, hint in self.wrong[-code - 1]:
                yield from repeated(file, found, "wrong-cell", f"column `{name}`{message}", hint)


def repeated(file: str, lines: list[int], code: str, message: str, hint: str) -> Iterator[Problem]:
    """The same fault in many rows: the first ones by line, then how many more."""
    for line in lines[:SHOWN]:
        yield Problem(file, line, code, message, hint)
    if len(lines) > SHOWN:
        yield Problem(file, lines[SHOWN], code, f"{message}: here and in {len(lines) - SHOWN - 1} more rows", hint)


@functools.cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """The type of a column's cells, as ``Person`` has it."""
    config = ConfigDict(str_strip_whitespace=True)
    prefix, colon, _ = name.partition(":")
    if colon:
        return TypeAdapter(_MANY[prefix + colon], config=config)
    info: FieldInfo = _FIXED[name]
    kind: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return TypeAdapter(kind, config=config)


class _Empty(Exception):
    """A cell that must be filled is empty."""


def _empty(name: str) -> Any:
    info = _FIXED.get(name)
    if info is not None and info.is_required():
        raise _Empty
    return default_of(name)


def read_cell(name: str, text: str) -> tuple[Any, list[Told]]:
    """The value of a cell, or what is wrong with it: message (after the column's name) and hint."""
    try:
        return (_adapter(name).validate_python(text) if text else _empty(name)), []
    except _Empty:
        return None, [(" is empty", "fill it in; what is not known is `not reported`")]
    except ValidationError as error:
        return None, [told(dict(item), text) for item in error.errors(include_url=False)]


def told(error: dict[str, Any], text: str) -> Told:
    """A fault of a cell in words; the same whether a cell or a whole row was validated."""
    shown = text if len(text) <= 60 else text[:57] + "…"
    ctx = error.get("ctx") or {}
    if error["type"] == "literal_error":
        return f": {shown!r} is not known", f"accepted: {ctx.get('expected', '')}"
    message = str(error["msg"]).removeprefix("Value error, ")
    found = "" if "found " in message else f", found {shown!r}"
    return f": {message[0].lower()}{message[1:]}{found}", "see the columns in the reference of files"


def _twice(table: PatientTable) -> Iterator[Problem]:
    """People who stand under one name."""
    column = table.columns.get("person")
    if column is None or len(column.values) == len(column.codes):
        return
    seen: dict[int, int] = {}
    for code, line in zip(column.codes, table.lines, strict=True):
        if code in seen:
            message = f"person `{column.values[code]}` stands in line {seen[code]} too"
            yield Problem(table.file, line, "duplicate-id", message, "number people apart")
        seen[code] = line


__all__ = ["read_cell", "read_patient_rows", "repeated", "told"]
