"""Readers' replies and corrections: beside the number, in a section of the page, and the way to send one."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from handful.base.wording import capital, plural
from handful.records.correction import ReaderCorrection
from handful.site.links import Linker
from handful.site.site import Site, given
from handful.site.views import Link
from handful.site.views.corrections import CorrectionsPart, CorrectionView

STATUS = {"open": "open", "accepted": "accepted; the record was corrected", "declined": "answered; the number stays"}
NONE_YET = "No reader has pointed out an error here so far."


def corrections_part(
    site: Site, linker: Linker, numbers: Collection[str], page: str, question: str = ""
) -> CorrectionsPart:
    """The points about these numbers (and those made on this question's page), open ones first."""
    points = sorted(
        (c for c in site.review.corrections if c.number in numbers or (question and c.question == question)),
        key=lambda c: (c.status != "open", c.on.isoformat(), c.id),
    )
    opened = sum(c.status == "open" for c in points)
    told = f"{capital(plural(len(points), 'point'))} made by readers, {opened} of them open." if points else NONE_YET
    return CorrectionsPart(told, tuple(_view(linker, c) for c in points), ways_to_send(site, page))


def open_points(site: Site) -> frozenset[str]:
    """Names of the numbers about which a reader's point is open."""
    return frozenset(c.number for c in site.review.corrections if c.status == "open")


def _view(linker: Linker, point: ReaderCorrection) -> CorrectionView:
    reply = point.reply
    who = given(point.by) or "a reader"
    return CorrectionView(
        id=f"correction-{point.id}",
        number=Link("this number", linker.number(point.number)),
        by=f"{capital(who)}, {point.on.isoformat()}",
        says=point.says,
        status=STATUS[point.status],
        is_open=point.status == "open",
        reply=reply.says if reply else "",
        reply_by=f"{reply.by}, {reply.on.isoformat()}" + (f", commit {reply.commit[:7]}" if reply.commit else "")
        if reply
        else "",
    )


def ways_to_send(site: Site, page: str, number: str = "") -> tuple[Link, ...]:
    """Links that open a message about the page, or about one number of it, with the place already written."""
    replies = site.review.about.replies
    if replies is None:
        return ()
    about = site.review.about
    place = f"{page}#{number}" if number else page
    subject = f"{about.id}: {place}"
    body = f"{about.title}, version {about.version}: {place}\n\nWhat is wrong, and where it can be read:\n"
    links = []
    if replies.mail:
        address = quote(replies.mail, safe="@.+-_")
        links.append(Link("by mail", f"mailto:{address}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"))
    if replies.issues:
        join = "&" if "?" in replies.issues else "?"
        links.append(
            Link("as an issue", f"{replies.issues}{join}title={quote(subject, safe='')}&body={quote(body, safe='')}")
        )
    return tuple(links)


__all__ = ["corrections_part", "open_points", "ways_to_send"]
