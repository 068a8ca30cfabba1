"""A review's site written into a folder: all of it, or nothing."""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handful.base.errors import HandfulError
from handful.base.problems import ReviewProblems, report
from handful.site import links

if TYPE_CHECKING:
    from handful.base.problems import Problem
    from handful.review import Review
    from handful.site.build import Progress
    from handful.site.one_question import Made
    from handful.site.said import Said

MARKER = ".handful-site"
"""A folder that holds this file was written by handful and may be replaced by it."""


@dataclass(frozen=True)
class SiteReport:
    """What was written: how many pages, where to start reading, and every file with its size in bytes."""

    pages: int
    first_page: Path
    files: dict[str, int]

    @property
    def bytes(self) -> int:
        """The size of everything."""
        return sum(self.files.values())


def publish(
    review: Review,
    to: str | Path = "site",
    progress: Progress | None = None,
    *,
    as_of: datetime.date | None = None,
    pdf: bool = False,
    jobs: int | None = 1,
    cache: str | Path | None = None,
) -> SiteReport:
    """Write the site of ``review`` into the folder ``to``.

    Every question is selected, counted and answered; the pages are written into a new folder beside the target, which
    then takes its place. The same review gives the same bytes: the pages know no date but ``as_of``, the day as of
    which they say whether the next planned look is overdue (without it they do not say). When anything is wrong, the
    target is left as it was.

    With ``pdf`` every question page has a tagged PDF file (PDF/UA-1) beside it, with the same numbers and drawings;
    that needs the extra ``handful[pdf]``. The same machine makes the same bytes; another one may have other letters.

    ``jobs`` processes work out the questions (``None``: as many as there are processors, when there are questions
    enough); the bytes are the same for any number. With ``cache``, a folder of your own outside the review and the
    site, what was worked out is kept there by the digest of all that it was made from, and found there by the next
    build; only questions that a change can touch are then worked out again. In a new folder, files that are as they
    were are the same files as before, not copies.

    Raises:
        ReviewProblems: with every problem of the authors' texts (an unknown name, a forbidden construct, words quoted
            that stand in no record), each with its file and line.
        HandfulError: when the target is a file, or a folder that holds something other than a site made by handful;
            when a PDF is asked for and WeasyPrint or its library is not there.

    >>> import handful as hf
    >>> report = hf.publish(hf.open_review("reviews/alopecia-areata"), to="site")  # doctest: +SKIP
    """
    from handful.base.digest import digest
    from handful.site.build import pages
    from handful.site.kept import Kept, key_of
    from handful.site.one_question import Task, task_of
    from handful.site.site import Site
    from handful.site.workers import jobs_for, make_each

    target = Path(to).absolute()
    _may_replace(target)
    to_pdf = None
    if pdf:
        from handful.site.pdf import printer

        to_pdf = printer()
    names = sorted(review.questions)
    tell = progress or (lambda done, total, what: None)
    kept = Kept(Path(cache) if cache is not None else None)
    keys: dict[str, str] = {}
    said: dict[str, Said] = {}
    problems: list[Problem] = []
    digests: dict[str, str] = {}
    written: dict[str, int] = {}

    def task(name: str) -> Task:
        return task_of(review, name, as_of, pdf=pdf)

    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))

    def put(path: str, content: bytes) -> None:
        _write(fresh, path, content, target)
        written[path] = len(content)

    def take(name: str, made: Made) -> None:
        problems.extend(made.problems)
        if made.said is None:
            return
        said[name] = made.said
        for path, content in made.files:
            digests[path] = digest(content)
            put(path, content)
            if to_pdf is not None and path.startswith("questions/"):
                about = review.about.address
                put(links.pdf(name), to_pdf(content.decode("utf-8"), f"{about}{path}" if about else ""))

    try:
        left = []
        for name in names:
            if cache is not None:
                keys[name] = key_of(task(name))
            made = kept.made(keys[name]) if cache is not None else None
            if made is None:
                left.append(name)
            else:
                take(name, made)
        tell(len(said), len(names) + 1, "")
        for name, made in make_each(left, task, jobs_for(len(left), jobs)):
            if cache is not None:
                kept.keep(keys[name], made)
            take(name, made)
            tell(len(said), len(names) + 1, review.questions[name].title)
        if problems:
            raise ReviewProblems(report(problems))
        site = Site(review, {}, as_of, pdf, {name: said[name] for name in names})
        for path, content in pages(site, digests):
            put(path, content)
        kept.forget()
        put(MARKER, b"A site made by handful. It is replaced as a whole by the next build.\n")
        del written[MARKER]
        os.chmod(fresh, 0o755)
        _replace(target, fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    first = review.about.first_question
    start = f"questions/{first}.html" if first in review.questions else "index.html"
    tell(len(names) + 1, len(names) + 1, "")
    html = sum(path.endswith(".html") for path in written)
    return SiteReport(html, Path(to) / start, dict(sorted(written.items())))


def _may_replace(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise HandfulError(f"{target} is not a folder", hint="name another folder with -o")
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise HandfulError(
            f"{target} holds something that is not a site made by handful, so it is left alone",
            hint="name an empty or a new folder with -o",
        )


def _write(folder: Path, path: str, content: bytes, before: Path) -> None:
    """Writes a file; one that stands in the folder before with the same content is taken over as it is."""
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        raise HandfulError(f"{path} would leave the site's folder")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # never through a link into what stands there now
    old = before / path
    try:
        if (
            not old.is_symlink()
            and old.is_file()
            and old.stat().st_size == len(content)
            and old.read_bytes() == content
        ):
            os.link(old, file)
            return
    except OSError:  # a file system without links, or no right to make one
        file.unlink(missing_ok=True)
    file.write_bytes(content)


def _replace(target: Path, fresh: Path) -> None:
    """Put ``fresh`` in the place of ``target``; the old folder comes back if that fails."""
    if not target.exists():
        os.replace(fresh, target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    old = aside / "site"
    os.replace(target, old)
    try:
        os.replace(fresh, target)
    except BaseException:
        os.replace(old, target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


__all__ = ["MARKER", "SiteReport", "publish"]
