"""Give the review a version and a date: its answers kept, its change note written, its citation.

Everything must be in order and committed. The files `versions/VERSION.yaml` and `.md` are written, and the new version
into `review.yaml`; commit them, and tag that commit, so that the version can be built again."""

from __future__ import annotations

import argparse
import datetime
import re
from pathlib import Path

import handful
from handful.cli.answers import checked_review
from handful.cli.dates import day
from handful.cli.folder import add_review_option
from handful.cli.say import as_json, message, result

EPILOG = """examples:
  handful release 0.2 --review reviews/alopecia-areata --dry-run

exit status: 0 released, 1 problems (nothing written), 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful release``."""
    parser.add_argument("version", metavar="VERSION", type=_version, help="numbers with dots, later than the last one")
    parser.add_argument("--on", metavar="DATE", type=day, help="the day of the version (default: today)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing; show the note")
    add_review_option(parser)
    parser.add_argument("--json", action="store_true", help="what was written, as JSON")


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a version such as 0.2")
    return text


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import HandfulError
    from handful.base.files import write_whole
    from handful.base.wording import human_list
    from handful.cli.answers import answer
    from handful.living.release import commit_of, release
    from handful.records.save import record_text
    from handful.synthesis.results import is_current

    review = checked_review(options)
    answers = [answer(review, identifier) for identifier in sorted(review.questions)]
    stale = [found.question.id for found in answers if not is_current(found, review.folder, review.beside(found))]
    if stale:
        said = f"results of {human_list(stale)} are not current"
        raise HandfulError(said, hint="`handful update` computes them again; then commit them")
    revision = None if options.dry_run else commit_of(review.folder)
    on = options.on or datetime.datetime.now(tz=datetime.UTC).date()
    made = release(review, options.version, on, made_by=f"handful {handful.__version__}", revision=revision)
    if options.dry_run:
        result(made.note.rstrip("\n"))
        return 0
    folder = review.folder / "versions"
    files = [folder / f"{options.version}.yaml", folder / f"{options.version}.md", review.folder / "review.yaml"]
    about = files[2].read_text(encoding="utf-8")
    text, replaced = re.subn(r"(?m)^version:.*$", f"version: '{options.version}'", about, count=1)
    write_whole(files[0], record_text(made.version))
    write_whole(files[1], made.note)
    write_whole(files[2], text if replaced else f"{about.rstrip()}\nversion: '{options.version}'\n")
    _say(options, [str(f) for f in files], review.about.id)
    return 0


def _say(options: argparse.Namespace, files: list[str], review: str) -> None:
    tag = f"{review}-v{options.version}"
    if options.json:
        as_json({"version": options.version, "files": files, "tag": tag})
        return
    for name in files:
        result(str(Path(name)))
    message(f"commit these files, then: git tag {tag}")
    message(f"`handful build --at {tag}` builds that version again, byte for byte")
