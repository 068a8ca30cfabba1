"""Every other defensible answer to a question: which choices were made, and which of them moves the answer most.

Printed are the one sentence for each group, how far each choice moves the rate, and the analysis nearest to the plan
under each other choice; --csv and --json give every analysis."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from handful.cli.answers import checked_review
from handful.cli.folder import add_review_option
from handful.cli.progress import Bar
from handful.cli.say import as_json, result

if TYPE_CHECKING:
    from handful.synthesis.sensitivity_result import Analysis, GroupSensitivity, Sensitivity

EPILOG = """examples:
  handful sensitivity dupilumab-totalis-universalis --review reviews/alopecia-areata
  handful sensitivity dupilumab-totalis-universalis --csv --review reviews/alopecia-areata > every-analysis.csv
  handful sensitivity dupilumab-totalis-universalis --group adults --json --review reviews/alopecia-areata"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful sensitivity``."""
    parser.add_argument("question", metavar="QUESTION", help="the question's id")
    parser.add_argument("--group", metavar="G", help="only this group of the question; `overall` is all together")
    parser.add_argument("--most", metavar="N", type=int, help="combinations that are run at most (default: 20000)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything as JSON, one entry an analysis")
    form.add_argument("--csv", action="store_true", help="one line an analysis, as CSV")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from dataclasses import replace

    from handful.base.errors import HandfulError, InputError
    from handful.stats.results import NotEstimable
    from handful.synthesis.sensitivity import MOST, sensitivity

    most = MOST if options.most is None else options.most
    if most < 1:
        raise InputError(f"--most {most}", hint="a whole number from 1 on")
    review = checked_review(options)
    with Bar() as bar:
        found = sensitivity(review, options.question, most=most, progress=bar.show)
    if isinstance(found, NotEstimable):
        raise HandfulError(
            f"{options.question}: {found.reason}", hint="`handful show` lists what was left out, and why"
        )
    if options.group is not None:
        found = replace(found, groups=(found.group(options.group),))
    if options.json:
        as_json(found.to_dict())
    elif options.csv:
        result(found.to_csv().rstrip("\n"))
    else:
        result("\n".join(lines(found)))
    return 0


def lines(found: Sensitivity) -> Iterator[str]:
    """The run as lines of text."""
    from handful.synthesis.sensitivity_sentence import moves_words

    yield found.title
    for group in found.groups:
        yield ""
        yield f"{group.name}: {group.summary}"
        yield from (f"  {text}" for text in moves_words(group))
        yield from _nearest(found, group)
    if found.not_run:
        yield ""
        yield "not run, and why"
        for left in found.not_run:
            times = f" ({left.combinations} combinations)" if left.combinations else ""
            yield f"  {left.what}: {left.reason}{times}"
    if found.notes:
        yield ""
        yield from (f"note: {note}" for note in found.notes)


def _nearest(found: Sensitivity, group: GroupSensitivity) -> Iterator[str]:
    head = group.headline
    if head is not None:
        yield f"  as planned: {_row(head)}"
    for dimension in found.dimensions:
        for choice, row in found.nearest(group, dimension):
            yield f"  {choice.words}: {_row(row)}{found.beside(row, dimension)}"


def _row(row: Analysis) -> str:
    from handful.base.wording import range_per_100
    from handful.synthesis.sensitivity_sentence import count_words

    told = count_words(row) + ("" if row.model == "added-up" else f", {row.model}")
    return f"{told} ({range_per_100(row.low, row.high)})" + (", a bound" if row.bound else "")
