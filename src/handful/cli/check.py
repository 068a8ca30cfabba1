"""Every problem of a review at once, each as `file:line: code: message` with what to do.

Reads every file, follows every reference, does the arithmetic again, and looks for numbers typed into the text of the
pages. Faults of a source that are declared with `known:` beside the number are no problem; --known lists them."""

from __future__ import annotations

import argparse

from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import message, result, summary

EPILOG = """examples:
  handful check
  handful check reviews/alopecia-areata
  handful check --json reviews/alopecia-areata

exit status: 0 no problems, 1 problems, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful check``."""
    add_review_argument(parser)
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--known", action="store_true", help="also list declared faults, and what to look at")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.check import check_review

    folder = review_folder(options)
    _, report = check_review(folder)
    if options.json:
        result(report.to_json())
        return 0 if report.ok else 1
    if not report.ok:
        result(str(report))
    if options.known:
        for problem in (*report.known, *report.told):
            result(str(problem))
    message(f"{folder}: {summary(report)}")
    return 0 if report.ok else 1
