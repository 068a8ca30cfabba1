"""No one counted twice: decisions about shared people respected in a count, and pairs that still ask for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from handful.question.entries import Excluded
from handful.records.overlap import Overlap
from handful.records.overlap_guard import PerhapsShared, perhaps_shared
from handful.records.records import Records
from handful.records.study import Study

REASONS: dict[str, str] = {
    "same": "same people as",
    "part-of": "some of the same people as",
    "unclear": "perhaps the same people as",
}


class OfStudy(Protocol):
    """Anything counted that belongs to a study."""

    @property
    def study(self) -> Study:
        """The study it belongs to."""


T = TypeVar("T", bound=OfStudy)


def counted_once(records: Records, counted: Sequence[T], excluded: list[Excluded]) -> list[T]:
    """What is counted without the studies whose people are in already, by the decisions of ``overlaps.yaml``.

    Where two studies of one decision could be counted together, the one ``used`` stays (the first named where a
    third is used that is not among them).
    """
    inside = {entry.study.id for entry in counted}
    out: dict[str, str] = {}
    for overlap in records.overlaps:
        for a, b, stays in overlap.pairs():
            if stays is not None and {a, b} <= inside and a not in out and b not in out:
                out[b if stays == a else a] = _reason(records, overlap, stays)
    for study, reason in out.items():
        excluded.append(Excluded(study, None, reason, "same-people"))
    return [entry for entry in counted if entry.study.id not in out]


def _reason(records: Records, overlap: Overlap, stays: str) -> str:
    study = records.studies[stays]
    source = records.sources.get(study.source)
    return f"{REASONS[overlap.people]} {source.short if source else stays}: {overlap.because}"


def undecided(records: Records, counts: Mapping[str, Iterable[OfStudy]]) -> Iterator[tuple[str, PerhapsShared]]:
    """Pairs that one count adds up although they may share people, with the name of the count."""
    seen: set[tuple[str, str]] = set()
    for name, counted in counts.items():
        for pair in perhaps_shared(records, {entry.study.id for entry in counted}):
            if (pair.first, pair.second) not in seen:
                seen.add((pair.first, pair.second))
                yield name, pair
