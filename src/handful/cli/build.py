"""Write the pages of a review into a folder: plain files that any web server, or none, can show.

The review is checked first; when anything is wrong, nothing is written and the folder stays as it was. Nothing is ever
written into the review; `handful update` keeps its results. What was worked out is kept in your cache folder
(~/.cache/handful, or where HANDFUL_CACHE says; `none`: nowhere), so that the next build works out only what changed."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from handful.base.calendar_days import today
from handful.cli.answers import checked_review_in
from handful.cli.dates import day
from handful.cli.earlier_work import cache_of
from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.review import Review
    from handful.site.publish import SiteReport

MOST_JOBS = 256

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
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=whole,
        help="processes that work out questions side by side (default: as many as there are processors, when there are "
        "questions enough for them); the bytes are the same for any number",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="work everything out again, whatever is known from earlier builds"
    )
    parser.add_argument("--json", action="store_true", help="what was written, as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def whole(text: str) -> int:
    """A number of processes."""
    if not text.isdigit() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_JOBS}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    if options.at is None:
        return _build_here(options)
    from handful.living.revisions import folder_at, resolve

    home = review_folder(options)
    revision = resolve(home, options.at)
    with folder_at(home, options.at) as folder:
        then = options.as_of or datetime.date.fromisoformat(revision.date)
        return _build(options, checked_review_in(folder), then, None)


def _build_here(options: argparse.Namespace) -> int:
    """The review as it is now; what earlier builds worked out is used, unless --fresh."""
    folder = review_folder(options)
    cache = None if options.fresh else cache_of(folder)
    if cache is None:
        return _build(options, checked_review_in(folder), options.as_of or today(), None)
    from handful.site.kept import Kept

    kept = Kept(cache)
    known = kept.texts()
    review = checked_review_in(folder, known)
    kept.keep_texts(known)
    return _build(options, review, options.as_of or today(), cache)


def _build(options: argparse.Namespace, review: Review, as_of: datetime.date, cache: Path | None) -> int:
    from handful.base.wording import plural
    from handful.cli.progress import Bar
    from handful.site.publish import publish

    with Bar(quiet=options.quiet or options.json) as bar:
        written = publish(
            review, options.output, bar.show, as_of=as_of, pdf=options.pdf, jobs=options.jobs, cache=cache
        )
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
