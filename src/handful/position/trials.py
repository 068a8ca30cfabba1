"""Trials under way on the treatment: how many people they plan, whom of them a group would count, what could come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from handful.position.what_would_change import Further, TrialAhead
from handful.records.people import NOT_KNOWN, matches
from handful.records.study import Arm, Study

if TYPE_CHECKING:
    from handful.position.group import GroupPlace


Ahead: TypeAlias = tuple[Study, Arm, "int | None", str]
"""A trial, its arm on the treatment, how many would be treated, and how that is known."""


def reaching(group: GroupPlace) -> tuple[Ahead, ...]:
    """The trials under way that may hold people of the group."""
    found: list[Ahead] = []
    for study in group.setting.under_way:
        arm = next((a for a in study.arms if a.treatment in group.setting.treatments), None)
        if arm is not None and _reaches(group, arm):
            found.append((study, arm, *treated_in(study, arm)))
    return tuple(found)


def trials_ahead(group: GroupPlace, ahead: tuple[Ahead, ...], further: Mapping[int, Further]) -> tuple[TrialAhead, ...]:
    """What each of these trials could bring, were all it treats counted as a study of their own."""
    setting = group.setting
    made = []
    for study, arm, treated, how in ahead:
        match = matches(arm.people, setting.question.people, setting.names)
        made.append(
            TrialAhead(
                study=study.id,
                title=study.title or study.id,
                registration=study.registration or "",
                planned=study.planned.value if study.planned else None,
                treated=treated,
                treated_how=how,
                wider="" if match.yes else match.because,
                further=further.get(treated) if treated else None,
            )
        )
    return tuple(made)


def _reaches(group: GroupPlace, arm: Arm) -> bool:
    """Whether the trial may hold people of the group."""
    ladder, band = group.setting.ladder, group.setting.band
    if band is None or ladder.attribute is None:
        return True
    values = set(arm.people.get(ladder.attribute, ("not reported",)))
    return bool(values & NOT_KNOWN) or bool(values & set(band.people[ladder.attribute]))


def treated_in(study: Study, arm: Arm) -> tuple[int | None, str]:
    """How many of the planned people get the treatment, and how that is known."""
    if study.planned is None:
        return None, "the planned number is not reported"
    planned = study.planned.value
    if study.allocation is not None and study.allocation.shares.count(":") + 1 == len(study.arms):
        parts = [int(part) for part in study.allocation.shares.split(":")]
        share = parts[study.arms.index(arm)]
        return planned * share // sum(parts), f"allotted {study.allocation.shares}"
    if len(study.arms) == 1:
        return planned, "all of them"
    return planned // len(study.arms), "if shared equally; the allotment is not reported"
