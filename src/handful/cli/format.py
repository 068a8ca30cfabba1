"""Write every YAML file of a review in its one form: two spaces, 120 columns, one newline at the end.

Comments stay, and so does every value. A file that cannot be read is left as it is and reported."""

from __future__ import annotations

import argparse

from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import message, result

EPILOG = """examples:
  handful format
  handful format --check reviews/alopecia-areata

exit status: 0 all files are in form, 1 some cannot be read (or, with --check, are not), 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful format``."""
    add_review_argument(parser)
    parser.add_argument("--check", action="store_true", help="only say which files would change")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.wording import plural
    from handful.records.save import format_folder

    changed, problems = format_folder(review_folder(options), write=not options.check)
    for problem in problems:
        message(str(problem))
    for name in changed:
        result(name)
    verb = "would change" if options.check else "written"
    message(f"{plural(len(changed), 'file')} {verb}")
    return 1 if problems or (options.check and changed) else 0
