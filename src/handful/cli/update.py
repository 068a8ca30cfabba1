"""Compute every answer again and keep it in `results/` of the review, beside the records and to be committed with them.

A file changes only when its answer does. --check writes nothing and says which results are not current."""

from __future__ import annotations

import argparse

import handful
from handful.cli.answers import answer, checked_review
from handful.cli.folder import add_review_argument
from handful.cli.say import as_json, message, result

EPILOG = """examples:
  handful update
  handful update reviews/alopecia-areata
  handful update --check reviews/alopecia-areata

exit status: 0 current (now), 1 problems, or results that are not current with --check, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful update``."""
    add_review_argument(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; say which results are not current")
    parser.add_argument("--json", action="store_true", help="the questions and what happened to each, as JSON")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.wording import plural
    from handful.synthesis.results import is_current, write_results

    review = checked_review(options)
    answers = [answer(review, identifier) for identifier in sorted(review.questions)]
    beside = {found.question.id: review.beside(found) for found in answers}
    stale = [found for found in answers if not is_current(found, review.folder, beside[found.question.id])]
    questions = {found.question.id for found in answers}
    orphans = sorted(path for path in (review.folder / "results").glob("*.json") if path.stem not in questions)
    if not options.check:
        for found in stale:
            write_results(found, review.folder, beside[found.question.id], made_by=f"handful {handful.__version__}")
        for path in orphans:
            path.unlink()
    changed = [found.question.id for found in stale] + [f"{path.stem} (no such question)" for path in orphans]
    if options.json:
        as_json({"current": not changed, "changed": changed, "questions": sorted(questions)})
    else:
        for name in changed:
            result(f"results of {name}: {'not current' if options.check else 'written again'}")
    done = "not current" if options.check else "changed"
    message(f"{plural(len(questions), 'question')}: results of {len(changed)} {done}")
    return 1 if options.check and changed else 0
