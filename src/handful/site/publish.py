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

if TYPE_CHECKING:
    from handful.review import Review
    from handful.site.build import Progress

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
) -> SiteReport:
    """Write the site of ``review`` into the folder ``to``.

    Every question is selected, counted and answered; the pages are written into a new folder beside the target, which
    then takes its place. The same review gives the same bytes: the pages know no date but ``as_of``, the day as of
    which they say whether the next planned look is overdue (without it they do not say). When anything is wrong, the
    target is left as it was.

    With ``pdf`` every question page has a tagged PDF file (PDF/UA-1) beside it, with the same numbers and drawings;
    that needs the extra ``handful[pdf]``. The same machine makes the same bytes; another one may have other letters.

    Raises:
        ReviewProblems: with every problem of the authors' texts (an unknown name, a forbidden construct, words quoted
            that stand in no record), each with its file and line.
        HandfulError: when the target is a file, or a folder that holds something other than a site made by handful;
            when a PDF is asked for and WeasyPrint or its library is not there.

    >>> import handful as hf
    >>> report = hf.publish(hf.open_review("reviews/alopecia-areata"), to="site")  # doctest: +SKIP
    """
    from handful.site.build import answer_all, make_site, pages, texts

    target = Path(to).absolute()
    _may_replace(target)
    to_pdf = None
    if pdf:
        from handful.site.pdf import printer

        to_pdf = printer()
    site = make_site(review, answer_all(review, progress), as_of, pdf=pdf)
    prose, problems = texts(site)
    if problems:
        raise ReviewProblems(report(problems))
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    written: dict[str, int] = {}
    try:
        total = 2 * len(review.questions)
        for path, content in pages(site, prose):
            if progress and path.startswith("questions/"):
                done = sum(p.startswith("questions/") and p.endswith(".html") for p in written)
                progress(len(review.questions) + done, total, path)
            _write(fresh, path, content)
            written[path] = len(content)
            if to_pdf is not None and path.startswith("questions/"):
                name = str(Path(path).with_suffix(".pdf"))
                printed = to_pdf(content.decode("utf-8"), site.address(path))
                _write(fresh, name, printed)
                written[name] = len(printed)
        _write(fresh, MARKER, b"A site made by handful. It is replaced as a whole by the next build.\n")
        os.chmod(fresh, 0o755)
        _replace(target, fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    first = review.about.first_question
    start = f"questions/{first}.html" if first in review.questions else "index.html"
    if progress:
        progress(total, total, "")
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


def _write(folder: Path, path: str, content: bytes) -> None:
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        raise HandfulError(f"{path} would leave the site's folder")
    file.parent.mkdir(parents=True, exist_ok=True)
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
