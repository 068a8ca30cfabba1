"""Every quote in the records, by the source it was read in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from handful.records.records import Records


def quotes_by_source(records: Records) -> Mapping[str, tuple[str, ...]]:
    """Source id → the quotes that numbers, people, conflicts, claims and treatments carry from it."""
    found: dict[str, list[str]] = {}
    for study in records.studies.values():
        for source, quote in _quotes(study, study.source):
            found.setdefault(source, []).append(quote)
    others: list[BaseModel] = [*records.conflicts, *records.claims, *records.treatments.values()]
    others += [person for people in records.people.values() for person in people]
    for model in others:
        for source, quote in _quotes(model, ""):
            found.setdefault(source, []).append(quote)
    return {source: tuple(dict.fromkeys(quotes)) for source, quotes in found.items()}


def _quotes(value: Any, source: str) -> Iterator[tuple[str, str]]:
    """Quotes inside a record; a record without a source of its own belongs to the one around it."""
    if isinstance(value, BaseModel):
        own = getattr(value, "source", None) or source
        sources = [own, *(getattr(value, "from_", ()) or ())]
        quote = getattr(value, "quote", None)
        if isinstance(quote, str):
            yield from ((s, quote) for s in sources if s)
        for name in type(value).model_fields:
            yield from _quotes(getattr(value, name), own)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _quotes(item, source)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _quotes(item, source)
