"""``studies/<id>.patients.csv`` read into rows, every problem with its line."""

from __future__ import annotations

import csv
import io

from pydantic import ValidationError

from handful.base.problems import Problem, did_you_mean
from handful.records.patients import Person

_FIXED = {(f.alias or n) for n, f in Person.model_fields.items() if n not in ("outcomes", "scores")}
_NEEDED = ("person", "treatment", "row", "source", "at")


def read_patient_rows(text: str, file: str) -> tuple[tuple[Person, ...], tuple[int, ...], list[Problem]]:
    """The people, the line of each, and what is wrong. A file with a wrong header gives no people."""
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
    except StopIteration:
        return (), (), [Problem(file, 1, "empty-file", "has no header", f"begin with: {','.join(_NEEDED)}")]
    except csv.Error as error:
        return (), (), [Problem(file, 1, "broken-csv", f"cannot be read: {error}", "check quotes and commas")]
    for name in header:
        if name not in _FIXED and not name.startswith(("outcome:", "score:")):
            problems.append(Problem(file, 1, "unknown-column", f"unknown column `{name}`", did_you_mean(name, _FIXED)))
    problems.extend(
        Problem(file, 1, "missing-column", f"column `{name}` is missing", "add it to the header")
        for name in _NEEDED
        if name not in header
    )
    twice = {name for name in header if header.count(name) > 1}
    problems.extend(
        Problem(file, 1, "duplicate-column", f"column `{n}` stands twice", "keep one") for n in sorted(twice)
    )
    if problems:
        return (), (), problems
    people: list[Person] = []
    lines: list[int] = []
    seen: dict[str, int] = {}
    start = reader.line_num + 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problems.append(
                    Problem(
                        file,
                        line,
                        "wrong-cell-count",
                        f"has {len(cells)} cells, the header {len(header)}",
                        "check commas and quotes",
                    )
                )
                continue
            person = _person(dict(zip(header, (cell.strip() for cell in cells), strict=True)), file, line, problems)
            if person is None:
                continue
            if person.person in seen:
                problems.append(
                    Problem(
                        file,
                        line,
                        "duplicate-id",
                        f"person `{person.person}` stands in line {seen[person.person]} too",
                        "number people apart",
                    )
                )
            seen[person.person] = line
            people.append(person)
            lines.append(line)
    except csv.Error as error:
        problems.append(
            Problem(file, reader.line_num, "broken-csv", f"cannot be read: {error}", "check quotes and commas")
        )
    return tuple(people), tuple(lines), problems


def _person(cells: dict[str, str], file: str, line: int, problems: list[Problem]) -> Person | None:
    values: dict[str, object] = {k: v for k, v in cells.items() if k in _FIXED and v}
    values["outcomes"] = {k.removeprefix("outcome:"): v for k, v in cells.items() if k.startswith("outcome:") and v}
    values["scores"] = {k.removeprefix("score:"): v for k, v in cells.items() if k.startswith("score:") and v}
    try:
        return Person.model_validate(values)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            where = ".".join(
                str(part) for part in item["loc"] if not str(part).startswith(("function-", "constrained-"))
            )
            hint = str(item.get("ctx", {}).get("expected", "")) or "see the file's column descriptions"
            problems.append(
                Problem(
                    file,
                    line,
                    "wrong-cell",
                    f"column `{where}`: {item['msg']}, found {str(item.get('input'))[:60]!r}",
                    hint,
                )
            )
        return None
