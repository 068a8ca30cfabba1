"""robvis tables in and out: one row a study, one column a domain, found by its heading and not by its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from handful.base.errors import HandfulError, InputError
from handful.base.files import write_whole
from handful.certainty.risk_of_bias import BiasRow, RiskOfBias
from handful.certainty.tool import BiasLevel, tool_id, tools

#: robvis reads the first letter of a word; these are its words and letters
READS: dict[str, BiasLevel] = {
    "low": "low",
    "l": "low",
    "some concerns": "some-concerns",
    "some": "some-concerns",
    "s": "some-concerns",
    "moderate": "moderate",
    "m": "moderate",
    "serious": "serious",
    "critical": "critical",
    "c": "critical",
    "high": "high",
    "h": "high",
    "unclear": "unclear",
    "u": "unclear",
    "no information": "no-information",
    "n": "no-information",
    "ni": "no-information",
}
BLANK = frozenset({"", "na", "n/a", "not applicable", "x"})
WRITES: dict[str, str] = {"some-concerns": "Some concerns", "no-information": "No information"}
ROB_1 = (
    "random sequence generation",
    "allocation concealment",
    "blinding of participants and personnel",
    "blinding of outcome assessment",
    "incomplete outcome data",
    "selective reporting",
    "other sources of bias",
)
KNOWN = ("study", "overall", "weight", "rater")
"""Headings that are no domain."""
SERIOUS: BiasLevel = "serious"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a table, at its line."""

    line: int
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class TableRow:
    """One row as it stands: its line, its study, whose judgement it is, and what robvis reads of it."""

    line: int
    rater: str
    made: BiasRow


@dataclass(frozen=True)
class Table:
    """A table that was read: its headings, rows and faults; with faults it is not to be used."""

    tool: str
    domains: tuple[str, ...]
    rows: tuple[TableRow, ...]
    faults: tuple[Fault, ...]
    line: int = 1
    """Where its headings stand."""


def read_table(text: str, *, tool: str | None = None) -> Table:
    """The table with every fault at its line; see :func:`read_robvis`. Commas, semicolons and tabs part the cells."""
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    faults: list[Fault] = []
    rows = _rows(text, faults)
    if not rows:
        if not faults:
            faults.append(
                Fault(1, "empty-table", "the table is empty", "its first line is Study, the domains, Overall")
            )
        return Table(tool or "unknown", (), (), tuple(faults))
    first, cells = rows[0]
    head = [cell.strip() for cell in cells]
    plain = [_heading(cell) for cell in head]
    places: dict[str, int] = {name: plain.index(name) for name in KNOWN if name in plain}
    domains = [i for i, name in enumerate(plain) if name and name not in KNOWN]
    if "study" not in places:
        hint = f"the headings are {', '.join(h for h in head if h) or 'empty'}; name one of them Study"
        faults.append(Fault(first, "no-column", "there is no column Study", hint))
    for name in sorted({n for n in plain if n and plain.count(n) > 1}):
        faults.append(Fault(first, "column-twice", f"heading {name!r} stands twice", "keep one of them"))
    if not domains:
        faults.append(Fault(first, "no-column", "there is no column of a domain", "one column a domain, such as D1"))
    if len(rows) == 1 and not faults:
        faults.append(Fault(first, "empty-table", "the table has headings and no study", "one row a study"))
    chosen = (tool_id(tool) or tool) if tool is not None else _tool_of([plain[i] for i in domains])
    found: list[TableRow] = []
    if not faults:
        letters: dict[str, BiasLevel] = {"s": SERIOUS} if _has_serious(chosen) else {}  # robvis's S of ROBINS-I
        reads = READS | letters
        found = [_read_row(row, line, head, places, domains, faults, reads) for line, row in rows[1:]]
    return Table(chosen, tuple(head[i] for i in domains), tuple(found), tuple(faults), first)


def _rows(text: str, faults: list[Fault]) -> list[tuple[int, list[str]]]:
    """Rows with their lines; empty ones are left out."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count) if any(first.count(mark) for mark in ",;\t") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(line, "not-a-table", f"cannot be read as a table: {error}", "save it as CSV in UTF-8"))
    return found


def _has_serious(tool: str) -> bool:
    known = tools().get(tool)
    return known is not None and SERIOUS in known.levels and "some-concerns" not in known.levels


def read_robvis(file: str | Path, *, tool: str | None = None) -> RiskOfBias:
    """A table of judgements as robvis reads it: ``Study``, a column for each domain, ``Overall``, perhaps ``Weight``.

    Columns are found by their headings, in any order and number; capitals, dots and spaces do not matter. Cells are
    parted by commas, semicolons or tabs. A letter S alone is serious in tools that have that level, else some concerns.

    Args:
        file: a CSV file, or its text when it holds a line break.
        tool: the tool of the judgements; without it, headings that are those of one tool name it, else it is "unknown".

    Raises:
        InputError: with every cell that cannot be read, at its line, and the words that can.

    Source: McGuinness and Higgins 2021, doi:10.1002/jrsm.1411; the columns of robvis's example data sets data_rob2,
    data_robins, data_quadas and data_rob1 (the generic template).

    >>> read_robvis("Study,D1,Overall\\nA,Low,Low\\nB,Some concerns,Some concerns\\n").rows[1].overall
    'some-concerns'
    """
    is_text = isinstance(file, str) and ("\n" in file or not file.strip())
    text = str(file) if is_text else table_text(Path(file))
    found = read_table(text, tool=tool)
    if found.faults:
        told = [f"line {fault.line}: {fault.message}" for fault in found.faults]
        hints = list(dict.fromkeys(fault.hint for fault in found.faults if fault.hint))
        raise InputError("\n".join(told), hint="\n".join(hints))
    return RiskOfBias(found.tool, found.domains, tuple(row.made for row in found.rows))


def accepted_words() -> str:
    """The words of levels that a cell may hold."""
    return f"accepted: {', '.join(sorted({w.capitalize() for w in READS if len(w) > 2}))}, or an empty cell"


def _read_row(
    row: list[str],
    line: int,
    head: list[str],
    places: dict[str, int],
    domains: list[int],
    faults: list[Fault],
    reads: Mapping[str, BiasLevel],
) -> TableRow:
    def cell(index: int) -> str:
        return row[index].strip() if index < len(row) else ""

    def level(index: int) -> BiasLevel | None:
        word = cell(index)
        found = reads.get(" ".join(word.lower().split()))
        if found is None and word.lower() not in BLANK:
            faults.append(Fault(line, "not-a-level", f"{head[index]}: {word!r} is not a level", accepted_words()))
        return found

    if len(row) > len(head):
        message = f"has {len(row)} cells under {len(head)} headings"
        faults.append(Fault(line, "too-many-cells", message, "put cells that hold a comma in quotes"))
    weight = 1.0
    if "weight" in places and cell(places["weight"]):
        try:
            weight = float(cell(places["weight"]))
        except ValueError:
            weight = -1.0
        if not 0 <= weight < float("inf"):
            message = f"Weight: {cell(places['weight'])!r} is not a weight of 0 or more"
            faults.append(Fault(line, "not-a-weight", message, "give a number such as 12.5, or leave it empty"))
    if not cell(places["study"]):
        faults.append(Fault(line, "no-study", "the study has no name", "write it under Study"))
    overall = level(places["overall"]) if "overall" in places else None
    rater = cell(places["rater"]) if "rater" in places else ""
    return TableRow(
        line, rater, BiasRow(cell(places["study"]), tuple(level(i) for i in domains), overall, max(weight, 0.0))
    )


def write_robvis(table: RiskOfBias, file: str | Path | None = None) -> str:
    """The table as robvis reads it; written to ``file`` when one is given. Weights that differ stand in a last column.

    Tools with a template in robvis have its headings (D1, D2 …); the others have the names of their domains, for its
    generic template. Unclear is written as no information for QUADAS-2, whose template has no other word for it.

    >>> print(write_robvis(read_robvis("Study,D1,Overall\\nA,low,high\\n")).splitlines()[1])
    A,Low,High
    """
    weighted = len({row.weight for row in table.rows}) > 1
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    known = tools().get(table.tool)
    generic = known is not None and known.robvis is None and len(table.names) == len(table.domains)
    headings = [name.capitalize() for name in table.names] if generic else table.domains
    writer.writerow(["Study", *headings, "Overall", *(["Weight"] if weighted else [])])
    unclear = {"unclear": "No information"} if table.tool == "quadas-2" else {}
    for row in table.rows:
        cells = [unclear.get(level or "", _word(level)) for level in (*row.levels, row.overall)]
        writer.writerow([row.study, *cells, *([f"{row.weight:g}"] if weighted else [])])
    if file is not None:
        write_whole(Path(file), out.getvalue())
    return out.getvalue()


def _word(level: BiasLevel | None) -> str:
    return "" if level is None else WRITES.get(level, level.capitalize())


def _heading(cell: str) -> str:
    return " ".join(cell.replace(".", " ").replace("_", " ").lower().split())


def _tool_of(headings: list[str]) -> str:
    """The tool whose domains these headings are, when there is only one such tool."""
    if tuple(headings) == ROB_1:
        return "rob-1"
    shorts = [h.upper() for h in headings]
    found = [key for key, t in tools().items() if t.robvis and [d.short.upper() for d in t.domains] == shorts]
    return found[0] if len(found) == 1 else "unknown"


def table_text(path: Path) -> str:
    """The text of a CSV file.

    Raises:
        HandfulError: when it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise HandfulError(f"{path} cannot be read: {error}", hint="name a CSV file in UTF-8") from error


__all__ = ["Fault", "Table", "TableRow", "read_robvis", "read_table", "table_text", "write_robvis"]
