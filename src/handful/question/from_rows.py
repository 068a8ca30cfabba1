"""Counts made from patient rows by a rule: which rows of which arm serve, and why others do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from handful.base.provenance import Reported
from handful.question.entries import Entry, Excluded
from handful.question.people_counted import PeopleCounted, rows_that_cannot_serve, verdicts
from handful.question.question import AcceptedRule, Question
from handful.records.patient_table import PatientTable
from handful.records.people import matches
from handful.records.records import Records
from handful.records.row_rules import rows_matching, rows_of_arm
from handful.records.study import Arm, Outcome, Study, When

if TYPE_CHECKING:
    import numpy as np

Numbers: TypeAlias = "np.ndarray"

PARTLY = frozenset({"people", "people-unknown", "rows-rebuilt"})
"""Reasons that may hold for some people of an arm whose others are in."""


def entries_from_rows(
    records: Records,
    question: Question,
    rules: tuple[AcceptedRule, ...],
    studies: Iterable[Study],
    wanted: frozenset[str],
    excluded: list[Excluded],
) -> list[Entry]:
    """One entry for every arm whose rows can serve a rule; the first rule that can be served is taken."""
    found = []
    for study in studies:
        table = records.rows(study.id)
        if table is None or not len(table):
            continue
        for index, arm in enumerate(study.arms):
            if arm.treatment not in wanted or arm.part_of is not None:
                continue
            out: list[Excluded] = []
            for accepted in rules:
                entry = _entry(records, question, accepted, study, index, table, out)
                if entry is not None:
                    found.append(entry)
                    excluded.extend(o for o in out if o.code in PARTLY)
                    break
            else:
                excluded.extend(out[:1])
    return found


def _entry(
    records: Records,
    question: Question,
    accepted: AcceptedRule,
    study: Study,
    index: int,
    table: PatientTable,
    excluded: list[Excluded],
) -> Entry | None:
    import numpy as np

    arm = study.arms[index]
    words = accepted.rule.words(records.instruments)
    mine = rows_of_arm(study, arm, table)

    def out(code: str, reason: str) -> None:
        excluded.append(Excluded(study.id, arm.id, reason, code))

    if not mine.any():
        out("rows-without-arm", "its patient rows do not say that they belong to this arm")
        return None
    unable = rows_that_cannot_serve(table, accepted, words)
    if unable is not None:
        out(unable.code, unable.reason)
        return None
    whole = max((n.value for kind in arm.n.kinds() if (n := arm.n.get(kind)) is not None), default=0)
    if whole > mine.sum():
        out("rows-incomplete", f"it has patient rows of {mine.sum()} of its {whole} people only")
        return None
    kind = table.columns["row"]
    rebuilt = np.array([v != "read" for v in kind.values])[np.frombuffer(kind.codes, dtype=np.int32)] & mine
    if rebuilt.any():
        out(
            "rows-rebuilt",
            f"{rebuilt.sum()} of {mine.sum()} rows were rebuilt from counts and cannot say who had {words}",
        )
    chosen = mine & ~rebuilt
    for reason, unknown, rows in _not_asked(records, question, arm, table, chosen):
        out("people-unknown" if unknown else "people", f"{rows.sum()} of {mine.sum()} people: {reason}")
        chosen = chosen & ~rows
    if not chosen.any():
        return None
    places = np.flatnonzero(chosen)
    people = PeopleCounted(table, accepted, places, verdicts(table, accepted)[places])
    return Entry(study, arm, counted_outcome(study, people, words), ("arms", index), people=people)


def _not_asked(
    records: Records, question: Question, arm: Arm, table: PatientTable, chosen: Numbers
) -> Iterator[tuple[str, bool, Numbers]]:
    """Rows that do not meet the question's rule over people, by reason."""
    match = rows_matching(table, rows_rule(question.people, arm, table), records.attributes)
    for number, (reason, unknown) in enumerate(match.reasons):
        rows = chosen & (match.why == number)
        if rows.any():
            yield reason, unknown, rows


def rows_rule(rule: dict[str, tuple[str, ...]], arm: Arm, table: PatientTable) -> dict[str, tuple[str, ...]]:
    """The part of a rule that rows must answer: what the arm says of all its people need not stand in every row."""
    return {
        attribute: asked
        for attribute, asked in rule.items()
        if attribute in table.columns or "@" in attribute or not matches(arm.people, {attribute: asked}).yes
    }


def counted_outcome(study: Study, people: PeopleCounted, words: str) -> Outcome:
    """The count as an outcome of the study, derived from its rows."""
    first, last = people.lines
    responders = Reported[int](
        value=people.responders,
        derived=f"people with {words}, counted in {people.people} patient rows, lines {first} to {last}",
        from_=sources_of(study, people),
    )
    accepted = people.accepted
    return Outcome(outcome=accepted.outcome, definition=None, time=When(weeks=accepted.at.weeks), responders=responders)


def sources_of(study: Study, people: PeopleCounted) -> tuple[str, ...]:
    """The sources that the rows were read in."""
    column = people.table.columns["source"]
    codes = dict.fromkeys(column.codes[i] for i in people.rows.tolist()[:10000])
    return tuple(column.values[code] for code in codes) or (study.source,)


__all__ = ["PARTLY", "counted_outcome", "entries_from_rows", "rows_rule", "sources_of"]
