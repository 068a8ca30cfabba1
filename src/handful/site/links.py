"""Addresses of pages, and where each counted number is explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from handful.counts.rows import CountRow
from handful.records.records import Place, Records
from handful.records.study import Arm, Harm, Outcome
from handful.words import names

LARGEST_ADDRESS = 2000
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of text and can make an address look like another."""


def question(identifier: str) -> str:
    """Path of a question's page, from the top of the site."""
    return f"questions/{identifier}.html"


def posterior(identifier: str) -> str:
    """Path of the page with a question's posterior rates."""
    return f"posteriors/{identifier}.html"


def study(identifier: str) -> str:
    """Path of a study's page."""
    return f"studies/{identifier}.html"


def guidance(identifier: str) -> str:
    """Path of a guidance page."""
    return f"guidance/{identifier}.html"


def source(identifier: str) -> str:
    """Path of a source in the list of sources."""
    return f"sources.html#source-{identifier}"


def conflict(identifier: str) -> str:
    """Path of a conflict in the list of conflicts."""
    return f"conflicts.html#conflict-{identifier}"


def doi(identifier: str) -> str:
    """Address of a DOI; every character that has a meaning in addresses is escaped."""
    return "https://doi.org/" + quote(identifier, safe="/().;-_")


def outward(address: str) -> str | None:
    """The address, when it is a plain http(s) one that may be linked; everything else is shown as text."""
    if len(address) > LARGEST_ADDRESS or any(ord(c) < 33 or ord(c) == 127 or c in BIDI for c in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else None


@dataclass(frozen=True)
class NumberIndex:
    """The name of every count in the records, by the place it stands in, and the study whose page explains it."""

    counts: Mapping[tuple[str, str, str, int], str]
    by_place: Mapping[Place, str]
    study_of: Mapping[str, str] = field(default_factory=dict)

    def of_row(self, row: CountRow) -> str:
        """The name of a row's count."""
        first = names.study_count(row.study, row.arm, row.outcome)
        again = names.study_count(row.study, row.arm, row.outcome, 2)
        return self.by_place.get(row.place, first) if again in self.study_of else first


def index_of_numbers(records: Records) -> NumberIndex:
    """Names for every count of every arm, and for every person of a case report."""
    counts: dict[tuple[str, str, str, int], str] = {}
    places: dict[Place, str] = {}
    owners: dict[str, str] = {}
    for study in records.studies.values():
        for i, arm in enumerate(study.arms):
            repeats: Counter[str] = Counter()
            for kind, j, counted in counted_in(arm):
                repeats[counted.outcome] += 1
                name = names.study_count(study.id, arm.id, counted.outcome, repeats[counted.outcome])
                counts[(study.id, arm.id, kind, j)] = name
                places.setdefault(records.place(study.id, ("arms", i, kind, j)), name)
                owners[name] = study.id
        rows = zip(records.people.get(study.id, ()), records.person_lines.get(study.id, ()), strict=True)
        for person, line in rows:
            name = names.person(study.id, person.person)
            places.setdefault(Place(f"studies/{study.id}.patients.csv", line), name)
            owners[name] = study.id
    return NumberIndex(counts, places, owners)


def counted_in(arm: Arm) -> list[tuple[str, int, Outcome | Harm]]:
    """Outcomes and harms of an arm with the key they stand under and their position."""
    return [
        *(("outcomes", j, outcome) for j, outcome in enumerate(arm.outcomes)),
        *(("harms", j, harm) for j, harm in enumerate(arm.harms)),
    ]


@dataclass(frozen=True)
class Linker:
    """Links of one page: ``root`` leads to the top of the site, ``here`` and ``conflicts`` are told on this page."""

    index: NumberIndex
    root: str
    here: Collection[str] = frozenset()
    conflicts: Collection[str] = frozenset()

    def number(self, name: str) -> str:
        """Where the number of that name is explained: on this page if it is there, else on its study's page."""
        owner = self.index.study_of.get(name)
        if owner is None or name in self.here:
            return f"#{name}"
        return f"{self.root}{study(owner)}#{name}"

    def page(self, path: str) -> str:
        """A page of the site, seen from this one."""
        return self.root + path
