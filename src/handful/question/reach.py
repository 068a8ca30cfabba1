"""The part of the records that can touch the answer to a question, and nothing else.

An answer is computed from the studies on the treatments it asks about, from those that its alternatives may show, and
from what these name: their sources, people, conflicts, decisions on shared people. A record outside this part can be
added, changed or taken away without moving a number of the answer; ``tests/question/test_reach.py`` holds that by
answering from the part and from the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from handful.question.question import Question
from handful.question.select import treatment_ids
from handful.records.mentions import names_in, names_in_rows
from handful.records.records import Records
from handful.records.source import Source

NEUTRAL = ("placebo", "untreated")


def studies_in_reach(
    records: Records, question: Question, *, beside: Collection[str] = (), also: Iterable[str] = ()
) -> frozenset[str]:
    """Ids of the studies that could be counted, listed or turned away by the question.

    ``beside``: treatments of which every study is wanted as well (the alternatives of a ladder); ``also``: studies that
    are wanted whatever they hold (those that a text names).
    """
    by = records.by
    nothing: frozenset[str] = frozenset()
    wanted = treatment_ids(records, question.treatment)
    found = {study for study in also if study in records.studies}
    for treatment in (*wanted, *beside):
        found |= by.treatment.get(treatment, nothing)
    asked = question.alternatives
    if asked is not None:
        shown = frozenset().union(*(by.outcome.get(outcome, nothing) for outcome in asked.outcomes))
        if question.outcome.rules:
            shown |= frozenset(records.people)
        if asked.treatments:
            chosen = {*asked.treatments, *(t.id for t in records.treatments.values() if t.kind in NEUTRAL)}
            shown &= frozenset().union(*(by.treatment.get(treatment, nothing) for treatment in chosen))
        found |= shown
    return frozenset(_with_those_beside(records, question, found))


def _with_those_beside(records: Records, question: Question, found: set[str]) -> set[str]:
    """And the studies that a conflict or a decision on shared people names together with one of them."""
    together = [{*conflict.studies, conflict.about.study or ""} for conflict in records.conflicts]
    for conflict, studies in zip(records.conflicts, together, strict=True):
        if conflict.about.topic == question.id:
            found |= studies
    together += [set(overlap.studies) for overlap in records.overlaps]
    together += [{study, *records.studies[study].contains} for study in list(found) if study in records.studies]
    size = -1
    while size != len(found):
        size = len(found)
        for studies in together:
            if studies & found:
                found |= studies
    return {study for study in found if study in records.studies}


def within_reach(
    records: Records,
    question: Question,
    *,
    beside: Collection[str] = (),
    also: Iterable[str] = (),
    catalogues: bool = False,
) -> Records:
    """The records of the studies in reach: themselves, their people, and what they and the question name.

    ``catalogues``: all treatments, outcomes, claims, conflicts and decisions on shared people are kept, only studies,
    their people and sources are fewer; for a page, which may name any treatment.
    """
    named = list(also)
    studies = studies_in_reach(records, question, beside=beside, also=named)
    people = {study: rows for study, rows in records.people.items() if study in studies}
    conflicts = records.conflicts
    claims = records.claims
    overlaps = records.overlaps
    if not catalogues:
        conflicts = tuple(c for c in conflicts if {*c.studies, c.about.study} & studies or c.about.topic == question.id)
        overlaps = tuple(o for o in overlaps if studies & set(o.studies))
    names = {*named, *beside, *names_in(question)}
    for study in studies:
        names |= names_in(records.studies[study])
        table = records.rows(study)
        if table is not None:
            names |= names_in_rows(table)
    if not catalogues:
        wanted = treatment_ids(records, question.treatment)
        claims = tuple(c for c in claims if wanted & set(c.treatments))
    for record in (*conflicts, *claims, *overlaps):
        names |= names_in(record)
    treatments, outcomes = records.treatments, records.outcomes
    if not catalogues:
        names |= treatment_ids(records, question.treatment)
        treatments = {k: t for k, t in treatments.items() if k in names or t.kind in NEUTRAL}
        outcomes = {k: o for k, o in outcomes.items() if k in names}
    for record in (*treatments.values(), *outcomes.values()):
        names |= names_in(record)
    return replace(
        records,
        studies={k: s for k, s in records.studies.items() if k in studies},
        sources=_sources(records, names),
        treatments=treatments,
        outcomes=outcomes,
        conflicts=conflicts,
        claims=claims,
        overlaps=overlaps,
        people=people,
        person_lines={study: lines for study, lines in records.person_lines.items() if study in studies},
    )


def _sources(records: Records, names: set[str]) -> dict[str, Source]:
    """The sources named, and those that these report on."""
    found = {name for name in names if name in records.sources}
    waiting = list(found)
    while waiting:
        more = {name for name in names_in(records.sources[waiting.pop()]) if name in records.sources} - found
        found |= more
        waiting += more
    return {k: s for k, s in records.sources.items() if k in found}


__all__ = ["studies_in_reach", "within_reach"]
