"""One zip that holds the whole review, its data, and what is needed to make its site again byte for byte.

Only files that handful reads or wrote are in it: a private note, or a paper's PDF, that lies in the folder stays there.
"""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path

from handful.base.digest import digest
from handful.file_types import file_type_of
from handful.review import Review

NAME = "review.zip"
BESIDE = frozenset({"README.md", "LICENSE", "LICENSE.md", "LICENSE-DATA.md", "CITATION.cff"})
_TEXTS = (("questions", ".md"), ("versions", ".md"), ("results", ".json"))
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def whole_review(
    review: Review,
    data: Mapping[str, bytes],
    site: Mapping[str, str],
    as_of: datetime.date | None,
    *,
    pdf: bool = False,
) -> bytes:
    """The zip. ``data``: the files of the data package; ``site``: path → digest of every other file of the site.

    PDF files hold letters of the machine that made them, so they are not among those.

    Fixed dates, one order, one way of packing: the same content gives the same bytes.
    """
    files = {f"review/{name}": (review.folder / name).read_bytes() for name in files_of(review.folder)}
    files |= {f"data/{name}": content for name, content in data.items()}
    day = as_of if isinstance(review.about.next_look, datetime.date) else None
    manifest = {
        "handful": version("handful"),
        "code": code_digest(),
        "as_of": day.isoformat() if day else None,
        "records": review.records.digest(),
        "site": dict(sorted(site.items())),
    }
    files["manifest.json"] = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    files["README.txt"] = _read_me(review, day, pdf).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def files_of(folder: Path) -> list[str]:
    """The files of a review's folder that are the review: those handful reads or writes, its readme and licences.

    Nothing hidden, nothing behind a link.
    """
    return sorted(name for name in _all_files(folder) if _belongs(name))


def _all_files(folder: Path) -> Iterator[str]:
    for path in [*folder.glob("*"), *folder.glob("*/*")]:
        if path.is_file() and not path.is_symlink() and not path.parent.is_symlink():
            yield path.relative_to(folder).as_posix()


def _belongs(name: str) -> bool:
    if name.startswith(".") or "/." in name:
        return False
    if name in BESIDE or file_type_of(name) is not None:
        return True
    parent, _, last = name.rpartition("/")
    return any(parent == where and last.endswith(suffix) for where, suffix in _TEXTS)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """One digest of the package's own files, as they are installed."""
    found: dict[str, str] = {}

    def walk(folder: Traversable, prefix: str) -> None:
        for item in folder.iterdir():
            if item.is_dir() and item.name != "__pycache__":
                walk(item, f"{prefix}{item.name}/")
            elif item.is_file() and not item.name.endswith((".pyc", ".so")):
                found[prefix + item.name] = digest(item.read_bytes())

    walk(resources.files("handful"), "")
    return digest(found)


def _read_me(review: Review, day: datetime.date | None, pdf: bool) -> str:
    options = (f" --as-of {day}" if day else "") + (" --pdf" if pdf else "")
    return f"""{" ".join(review.about.title.split())}, version {" ".join(review.about.version.split())}

review/         the records, questions and texts: everything the site is made from
data/           the same as tables (CSV, described by datapackage.json) and the sources for reference managers
manifest.json   the version and digest of the code, and the digest of every file of the site

To make the site again, byte for byte, with handful {version("handful")} of the digest in manifest.json:

    handful build review -o site{options}

Not medical advice. {" ".join(review.about.disclaimer.split())}
Licence: {" ".join(review.about.licence.split())}
"""


__all__ = ["NAME", "code_digest", "files_of", "whole_review"]
