"""What a question must keep beside its form: what it names exists; window, priors and borrowing are possible."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handful.base.problems import Problem, did_you_mean
from handful.base.yaml_files import Document
from handful.question.priors import Priors
from handful.question.question import AcceptedRule, AskedOutcome, Question
from handful.question.sensitivity_plan import OtherPrior
from handful.records.checks.names import Names
from handful.records.people import People

RESERVED_GROUPS = frozenset({"overall", "also", "cases", "comparison", "conflict", "study", "harm", "quote"})
"""Words that mean something else in a page's prose and on the command line."""

PRIOR_NUMBERS = {"normal": 2, "half-normal": 1, "half-cauchy": 1}
"""Families of priors and how many numbers each takes."""

_GROUP = re.compile(r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$")


def check_question(question: Question, document: Document, names: Names) -> Iterator[Problem]:
    """References, people, groups, window, priors and borrowing of one question."""
    yield from _references(question, document, names)
    yield from _people(question, document, names)
    yield from _groups(question, document)
    yield from _window(question, document)
    yield from _priors(question, document)
    yield from _thresholds(question, document)
    yield from _borrow(question, document)


def _references(question: Question, document: Document, names: Names) -> Iterator[Problem]:
    for kind, path, identifier in _named(question):
        yield from names.unknown(kind, identifier, document.file, document.line(path), kind)
    if question.id in question.related:
        line = document.line(("related", question.related.index(question.id)))
        yield Problem(document.file, line, "related-to-itself", "related: names the question itself", "take it away")


def _named(question: Question) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """Every id the question names: its kind, its place, the id."""
    for i, identifier in enumerate(question.treatment.ids):
        yield "treatment", ("treatment", "ids", i) if len(question.treatment.ids) > 1 else ("treatment",), identifier
    if question.treatment.treatment_class is not None:
        yield "class", ("treatment", "class"), question.treatment.treatment_class
    yield from _accepted(question.outcome, ("outcome",))
    for a, other in enumerate(question.also):
        yield from _accepted(other, ("also", a))
    for a, other in enumerate(question.plan.sensitivity.outcomes if question.plan.sensitivity else ()):
        yield from _accepted(other, ("plan", "sensitivity", "outcomes", a))
    if question.case_reports is not None:
        yield "outcome", ("case_reports", "outcome"), question.case_reports.outcome
    if question.alternatives is not None:
        for i, outcome in enumerate(question.alternatives.outcomes):
            yield "outcome", ("alternatives", "outcomes", i), outcome
        for i, treatment in enumerate(question.alternatives.treatments):
            yield "treatment", ("alternatives", "treatments", i), treatment
    for key in ("outcomes", "case_outcomes", "opposite"):
        for i, outcome in enumerate(getattr(question.harms, key)):
            yield "outcome", ("harms", key, i), outcome
    for i, related in enumerate(question.related):
        yield "question", ("related", i), related
    if question.ladder is not None:
        yield "ladder", ("ladder",), question.ladder
    if question.view is not None and question.view.source is not None:
        yield "source", ("view", "source"), question.view.source


def _accepted(asked: AskedOutcome, path: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """What an outcome accepts: reported outcomes, and the instruments of rules over patient rows."""
    for i, accepted in enumerate(asked.accepts):
        if isinstance(accepted, AcceptedRule):
            for instrument in accepted.rule.instruments:
                yield "instrument", (*path, "accepts", i, "rule", "instrument"), instrument
        else:
            yield "outcome", (*path, "accepts", i, "outcome"), accepted.outcome


def _people(question: Question, document: Document, names: Names) -> Iterator[Problem]:
    rules: list[tuple[tuple[str, ...], People]] = [(("people",), question.people)]
    rules += [(("groups", name), rule) for name, rule in question.groups.items()]
    if question.case_reports is not None:
        rules.append((("case_reports", "people"), question.case_reports.people))
    if question.alternatives is not None:
        rules.append((("alternatives", "people"), question.alternatives.people))
    rules.append((("harms", "people"), question.harms.people))
    for path, rule in rules:
        yield from names.unknown_people(rule, document.file, document.line(path))


def _groups(question: Question, document: Document) -> Iterator[Problem]:
    for name in question.groups:
        line = document.line(("groups", name))
        if name in RESERVED_GROUPS:
            message = f"a group cannot be called `{name}`: the word means something else in the page's prose"
            yield Problem(document.file, line, "reserved-group-name", message, "choose another name")
        elif not _GROUP.match(name):
            message = f"group `{name}` cannot be named in the page's prose"
            hint = "use lower-case letters, digits and hyphens, beginning with a letter"
            yield Problem(document.file, line, "group-name", message, hint)
    seen: set[str] = set()
    for index, other in enumerate(question.also):
        if other.id in seen or other.id == question.id:
            line = document.line(("also", index, "id"))
            message = f"also: id `{other.id}` stands twice"
            yield Problem(document.file, line, "duplicate-id", message, "give each outcome word its own id")
        seen.add(other.id)


def _window(question: Question, document: Document) -> Iterator[Problem]:
    window = question.window
    for name in ("from_weeks", "to_weeks", "prefer_weeks"):
        value = getattr(window, name)
        if value is not None and value < 0:
            message = f"window: {name} is {value:g}; times are weeks after the start of treatment"
            hint = "write 0 for the start of treatment"
            yield Problem(document.file, document.line(("window", name)), "negative-weeks", message, hint)
    if window.prefer_weeks is None:
        return
    low = window.from_weeks if window.from_weeks is not None else 0.0
    high = window.to_weeks if window.to_weeks is not None else float("inf")
    if not low <= window.prefer_weeks <= high:
        message = f"window: prefer_weeks {window.prefer_weeks:g} lies outside the window"
        line = document.line(("window", "prefer_weeks"))
        yield Problem(document.file, line, "preferred-outside-window", message, "widen the window or change it")


def _priors(question: Question, document: Document) -> Iterator[Problem]:
    typed: list[tuple[tuple[str | int, ...], Priors | OtherPrior]] = [(("plan", "priors"), question.plan.priors)]
    if question.plan.sensitivity is not None:
        others = enumerate(question.plan.sensitivity.priors)
        typed += [(("plan", "sensitivity", "priors", i), prior) for i, prior in others]
    named = [((*path, name), name, getattr(both, name)) for path, both in typed for name in ("mean", "tau")]
    for path, parameter, prior in named:
        if not isinstance(prior, dict):
            continue
        line = document.line(path)
        if len(prior) != 1:
            message = f"priors: {parameter} names {len(prior)} families"
            yield Problem(document.file, line, "unknown-prior", message, "one prior, for example {half-normal: 1.0}")
            continue
        ((family, numbers),) = prior.items()
        if family not in PRIOR_NUMBERS:
            message = f"priors: {parameter} `{family}` is not a known family"
            yield Problem(document.file, line, "unknown-prior", message, did_you_mean(family, PRIOR_NUMBERS))
            continue
        if len(numbers) != PRIOR_NUMBERS[family] or numbers[-1] <= 0:
            want = "a mean and a standard deviation above 0" if family == "normal" else "one scale above 0"
            shown = ", ".join(f"{n:g}" for n in numbers)
            message = f"priors: {parameter} {family} takes {want}, found {shown or 'nothing'}"
            yield Problem(document.file, line, "unknown-prior", message, "for example {half-normal: 1.0}")
        elif parameter == "tau" and family == "normal":
            message = "priors: tau is a standard deviation; a normal prior allows negative values"
            hint = "did you mean `half-normal`?"
            yield Problem(document.file, line, "unknown-prior", message, hint)


def _thresholds(question: Question, document: Document) -> Iterator[Problem]:
    """Sizes may be declared of the main outcome, of its other words and of its harms, and of nothing else."""
    declared = question.plan.thresholds
    known = {*(other.id for other in question.also), *question.harms.outcomes}
    for outcome in declared.others if declared is not None else ():
        if outcome not in known:
            line = document.line(("plan", "thresholds", "others", outcome))
            message = f"plan: thresholds: others: `{outcome}` is no other outcome word and no harm of this question"
            yield Problem(document.file, line, "unknown-graded-outcome", message, did_you_mean(outcome, known))


def _borrow(question: Question, document: Document) -> Iterator[Problem]:
    """The two groups exist and differ; every strength lies above 0 and at most at 1."""
    borrow = question.plan.borrow
    if borrow is None:
        return
    at = ("plan", "borrow")
    for key, identifier in (("from", borrow.from_), ("to", borrow.to)):
        if identifier not in question.groups:
            message = f"plan: borrow: {key}: `{identifier}` is not one of the question's groups"
            hint = did_you_mean(identifier, question.groups) if question.groups else "name two groups under `groups:`"
            yield Problem(document.file, document.line((*at, key)), "borrow-group", message, hint)
    if borrow.from_ == borrow.to:
        message = f"plan: borrow: `{borrow.to}` would borrow from itself"
        yield Problem(document.file, document.line((*at, "to")), "borrow-group", message, "name two different groups")
    for i, weight in enumerate(borrow.weights):
        if not 0 < weight <= 1:
            message = f"plan: borrow: weights: {weight:g} is no strength"
            hint = "above 0 and at most 1; the answer without borrowing is shown anyway"
            yield Problem(document.file, document.line((*at, "weights", i)), "borrow-weight", message, hint)
