"""Which records answer a question: what is in, what is out, and why; the same rules for every arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from handful.question.counted_once import counted_once
from handful.question.entries import Entry, Excluded
from handful.question.from_rows import PARTLY, entries_from_rows
from handful.question.question import Alternatives, AskedOutcome, Question, TreatmentRule
from handful.records.amendments import Retraction, retraction_of
from handful.records.patients import Person
from handful.records.people import Match, matches
from handful.records.records import Records
from handful.records.study import DESIGN_WORDS, Arm, Harm, Outcome, Study, When


@dataclass(frozen=True)
class Case:
    """One person of a case report, with the place of the row."""

    study: Study
    person: Person
    line: int
    strict: bool
    """Whether the person meets the question's own people rule, not only the wider one of the case reports."""


@dataclass(frozen=True)
class Selection:
    """The records that answer the question, those that do not, and why.

    ``included`` answers it; ``also`` holds the same arms under other outcome words, by id; ``alternatives`` and
    ``harms`` are selected apart; ``cases`` are single reports, never added to the rest.
    """

    question: Question
    records: Records
    included: tuple[Entry, ...]
    excluded: tuple[Excluded, ...]
    also: Mapping[str, tuple[Entry, ...]]
    cases: tuple[Case, ...]
    cases_excluded: tuple[Excluded, ...]
    alternatives: tuple[Entry, ...]
    alternatives_excluded: tuple[Excluded, ...]
    harms: tuple[Entry, ...]
    harm_cases: tuple[Case, ...]
    under_way: tuple[Study, ...]


def select(records: Records, question: Question) -> Selection:
    """The records that answer ``question``.

    An arm is in when its treatment is asked about, all its people meet the rule, the study's design is accepted, an
    accepted outcome was counted inside the time window, and none of its people are in already through a larger arm of
    the same study.
    """
    wanted = treatment_ids(records, question.treatment)
    excluded: list[Excluded] = []
    if question.rules:
        named = {rule.outcome: rule.definition(records.instruments) for rule in question.rules}
        records = replace(records, rules={**records.rules, **named})
    arms = _eligible_arms(records, question, wanted, excluded)
    included = counted_once(records, _answering(records, question, question.outcome, arms, excluded), excluded)
    also = {
        other.id: tuple(counted_once(records, _answering(records, question, other, arms, []), []))
        for other in question.also
    }
    cases, cases_excluded = _cases(records, question, wanted)
    alternatives, alternatives_excluded = _alternatives(records, question, wanted)
    return Selection(
        question=question,
        records=records,
        included=tuple(included),
        excluded=tuple(excluded),
        also=also,
        cases=cases,
        cases_excluded=cases_excluded,
        alternatives=alternatives,
        alternatives_excluded=alternatives_excluded,
        harms=_harms(records, question, wanted),
        harm_cases=_harm_cases(records, question, wanted),
        under_way=tuple(
            s
            for s in records.studies.values()
            if s.status == "under-way" and any(a.treatment in wanted for a in s.arms)
        ),
    )


def treatment_ids(records: Records, rule: TreatmentRule) -> frozenset[str]:
    """The treatments a rule means: those named, and those of the named class."""
    if not rule.treatment_class:
        return frozenset(rule.ids)
    return frozenset(rule.ids) | {
        t.id for t in records.treatments.values() if t.treatment_class == rule.treatment_class
    }


def retracted(records: Records, study: Study) -> Retraction | None:
    """The retraction of the study's paper, where there is one."""
    source = records.sources.get(study.source)
    return retraction_of(source.notices) if source is not None else None


def _answering(
    records: Records,
    question: Question,
    asked: AskedOutcome,
    arms: Sequence[tuple[Study, int, Arm]],
    excluded: list[Excluded],
) -> list[Entry]:
    """Reported counts of the accepted outcomes, and counts from patient rows by the accepted rules; no one twice."""
    accepted = [a.outcome for a in asked.accepts]
    if not asked.rules or question.counts != "outcomes":
        return _entries(arms, accepted, question, excluded)
    out_of_reported: list[Excluded] = []
    reported = _entries(arms, accepted, question, out_of_reported)
    out_of_rows: list[Excluded] = []
    wanted = treatment_ids(records, question.treatment)
    inside = [s for s in records.studies.values() if _study_is_out(records, s, question) is None]
    counted = entries_from_rows(records, question, asked.rules, inside, wanted, out_of_rows)
    kept: list[Entry] = []
    for study in dict.fromkeys(e.study.id for e in (*reported, *counted)):
        mine = [e for e in reported if e.study.id == study]
        rows = [e for e in counted if e.study.id == study]
        best = min(accepted.index(e.counted.outcome) for e in (*mine, *rows))
        use_rows = any(accepted.index(e.counted.outcome) == best for e in rows)
        kept.extend(rows if use_rows else mine)
        for entry in mine if use_rows else rows:
            reason = (
                "its people are counted from their rows already"
                if use_rows
                else "its people are in already by the count that the paper reports"
            )
            excluded.append(Excluded(study, entry.arm.id, reason, "counted-again"))
    from_rows = {e.study.id for e in counted} | {out.study for out in out_of_rows}
    answered = {e.study.id for e in kept}
    excluded.extend(out for out in out_of_reported if out.study not in from_rows or out.code != "outcome")
    excluded.extend(out for out in out_of_rows if out.study not in answered or out.code in PARTLY)
    return kept


def _eligible_arms(
    records: Records, question: Question, wanted: frozenset[str], excluded: list[Excluded]
) -> list[tuple[Study, int, Arm]]:
    """Arms that meet every rule but the outcome's; a part of another eligible arm is kept for now."""
    result = []
    for study in records.studies.values():
        asked = [(i, arm) for i, arm in enumerate(study.arms) if arm.treatment in wanted]
        if not asked:
            continue
        reason = _study_is_out(records, study, question)
        if reason is not None:
            excluded.append(Excluded(study.id, None, reason[1], reason[0]))
            continue
        for index, arm in asked:
            match = matches(arm.people, question.people, records.attributes)
            if match.yes:
                result.append((study, index, arm))
            else:
                excluded.append(Excluded(study.id, arm.id, match.because, _people_code(match)))
    return result


def _study_is_out(records: Records, study: Study, question: Question) -> tuple[str, str] | None:
    if study.status == "under-way":
        return "under-way", "still under way: no results yet"
    if study.status == "withdrawn":
        return "withdrawn", "withdrawn"
    retraction = retracted(records, study)
    if retraction is not None:
        return "retracted", f"the paper was retracted{retraction.words}"
    if study.design == "case-report":
        return "case-report", "single case reports are listed apart and never added"
    if study.design not in question.designs:
        return "design", f"{DESIGN_WORDS[study.design]}: not among the designs of this question"
    return None


def _people_code(match: Match) -> str:
    return "people-unknown" if match.unknown else "people"


def _entries(
    arms: Sequence[tuple[Study, int, Arm]], accepted: Sequence[str], question: Question, excluded: list[Excluded]
) -> list[Entry]:
    """One entry an arm: the first accepted outcome, at the preferred time; then no one twice inside a study."""
    found = []
    for study, index, arm in arms:
        entry = _best(study, index, arm, accepted, question, excluded)
        if entry is not None:
            found.append(entry)
    kept = []
    inside = {entry.study.id for entry in found}
    found_in: dict[str, dict[str, Arm]] = {}
    for entry in found:
        found_in.setdefault(entry.study.id, {})[entry.arm.id] = entry.arm
    for entry in found:
        whole = _whole_in(entry, found_in[entry.study.id])
        again = [study for study in entry.study.contains if study in inside]
        if again:
            reason = f"counts people again who are in already: {', '.join(again)}"
            excluded.append(Excluded(entry.study.id, entry.arm.id, reason, "counted-again"))
        elif whole is None:
            kept.append(entry)
        else:
            excluded.append(
                Excluded(
                    entry.study.id,
                    entry.arm.id,
                    f"these people are in already, as part of “{whole.name or whole.id}”",
                    "part-of",
                )
            )
    return kept


def _whole_in(entry: Entry, arms: Mapping[str, Arm]) -> Arm | None:
    """The larger arm of the same study that is in (among ``arms``) and holds this arm's people."""
    parent, seen = entry.arm.part_of, {entry.arm.id}
    while parent is not None and parent not in seen:
        if parent in arms:
            return arms[parent]
        seen.add(parent)
        above = entry.study.arm(parent)
        parent = above.part_of if above else None
    return None


def _best(
    study: Study, index: int, arm: Arm, accepted: Sequence[str], question: Question, excluded: list[Excluded]
) -> Entry | None:
    kind = question.counts
    listed: tuple[Outcome | Harm, ...] = arm.outcomes if kind == "outcomes" else arm.harms
    candidates: list[tuple[int, float, int, Entry]] = []
    outside: list[str] = []
    for position, counted in enumerate(listed):
        if counted.outcome not in accepted:
            continue
        out = _outside_window(counted, question)
        if out is not None:
            outside.append(out)
            continue
        unknown = not isinstance(counted.time, When)
        entry = Entry(study, arm, counted, ("arms", index, kind, position), unknown)
        candidates.append((accepted.index(counted.outcome), _distance(counted, question), position, entry))
    if candidates:
        return min(candidates, key=lambda c: c[:3])[3]
    if outside:
        excluded.append(Excluded(study.id, arm.id, outside[0], "time"))
    else:
        reported = sorted({c.outcome.replace("-", " ") for c in listed})
        shown = f"; it reports {', '.join(reported)}" if reported else ""
        excluded.append(Excluded(study.id, arm.id, f"reports none of the accepted outcomes{shown}", "outcome"))
    return None


def _outside_window(counted: Outcome | Harm, question: Question) -> str | None:
    window = question.window
    if not isinstance(counted.time, When):
        return "time not reported" if window.not_reported == "exclude" else None
    latest = counted.time.weeks or counted.time.to_weeks or counted.time.earliest
    if window.from_weeks is not None and latest < window.from_weeks:
        return f"measured at {counted.time.words}, before week {window.from_weeks:g}"
    if window.to_weeks is not None and counted.time.earliest > window.to_weeks:
        return f"measured at {counted.time.words}, after week {window.to_weeks:g}"
    return None


def _distance(counted: Outcome | Harm, question: Question) -> float:
    """Smaller is better: nearest to the preferred week, or else the latest; unknown times last."""
    if not isinstance(counted.time, When):
        return float("inf")
    latest = counted.time.weeks or counted.time.to_weeks or counted.time.earliest
    preferred = question.window.prefer_weeks
    return -latest if preferred is None else abs(latest - preferred)


def _cases(
    records: Records, question: Question, wanted: frozenset[str]
) -> tuple[tuple[Case, ...], tuple[Excluded, ...]]:
    """People of case reports on the treatment who meet the (wider) rule and have the outcome told."""
    asked = question.case_reports
    if asked is None:
        return (), ()
    rule = asked.people or question.people
    cases: list[Case] = []
    excluded: list[Excluded] = []
    for study, person, line in _reported_people(records, wanted):
        match = matches(person.people, rule, records.attributes)
        if not match.yes:
            excluded.append(Excluded(study.id, person.person, match.because, _people_code(match)))
        elif person.outcomes.get(asked.outcome) not in ("yes", "no"):
            said = person.outcomes.get(asked.outcome, "not reported")
            excluded.append(Excluded(study.id, person.person, f"{asked.name}: {said}", "outcome"))
        else:
            cases.append(Case(study, person, line, matches(person.people, question.people).yes))
    return tuple(counted_once(records, cases, excluded)), tuple(excluded)


def _reported_people(records: Records, wanted: frozenset[str]) -> list[tuple[Study, Person, int]]:
    result: list[tuple[Study, Person, int]] = []
    for study in records.studies.values():
        if study.design != "case-report" or retracted(records, study):
            continue
        table = records.rows(study.id)
        if table is not None and "treatment" in table.columns:
            on_it = table.columns["treatment"].rows_with(lambda treatment: treatment in wanted)
            result.extend((study, table[i], table.lines[i]) for i in on_it)
    return result


def _harm_cases(records: Records, question: Question, wanted: frozenset[str]) -> tuple[Case, ...]:
    asked = question.harms.case_outcomes
    rule = question.harms.people
    return tuple(
        Case(study, person, line, matches(person.people, question.people).yes)
        for study, person, line in _reported_people(records, wanted)
        if any(person.outcomes.get(outcome) == "yes" for outcome in asked) and matches(person.people, rule).yes
    )


def _alternatives(
    records: Records, question: Question, wanted: frozenset[str]
) -> tuple[tuple[Entry, ...], tuple[Excluded, ...]]:
    """Every count of the listed outcomes in other treatments of the same people, each time point of its own."""
    asked = question.alternatives
    if asked is None:
        return (), ()
    entries = _alternatives_from_rows(records, question, asked, wanted)
    excluded: list[Excluded] = []
    for study in records.studies.values():
        if (
            study.status != "completed"
            or study.design in ("case-report", "literature-review")
            or retracted(records, study)
        ):
            continue
        for index, arm in enumerate(study.arms):
            kind = records.treatments[arm.treatment].kind if arm.treatment in records.treatments else "drug"
            neutral = kind in ("placebo", "untreated")
            if arm.treatment in wanted or (asked.treatments and arm.treatment not in asked.treatments and not neutral):
                continue
            match = matches(arm.people, asked.people or question.people, records.attributes)
            if not match.yes:
                excluded.append(Excluded(study.id, arm.id, match.because, _people_code(match)))
                continue
            entries.extend(
                Entry(study, arm, counted, ("arms", index, "outcomes", position), not isinstance(counted.time, When))
                for position, counted in enumerate(arm.outcomes)
                if counted.outcome in asked.outcomes
            )
    return tuple(entries), tuple(excluded)


def _alternatives_from_rows(
    records: Records, question: Question, asked: Alternatives, wanted: frozenset[str]
) -> list[Entry]:
    """The question's own rule, asked of the patient rows of other treatments."""
    if not question.outcome.rules:
        return []
    others = {arm.treatment for study in records.studies.values() for arm in study.arms} - wanted
    neutral = {t for t in others if t in records.treatments and records.treatments[t].kind in ("placebo", "untreated")}
    chosen = others if not asked.treatments else (others & set(asked.treatments)) | neutral
    inside = [s for s in records.studies.values() if _study_is_out(records, s, question) is None]
    people = question.model_copy(update={"people": asked.people or question.people})
    return entries_from_rows(records, people, question.outcome.rules, inside, frozenset(chosen), [])


def _harms(records: Records, question: Question, wanted: frozenset[str]) -> tuple[Entry, ...]:
    """Every count of the listed harms under the treatment, and in the placebo arms of the same studies."""
    asked = question.harms
    result: list[Entry] = []
    for study in records.studies.values():
        if study.status != "completed" or study.design == "case-report" or retracted(records, study):
            continue
        if not any(arm.treatment in wanted for arm in study.arms):
            continue
        for index, arm in enumerate(study.arms):
            if asked.people and not matches(arm.people, asked.people).yes:
                continue
            result.extend(
                Entry(study, arm, harm, ("arms", index, "harms", position), not isinstance(harm.time, When))
                for position, harm in enumerate(arm.harms)
                if harm.outcome in asked.outcomes
            )
    return tuple(result)
