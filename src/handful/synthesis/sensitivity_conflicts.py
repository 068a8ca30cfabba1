"""A declared conflict as a choice: each of its values in the place of the one that is used.

``consequence: bounds`` about a number of people: those whom the used count does not hold are put in as not having
responded and as having responded. Neither is a reported count, and both are marked as bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from handful.question.question import Question
from handful.records.conflict import Conflict
from handful.records.records import Records
from handful.synthesis.sensitivity_result import ArmCounted, Choice, Dimension, NotRun

OWN = "as-planned"
_OF = re.compile(r"^\s*(\d+)\s+of\s+(\d+)\s*$")
_PEOPLE = ("n", "people", "total")
_EVENTS = ("responders", "events")


@dataclass(frozen=True)
class ConflictChoice:
    """One value of a conflict, and what it makes of an arm's count."""

    conflict: Conflict
    id: str
    events: int | None
    total: int | None
    added: str = ""
    """``non-responders`` or ``responders``: how people whom the used count does not hold are put in."""

    def touches(self, arm: ArmCounted, among: Sequence[ArmCounted]) -> bool:
        """Whether the conflict is about this arm's count, and the count is the one that is used."""
        about = self.conflict.about
        if arm.case_report or arm.study != about.study or about.outcome not in (None, arm.outcome):
            return False
        if about.arm is None:
            return sum(other.study == arm.study for other in among) == 1 and self._used(arm)
        return arm.arm == about.arm and self._used(arm)

    def _used(self, arm: ArmCounted) -> bool:
        used = as_count(self.conflict.used, self.conflict.about.what or "")
        return used is not None and used[0] in (None, arm.events) and used[1] in (None, arm.total)

    def apply_to(self, arms: tuple[ArmCounted, ...]) -> tuple[ArmCounted, ...]:
        """The arms with this value, those that the conflict is not about unchanged."""
        return tuple(self._apply(arm) if self.touches(arm, arms) else arm for arm in arms)

    def impossible(self, arm: ArmCounted, among: Sequence[ArmCounted]) -> str:
        """Why the arm cannot have this value; empty where it can, or where the conflict is not about it."""
        if not self.touches(arm, among):
            return ""
        made = self._apply(arm)
        return (
            f"conflict “{self.conflict.title}”: {made.events} of {made.total} cannot be"
            if made.events > made.total
            else ""
        )

    def _apply(self, arm: ArmCounted) -> ArmCounted:
        total = arm.total if self.total is None else self.total
        events = arm.events if self.events is None else self.events
        if self.added == "non-responders":
            events = max(0, events - max(0, arm.total - total))
        elif self.added == "responders":
            events = min(total, events + max(0, total - arm.total))
        changed = replace(arm, events=events, total=total)
        if not self.added:
            return changed
        more, with_it = max(0, total - arm.total), max(0, events - arm.events)
        return replace(changed, reported=False, put_in=more, put_in_events=with_it)


def shown(value: float | str) -> str:
    """A value as typed: '4', 'neither'."""
    return value if isinstance(value, str) else f"{value:g}"


def as_count(value: float | str, field: str) -> tuple[int | None, int | None] | None:
    """Events and total of a conflict's value: a whole number under its field, or '3 of 7'; None when it is neither."""
    if isinstance(value, str):
        found = _OF.match(value)
        return (int(found[1]), int(found[2])) if found else None
    if value != int(value) or value < 0:
        return None
    if field in _PEOPLE:
        return None, int(value)
    return (int(value), None) if field in _EVENTS else None


def conflict_dimensions(
    records: Records, question: Question, seen: Iterable[ArmCounted], *, run: bool
) -> tuple[list[Dimension], dict[str, dict[str, ConflictChoice]], list[NotRun]]:
    """A dimension for each conflict that touches a counted arm, its choices, and what could not be run."""
    arms = tuple(seen)
    dimensions: list[Dimension] = []
    choices: dict[str, dict[str, ConflictChoice]] = {}
    not_run: list[NotRun] = []
    for conflict in records.conflicts if run else ():
        if conflict.consequence not in ("bounds", "sensitivity"):
            continue
        of_study = [arm for arm in arms if arm.study == conflict.about.study and conflict.about.arm in (None, arm.arm)]
        if not of_study:
            continue
        made, reasons = _choices(conflict, question, of_study)
        not_run.extend(reasons)
        if made:
            identifier = f"conflict-{conflict.id}"
            choices[identifier] = {one.id: one for one, _ in made}
            own = Choice(OWN, f"{shown(conflict.used)}, as used", conflict.because)
            dimensions.append(
                Dimension(identifier, f"the conflict “{conflict.title}”", (own, *(words for _, words in made)))
            )
    return dimensions, choices, not_run


def _choices(
    conflict: Conflict, question: Question, arms: Sequence[ArmCounted]
) -> tuple[list[tuple[ConflictChoice, Choice]], list[NotRun]]:
    made: dict[str, tuple[ConflictChoice, Choice]] = {}
    not_run = []
    field = conflict.about.what or ""
    for given in conflict.values:
        if given.value == conflict.used:
            continue
        found = as_count(given.value, field)
        what = f"conflict “{conflict.title}”: {shown(given.value)}"
        if found is None:
            not_run.append(NotRun(what, "this value is no count that could take the place of the one used", 0))
            continue
        events, total = found
        if events is None and conflict.consequence == "bounds":
            for added in ("non-responders", "responders"):
                one = ConflictChoice(conflict, f"{total}-others-as-{added}", None, total, added)
                words = _bound_words(conflict, total or 0, question, responded=added == "responders")
                made[one.id] = (
                    one,
                    Choice(one.id, words, f"a bound, not a report; {given.source} gives {total}", True),
                )
        else:
            digits = "-".join(str(v) for v in found if v is not None)
            one = ConflictChoice(conflict, f"value-{digits}", events, total)
            made[one.id] = (one, Choice(one.id, f"{shown(given.value)}, as {given.source} gives it", given.note or ""))
    kept = {k: v for k, v in made.items() if any(v[0].touches(arm, arms) for arm in arms)}
    if made and not kept:
        reason = f"no counted arm holds the value that is used ({shown(conflict.used)})"
        not_run.append(NotRun(f"conflict “{conflict.title}”", reason, 0))
    return list(kept.values()), not_run


def _bound_words(conflict: Conflict, total: int, question: Question, *, responded: bool) -> str:
    """'7 instead of 4, the 3 others as if none of them responded': never a count that a source gives."""
    used = as_count(conflict.used, "n")
    more = total - (used[1] or 0) if used else 0
    verb = "had it" if question.counts == "harms" else "responded"
    start = f"{total} instead of {shown(conflict.used)}"
    if more < 1:
        return f"{start}, with as {'many' if responded else 'few'} as possible who {verb}"
    if more == 1:
        return f"{start}, the other one as if counted {'among' if responded else 'outside'} those who {verb}"
    return f"{start}, the {more} others as if {'all' if responded else 'none'} of them {verb}"
