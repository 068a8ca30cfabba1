"""Records that only got another id: found, and the older review with the new ids in every place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from handful.living.fields import plain
from handful.living.units import Content, Unit, units, with_unit
from handful.records.mentions import names_in
from handful.review import Review

KINDS = ("sources", "studies")
"""What is looked at: a source first, because a study under a new id may name a source under a new id."""


def renames(old: Mapping[Unit, Content], new: Mapping[Unit, Content]) -> dict[str, dict[str, str]]:
    """For each kind the old id → the new one, where a record left and one came that differs in nothing but its id.

    Two records that are alike but for their ids, so that it could have been either, are not taken for renamed.
    """
    found: dict[str, dict[str, str]] = {}
    everywhere: dict[str, str] = {}
    for kind in KINDS:
        gone = {u.id: _bare(old[u], everywhere) for u in old if u.kind == kind and u not in new}
        come = {u.id: _bare(new[u], {}) for u in new if u.kind == kind and u not in old}
        for was, content in gone.items():
            same = [now for now, other in come.items() if other == content]
            if len(same) == 1 and sum(other == content for other in gone.values()) == 1:
                found.setdefault(kind, {})[was] = same[0]
        everywhere |= found.get(kind, {})
    return found


def with_new_ids(review: Review, found: Mapping[str, Mapping[str, str]]) -> Review:
    """The older review as if the records had had their new ids from the start, wherever they are named."""
    ids = {was: now for kind in found.values() for was, now in kind.items()}
    for unit, content in units(review).items():
        own = ids.get(unit.id) if unit.kind in (*KINDS, "people") and unit.id in _of(found, unit.kind) else None
        if isinstance(content, BaseModel) and names_in(content) & ids.keys():
            body = _put(content.model_dump(mode="json", by_alias=True, exclude_defaults=True), ids)
            changed: Content = type(content).model_validate(body)
        elif own is not None:
            changed = content
        else:
            continue
        now = own or getattr(changed, "id", unit.id)
        if now != unit.id:
            review = with_unit(review, unit, None)
        review = with_unit(review, Unit(unit.kind, str(now)), changed)
    return review


def _of(found: Mapping[str, Mapping[str, str]], kind: str) -> Mapping[str, str]:
    """The people of a study go where the study goes."""
    return found.get("studies" if kind == "people" else kind, {})


def _bare(content: Content, ids: Mapping[str, str]) -> Any:
    body = plain(content)
    return _put({key: value for key, value in body.items() if key != "id"}, ids) if isinstance(body, dict) else body


def _put(data: Any, ids: Mapping[str, str]) -> Any:
    """Plain data with the new id in the place of each text that is an old one."""
    if isinstance(data, dict):
        return {key: _put(value, ids) for key, value in data.items()}
    if isinstance(data, list):
        return [_put(item, ids) for item in data]
    return ids.get(data, data) if isinstance(data, str) else data


__all__ = ["renames", "with_new_ids"]
