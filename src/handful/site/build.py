"""All files of a site, one after the other: the same review gives the same bytes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from itertools import chain
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from handful.base.digest import canonical_json, digest
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
from handful.site.links import Linker
from handful.site.markup import finalize, sentence_html
from handful.site.methods_page import methods_page
from handful.site.patients import patients_page
from handful.site.place import place_page
from handful.site.posterior import posterior_page
from handful.site.prose import Prose, render
from handful.site.question_page import linker_of, question_view
from handful.site.risk_of_bias_page import bias_page
from handful.site.search_page import PATH as SEARCH
from handful.site.search_page import search_page
from handful.site.sensitivity import every_analysis_page
from handful.site.site import Site
from handful.site.treatment_page import treatment_page
from handful.stats.results import NotEstimable
from handful.synthesis.results import results
from handful.synthesis.synthesis import Synthesis
from handful.words.language import told as phrase
from handful.words.patients import about_rows
from handful.words.reader_names import with_reader_names
from handful.words.vocabulary import fixed

Progress = Callable[[int, int, str], None]
"""Called with how many steps are done, how many there are, and what comes next."""

NOTHING = Markup()
FILES = resources.files("handful.site")


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
    made: dict[str, Prose] = {}
    problems: list[Problem] = []
    for identifier, answer in site.answers.items():
        text = site.review.prose.get(identifier, "")
        linker = linker_of(site, answer)
        made[identifier] = render(site, answer, linker, text, f"questions/{identifier}.md")
        problems.extend(made[identifier].problems)
    return made, problems


def pages(site: Site, prose: Mapping[str, Prose]) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file, questions first; the zip of everything comes last and knows all others."""
    digests: dict[str, str] = {}
    for path, content in chain(_readable(site, prose), _for_programs(site)):
        digests[path] = digest(content)
        yield path, content
    if site.address(""):
        content = feed.sitemap(site, [path for path in digests if path.endswith(".html")])
        digests[feed.SITEMAP] = digest(content)
        yield feed.SITEMAP, content
    data = data_files(site.review, site.tables)
    yield whole_review.NAME, whole_review.whole_review(site.review, data, digests, site.as_of, pdf=site.pdf)


def _for_programs(site: Site) -> Iterator[tuple[str, bytes]]:
    """What other programs read, and the page that lists it."""
    view = data_page(site, site.tables)
    yield links.DATA, _page("data.html", view, site, site.linker(""), linked_data.dataset(site, view.page))
    yield feed.FEED, feed.feed(site)
    yield from data_files(site.review, site.tables).items()


def _readable(site: Site, prose: Mapping[str, Prose]) -> Iterator[tuple[str, bytes]]:
    """The pages that people read, and the style sheet."""
    for identifier, answer in site.answers.items():
        linker = linker_of(site, answer)
        view = question_view(site, answer, prose[identifier].html)
        head = linked_data.article(site, view.page, answer, view.citation)
        yield links.question(identifier), _page("question.html", view, site, linker, head)
        yield (
            f"results/{identifier}.json",
            canonical_json(results(answer, site.review.beside(answer, site.places.get(identifier))), indent=1).encode(),
        )
        yield links.methods(identifier), _page("methods.html", methods_page(site, answer), site, linker)
        yield links.evidence(identifier), _page("evidence.html", evidence_page(site, answer), site, linker)
        every = every_analysis_page(site, answer)
        found = site.every_analysis(answer)
        if every is not None and not isinstance(found, NotEstimable):
            yield links.every_analysis(identifier), _page("every-analysis.html", every, site, linker)
            data = links.every_analysis_data(identifier)
            yield f"{data}.csv", found.to_csv().encode()
            yield f"{data}.json", canonical_json(found.to_dict()).encode()
        placed = place_page(site, identifier)
        if placed is not None:
            yield links.place(identifier), _page("place.html", placed, site, linker)
        rates = posterior_page(site, answer)
        if rates is not None:
            yield links.posterior(identifier), _page("posterior.html", rates, site, linker)
        people = patients_page(site, answer)
        if people is not None:
            yield links.patients(identifier), _page("patients.html", people, site, linker)
    top, deeper = site.linker(""), site.linker("../")
    yield "index.html", _page("home.html", other_pages.home_view(site), site, top)
    yield "sources.html", _page("sources.html", other_pages.sources_page(site), site, top)
    yield "conflicts.html", _page("conflicts.html", other_pages.conflicts_page(site), site, top)
    bias = bias_page(site)
    if bias is not None:
        yield links.RISK_OF_BIAS, _page("risk-of-bias.html", bias, site, top)
    yield "history.html", _page("history.html", history_page(site), site, top)
    for version in site.review.versions:
        yield links.version(version.version), _page("version.html", version_page(site, version), site, deeper)
    yield "about.html", _page("about.html", other_pages.about_page(site), site, top)
    for identifier, guidance in site.review.guidance.items():
        view_of_guidance = other_pages.guidance_page(site, guidance)
        yield links.guidance(identifier), _page("guidance.html", view_of_guidance, site, deeper)
    for study in site.review.records.studies.values():
        yield links.study(study.id), _page("study.html", other_pages.study_page(site, study), site, deeper)
    for treatment in site.review.records.treatments.values():
        yield links.treatment(treatment.id), _page("treatment.html", treatment_page(site, treatment), site, deeper)
    for scale in used_instruments(site):
        yield links.instrument(scale), _page("instrument.html", instrument_page(site, scale), site, deeper)
    yield GLOSSARY, _page("glossary.html", glossary_page(site), site, top)
    yield SEARCH, _page("search.html", search_page(site), site, top)
    yield "assets/style.css", style_sheet()
    yield "assets/handful.js", FILES.joinpath("assets", "handful.js").read_bytes()


def style_sheet() -> bytes:
    """The one style sheet."""
    text = FILES.joinpath("assets", "style.css").read_text(encoding="utf-8")
    return (without_ornament(text) + "\n").encode()


def without_ornament(css: str) -> str:
    """A style sheet without comments, and without white space that means nothing; strings stay as they are."""

    def plain(part: str) -> str:
        part = re.sub(r"\s+", " ", part)
        part = re.sub(r" ?([{};,]) ?", r"\1", part)
        return re.sub(r"([a-z-]): ", r"\1:", part).replace(";}", "}")

    parts = re.split(r'("[^"]*")', re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return "".join(part if part.startswith('"') else plain(part) for part in parts).strip()


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates: everything escaped, undefined names are errors, every shown value cleaned."""

    def load(name: str) -> str | None:
        path = FILES.joinpath("templates", name)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


_BEFORE_BLOCK = re.compile(r"\n(?=</?(?:t[rdh]|tbody|caption|table|li|ul|d[ltd]|div|rect|use|svg|g|path)\b)")
"""Line ends before these tags show nothing; a table of many rows holds hundreds."""


def _page(template: str, view: Any, site: Site, linker: Linker, linked: Markup = NOTHING) -> bytes:
    html = (
        environment()
        .get_template(template)
        .render(
            why_intervals=fixed("why-intervals"),
            waterfall_words=about_rows("waterfall"),
            phrase=phrase,
            view=view,
            page=view.page,
            linked_data=linked,
            told=lambda sentence: sentence_html(sentence, linker, site),
        )
    )
    html = re.sub(r"\s*\n\s*", "\n", html).strip()
    return (_BEFORE_BLOCK.sub("", html) + "\n").encode()
