"""What others say about the place in therapy, set beside the computed one and apart from it: claims and views."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from handful.position.ladder import Ladder
from handful.position.rule import rank
from handful.question.question import Question, View
from handful.records.claim import Claim
from handful.records.records import Records

KINDS = frozenset({"line-of-therapy", "guideline"})


@dataclass(frozen=True)
class Said:
    """A claim, the year it was made in (the claim's, or else its source's), and whether a guideline makes it."""

    claim: Claim
    year: int | None
    guideline: bool


@dataclass(frozen=True)
class Beside:
    """The author's own view with the lines the same source names, and what guidelines and others claim.

    Claims stand newest first, those of one source in the order of the lines. Nothing is computed from a view.
    """

    view: View | None
    author: tuple[Said, ...]
    guidelines: tuple[Said, ...]
    others: tuple[Said, ...]


def beside(records: Records, ladder: Ladder, question: Question, wanted: Collection[str]) -> Beside:
    """Claims on the line of the question's treatment and of the ladder's alternatives."""
    listed = set(wanted) | set(ladder.alternatives)
    classes = {
        t.id
        for t in records.treatments.values()
        if t.treatment_class and any(_class(records, other) == t.treatment_class for other in listed)
    }
    source = question.view.source if question.view else None
    found = [
        _said(records, ladder, claim)
        for claim in records.claims
        if claim.kind in KINDS
        and (set(claim.treatments) & (listed | classes) or (source is not None and claim.source == source))
    ]
    found.sort(key=lambda said: (-(said.year or 0), said.claim.source, rank(said.claim.line or ""), said.claim.id))
    return Beside(
        view=question.view,
        author=tuple(s for s in found if source is not None and s.claim.source == source),
        guidelines=tuple(s for s in found if s.guideline and s.claim.source != source),
        others=tuple(s for s in found if not s.guideline and s.claim.source != source),
    )


def _said(records: Records, ladder: Ladder, claim: Claim) -> Said:
    source = records.sources.get(claim.source)
    year = claim.year if isinstance(claim.year, int) else (source.year if source else None)
    return Said(claim, year if isinstance(year, int) else None, claim.id in ladder.guidelines)


def _class(records: Records, treatment: str) -> str | None:
    known = records.treatments.get(treatment)
    return known.treatment_class if known else None
