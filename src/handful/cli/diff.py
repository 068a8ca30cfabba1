"""What changed between two states of a review: records, answers, conclusions, and which record moved what.

OLD and NEW are revisions of the review's git repository (commits, tags, branches) or folders of reviews. Without NEW:
the review's folder as it is now; without both: the last commit against it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from handful.cli.folder import add_review_option, review_folder
from handful.cli.say import as_json, result

if TYPE_CHECKING:
    from handful.cli.progress import Bar
    from handful.living.diff import Difference
    from handful.review import Review

EPILOG = """examples:
  handful diff --review reviews/alopecia-areata
  handful diff HEAD --review reviews/alopecia-areata
  handful diff reviews/alopecia-areata reviews/alopecia-areata

exit status: 0 whether or not anything differs, 1 problems (a state that cannot be read), 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful diff``."""
    parser.add_argument("old", metavar="OLD", nargs="?", default="HEAD", help="revision or folder (default: HEAD)")
    parser.add_argument("new", metavar="NEW", nargs="?", help="revision or folder (default: the folder as it is now)")
    add_review_option(parser)
    parser.add_argument("--json", action="store_true", help="the difference as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.cli.progress import Bar
    from handful.living.note import note

    with Bar(quiet=options.quiet or options.json) as bar:
        found = difference(options, bar)
    if options.json:
        from handful.living.plain import plain_difference

        as_json(plain_difference(found))
    else:
        result(note(found).rstrip("\n"))
    return 0


def difference(options: argparse.Namespace, bar: Bar) -> Difference:
    """The difference that the arguments ask for."""
    from handful.living.diff import diff

    with _state(options.old, options) as old, _state(options.new, options) as new:
        why = _reasons(options, old, new)
        return diff(old.review, new.review, old_name=old.name, new_name=new.name, why=why, progress=bar.show)


@dataclass(frozen=True)
class State:
    """A review as it was or is: its name for people, and the commit it was read at (None: a folder)."""

    name: str
    review: Review
    revision: str | None


@contextmanager
def _state(name: str | None, options: argparse.Namespace) -> Iterator[State]:
    """A folder by its path, or the review's folder as it stood at a revision."""
    from handful.living.revisions import folder_at, resolve

    if name is None or (Path(name) / "review.yaml").is_file():
        folder = Path(name) if name is not None else review_folder(options)
        yield State(str(folder), _read(folder, ""), None)
        return
    home = review_folder(options)
    revision = resolve(home, name)
    with folder_at(home, name) as folder:
        yield State(f"{name} ({revision.words})", _read(folder, f"{name}:"), revision.hash)


def _read(folder: Path, before: str) -> Review:
    """The review, or every problem of it, each file named with the state it was read in."""
    from handful.base.problems import ReviewProblems, report
    from handful.review import open_review

    try:
        return open_review(folder)
    except ReviewProblems as error:
        if not before:
            raise
        raise ReviewProblems(report(replace(p, file=before + p.file) for p in error.report)) from error


def _reasons(options: argparse.Namespace, old: State, new: State) -> Callable[[str], tuple[str, ...]]:
    """Why a file changed: the subjects of the commits between, where both states have a history."""
    from handful.living.revisions import commits_between

    if old.revision is None:
        return lambda file: ()
    home, since, until = review_folder(options), old.revision, new.revision or "HEAD"

    told: dict[str, tuple[str, ...]] = {}

    def why(file: str) -> tuple[str, ...]:
        if not told:
            found = commits_between(home, since, until)
            told.update(
                {name: tuple(f"{c.subject} ({c.hash[:7]})" for c in commits) for name, commits in found.items()}
            )
            told.setdefault("", ())
        return told.get(file, ())

    return why
