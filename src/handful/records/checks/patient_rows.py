"""Patient rows: ages, times, scores and dates that cannot be, people who stand twice, counts unlike the paper's."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from handful.base.problems import Problem
from handful.instruments.instrument import Instrument
from handful.records.checks.finding import Finding, find
from handful.records.patient_rows import repeated
from handful.records.patient_table import PatientTable, by_row
from handful.records.records import Records
from handful.records.row_rules import rows_of_arm
from handful.records.score_columns import ScoreColumn, score_columns
from handful.records.study import Arm, Outcome, Study, When

EXPECTED_REPEATS = 0.05
"""Two rows are taken for one person when, with columns independent, fewer equal pairs than this would be expected."""

NOT_COMPARED = frozenset({"person", "source", "at", "quote", "note", "row", "treatment", "arm"})
"""Columns that say nothing about whether two rows are one person."""

AGE_TOLERANCE = 1.01
"""Years by which an age may differ from its dates: it was a whole number, and at some day near the start."""


def check_patient_rows(records: Records) -> Iterator[Problem]:
    """What cannot be in the rows alone."""
    for study in records.people:
        table = records.rows(study)
        if table is None or not len(table):
            continue
        yield from _values(table)
        yield from _scores(table, records)
        yield from _parts(table, records)
        yield from _dates(table)
        yield from _same_row_twice(table)


def _wrong(table: PatientTable, column: str, why: Any, code: str, hint: str) -> Iterator[Problem]:
    """The same fault at every row that has a value for which ``why`` gives a message."""
    lines: dict[Any, list[int]] = {}
    messages = {value: why(value) for value in table.different(column)}
    for line, value in table.lines_with(column, lambda v: bool(messages.get(v))):
        lines.setdefault(value, []).append(line)
    for value, found in lines.items():
        yield from repeated(table.file, found, code, messages[value], hint)


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _values(table: PatientTable) -> Iterator[Problem]:
    def weeks(value: Any) -> str:
        if _number(value) and value < 0:
            return f"column `weeks` is {value:g}; times are weeks after the start of treatment"
        return ""

    def age(value: Any) -> str:
        return f"column `age_years` is {value:g}" if _number(value) and not 0 <= value <= 130 else ""

    yield from _wrong(table, "weeks", weeks, "negative-weeks", "write 0 for the start of treatment")
    yield from _wrong(table, "age_years", age, "impossible-age", "an age in years lies between 0 and 130")


def _scores(table: PatientTable, records: Records) -> Iterator[Problem]:
    for column in score_columns(table.keys("score:")):
        if not column.baseline and column.weeks <= 0:
            message = f"column `{column.name}` is not after the start of treatment"
            hint = f"the score at the start is `score:{column.instrument}@baseline`"
            yield Problem(table.file, 1, "follow-up-before-start", message, hint)
        instrument = records.instruments.get(column.instrument)
        if instrument is None:
            continue
        yield from _unit(table, column, instrument)
        if column.part is not None and instrument.part(column.part) is None:
            known = ", ".join(c.id for c in instrument.components if c.id) or "none"
            message = f"column `{column.name}`: {instrument.called} has no part `{column.part}`"
            yield Problem(table.file, 1, "unknown-part", message, f"its parts: {known}")
            continue

        def outside(value: Any, column: ScoreColumn = column, instrument: Instrument = instrument) -> str:
            said = _outside(value, column, instrument) if _number(value) else None
            return f"column `{column.name}`: {said}" if said else ""

        hint = f"look it up again; {instrument.called} is {instrument.measures}"
        yield from _wrong(table, column.name, outside, "score-outside-instrument", hint)


def _outside(value: float, column: ScoreColumn, instrument: Instrument) -> str | None:
    if column.part is None:
        return instrument.outside(value)
    part = instrument.part(column.part)
    if part is None:
        return None
    alone = instrument.model_copy(update={"low": part.low, "high": part.high, "whole": False})
    return alone.outside(value)


def _unit(table: PatientTable, column: ScoreColumn, instrument: Instrument) -> Iterator[Problem]:
    unit = table.units.get(column.key)
    if unit is None or unit == instrument.unit:
        return
    has = f"{instrument.called} is in {instrument.unit}" if instrument.unit else f"{instrument.called} has no unit"
    message = f"column `{column.name}` is in {unit}, but {has}"
    yield Problem(table.file, 1, "wrong-unit", message, "convert the scores, or give the instrument that unit")


def _parts(table: PatientTable, records: Records) -> Iterator[Problem]:
    """A total beside all its parts is their weighted sum, to the nearest whole point."""
    columns = score_columns(table.keys("score:"))
    for whole in (c for c in columns if c.part is None):
        instrument = records.instruments.get(whole.instrument)
        wanted = [c.id for c in instrument.components if c.id] if instrument else []
        same = [c for c in columns if c.instrument == whole.instrument and c.weeks == whole.weeks]
        here = {c.part: c for c in same if c.part is not None}
        if instrument is None or not wanted or set(wanted) - set(here):
            continue
        names = [whole.name, *(here[part].name for part in wanted)]
        held = [table.columns[name] for name in names]
        for index, codes in enumerate(by_row(held)):
            total, *parts = (column.values[code] for column, code in zip(held, codes, strict=True))
            if not all(_number(v) for v in (total, *parts)):
                continue
            made = sum(c.weight * v for c, v in zip((c for c in instrument.components if c.id), parts, strict=True))
            if abs(made - total) > 0.5 + 1e-9:
                message = f"column `{whole.name}` is {total:g}, but its parts give {made:g}"
                hint = "correct one of them, or leave the total out: it is computed from its parts"
                yield Problem(table.file, table.lines[index], "score-is-not-its-parts", message, hint)


def _dates(table: PatientTable) -> Iterator[Problem]:
    """Days in their order: born, start, visits by week, last seen; and the age that they give."""
    keys = [k for k in table.keys("date:") if k in ("born", "baseline", "last-seen") or re.fullmatch(r"\d+(\.\d+)?", k)]
    order = {"born": -1.0, "baseline": 0.0, "last-seen": float("inf")}
    keys.sort(key=lambda k: order.get(k, 0.0) if k in order else float(k))
    columns = [table.columns[f"date:{key}"] for key in keys]
    for index, codes in enumerate(by_row(columns)):
        days = [(k, c.values[code]) for k, c, code in zip(keys, columns, codes, strict=True)]
        known = [(k, d) for k, d in days if isinstance(d, datetime.date)]
        for (first, before), (second, after) in pairwise(known):
            if after >= before:
                continue
            line, hint = table.lines[index], "look both days up again"
            message = f"`date:{second}` ({after}) lies before `date:{first}` ({before})"
            if first == "baseline":
                yield Problem(table.file, line, "follow-up-before-baseline", message, hint)
            else:
                yield Problem(table.file, line, "dates-out-of-order", message, hint)
        yield from _age(table, index, dict(known))


def _age(table: PatientTable, index: int, days: dict[str, datetime.date]) -> Iterator[Problem]:
    age = table.value("age_years", index)
    if "born" not in days or "baseline" not in days or not _number(age):
        return
    lived = (days["baseline"] - days["born"]).days / 365.25
    if lived >= 0 and abs(lived - age) > AGE_TOLERANCE:
        message = f"column `age_years` is {age:g}, but the days of birth and of the start are {lived:.1f} years apart"
        yield Problem(table.file, table.lines[index], "age-does-not-match-dates", message, "look them up again")


def _same_row_twice(table: PatientTable) -> Iterator[Problem]:
    """Rows equal in all that tells people apart, where chance alone would hardly make two equal.

    With columns taken as independent, the expected number of equal pairs is n(n − 1)/2 times the product over the
    columns of the share of pairs that have one value. Rows rebuilt from counts are equal by their making.
    """
    kind = table.columns["row"]
    read = [kind.values[code] == "read" for code in kind.codes]
    n = sum(read)
    if n < 2:
        return
    compared = [c for name, c in table.columns.items() if name not in NOT_COMPARED]
    expected = n * (n - 1) / 2
    for column in compared:
        counts: dict[int, int] = {}
        for code, kept in zip(column.codes, read, strict=True):
            if kept:
                counts[code] = counts.get(code, 0) + 1
        expected *= sum(c * (c - 1) for c in counts.values()) / (n * (n - 1))
    if expected > EXPECTED_REPEATS:
        return
    seen: dict[tuple[int, ...], int] = {}
    told = [c for c in compared if len(c.values) > 1]
    for index, codes in enumerate(by_row(told)):
        if not read[index]:
            continue
        if codes in seen:
            first = seen[codes]
            message = f"the row is the same as that of line {table.lines[first]} in all that tells people apart"
            hint = "take one away; if they are two people, say in a column what tells them apart"
            yield Problem(table.file, table.lines[index], "same-row-twice", message, hint)
        seen.setdefault(codes, index)


# --- rows against what the paper counts -------------------------------------------------------------------------------


def check_rows_against_study(records: Records, study: Study) -> Iterator[Finding]:
    """Counts that the rows imply equal those of the study; rows of some of the people only are not compared."""
    table = records.rows(study.id)
    if table is None or not len(table):
        return
    for a, arm in enumerate(study.arms):
        if arm.part_of is not None:
            continue
        rows = [i for i, mine in enumerate(rows_of_arm(study, arm, table).tolist()) if mine]
        numbers = {kind: n for kind in arm.n.kinds() if (n := arm.n.get(kind)) is not None}
        if not rows or not numbers:
            continue
        most = max(numbers.values(), key=lambda n: n.value)
        kind = next(k for k, n in numbers.items() if n is most)
        if len(rows) > most.value:
            message = f'arm "{arm.id}": {len(rows)} patient rows, but {most.value} people'
            hint = f"the rows stand in {table.file}; look both up"
            yield find(records, study, ("arms", a, "n", kind), "more-rows-than-people", message, hint)
        elif len(rows) == most.value:
            for o, outcome in enumerate(arm.outcomes):
                yield from _outcome(records, study, table, rows, (a, arm), (o, outcome))


def _outcome(
    records: Records,
    study: Study,
    table: PatientTable,
    rows: list[int],
    arm: tuple[int, Arm],
    item: tuple[int, Outcome],
) -> Iterator[Finding]:
    position, outcome = item
    column = table.columns.get(f"outcome:{outcome.outcome}")
    if column is None or outcome.responders is None or outcome.n is not None:
        return
    values = [column[i] for i in rows]
    yes, unknown = values.count("yes"), sum(v not in ("yes", "no", "not applicable") for v in values)
    reported = outcome.responders.value
    if yes <= reported <= yes + unknown:
        return
    said = f"{yes} of {len(rows)}" + (f" and {unknown} not known" if unknown else "")
    time = outcome.time.words if isinstance(outcome.time, When) else f"time {outcome.time}"
    yield find(
        records,
        study,
        ("arms", arm[0], "outcomes", position, "responders"),
        "rows-contradict-count",
        f'arm "{arm[1].id}", {outcome.outcome} ({time}): {reported} responders, but the patient rows give {said}',
        f"the rows stand in {table.file}; look both up, or declare the source's fault with `known:` beside it",
    )


__all__ = ["check_patient_rows", "check_rows_against_study"]
