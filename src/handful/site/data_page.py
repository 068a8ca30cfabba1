"""The page with everything that can be downloaded, whose it is, and how to cite it."""

from __future__ import annotations

from collections.abc import Sequence

from handful.base.wording import capital
from handful.exports import whole_review
from handful.exports.data_package import DESCRIPTOR
from handful.exports.table import Table
from handful.site import links
from handful.site.feed import FEED
from handful.site.linked_data import citation
from handful.site.site import Site
from handful.site.views import Fact, Link
from handful.site.views.data import DataPage


def data_page(site: Site, made: Sequence[Table]) -> DataPage:
    """Downloads, citation, licence, funding and interests."""
    about = site.review.about
    return DataPage(
        page=site.page(
            links.DATA,
            "Data, references and how to cite",
            description=f"{about.title}: all records and results as files, and how to cite them.",
        ),
        citation=citation(site),
        facts=(
            Fact("Licence", about.licence),
            Fact("Version", about.version),
            Fact("Funding", capital(about.funding)),
            Fact("Interests", capital(about.interests)),
            Fact("People", "; ".join(f"{p.name} ({p.role}; interests {p.interests})" for p in about.people)),
        ),
        whole=Link(
            whole_review.NAME,
            whole_review.NAME,
            "the records, the tables and the version of the code; it makes this site again byte for byte",
        ),
        tables=(
            Link(DESCRIPTOR, DESCRIPTOR, "what every column holds (Frictionless data package)"),
            *(Link(f"{t.name}.csv", f"data/{t.name}.csv", f"{t.description} {_rows(t)}") for t in made),
        ),
        references=(
            Link("sources.json", "sources.json", "CSL-JSON"),
            Link("sources.ris", "sources.ris", "RIS"),
            Link("sources.bib", "sources.bib", "BibTeX"),
        ),
        results=tuple(
            Link(f"{key}.json", f"results/{key}.json", site.review.questions[key].title) for key in site.said
        ),
        others=(Link(FEED, FEED, "versions and corrections as they come (Atom)"),),
    )


def _rows(table: Table) -> str:
    return f"{len(table.rows):,} {'row' if len(table.rows) == 1 else 'rows'}."
