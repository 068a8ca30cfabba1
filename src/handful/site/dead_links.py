"""Links inside a built site that lead nowhere: a page that is not there, or a name that the page does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

OUTSIDE = ("http", "https", "mailto", "data")


@dataclass(frozen=True, order=True)
class DeadLink:
    """A link on a page that leads nowhere."""

    page: str
    href: str
    why: str

    def __str__(self) -> str:
        return f"{self.page}: {self.href}: {self.why}"


class _Links(HTMLParser):
    """Every address and every name of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hrefs: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.names.add(value)
            elif name in ("href", "src") and value:
                self.hrefs.append(value)


def dead_links(site: Path) -> tuple[DeadLink, ...]:
    """Every link inside the site's folder that leads nowhere, sorted; links that lead out are not followed."""
    pages = {}
    for file in sorted(site.rglob("*.html")):
        reader = _Links()
        reader.feed(file.read_text(encoding="utf-8"))
        pages[file.relative_to(site).as_posix()] = reader
    return tuple(sorted(set(_dead(site, pages))))


def _dead(site: Path, pages: dict[str, _Links]) -> Iterator[DeadLink]:
    for page, links in pages.items():
        for href in links.hrefs:
            parts = urlsplit(href)
            if parts.scheme in OUTSIDE:
                continue
            target = page
            if parts.path:
                path = (site / page).parent / unquote(parts.path)
                resolved = Path(*path.parts).resolve()
                if not resolved.is_relative_to(site.resolve()):
                    yield DeadLink(page, href, "leaves the site")
                    continue
                if not resolved.is_file():
                    yield DeadLink(page, href, "there is no such file")
                    continue
                target = resolved.relative_to(site.resolve()).as_posix()
            if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].names:
                yield DeadLink(page, href, f"{target} holds nothing of that name")


__all__ = ["DeadLink", "dead_links"]
