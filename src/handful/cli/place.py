"""Where the question's treatment stands among the alternatives: the line by band, its reasons, what would change it.

The line follows from the rule in ladders/<name>.yaml. The author's own view and the claims of guidelines and others
stand beside it, with their dates; nothing is computed from a view."""

from __future__ import annotations

import argparse

from handful.cli.answers import answer, checked_review
from handful.cli.folder import add_review_option
from handful.cli.say import as_json, result

EPILOG = """examples:
  handful place dupilumab-totalis-universalis --review reviews/alopecia-areata
  handful place dupilumab-totalis-universalis --short --review reviews/alopecia-areata
  handful place dupilumab-totalis-universalis --json --review reviews/alopecia-areata"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful place``."""
    parser.add_argument("question", metavar="QUESTION", help="the question's id")
    parser.add_argument("--short", action="store_true", help="the lines and their first reasons alone")
    parser.add_argument("--losses", action="store_true", help="the expected losses also where --short leaves them out")
    parser.add_argument("--value", action="store_true", help="also the value of information (takes a little longer)")
    parser.add_argument("--json", action="store_true", help="as JSON, every number in full")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import HandfulError
    from handful.cli.place_words import lines
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
    result("\n".join(lines(placed, short=options.short, losses=options.losses, value=options.value)))
    return 0
