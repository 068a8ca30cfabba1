"""Writes docs/reference/files.md from the types of the files; ``--check`` only says whether it is current."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/files.md"

HEAD = """# The files of a review

Made from the types that read them by `scripts/write_file_reference.py`; a test holds it current. The same types give
the JSON Schemas (`handful schema`), so that an editor completes and checks a file while it is typed.

Keys that must be there are **bold**. Unknown keys are refused with a suggestion. What a source does not say is written
`not reported`, what was not noted `not recorded`; nothing is left to guess. An *id* is lower-case letters, digits and
single hyphens. Where a list is asked for, one value may stand alone.

"""


def page() -> str:
    """The whole page."""
    from handful.file_types import FILE_TYPES
    from handful.records.json_schema import json_schema

    parts = [HEAD]
    schemas = {kind.name: json_schema(kind.model, kind.name, kind.holds) for kind in FILE_TYPES}
    parts.append("| file | holds |\n|---|---|")
    parts += [f"| [`{kind.pattern}`](#{kind.name}) | {kind.holds} |" for kind in FILE_TYPES]
    described: set[str] = set()
    for kind in FILE_TYPES:
        schema = schemas[kind.name]
        parts.append(f"\n## {kind.name}\n\n`{kind.pattern}`: {kind.holds}.\n")
        parts.append(_table(schema))
        for name in _used(schema, schema.get("$defs", {})):
            if name in described:
                continue
            described.add(name)
            inner = schema["$defs"][name]
            what = _first_sentence(inner.get("description", ""))
            parts.append(f"\n### {_spoken(name)}\n\n{what}\n")
            parts.append(_table(inner))
    return "\n".join(parts).rstrip() + "\n"


def _used(schema: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Definitions in the order in which a reader meets them."""
    found: list[str] = []

    def visit(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                visit(item)
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                name = reference.rpartition("/")[2]
                if name not in found:
                    found.append(name)
                    visit(definitions[name])
            for key, value in node.items():
                if key != "$defs":
                    visit(value)

    visit({k: v for k, v in schema.items() if k != "$defs"})
    return found


def _table(schema: dict[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    rows = ["| key | form | what |", "|---|---|---|"]
    for key, value in schema.get("properties", {}).items():
        shown = f"**`{key}`**" if key in needed else f"`{key}`"
        default = value.get("default")
        told = isinstance(default, str | float | int) and default not in ("", False)
        usual = f" (usually `{default}`)" if told else ""
        what = _first_sentence(value.get("description", ""))
        rows.append(f"| {shown} | {_form(value)}{usual} | {what} |")
    return "\n".join(rows)


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


def _spoken(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _form(value: dict[str, Any]) -> str:
    """The form of a value in words."""
    if "$ref" in value:
        name = _spoken(value["$ref"].rpartition("/")[2])
        return f"[{name}](#{name.lower().replace(' ', '-')})"
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    options = value.get("anyOf") or value.get("oneOf")
    if options:
        forms = [_form(option) for option in options if option.get("type") != "null"]
        if len(forms) == 2 and forms[1] == f"list of {forms[0]}":
            return forms[1]
        return " or ".join(dict.fromkeys(forms))
    kind = value.get("type")
    if kind == "array":
        return f"list of {_form(value.get('items', {}))}"
    if kind == "object":
        inner = value.get("additionalProperties")
        return f"names with {_form(inner)}" if isinstance(inner, dict) else "mapping"
    if kind == "string":
        if value.get("format") == "date":
            return "date"
        return "id" if value.get("pattern", "").startswith("^[a-z0-9]+(") else "text"
    return {"integer": "whole number", "number": "number", "boolean": "true or false"}.get(str(kind), "anything")


def main(arguments: list[str]) -> int:
    """Writes the page, or checks it."""
    made = page()
    if "--check" in arguments:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made:
            return 0
        print("docs/reference/files.md is not current: run scripts/write_file_reference.py", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
