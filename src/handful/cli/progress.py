"""A progress bar on standard error, only where a person is looking."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType

WIDTH = 24


class Bar:
    """``with Bar() as bar: work(progress=bar.show)``; nothing is drawn when standard error is not a terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.drawn = False
        self.wanted = not quiet and sys.stderr.isatty()

    def show(self, done: int, total: int, what: str) -> None:
        """Draws ``done`` of ``total``, and what is being worked on."""
        if not self.wanted or total <= 0:
            return
        filled = WIDTH * min(done, total) // total
        room = max(10, shutil.get_terminal_size().columns - WIDTH - 16)
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total} {what}"
        sys.stderr.write(f"\r\033[K{line[: WIDTH + room]}")
        sys.stderr.flush()
        self.drawn = True

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
