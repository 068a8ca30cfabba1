"""JSON Schemas made from the types, so that an editor completes and checks a file while it is typed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ID = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_TEXT = {"type": "string", "minLength": 1}


def _one_or_list(inner: dict[str, Any]) -> dict[str, Any]:
    """One value stands for a list of one."""
    return {"anyOf": [inner.get("items", _TEXT), inner]}


FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "_identifier": lambda inner: ID,
    "_whole": lambda inner: {"type": "integer", "minimum": 0},
    "_number": lambda inner: {"type": "number"},
    "_percent": lambda inner: {
        "anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?$"}, {"type": "number", "minimum": 0, "maximum": 100}]
    },
    "_as_printed": lambda inner: {
        "anyOf": [{"type": "string", "pattern": r"^[+\-\u2212]?\d+(\.\d+)?$"}, {"type": "number"}]
    },
    "_p_value": lambda inner: {"anyOf": [_TEXT, {"type": "number", "minimum": 0, "maximum": 1}]},
    "_few_words": lambda inner: inner,
    "_listed": _one_or_list,
    "_values": lambda inner: {
        "anyOf": [
            *_one_or_list(inner)["anyOf"],
            {
                "type": "object",
                "properties": {"from": {"type": "number"}, "below": {"type": "number"}},
                "additionalProperties": False,
                "minProperties": 1,
            },
        ]
    },
    "_split": lambda inner: {"type": "string"},
    "_maybe_number": lambda inner: inner,
    "_maybe_date": lambda inner: inner,
    "_missing": lambda inner: {"anyOf": [{"const": "non-responders"}, inner]},
    "_time": lambda inner: inner,
    "_treatments": lambda inner: {"anyOf": [ID, {"type": "array", "items": ID}, inner]},
    "_numbers": lambda inner: {
        "anyOf": [
            {"const": "default"},
            {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}],
                },
            },
        ]
    },
}
"""What a file may hold where a validator of the types makes the field's own form from it, by the validator's name."""

_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _name(function: object) -> str:
    return str(getattr(function, "__name__", function))


class _AsTyped(GenerateJsonSchema):
    """Schemas of what people type, which may be shorter than what a field holds."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        form = FORMS[_name(schema["function"]["function"])]
        return dict(form(inner))

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        inner = dict(super().function_after_schema(schema))
        function = schema["function"]["function"]
        if isinstance(function, functools.partial):
            for name, value in function.keywords.items():
                if name in _LIMITS:
                    inner[_LIMITS[name]] = value
        return inner


def json_schema(model: type[BaseModel], name: str, holds: str) -> dict[str, Any]:
    """The schema of a file type, under the keys people type, every shorthand that is read accepted."""
    made = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_AsTyped)
    body = {"$schema": DIALECT, "$id": f"{name}.schema.json", **made, "title": name, "description": holds}
    _tidy(body)
    return _renamed(body)


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    """Definitions of reported values by what is reported, not by how the library spells the type."""
    names = {}
    for name, definition in body.get("$defs", {}).items():
        if name.startswith("Reported_"):
            value = definition["properties"]["value"]
            kind = {"integer": "Count", "number": "Number"}.get(value.get("type", ""), "Percentage")
            names[name] = f"Reported{kind}"
            definition["title"] = names[name]
            definition["description"] = (
                "A number and where it was read: `at` (with `back-calculated` where it comes from a percentage), or "
                "`derived` with `from`."
            )
    text = json.dumps(body)
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"').replace(f'/{old}"', f'/{new}"')
    renamed: dict[str, Any] = json.loads(text)
    if "$defs" in renamed:
        renamed["$defs"] = dict(sorted(renamed["$defs"].items()))
    return renamed


def schema_text(model: type[BaseModel], name: str, holds: str) -> str:
    """The schema as JSON text, the same bytes every time."""
    return json.dumps(json_schema(model, name, holds), ensure_ascii=False, indent=2) + "\n"


def _tidy(node: Any) -> None:
    """Takes away titles that only repeat a key."""
    if isinstance(node, list):
        for item in node:
            _tidy(item)
    if not isinstance(node, dict):
        return
    for value in list(node.values()):
        _tidy(value)
    properties = node.get("properties")
    if isinstance(properties, dict):
        for schema in properties.values():
            if isinstance(schema, dict) and isinstance(schema.get("title"), str):
                del schema["title"]
