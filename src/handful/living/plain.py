"""A difference as plain data, for ``--json`` and for what is kept with a version."""

from __future__ import annotations

from typing import Any

from handful.base.digest import canonical
from handful.living.diff import AnswerChange, Difference, RecordChange


def plain_difference(found: Difference) -> dict[str, Any]:
    """The whole difference; floats at ten significant digits."""
    body: dict[str, Any] = canonical(
        {
            "old": found.old_name,
            "new": found.new_name,
            "empty": found.empty,
            "conclusion_changed": found.conclusion_changed,
            "plan_changed": [record.unit.id for record in found.plans],
            "retracted": [{"source": unit.id, "told": told} for unit, told in found.retracted],
            "records": [_record(record) for record in found.records],
            "answers": [_answer(answer) for answer in found.answers],
            "review": [{"path": list(f.path), "old": f.old, "new": f.new} for f in found.about],
            "texts": list(found.text),
        }
    )
    return body


def _record(record: RecordChange) -> dict[str, Any]:
    return {
        "record": record.unit.kind,
        "id": record.unit.id,
        "change": record.kind,
        "file": record.file,
        "line": record.line,
        "fields": [{"path": list(f.path), "old": f.old, "new": f.new} for f in record.fields],
        "why": list(record.why),
    }


def _answer(answer: AnswerChange) -> dict[str, Any]:
    return {
        "question": answer.question,
        "title": answer.title,
        "change": answer.state,
        "problem": answer.problem,
        "conclusion_changed": answer.conclusion_changed,
        "conclusion": [{"what": what, "old": old, "new": new} for what, old, new in answer.conclusion],
        "first": [{"what": what, "new": new} for what, new in answer.first],
        "moved": [
            {
                "path": list(m.moved.path),
                "old": m.moved.old,
                "new": m.moved.new,
                "by": [{"record": u.kind, "id": u.id} for u in m.by],
            }
            for m in answer.movements
        ],
    }


__all__ = ["plain_difference"]
