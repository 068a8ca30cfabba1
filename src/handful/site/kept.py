"""What was worked out of each question before, kept by the digest of everything it was made from.

The digest covers the texts of the part of the review that the question's pages are made from
(:meth:`Review.page_digest`), the code, and the libraries the numbers and pages come from. A page is made from that part
and from nothing else, so what is found under the digest is what would be made. Nothing here is needed: a folder that is
lost, broken or not writable costs time and changes no byte.

Read back is only what the site itself is made of: plain values and our own frozen types. A file that names anything
else, or was not written whole, counts as absent.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import pickle
import sys
import time
import zlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from handful.base.digest import digest
from handful.base.files import write_whole
from handful.base.known_texts import KnownTexts
from handful.base.language import Language
from handful.base.remembered import Remembered
from handful.exports.whole_review import code_digest
from handful.site.one_question import Made, Task

LIBRARIES = ("numpy", "scipy", "jinja2", "markdown-it-py", "nh3", "pydantic", "ruamel.yaml")
TEXTS = "texts"
UNUSED_DAYS = 14
"""What no build asked for in so many days is forgotten."""


@lru_cache(maxsize=1)
def made_with() -> str:
    """One digest of the code, the libraries and the Python that pages are made with."""
    return digest({"code": code_digest(), "python": sys.version, **{name: version(name) for name in LIBRARIES}})


def key_of(task: Task) -> str:
    """The digest of everything that the files of a question are made from."""
    day = task.as_of.isoformat() if task.as_of else None
    spoken = task.spoken if isinstance(task.spoken, str) else _phrases(task.spoken)
    made_from = [made_with(), spoken, task.question, task.part.page_digest(), day, task.pdf]
    return digest(made_from).removeprefix("sha256:")


_phrases: Remembered[Language, str] = Remembered(lambda spoken: digest([spoken.code, dict(spoken.phrases)]))


class Kept:
    """A folder of earlier work for one review; ``None``: nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def made(self, key: str) -> Made | None:
        """What was made under that key, when it is there and whole."""
        found = self._read(f"{key}.made")
        return found if isinstance(found, Made) else None

    def keep(self, key: str, made: Made) -> None:
        """Keeps what was made, unless something is wrong with it."""
        if not made.problems:
            self._write(f"{key}.made", made)

    def texts(self) -> KnownTexts:
        """The texts that the last builds read, parsed."""
        found = self._read(f"{TEXTS}-{made_with()[-16:]}")
        return KnownTexts(found if isinstance(found, dict) else None)

    def keep_texts(self, known: KnownTexts) -> None:
        """Keeps the texts that were read."""
        if known.added:
            self._write(f"{TEXTS}-{made_with()[-16:]}", known.used)

    def forget(self) -> None:
        """Takes away what no build has asked for in a fortnight."""
        if self.folder is None:
            return
        oldest = time.time() - UNUSED_DAYS * 86_400
        for path in self.folder.glob("*"):
            try:
                if path.is_file() and path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:
                continue

    def _read(self, name: str) -> Any:
        if self.folder is None:
            return None
        path = self.folder / name
        try:
            data = path.read_bytes()
            path.touch()
            if hashlib.sha256(data[32:]).digest() != data[:32]:
                return None
            return _OwnTypes(io.BytesIO(zlib.decompress(data[32:]))).load()
        except Exception:  # absent, cut off, of another version: made again
            return None

    def _write(self, name: str, value: Any) -> None:
        if self.folder is None:
            return
        packed = zlib.compress(pickle.dumps(value, protocol=5), 1)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.folder / name, hashlib.sha256(packed).digest() + packed)
        except OSError:
            return


_PLAIN = {
    "builtins": {"frozenset", "set", "complex", "bytearray"},
    "datetime": {"date", "datetime", "time", "timezone", "timedelta"},
    "markupsafe": {"Markup"},
}


class _OwnTypes(pickle.Unpickler):
    """Reads plain values and instances of our own frozen types; a name of anything else is refused, so nothing runs."""

    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module.startswith("handful.") and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, BaseModel)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of a site")


__all__ = ["Kept", "key_of", "made_with"]
