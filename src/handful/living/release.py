"""A version made: its answers kept, its note written from the difference to the version before, its citation."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handful.base.digest import digest
from handful.base.errors import HandfulError, InputError
from handful.base.wording import capital, human_list
from handful.living.answered import answered, verdicts
from handful.living.diff import Difference, Progress, diff
from handful.living.fields import shown
from handful.living.note import note
from handful.living.revisions import folder_at, resolve
from handful.records.version import AnswerThen, GroupThen, Version, version_key
from handful.review import Review, open_review

FIRST_NOTE = """# Version {version} ({on})

The first version: there is none before it that it could have changed.
"""


@dataclass(frozen=True)
class Release:
    """What is written for a version: its record and its note."""

    version: Version
    note: str


def release(review: Review, name: str, on: datetime.date, *, made_by: str, revision: str | None = None) -> Release:
    """The version ``name`` of the review as it stands; ``made_by`` names the program and its version.

    The note is made from the difference between the records of the version before (at the commit it names) and those of
    now, and from nothing else, so that it can be made again and compared.

    Raises:
        InputError: when the version is not later than the last one.
        HandfulError: when the version before names no commit, or one that cannot be read.
    """
    before = review.versions[-1] if review.versions else None
    if before is not None and version_key(name) <= version_key(before.version):
        raise InputError(f"version {name} does not come after {before.version}", hint="take a later number")
    if before is not None and on < before.on:
        raise InputError(f"{on} is before version {before.version} of {before.on}", hint="take a later day")
    answers = {question: answered(review, question) for question in sorted(review.questions)}
    changed = difference_since(review, before, name, on) if before is not None else None
    made = Version(
        version=name,
        on=on,
        revision=revision,
        before=before.version if before else None,
        conclusion_changed=changed.conclusion_changed if changed else None,
        plan_changed=tuple(record.unit.id for record in changed.plans) if changed else (),
        results=digest(answers),
        made_by=made_by,
        citation=citation(review, name, on),
        answers={question: _then(review, question, stored) for question, stored in answers.items()},
    )
    return Release(made, note(changed) if changed else FIRST_NOTE.format(version=name, on=on))


def difference_since(
    review: Review, before: Version, name: str, on: datetime.date, progress: Progress = lambda done, total, what: None
) -> Difference:
    """The difference between the records of that version and the review.

    Raises:
        HandfulError: when the version names no commit.
    """
    if before.revision is None:
        raise HandfulError(
            f"version {before.version} names no commit, so what changed since cannot be told",
            hint=f"add `revision:` to versions/{before.version}.yaml: the commit whose records it was made from",
        )
    with folder_at(review.folder, before.revision) as folder:
        return diff(
            open_review(folder), review, old_name=named(before.version, before.on), new_name=named(name, on),
            progress=progress,
        )  # fmt: skip


def named(version: str, on: datetime.date) -> str:
    """'version 0.2 (2026-11-28)'."""
    return f"version {version} ({on})"


def note_again(review: Review, version: Version) -> str:
    """The note of a version made again from the two commits it lies between.

    Raises:
        HandfulError: when one of them is not named or cannot be read.
    """
    before = next((v for v in review.versions if v.version == version.before), None)
    if before is None:
        return FIRST_NOTE.format(version=version.version, on=version.on)
    if version.revision is None:
        raise HandfulError(f"version {version.version} names no commit, so its note cannot be made again")
    with folder_at(review.folder, version.revision) as folder:
        then = open_review(folder)
        changed = difference_since(_elsewhere(then, review.folder), before, version.version, version.on)
    return note(changed)


def _elsewhere(review: Review, folder: Path) -> Review:
    """The review as read, said to stand in the folder whose history holds it."""
    from dataclasses import replace

    return replace(review, folder=folder)


def citation(review: Review, version: str, on: datetime.date) -> str:
    """How to cite that version."""
    who = capital(human_list([person.name for person in review.about.people]))
    return f"{who}. {review.about.title} (living review). Version {version}, {on}."


def commit_of(folder: Path) -> str | None:
    """The commit that the review's folder stands at; ``None`` where there is no history.

    Raises:
        HandfulError: when files of the review are not committed, so that no commit holds what would be released.
    """
    from handful.living.revisions import git

    try:
        found = resolve(folder, "HEAD").hash
    except HandfulError:
        return None
    changed = [
        line[3:]
        for line in git(folder, "status", "--porcelain", "--", ".").decode("utf-8", "replace").splitlines()
        if line
    ]
    if changed:
        raise HandfulError(
            f"not committed: {human_list(changed[:5])}" + (" and more" if len(changed) > 5 else ""),
            hint="commit the records first, so that the version can name the commit it was made from",
        )
    return found


def _then(review: Review, question: str, stored: Mapping[str, Any]) -> AnswerThen:
    return AnswerThen(
        title=review.questions[question].title,
        outcome=stored["main"]["name"],
        studies=len(stored["studies"]),
        groups=tuple(
            GroupThen(
                group=group["id"],
                events=group["events"],
                people=group["total"],
                low=group["interval"].get("low"),
                high=group["interval"].get("high"),
            )
            for group in stored["main"]["groups"]
        ),
        verdicts={name: shown(value) for name, value in verdicts(stored).items()},
    )


__all__ = ["Release", "citation", "commit_of", "difference_since", "named", "note_again", "release"]
