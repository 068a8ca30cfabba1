"""Case reports, person by person: of the outcome, and of harm."""

from __future__ import annotations

from handful.base.wording import capital, human_list, number_word, spoken
from handful.counts.rows import CaseRow, Origin
from handful.records.patients import Person
from handful.records.records import Place
from handful.records.source import SEEN_WORDS
from handful.records.study import Study
from handful.site.links import Linker
from handful.site.parts import case_view
from handful.site.patient_drawings import years as years_words
from handful.site.site import Site
from handful.site.views import Cases, CaseView
from handful.synthesis.synthesis import Synthesis
from handful.words.language import language
from handful.words.language import say as say_phrase
from handful.words.sentence import joined_by_space, say
from handful.words.sentences import cases_sentence, is_harm_question
from handful.words.vocabulary import fixed


def case_reports(site: Site, linker: Linker, answer: Synthesis) -> Cases | None:
    """The question's case reports, and the reasons why others were left out."""
    cases = answer.counts.cases
    if cases is None or not cases.count:
        return None
    left_out: dict[str, list[str]] = {}
    for out in answer.counts.cases_excluded:
        left_out.setdefault(out.reason, []).append(f"{site.short(out.study)} (person {out.arm})")
    return Cases(
        sentence=cases_sentence(cases, harm=is_harm_question(answer)),
        caption=f"Single case reports: “{cases.name}”, person by person",
        outcome=capital(cases.name),
        stated=cases.stated,
        rows=tuple(
            case_view(site, linker, row, row.outcome or "not reported", full=True)
            for row in sorted(cases.rows, key=lambda r: (not r.strict, r.study, r.person))
        ),
        left_out=tuple(f"{reason}: {human_list(who)}" for reason, who in sorted(left_out.items())),
        why=fixed("case-reports-apart"),
    )


def harm_reports(site: Site, linker: Linker, answer: Synthesis) -> Cases | None:
    """Case reports of harm, each with a link to where its words are told: above, or on its study's page."""
    rows = answer.counts.harm_cases
    if not rows:
        return None
    asked = answer.question.harms.case_outcomes
    n = len(rows)
    definition = site.review.records.definition
    views = []
    for row in rows:
        had = [definition(o).name for o in asked if row.outcomes.get(o) == "yes"]
        views.append(case_view(site, linker, row, human_list(had), full=False))
    return Cases(
        sentence=joined_by_space(
            say_phrase(language().form("cases.harm", n), many=capital(number_word(n))), say(fixed("reports-not-rates"))
        ),
        caption="Case reports of harm, person by person",
        outcome="What happened",
        stated="",
        rows=tuple(views),
        left_out=(),
        why="",
    )


def person_view(site: Site, linker: Linker, study: Study, person: Person, line: int, *, full: bool) -> CaseView:
    """A person's row, told as on a question's page, with every outcome."""
    records = site.review.records
    source = records.sources.get(person.source)
    told = [f"{records.definition(o).name}: {v}" for o, v in person.outcomes.items() if v != "not reported"]
    told += [f"{spoken(s).replace('@', ' at ')}: {v}" for s, v in person.scores.items() if v != "not reported"]
    years = years_words(float(person.age_years)) if isinstance(person.age_years, float | int) else ""
    row = CaseRow(
        study=study.id,
        study_title=study.title or "",
        study_short=site.short(study.id),
        person=person.person,
        treatment=person.treatment,
        age=years or ", ".join(person.age),
        sex=person.sex,
        people=person.people,
        outcome=None,
        outcomes=person.outcomes,
        response=person.response,
        course=person.course,
        strict=False,
        origin=Origin(
            place=Place(f"studies/{study.id}.patients.csv", line),
            source=person.source,
            source_title=source.title if source else person.source,
            source_short=source.short if source else person.source,
            seen=source.seen.level if source else "not recorded",
            seen_words=(source.seen.detail or SEEN_WORDS[source.seen.level]) if source else "",
            how="read",
            at=person.at if person.row == "read" else f"{person.at}; row rebuilt from counts, not read",
            quote=person.quote,
            note=person.note,
        ),
    )
    return case_view(site, linker, row, "; ".join(told) or "not reported", full=full)
