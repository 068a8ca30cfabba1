"""All files of a site, one after the other: the same review gives the same bytes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from handful.base.digest import digest
from handful.base.problems import Problem
from handful.exports import whole_review
from handful.exports.data_package import data_files
from handful.review import Review
from handful.site import feed, linked_data, links, other_pages
from handful.site.data_page import data_page
from handful.site.evidence_page import evidence_page
from handful.site.glossary_page import PATH as GLOSSARY
from handful.site.glossary_page import glossary_page
from handful.site.history import history_page, version_page
from handful.site.instrument_page import instrument_page, used_instruments
from handful.site.one_question import text_of
from handful.site.prose import Prose
from handful.site.rendered import page, script, style_sheet, without_ornament
from handful.site.risk_of_bias_page import bias_page
from handful.site.search_page import PATH as SEARCH
from handful.site.search_page import search_page
from handful.site.site import Site
from handful.site.treatment_page import treatment_page
from handful.site.treatments_page import PATH as TREATMENTS
from handful.site.treatments_page import treatments_page
from handful.synthesis.synthesis import Synthesis
from handful.words.reader_names import with_reader_names

Progress = Callable[[int, int, str], None]
"""Called with how many steps are done, how many there are, and what comes next."""


def answer_all(review: Review, progress: Progress | None = None) -> dict[str, Synthesis]:
    """Every question of the review, selected, counted and answered."""
    from handful.counts.count import count
    from handful.question.select import select
    from handful.synthesis.synthesise import synthesise

    answers = {}
    for done, (identifier, question) in enumerate(sorted(review.questions.items())):
        if progress:
            progress(done, 2 * len(review.questions), question.title)
        answers[identifier] = synthesise(count(select(review.records, question)), question.plan)
    return answers


def make_site(
    review: Review, answers: Mapping[str, Synthesis], as_of: datetime.date | None = None, *, pdf: bool = False
) -> Site:
    """The material of the pages."""
    return Site(
        review, {key: with_reader_names(review.instruments, answer) for key, answer in answers.items()}, as_of, pdf
    )


def texts(site: Site) -> tuple[dict[str, Prose], list[Problem]]:
    """The authors' texts made ready, and every problem in any of them."""
    made = {identifier: text_of(site, answer) for identifier, answer in site.answers.items()}
    return made, [problem for text in made.values() for problem in text.problems]


def pages(site: Site, digests: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file that is not of one question.

    ``digests``: path → digest of the files of the questions. The zip of everything comes last and knows all others.
    """
    known = dict(digests)
    data = data_files(site.review, site.tables)
    for path, content in chain(_readable(site), _for_programs(site), data.items()):
        known[path] = digest(content)
        yield path, content
    if site.address(""):
        content = feed.sitemap(site, [path for path in known if path.endswith(".html")])
        known[feed.SITEMAP] = digest(content)
        yield feed.SITEMAP, content
    yield whole_review.NAME, whole_review.whole_review(site.review, data, known, site.as_of, pdf=site.pdf)


def _for_programs(site: Site) -> Iterator[tuple[str, bytes]]:
    """What other programs read, and the page that lists it."""
    view = data_page(site, site.tables)
    yield links.DATA, page("data.html", view, site, site.linker(""), linked_data.dataset(site, view.page))
    yield feed.FEED, feed.feed(site)


def _readable(site: Site) -> Iterator[tuple[str, bytes]]:
    """The pages that people read, and the style sheet."""
    top, deeper = site.linker(""), site.linker("../")
    for question, said in site.said.items():
        yield links.evidence(question), page("evidence.html", evidence_page(site, question, said), site, deeper)
    yield "index.html", page("home.html", other_pages.home_view(site), site, top)
    yield "sources.html", page("sources.html", other_pages.sources_page(site), site, top)
    yield "conflicts.html", page("conflicts.html", other_pages.conflicts_page(site), site, top)
    bias = bias_page(site)
    if bias is not None:
        yield links.RISK_OF_BIAS, page("risk-of-bias.html", bias, site, top)
    yield "history.html", page("history.html", history_page(site), site, top)
    for version in site.review.versions:
        yield links.version(version.version), page("version.html", version_page(site, version), site, deeper)
    yield "about.html", page("about.html", other_pages.about_page(site), site, top)
    for identifier, guidance in site.review.guidance.items():
        view_of_guidance = other_pages.guidance_page(site, guidance)
        yield links.guidance(identifier), page("guidance.html", view_of_guidance, site, deeper)
    for study in site.review.records.studies.values():
        yield links.study(study.id), page("study.html", other_pages.study_page(site, study), site, deeper)
    for treatment in site.review.records.treatments.values():
        yield links.treatment(treatment.id), page("treatment.html", treatment_page(site, treatment), site, deeper)
    for scale in used_instruments(site):
        yield links.instrument(scale), page("instrument.html", instrument_page(site, scale), site, deeper)
    yield GLOSSARY, page("glossary.html", glossary_page(site), site, top)
    yield TREATMENTS, page("treatments.html", treatments_page(site), site, top)
    yield SEARCH, page("search.html", search_page(site), site, top)
    yield "assets/style.css", style_sheet()
    yield "assets/handful.js", script()


__all__ = ["Progress", "answer_all", "make_site", "pages", "style_sheet", "texts", "without_ornament"]
