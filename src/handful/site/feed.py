"""What changed, for programs that follow it: an Atom feed (RFC 4287); a sitemap where the site's address is known."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from handful.base.wording import human_list
from handful.records.version import Version
from handful.site import links
from handful.site.history import NONE_YET
from handful.site.markup import clean_text, markdown
from handful.site.site import Site

FEED = "feed.xml"
HISTORY = "history.html"
SITEMAP = "sitemap.xml"
BEFORE_ALL = datetime.date(1970, 1, 1)
"""The date of a feed that has told nothing yet: no version is released, no correction was made."""


def feed(site: Site) -> bytes:
    """Every version with its note and every correction with its reply, the latest first.

    An entry's id is made from the review's id and the entry's own, so it stays when the site moves.
    """
    about = site.review.about
    entries = [*(_version(site, v) for v in site.review.versions), *_corrections(site)]
    entries.sort(key=lambda entry: (entry[0], entry[1]), reverse=True)
    updated = entries[0][0] if entries else BEFORE_ALL
    here = site.address(FEED)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(about.language)}>',
        f"<id>{_identity(about.id)}</id>",
        f"<title>{_text(about.title)}: changes</title>",
        f"<updated>{_stamp(updated)}</updated>",
        f"<author><name>{_text(human_list([p.name for p in about.people]))}</name></author>",
        f'<link rel="alternate" type="text/html" href={quoteattr(site.address("history.html") or "history.html")}/>',
        *([f'<link rel="self" type="application/atom+xml" href={quoteattr(here)}/>'] if here else []),
        f"<rights>{_text(about.licence)}</rights>",
        *([] if entries else [f"<subtitle>{_text(NONE_YET)}</subtitle>"]),
        *(text for _, _, text in entries),
        "</feed>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _version(site: Site, version: Version) -> tuple[datetime.date, str, str]:
    name = f"version {version.version}"
    note = str(markdown(site.review.version_notes.get(version.version, "")))
    changed = {None: "the first version", True: "a conclusion changed", False: "no conclusion changed"}
    summary = changed[version.conclusion_changed]
    return (
        version.on,
        name,
        _entry(site, name, version.on, links.version(version.version), f"V{name[1:]}", summary, note),
    )


def _corrections(site: Site) -> Iterable[tuple[datetime.date, str, str]]:
    for point in site.review.corrections:
        on = point.reply.on if point.reply else point.on
        owner = site.index.study_of.get(point.number)
        page = links.study(owner) if owner else "about.html"
        if point.question is not None and point.question in site.review.questions:
            page = links.question(point.question)
        path = f"{page}#{point.number}"
        name = f"correction {point.id}"
        title = f"Correction {point.id}: {point.status}"
        said = point.says + (f" Reply: {point.reply.says}" if point.reply else "")
        yield on, name, _entry(site, name, on, path, title, said, "")


def _entry(site: Site, name: str, on: datetime.date, path: str, title: str, summary: str, html: str) -> str:
    href = site.address(path) or path
    content = f'<content type="html">{_text(html)}</content>' if html else ""
    return (
        f"<entry><id>{_identity(site.review.about.id, name)}</id><title>{_text(title)}</title>"
        f'<updated>{_stamp(on)}</updated><link rel="alternate" type="text/html" href={quoteattr(href)}/>'
        f"<summary>{_text(summary)}</summary>{content}</entry>"
    )


def sitemap(site: Site, pages: Iterable[str]) -> bytes:
    """Every page's address (sitemaps.org 0.9), for a site whose address is known."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
        *(f"<url><loc>{escape(site.address(page))}</loc></url>" for page in sorted(pages)),
        "</urlset>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _identity(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "handful:" + "/".join(parts)).urn


def _stamp(day: datetime.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _text(text: str) -> str:
    return escape(clean_text(text))


__all__ = ["FEED", "SITEMAP", "feed", "sitemap"]
