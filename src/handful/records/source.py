"""A source: what it is, and how much of it was seen."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from handful.base.typed import Count, Id, Missing, TextList, Typed, Words
from handful.records.amendments import Amendment

HowMuchSeen: TypeAlias = Literal[
    "full-text", "opening", "abstract", "table", "summary", "registry", "news", "title-only", "not recorded"
]

SEEN_WORDS: dict[str, str] = {
    "full-text": "full text",
    "opening": "opening of the text only",
    "abstract": "abstract only",
    "table": "tables only",
    "summary": "secondary summary only; the paper itself was not seen",
    "registry": "registry entry",
    "news": "news report",
    "title-only": "title only",
    "not recorded": "how much was seen is not recorded",
}

SourceKind: TypeAlias = Literal[
    "paper",
    "abstract",
    "review",
    "guideline",
    "registry",
    "news",
    "clinic-article",
    "patient-information",
    "dataset",
    "other",
]


class Seen(Typed):
    """How much of the source was seen, where, and how often its numbers were read."""

    level: HowMuchSeen
    detail: Words | None = None
    where: Annotated[TextList, Field(description="addresses of the pages that were seen")] = ()
    on: datetime.date | Missing = "not recorded"
    read: Annotated[Literal["once", "twice", "not recorded"], Field(description="read by one person or two")] = (
        "not recorded"
    )


class Source(Typed):
    """A paper, page or registry entry that numbers were read from."""

    id: Id
    kind: SourceKind
    title: Words
    authors: Words | Missing = "not reported"
    all_authors: Annotated[
        TextList, Field(description="every author, surname and initials; finds studies of the same people")
    ] = ()
    year: Annotated[int, Field(ge=1500, le=2200)] | Missing = "not reported"
    journal: Words | Missing = "not reported"
    doi: Annotated[str, Field(pattern=r"^10\.\S+$")] | None = None
    pmid: Annotated[str, Field(pattern=r"^\d{1,9}$")] | None = None
    registration: Words | None = None
    country: Words | Missing = "not reported"
    design: Annotated[Words | None, Field(description="the kind of work, in the source's words")] = None
    pages: Words | None = None
    seen: Seen
    summary_of: Annotated[Id | None, Field(description="the source that this one reports on")] = None
    notices: Annotated[tuple[Amendment, ...], Field(description="what happened to it after publication")] = ()
    note: Words | None = None
    n_studies: Count | None = None

    @property
    def short(self) -> str:
        """'Harada 2020'; where nobody is named, the registration, else the first words of the title and the year."""
        known = self.authors not in ("not reported", "not recorded")
        if not known and self.registration:
            return self.registration
        who = self.authors if known else first_words(self.title.strip("()"))
        return f"{who} {self.year}" if isinstance(self.year, int) else f"{who}, no date"


LONGEST_NAME = 40
"""A title that stands for a name is cut before the word that would pass this many characters."""

_LITTLE = frozenset({"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})


def first_words(title: str) -> str:
    """The first whole words of a title: none is cut, and none that leads on to the next is left at the end.

    >>> first_words("Reactivation of Alopecia Areata After Dupilumab Therapy for Atopic Dermatitis")
    'Reactivation of Alopecia Areata After…'
    """
    if len(title) <= LONGEST_NAME:
        return title
    words = title[: LONGEST_NAME + 1].rsplit(" ", 1)[0].split(" ")
    while len(words) > 1 and words[-1].lower() in _LITTLE:
        words.pop()
    cut = " ".join(words)[:LONGEST_NAME]
    if cut.count("(") > cut.count(")"):
        cut = cut[: cut.rindex("(")] or cut
    return cut.rstrip(",;:–-. ") + "…"
