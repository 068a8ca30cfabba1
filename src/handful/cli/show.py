"""The answer to a question in words: counts by group with their intervals, how sure one can be and why, what was
left out and why, the caveats.

Without a question the questions of the review are listed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from handful.cli.answers import answer, checked_review
from handful.cli.folder import add_review_option
from handful.cli.say import as_json, result

if TYPE_CHECKING:
    from handful.certainty.certainty import GradedRow, Grading
    from handful.review import Review
    from handful.synthesis.synthesis import Comparison, GroupAnswer, RowAnswer, SetAnswer, Synthesis

EPILOG = """examples:
  handful show --review reviews/alopecia-areata
  handful show dupilumab-totalis-universalis --review reviews/alopecia-areata
  handful show dupilumab-totalis-universalis --json --review reviews/alopecia-areata"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful show``."""
    parser.add_argument("question", metavar="QUESTION", nargs="?", help="the question's id; without it they are listed")
    parser.add_argument("--json", action="store_true", help="as JSON, every number in full")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    review = checked_review(options)
    if options.question is None:
        listed = [{"id": q.id, "title": q.title, "asks": q.asks} for q in review.questions.values()]
        if options.json:
            as_json(listed)
        for question in [] if options.json else listed:
            result(f"{question['id']}\n  {question['asks'] or question['title']}")
        return 0
    found = answer(review, options.question)
    if options.json:
        from handful.synthesis.results import results

        as_json(results(found, review.beside(found)))
        return 0
    from handful.certainty.grade import grade

    result("\n".join((*lines(found, grade(found, review.judgements)), *_place(review, found))))
    return 0


def lines(found: Synthesis, sure: Grading | None = None) -> Iterator[str]:
    """The answer as lines of text."""
    from handful.base.wording import plural
    from handful.words.headline import headline

    question = found.question
    yield question.asks or question.title
    yield f"{plural(len(found.studies), 'study')}, {plural(found.people, 'person')}"
    yield str(headline(found, sure))
    for answered in found.sets:
        yield ""
        yield from _set(answered)
        if sure is not None:
            yield from _certainty(sure.row("main" if answered is found.main else answered.id))
    cases = found.counts.cases
    if cases is not None and cases.count:
        yield ""
        yield f"single case reports, listed apart: {cases.improved} of {cases.count} with {cases.name}"
        if cases.stated:
            yield f"  {cases.stated}: {cases.stated_improved} of {cases.stated_count}"
    for title, rows in (("harms", found.harms), ("alternatives, not compared", found.alternatives)):
        if rows:
            yield ""
            yield title
            yield from _rows(rows, treatment=title != "harms")
    if sure is not None and sure.harms:
        yield ""
        yield "how sure, harm by harm"
        for row in sure.harms:
            yield f"  {row.name}: {row.certainty.words}, as an effect of the treatment; {row.rate.words}, as a forecast"
    yield from _left_out(found)
    if found.notes:
        yield ""
        yield "notes"
        for note in found.notes:
            yield f"  {note}"


def _place(review: Review, found: Synthesis) -> Iterator[str]:
    """The computed place in therapy, one line a band, where the question names a ladder."""
    from handful.position.placing import place
    from handful.stats.results import NotEstimable
    from handful.words.place import place_line

    placed = place(review, found.question, answer=found)
    if isinstance(placed, NotEstimable):
        return
    yield ""
    yield f"place in therapy (why, and what would change it: handful place {found.question.id})"
    yield from (f"  {place_line(group)}" for group in placed.everyone)


def _set(answered: SetAnswer) -> Iterator[str]:
    yield f"outcome: {answered.name}"
    for group in (*answered.groups, answered.overall):
        yield f"  {group.count.name}: {_group(group)}"
        if group.id != "overall" or not answered.groups:
            yield from _rows(group.rows, indent="    ")
    for comparison in answered.comparisons:
        yield f"  {_comparison(comparison)}"


def _certainty(row: GradedRow) -> Iterator[str]:
    """The level with every step; the reasons stand where the steps are made."""
    yield f"  how sure, as an effect of the treatment: {row.certainty.words} ({row.certainty.because})"
    yield f"  how sure, as a forecast for such people: {row.rate.words} ({row.rate.because})"


def _group(group: GroupAnswer) -> str:
    from handful.base.wording import count, range_per_100
    from handful.stats.results import NotEstimable

    if not group.count.rows:
        return "nobody counted"
    text = count(group.count.events, group.count.total)
    if isinstance(group.interval, NotEstimable):
        text += f" ({group.interval.reason})"
    else:
        low, high = float(group.interval.low), float(group.interval.high)
        text += f" ({range_per_100(low, high)}, {100 * group.interval.level:g} % {group.interval.method})"
    return text + (", added up" if group.added else "")


def _rows(rows: tuple[RowAnswer, ...], *, indent: str = "  ", treatment: bool = False) -> Iterator[str]:
    from handful.base.wording import count

    for one in rows:
        row = one.row
        if row.events is not None and row.total is not None:
            value = f"{count(row.events.value, row.total.value)} ({row.total.kind_words})"
        elif row.events is not None:
            value = f"{row.events.value}, number of people not reported"
        else:
            modelled = "modelled percentage" if row.percent and row.percent.modelled else "percentage as printed"
            value = f"{row.percent.text} %, {modelled}" if row.percent else "not counted"
        who = f"{row.study_short}, {row.treatment_name if treatment else row.arm_name}"
        time = row.time if row.time_reported else "time not reported"
        yield f"{indent}{who}: {value}; {row.outcome_name}, {time}"


def _comparison(found: Comparison) -> str:
    """Groups side by side. Different people in different studies: the sentence never says why they differ."""
    from handful.base.wording import decimal, p_value, spoken
    from handful.stats.results import Interval, NotEstimable

    first, second = spoken(found.first), spoken(found.second)
    if isinstance(found.difference, NotEstimable):
        return f"{first} and {second} side by side: {found.difference.reason}"
    assert isinstance(found.difference, Interval)
    low, high = float(found.difference.low), float(found.difference.high)
    told = "these counts cannot tell them apart" if low <= 0 <= high else "the counts differ"
    shown = f"difference of the rates {decimal(low)} to {decimal(high)}"
    if not isinstance(found.p_value, NotEstimable):
        shown += f", p {p_value(float(found.p_value))} ({found.test})"
    return f"{first} and {second}, different people: {told} ({shown})"


def _left_out(found: Synthesis) -> Iterator[str]:
    out = found.counts.excluded
    if not out:
        return
    yield ""
    yield "left out, and why"
    for one in out:
        yield f"  {one.study}{f', {one.arm}' if one.arm else ''}: {one.reason}"
