"""The change note in words, made from the difference alone: what a reader needs to know, loudest first.

The items are those that PRISMA for living systematic reviews asks of an update (doi:10.1136/bmj-2024-079183): whether
the conclusion changed, studies and people added or taken away, answers that moved and what moved them, and any change
of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handful.base.wording import capital, counted, decimal, grouped, human_list, plural, range_per_100, spoken
from handful.living.answered import GroupNumbers, Moved
from handful.living.diff import AnswerChange, Difference, RecordChange
from handful.living.fields import shown
from handful.living.units import Unit
from handful.words.language import told

FEW_FIELDS = 12


def note(found: Difference) -> str:
    """The whole note as Markdown; the same difference gives the same bytes."""
    if found.empty:
        return f"# {told('note.no-change')}\n\n{told('note.nothing', old=found.old_name, new=found.new_name)}\n"
    blocks = [
        f"# {told('note.title', old=found.old_name, new=found.new_name)}",
        conclusion_words(found),
        _plan(found),
        _retracted(found),
        people_words(found),
        _answers(found),
        _records(found, "added"),
        _records(found, "removed"),
        _records(found, "renamed"),
        _records(found, "corrected"),
        _rest(found),
        _every_number(found),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def conclusion_words(found: Difference) -> str:
    """'Conclusion changed: no.', or yes with what changed."""
    lines = [told("note.conclusion-changed" if found.conclusion_changed else "note.conclusion-kept")]
    first = []
    for answer in found.answers:
        for what, old, new in answer.conclusion:
            said = {"what": what, "old": shown(old), "new": shown(new)}
            lines.append(f"- {told('note.changed', title=answer.title, **said)}")
        first += [
            f"- {told('note.first', title=answer.title, what=what, new=shown(new))}" for what, new in answer.first
        ]
    return "\n".join([*lines, *(["", told("note.concluded-first"), *first] if first else ())])


def people_words(found: Difference) -> str:
    """How many studies came and went, and how many people each answer counts now."""
    studies = [r for r in found.records if r.unit.kind == "studies"]
    parts = [
        told(f"note.{kind}", studies=plural(sum(r.kind == kind for r in studies), "study"))
        for kind in ("added", "removed", "corrected")
    ]
    lines = [capital(human_list(parts)) + "."]
    for answer in found.answers:
        if answer.old and answer.new and answer.old["people"] != answer.new["people"]:
            then, now = grouped(answer.old["people"]), grouped(answer.new["people"])
            lines.append(told("note.people", title=answer.title, old=then, new=now))
    return "\n".join(lines)


def _plan(found: Difference) -> str:
    lines = []
    for record in found.plans:
        lines.append(told("note.plan", question=record.unit.id, place=f"{record.file}:{record.line}"))
        lines += [f"- {field.words}" for field in record.fields if field.path[0] == "plan"]
        lines += [f"- {told('note.reason', reason=reason)}" for reason in record.why]
    return "\n".join(lines)


def _retracted(found: Difference) -> str:
    """Loudly, and with what becomes of the study."""
    return "\n".join(told("note.retracted", what=what) for _, what in found.retracted)


def _answers(found: Difference) -> str:
    if not found.answers:
        return f"## {told('note.answers')}\n\n{told('note.no-answer')}"
    blocks = [f"## {told('note.answers-moved')}"]
    for answer in found.answers:
        blocks.append(answer_words(answer))
    return "\n\n".join(blocks)


def answer_words(answer: AnswerChange) -> str:
    """One question: its groups then and now, with the records that did it, and every number that moved."""
    if answer.problem:
        return f"### {answer.title}\n\n{told('note.cannot-compare', because=answer.problem)}"
    if answer.state != "moved":
        return f"### {answer.title}\n\n{told(f'note.state.{answer.state}')}"
    lines = [f"### {answer.title}", ""]
    for (_, _), old, new in answer.groups:
        known = new or old
        said = {
            "group": capital(spoken(known.group)),
            "outcome": known.set_name,
            "by": _by(_group_movers(answer, known)),
        }
        lines.append(f"- {told('note.group', **said, old=_group(old), new=_group(new))}")
    if not answer.groups:
        lines.append(f"- {told('note.same-groups')}")
    others = len(answer.movements) - sum(
        any(_is_of_group(m.moved.path, g) for g in _known(answer)) for m in answer.movements
    )
    if others:
        lines.append(f"- {told('note.others', parts=plural(others, 'other part'))}")
    return "\n".join(lines)


def _known(answer: AnswerChange) -> list[GroupNumbers]:
    return [new or old for _, old, new in answer.groups]


def _every_number(found: Difference) -> str:
    """All that moved, one line each, for those who check; nothing else stands here and nothing is left out."""
    lines = []
    for answer in found.answers:
        if answer.movements:
            lines += ["", f"### {answer.title}", ""]
            lines += [f"- {_moved(m.moved)}; {_by(m.by)}" for m in answer.movements]
    return "\n".join([f"## {told('note.every-number')}", *lines]) if lines else ""


def _group(numbers: GroupNumbers | None) -> str:
    if numbers is None:
        return told("note.not-there")
    if not numbers.total:
        return told("note.nobody")
    count = counted(numbers.events, numbers.total)
    if numbers.low is None or numbers.high is None:
        return count
    return told("note.count", count=count, range=range_per_100(numbers.low, numbers.high))


def _group_movers(answer: AnswerChange, group: GroupNumbers) -> tuple[Unit, ...]:
    """The records behind a group's count and interval (not its pooled rate, which the plan moves too)."""
    inside = [m.by for m in answer.movements if _is_of_group(m.moved.path, group)]
    return tuple(dict.fromkeys(unit for units in inside for unit in units))


def _is_of_group(path: tuple[str, ...], group: GroupNumbers) -> bool:
    where = path.index("groups") if "groups" in path else len(path)
    of_set = path[:where] in {("main",), ("also", group.set)}
    return (
        of_set and path[where + 1 : where + 2] == (group.group,) and path[where + 2] in ("events", "total", "interval")
    )


def _by(units: Iterable[Unit]) -> str:
    names = [unit.words for unit in units]
    return told("note.by", records=human_list(names)) if names else told("note.by-computation")


def _moved(part: Moved) -> str:
    return f"{' › '.join(part.path)}: {_value(part.old)} → {_value(part.new)}"


def _value(value: Any) -> str:
    return decimal(value, 4) if isinstance(value, float) else shown(value)


def _records(found: Difference, kind: str) -> str:
    records = [r for r in found.records if r.kind == kind]
    if not records:
        return ""
    lines = [f"## {told(f'note.records.{kind}')}", ""]
    for record in records:
        lines += _record(record)
    return "\n".join(lines)


def _record(record: RecordChange) -> list[str]:
    why = told("note.reasons", reasons=human_list(list(record.why))) if record.why else ""
    lines = [f"- {capital(record.unit.words)} ({record.file}:{record.line}).{why}"]
    lines += [f"  - {field.words}" for field in record.fields[:FEW_FIELDS]]
    if len(record.fields) > FEW_FIELDS:
        lines.append(f"  - {told('note.more-fields', n=len(record.fields) - FEW_FIELDS)}")
    return lines


def _rest(found: Difference) -> str:
    lines = [f"- review.yaml: {field.words}" for field in found.about]
    lines += [f"- {told('note.text', file=f'questions/{name}.md')}" for name in found.text]
    return "\n".join([f"## {told('note.also-changed')}", "", *lines]) if lines else ""


__all__ = ["answer_words", "conclusion_words", "note", "people_words"]
