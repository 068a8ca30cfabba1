"""A question's page, put together from its parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from markupsafe import Markup

from handful.base.wording import capital, count, human_list, people, plural, spoken
from handful.counts.rows import CountRow, Origin
from handful.question.question import Question
from handful.question.select import treatment_ids
from handful.records.claim import Claim
from handful.site import links
from handful.site.alternatives import alternatives_forest, alternatives_text
from handful.site.answer import answer_view, facts
from handful.site.both_ways import both_ways_part
from handful.site.cases import case_reports, harm_reports
from handful.site.certainty import certainty_part
from handful.site.corrections import corrections_part
from handful.site.glossary_page import explained
from handful.site.history import history_part
from handful.site.links import Linker
from handful.site.methods import computed_names, plan_in_short
from handful.site.parts import claim_view, conflict_view, used_sources
from handful.site.patients import patients_part
from handful.site.place import place_part
from handful.site.posterior import posterior_part
from handful.site.related import related
from handful.site.rows import grouped_forest, set_forest, with_treatment
from handful.site.scores import score_tables
from handful.site.sensitivity import sensitivity_part
from handful.site.site import Site
from handful.site.studies import study_view
from handful.site.views import (
    AuthorView,
    Excluded,
    Forest,
    Link,
    QuestionView,
    Trait,
    UnderWay,
)
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import Synthesis
from handful.words import names
from handful.words.language import told as phrase
from handful.words.sentences import same_people
from handful.words.vocabulary import fixed

ROOT = "../"
CLAIMS_SHOWN = frozenset({"line-of-therapy", "guideline"})


def question_view(site: Site, answer: Synthesis, prose: Markup) -> QuestionView:
    """Everything on the page of one question."""
    question = answer.question
    linker = linker_of(site, answer)
    heading = question.asks or question.title
    contents = _contents(site, answer, has_prose=bool(prose))
    page = site.page(
        links.question(question.id),
        f"{heading} {page_status(site)}",
        heading=heading,
        description=f"{question.title}: what the published counts say, and what they cannot say.",
        contents=contents,
    )
    cases, harm_cases = case_reports(site, linker, answer), harm_reports(site, linker, answer)
    studies = tuple(
        study_view(site, linker, study, only=linker.here)
        for study in (site.study(identifier) for identifier in _studies_explained(answer))
        if study is not None
    )
    author = question.view
    others = alternatives_forest(site, linker, answer)
    answered = answer_view(site, answer)
    said = [*answered.lead, *answered.cautions, *answered.in_all, answered.basis]
    return QuestionView(
        page=page,
        facts=facts(site, answer),
        answer=answered,
        terms=explained(site, [*(str(s) for s in said), str(prose)]),
        prose=prose,
        figure=set_forest(site, linker, answer.main, main=True),
        also=tuple(set_forest(site, linker, other, main=False) for other in answer.also),
        also_who=fixed("same-people" if all(same_people(o, answer.main) for o in answer.also) else "not-all-the-same"),
        cases=cases,
        alternatives=others,
        alternatives_text=alternatives_text(answer, others),
        scores=score_tables(site, linker, answer.counts.scores),
        traits=_traits(site, linker, answer, failed=False),
        failed=_traits(site, linker, answer, failed=True),
        courses=_courses(site, linker, answer),
        harms=_harms(site, linker, answer),
        harm_cases=harm_cases,
        harms_text=_harms_text(answer),
        conflicts=tuple(conflict_view(site, ROOT, c, answer) for c in answer.counts.conflicts),
        conflicts_in_full=frozenset(
            c.id for c in answer.counts.conflicts if c.about.study in answer.main.overall.count.studies
        ),
        excluded=tuple(Link(e.reason, note=plural(len(e.studies), "study", "studies")) for e in excluded(site, answer)),
        studies=studies,
        shown_open=_shown_open(answer),
        plan=plan_in_short(answer),
        methods=Link("The methods in full", f"{ROOT}{links.methods(question.id)}"),
        notes=tuple(dict.fromkeys(str(note) for note in answer.notes)),
        under_way=_under_way(site, answer),
        claims=tuple(claim_view(site, ROOT, c) for c in _claims(site, answer)),
        author=AuthorView(
            author.line.replace("-", " "),
            author.because,
            author.by or "",
            site.source_link(author.source, ROOT) if author.source else None,
        )
        if author
        else None,
        sources=used_sources(site, ROOT, _sources(answer)),
        related=related(site, question, ROOT),
        results=Link(f"{question.id}.json", f"{ROOT}results/{question.id}.json"),
        evidence=f"{ROOT}{links.evidence(question.id)}",
        pdf=f"{ROOT}{links.pdf(question.id)}" if site.pdf else "",
        citation=citation_text(site, question),
        question_note=question.note or "",
        certainty=certainty_part(site, linker, answer),
        both_ways=both_ways_part(site, linker, answer),
        posterior=posterior_part(site, answer, ROOT),
        history=history_part(site, ROOT),
        sensitivity=sensitivity_part(site, answer),
        corrections=corrections_part(site, linker, _numbers(site, answer), links.question(question.id), question.id),
        patients=patients_part(site, answer, ROOT),
        place=place_part(site, question.id),
    )


def linker_of(site: Site, answer: Synthesis) -> Linker:
    """Links of a question's page: what the page explains itself, and what it leaves to others."""
    linker = site.linker(ROOT, explained_here(site, answer), {c.id for c in answer.counts.conflicts})
    return replace(linker, computed=computed_names(answer), methods=links.methods(answer.question.id))


def page_status(site: Site) -> str:
    """'(living review, version 0.1)': part of each question's title."""
    about = site.review.about
    status = {"living": "living review", "paused": "paused review", "retired": "retired review"}[about.status]
    return f"({status}, version {about.version})"


def citation_text(site: Site, question: Question) -> str:
    """How to cite the page."""
    about = site.review.about
    who = human_list([p.name for p in about.people])
    return f"{capital(who)}. {question.title}. In: {about.title} (living review), version {about.version}."


# --- which numbers are explained on the page itself -------------------------------------------------------------------


EXPLAINED_HERE = 5
"""Up to so many counts have their sources on the page itself: those of the answer always, then the other outcome words,
harms and courses as long as they fit. The others lead to the page of their study, one step away, so that a page with
many counts stays light."""


def _rows_by_part(answer: Synthesis) -> Iterable[tuple[CountRow, ...]]:
    for answered in answer.sets:
        yield (*answered.overall.count.rows, *answered.overall.count.not_countable)
    yield tuple(r.row for r in answer.harms)
    yield tuple(r.row for r in answer.courses)


def _rows_here(answer: Synthesis) -> tuple[CountRow, ...]:
    return tuple(chain.from_iterable(_rows_by_part(answer)))


def _rows_explained(answer: Synthesis) -> tuple[CountRow, ...]:
    first, *others = _rows_by_part(answer)
    shown = list(first)
    for rows in others:
        if len(shown) + len(rows) <= EXPLAINED_HERE:
            shown.extend(rows)
    return tuple(shown)


def explained_here(site: Site, answer: Synthesis) -> frozenset[str]:
    """Names of the counts that the page itself explains; the others lead to the page of their study."""
    return frozenset(site.index.of_row(row) for row in _rows_explained(answer))


def _numbers(site: Site, answer: Synthesis) -> frozenset[str]:
    """Names of all counts on the page, of its sums, and of its case reports."""
    rows = [*_rows_here(answer), *(r.row for r in answer.alternatives)]
    sums = {names.group(g.id, "" if s is answer.main else s.id) for s in answer.sets for g in (*s.groups, s.overall)}
    cases = answer.counts.cases.rows if answer.counts.cases else ()
    people = {names.person(row.study, row.person) for row in (*cases, *answer.counts.harm_cases)}
    return frozenset(site.index.of_row(row) for row in rows) | sums | people | {names.CASES, names.CASES_STATED}


def _studies_here(answer: Synthesis) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.study for row in _rows_here(answer)))


def _studies_explained(answer: Synthesis) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.study for row in _rows_explained(answer)))


def _shown_open(answer: Synthesis) -> tuple[str, ...]:
    """The studies whose numbers stand open: those of the answer, as long as they are few enough to be listed."""
    counted = answer.main.overall.count.studies
    return tuple(counted) if len(counted) < 3 else ()


def _origins(answer: Synthesis) -> Iterable[Origin]:
    rows = [*_rows_here(answer), *(r.row for r in answer.alternatives)]
    for row in rows:
        yield from (n.origin for n in (row.events, row.total, row.percent) if n is not None)
    counts = answer.counts
    yield from (row.origin for row in (*(counts.cases.rows if counts.cases else ()), *counts.harm_cases))
    yield from (score.origin for score in counts.scores)


def _sources(answer: Synthesis) -> tuple[str, ...]:
    """Sources of every number shown, of every conflict, and of the author's view."""
    found: dict[str, None] = {}
    for origin in _origins(answer):
        found |= dict.fromkeys((origin.source, *origin.from_sources))
    for conflict in answer.counts.conflicts:
        found |= dict.fromkeys(value.source for value in conflict.values)
    studies = answer.counts.records.studies
    found |= {studies[s].source: None for s in _studies_here(answer) if s in studies}
    if answer.question.view and answer.question.view.source:
        found[answer.question.view.source] = None
    return tuple(found)


# --- parts ------------------------------------------------------------------------------------------------------------


def _courses(site: Site, linker: Linker, answer: Synthesis) -> Forest | None:
    return grouped_forest(
        site,
        linker,
        answer.courses,
        caption="How long it lasted, and what happened after stopping",
        key=lambda row: capital(row.outcome_name),
        sub=with_treatment,
    )


def _harms(site: Site, linker: Linker, answer: Synthesis) -> Forest | None:
    return grouped_forest(
        site,
        linker,
        answer.harms,
        caption="Harms: each count with its own definition and time",
        key=lambda row: f"“{capital(row.outcome_name)}”",
        sub=with_treatment,
    )


def _harms_text(answer: Synthesis) -> tuple[str, ...]:
    asked = answer.question.harms
    if not asked.outcomes:
        return ()
    if not answer.harms:
        return ("The records hold no count of harm for these people. That is not the same as no harm.",)
    if any(r.row.design in ("spontaneous-reports", "literature-review") for r in answer.harms):
        return (fixed("collections-marked"),)
    return ()


def _traits(site: Site, linker: Linker, answer: Synthesis, *, failed: bool) -> tuple[Trait, ...]:
    shown = set(_studies_here(answer))
    return tuple(
        Trait(
            study=site.study_link(row.study, linker.root),
            arm=row.arm_name,
            words=capital(row.words),
            count=count(row.people.value, row.total.value)
            if row.total
            else phrase("cell.of-unclear", n=row.people.value),
            href="",
        )
        for row in answer.counts.characteristics
        if row.failed_before == failed and row.study in shown
    )


def excluded(site: Site, answer: Synthesis) -> tuple[Excluded, ...]:
    """What was left out, under each reason: the studies, and the groups of people in them."""
    found: dict[str, dict[str, list[str]]] = {}
    for out in answer.counts.excluded:
        study = site.study(out.study)
        arm = study.arm(out.arm) if study and out.arm else None
        name = (arm.name or spoken(arm.id)) if arm else (out.arm or "")
        found.setdefault(out.reason, {}).setdefault(out.study, []).append(name)
    return tuple(
        Excluded(
            capital(reason),
            tuple(
                replace(site.study_link(study, ROOT), note=human_list([a for a in arms if a]))
                for study, arms in studies.items()
            ),
        )
        for reason, studies in found.items()
    )


def _under_way(site: Site, answer: Synthesis) -> tuple[UnderWay, ...]:
    made = []
    for study in answer.counts.under_way:
        source = site.review.records.sources.get(study.source)
        treatments = dict.fromkeys(site.review.records.treatment_name(arm.treatment) for arm in study.arms)
        made.append(
            UnderWay(
                title=study.title or (source.title if source else study.id),
                href=f"{ROOT}{links.study(study.id)}",
                design=spoken(study.design),
                registration=study.registration or "",
                planned=phrase("cell.planned", people=people(study.planned.value)) if study.planned else "",
                treatments=human_list(list(treatments)),
                note=study.note or "",
            )
        )
    return tuple(made)


def _claims(site: Site, answer: Synthesis) -> list[Claim]:
    """What others say about the line of therapy of this treatment and of those listed beside it."""
    records = site.review.records
    wanted = treatment_ids(records, answer.question.treatment) | {r.row.treatment for r in answer.alternatives}
    if answer.question.view and answer.question.view.source:
        same = {t for c in records.claims if c.source == answer.question.view.source for t in c.treatments}
        wanted |= same
    found = [c for c in records.claims if c.kind in CLAIMS_SHOWN and wanted & set(c.treatments)]
    return sorted(found, key=lambda c: (c.treatments, c.source, c.id))


def _contents(site: Site, answer: Synthesis, *, has_prose: bool) -> tuple[Link, ...]:
    counts = answer.counts
    asked = answer.question
    parts = [
        ("counts", "What was counted", True),
        ("also", "Other outcome words", bool(answer.also)),
        ("choices", "Under other choices", not isinstance(site.every_analysis(answer), NotEstimable)),
        ("case-reports", "Case reports, apart", bool(counts.cases and counts.cases.count)),
        ("posterior", "Which rates fit", asked.plan.borrow is not None),
        ("bar", "Where the bar is set", asked.counts == "outcomes"),
        ("scores", "Measured on a scale", bool(counts.scores)),
        ("people", "Who they were", bool(counts.characteristics)),
        ("alternatives", "Other treatments", asked.alternatives is not None),
        ("courses", "How long it lasted", bool(answer.courses)),
        ("harms", "Harms", bool(asked.harms.outcomes or counts.harm_cases)),
        ("place", "Place in therapy", asked.id in site.places),
        ("what-would-change", "What would change it", asked.id in site.places),
        ("certainty", "How sure, and why", True),
        ("studies", "Every number, with its source", True),
        ("conflicts", "Where sources disagree", bool(counts.conflicts)),
        ("claims", "What others say", bool(_claims(site, answer)) or asked.view is not None),
        ("not-counted", "What was not counted", bool(counts.excluded)),
        ("under-way", "Trials under way", bool(counts.under_way)),
        ("methods", "Methods", True),
        ("history", "Versions", True),
        ("sources", "Sources", True),
        ("related", "Related questions", bool(related(site, asked, ROOT))),
        ("replies", "Readers' replies", True),
    ]
    return tuple(Link(text, f"#{anchor}") for anchor, text, there in parts if there)


__all__ = ["citation_text", "excluded", "linker_of", "page_status", "question_view"]
