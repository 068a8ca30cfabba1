"""Who of a study's patient rows responded, by a rule: each row's verdict, and which rows could not serve."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from handful.instruments.responder import ABSOLUTE, SLACK, Rule
from handful.question.question import AcceptedRule
from handful.records.patient_table import PatientTable
from handful.records.score_columns import ScoreColumn, score_columns

if TYPE_CHECKING:
    import numpy as np

Numbers: TypeAlias = "np.ndarray"

YES, NO, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, eq=False)
class Visits:
    """The scores of an instrument in a table: at the start, and at the follow-up that a rule takes.

    ``start`` and ``later`` have one number a row, NaN where it is not known; ``week`` says at which visit.
    """

    start: Numbers
    later: Numbers
    week: Numbers


@dataclass(frozen=True, eq=False)
class PeopleCounted:
    """The rows of a table that a rule was asked of, with the verdict of each (1 yes, 0 no, -1 not known)."""

    table: PatientTable
    accepted: AcceptedRule
    rows: Numbers
    verdicts: Numbers

    @cached_property
    def responders(self) -> int:
        """People who met the rule."""
        return int((self.verdicts == YES).sum())

    @cached_property
    def without(self) -> int:
        """People of whom it is not known."""
        return int((self.verdicts == UNKNOWN).sum())

    @property
    def people(self) -> int:
        """All people asked."""
        return len(self.rows)

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line of these rows."""
        return self.table.lines[int(self.rows[0])], self.table.lines[int(self.rows[-1])]

    def only(self, chosen: Numbers) -> PeopleCounted:
        """Those of them whose row is chosen (one truth value a row of the table)."""
        keep = chosen[self.rows]
        return PeopleCounted(self.table, self.accepted, self.rows[keep], self.verdicts[keep])

    def with_rule(self, accepted: AcceptedRule) -> PeopleCounted:
        """The same people under another rule."""
        return PeopleCounted(self.table, accepted, self.rows, verdicts(self.table, accepted)[self.rows])


def numbers(table: PatientTable, name: str) -> Numbers:
    """A column as numbers, NaN where it is not reported or not there."""
    import numpy as np

    column = table.columns.get(name)
    if column is None or not len(table):
        return np.full(len(table), np.nan)
    values = np.array([v if isinstance(v, int | float) else np.nan for v in column.values], dtype=float)
    return values[np.frombuffer(column.codes, dtype=np.int32)]


def scores_of(table: PatientTable, instrument: str) -> tuple[ScoreColumn, ...]:
    """The columns that hold the whole score of an instrument, by time."""
    found = (c for c in score_columns(table.keys("score:")) if c.instrument == instrument and c.part is None)
    return tuple(sorted(found, key=lambda c: c.weeks))


def visits(table: PatientTable, instrument: str, accepted: AcceptedRule) -> Visits:
    """The start and the follow-up of every row, as the rule's ``at`` takes them."""
    import numpy as np

    columns = scores_of(table, instrument)
    start = next((numbers(table, c.name) for c in columns if c.baseline), np.full(len(table), np.nan))
    later, week = np.full(len(table), np.nan), np.full(len(table), np.nan)
    for i in accepted.at.visits(tuple(c.weeks for c in columns)):
        found = numbers(table, columns[i].name)
        fill = np.isnan(later) & ~np.isnan(found)
        later[fill], week[fill] = found[fill], columns[i].weeks
    return Visits(start, later, week)


def verdicts(table: PatientTable, accepted: AcceptedRule) -> Numbers:
    """The verdict of every row: the same as ``Rule.verdict`` for one person, for all at once."""
    import numpy as np

    result = np.full(len(table), YES, dtype=np.int8)
    for bar in accepted.rule.bars:
        found = visits(table, bar.instrument or "", accepted)
        one = _bar(bar, found.start, found.later)
        unknown = (result == UNKNOWN) | (one == UNKNOWN)
        result = np.where((result == NO) | (one == NO), NO, np.where(unknown, UNKNOWN, YES)).astype(np.int8)
    return result


def _bar(bar: Rule, start: Numbers, later: Numbers) -> Numbers:
    import numpy as np

    value = bar.value
    first = np.nan_to_num(start)
    slack = SLACK * np.maximum(np.maximum(abs(value), np.abs(np.nan_to_num(later))), np.abs(first))
    if bar.bar in ABSOLUTE:
        known = ~np.isnan(later)
        met = {
            "at_most": later <= value + slack,
            "at_least": later >= value - slack,
            "below": later < value - slack,
            "above": later > value + slack,
        }[bar.bar]
    else:
        percent = bar.bar.endswith("percent")
        known = ~np.isnan(later) & ~np.isnan(start) & ~(percent & (first == 0))
        change = start - later if bar.bar.startswith("fall") else later - start
        met = change >= (value * np.abs(start) / 100 if percent else value) - slack
    return np.where(known, np.where(met, YES, NO), UNKNOWN).astype(np.int8)


@dataclass(frozen=True)
class RowsOut:
    """Rows that cannot serve a rule, and why."""

    code: str
    reason: str


def rows_that_cannot_serve(table: PatientTable, accepted: AcceptedRule, words: str) -> RowsOut | None:
    """Why no row of a table can serve a rule, or None.

    Rows rebuilt from counts hold no score of their own; rows that were read may lack the score, the start or the visit.
    """
    rule = accepted.rule
    kinds = Counter(table.columns["row"].values[code] for code in table.columns["row"].codes)
    rebuilt = kinds.get("rebuilt-from-counts", 0)
    lacking = [i for i in rule.instruments if not scores_of(table, i)]
    if rebuilt == len(table):
        return RowsOut("rows-rebuilt", f"its rows were rebuilt from counts and cannot say who had {words}")
    if lacking:
        return RowsOut("rows-without-score", f"its patient rows hold no score for {words}")
    for instrument in rule.instruments:
        columns = scores_of(table, instrument)
        if any(bar.needs_start and bar.instrument == instrument for bar in rule.bars) and not any(
            c.baseline for c in columns
        ):
            return RowsOut("rows-without-start", f"its patient rows hold no score at the start, which {words} needs")
        if not list(accepted.at.visits(tuple(c.weeks for c in columns))):
            return RowsOut("rows-without-visit", f"its patient rows hold no score at {accepted.at.words}")
    return None


__all__ = ["PeopleCounted", "RowsOut", "Visits", "numbers", "rows_that_cannot_serve", "scores_of", "verdicts", "visits"]
