"""Pairs of studies that ask for a decision: a failure where one count adds them up, told where none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from handful.base.problems import Problem
from handful.question.counted_once import OfStudy, undecided
from handful.question.question import Question
from handful.question.select import select
from handful.records.overlap_guard import HOLDERS, PerhapsShared, perhaps_shared
from handful.records.records import Records


def check_counted_once(records: Records, questions: Iterable[Question]) -> tuple[list[Problem], list[Problem]]:
    """Undecided pairs inside one count of one question, as problems; all others, to be told."""
    problems: list[Problem] = []
    asked: set[tuple[str, str]] = set()
    for question in questions:
        selected = select(records, question)
        counts: Mapping[str, Sequence[OfStudy]] = {
            "the answer": selected.included,
            "the case reports": selected.cases,
            **{f"“{key}”": entries for key, entries in selected.also.items()},
        }
        for name, pair in undecided(records, counts):
            if (pair.first, pair.second) in asked:
                continue
            asked.add((pair.first, pair.second))
            message = f"`{pair.first}` and `{pair.second}` may share people, and {name} of `{question.id}` adds them up"
            problems.append(_problem(records, pair, "people-perhaps-counted-twice", message))
    return problems, list(_told(records, [p for p in perhaps_shared(records) if (p.first, p.second) not in asked]))


def _told(records: Records, pairs: Iterable[PerhapsShared]) -> Iterator[Problem]:
    """Pairs that no question adds up: one line each, and one for all that a review of published people may hold."""
    held: dict[str, list[PerhapsShared]] = {}
    for pair in pairs:
        holders = [s for s in (pair.first, pair.second) if records.studies[s].design in HOLDERS]
        if holders:
            held.setdefault(holders[-1], []).append(pair)
        else:
            message = f"`{pair.first}` and `{pair.second}` may share people"
            yield _problem(records, pair, "people-perhaps-shared", message)
    for holder, found in held.items():
        others = sorted({s for pair in found for s in (pair.first, pair.second)} - {holder})
        place = records.place(holder, ("id",))
        message = f"`{holder}` may count people of {len(others)} other studies again"
        hint = f"decide in overlaps.yaml: {{studies: [{', '.join(others)}, {holder}], people: part-of, …, used: parts}}"
        yield Problem(place.file, place.line, "people-perhaps-shared", message, hint)


def _problem(records: Records, pair: PerhapsShared, code: str, message: str) -> Problem:
    place = records.place(pair.second, ("id",))
    hint = (
        f"{pair.because}\ndecide in overlaps.yaml: {{studies: [{pair.first}, {pair.second}], "
        f"people: same, part-of, unclear or different, because: …, used: {pair.first}}}"
    )
    return Problem(place.file, place.line, code, message, hint)
