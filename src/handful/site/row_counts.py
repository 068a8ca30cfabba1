"""Counts made from patient rows, told like reported ones: how many, from which lines, read where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from handful.base.wording import count, grouped
from handful.counts.rows import CountRow, Traced
from handful.records.source import SEEN_WORDS
from handful.site.views import CountView, Link, NumberView
from handful.synthesis.synthesis import Synthesis
from handful.words import names
from handful.words.language import told as phrase

Where = tuple[str, str]
"""A study and its arm."""


def counts_from_rows(rows: Iterable[CountRow]) -> Mapping[Where, tuple[CountRow, ...]]:
    """Every count from rows that some question makes, by study and arm, each outcome once."""
    found: dict[Where, dict[str, CountRow]] = {}
    for row in rows:
        found.setdefault((row.study, row.arm), {}).setdefault(row.outcome, row)
    return {where: tuple(rows.values()) for where, rows in found.items()}


def made_by(answer: Synthesis) -> tuple[CountRow, ...]:
    """The counts from rows of one answer, without the rows themselves."""
    sets = [r.row for answered in answer.sets for r in answered.overall.rows]
    rows = (*sets, *(r.row for r in answer.alternatives))
    return tuple(replace(row, counted_from=None) for row in rows if row.counted_from is not None)


def name_of(row: CountRow) -> str:
    """The name of the count on every page."""
    return names.study_count(row.study, row.arm, row.outcome)


def count_view(row: CountRow, source: Link) -> CountView:
    """A count from rows with the lines it was made from."""
    assert row.events is not None
    assert row.total is not None
    notes = (row.unaccounted.words,) if row.unaccounted else ()
    return CountView(
        anchor=name_of(row),
        outcome=row.outcome_name,
        definition=row.definition,
        time=row.time,
        value=count(row.events.value, row.total.value),
        kind="benefit",
        numbers=(
            _number(phrase("cell.people-with"), row.events, source),
            _number(phrase("cell.people-of", kind=row.total.kind_words), row.total, source),
        ),
        notes=notes,
        marks=(),
        missing="",
    )


def _number(what: str, number: Traced, source: Link) -> NumberView:
    origin = number.origin
    return NumberView(
        what=what,
        value=grouped(number.value),
        how=origin.derived or "",
        at="each person's row",
        quote="",
        quote_source=origin.source,
        source=source,
        seen=origin.seen_words or SEEN_WORDS["not recorded"],
        file=str(origin.place),
        fault="",
        note="",
    )


__all__ = ["count_view", "counts_from_rows", "made_by", "name_of"]
