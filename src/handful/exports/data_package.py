"""Tables, references and results of a review as one Frictionless data package.

Specification: https://specs.frictionlessdata.io/data-package/ and https://specs.frictionlessdata.io/table-schema/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from handful.base.digest import digest
from handful.exports.answered import answered
from handful.exports.recorded import recorded
from handful.exports.references import bibtex, csl_items, csl_json, ris
from handful.exports.table import Table
from handful.review import Review
from handful.synthesis.synthesis import Synthesis

DESCRIPTOR = "datapackage.json"
FORMULAS = "A text that begins with = + - or @ has an apostrophe in front of it, so that no spreadsheet runs it."


def tables(review: Review, answers: Mapping[str, Synthesis]) -> tuple[Table, ...]:
    """All tables of the review; those without a row are there too, with their header."""
    return (*recorded(review.records), *answered(answers))


def data_files(review: Review, made: Sequence[Table]) -> dict[str, bytes]:
    """Path → content of all that other programs read: ``made`` as CSV, the descriptor, references in three forms."""
    files = {f"data/{table.name}.csv": table.csv() for table in made}
    items = csl_items(review.records.sources.values())
    files["sources.json"] = csl_json(items).encode()
    files["sources.ris"] = ris(items).encode()
    files["sources.bib"] = bibtex(items).encode()
    files[DESCRIPTOR] = _descriptor(review, made, files)
    return files


def _descriptor(review: Review, made: Sequence[Table], files: Mapping[str, bytes]) -> bytes:
    about = review.about
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": about.id,
        "title": about.title,
        "description": f"{about.summary or about.title} {FORMULAS}",
        "version": about.version,
        "licenses": [licence(about.licence)],
        "contributors": [{"title": p.name, "role": "author"} for p in about.people],
        "keywords": [about.condition, "evidence review", "living systematic review"],
        "resources": [_resource(table, files[f"data/{table.name}.csv"]) for table in made],
    }
    if about.address:
        package["homepage"] = about.address
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()


def licence(words: str) -> dict[str, str]:
    """The licence of the review as the package names it: its identifier where the words begin with one."""
    found = re.match(r"(CC0-1\.0|CC-BY(?:-SA)?-4\.0|ODC-BY-1\.0|ODbL-1\.0|PDDL-1\.0)\b", words)
    return {"name": found[1] if found else "other", "title": words}


def _resource(table: Table, content: bytes) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [
            {"name": f.name, "type": f.type} | ({"description": f.description} if f.description else {})
            for f in table.fields
        ],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": column, "reference": {"resource": other, "fields": theirs}}
            for column, other, theirs in table.refers
        ]
    return {
        "name": table.name,
        "path": f"data/{table.name}.csv",
        "profile": "tabular-data-resource",
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True},
        "bytes": len(content),
        "hash": digest(content),
        "schema": schema,
    }


__all__ = ["DESCRIPTOR", "data_files", "licence", "tables"]
