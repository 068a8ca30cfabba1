"""Two records side by side, field by field: where they differ, from what to what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handful.living.units import Content
from handful.records.patient_table import PatientTable

Step = str | int
KEYS = (
    ("id",),
    ("person",),
    ("item",),
    ("study", "arm", "outcome", "time"),
    ("first", "second"),
    ("outcome", "group"),
    ("line", "kind", "about"),
    ("outcome", "time"),
    ("instrument", "what", "time"),
    ("source",),
)
"""What tells the items of a list apart, best first; a list whose items have none of these goes by position."""


@dataclass(frozen=True)
class FieldChange:
    """One field: its path in words, the old value and the new (None: not there), and its path in the new file."""

    path: tuple[str, ...]
    old: Any
    new: Any
    place: tuple[Step, ...] = ()

    @property
    def words(self) -> str:
        """'arms › adults › n › assessed › value: 4 → 5'."""
        return f"{' › '.join(self.path)}: {shown(self.old)} → {shown(self.new)}"


def shown(value: Any) -> str:
    """A value as a note shows it: words as they are; what is not there is said so."""
    if value is None:
        return "not there"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def plain(content: Content | None) -> Any:
    """A record as plain data, only what was typed (defaults left out)."""
    if content is None:
        return None
    if isinstance(content, BaseModel):
        return content.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return [plain(item) for item in content]


def changed_fields(old: Content | None, new: Content | None) -> tuple[FieldChange, ...]:
    """Every leaf in which the two differ, in the order of the new record, then what only the old one had."""
    if isinstance(old, PatientTable) and isinstance(new, PatientTable) and old.digest() == new.digest():
        return ()  # without making an object of every row
    before, after = dict(_leaves(plain(old))), dict(_leaves(plain(new)))
    changes = []
    for path, (value, place) in after.items():
        was = before.get(path)
        if was is None or was[0] != value:
            changes.append(FieldChange(path, was[0] if was else None, value, place))
    for path, (value, place) in before.items():
        if path not in after:
            changes.append(FieldChange(path, value, None, place))
    return tuple(changes)


def leaves(data: Any) -> dict[tuple[str, ...], Any]:
    """Every leaf of plain data by its path in words."""
    return {path: value for path, (value, _) in _leaves(data)}


def _leaves(
    data: Any, path: tuple[str, ...] = (), place: tuple[Step, ...] = ()
) -> Iterator[tuple[tuple[str, ...], tuple[Any, tuple[Step, ...]]]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, str(key)), (*place, str(key)))
    elif isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        seen: dict[str, int] = {}
        for index, item in enumerate(data):
            name = _name(data, item, index)
            seen[name] = seen.get(name, 0) + 1
            step = name if seen[name] == 1 else f"{name} ({seen[name]})"
            yield from _leaves(item, (*path, step), (*place, index))
    elif isinstance(data, list):
        yield path, (", ".join(shown(item) for item in data), place)
    elif data is not None or not path:
        yield path, (data, place)


def _name(items: list[dict[str, Any]], item: dict[str, Any], index: int) -> str:
    for keys in KEYS:
        if all(key in each for each in items for key in keys[:1]):
            return " at ".join(_short(item[key]) for key in keys if key in item)
    return str(index + 1)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{shown(v)} {k}" for k, v in value.items())
    return shown(value)


__all__ = ["FieldChange", "changed_fields", "leaves", "plain", "shown"]
