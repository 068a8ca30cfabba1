"""Related questions: those the author names first, then those that share the treatment, the people or the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest

from handful.base.remembered import Remembered
from handful.question.question import Question
from handful.question.select import treatment_ids
from handful.records.records import Records
from handful.review import Review
from handful.site import links
from handful.site.site import Site
from handful.site.views import Link

MOST = 6


def related(site: Site, question: Question, root: str) -> tuple[Link, ...]:
    """Links to other questions, each with what it shares with this one."""
    return tuple(
        Link(other.asks or other.title, f"{root}{links.question(other.id)}", "; ".join(shared))
        for other, shared in _nearest(site.review, question)
    )


def related_ids(review: Review, question: str) -> tuple[str, ...]:
    """Ids of the questions that the page of this one leads to."""
    return tuple(other.id for other, _ in _nearest(review, review.questions[question]))


def _nearest(review: Review, question: Question) -> list[tuple[Question, list[str]]]:
    about = traits_of(review.records, question)
    found = []
    for other in review.questions.values():
        if other.id == question.id:
            continue
        shared = what_is_shared(about, traits_of(review.records, other))
        named = question.related.index(other.id) if other.id in question.related else len(question.related)
        if shared or other.id in question.related:
            found.append((named, -len(shared), other.id, shared))
    return [(review.questions[other], shared) for _, _, other, shared in nsmallest(MOST, found)]


@dataclass(frozen=True)
class Traits:
    """What two questions may share."""

    treatments: frozenset[str]
    people: frozenset[tuple[str, str]]
    outcomes: frozenset[str]


def traits_of(records: Records, question: Question) -> Traits:
    """Treatments, values of traits of people, and outcomes that a question asks about."""
    if question.treatment.treatment_class:
        return _traits(records, question)
    return _without_class(question)


def _traits(records: Records | None, question: Question) -> Traits:
    treatments = treatment_ids(records, question.treatment) if records else frozenset(question.treatment.ids)
    return Traits(
        treatments,
        frozenset((trait, value) for trait, values in question.people.items() for value in values),
        frozenset(a.outcome for a in question.outcome.accepts),
    )


_without_class: Remembered[Question, Traits] = Remembered(lambda question: _traits(None, question))


def what_is_shared(one: Traits, other: Traits) -> list[str]:
    """'the same treatment', 'some of the same people', 'the same outcome'."""
    parts = (
        (one.treatments & other.treatments, "the same treatment"),
        (one.people & other.people, "some of the same people"),
        (one.outcomes & other.outcomes, "the same outcome"),
    )
    return [words for both, words in parts if both]
