"""Write the pages of a review into a folder: plain files that any web server, or none, can show.

The review is checked first; when anything is wrong, nothing is written and the folder stays as it was. What the pages
say is also kept as numbers in `results/` of the review, beside the records and to be committed with them; files there
change only when an answer does. --frozen makes a changed answer a failure and writes no results."""

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
  handful build reviews/alopecia-areata -o site --frozen

exit status: 0 written, 1 problems (nothing written) or, with --frozen, results that are not current, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful build``."""
    add_review_argument(parser)
    parser.add_argument("-o", "--output", metavar="DIR", default="site", help="where to write (default: site)")
    parser.add_argument("--frozen", action="store_true", help="fail when results/ of the review is not current")
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
    changed = _results(Path(options.output), review.folder, list(review.questions), write=not options.frozen)
    if options.json:
        as_json(
            {
                "pages": written.pages,
                "bytes": written.bytes,
                "first_page": str(written.first_page),
                "results_changed": changed,
                "files": written.files,
            }
        )
    else:
        message(f"{plural(written.pages, 'page')}, {_size(written)}")
        verb = "not current" if options.frozen else "updated"
        for name in changed:
            message(f"{review.folder / name}: {verb}")
        result(str(written.first_page))
    return 1 if changed and options.frozen else 0


def _size(written: SiteReport) -> str:
    return f"{written.bytes / 1024:.0f} KB"


def _results(site: Path, folder: Path, questions: list[str], *, write: bool) -> list[str]:
    """Brings ``results/`` of the review up to date from what was written for the site; names what changed."""
    import json

    from handful.base.files import inside, write_whole
    from handful.synthesis.results import same

    changed = []
    for question in questions:
        made = (site / "results" / f"{question}.json").read_text(encoding="utf-8")
        name = f"results/{question}.json"
        path = inside(folder, name)
        try:
            current = same(json.loads(path.read_text(encoding="utf-8")), json.loads(made))
        except (OSError, ValueError):
            current = False
        if not current:
            changed.append(name)
            if write:
                write_whole(path, made)
    return changed
