"""What is right in a file whose form is partly wrong, so that its other faults are found in the same look."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from handful.base.yaml_files import Document, Place

M = TypeVar("M", bound=BaseModel)

MOST_ROUNDS = 40


def salvage(document: Document, model: type[M]) -> tuple[M, Document] | None:
    """The document without the parts that are wrong in form, and its lines; None when too little is left.

    Only for looking for further faults: what is returned is never computed with or shown.
    """
    data, lines = copy.deepcopy(document.data), dict(document.lines)
    for _ in range(MOST_ROUNDS):
        try:
            return model.model_validate(data), Document(document.file, data, lines, document.digest)
        except ValidationError as error:
            places = {_wrong_part(data, item["loc"]) for item in error.errors(include_url=False)}
        except (RecursionError, TypeError):
            return None
        cut = False
        # from the back, so that positions named earlier stay right
        for place in sorted((p for p in places if p), key=lambda p: [str(x).rjust(8) for x in p], reverse=True):
            cut |= _cut(data, lines, place)
        if not cut:
            return None
    return None


def _wrong_part(data: Any, loc: tuple[str | int, ...]) -> Place:
    """The part to leave out: what is wrong itself, or, where something is missing in it, the part that lacks it."""
    node: Any = data
    place: list[str | int] = []
    for part in loc:
        # a part that is not there is a tag of a union, or the missing key itself
        if (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        ):
            node = node[part]  # type: ignore[index]  # a list's part is a whole number here
            place.append(part)
    return tuple(place)


def _cut(data: Any, lines: dict[Place, int], place: Place) -> bool:
    """Takes one part out of the data; positions after it in a list move up, and so do their lines."""
    node = data
    for part in place[:-1]:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            return False
    last = place[-1]
    depth = len(place) - 1
    if isinstance(node, dict):
        if last not in node:
            return False
        del node[last]
        for key in [k for k in lines if k[: depth + 1] == place]:
            del lines[key]
        return True
    if not isinstance(node, list) or not isinstance(last, int) or last >= len(node):
        return False
    del node[last]
    moved: dict[Place, int] = {}
    for key, line in lines.items():
        inside = len(key) > depth and key[:depth] == place[:depth]
        position = key[depth] if inside else None
        if not inside or not isinstance(position, int) or position < last:
            moved[key] = line
        elif position > last:
            moved[(*key[:depth], position - 1, *key[depth + 1 :])] = line
    lines.clear()
    lines.update(moved)
    return True
