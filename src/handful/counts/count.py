"""Selection → counts: rows with traces, by group and together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handful.base.provenance import Reported
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
from handful.question.question import Question
from handful.question.select import Case, Entry, Selection, treatment_ids
from handful.records.people import matches
from handful.records.records import Place, Records
from handful.records.source import SEEN_WORDS
from handful.records.study import DENOMINATOR_WORDS, DESIGN_WORDS, Arm, Denominators, Harm, Outcome, Study, When

Path = tuple[str | int, ...]


def count(selection: Selection) -> Counts:
    """The counts of a selection. Rows that lack a number are shown beside the sums and never in them."""
    counter = _Counter(selection.records, selection.question)
    question = selection.question
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


class _Counter:
    """Turns entries into rows; holds what every row needs."""

    def __init__(self, records: Records, question: Question) -> None:
        self.records = records
        self.question = question

    def count_set(self, identifier: str, name: str, entries: Iterable[Entry]) -> CountSet:
        rows = tuple(self.row(entry) for entry in entries)
        groups = tuple(
            self._group(group, group.replace("-", " "), [r for r in rows if group in r.groups])
            for group in self.question.groups
        )
        return CountSet(identifier, name, groups, self._group("overall", "all together", rows))

    @staticmethod
    def _group(identifier: str, name: str, rows: Iterable[CountRow]) -> GroupCount:
        listed = list(rows)
        return GroupCount(
            identifier, name, tuple(r for r in listed if r.countable), tuple(r for r in listed if not r.countable)
        )

    def row(self, entry: Entry) -> CountRow:
        """One arm's count, with the trace of both numbers."""
        study, arm, counted = entry.study, entry.arm, entry.counted
        definition = self.records.definition(counted.outcome)
        key = "responders" if isinstance(counted, Outcome) else "events"
        number = counted.responders if isinstance(counted, Outcome) else counted.events
        arm_path = entry.path[:2]
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
            events=self._traced(study, number, (*entry.path, key)) if number else None,
            total=self._total(study, (counted.n, (*entry.path, "n")), (arm.n, (*arm_path, "n"))),
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
        )

    def _title(self, study: Study) -> str:
        source = self.records.sources.get(study.source)
        return study.title or (source.title if source else study.id)

    def study_short(self, study: Study) -> str:
        """'Harada 2020'."""
        source = self.records.sources.get(study.source)
        return source.short if source else study.id

    def _total(self, study: Study, *places: tuple[Denominators | None, Path]) -> Total | None:
        """The number of people: from the first place that has one (the count's own, then the arm's)."""
        for denominators, where in places:
            for kind in self.question.plan.denominator:
                number = denominators.get(kind) if denominators else None
                if number is not None:
                    origin = self._origin(study, number, (*where, kind))
                    return Total(number.value, origin, kind, DENOMINATOR_WORDS[kind])
        return None

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
                        people=self._total(study, (score.n, (*path, "n")), (arm.n, ("arms", i, "n"))),
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
                        total=self._total(study, (arm.n, ("arms", i, "n"))),
                    )
