"""``diff(old, new)``: what came, went and was corrected between two states of a review, and which answers it moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.base.errors import HandfulError
from handful.living.answered import Moved, answered, conclusion, group_numbers, moved
from handful.living.fields import FieldChange, changed_fields
from handful.living.renamed import renames, with_new_ids
from handful.living.replay import Step, behind, replay
from handful.living.units import Content, Unit, in_one_order, units
from handful.records.amendments import retraction_of
from handful.records.source import Source
from handful.review import Review, open_review

Why = Callable[[str], tuple[str, ...]]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class RecordChange:
    """One record: added, removed, corrected or renamed; its file and line, the fields that differ, and why, if told."""

    unit: Unit
    kind: str
    file: str
    line: int
    fields: tuple[FieldChange, ...] = ()
    why: tuple[str, ...] = ()
    retracted: str = ""
    """'Series 2020, retracted 2026-11-01', where that happened to the paper between the two states."""


@dataclass(frozen=True)
class Movement:
    """A part of an answer that moved, and the records that did it, in the order of the replay."""

    moved: Moved
    by: tuple[Unit, ...]


@dataclass(frozen=True)
class AnswerChange:
    """One question: its answers at both times, what moved, by which record, and whether the conclusion changed."""

    question: str
    title: str
    state: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    movements: tuple[Movement, ...]
    steps: tuple[Step, ...]
    conclusion: tuple[tuple[str, Any, Any], ...]
    problem: str = ""
    """Why one of the two answers cannot be computed; then nothing is said of what moved."""
    first: tuple[tuple[str, Any], ...] = ()
    """What is concluded for the first time: of an outcome, a group or a band that was not asked about before."""

    @property
    def conclusion_changed(self) -> bool:
        """Whether what a reader took away is said otherwise now, or no longer said."""
        return bool(self.conclusion)

    @property
    def groups(self) -> tuple[tuple[tuple[str, str], Any, Any], ...]:
        """The groups whose counts or intervals moved: (outcome word, group), numbers then, numbers now."""
        before = group_numbers(self.old) if self.old else {}
        after = group_numbers(self.new) if self.new else {}
        keys = [*after, *(key for key in before if key not in after)]
        return tuple((k, before.get(k), after.get(k)) for k in keys if before.get(k) != after.get(k))


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two states of a review."""

    old_name: str
    new_name: str
    records: tuple[RecordChange, ...]
    answers: tuple[AnswerChange, ...]
    about: tuple[FieldChange, ...]
    text: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.records or self.answers or self.about or self.text)

    @property
    def plans(self) -> tuple[RecordChange, ...]:
        """Questions whose plan (model, priors, interval, thresholds …) is not what it was."""
        return tuple(
            r
            for r in self.records
            if r.unit.kind == "questions" and any(f.path and f.path[0] == "plan" for f in r.fields)
        )

    @property
    def retracted(self) -> tuple[tuple[Unit, str], ...]:
        """The sources whose papers were retracted between the two states, with what is told of it."""
        return tuple((r.unit, r.retracted) for r in self.records if r.retracted)

    @property
    def conclusion_changed(self) -> bool:
        """Whether the conclusion of any question changed."""
        return any(a.conclusion_changed for a in self.answers)


def diff(
    old: Review | str | Path,
    new: Review | str | Path,
    *,
    old_name: str = "",
    new_name: str = "",
    why: Why = lambda file: (),
    progress: Progress = lambda done, total, what: None,
) -> Difference:
    """What changed from ``old`` to ``new`` (reviews, or folders of reviews).

    Records are compared field by field; the order of files and of lists of records means nothing, and neither does the
    id of a study or source that differs in nothing else: it is told as renamed. Each answer is
    computed at both times; where it moved, the changes are made one at a time and the answer computed after each, so
    that every movement has the record that did it, and the movements add up to the whole. ``why(file)`` may give
    reasons (the subjects of commits); ``progress(done, total, what)`` is called with each question as work goes on.

    Raises:
        ReviewProblems: when a folder cannot be read; with every problem.
    """
    before, after = _opened(old), _opened(new)
    then, now = units(before), units(after)
    changes: dict[Unit, Content | None] = {}
    records = []
    for kind, ids in (again := renames(then, now)).items():
        for former, is_now in ids.items():
            file, line = _place(after, Unit(kind, is_now), ())
            named = FieldChange(("id",), former, is_now)
            records.append(RecordChange(Unit(kind, is_now), "renamed", file, line, (named,), why(file)))
    if again:
        before = in_one_order(with_new_ids(before, again))
        then = units(before)
    for unit in sorted({*then, *now}):
        was, is_ = then.get(unit), now.get(unit)
        fields = changed_fields(was, is_) if was is not None and is_ is not None else ()
        if was is not None and is_ is not None and not fields:
            continue
        changes[unit] = is_
        kind = "added" if was is None else "removed" if is_ is None else "corrected"
        file, line = _place(after if is_ is not None else before, unit, fields)
        records.append(RecordChange(unit, kind, file, line, fields, why(file), _retracted(was, is_)))
    return Difference(
        old_name=old_name or str(before.folder),
        new_name=new_name or str(after.folder),
        records=tuple(records),
        answers=_answers(before, after, changes, progress),
        about=tuple(f for f in changed_fields(before.about, after.about) if f.path != ("version",)),
        text=tuple(sorted(k for k in {*before.prose, *after.prose} if before.prose.get(k) != after.prose.get(k))),
    )


def _retracted(was: Content | None, now: Content | None) -> str:
    """What is told of a paper that was retracted since; nothing of any other record."""
    if not isinstance(now, Source) or (mark := retraction_of(now.notices)) is None:
        return ""
    before = retraction_of(was.notices) if isinstance(was, Source) else None
    return "" if before is not None else f"{now.short}, retracted{mark.words}"


def _opened(review: Review | str | Path) -> Review:
    return in_one_order(review if isinstance(review, Review) else open_review(review))


def _answers(
    before: Review, after: Review, changes: Mapping[Unit, Content | None], progress: Progress
) -> tuple[AnswerChange, ...]:
    found: list[AnswerChange] = []
    if not changes:
        return ()
    every = sorted({*before.questions, *after.questions})
    for done, question in enumerate(every):
        progress(done, len(every), question)
        if not _touched(before, after, question):
            continue
        title = (after.questions.get(question) or before.questions[question]).title
        try:
            old = answered(before, question) if question in before.questions else None
            new = answered(after, question) if question in after.questions else None
        except HandfulError as error:
            found.append(AnswerChange(question, title, "not computed", None, None, (), (), (), error.message))
            continue
        if old is None or new is None:
            state = "added" if old is None else "removed"
            found.append(AnswerChange(question, title, state, old, new, (), (), ()))
            continue
        whole = moved(old, new)
        if not whole:
            continue
        inside = _units_inside(before, question) | _units_inside(after, question)
        relevant = {unit: content for unit, content in changes.items() if unit in inside or unit.kind not in OF_RECORDS}
        steps, _ = replay(before, question, relevant, start=old)
        by: dict[tuple[str, ...], list[Unit]] = {}
        for step in steps:
            for part in step.moved:
                by.setdefault(part.path, []).extend(behind(step, part))
        movements = tuple(Movement(part, tuple(dict.fromkeys(by.get(part.path, ())))) for part in whole)
        concluded, first = _concluded(old, new)
        found.append(AnswerChange(question, title, "moved", old, new, movements, steps, concluded, first=first))
    return tuple(found)


def _concluded(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[tuple[tuple[str, Any, Any], ...], tuple[tuple[str, Any], ...]]:
    """What is said otherwise or no longer said, and what is said for the first time."""
    then, now = conclusion(old), conclusion(new)
    keys = [*(key for key in now if key in then), *(key for key in then if key not in now)]
    changed = tuple((key, then[key], now.get(key)) for key in keys if then[key] != now.get(key))
    return changed, tuple((key, value) for key, value in now.items() if key not in then)


OF_RECORDS = frozenset({"studies", "people", "sources", "treatments", "outcomes", "conflicts", "claims", "overlaps"})


def _touched(before: Review, after: Review, question: str) -> bool:
    """Whether anything that the answer is made from differs."""
    if question not in before.questions or question not in after.questions:
        return True
    return before.part_for(question).part_digest() != after.part_for(question).part_digest()


def _units_inside(review: Review, question: str) -> set[Unit]:
    """The records that the answer is made from; one outside cannot move it."""
    return set(units(review.part_for(question)))


def _place(review: Review, unit: Unit, fields: tuple[FieldChange, ...]) -> tuple[str, int]:
    """The file and line of a record, at its first changed field."""
    documents = {**review.records.documents, **review.documents}
    names = (unit.id, f"{unit.kind}/{unit.id}") if unit.kind == "studies" else (f"{unit.kind}/{unit.id}",)
    document = next((documents[name] for name in names if name in documents), None)
    if document is not None:
        place = next((f.place for f in fields if f.place), ())
        return document.file, document.line(place)
    if unit.kind == "risk_of_bias":
        name = f"judgements/{unit.id}"
        return f"{name}.yaml", documents[name].line(()) if name in documents else 1
    if unit.kind == "people":
        return f"studies/{unit.id}.patients.csv", 1
    listed = documents.get(f"{unit.kind}.yaml")
    if listed is not None and isinstance(listed.data, dict):
        items = listed.data.get(unit.kind) or []
        index = next((i for i, item in enumerate(items) if isinstance(item, dict) and item.get("id") == unit.id), None)
        if index is not None:
            place = next((f.place for f in fields if f.place), ())
            return listed.file, listed.line((unit.kind, index, *place))
        return listed.file, 1
    return f"{unit.kind}/{unit.id}.yaml", 1


__all__ = ["AnswerChange", "Difference", "Movement", "RecordChange", "diff"]
