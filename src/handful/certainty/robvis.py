"""robvis tables in and out: one row a study, one column a domain, found by its heading and not by its place."""

from __future__ import annotations

import csv
import io
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


def read_robvis(file: str | Path, *, tool: str | None = None) -> RiskOfBias:
    """A table of judgements as robvis reads it: ``Study``, a column for each domain, ``Overall``, perhaps ``Weight``.

    Columns are found by their headings, in any order and number; capitals, dots and spaces do not matter.

    Args:
        file: a CSV file, or its text when it holds a line break.
        tool: the tool of the judgements; without it, headings that are those of one tool name it, else it is "unknown".

    Raises:
        InputError: with every cell that cannot be read, and the words that can.

    Source: McGuinness and Higgins 2021, doi:10.1002/jrsm.1411.

    >>> read_robvis("Study,D1,Overall\\nA,Low,Low\\nB,Some concerns,Some concerns\\n").rows[1].overall
    'some-concerns'
    """
    text = file if isinstance(file, str) and "\n" in file else _text(Path(file))
    rows = [
        row for row in csv.reader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"))) if any(c.strip() for c in row)
    ]
    if not rows:
        raise InputError("the table is empty", hint="its first line is Study, the domains, Overall")
    head = [cell.strip() for cell in rows[0]]
    plain = [_heading(cell) for cell in head]
    places: dict[str, int] = {name: plain.index(name) for name in ("study", "overall", "weight") if name in plain}
    domains = [i for i, name in enumerate(plain) if name and name not in ("study", "overall", "weight")]
    problems = [f"there is no column {name.capitalize()}" for name in ("study",) if name not in places]
    problems += [f"heading {name!r} stands twice" for name in sorted({n for n in plain if n and plain.count(n) > 1})]
    if not domains:
        problems.append("there is no column of a domain")
    made: list[BiasRow] = []
    if not problems:
        made = [_read_row(row, line, head, places, domains, problems) for line, row in enumerate(rows[1:], start=2)]
    if problems:
        accepted = ", ".join(sorted({word.capitalize() for word in READS if len(word) > 2}))
        raise InputError("\n".join(problems), hint=f"accepted: {accepted}, or an empty cell")
    chosen = tool_id(tool) if tool is not None else None
    return RiskOfBias(
        chosen or tool or _tool_of([plain[i] for i in domains]), tuple(head[i] for i in domains), tuple(made)
    )


def _read_row(
    row: list[str], line: int, head: list[str], places: dict[str, int], domains: list[int], problems: list[str]
) -> BiasRow:
    def cell(index: int) -> str:
        return row[index].strip() if index < len(row) else ""

    def level(index: int) -> BiasLevel | None:
        word = cell(index)
        found = READS.get(word.lower())
        if found is None and word.lower() not in BLANK:
            problems.append(f"line {line}: {head[index]}: {word!r} is not a level")
        return found

    if len(row) > len(head):
        problems.append(f"line {line}: has {len(row)} cells under {len(head)} headings")
    weight = 1.0
    if "weight" in places and cell(places["weight"]):
        try:
            weight = float(cell(places["weight"]))
        except ValueError:
            weight = -1.0
        if not 0 <= weight < float("inf"):
            problems.append(f"line {line}: Weight: {cell(places['weight'])!r} is not a weight of 0 or more")
    if not cell(places["study"]):
        problems.append(f"line {line}: the study has no name")
    overall = level(places["overall"]) if "overall" in places else None
    return BiasRow(cell(places["study"]), tuple(level(i) for i in domains), overall, weight)


def write_robvis(table: RiskOfBias, file: str | Path | None = None) -> str:
    """The table as robvis reads it; written to ``file`` when one is given. Weights that differ stand in a last column.

    >>> print(write_robvis(read_robvis("Study,D1,Overall\\nA,low,high\\n")).splitlines()[1])
    A,Low,High
    """
    weighted = len({row.weight for row in table.rows}) > 1
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Study", *table.domains, "Overall", *(["Weight"] if weighted else [])])
    for row in table.rows:
        cells = [_word(level) for level in (*row.levels, row.overall)]
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise HandfulError(f"{path} cannot be read: {error}", hint="name a CSV file in UTF-8") from error


__all__ = ["read_robvis", "write_robvis"]
