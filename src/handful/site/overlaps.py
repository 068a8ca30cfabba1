"""Decisions about studies that may share people, in words."""

from __future__ import annotations

from handful.base.wording import capital
from handful.records.overlap import Overlap
from handful.site.site import Site
from handful.site.views.overlaps import OverlapView

DECIDED: dict[str, str] = {
    "same": "the same people",
    "part-of": "part of the same people",
    "unclear": "perhaps some of the same people",
    "different": "other people",
}


def overlap_views(site: Site, root: str) -> tuple[OverlapView, ...]:
    """Every decision of ``overlaps.yaml``."""
    return tuple(_view(site, overlap, root) for overlap in site.review.records.overlaps)


def _view(site: Site, overlap: Overlap, root: str) -> OverlapView:
    *first, whole = (site.study_link(study, root) for study in overlap.studies)
    return OverlapView(tuple(first), whole, DECIDED[overlap.people], capital(overlap.because), _counted(site, overlap))


def _counted(site: Site, overlap: Overlap) -> str:
    if overlap.people == "different":
        return "all of them"
    if overlap.used in overlap.studies and overlap.used is not None:
        return site.short(overlap.used)
    return "the single studies" if overlap.used == "parts" else site.short(overlap.studies[-1])
