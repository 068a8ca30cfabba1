"""A review as its single records, and the same review with one of them exchanged.

A unit is the smallest thing that is added, removed or corrected as a whole: a study, its people, a source, a conflict,
a question … Whatever mapping or list of typed records a review or its records hold is found by its type, so a kind of
record that is added later is followed without a word here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pydantic import BaseModel

from handful.certainty.judgements import Judgements
from handful.records.records import Records
from handful.review import Review

KIND_WORDS: dict[str, str] = {
    "studies": "study",
    "people": "people of study",
    "sources": "source",
    "treatments": "treatment",
    "outcomes": "outcome definition",
    "conflicts": "conflict",
    "claims": "claim",
    "questions": "question",
    "risk_of_bias": "risk of bias",
    "certainty": "certainty of question",
    "ladders": "ladder",
    "instruments": "instrument",
    "overlaps": "decision on people of",
    "corrections": "reader's point",
}


@dataclass(frozen=True, order=True)
class Unit:
    """The address of one record: the field that holds it (``studies``), and its id."""

    kind: str
    id: str

    @property
    def words(self) -> str:
        """'study harada-2020'."""
        return f"{KIND_WORDS.get(self.kind, self.kind.replace('_', ' '))} {self.id}"


Content = BaseModel | Sequence[BaseModel]


def units(review: Review) -> dict[Unit, Content]:
    """Every record of the review by its address; the order of files leaves no trace."""
    found: dict[Unit, Content] = {}
    for holder in _holders(review).values():
        found |= _of(holder)
    return {unit: found[unit] for unit in sorted(found)}


Holder = Records | Judgements | Review


def _holders(review: Review) -> dict[str, Holder]:
    """The parts of a review that hold records: under which field of it they stand (the review itself under '')."""
    return {"records": review.records, "judgements": review.judgements, "": review}


def _of(holder: Holder) -> dict[Unit, Content]:
    found: dict[Unit, Content] = {}
    for part in fields(holder):
        value = getattr(holder, part.name)
        if isinstance(value, Judgements):
            continue  # a holder of its own
        if isinstance(value, Mapping):
            for key, content in value.items():
                if isinstance(content, BaseModel) or _is_rows(content):
                    found[Unit(part.name, str(key))] = content
        elif _is_rows(value):
            for item in value:
                identifier = getattr(item, "id", None)
                if isinstance(identifier, str):
                    found[Unit(part.name, identifier)] = item
    return found


def _is_rows(value: Any) -> bool:
    """Records one after the other: typed lists, and the people of a study, which are held by column."""
    return (
        isinstance(value, Sequence) and not isinstance(value, str) and bool(value) and isinstance(value[0], BaseModel)
    )


def with_unit(review: Review, unit: Unit, content: Content | None) -> Review:
    """The review with that record in the place of its own; ``None`` takes it away. Every part that holds it changes."""
    for where in _holders(review):
        holder = _holders(review)[where]
        if unit.kind in {part.name for part in fields(holder)}:
            changed: Any = replace(holder, **{unit.kind: _with(getattr(holder, unit.kind), unit.id, content)})
            review = replace(review, **{where: changed}) if where else changed
    return review


def _with(old: Any, identifier: str, content: Content | None) -> Any:
    """A mapping, or a list whose order means nothing, with one record exchanged; ordered by id."""
    items = dict(old) if isinstance(old, Mapping) else {item.id: item for item in old}
    items.pop(identifier, None)
    if content is not None:
        items[identifier] = content
    ordered = {key: items[key] for key in sorted(items)}
    return ordered if isinstance(old, Mapping) else tuple(ordered.values())


def in_one_order(review: Review) -> Review:
    """The same review with every list and mapping of records ordered by id, as ``with_unit`` leaves it."""
    records = review.records
    lists: dict[str, Any] = {
        part.name: tuple(sorted(getattr(records, part.name), key=lambda item: str(item.id)))
        for part in fields(records)
        if _is_rows(getattr(records, part.name)) and all(hasattr(i, "id") for i in getattr(records, part.name))
    }
    maps: dict[str, Any] = {
        part.name: {key: value[key] for key in sorted(value)}
        for part in fields(records)
        if isinstance(value := getattr(records, part.name), Mapping) and part.name not in ("attributes",)
    }
    return replace(review, records=replace(records, **lists, **maps))


__all__ = ["Content", "Unit", "in_one_order", "units", "with_unit"]
