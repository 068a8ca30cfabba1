"""The page of a treatment: how it works, where it is approved, and every count of it that the records hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from handful.base.wording import capital, grouped, level
from handful.counts.every_count import every_count
from handful.question.plan import Plan
from handful.records.treatment import Approval, Treatment
from handful.site import links
from handful.site.cases import person_view
from handful.site.links import Linker
from handful.site.parts import claim_view
from handful.site.rows import grouped_forest, without_treatment
from handful.site.site import Site, given
from handful.site.views import CaseView, Fact, Forest, Link
from handful.site.views.treatment import ApprovalView, Given, Mechanism, TreatmentPage
from handful.synthesis.synthesis import RowAnswer
from handful.synthesis.synthesise import row_answer
from handful.words.vocabulary import method_name

KINDS = {
    "drug": "drug",
    "procedure": "procedure",
    "combination": "combination",
    "placebo": "placebo",
    "untreated": "no treatment",
}
STATUS = {"approved": "approved", "recommended": "recommended for approval", "not-approved": "not approved"}
ROOT = "../"


def treatment_page(site: Site, treatment: Treatment) -> TreatmentPage:
    """Everything of one treatment."""
    plan = Plan()
    linker = replace(site.linker(ROOT), replies_here=False)
    records = site.review.records
    answers = [row_answer(row, plan) for row in every_count(records, treatment.id, plan)]
    answers += [row_answer(row, plan) for row in site.from_rows_on.get(treatment.id, ())]
    kinds = {a.row.outcome: records.definition(a.row.outcome).kind for a in answers}
    harm = [a for a in answers if kinds[a.row.outcome] == "harm"]
    course = [a for a in answers if kinds[a.row.outcome] == "course"]
    benefit = [a for a in answers if kinds[a.row.outcome] == "benefit"]
    cases = tuple(_cases(site, linker, treatment.id))
    facts = [Fact("Kind", capital(KINDS[treatment.kind]))]
    if treatment.treatment_class:
        facts.append(Fact("Class", class_words(site, treatment)))
    facts += [
        Fact("Studies", grouped(len({a.row.study for a in answers}))),
        Fact("Counts", grouped(len(answers)), "#results"),
        Fact("People told of one by one", grouped(len(cases)), "#cases" if cases else ""),
    ]
    mechanism = treatment.mechanism
    name = capital(treatment.name)
    return TreatmentPage(
        page=site.page(
            links.treatment(treatment.id),
            name,
            description=f"{name}: how it works, where it is approved, and every count of it in this review.",
        ),
        facts=tuple(facts),
        mechanism=None
        if isinstance(mechanism, str)
        else Mechanism(
            text=mechanism.text,
            source=site.source_link(mechanism.source, ROOT),
            at=mechanism.at,
            quote=mechanism.quote or "",
            source_id=mechanism.source,
        ),
        given=doses(site, treatment.id, ROOT),
        approvals=tuple(approval_view(site, a) for a in treatment.approvals),
        parts=tuple(_link(site, part) for part in treatment.parts),
        part_of=tuple(_link(site, t.id) for t in records.treatments.values() if treatment.id in t.parts),
        note=treatment.note or "",
        benefits=_forest(site, linker, benefit, "Every count of benefit, by the outcome that was counted"),
        courses=_forest(site, linker, course, "How long it lasted, and what happened after stopping"),
        harms=_forest(site, linker, harm, "Every count of harm, by the outcome that was counted"),
        cases=cases,
        claims=tuple(claim_view(site, ROOT, c) for c in records.claims if treatment.id in c.treatments),
        questions=tuple(_questions(site, treatment.id)),
        under_way=tuple(
            Link(s.title or s.id, f"{ROOT}{links.study(s.id)}", s.registration or "")
            for s in site.studies_on(treatment.id)
            if s.status == "under-way" and any(arm.treatment == treatment.id for arm in s.arms)
        ),
        method=f"Intervals: {level(plan.level)}, {method_name(plan.interval)}.",
    )


def class_words(site: Site, treatment: Treatment) -> str:
    """'JAK inhibitor', 'IL-4 IL-13 inhibitor': letters that stand in capitals in any mechanism stand so here too."""
    mechanisms = [t.mechanism for t in site.review.records.treatments.values() if not isinstance(t.mechanism, str)]
    told = " ".join(f"{m.text} {m.quote or ''}" for m in mechanisms)
    words = (treatment.treatment_class or "").split("-")
    said = " ".join(w.upper() if re.search(rf"\b{re.escape(w.upper())}\b", told) else w for w in words)
    return capital(re.sub(r"\b([A-Z]{2,}) (?=\d)", r"\1-", said))


def doses(site: Site, treatment: str, root: str) -> tuple[Given, ...]:
    """Each dose that an arm names, as its study words it, with the studies; those without one are not in it."""
    found: dict[str, dict[str, None]] = {}
    for study in site.review.records.studies.values():
        for arm in study.arms:
            if arm.treatment == treatment and given(arm.dose):
                found.setdefault(arm.dose, {})[study.id] = None
    return tuple(Given(dose, tuple(site.study_link(s, root) for s in ids)) for dose, ids in sorted(found.items()))


def _link(site: Site, identifier: str) -> Link:
    return Link(site.review.records.treatment_name(identifier), site.treatment_page(identifier, ROOT))


def _forest(site: Site, linker: Linker, answers: Iterable[RowAnswer], caption: str) -> Forest | None:
    listed = sorted(answers, key=lambda a: (a.row.outcome_name.lower(), not a.row.countable))
    sub = without_treatment(site)
    return grouped_forest(
        site, linker, listed, caption=caption, key=lambda row: f"“{capital(row.outcome_name)}”", sub=sub
    )


def approval_view(site: Site, approval: Approval) -> ApprovalView:
    """An approval in words, with its source."""
    ages = site.traits("age", approval.people["age"]) if "age" in approval.people else ""
    return ApprovalView(
        region=approval.region,
        authority=given(approval.authority),
        status=STATUS[approval.status],
        indication=approval.indication,
        ages=ages or "age not stated",
        on="date not known" if isinstance(approval.on, str) else str(approval.on),
        source=site.source_link(approval.source, ROOT),
        source_id=approval.source,
        at=approval.at,
        quote=approval.quote or "",
        note=approval.note or "",
    )


def _cases(site: Site, linker: Linker, treatment: str) -> Iterable[CaseView]:
    """People of single case reports; rows of series and trials stand on the pages of their studies."""
    records = site.review.records
    for study in site.studies_on(treatment):
        if study.design != "case-report":
            continue
        rows = zip(records.people.get(study.id, ()), records.person_lines.get(study.id, ()), strict=True)
        for person, line in rows:
            if person.treatment == treatment:
                yield person_view(site, linker, study, person, line, full=False)


def _questions(site: Site, treatment: str) -> Iterable[Link]:
    """The questions that ask about it, then those that set it beside what they ask about."""
    asked, beside = [], []
    for identifier, (about, others) in site.treatments_of.items():
        question = site.review.questions[identifier]
        link = Link(question.asks or question.title, f"{ROOT}{links.question(identifier)}")
        if treatment in about:
            asked.append(Link(link.text, link.href, "asks about it"))
        elif treatment in others:
            beside.append(Link(link.text, f"{link.href}#alternatives", "sets it beside what it asks about"))
    return (*asked, *beside)


__all__ = ["approval_view", "class_words", "doses", "treatment_page"]
