"""Where the question's treatment stands among the alternatives: the line by band, its reasons, what would change it.

The line follows from the rule in ladders/<name>.yaml. The author's own view and the claims of guidelines and others
stand beside it, with their dates; nothing is computed from a view."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from handful.cli.answers import answer, checked_review
from handful.cli.folder import add_review_option
from handful.cli.say import as_json, result

if TYPE_CHECKING:
    from handful.position.beside import Said
    from handful.position.group import GroupPlace
    from handful.position.place import Place

EPILOG = """examples:
  handful place dupilumab-totalis-universalis --review reviews/alopecia-areata
  handful place dupilumab-totalis-universalis --losses --review reviews/alopecia-areata
  handful place dupilumab-totalis-universalis --json --review reviews/alopecia-areata"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful place``."""
    parser.add_argument("question", metavar="QUESTION", help="the question's id")
    parser.add_argument("--losses", action="store_true", help="also the expected loss of choosing each alternative")
    parser.add_argument("--value", action="store_true", help="also the value of information (takes a little longer)")
    parser.add_argument("--json", action="store_true", help="as JSON, every number in full")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import HandfulError
    from handful.position.as_data import place_as_data
    from handful.position.placing import place
    from handful.stats.results import NotEstimable

    review = checked_review(options)
    found = answer(review, options.question)
    placed = place(review, found.question, answer=found)
    if isinstance(placed, NotEstimable):
        raise HandfulError(
            f"question `{options.question}`: {placed.reason}",
            hint="write ladders/<name>.yaml and name it in the question: `ladder: <name>`",
        )
    if options.json:
        as_json({"question": found.question.id, **place_as_data(placed, value=options.value)})
        return 0
    result("\n".join(lines(placed, losses=options.losses, value=options.value)))
    return 0


def lines(placed: Place, *, losses: bool = False, value: bool = False) -> Iterator[str]:
    """The place as lines of text."""
    question = placed.question
    yield question.asks or question.title
    yield f"place in therapy by the ladder “{placed.ladder.title}”; a line is a place after what has failed"
    for group in placed.everyone:
        yield ""
        yield from _group(group, placed)
        if losses:
            yield from _losses(group)
        if value:
            yield from _value(group)
    yield from _beside(placed)


def _group(group: GroupPlace, placed: Place) -> Iterator[str]:
    from handful.base.wording import human_list
    from handful.words.place import (
        asked_words,
        chance,
        found_words,
        headline_change,
        line_words,
        met_words,
        miscount_sentence,
        nearest_words,
        place_line,
        together_words,
        trial_sentence,
    )

    yield place_line(group)
    if group.together:
        yield f"  {together_words(group)}"
    for rung in placed.ladder.rungs:
        before = tuple(t for t in rung.after_failure_of if t not in placed.treatments)
        after = f", after {human_list(_names(placed, before))} failed" if before else ""
        yield f"  {line_words(rung.line)}{after}"
        for clause in group.decision.of(rung.line):
            yield f"    {met_words(clause)}: {asked_words(clause)}: {found_words(clause)}"
    if group.at_best != group.line:
        yield f"  {line_words(group.at_best)}, were every clause that cannot be told a met one"
    near = nearest_words(group)
    if near:
        yield f"  {near}"
    if group.probabilities:
        shown = ", ".join(f"{line_words(line)} {chance(p)}" for line, p in group.probabilities.items())
        yield f"  were the rate known, the other clauses as they are: {shown}"
    yield "  what would change it"
    yield f"    {headline_change(group, placed.question.outcome.name)}"
    records = placed.records
    for miscount in group.what_would_change.miscounts:
        study = records.studies.get(miscount.study) if records else None
        source = records.sources.get(study.source) if records and study else None
        yield f"    {miscount_sentence(miscount, source.short if source else miscount.study)}"
    for trial in group.what_would_change.trials:
        yield f"    {trial_sentence(trial, group)}"


def _names(placed: Place, treatments: tuple[str, ...]) -> list[str]:
    return [placed.records.treatment_name(t) if placed.records else t for t in treatments]


def _losses(group: GroupPlace) -> Iterator[str]:
    from handful.base.wording import decimal, per_100
    from handful.stats.results import NotEstimable

    found = group.losses
    if isinstance(found, NotEstimable):
        yield f"  expected loss: {found.reason}"
        return
    yield f"  expected loss of choosing each, of 100 people ({found.label})"
    for one in found.losses:
        counts = ", ".join(f"{x} of {n}" for x, n in one.option.rate.counts)
        wider = f"; of {one.option.wider} together" if one.option.wider else ""
        yield f"    {one.option.name}: {decimal(100 * one.loss, 1)} (mean {per_100(one.mean)}; {counts}{wider})"
    if found.without:
        yield f"    without a count: {', '.join(found.without)}"


def _value(group: GroupPlace) -> Iterator[str]:
    from handful.base.wording import decimal

    for one in group.what_would_change.value:
        bar = f"the {one.against} line's {decimal(one.threshold)}" if one.threshold is not None else "the alternatives"
        sample = ", ".join(f"{m} people {decimal(100 * v)}" for m, v in one.sample)
        yield f"  value of information against {bar}, of 100 people: perfect {decimal(100 * one.perfect)}; {sample}"


def _beside(placed: Place) -> Iterator[str]:
    beside = placed.beside
    if beside.view is not None:
        by = f" ({beside.view.by})" if beside.view.by else ""
        yield ""
        line = beside.view.line.replace("-", " ")
        yield f"the author's own view, apart{by}: {line} line, because {beside.view.because}"
        yield from _said(placed, beside.author)
    for title, listed in (("guidelines", beside.guidelines), ("others", beside.others)):
        if listed:
            yield ""
            yield title
            yield from _said(placed, listed)


def _said(placed: Place, listed: tuple[Said, ...]) -> Iterator[str]:
    for said in listed:
        who = ", ".join(_names(placed, said.claim.treatments)) or "not named"
        source = placed.records.sources.get(said.claim.source) if placed.records else None
        when = str(said.year) if said.year else "date not known"
        line = f"{said.claim.line} line: " if said.claim.line else ""
        yield f"  {when}, {source.short if source else said.claim.source}: {line}{who} ({said.claim.about})"
