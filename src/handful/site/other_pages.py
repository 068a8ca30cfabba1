"""Home, study pages, sources, conflicts, guidance, and who made it and how."""

from __future__ import annotations

from markupsafe import Markup

from handful.base.wording import capital, grouped, plural
from handful.base.wording import people as people_words
from handful.records.amendments import mark_of
from handful.records.study import Study
from handful.review import Guidance
from handful.site import links
from handful.site.cases import person_view
from handful.site.corrections import corrections_part
from handful.site.forest import share_axis
from handful.site.glossary_page import PATH as GLOSSARY
from handful.site.instrument_page import used_instruments
from handful.site.markup import markdown
from handful.site.overlaps import overlap_views
from handful.site.parts import conflict_view, source_view
from handful.site.site import Site, given
from handful.site.studies import study_view
from handful.site.views import (
    AboutPage,
    ConflictsPage,
    Fact,
    GuidancePage,
    HomeView,
    Link,
    MethodFact,
    SourcesPage,
    StudyPage,
    TipView,
)
from handful.words.language import told as phrase
from handful.words.number_index import MOST_PEOPLE_SHOWN
from handful.words.vocabulary import METHODS, rules

BASIS_WORDS = {"custom": "Custom; no study in our records", "records": "From the records"}
STATUS_ON_STUDY = {"completed": "completed", "under-way": "under way, no results yet", "withdrawn": "withdrawn"}


def home_view(site: Site) -> HomeView:
    """Every question at a glance; the one that is named first stands first."""
    about = site.review.about
    first = about.first_question
    order = sorted(site.said, key=lambda q: (q != first, site.review.questions[q].title))
    records = site.review.records
    facts = (
        Fact("Questions", grouped(len(site.said))),
        Fact("Studies in the records", grouped(len(records.studies)), "about.html#studies"),
        Fact("Sources", grouped(len(records.sources)), "sources.html"),
        Fact("Last search", capital(site.searched)),
        Fact("Version", about.version),
        Fact("Status", site.status),
    )
    return HomeView(
        page=site.page("index.html", about.title, description=about.summary or about.title),
        summary=about.summary or "",
        facts=facts,
        questions=tuple(site.said[q].glance for q in order),
        axis=share_axis(),
        guidance=tuple(
            Link(guide.about.title, links.guidance(identifier), plural(len(guide.about.tips), "tip"))
            for identifier, guide in sorted(site.review.guidance.items())
        ),
        treatments=tuple(
            Link(capital(t.name), links.treatment(t.id))
            for t in sorted(records.treatments.values(), key=lambda t: t.name.lower())
        ),
        instruments=tuple(
            Link(capital(site.review.instruments[i].name), links.instrument(i)) for i in used_instruments(site)
        ),
        more=(
            Link("Sources", "sources.html", "what each is, and how much of it was seen"),
            Link("Where sources disagree", "conflicts.html", "every value is kept, none is chosen in silence"),
            Link("Data", links.DATA, "all records and results as files, and how to cite them"),
            *([Link("Risk of bias", links.RISK_OF_BIAS, "study by study")] if site.review.judgements else []),
            Link("History", "history.html", "every version, and what changed"),
            Link("Words explained", GLOSSARY, "terms of evidence and of this field"),
            Link("About", "about.html", "who answers for it, how it is made, what was left out"),
        ),
    )


def study_page(site: Site, study: Study) -> StudyPage:
    """A study: each number with its quote and place, how much was seen, and the questions that use it."""
    linker = site.linker("../", frozenset(n for n, owner in site.index.study_of.items() if owner == study.id))
    view = study_view(site, linker, study)
    source = site.review.records.sources.get(study.source)
    table = site.review.records.rows(study.id)
    shown = table if table is not None and len(table) <= MOST_PEOPLE_SHOWN else None
    facts = [
        Fact("Design", capital(view.design)),
        Fact("Status", capital(STATUS_ON_STUDY[study.status])),
        *([Fact("Mark", capital(mark))] if source is not None and (mark := mark_of(source.notices)) else []),
        Fact("Seen", capital(view.seen)),
    ]
    if given(study.setting):
        facts.append(Fact("Setting", study.setting))
    if study.registration:
        facts.append(Fact("Registration", study.registration))
    if study.planned:
        at = study.planned.at or phrase("cell.place-not-told")
        facts.append(Fact("Planned", phrase("cell.planned-at", people=people_words(study.planned.value), at=at)))
    if table is not None and shown is None:
        told = f"{grouped(len(table))}, more than a page shows; every row stands in people.csv"
        facts.append(Fact("Patient rows", told, f"../{links.DATA}"))
    if study.contains:
        facts.append(Fact("Counts again the people of", ", ".join(site.short(s) for s in study.contains)))
    return StudyPage(
        page=site.page(links.study(study.id), view.title, kicker=view.short, description=f"{view.short}: {view.title}"),
        study=view,
        source=source_view(site, "../", source) if source else None,
        people=tuple(person_view(site, linker, study, p, n, full=True) for p, n in zip(shown, shown.lines, strict=True))
        if shown is not None
        else (),
        conflicts=tuple(conflict_view(site, "../", c) for c in site.review.records.conflicts_about(study.id)),
        questions=tuple(
            Link(site.review.questions[q].asks or site.review.questions[q].title, f"../{links.question(q)}")
            for q in site.used_by.get(study.id, ())
        ),
        facts=tuple(facts),
        corrections=corrections_part(site, linker, linker.here, links.study(study.id)),
    )


def sources_page(site: Site) -> SourcesPage:
    """All sources, by name."""
    found = sorted(site.review.records.sources.values(), key=lambda s: (s.short.lower(), s.id))
    text = (
        "Every source that a number or a statement was read in. How much of each was seen is said beside it: most were "
        "seen as an abstract or less, and a reader who has the full text may find more, or find us wrong."
    )
    return SourcesPage(
        page=site.page("sources.html", "Sources"),
        text=text,
        sources=tuple(source_view(site, "", source) for source in found),
    )


def conflicts_page(site: Site) -> ConflictsPage:
    """All declared conflicts."""
    return ConflictsPage(
        page=site.page("conflicts.html", "Where sources disagree"),
        conflicts=tuple(conflict_view(site, "", c) for c in site.review.records.conflicts),
        overlaps=overlap_views(site, ""),
    )


def guidance_page(site: Site, guidance: Guidance) -> GuidancePage:
    """Advice, each piece with what it rests on."""
    return GuidancePage(
        page=site.page(links.guidance(guidance.about.id), guidance.about.title, kicker="Self-care"),
        body=Markup(markdown(guidance.text)),
        tips=tuple(
            TipView(
                tip.tip,
                BASIS_WORDS[tip.basis],
                "" if tip.because.lower().startswith("custom") else tip.because,
                tuple(site.source_link(s, "../") for s in tip.sources),
            )
            for tip in guidance.about.tips
        ),
        read_in=tuple(site.source_link(s, "../") for s in guidance.about.read_in),
    )


def about_page(site: Site) -> AboutPage:
    """Who answers for it, how numbers become words, what was left out."""
    about = site.review.about
    people = tuple(Fact(p.name, f"{p.role}; interests {p.interests}") for p in about.people)
    facts = (
        Fact("Funding", capital(about.funding)),
        Fact("Interests", capital(about.interests)),
        Fact("Search", capital(site.searched)),
        Fact("Records assembled", capital(about.records_assembled)),
        Fact("Version", about.version),
        Fact("Licence", about.licence),
        Fact("Contact", about.contact or "Not recorded"),
    )
    methods = tuple(
        MethodFact(capital(m.name), "", "", m.doi, links.doi(m.doi))
        for code, m in METHODS.items()
        if code in used_methods(site)
    )
    records = site.review.records
    return AboutPage(
        page=site.page("about.html", "About this review"),
        summary=about.summary or "",
        people=people,
        facts=facts,
        rules=rules(),
        methods=methods,
        left_out=tuple(Fact(f"{out.what} ({grouped(out.count)})", capital(out.because)) for out in about.left_out),
        notes=about.notes,
        studies=tuple(
            Link(site.short(s.id), links.study(s.id), _marked(site, s))
            for s in sorted(records.studies.values(), key=lambda s: (site.short(s.id).lower(), s.id))
            if s.source in records.sources or s.title
        ),
    )


def _marked(site: Site, study: Study) -> str:
    """The study's title, with the mark of what happened to its paper: 'Title (retracted, 3 May 2024)'."""
    source = site.review.records.sources.get(study.source)
    mark = mark_of(source.notices) if source is not None else ""
    title = study.title or (source.title if source is not None else study.id)
    return f"{title} ({mark})" if mark else title


def used_methods(site: Site) -> frozenset[str]:
    """The methods that the plans of the questions name."""
    return frozenset().union(*(said.methods for said in site.said.values()))
