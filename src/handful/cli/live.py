"""A site that is built again when its review changes, and the small server that shows it on this machine."""

from __future__ import annotations

import html
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from handful.base.errors import HandfulError, InputError
from handful.base.problems import ReviewProblems

SECONDS_BETWEEN_LOOKS = 0.5
STATE_ADDRESS = "/__handful__/state"

SCRIPT = """<script>
(() => {
  let seen = null, box = null;
  const look = async () => {
    try {
      const state = await (await fetch("STATE_ADDRESS", {cache: "no-store"})).json();
      if (seen !== null && state.version !== seen) location.reload();
      seen = state.version;
      if (box) { box.remove(); box = null; }
      if (state.problems) {
        box = document.createElement("pre");
        box.setAttribute("role", "alert");
        box.style.cssText = "margin:0;padding:1rem;white-space:pre-wrap;border-bottom:3px solid;font-size:14px";
        box.textContent = "This page shows the last state without problems.\\n\\n" + state.problems;
        document.body.prepend(box);
      }
    } catch (error) { /* the server is gone; look again */ }
    setTimeout(look, 1000);
  };
  look();
})();
</script>
""".replace("STATE_ADDRESS", STATE_ADDRESS)

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".csv": "text/csv; charset=utf-8",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
}


class LiveSite:
    """The review's site in a working folder. ``version`` changes with every build that succeeds."""

    def __init__(self, review: Path, work: Path, *, tell: Callable[[str], None]) -> None:
        self.review, self.work, self.tell = review, work, tell
        self.version = 0
        self.problems = ""
        self.root: Path | None = None
        self.seen = self.fingerprint()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Name, time and size of every file of the review; hidden files and results are not looked at."""
        found = []
        for path in sorted(self.review.rglob("*")):
            parts = path.relative_to(self.review).parts
            if parts[0] == "results" or any(part.startswith(".") for part in parts):
                continue
            try:
                state = path.stat()
            except OSError:
                continue
            if path.is_file():
                found.append(("/".join(parts), state.st_mtime_ns, state.st_size))
        return tuple(found)

    def build(self) -> bool:
        """Checks the review and builds its site beside the one that is shown, which it replaces when it is done."""
        from handful.check import check_review
        from handful.site.publish import publish

        started = time.perf_counter()
        try:
            review, report = check_review(self.review)
            if review is None:
                raise ReviewProblems(report)
            fresh = self.work / f"site-{self.version + 1}"
            shutil.rmtree(fresh, ignore_errors=True)
            written = publish(review, to=fresh)
        except (ReviewProblems, HandfulError, OSError) as error:
            return self._failed(str(error))
        except Exception as error:
            return self._failed(f"this should not have happened ({type(error).__name__}: {error})")
        old, self.root = self.root, fresh
        self.version += 1
        self.problems = ""
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        self.tell(f"{written.pages} pages in {time.perf_counter() - started:.1f} s")
        return True

    def _failed(self, words: str) -> bool:
        self.problems = words
        self.tell(words)
        return False

    def look(self) -> bool:
        """Builds again when a file changed since the last look; says whether one had."""
        now = self.fingerprint()
        if now == self.seen:
            return False
        self.seen = now
        self.build()
        return True

    def watch(self) -> None:
        """Looks every half second, in the background."""

        def loop() -> None:
            while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
                try:
                    self.look()
                except Exception as error:
                    self._failed(f"could not look at the review: {error}")

        self._watcher = threading.Thread(target=loop, daemon=True, name="handful-watch")
        self._watcher.start()

    def stop(self) -> None:
        """Ends the watching."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=10)

    def state(self) -> dict[str, object]:
        """What the page in the browser asks for."""
        return {"version": self.version, "problems": self.problems}

    def find(self, address: str) -> Path | None:
        """The file for an address, never outside the site."""
        root = self.root
        if root is None:
            return None
        name = unquote(urlsplit(address).path)
        if "\0" in name or "\\" in name:
            return None
        try:
            path = (root / name.lstrip("/")).resolve()
            if path.is_dir():
                path = path / "index.html"
            inside = path.resolve().is_relative_to(root.resolve())
            return path if inside and path.is_file() else None
        except (OSError, ValueError, RuntimeError):
            return None


def server(live: LiveSite, ports: Iterable[int]) -> ThreadingHTTPServer:
    """A server on the first of the ports that is free, seen by this machine only.

    Raises:
        InputError: when none is free.
    """

    class Handler(_Handler):
        site = live

    tried = list(ports)
    for port in tried:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except (OSError, OverflowError):
            continue
    shown = str(tried[0]) if len(tried) == 1 else f"{tried[0]} to {tried[-1]}"
    raise InputError(f"port {shown} is not free", hint="choose another with -p, or -p 0 for any")


class _Handler(BaseHTTPRequestHandler):
    site: LiveSite
    server_version = "handful"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """A page, an asset, or the state of the build."""
        if not self._asked_by_this_machine():
            self._send(403, b"only for this machine\n", "text/plain; charset=utf-8")
            return
        if urlsplit(self.path).path == STATE_ADDRESS:
            self._send(200, json.dumps(self.site.state()).encode(), "application/json")
            return
        if self.site.root is None:
            self._send(200, _live(_waiting(self.site.problems)), TYPES[".html"])
            return
        path = self.site.find(self.path)
        try:
            content = path.read_bytes() if path is not None else None
        except OSError:  # replaced by a new build just now
            content = None
        if path is None or content is None:
            self._send(404, _live(_page("Not here", "There is no such page.")), TYPES[".html"])
            return
        kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
        self._send(200, _live(content) if path.suffix == ".html" else content, kind)

    do_HEAD = do_GET

    def _asked_by_this_machine(self) -> bool:
        """A page elsewhere whose name was made to point here does not get to read the review."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        return host in ("127.0.0.1", "localhost", "[::1]")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not told; problems of the review are."""


def _live(page: bytes) -> bytes:
    """The page with the script that looks for a new build; only here, never in the files of a site."""
    script = SCRIPT.encode()
    head, end, tail = page.rpartition(b"</body>")
    return head + script + end + tail if end else page + script


def _page(title: str, words: str) -> bytes:
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f"<body><h1>{html.escape(title)}</h1><pre>{html.escape(words)}</pre></body></html>\n"
    ).encode()


def _waiting(problems: str) -> bytes:
    return _page("Not built yet", problems or "The pages are being made.")
