"""From each number of an answer, sums included, back to its line in a file, its source, the place in it and the words.

Narrow it down with a study, `--group` (`overall` is the sum) and `--outcome` (an outcome's id, the id of another
outcome word, or cases, harms, alternatives)."""

from __future__ import annotations

import argparse

from handful.cli.answers import answer, checked_review
from handful.cli.folder import add_review_option
from handful.cli.say import as_json, result

EPILOG = """examples:
  handful trace dupilumab-totalis-universalis --review reviews/alopecia-areata
  handful trace dupilumab-totalis-universalis harada-2020 --review reviews/alopecia-areata
  handful trace dupilumab-totalis-universalis --group adults --outcome any-regrowth --review reviews/alopecia-areata"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful trace``."""
    parser.add_argument("question", metavar="QUESTION", help="the question's id")
    parser.add_argument("study", metavar="STUDY", nargs="?", help="only the numbers of this study")
    parser.add_argument("--group", metavar="G", help="only this group of the question; `overall` is the sum")
    parser.add_argument("--outcome", metavar="O", help="only this outcome; also cases, harms, alternatives")
    parser.add_argument("--json", action="store_true", help="the tree as JSON")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import HandfulError, InputError
    from handful.synthesis.trace import trace

    found = answer(checked_review(options), options.question)
    try:
        traced = trace(found, options.study, group=options.group, outcome=options.outcome)
    except HandfulError as error:  # a name on the command line that the answer does not have
        raise InputError(error.message, hint=error.hint) from None
    if options.json:
        as_json(traced.to_dict())
    else:
        result("\n".join(traced.lines()))
    return 0
