"""Terms a reader may not know, in plain words, and which of them a text uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from handful.base.errors import InputError
from handful.base.language import FOLDER, REFERENCE
from handful.base.yaml_files import Document, read


@dataclass(frozen=True)
class Term:
    """A term, the other forms it is written in, and what it means."""

    name: str
    means: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class UsedTerm:
    """A term where a text uses it first."""

    term: Term
    words: str
    start: int


@cache
def glossary(language: str = REFERENCE) -> tuple[Term, ...]:
    """The terms of evidence that every review shares, in one language.

    Raises:
        InputError: when the language has no glossary, or it cannot be read.
    """
    file = FOLDER / language / "glossary.yaml"
    if not language.isalpha() or not file.is_file():
        known = sorted(path.parent.name for path in FOLDER.glob("*/glossary.yaml"))
        raise InputError(f"there is no glossary for language={language!r}", hint=f"accepted: {', '.join(known)}")
    found = read(file, f"{language}/glossary.yaml")
    if not isinstance(found, Document) or not isinstance(found.data, list):
        raise InputError(f"the glossary of {language} cannot be read: {found}")
    return tuple(Term(row["term"], row["means"], tuple(row.get("also", ()))) for row in found.data)


def terms_of_a_review(own: Mapping[str, str], named: Iterable[str] = ()) -> tuple[Term, ...]:
    """The terms of a review: its own glossary, and names that explain themselves.

    ``named`` are names such as 'alopecia totalis (all scalp hair lost)': what stands in brackets is their meaning.
    """
    made = {name.lower(): Term(name, means) for name, means in own.items()}
    for name in named:
        explained = re.fullmatch(r"(.+?) \((.+)\)", name)
        if explained and explained.group(1).lower() not in made:
            made[explained.group(1).lower()] = Term(explained.group(1), explained.group(2))
    return tuple(made.values())


def terms_in(text: str, terms: Iterable[Term]) -> tuple[UsedTerm, ...]:
    """The terms that a text uses, each at its first place, in the order of the text; of two at one place the longer.

    >>> [used.words for used in terms_in("Two case series and a randomised trial.", glossary())]
    ['case series', 'randomised trial']
    """
    found: list[UsedTerm] = []
    for term in terms:
        forms = sorted((term.name, *term.also), key=len, reverse=True)
        pattern = r"\b(?:" + "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in forms) + r")\b"
        found += [UsedTerm(term, hit.group(), hit.start()) for hit in re.finditer(pattern, text, re.IGNORECASE)]
    first: dict[str, UsedTerm] = {}
    taken: list[tuple[int, int]] = []
    for used in sorted(found, key=lambda u: (u.start, -len(u.words))):
        end = used.start + len(used.words)
        if any(a < end and used.start < b for a, b in taken):
            continue
        taken.append((used.start, end))
        first.setdefault(used.term.name, used)
    return tuple(first.values())
