"""Related questions: those the author names first, then those that share the treatment, the people or the outcome."""

from __future__ import annotations

from handful.question.question import Question
from handful.question.select import treatment_ids
from handful.site import links
from handful.site.site import Site
from handful.site.views import Link

MOST = 6


def related(site: Site, question: Question, root: str) -> tuple[Link, ...]:
    """Links to other questions, each with what it shares with this one."""
    found = []
    for other in site.review.questions.values():
        if other.id == question.id:
            continue
        shared = what_is_shared(site, question, other)
        named = question.related.index(other.id) if other.id in question.related else len(question.related)
        if shared or other.id in question.related:
            found.append((named, -len(shared), other.id, other, shared))
    found.sort(key=lambda item: item[:3])
    return tuple(
        Link(other.asks or other.title, f"{root}{links.question(other.id)}", "; ".join(shared))
        for _, _, _, other, shared in found[:MOST]
    )


def what_is_shared(site: Site, one: Question, other: Question) -> list[str]:
    """'the same treatment', 'some of the same people', 'the same outcome'."""
    records = site.review.records
    shared = []
    if treatment_ids(records, one.treatment) & treatment_ids(records, other.treatment):
        shared.append("the same treatment")
    both = set(one.people) & set(other.people)
    if any(set(one.people[k]) & set(other.people[k]) for k in both):
        shared.append("some of the same people")
    if {a.outcome for a in one.outcome.accepts} & {a.outcome for a in other.outcome.accepts}:
        shared.append("the same outcome")
    return shared
