"""Write the pages of a review into a folder: plain files that any web server, or none, can show.

The review is checked first; when anything is wrong, nothing is written and the folder stays as it was. Nothing is ever
written into the review; `handful update` keeps its results."""

from __future__ import annotations

import argparse
import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING

from handful.cli.answers import checked_review, checked_review_in
from handful.cli.dates import day
from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.review import Review
    from handful.site.publish import SiteReport

EPILOG = """examples:
  handful build
  handful build reviews/alopecia-areata -o site
  handful build reviews/alopecia-areata --at HEAD -o site-then
  handful build reviews/alopecia-areata -o site --pdf

exit status: 0 written, 1 problems (nothing written), 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful build``."""
    add_review_argument(parser)
    parser.add_argument("-o", "--output", metavar="DIR", default="site", help="where to write (default: site)")
    parser.add_argument("--at", metavar="REV", help="as the review stood at a commit, tag or branch")
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        type=day,
        help="the day as of which pages say whether a look is overdue (default: today, or that of --at)",
    )
    parser.add_argument(
        "--pdf", action="store_true", help="a tagged PDF file beside every question page (needs handful[pdf])"
    )
    parser.add_argument("--json", action="store_true", help="what was written, as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _today() -> datetime.date:
    """Today, or the day that SOURCE_DATE_EPOCH names, so that a build can be made again."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if named.isdigit():
        return datetime.datetime.fromtimestamp(int(named), tz=datetime.UTC).date()
    return datetime.datetime.now(tz=datetime.UTC).date()


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    if options.at is None:
        return _build(options, checked_review(options), options.as_of or _today())
    from handful.living.revisions import folder_at, resolve

    home = review_folder(options)
    revision = resolve(home, options.at)
    with folder_at(home, options.at) as folder:
        then = options.as_of or datetime.date.fromisoformat(revision.date)
        return _build(options, checked_review_in(folder), then)


def _build(options: argparse.Namespace, review: Review, as_of: datetime.date) -> int:
    from handful.base.wording import plural
    from handful.cli.progress import Bar
    from handful.site.publish import publish

    with Bar(quiet=options.quiet or options.json) as bar:
        written = publish(review, to=options.output, progress=bar.show, as_of=as_of, pdf=options.pdf)
    stale = _stale(Path(options.output), review.folder, list(review.questions))
    if options.json:
        as_json(
            {
                "pages": written.pages,
                "bytes": written.bytes,
                "first_page": str(written.first_page),
                "results_not_current": stale,
                "files": written.files,
            }
        )
    else:
        message(f"{plural(written.pages, 'page')}, {_size(written)}")
        for name in stale:
            message(f"{review.folder / name} is not current; `handful update` makes it so")
        result(str(written.first_page))
    return 0


def _size(written: SiteReport) -> str:
    return f"{written.bytes / 1024:.0f} KB"


def _stale(site: Path, folder: Path, questions: list[str]) -> list[str]:
    """Results kept in the review that are not those of the pages just written; none kept is no fault."""
    import json

    from handful.synthesis.results import same, unsigned

    found = []
    for question in questions:
        name = f"results/{question}.json"
        if not (folder / name).is_file():
            continue
        try:
            kept = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            kept = None
        if not same(unsigned(kept), json.loads((site / name).read_text(encoding="utf-8"))):
            found.append(name)
    return found
