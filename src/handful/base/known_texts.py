"""Texts of YAML files that were parsed before, so that a file that did not change is not parsed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handful.base.digest import digest
from handful.base.problems import Problem
from handful.base.yaml_files import Document, Place, parse


class KnownTexts:
    """Texts that were parsed before, by their digest: what one holds, and its lines. Only sound documents are kept.

    ``used`` are those that were asked for or added, so that the others can be forgotten.
    """

    def __init__(self, known: Mapping[str, tuple[Any, dict[Place, int]]] | None = None) -> None:
        self._known = dict(known or {})
        self.used: dict[str, tuple[Any, dict[Place, int]]] = {}
        self.added = False

    def parse(self, text: str, file: str) -> Document | Problem:
        """The text as a document, parsed only when it is not known."""
        key = digest(text.encode("utf-8", "surrogatepass"))
        found = self._known.get(key)
        if found is None:
            document = parse(text, file)
            if isinstance(document, Problem):
                return document
            self.added = True
            found = (document.data, document.lines)
        self.used[key] = found
        return Document(file, *found, key)


__all__ = ["KnownTexts"]
