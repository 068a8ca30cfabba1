"""Every quote in the records, by the source it was read in; words quoted in a text must stand in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from handful.records.patient_table import by_row
from handful.records.records import Records


def quotes_by_source(records: Records) -> Mapping[str, tuple[str, ...]]:
    """Source id → the quotes that numbers, people, conflicts, claims and treatments carry from it, and its title."""
    found: dict[str, list[str]] = {source.id: [source.title] for source in records.sources.values()}
    for study in records.studies.values():
        for source, quote in _quotes(study, study.source):
            found.setdefault(source, []).append(quote)
    others: list[BaseModel] = [*records.conflicts, *records.claims, *records.treatments.values()]
    for model in others:
        for source, quote in _quotes(model, ""):
            found.setdefault(source, []).append(quote)
    for identifier in records.people:
        rows = records.rows(identifier)
        if rows is not None and "quote" in rows.columns:
            source_column, quote_column = rows.columns["source"], rows.columns["quote"]
            for s, q in dict.fromkeys(by_row((source_column, quote_column))):
                if quote_column.values[q] is not None:
                    found.setdefault(source_column.values[s], []).append(quote_column.values[q])
    return {source: tuple(dict.fromkeys(quotes)) for source, quotes in found.items()}


def stands_in(words: str, quotes: tuple[str, ...]) -> bool:
    """Whether the words stand in one of the quotes; white space and quotation marks do not count."""
    wanted = _plain(words)
    return bool(wanted) and any(wanted in _plain(quote) for quote in quotes)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[“”„\"'‘’]", "", text)).strip().lower()


def _quotes(value: Any, source: str) -> Iterator[tuple[str, str]]:
    """Quotes inside a record; a record without a source of its own belongs to the one around it."""
    if isinstance(value, BaseModel):
        own = getattr(value, "source", None) or source
        quote = getattr(value, "quote", None)
        if isinstance(quote, str):
            yield from ((s, quote) for s in (own, *(getattr(value, "from_", ()) or ())) if s)
        for name in type(value).model_fields:
            yield from _quotes(getattr(value, name), own)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _quotes(item, source)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _quotes(item, source)
