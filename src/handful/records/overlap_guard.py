"""Which studies may share people, and what speaks for it: registration, clinic, authors, years, sizes, kind of work.

Nothing is decided here. Pairs come from what they have in common (an index of registrations, sources, authors,
places and sizes), never from all pairs; a value that very many studies share tells nothing and is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

from handful.records.records import Records
from handful.records.study import Study

ENOUGH = 3
"""Points from which a pair is asked about."""

TOO_COMMON = 60
"""A value that more studies than this share is no clue (a country, a common surname)."""

HOLDERS = frozenset({"literature-review", "pooled-trials", "spontaneous-reports"})
"""Designs that count people again whom other papers reported first."""

SMALLEST_TELLING = 5
"""Arms of fewer people than this are often of one size by chance."""

HELD: dict[str, frozenset[str]] = {
    "literature-review": frozenset({"case-report", "case-series", "cohort", "literature-review"}),
    "spontaneous-reports": frozenset({"case-report"}),
    "pooled-trials": frozenset({"randomised", "single-arm-trial", "pooled-trials"}),
}
"""What a holder may hold."""

_MISSING = frozenset({"not reported", "not recorded"})
NO_PLACE = _MISSING | {"multinational", "international", "Europe"}
_SPLIT = re.compile(r"[,;&]| and ")


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that two studies have in common (or that speaks against), and its weight."""

    points: int
    words: str


@dataclass(frozen=True, slots=True, order=True)
class PerhapsShared:
    """Two studies that may share people: points, and the clues in words; undecided."""

    first: str
    second: str
    points: int
    clues: tuple[Clue, ...]

    @property
    def because(self) -> str:
        """'one registration (NCT…); the same first author'."""
        return "; ".join(clue.words for clue in self.clues)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the guard compares of one study."""

    id: str
    design: str
    source: str
    registrations: frozenset[str]
    authors: frozenset[str]
    clinics: frozenset[str]
    setting: str
    country: str
    treatments: frozenset[str]
    sizes: frozenset[tuple[str, int]]
    first_year: int | None
    last_year: int | None
    year: int | None
    also_in: frozenset[str]
    ages: frozenset[str]


def perhaps_shared(records: Records, studies: Collection[str] | None = None) -> tuple[PerhapsShared, ...]:
    """Pairs of studies that may share people and about which nothing was decided, the likeliest first.

    ``studies``: only these (all of the records without). A pair is undecided when ``overlaps.yaml`` does not name it
    and neither study ``contains:`` the other. 3 points ask for a decision: a shared registration or paper has 5, a
    clinic 3, a work that counts published people again 3, a place 2, an author 2, an arm of the same size 1 or 2.

    Edges: withdrawn studies and those under way have no people yet and are left out; no treatment in common leaves only
    a shared registration or paper.
    """
    wanted = records.studies if studies is None else {s: records.studies[s] for s in studies if s in records.studies}
    facts = {key: _facts(records, study) for key, study in wanted.items() if study.status == "completed"}
    decided = decided_pairs(records)
    found = []
    for one, two in _pairs(facts):
        if (one, two) in decided:
            continue
        clues = tuple(_clues(facts[one], facts[two]))
        points = sum(clue.points for clue in clues)
        if points >= ENOUGH:
            found.append(PerhapsShared(one, two, points, clues))
    return tuple(sorted(found, key=lambda p: (-p.points, p.first, p.second)))


def decided_pairs(records: Records) -> frozenset[tuple[str, str]]:
    """Pairs of studies about which something was decided, each in the order of their ids."""
    pairs = {_ordered(a, b) for overlap in records.overlaps for a, b, _ in overlap.pairs()}
    pairs |= {_ordered(study.id, inner) for study in records.studies.values() for inner in study.contains}
    return frozenset(pairs)


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


def _facts(records: Records, study: Study) -> _Facts:
    source = records.sources.get(study.source)
    named = " ".join(t for t in (study.registration, source.registration if source else None) if t)
    authors = [] if source is None else (source.all_authors or _SPLIT.split(source.authors))
    recruited = study.recruited
    return _Facts(
        id=study.id,
        design=study.design,
        source=study.source,
        registrations=frozenset(re.findall(r"[A-Z]{2,}[A-Z0-9-]*\d{4,}", named.upper())),
        authors=frozenset(_plain(a) for a in authors if a.strip() and a.strip() not in _MISSING),
        clinics=frozenset(_plain(c) for c in study.clinics),
        setting="" if study.setting in _MISSING else _plain(study.setting),
        country="" if source is None or source.country in NO_PLACE else _plain(source.country),
        treatments=frozenset(t for t in _treatments(records, study) if _given(records, t)),
        sizes=frozenset(_sizes(study)),
        first_year=recruited.first if recruited else None,
        last_year=recruited.last if recruited else None,
        year=source.year if source is not None and isinstance(source.year, int) else None,
        also_in=frozenset(study.also_reported_in),
        ages=frozenset(_ages(records, study)),
    )


def _treatments(records: Records, study: Study) -> Iterator[str]:
    yield from (arm.treatment for arm in study.arms)
    if study.design in ("case-report", "case-series"):
        yield from (person.treatment for person in records.people.get(study.id, ()))


def _ages(records: Records, study: Study) -> Iterator[str]:
    for arm in study.arms:
        yield from arm.people.get("age", ("not reported",))
    if study.design in ("case-report", "case-series"):
        for person in records.people.get(study.id, ()):
            yield from person.age


def _given(records: Records, treatment: str) -> bool:
    """Whether it is a treatment; placebo in both tells nothing."""
    known = records.treatments.get(treatment)
    return known is None or known.kind not in ("placebo", "untreated")


def _sizes(study: Study) -> Iterator[tuple[str, int]]:
    for arm in study.arms:
        for kind in arm.n.kinds():
            found = arm.n.get(kind)
            if found is not None and found.value >= SMALLEST_TELLING:
                yield arm.treatment, found.value


def _plain(text: str) -> str:
    """Lower case, without accents and signs, so that one name is one name."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", bare.lower()))


def _pairs(facts: dict[str, _Facts]) -> Iterator[tuple[str, str]]:
    """Pairs that share something which few studies share; and holders with what they may hold."""
    index: dict[tuple[str, object], list[str]] = defaultdict(list)
    for key, fact in facts.items():
        for kind, values in (
            ("registration", fact.registrations),
            ("source", {fact.source} | fact.also_in),
            ("author", fact.authors),
            ("clinic", fact.clinics),
            ("setting", {fact.setting} - {""}),
            # a size alone is too few points to be asked about: it counts beside a country, or what stands above
            ("size", {(size, fact.country) for size in fact.sizes if fact.country}),
        ):
            for value in values:
                index[kind, value].append(key)
    seen: set[tuple[str, str]] = set()
    for keys in index.values():
        if 2 <= len(keys) <= TOO_COMMON:
            seen.update(_ordered(a, b) for a, b in combinations(keys, 2))
    by_treatment: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, fact in facts.items():
        for treatment in fact.treatments:
            by_treatment[treatment, fact.design].append(key)
    for key, fact in facts.items():
        for design in HELD.get(fact.design, ()):
            for treatment in fact.treatments:
                seen.update(_ordered(key, other) for other in by_treatment[treatment, design] if other != key)
    yield from sorted(seen)


def _clues(one: _Facts, two: _Facts) -> Iterator[Clue]:
    registrations = one.registrations & two.registrations
    if registrations:
        yield Clue(5, f"one registration ({', '.join(sorted(registrations))})")
    if one.source == two.source:
        yield Clue(5, "one paper")
    elif one.source in two.also_in or two.source in one.also_in:
        yield Clue(3, "the paper of one reports the other")
    if not one.treatments & two.treatments:
        return
    known = not (one.ages | two.ages) & _MISSING
    if known and one.ages and two.ages and not one.ages & two.ages:
        return  # children are not among adults
    holder = _holds(one, two) or _holds(two, one)
    if holder is not None:
        yield holder
    clinics, authors = one.clinics & two.clinics, one.authors & two.authors
    if clinics:
        yield Clue(3, f"one clinic ({', '.join(sorted(clinics))})")
    if authors:
        points = 2 if len(authors) == 1 else 3
        yield Clue(points, f"shared authors ({', '.join(sorted(authors))})")
    placed = bool(clinics)
    if one.setting and one.setting == two.setting:
        placed = True
        yield Clue(2, f"one setting ({one.setting})")
    elif one.country and one.country == two.country and not clinics:
        yield Clue(1, f"one country ({one.country})")
    sizes = one.sizes & two.sizes
    if sizes:
        largest = max(n for _, n in sizes)
        yield Clue(2 if largest >= 20 else 1, f"an arm of {largest} on one treatment in both")
    yield from _years(one, two, placed or bool(authors))


def _holds(holder: _Facts, held: _Facts) -> Clue | None:
    if held.design not in HELD.get(holder.design, ()):
        return None
    if holder.year is not None and held.year is not None and held.year > holder.year:
        return None
    words = {
        "literature-review": "a review of published people may count those of the other again",
        "pooled-trials": "pooled trials may hold the other",
        "spontaneous-reports": "spontaneous reports may hold the person of the other",
    }
    return Clue(3, words[holder.design])


def _years(one: _Facts, two: _Facts, near: bool) -> Iterator[Clue]:
    if one.first_year is None or one.last_year is None or two.first_year is None or two.last_year is None:
        return
    if one.last_year < two.first_year or two.last_year < one.first_year:
        yield Clue(-3, "recruited in other years")
    elif near:
        yield Clue(1, "recruited in the same years")


__all__ = ["ENOUGH", "Clue", "PerhapsShared", "decided_pairs", "perhaps_shared"]
