"""Everything a review's own repository should check at each change, in one command: no problems, results current, the
change note true, the site built without dead links, and what changed since another revision, as Markdown."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.review import Review

EPILOG = """examples:
  handful ci reviews/alopecia-areata
  handful ci reviews/alopecia-areata --base HEAD --comment change.md

exit status: 0 all in order, 1 something is not, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful ci``."""
    add_review_argument(parser)
    parser.add_argument("--base", metavar="REV", help="say what changed since this revision")
    parser.add_argument("--comment", metavar="FILE", help="write what changed into FILE, as Markdown (needs --base)")
    parser.add_argument("-o", "--output", metavar="DIR", help="keep the site here (default: built and thrown away)")
    parser.add_argument("--json", action="store_true", help="what was found, as JSON")


@dataclass(frozen=True)
class Finding:
    """One check: its name, and what is wrong (nothing: it passed)."""

    check: str
    wrong: tuple[str, ...]


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import InputError

    if options.comment and not options.base:
        raise InputError("--comment needs --base", hint="name the revision that the change is told from")
    folder = review_folder(options)
    found = list(findings(folder, Path(options.output) if options.output else None))
    if options.base and not found[0].wrong:
        told = _since(folder, options.base)
        if options.comment:
            from handful.base.files import write_whole

            write_whole(Path(options.comment), told)
        elif not options.json:
            result(told.rstrip("\n"))
    if options.json:
        as_json({"ok": not any(f.wrong for f in found), "checks": {f.check: list(f.wrong) for f in found}})
    else:
        for finding in found:
            message(f"{'not in order' if finding.wrong else 'in order'}: {finding.check}")
            for line in finding.wrong:
                message(f"  {line}")
    return 1 if any(f.wrong for f in found) else 0


def findings(folder: Path, output: Path | None) -> list[Finding]:
    """Every check, all of them even when one fails; what needs a readable review is left out when there is none."""
    from handful.check import check_review

    review, report = check_review(folder)
    found = [Finding("records, questions and texts", tuple(str(problem) for problem in report))]
    if review is None:
        return found
    checks: tuple[tuple[str, Callable[[Review], tuple[str, ...]]], ...] = (
        ("results are current", _stale),
        ("the last version's note is the one its records give", _untrue_note),
        ("the site is built, and no link inside it is dead", lambda r: _dead(r, output)),
    )
    return [*found, *(Finding(name, _told(check, review)) for name, check in checks)]


def _told(check: Callable[[Review], tuple[str, ...]], review: Review) -> tuple[str, ...]:
    """What a check finds; one that cannot be made says why."""
    from handful.base.errors import HandfulError
    from handful.base.problems import ReviewProblems

    try:
        return check(review)
    except (HandfulError, ReviewProblems) as error:
        return (str(error),)


def _stale(review: Review) -> tuple[str, ...]:
    from handful.cli.answers import answer
    from handful.synthesis.results import is_current

    wrong = []
    for identifier in sorted(review.questions):
        found = answer(review, identifier)
        if not is_current(found, review.folder, review.beside(found)):
            wrong.append(f"results/{identifier}.json is not current; `handful update` makes it so")
    return tuple(wrong)


def _untrue_note(review: Review) -> tuple[str, ...]:
    from handful.living.release import note_again

    if not review.versions:
        return ()
    last = review.versions[-1]
    if note_again(review, last) == review.version_notes.get(last.version):
        return ()
    return (f"versions/{last.version}.md is not what its records give; restore it, or release the version again",)


def _dead(review: Review, output: Path | None) -> tuple[str, ...]:
    from handful.site.dead_links import dead_links
    from handful.site.publish import publish

    with tempfile.TemporaryDirectory(prefix="handful-") as made:
        site = output or Path(made) / "site"
        publish(review, to=site)
        return tuple(str(link) for link in dead_links(site))


def _since(folder: Path, base: str) -> str:
    from handful.living.diff import diff
    from handful.living.note import note
    from handful.living.revisions import folder_at, resolve
    from handful.review import open_review

    revision = resolve(folder, base)
    with folder_at(folder, base) as before:
        found = diff(open_review(before), open_review(folder), old_name=f"{base} ({revision.words})", new_name="now")
    return note(found)
