"""Decisions about studies that may share people, in words."""

from __future__ import annotations

from handful.base.wording import capital, spoken
from handful.records.overlap import Overlap
from handful.site.site import Site
from handful.site.views.overlaps import OverlapView
from handful.site.views.page import Link

DECIDED: dict[str, str] = {
    "same": "the same people as",
    "part-of": "some of the same people as",
    "unclear": "perhaps some of the same people as",
    "different": "other people than",
}


def overlap_views(site: Site, root: str) -> tuple[OverlapView, ...]:
    """Every decision of ``overlaps.yaml``."""
    return tuple(_view(site, overlap, root) for overlap in site.review.records.overlaps)


def _view(site: Site, overlap: Overlap, root: str) -> OverlapView:
    *first, whole = (_link(site, study, overlap, root) for study in overlap.studies)
    return OverlapView(tuple(first), whole, DECIDED[overlap.people], capital(overlap.because), _counted(site, overlap))


def _link(site: Site, study: str, overlap: Overlap, root: str) -> Link:
    """The study by its short name; with its id read aloud where two of the decision have one name."""
    link = site.study_link(study, root)
    alike = [s for s in overlap.studies if site.short(s) == site.short(study)]
    return Link(f"{link.text} ({spoken(study)})", link.href) if len(alike) > 1 else link


def _counted(site: Site, overlap: Overlap) -> str:
    if overlap.people == "different":
        return "all of them"
    if overlap.used in overlap.studies and overlap.used is not None:
        return site.short(overlap.used)
    if overlap.used == "parts":
        return "the single studies" if len(overlap.studies) > 2 else site.short(overlap.studies[0])
    return site.short(overlap.studies[-1])
