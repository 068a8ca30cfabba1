"""Selection → counts: rows with traces, by group and together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from handful.base.provenance import Reported
from handful.base.wording import plural
from handful.counts.denominators import AT_THE_START, WITH_RESULT, any_kind, first_kind
from handful.counts.denominators import Place as DenominatorPlace
from handful.counts.missing import account
from handful.counts.rows import (
    CaseCounts,
    CaseRow,
    CharacteristicRow,
    CountRow,
    Counts,
    CountSet,
    GroupCount,
    Origin,
    PrintedPercent,
    ScoreRow,
    Total,
    Traced,
)
from handful.question.entries import Entry
from handful.question.from_rows import rows_rule, sources_of
from handful.question.people_counted import PeopleCounted
from handful.question.plan import Plan
from handful.question.question import Question
from handful.question.select import Case, Selection, treatment_ids
from handful.records.people import matches
from handful.records.records import Place, Records
from handful.records.row_rules import rows_matching
from handful.records.source import SEEN_WORDS
from handful.records.study import DENOMINATOR_WORDS, DESIGN_WORDS, Arm, Denominators, Harm, Outcome, Study, When

Path = tuple[str | int, ...]


def count(selection: Selection, plan: Plan | None = None) -> Counts:
    """The counts of a selection. Rows that lack a number are shown beside the sums and never in them.

    ``plan`` (the question's own when none is given) says of which number of people, and what becomes of those without a
    result.
    """
    question = selection.question if plan is None else selection.question.model_copy(update={"plan": plan})
    counter = RowMaker(selection.records, question)
    main = counter.count_set(question.id, question.outcome.name, selection.included)
    also = tuple(counter.count_set(other.id, other.name, selection.also[other.id]) for other in question.also)
    asked = question.case_reports
    cases = (
        CaseCounts(asked.name, asked.stated, tuple(counter.case(c, asked.outcome) for c in selection.cases))
        if asked
        else None
    )
    studies = _studies_shown(selection)
    return Counts(
        question=question,
        records=selection.records,
        main=main,
        also=also,
        cases=cases,
        alternatives=tuple(counter.row(entry) for entry in selection.alternatives),
        harms=tuple(counter.row(entry) for entry in selection.harms),
        harm_cases=tuple(counter.case(c, None) for c in selection.harm_cases),
        scores=tuple(counter.scores(studies)),
        courses=tuple(counter.courses(studies)),
        characteristics=tuple(counter.characteristics(studies)),
        excluded=selection.excluded,
        cases_excluded=selection.cases_excluded,
        under_way=selection.under_way,
        conflicts=tuple(
            c
            for c in selection.records.conflicts
            if c.about.study in studies or set(c.studies) & set(studies) or c.about.topic == question.id
        ),
    )


def _studies_shown(selection: Selection) -> dict[str, Study]:
    """Studies on the question's treatment that were not turned away for their people or design."""
    chosen = {e.study.id: e.study for e in selection.included}
    for entries in selection.also.values():
        chosen |= {e.study.id: e.study for e in entries}
    wanted = treatment_ids(selection.records, selection.question.treatment)
    for out in selection.excluded:
        if out.code in ("outcome", "time") and out.study in selection.records.studies:
            study = selection.records.studies[out.study]
            if any(arm.treatment in wanted for arm in study.arms):
                chosen[study.id] = study
    return dict(sorted(chosen.items()))


def _at(study: Study, path: Path) -> Reported[int]:
    """The number of people at a path that ends in ``n`` and a kind."""
    node: Any = study
    for part in path:
        if isinstance(node, Denominators):
            node = node.get(str(part))
        else:
            node = node[part] if isinstance(part, int) else getattr(node, part)
    found: Reported[int] = node
    return found


class RowMaker:
    """Turns entries into rows; holds what every row needs."""

    def __init__(self, records: Records, question: Question) -> None:
        self.records = records
        self.question = question

    def count_set(self, identifier: str, name: str, entries: Iterable[Entry]) -> CountSet:
        listed = list(entries)
        rows = tuple(self.row(entry) for entry in listed)
        groups = tuple(
            self._group(group, group.replace("-", " "), list(self._rows_of(group, listed, rows)))
            for group in self.question.groups
        )
        return CountSet(identifier, name, groups, self._group("overall", "all together", rows))

    def _rows_of(self, group: str, entries: list[Entry], rows: tuple[CountRow, ...]) -> Iterator[CountRow]:
        """The counts of a group: whole arms that belong to it, and those people of patient rows who do."""
        for entry, row in zip(entries, rows, strict=True):
            if entry.people is None:
                if group in row.groups:
                    yield row
                continue
            rule = rows_rule(self.question.groups[group], entry.arm, entry.people.table)
            people = entry.people.only(rows_matching(entry.people.table, rule).yes)
            if people.people:
                yield replace(self._row_of_people(entry, people), groups=(group,))

    @staticmethod
    def _group(identifier: str, name: str, rows: Iterable[CountRow]) -> GroupCount:
        listed = list(rows)
        return GroupCount(
            identifier, name, tuple(r for r in listed if r.countable), tuple(r for r in listed if not r.countable)
        )

    def row(self, entry: Entry) -> CountRow:
        """One arm's count, with the trace of both numbers."""
        if entry.people is not None:
            return self._row_of_people(entry, entry.people)
        study, arm, counted = entry.study, entry.arm, entry.counted
        definition = self.records.definition(counted.outcome)
        key = "responders" if isinstance(counted, Outcome) else "events"
        number = counted.responders if isinstance(counted, Outcome) else counted.events
        arm_path = entry.path[:2]
        places = ((counted.n, (*entry.path, "n")), (arm.n, (*arm_path, "n")))
        accounted = account(
            self._traced(study, number, (*entry.path, key)) if number else None,
            self._total(study, first_kind(places, self.question.plan.denominator)),
            self._total(study, any_kind(places, WITH_RESULT)),
            self._whole(study, arm, counted.outcome, places),
            self.question.plan.missing,
        )
        treatment = self.records.treatments.get(arm.treatment)
        return CountRow(
            study=study.id,
            study_title=self._title(study),
            study_short=self.study_short(study),
            design=study.design,
            design_words=DESIGN_WORDS[study.design],
            arm=arm.id,
            arm_name=arm.name or arm.id.replace("-", " "),
            treatment=arm.treatment,
            treatment_name=self.records.treatment_name(arm.treatment),
            treatment_kind=treatment.kind if treatment else "drug",
            dose=arm.dose,
            people=arm.people,
            outcome=counted.outcome,
            outcome_name=definition.name,
            definition=counted.definition or definition.definition,
            time=counted.time.words if isinstance(counted.time, When) else counted.time,
            time_reported=isinstance(counted.time, When),
            events=accounted.events,
            total=accounted.total,
            percent=(
                PrintedPercent(
                    counted.percent.value,
                    self._origin(study, counted.percent, (*entry.path, "percent")),
                    counted.modelled,
                )
                if counted.percent
                else None
            ),
            missing=counted.missing,
            notes=tuple(note for note in (counted.note, arm.note, study.note) if note),
            conflicts=tuple(
                c for c in self.records.conflicts_about(study.id, arm.id) if c.about.outcome in (None, counted.outcome)
            ),
            groups=tuple(g for g, rule in self.question.groups.items() if matches(arm.people, rule).yes),
            place=self.records.place(study.id, entry.path),
            unaccounted=accounted.unaccounted,
            adjusted=accounted.adjusted,
        )

    def _row_of_people(self, entry: Entry, people: PeopleCounted) -> CountRow:
        """A count made from patient rows; its origin is the lines of the rows."""
        origin = self._read_in(
            sources_of(entry.study, people)[0],
            place=Place(people.table.file, people.lines[0]),
            how="derived",
            derived=f"counted in {plural(people.people, 'patient row')}, lines {people.lines[0]} to {people.lines[1]}",
            from_sources=sources_of(entry.study, people),
        )
        whole = Total(people.people, origin, "rows", "people with a row")
        seen = Total(people.people - people.without, origin, "rows", "people with a row and a score")
        plan = self.question.plan.missing
        rule = (people.accepted.missing or plan) if plan == "as-reported" else plan
        rule = "excluded" if rule == "as-reported" else rule
        made = account(Traced(people.responders, origin), whole, seen, whole, rule)
        plain = self.row(replace(entry, people=None))
        return replace(
            plain,
            events=made.events,
            total=made.total,
            place=origin.place,
            unaccounted=made.unaccounted,
            adjusted=made.adjusted,
            missing=None,
            counted_from=people,
            groups=(),
        )

    def _title(self, study: Study) -> str:
        source = self.records.sources.get(study.source)
        return study.title or (source.title if source else study.id)

    def study_short(self, study: Study) -> str:
        """'Harada 2020'."""
        source = self.records.sources.get(study.source)
        return source.short if source else study.id

    def _total(self, study: Study, found: tuple[str, Path] | None) -> Total | None:
        """The number of people of that kind at that place."""
        if found is None:
            return None
        kind, path = found
        number = _at(study, path)
        return Total(number.value, self._origin(study, number, path), kind, DENOMINATOR_WORDS[kind])

    def _whole(self, study: Study, arm: Arm, outcome: str, places: tuple[DenominatorPlace, ...]) -> Total | None:
        """The number of people who should have had a result; a conflict about it that asks for bounds counts too."""
        whole = self._total(study, any_kind(places, AT_THE_START))
        for conflict in self.records.conflicts_about(study.id, arm.id):
            about = conflict.about
            if conflict.consequence != "bounds" or about.what != "n" or about.outcome not in (None, outcome):
                continue
            for value in conflict.values:
                if isinstance(value.value, int | float) and value.value > (whole.value if whole else 0):
                    place = self.records.conflict_place(conflict)
                    origin = self._read_in(value.source, place=place, how="read", note=value.note)
                    whole = Total(int(value.value), origin, "kind-not-reported", "people as another source counts them")
        return whole

    def _traced(self, study: Study, number: Reported[int], path: Path) -> Traced:
        return Traced(number.value, self._origin(study, number, path))

    def _origin(
        self, study: Study, number: Reported[object] | Reported[int] | Reported[float] | Reported[str], path: Path
    ) -> Origin:
        return self._read_in(
            number.source or study.source,
            place=self.records.place(study.id, path),
            how=number.how,
            at=number.at,
            quote=number.quote,
            derived=number.derived,
            from_sources=number.from_,
            percent=number.back_calculated.percent if number.back_calculated else None,
            percent_of=number.back_calculated.of if number.back_calculated else None,
            known_fault=number.known.because if number.known else None,
            note=number.note,
        )

    def _read_in(self, identifier: str, **more: Any) -> Origin:
        """An origin with what the records know of its source; ``more`` is the rest of it."""
        source = self.records.sources.get(identifier)
        level = source.seen.level if source else "not recorded"
        return Origin(
            source=identifier,
            source_title=source.title if source else identifier,
            source_short=source.short if source else identifier,
            seen=level,
            seen_words=(source.seen.detail if source and source.seen.detail else SEEN_WORDS[level]),
            **more,
        )

    def case(self, case: Case, outcome: str | None) -> CaseRow:
        """One person of a case report."""
        person = case.person
        years = f"{person.age_years:g} years" if isinstance(person.age_years, float | int) else None
        return CaseRow(
            study=case.study.id,
            study_title=self._title(case.study),
            study_short=self.study_short(case.study),
            person=person.person,
            treatment=person.treatment,
            age=years or ", ".join(person.age),
            sex=person.sex,
            people=person.people,
            outcome=person.outcomes.get(outcome, "not reported") if outcome else None,
            outcomes=person.outcomes,
            response=person.response,
            course=person.course,
            strict=case.strict,
            origin=self._read_in(
                person.source,
                place=Place(f"studies/{case.study.id}.patients.csv", case.line),
                how="read",
                at=person.at,
                quote=person.quote,
                note=person.note,
            ),
        )

    def scores(self, studies: dict[str, Study]) -> Iterable[ScoreRow]:
        """Means of instruments in the shown studies, placebo arms included."""
        for study in studies.values():
            for i, arm in enumerate(study.arms):
                if not self._asked_people(arm):
                    continue
                for j, score in enumerate(arm.scores):
                    path: Path = ("arms", i, "scores", j)
                    yield ScoreRow(
                        study=study.id,
                        study_short=self.study_short(study),
                        arm_name=arm.name or arm.id.replace("-", " "),
                        treatment=arm.treatment,
                        treatment_name=self.records.treatment_name(arm.treatment),
                        instrument=score.instrument,
                        what=score.what,
                        better=score.better,
                        time=score.time.words if isinstance(score.time, When) else score.time,
                        people=self._total(
                            study,
                            first_kind(
                                ((score.n, (*path, "n")), (arm.n, ("arms", i, "n"))), self.question.plan.denominator
                            ),
                        ),
                        estimate=score.estimate.value,
                        sd=score.sd.value if score.sd else None,
                        low=score.low.value if score.low else None,
                        high=score.high.value if score.high else None,
                        level=score.level,
                        origin=self._origin(study, score.estimate, (*path, "estimate")),
                        note=score.note,
                    )

    def _asked_people(self, arm: Arm) -> bool:
        return matches(arm.people, self.question.people).yes

    def courses(self, studies: dict[str, Study]) -> Iterable[CountRow]:
        """What happened later or after stopping: outcomes of kind 'course' in the shown studies."""
        for study in studies.values():
            yield from self._courses_of(study)

    def _courses_of(self, study: Study) -> Iterable[CountRow]:
        for i, arm in enumerate(study.arms):
            both: dict[str, tuple[Outcome | Harm, ...]] = {"outcomes": arm.outcomes, "harms": arm.harms}
            for kind, listed in both.items():
                for j, counted in enumerate(listed):
                    if self.records.definition(counted.outcome).kind == "course":
                        yield self.row(
                            Entry(study, arm, counted, ("arms", i, kind, j), not isinstance(counted.time, When))
                        )

    def characteristics(self, studies: dict[str, Study]) -> Iterable[CharacteristicRow]:
        """Who the people of the shown studies were, and what had failed before."""
        wanted = treatment_ids(self.records, self.question.treatment)
        for study in studies.values():
            for i, arm in enumerate(study.arms):
                if arm.treatment not in wanted:
                    continue
                for j, trait in enumerate(arm.characteristics):
                    path: Path = ("arms", i, "characteristics", j, "people")
                    yield CharacteristicRow(
                        study=study.id,
                        study_short=self.study_short(study),
                        arm_name=arm.name or arm.id.replace("-", " "),
                        words=trait.failed or trait.trait or "",
                        failed_before=trait.failed is not None,
                        people=self._traced(study, trait.people, path),
                        total=self._total(
                            study, first_kind(((arm.n, ("arms", i, "n")),), self.question.plan.denominator)
                        ),
                    )
