"""Every treatment on one page: where it is approved, how it was given, what happened after. Nothing is ranked."""

from __future__ import annotations

from handful.base.wording import capital
from handful.counts.every_count import every_count
from handful.records.treatment import Treatment
from handful.site import links
from handful.site.links import Linker
from handful.site.site import Site
from handful.site.treatment_page import approval_view, class_words, doses
from handful.site.views import Link
from handful.site.views.treatments import TreatmentRow, TreatmentsPage
from handful.words.language import told as phrase
from handful.words.sentences import row_count_words

PATH = "treatments.html"


def treatments_page(site: Site) -> TreatmentsPage:
    """All treatments by name; placebo and no treatment are none."""
    found = [t for t in site.review.records.treatments.values() if t.kind not in ("placebo", "untreated")]
    linker = site.linker("")
    return TreatmentsPage(
        page=site.page(
            PATH, "Treatments at a glance", description="Every treatment: approvals, doses, and what happened after."
        ),
        rows=tuple(_row(site, linker, t) for t in sorted(found, key=lambda t: t.name.lower())),
    )


def _row(site: Site, linker: Linker, treatment: Treatment) -> TreatmentRow:
    return TreatmentRow(
        treatment=Link(capital(treatment.name), links.treatment(treatment.id)),
        kind=class_words(site, treatment) if treatment.treatment_class else "",
        approvals=tuple(_approved(site, treatment)),
        given=doses(site, treatment.id, ""),
        later=tuple(_later(site, linker, treatment)),
    )


def _approved(site: Site, treatment: Treatment) -> list[str]:
    views = [approval_view(site, a) for a in treatment.approvals]
    return [f"{a.region}: {a.status}, {a.indication}, {a.ages} ({a.on})" for a in views]


def _later(site: Site, linker: Linker, treatment: Treatment) -> list[Link]:
    """Counts of the course: kept, lost again, after stopping; each leads to where it was read."""
    records = site.review.records
    made = []
    for row in every_count(records, treatment.id):
        if records.definition(row.outcome).kind == "course":
            many = row_count_words(row) if row.events else phrase("row.without-count")
            made.append(Link(f"{many}: {row.outcome_name}", linker.number(site.index.of_row(row)), row.study_short))
    return made


__all__ = ["PATH", "treatments_page"]
