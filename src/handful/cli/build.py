"""Write the pages of a review into a folder: plain files that any web server, or none, can show.

The review is checked first; when anything is wrong, nothing is written and the folder stays as it was. Nothing is ever
written into the review; `handful update` keeps its results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from handful.cli.answers import checked_review
from handful.cli.folder import add_review_argument
from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.site.publish import SiteReport

EPILOG = """examples:
  handful build
  handful build reviews/alopecia-areata -o site

exit status: 0 written, 1 problems (nothing written), 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful build``."""
    add_review_argument(parser)
    parser.add_argument("-o", "--output", metavar="DIR", default="site", help="where to write (default: site)")
    parser.add_argument("--json", action="store_true", help="what was written, as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.wording import plural
    from handful.cli.progress import Bar
    from handful.site.publish import publish

    review = checked_review(options)
    with Bar(quiet=options.quiet or options.json) as bar:
        written = publish(review, to=options.output, progress=bar.show)
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

    from handful.synthesis.results import same

    found = []
    for question in questions:
        name = f"results/{question}.json"
        if not (folder / name).is_file():
            continue
        try:
            kept = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            kept = None
        if not same(kept, json.loads((site / name).read_text(encoding="utf-8"))):
            found.append(name)
    return found
