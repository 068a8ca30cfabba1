"""A review as it stood at a revision of its git repository, read in a folder of its own."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from handful.base.errors import HandfulError, InputError

WAIT_SECONDS = 120


@dataclass(frozen=True)
class Revision:
    """A commit: its short hash, its date (ISO) and its subject."""

    hash: str
    date: str
    subject: str

    @property
    def words(self) -> str:
        """'3f2a91c of 2026-11-01'."""
        return f"{self.hash[:7]} of {self.date}"


def git(folder: Path, *arguments: str) -> bytes:
    """What git answers in that folder.

    Raises:
        HandfulError: when git is missing, refuses or takes too long, with its own words.
    """
    command = ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WAIT_SECONDS, check=False)
    except FileNotFoundError as error:
        raise HandfulError("git is not installed", hint="install git, or compare two folders instead") from error
    except subprocess.TimeoutExpired as error:
        raise HandfulError(f"git took longer than {WAIT_SECONDS} seconds") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise HandfulError(f"git says: {said}", hint="is the folder in a git repository, and the revision known there?")
    return done.stdout


def repository_of(folder: Path) -> Path:
    """The top folder of the repository that holds ``folder``."""
    return Path(git(folder, "rev-parse", "--show-toplevel").decode().strip())


def resolve(folder: Path, name: str) -> Revision:
    """The commit of that name.

    Raises:
        InputError: when there is none.
    """
    if name.startswith("-"):
        raise InputError(f"{name} is not a revision", hint="name a commit, a tag or a branch")
    try:
        found = git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
    except HandfulError as error:
        if "not a git repository" in error.message:
            raise InputError(
                f"{folder} is not in a git repository, so there is no revision {name!r}",
                hint="compare two folders instead: handful diff OLD-FOLDER NEW-FOLDER",
            ) from error
        raise InputError(
            f"there is no revision {name!r}", hint="`git log --oneline` lists commits, `git tag` lists tags"
        ) from error
    return described(folder, found)


def described(folder: Path, name: str) -> Revision:
    """Hash, date and subject of a commit."""
    text = git(folder, "log", "-1", "--format=%H%x00%cs%x00%s", name).decode("utf-8", "replace")
    hash_, date, subject = text.rstrip("\n").split("\0", 2)
    return Revision(hash_, date, subject)


@contextmanager
def folder_at(folder: Path, name: str) -> Iterator[Path]:
    """The review's folder as it stood at the revision, unpacked into a temporary folder for as long as one looks.

    A review that was moved is found under its former name by its ``review.yaml`` and the id in it.

    Raises:
        HandfulError: when the review did not exist at that revision.
    """
    top = repository_of(folder)
    revision = resolve(folder, name)
    place = folder.resolve().relative_to(top.resolve()).as_posix()
    inside = _place_at(top, revision, place, folder)
    data = git(top, "archive", "--format=tar", revision.hash, *([] if inside == "." else ["--", inside]))
    with tempfile.TemporaryDirectory(prefix="handful-") as made:
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                archive.extractall(made, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise HandfulError(
                f"the review at {revision.words} cannot be unpacked: {error}",
                hint="a link in it may lead out of the folder; compare with another revision",
            ) from error
        yield Path(made) / inside


def _place_at(top: Path, revision: Revision, place: str, folder: Path) -> str:
    listed = git(top, "ls-tree", "-r", "--name-only", "-z", revision.hash).decode("utf-8", "replace").split("\0")
    homes = [str(Path(path).parent.as_posix()) for path in listed if Path(path).name == "review.yaml"]
    if place in homes or (place == "." and "review.yaml" in listed):
        return place
    identifier = _identifier(folder / "review.yaml")
    for home in homes:
        at = f"{home}/review.yaml" if home != "." else "review.yaml"
        text = git(top, "show", f"{revision.hash}:{at}").decode("utf-8", "replace")
        if identifier and identifier == _identifier_in(text):
            return home
    raise HandfulError(
        f"at {revision.words} there was no review in {place}",
        hint=f"it began later; `git log --oneline -- {place}/review.yaml` shows when"
        + (f". Reviews there were then: {', '.join(sorted(homes))}" if homes else ""),
    )


def _identifier(path: Path) -> str:
    try:
        return _identifier_in(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""


def _identifier_in(text: str) -> str:
    for line in text.splitlines():
        if line.startswith("id:"):
            return line.removeprefix("id:").split("#")[0].strip().strip("'\"")
    return ""


def commits_between(folder: Path, old: str, new: str) -> dict[str, tuple[Revision, ...]]:
    """For each file of the review (its path in the folder) the commits from ``old`` to ``new`` that touched it.

    Oldest first; git is asked once for all files.
    """
    text = git(
        folder,
        "log",
        "--reverse",
        "--relative",
        "--name-only",
        "--format=%x01%H%x00%cs%x00%s",
        f"{old}..{new}",
        "--",
        ".",
    ).decode("utf-8", "replace")
    found: dict[str, list[Revision]] = {}
    for block in text.split("\x01")[1:]:
        head, *files = block.split("\n")
        for file in filter(None, files):
            found.setdefault(file, []).append(Revision(*head.split("\0", 2)))
    return {file: tuple(commits) for file, commits in found.items()}


__all__ = ["Revision", "commits_between", "described", "folder_at", "git", "repository_of", "resolve"]
