"""Caveats that travel with a result instead of scrolling away as a warning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """One caveat: a stable ``code`` for machines, a sentence for people, and what it is ``about``."""

    code: str
    text: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.about}: {self.text}" if self.about else self.text
