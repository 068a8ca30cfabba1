"""The search page: one list of everything that has an address, which a small script narrows as one types.

The list is the index. So it works from a folder on a disk, where a page may fetch nothing, and without a script it is a
list of links in groups.
"""

from __future__ import annotations

from collections.abc import Iterable

from handful.base.wording import human_list
from handful.site import links
from handful.site.glossary_page import PATH as GLOSSARY
from handful.site.glossary_page import terms
from handful.site.instrument_page import used_instruments
from handful.site.site import Site, given
from handful.site.studies import design_words
from handful.site.treatment_page import class_words
from handful.site.views import Link
from handful.site.views.search import SearchGroup, SearchPage
from handful.words.names import slug

PATH = "search.html"


def search_page(site: Site) -> SearchPage:
    """Every question, treatment, study, source, disagreement, instrument, piece of self-care and term."""
    kinds = (
        ("questions", "Questions", _questions(site)),
        ("treatments", "Treatments", _treatments(site)),
        ("self-care", "Self-care", _guidance(site)),
        ("studies", "Studies", _studies(site)),
        ("sources", "Sources", _sources(site)),
        ("conflicts", "Where sources disagree", _conflicts(site)),
        ("instruments", "Instruments", _instruments(site)),
        ("terms", "Words explained", _terms(site)),
    )
    groups = tuple(SearchGroup(anchor, title, tuple(found)) for anchor, title, items in kinds if (found := list(items)))
    return SearchPage(
        page=site.page(PATH, "Search"),
        number=sum(len(group.items) for group in groups),
        groups=groups,
    )


def _questions(site: Site) -> Iterable[Link]:
    for key, said in site.said.items():
        question = site.review.questions[key]
        yield Link(question.asks or question.title, links.question(key), _beside(question.title, said.outcome))


def _treatments(site: Site) -> Iterable[Link]:
    for treatment in sorted(site.review.records.treatments.values(), key=lambda t: t.name.lower()):
        note = class_words(site, treatment) if treatment.treatment_class else ""
        yield Link(treatment.name, links.treatment(treatment.id), note)


def _guidance(site: Site) -> Iterable[Link]:
    for key, guidance in site.review.guidance.items():
        yield Link(guidance.about.title, links.guidance(key))


def _studies(site: Site) -> Iterable[Link]:
    records = site.review.records
    for study in sorted(records.studies.values(), key=lambda s: (site.short(s.id).lower(), s.id)):
        source = records.sources.get(study.source)
        title = study.title or (source.title if source else "")
        given_to = human_list(sorted({records.treatment_name(arm.treatment) for arm in study.arms}))
        note = _beside(title, design_words(study), given_to, study.registration or "")
        yield Link(site.short(study.id), links.study(study.id), note)


def _sources(site: Site) -> Iterable[Link]:
    for source in sorted(site.review.records.sources.values(), key=lambda s: (s.short.lower(), s.id)):
        where = _beside(given(source.authors), source.title, given(source.journal), source.doi or "", source.pmid or "")
        yield Link(source.short, links.source(source.id), where)


def _conflicts(site: Site) -> Iterable[Link]:
    for conflict in site.review.records.conflicts:
        about = site.short(conflict.about.study) if conflict.about.study else ""
        yield Link(conflict.title, links.conflict(conflict.id), about)


def _instruments(site: Site) -> Iterable[Link]:
    for identifier in used_instruments(site):
        scale = site.review.instruments[identifier]
        yield Link(scale.name, links.instrument(identifier), scale.measures)


def _terms(site: Site) -> Iterable[Link]:
    for term in sorted(terms(site), key=lambda t: t.name.lower()):
        yield Link(term.name, f"{GLOSSARY}#term-{slug(term.name)}", _beside(term.means, ", ".join(term.also)))


def _beside(*parts: str) -> str:
    """What is given of the parts, joined."""
    return " · ".join(part for part in parts if part)


__all__ = ["PATH", "search_page"]
