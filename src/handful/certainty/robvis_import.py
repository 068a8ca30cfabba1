"""A robvis table → judgement files of a review: every fault at its line, and nothing made where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from handful.base.problems import Problem, did_you_mean
from handful.certainty.robvis import Fault, Table, TableRow, read_table
from handful.certainty.tool import BiasLevel, Tool
from handful.certainty.tool import tool as tool_named
from handful.records.judgement import Judgement

AGREED = frozenset({"agreed", "consensus"})
"""A row of this rater is what was agreed on in the end."""
NO_REASON = "taken over from a table of judgements, which gives no reason"


@dataclass(frozen=True)
class Imported:
    """What a table gives: judgements ready to be written, or the problems that stand in the way of all of them."""

    judgements: tuple[Judgement, ...]
    problems: tuple[Problem, ...]


def import_robvis(
    text: str,
    file: str,
    *,
    tool: str,
    studies: Mapping[str, str],
    taken: Sequence[str] = (),
    by: Sequence[str] = (),
    seen: str | None = None,
) -> Imported:
    """Judgements of the studies of a review, made of a table as robvis reads it.

    A column ``Rater`` makes two rows of one study those of two raters; where they differ, a third row of the rater
    ``agreed`` says what was settled.

    Args:
        text: the table.
        file: what it is called in messages.
        tool: the tool of the judgements, by its id or name.
        studies: the review's studies by their id, each with its short name; both name a row.
        taken: ids of judgements that exist already; they are never replaced.
        by: who judged, where the table does not say.
        seen: what was seen of the studies.

    Raises:
        UnknownChoice: when there is no such tool.
    """
    chosen = tool_named(tool)
    table = read_table(text, tool=chosen.id)
    domains, wrong = _domains(table, chosen)
    faults = [*table.faults, *(wrong if table.rows else ())]
    named = {_plain(name): key for key, short in studies.items() for name in (short, key)}
    of_study: dict[str, list[TableRow]] = {}
    for row in table.rows:
        study = named.get(_plain(row.made.study))
        if study is None and row.made.study:
            hint = did_you_mean(row.made.study, [*studies, *studies.values()])
            message = f"`{row.made.study}` is not a study of the review"
            faults.append(Fault(row.line, "unknown-study", message, hint))
        elif study is not None:
            of_study.setdefault(study, []).append(row)
        faults += _levels(row, table, chosen)
    if not by and any(not row.rater for row in table.rows):
        line = next(row.line for row in table.rows if not row.rater)
        faults.append(Fault(line, "no-rater", "it is not said who judged", "give --by NAME, or a column Rater"))
    made = [] if faults else [
        _judgement(study, rows, domains, chosen, by, seen, faults) for study, rows in of_study.items()
    ]  # fmt: skip
    for study, rows in of_study.items():
        if study in taken:
            message = f"judgements/{study}.yaml is there already"
            faults.append(Fault(rows[0].line, "judgement-exists", message, "delete it first, or take the row away"))
    found = tuple(sorted({_problem(file, fault) for fault in faults}))
    return Imported((), found) if found else Imported(tuple(one for one in made if one is not None), ())


def _problem(file: str, fault: Fault) -> Problem:
    return Problem(file, fault.line, fault.code, fault.message, fault.hint)


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def _domains(table: Table, chosen: Tool) -> tuple[list[str | None], list[Fault]]:
    """The domain of each column, by its short name, id or name."""
    known = {_plain(name): d.id for d in chosen.judged_domains for name in (d.short, d.id, d.name)}
    found = [known.get(_plain(heading)) for heading in table.domains]
    faults = [
        Fault(
            table.line,
            "unknown-domain",
            f"column {heading!r} is not a domain of {chosen.name}",
            did_you_mean(heading, known),
        )
        for heading, domain in zip(table.domains, found, strict=True)
        if domain is None
    ]
    return found, faults


def _level(level: BiasLevel | None, chosen: Tool) -> BiasLevel | None:
    """The level in the tool's own words: what robvis's template of QUADAS-2 has no word for is unclear."""
    if chosen.id == "quadas-2" and level in ("no-information", "some-concerns"):
        return "unclear"
    return level


def _levels(row: TableRow, table: Table, chosen: Tool) -> list[Fault]:
    named = [(heading, level) for heading, level in zip(table.domains, row.made.levels, strict=True)]
    faults = [
        Fault(row.line, "level-not-of-tool", f"{heading}: {chosen.name} has no level `{own}`",
              f"accepted: {', '.join(chosen.levels)}")
        for heading, level in (*named, ("Overall", row.made.overall))
        if (own := _level(level, chosen)) is not None and own not in chosen.levels
    ]  # fmt: skip
    said = any(fault.line == row.line and fault.message.startswith("Overall") for fault in table.faults)
    if row.made.overall is None and not said:
        faults.append(Fault(row.line, "no-overall", "the overall judgement is missing", "write it under Overall"))
    return faults


def _judgement(
    study: str,
    rows: list[TableRow],
    domains: list[str | None],
    chosen: Tool,
    by: Sequence[str],
    seen: str | None,
    faults: list[Fault],
) -> Judgement | None:
    raters = [row for row in rows if row.rater and row.rater.lower() not in AGREED]
    settled = [row for row in rows if row.rater.lower() in AGREED]
    alone = [row for row in rows if not row.rater]
    names = [row.rater for row in raters]
    for row in (*raters, *settled, *alone):
        same = [other for other in rows if other.rater.lower() == row.rater.lower() and other.line < row.line]
        if same:
            whose = f" of {row.rater}" if row.rater else ""
            message = f"`{row.made.study}` stands twice{whose}, first in line {same[0].line}"
            faults.append(Fault(row.line, "judged-twice", message, "keep one of them"))
            return None
    agreed = (settled or alone or raters)[0]
    final = _found(agreed, domains, chosen)
    if not settled and not alone:
        for row in raters[1:]:
            differing = [
                name for name, level in _found(row, domains, chosen).items() if final.get(name, level) != level
            ]
            if differing:
                message = (
                    f"{row.rater} and {agreed.rater} differ on {', '.join(differing)} of `{row.made.study}`; "
                    "nothing says how that was settled"
                )
                hint = "add a row of the rater `agreed` with what was settled"
                faults.append(Fault(row.line, "raters-disagree", message, hint))
                return None
    overall = final.pop("overall")
    allowed = chosen.overall_judgements(final)
    if allowed and overall not in allowed:
        message = f"Overall is {overall}; the domains give {' or '.join(allowed)}"
        hint = "correct the row; a judgement that departs from the rules is written by hand, with its reason"
        faults.append(Fault(agreed.line, "judgement-against-rules", message, hint))
        return None
    body: dict[str, Any] = {
        "id": study,
        "study": study,
        "tool": chosen.id,
        "domains": [{"domain": name, "level": level, "because": NO_REASON} for name, level in final.items()],
        "overall": overall,
        "because": NO_REASON,
        "by": list(dict.fromkeys([*names, *by])),
        "on": "not recorded",
    }
    if seen:
        body["seen"] = seen
    if len(raters) > 1:
        body["raters"] = [_rater(row, domains, chosen) for row in raters]
        if settled:
            body["agreed_by"] = "as the table has it in its row of what was agreed; how is not told"
    try:
        return Judgement.model_validate(body)
    except ValidationError as error:  # a name with a line break, say
        for one in error.errors():
            place = ".".join(str(part) for part in one["loc"])
            faults.append(Fault(agreed.line, "not-a-judgement", f"{place}: {one['msg']}", "correct the cell"))
        return None


def _found(row: TableRow, domains: list[str | None], chosen: Tool) -> dict[str, BiasLevel]:
    """Levels by domain, and the overall one."""
    found = {
        name: own
        for name, level in zip(domains, row.made.levels, strict=True)
        if name is not None and (own := _level(level, chosen)) is not None
    }
    overall = _level(row.made.overall, chosen)
    assert overall is not None
    return {**found, "overall": overall}


def _rater(row: TableRow, domains: list[str | None], chosen: Tool) -> dict[str, Any]:
    found = _found(row, domains, chosen)
    overall = found.pop("overall")
    return {"by": row.rater, "domains": dict(found), "overall": overall}


__all__ = ["Imported", "import_robvis"]
