"""What was answered, as tables: the questions, the counts they use, and each group's sum and interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from handful.exports.table import NUMBER, TEXT, WHOLE, Row, Table, table_of
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import GroupAnswer, Synthesis


@dataclass(frozen=True)
class AnsweredRows:
    """The rows that one question has in each table."""

    questions: tuple[Row, ...]
    counted: tuple[Row, ...]
    answers: tuple[Row, ...]


def answered(answers: Mapping[str, Synthesis]) -> tuple[Table, ...]:
    """Questions, the counts that each uses, and what its groups add up to."""
    return answered_tables(rows_of(key, answer) for key, answer in sorted(answers.items()))


def answered_tables(made: Iterable[AnsweredRows]) -> tuple[Table, ...]:
    """The tables of rows that are there already, one question after the other."""
    rows = list(made)
    return (
        _questions(r for one in rows for r in one.questions),
        _counted(r for one in rows for r in one.counted),
        _answers(r for one in rows for r in one.answers),
    )


def rows_of(key: str, answer: Synthesis) -> AnsweredRows:
    """The rows of one question."""
    asked = answer.question
    question = (key, asked.title, asked.asks, answer.main.name, len(answer.studies), answer.people)
    groups = ((s.id, group) for s in answer.sets for group in (*s.groups, s.overall))
    return AnsweredRows(
        (question,), tuple(_counted_rows(key, answer)), tuple(_answer_row(key, part, group) for part, group in groups)
    )


def _questions(rows: Iterable[Row]) -> Table:
    return table_of(
        "questions",
        "One row a question.",
        [
            ("id", TEXT, ""),
            ("title", TEXT, ""),
            ("asks", TEXT, ""),
            ("outcome", TEXT, ""),
            ("studies", WHOLE, ""),
            ("people", WHOLE, ""),
        ],
        rows,
        key=("id",),
    )


def _counted_rows(key: str, answer: Synthesis) -> Iterator[Row]:
    parts = [(s.id, row) for s in answer.sets for row in (*s.overall.count.rows, *s.overall.count.not_countable)]
    parts += [("harms", r.row) for r in answer.harms]
    parts += [("courses", r.row) for r in answer.courses]
    parts += [("alternatives", r.row) for r in answer.alternatives]
    for part, row in parts:
        events, total = row.events, row.total
        yield (
            key,
            part,
            row.groups,
            row.study,
            row.arm,
            row.treatment,
            row.outcome,
            row.time,
            events.value if events else None,
            total.value if total else None,
            total.kind if total else None,
            row.countable,
            row.place.file,
            row.place.line,
        )


def _counted(rows: Iterable[Row]) -> Table:
    return table_of(
        "counted",
        "One row a count that a question uses: for an outcome word, as a harm, a course or an alternative.",
        [
            ("question", TEXT, ""),
            ("part", TEXT, "the outcome's id, harms, courses or alternatives"),
            ("groups", TEXT, ""),
            ("study", TEXT, ""),
            ("arm", TEXT, ""),
            ("treatment", TEXT, ""),
            ("outcome", TEXT, ""),
            ("time", TEXT, ""),
            ("events", WHOLE, ""),
            ("total", WHOLE, ""),
            ("total_kind", TEXT, "which number of people"),
            ("countable", "boolean", "both numbers are known"),
            ("file", TEXT, ""),
            ("line", WHOLE, ""),
        ],
        rows,
        refers=(("question", "questions", "id"), ("study", "studies", "id")),
    )


def _answer_row(key: str, part: str, group: GroupAnswer) -> Row:
    interval = group.interval
    found = (
        (None,) * 4
        if isinstance(interval, NotEstimable)
        else (interval.low, interval.high, interval.level, interval.method)
    )
    reason = interval.reason if isinstance(interval, NotEstimable) else None
    return (
        key,
        part,
        group.id,
        group.count.name,
        group.count.events,
        group.count.total,
        len(group.count.studies),
        *found,
        reason,
    )


def _answers(rows: Iterable[Row]) -> Table:
    return table_of(
        "answers",
        "One row a group of a question under one outcome word: people added up, and what their rate could be.",
        [
            ("question", TEXT, ""),
            ("outcome", TEXT, ""),
            ("group", TEXT, ""),
            ("group_name", TEXT, ""),
            ("events", WHOLE, ""),
            ("total", WHOLE, ""),
            ("studies", WHOLE, ""),
            ("low", NUMBER, "a share from 0 to 1"),
            ("high", NUMBER, ""),
            ("level", NUMBER, ""),
            ("method", TEXT, ""),
            ("not_estimable", TEXT, "why there is no interval"),
        ],
        rows,
        key=("question", "outcome", "group"),
        refers=(("question", "questions", "id"),),
    )


__all__ = ["AnsweredRows", "answered", "answered_tables", "rows_of"]
