"""Every problem of a review at once, each as `file:line: code: message` with what to do.

Reads every file, follows every reference, does the arithmetic again, and looks for numbers typed into the text of the
pages and for words that claim more than the counts carry. Faults of a source that are declared with `known:` beside the
number are no problem, nor is what is only worth a look (a text that is hard to read); --known lists both.

With --prose a single text is checked instead: as the page of --question, or without it as any text about counts of
few people without a comparison."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from handful.base.errors import InputError
from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import message, result, summary

EPILOG = """examples:
  handful check
  handful check reviews/alopecia-areata
  handful check --json reviews/alopecia-areata
  echo 'It helped 25 % of adults but no children.' | handful check --prose -
  handful check --prose draft.md --question dupilumab-children --review reviews/alopecia-areata

exit status: 0 no problems, 1 problems, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful check``."""
    add_review_argument(parser)
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--prose", metavar="FILE", help="check the words of this text instead; - reads standard input")
    parser.add_argument("--question", metavar="ID", help="the question whose page the text is to be (with --prose)")
    parser.add_argument("--known", action="store_true", help="also list declared faults, and what to look at")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    if options.prose is not None:
        return _one_text(options)
    if options.question is not None:
        raise InputError("--question names the page of a text", hint="give the text with --prose FILE")
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


def _one_text(options: argparse.Namespace) -> int:
    """The words of one text."""
    from handful.base.problems import Problem
    from handful.base.problems import report as report_of

    file = options.prose
    name = "<standard input>" if file == "-" else file
    given = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        text = given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = f"is not UTF-8 text (byte {error.start})"
        message(str(Problem(name, 1, "not-utf8", fault, "save the file as UTF-8")))
        return 1
    if options.question is not None:
        from handful.check import check_text

        report = check_text(review_folder(options), options.question, text, name)
    else:
        from handful.prose_check import check_words

        report = report_of(check_words(text, name, numbers="told"))
    if options.json:
        result(report.to_json())
    elif not report.ok:
        result(str(report))
    message(f"{name}: {summary(report)}")
    return 0 if report.ok else 1
