"""Declared conflicts: what they are about exists, what is used is one of the values, and the records hold it."""

from __future__ import annotations

from collections.abc import Iterator

from handful.base.problems import Problem, did_you_mean
from handful.records.checks.finding import counts, people
from handful.records.checks.names import Names
from handful.records.conflict import Conflict
from handful.records.records import Records
from handful.records.study import Study

NOT_ONE_OF_THEM = ("neither", "both")
"""What ``used:`` may say instead of a value."""


def check_conflicts(records: Records, names: Names) -> Iterator[Problem]:
    """Every conflict of conflicts.yaml."""
    document = records.documents.get("conflicts.yaml")
    if document is None:
        return
    for index, conflict in enumerate(records.conflicts):

        def line(*path: str | int, index: int = index) -> int:
            return document.line(("conflicts", index, *path))

        def problem(code: str, message: str, hint: str, *path: str | int, conflict: Conflict = conflict) -> Problem:
            return Problem(document.file, line(*path), code, f"conflict `{conflict.id}`: {message}", hint)

        for i, value in enumerate(conflict.values):
            yield from names.unknown("source", value.source, document.file, line("values", i, "source"), "source")
        for i, study in enumerate(conflict.studies):
            yield from names.unknown("study", study, document.file, line("studies", i), "study")
        is_a_value = any(_same(conflict.used, v.value) for v in conflict.values)
        if not is_a_value and conflict.used not in NOT_ONE_OF_THEM:
            choices = ", ".join(_text(v.value) for v in conflict.values)
            yield problem(
                "conflict-used-is-no-value",
                f"used `{_text(conflict.used)}` is none of its values",
                f"accepted: {choices}, neither, both",
                "used",
            )
        about = conflict.about
        if about.study is None:
            continue
        yield from names.unknown("study", about.study, document.file, line("about", "study"), "study")
        found = records.studies.get(about.study)
        if found is None:
            continue
        arms = [a.id for a in found.arms]
        if about.arm is not None and about.arm not in arms:
            message, hint = f"study `{about.study}` has no arm `{about.arm}`", did_you_mean(about.arm, arms)
            yield problem("unknown-arm", message, hint, "about", "arm")
            continue
        reported = _outcomes(records, found, about.arm)
        if about.outcome is not None and about.outcome not in reported:
            message = f"study `{about.study}` reports no outcome `{about.outcome}`" + (
                f" in arm `{about.arm}`" if about.arm else ""
            )
            yield problem("unknown-outcome", message, did_you_mean(about.outcome, reported), "about", "outcome")
            continue
        held = _held(found, conflict)
        if (
            is_a_value
            and held
            and isinstance(conflict.used, int | float)
            and not any(_same(conflict.used, h) for h in held)
        ):
            yield problem(
                "conflict-used-not-in-records",
                f"used {_text(conflict.used)}, but the records of `{about.study}` hold "
                f"{', '.join(_text(h) for h in sorted(held))} for {about.what}",
                "record the number that is used, or change `used:`",
                "used",
            )


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    return str(one).strip() == str(other).strip()


def _outcomes(records: Records, study: Study, arm: str | None) -> list[str]:
    found = {c.item.outcome for c in counts(study) if arm in (None, c.arm.id)}
    rows = records.rows(study.id)
    found |= set(rows.keys("outcome:")) if rows is not None else set()
    return sorted(found)


def _held(study: Study, conflict: Conflict) -> set[float]:
    """The numbers that the records hold for what the conflict is about; empty where nothing can be said."""
    about = conflict.about
    chosen = [c for c in counts(study) if about.arm in (None, c.arm.id) and about.outcome in (None, c.item.outcome)]
    if about.what in ("responders", "events"):
        return {float(c.number.value) for c in chosen if c.number is not None and c.key == about.what}
    if about.what in ("n", "planned"):
        held = {float(p.value) for c in chosen for p in people(c.item.n, ())}
        if about.outcome is None or not held:
            held |= {float(p.value) for arm in study.arms if about.arm in (None, arm.id) for p in people(arm.n, ())}
        if study.planned is not None and about.arm is None:
            held.add(float(study.planned.value))
        return held
    return set()
