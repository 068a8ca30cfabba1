"""The name of every counted number of the records, and the study whose page explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from handful.counts.rows import CountRow
from handful.question.question import Question
from handful.records.records import Place, Records
from handful.records.study import Arm, Harm, Outcome
from handful.words import names

MOST_PEOPLE_SHOWN = 500
"""Up to so many people of a study are shown one by one, each with a name that can be linked to."""


@dataclass(frozen=True)
class NumberIndex:
    """The name of every count in the records, by the place it stands in, and the study whose page explains it."""

    counts: Mapping[tuple[str, str, str, int], str]
    by_place: Mapping[Place, str]
    study_of: Mapping[str, str] = field(default_factory=dict)

    def of_row(self, row: CountRow) -> str:
        """The name of a row's count."""
        first = names.study_count(row.study, row.arm, row.outcome)
        again = names.study_count(row.study, row.arm, row.outcome, 2)
        return self.by_place.get(row.place, first) if again in self.study_of else first


def index_of_numbers(records: Records) -> NumberIndex:
    """Names for every count of every arm, and for every person of a case report."""
    counts: dict[tuple[str, str, str, int], str] = {}
    places: dict[Place, str] = {}
    owners: dict[str, str] = {}
    for study in records.studies.values():
        for i, arm in enumerate(study.arms):
            repeats: Counter[str] = Counter()
            for kind, j, counted in counted_in(arm):
                repeats[counted.outcome] += 1
                name = names.study_count(study.id, arm.id, counted.outcome, repeats[counted.outcome])
                counts[(study.id, arm.id, kind, j)] = name
                places.setdefault(records.place(study.id, ("arms", i, kind, j)), name)
                owners[name] = study.id
        table = records.rows(study.id)
        if table is None or len(table) > MOST_PEOPLE_SHOWN:
            continue
        for index, line in enumerate(table.lines):
            name = names.person(study.id, table.value("person", index))
            places.setdefault(Place(f"studies/{study.id}.patients.csv", line), name)
            owners[name] = study.id
    return NumberIndex(counts, places, owners)


def counted_in(arm: Arm) -> list[tuple[str, int, Outcome | Harm]]:
    """Outcomes and harms of an arm with the key they stand under and their position."""
    return [
        *(("outcomes", j, outcome) for j, outcome in enumerate(arm.outcomes)),
        *(("harms", j, harm) for j, harm in enumerate(arm.harms)),
    ]


def names_of_numbers(records: Records, questions: Iterable[Question]) -> frozenset[str]:
    """Every name that a number of the pages has: counts of studies, people, sums of groups, counts of case reports."""
    found = set(index_of_numbers(records).study_of)
    for question in questions:
        for outcome in ("", *(other.id for other in question.also)):
            found |= {names.group(group, outcome) for group in (*question.groups, "overall")}
        if question.case_reports is not None:
            found |= {names.CASES, names.CASES_STATED}
    return frozenset(found | {names.POOLED})
