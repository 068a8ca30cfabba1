"""All files about one question, from the part of the review that they may be made from."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from handful.base.digest import canonical_json
from handful.base.errors import InputError
from handful.base.language import Language, language, speaking
from handful.base.problems import Problem
from handful.counts.count import count
from handful.question.select import select
from handful.review import Review
from handful.site import linked_data, links
from handful.site.methods_page import methods_page
from handful.site.patients import patients_page
from handful.site.place import place_page
from handful.site.posterior import posterior_page
from handful.site.prose import Prose, render
from handful.site.question_page import linker_of, question_view
from handful.site.related import related_ids
from handful.site.rendered import page
from handful.site.said import Said, said_of
from handful.site.sensitivity import every_analysis_page
from handful.site.site import Site
from handful.stats.results import NotEstimable
from handful.synthesis.results import results
from handful.synthesis.synthesis import Synthesis
from handful.synthesis.synthesise import synthesise
from handful.words.reader_names import with_reader_names


@dataclass(frozen=True)
class Task:
    """One question to be worked out: its id, the part of the review it needs, and what all pages are told."""

    question: str
    part: Review
    as_of: datetime.date | None
    pdf: bool
    spoken: Language | str
    """The language that the pages are made in; one that comes with handful by its code."""


@dataclass(frozen=True)
class Made:
    """What was worked out of one question: path and content of its files in order, and what other pages say of it."""

    files: tuple[tuple[str, bytes], ...]
    said: Said | None
    problems: tuple[Problem, ...] = ()


def task_of(review: Review, question: str, as_of: datetime.date | None, *, pdf: bool = False) -> Task:
    """The question with its part of the review.

    Of the day only this is passed on: whether the next look is overdue; so a page is the same every day until then.
    """
    planned = review.about.next_look
    late = isinstance(planned, datetime.date) and as_of is not None and planned < as_of
    day = planned + datetime.timedelta(days=1) if late and isinstance(planned, datetime.date) else None
    part = review.page_part_for(question, related_ids(review, question))
    return Task(question, part, day, pdf, _spoken())


def _spoken() -> Language | str:
    now = language()
    try:
        return now.code if language(now.code) is now else now
    except InputError:  # a language that does not come with handful
        return now


def make(task: Task) -> Made:
    """Selects, counts and answers the question, and makes every file about it."""
    with speaking(task.spoken):
        return _make(task)


def _make(task: Task) -> Made:
    asked = task.part.questions[task.question]
    answer = with_reader_names(task.part.instruments, synthesise(count(select(task.part.records, asked)), asked.plan))
    site = Site(task.part, {task.question: answer}, task.as_of, task.pdf)
    text = text_of(site, answer)
    if text.problems:
        return Made((), None, text.problems)
    said = said_of(site, answer)
    return Made(tuple(_files(site, answer, text)), said)


def text_of(site: Site, answer: Synthesis) -> Prose:
    """The author's text made ready, or what is wrong with it."""
    identifier = answer.question.id
    text = site.review.prose.get(identifier, "")
    return render(site, answer, linker_of(site, answer), text, f"questions/{identifier}.md")


def _files(site: Site, answer: Synthesis, text: Prose) -> Iterator[tuple[str, bytes]]:
    identifier = answer.question.id
    linker = linker_of(site, answer)
    view = question_view(site, answer, text.html)
    head = linked_data.article(site, view.page, answer, view.citation)
    yield links.question(identifier), page("question.html", view, site, linker, head)
    kept = results(answer, site.review.beside(answer, site.places.get(identifier)))
    yield f"results/{identifier}.json", canonical_json(kept, indent=1).encode()
    yield links.methods(identifier), page("methods.html", methods_page(site, answer), site, linker)
    every = every_analysis_page(site, answer)
    found = site.every_analysis(answer)
    if every is not None and not isinstance(found, NotEstimable):
        yield links.every_analysis(identifier), page("every-analysis.html", every, site, linker)
        data = links.every_analysis_data(identifier)
        yield f"{data}.csv", found.to_csv().encode()
        yield f"{data}.json", canonical_json(found.to_dict()).encode()
    placed = place_page(site, identifier)
    if placed is not None:
        yield links.place(identifier), page("place.html", placed, site, linker)
    rates = posterior_page(site, answer)
    if rates is not None:
        yield links.posterior(identifier), page("posterior.html", rates, site, linker)
    people = patients_page(site, answer)
    if people is not None:
        yield links.patients(identifier), page("patients.html", people, site, linker)


__all__ = ["Made", "Task", "make", "task_of", "text_of"]
