"""YAML read safely and with line numbers, and written in one canonical form without losing comments."""

from __future__ import annotations

import io
import re
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from handful.base.calendar_days import impossible_day
from handful.base.digest import digest
from handful.base.problems import Problem, did_you_mean

M = TypeVar("M", bound=BaseModel)
Place = tuple[str | int, ...]

LARGEST_TEXT = 5 * 1024 * 1024
DEEPEST = 40
MERGE_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data, with the line of every key and item."""

    file: str
    data: Any
    lines: dict[Place, int] = field(repr=False)
    digest: str = field(default="", repr=False)
    """Of the text it was read from."""

    def line(self, place: Iterable[str | int] = ()) -> int:
        """The line of the deepest known part of ``place`` (1 when nothing of it is known)."""
        path = tuple(place)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Refused(Exception):
    def __init__(self, line: int, code: str, message: str, hint: str) -> None:
        self.line, self.code, self.message, self.hint = line, code, message, hint


def _loader() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.composer.warn_double_anchors = False  # a repeated anchor is harmless until it is used, and using is refused
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _plain(node: Any, place: Place, lines: dict[Place, int], seen: set[int], depth: int = 0) -> Any:
    """Plain data out of a round-trip tree, noting lines; aliases and foreign tags are refused."""
    here = lines.get(place, 1)
    if depth > DEEPEST:
        raise _Refused(
            here, "too-deep", f"nested deeper than {DEEPEST} levels", "records are flat; check the indentation"
        )
    if isinstance(node, CommentedMap | CommentedSeq):
        if id(node) in seen:
            raise _Refused(here, "yaml-alias", "uses a YAML anchor and alias", "write the value out where it is needed")
        seen.add(id(node))
        tag = getattr(node, "tag", None)
        if tag is not None and tag.value and not str(tag.value).startswith("tag:yaml.org"):
            raise _Refused(
                here, "yaml-tag", f"uses the YAML tag {tag.value}", "remove the tag; only plain values are read"
            )
    if isinstance(node, CommentedMap):
        _rejoin(node)
        result: dict[Any, Any] = {}
        for key, value in node.items():
            name = key if isinstance(key, str) else str(key)
            try:
                lines[(*place, name)] = node.lc.key(key)[0] + 1
            except (KeyError, TypeError):
                lines[(*place, name)] = here
            result[name] = _plain(value, (*place, name), lines, seen, depth + 1)
        return result
    if isinstance(node, CommentedSeq):
        items = []
        for index, value in enumerate(node):
            try:
                lines[(*place, index)] = node.lc.item(index)[0] + 1
            except (KeyError, TypeError):
                lines[(*place, index)] = here
            items.append(_plain(value, (*place, index), lines, seen, depth + 1))
        return items
    if isinstance(node, TaggedScalar):
        raise _Refused(
            here, "yaml-tag", f"uses the YAML tag {node.tag.value}", "remove the tag; only plain values are read"
        )
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    if isinstance(node, str):
        return str(node)
    return node


def _rejoin(node: CommentedMap) -> None:
    """Words cut at a comma are one text again: ``{because: the word used, without a definition}``.

    Between braces YAML ends a plain text at a comma and takes the rest for a key without a value. No key of ours
    holds a space, so such a key after a text can only be the rest of it; the canonical form puts quotes around both.
    """
    if not node.fa.flow_style():
        return
    before: str | None = None
    for key in list(node):
        value = node[key]
        if value is None and isinstance(key, str) and " " in key.strip() and before is not None:
            node[before] = f"{node[before]}, {key}"
            del node[key]
            continue
        before = key if isinstance(key, str) and isinstance(value, str) else None


def _rejoin_all(tree: Any) -> None:
    stack, seen = [tree], set()
    while stack:
        node = stack.pop()
        if id(node) in seen:  # an alias may lead back to where it stands
            continue
        seen.add(id(node))
        if isinstance(node, CommentedMap):
            _rejoin(node)
            stack.extend(node.values())
        elif isinstance(node, CommentedSeq):
            stack.extend(node)


def parse(text: str, file: str) -> Document | Problem:
    """The text as a document, or the problem that prevents it."""
    if len(text) > LARGEST_TEXT:
        return Problem(file, 1, "file-too-large", f"is larger than {LARGEST_TEXT // 1024 // 1024} MB", "split the file")
    unmerged = MERGE_CONFLICT.search(text)
    if unmerged:
        return Problem(
            file,
            text.count("\n", 0, unmerged.start()) + 1,
            "unresolved-merge",
            "holds a conflict of a merge (<<<<<<<): two versions of the same lines",
            "keep one of the two versions, or both facts, and delete the lines with <<<<<<<, ======= and >>>>>>>",
        )
    deep = _too_deep(text)
    if deep:
        return Problem(
            file, deep, "too-deep", f"nested deeper than {DEEPEST} levels", "records are flat; check brackets"
        )
    try:
        tree = _loader().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if str(error.context).startswith("while scanning a") and error.context_mark:
            mark = error.context_mark  # where a quote or a key begins, not where its end was given up
        line = mark.line + 1 if mark else 1
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        code = "duplicate-key" if "duplicate key" in what else "broken-yaml"
        what = what.splitlines()[0] if what else "cannot be read"
        return Problem(
            file,
            line,
            code,
            f"is not valid YAML: {what}",
            "check indentation, colons and quotes on this line and the one above",
        )
    except RecursionError:
        message = f"nested deeper than {DEEPEST} levels"
        return Problem(file, 1, "too-deep", message, "records are flat; check the indentation")
    except (YAMLError, ValueError) as error:
        if found := impossible_day(text):
            return Problem(file, found[0], "broken-yaml", found[1], "correct it; a day is written as 2026-11-22")
        position = getattr(error, "position", 0)  # of a character that YAML does not allow
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 1
        said = (str(error).splitlines() or ["?"])[0]
        return Problem(file, line, "broken-yaml", f"cannot be read: {said}", "check the file's syntax")
    except Exception as error:  # what else the parser trips over (a list as the key of a merged mapping, say)
        said = f"{type(error).__name__}: {error}"[:200]
        return Problem(file, 1, "broken-yaml", f"cannot be read: {said}", "check the file's syntax")
    lines: dict[Place, int] = {}
    if isinstance(tree, CommentedMap | CommentedSeq):
        lines[()] = tree.lc.line + 1
    try:
        return Document(file, _plain(tree, (), lines, set()), lines, digest(text.encode("utf-8", "surrogatepass")))
    except _Refused as refused:
        return Problem(file, refused.line, refused.code, refused.message, refused.hint)


def _too_deep(text: str) -> int:
    """The line where brackets nest hopelessly deep, else 0; a parser would spend seconds before it gives up."""
    depth = 0
    for match in re.finditer(r"[\[{\]}]", text):
        depth = depth + 1 if match.group() in "[{" else max(0, depth - 1)
        if depth > 2 * DEEPEST:
            return text.count("\n", 0, match.end()) + 1
    return 0


def read(path: Path, file: str, parsed: Callable[[str, str], Document | Problem] = parse) -> Document | Problem:
    """The file as a document, or the problem that prevents it. ``file`` is how it is named to people."""
    try:
        return parsed(path.read_text(encoding="utf-8"), file)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Problem(file, line, "not-utf8", f"is not UTF-8 text (byte {error.start})", "save the file as UTF-8")
    except OSError as error:
        return Problem(file, 1, "unreadable-file", f"cannot be read: {error.strerror}", "check that the file exists")


def canonical_text(text: str) -> str:
    """The same content in the one canonical form: two spaces, 120 columns, comments kept, one newline at the end."""
    yaml = _loader()
    tree = yaml.load(text)
    _rejoin_all(tree)
    stream = io.StringIO()
    yaml.dump(tree, stream)
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


def validate(document: Document, model: type[M], place: Place = (), data: Any = None) -> M | list[Problem]:
    """The part of the document at ``place`` as ``model``, or every problem it has."""
    value = document.data if data is None and not place else data
    if value is None:
        value = {}
    try:
        return model.model_validate(value)
    except ValidationError as error:
        return [_problem(document, model, place, dict(item)) for item in error.errors(include_url=False)]


_KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "date_from_datetime_parsing": "a date such as 2026-11-22",
    "date_type": "a date such as 2026-11-22",
    "date_parsing": "a date such as 2026-11-22",
}


_PLAIN = {
    "string_too_short": ("empty", "is empty", "write it out, or leave the key away where it is optional"),
    "too_short": ("too-few", "needs at least {min_length} item(s) that can be read", "add one, or correct those below"),
    "string_pattern_mismatch": ("wrong-form", "has not the expected form, found {found}", "see the file's JSON Schema"),
    "greater_than_equal": ("out-of-range", "must be at least {ge}, found {found}", "correct the number"),
    "greater_than": ("out-of-range", "must be greater than {gt}, found {found}", "correct the number"),
    "less_than_equal": ("out-of-range", "must be at most {le}, found {found}", "correct the number"),
    "less_than": ("out-of-range", "must be less than {lt}, found {found}", "correct the number"),
}
"""Pydantic's own kinds of errors: our code, our words, what to do."""


def _problem(document: Document, model: type[BaseModel], place: Place, error: dict[str, Any]) -> Problem:
    """One pydantic error in our words, at its line."""
    location = _real_place(document.data, place, error["loc"])
    line = document.line(location)
    name = ".".join(str(part) for part in location[len(place) :]) or "the file"
    kind, found = error["type"], error.get("input")
    candidates = _models_at(model, error["loc"][:-1])
    allowed = sorted({(f.alias or n) for m in candidates for n, f in m.model_fields.items()})
    if found is None and kind not in ("missing", "extra_forbidden"):
        expected = str((error.get("ctx") or {}).get("expected", ""))
        hint = f"accepted: {expected}" if expected else _hint(kind.replace("_", "-"))
        hint = "fill it in, or leave the key away where it is optional" if hint == _hint("") else hint
        return Problem(document.file, line, "empty", f"{name} is empty", hint)
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        return Problem(document.file, line, "unknown-key", f"unknown key `{key}`", did_you_mean(key, allowed))
    if kind == "missing":
        key = str(error["loc"][-1])
        where = ".".join(str(p) for p in location[len(place) :] if p != key)
        return Problem(
            document.file,
            line,
            "missing-key",
            f"`{key}` is missing" + (f" in {where}" if where else ""),
            f"add `{key}:`",
        )
    if kind in ("literal_error", "enum"):
        expected = str(error.get("ctx", {}).get("expected", ""))
        options = [o.strip(" '\"") for o in expected.replace(" or ", ", ").split(",") if o.strip()]
        return Problem(
            document.file, line, "unknown-value", f"{name}: {found!r} is not known", did_you_mean(found, options)
        )
    if kind in _KINDS:
        return Problem(
            document.file,
            line,
            "wrong-type",
            f"{name} must be {_KINDS[kind]}, found {_short(found)}",
            "see the file's JSON Schema",
        )
    if kind in _PLAIN:
        code, words, hint = _PLAIN[kind]
        limits = {**(error.get("ctx") or {}), "found": _short(found)}
        return Problem(document.file, line, code, f"{name} {words.format(**limits)}", hint)
    code = kind.replace("_", "-") if error.get("ctx") is not None or "_" in kind else kind
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(
        document.file, line, code, f"{name} {message}" if not message.startswith(name) else message, _hint(code)
    )


def _hint(code: str) -> str:
    return {
        "whole-number": "write the count as a plain whole number, or use `percent:` for a percentage",
        "number": "write a plain number",
        "percent": "write the percentage as printed, without the % sign",
        "identifier": "for example harada-2020",
        "quote-too-long": "shorten it with … to the words that carry the number",
        "no-locator": "add `at:` with the page, table or paragraph",
        "derived-from-nothing": "add `from: [source-id]`",
        "union-tag-invalid": "see the file's JSON Schema",
    }.get(code, "see the file's JSON Schema")


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _real_place(data: Any, place: Place, loc: Iterable[str | int]) -> Place:
    """The part of pydantic's location that exists in the file, without tags of unions; the last key may be missing."""
    node = data
    for part in place:
        node = node[part]
    result = list(place)
    parts = list(loc)
    for index, part in enumerate(parts):
        known = part in node if isinstance(node, dict) else isinstance(part, int) and _has_item(node, part)
        if known:
            node = node[part]
            result.append(part)
        elif index == len(parts) - 1 and isinstance(part, str) and isinstance(node, dict) and "[" not in part:
            result.append(part)
    return tuple(result)


def _has_item(node: Any, index: int) -> bool:
    return isinstance(node, list) and index < len(node)


def _models_at(model: type[BaseModel], loc: Iterable[str | int]) -> list[type[BaseModel]]:
    """The models that may stand at a location, for saying which keys are accepted there."""
    current: list[Any] = [model]
    for part in loc:
        following: list[Any] = []
        for kind in current:
            for inner in _inner(kind):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    for name, info in inner.model_fields.items():
                        if part in (name, info.alias):
                            following.append(info.annotation)
                elif typing.get_origin(inner) in (tuple, list, dict):
                    following.extend(a for a in typing.get_args(inner) if a is not Ellipsis)
        if following:
            current = following
    found = [m for kind in current for m in _inner(kind) if isinstance(m, type) and issubclass(m, BaseModel)]
    return list(dict.fromkeys(found))


def _inner(kind: Any) -> list[Any]:
    """The alternatives of a union, without annotations."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _inner(typing.get_args(kind)[0])
    if origin is typing.Union or origin is types.UnionType:
        return [inner for argument in typing.get_args(kind) for inner in _inner(argument)]
    return [kind]
