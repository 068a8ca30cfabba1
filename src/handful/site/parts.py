"""Parts that several pages share: sources, conflicts, claims, case reports."""

from __future__ import annotations

import re
from collections.abc import Iterable

from handful.base.wording import capital, human_list, spoken
from handful.counts.rows import CaseRow
from handful.records.claim import Claim
from handful.records.conflict import Conflict, ConflictingValue
from handful.records.source import SEEN_WORDS, Source
from handful.site import links
from handful.site.links import Linker
from handful.site.site import Site, given
from handful.site.studies import seen_words
from handful.site.views import CaseView, ClaimView, ConflictValue, ConflictView, Link, SourceView
from handful.synthesis.synthesis import Synthesis
from handful.words import names
from handful.words.conflicts import bounds_sentence, stands_alone, value_words
from handful.words.language import told
from handful.words.sentence import Sentence

KIND_WORDS = {
    "paper": "paper",
    "abstract": "abstract",
    "review": "review",
    "guideline": "guideline",
    "registry": "registry entry",
    "news": "news report",
    "clinic-article": "article of a clinic",
    "patient-information": "patient information",
    "dataset": "data set",
    "other": "other",
}


def source_view(site: Site, root: str, source: Source) -> SourceView:
    """A source: what it is, how much of it was seen, where, and which studies it is about."""
    studies = [site.study_link(study, root) for study in site.studies_of_source.get(source.id, ())]
    notices = [capital(spoken(n.kind)) + n.words + (f" (doi:{n.doi})" if n.doi else "") for n in source.notices]
    return SourceView(
        id=source.id,
        short=source.short,
        title=source.title,
        citation=citation(source),
        kind=KIND_WORDS.get(source.kind, source.kind),
        seen=seen_words(source),
        seen_level=SEEN_WORDS[source.seen.level],
        read={"once": "read by one person", "twice": "read by two people"}.get(source.seen.read, ""),
        doi=source.doi or "",
        doi_href=links.doi(source.doi) if source.doi else "",
        pmid=source.pmid or "",
        where=tuple(Link(shown_address(a), links.outward(a) or "") for a in source.seen.where),
        studies=tuple(studies),
        notices=tuple(notices),
        note=source.note or "",
    )


def citation(source: Source) -> str:
    """'Harada. Title. Br J Dermatol, 2020.' of what is known."""
    year = str(source.year) if isinstance(source.year, int) else "no date"
    where = [part for part in (given(source.journal), year, given(source.country)) if part]
    who = f"{given(source.authors)}. " if given(source.authors) else ""
    return f"{who}{source.title.rstrip('.')}. {capital(', '.join(where))}."


def shown_address(address: str) -> str:
    """The address without its scheme, shortened in the middle."""
    plain = address.split("://", 1)[-1].rstrip("/")
    return plain if len(plain) <= 70 else f"{plain[:45]}…{plain[-20:]}"


def conflict_view(site: Site, root: str, conflict: Conflict, answer: Synthesis | None = None) -> ConflictView:
    """A conflict with every value and who gives it; for a question, what the answer would be under the other."""
    about = conflict.about.study
    return ConflictView(
        id=conflict.id,
        title=conflict.title,
        study=site.study_link(about, root) if about else None,
        values=tuple(_value(site, root, value, conflict) for value in conflict.values),
        used=value_words(conflict.used),
        because=conflict.because,
        consequence=told(f"consequence.{conflict.consequence}"),
        note=conflict.note or "",
        bounds=bounds_sentence(conflict, answer) if answer else Sentence(),
    )


def _value(site: Site, root: str, value: ConflictingValue, conflict: Conflict) -> ConflictValue:
    alone = stands_alone(value.value, conflict.about.what)
    said = value_words(value.value)
    if alone and re.fullmatch(r"[\d.]+", said):
        said = told("numbers.percent", value=said)
    return ConflictValue(
        value=said,
        people=told("conflict.people-not-told") if alone else "",
        source=site.source_link(value.source, root),
        at=value.at or "",
        quote=value.quote or "",
        source_id=value.source,
        note=value.note or "",
        used=value.value == conflict.used,
    )


def case_view(site: Site, linker: Linker, row: CaseRow, outcome: str, *, full: bool) -> CaseView:
    """One person of a case report."""
    rows = site.review.records.rows(row.study)
    person = rows.person(row.person) if rows is not None else None
    extent = [v for v in row.people.get("extent", ()) if given(v)]
    also = [v for v in row.people.get("with", ()) if given(v)]
    who = [given(row.sex), given(row.age), *(site.trait("extent", v).split(" (")[0] for v in extent)]
    weeks = _weeks(person.weeks) if person and isinstance(person.weeks, float | int) else ""
    return CaseView(
        anchor=names.person(row.study, row.person),
        study=Link(row.study_short, linker.number(names.person(row.study, row.person)))
        if not full
        else site.study_link(row.study, linker.root),
        person=row.person,
        who=capital(", ".join(w for w in who if w)) or "Not described",
        stated=capital(site.traits("with", also)) if also else "Not stated",
        outcome=outcome,
        response=(given(row.response) + weeks) if given(row.response) else "not reported",
        course=given(row.course),
        quote=row.origin.quote or "",
        source=row.origin.source,
        where=f"{row.origin.source_short}, {row.origin.at} ({row.origin.seen_words})",
        strict=row.strict,
        full=full,
    )


def _weeks(weeks: float) -> str:
    """'; at week 39'; weeks that were made from months are not whole, and are told as about so many."""
    if weeks == int(weeks):
        return told("window.at", n=f"{weeks:g}")
    return told("window.at-about", n=f"{weeks:.0f}")


def claim_view(site: Site, root: str, claim: Claim) -> ClaimView:
    """What a source says, with its date and place."""
    source = site.review.records.sources.get(claim.source)
    year = claim.year if isinstance(claim.year, int) else source.year if source else "not reported"
    return ClaimView(
        treatments=human_list([site.review.records.treatment_name(t) for t in claim.treatments]) or "not named",
        about=claim.about,
        line=claim.line or "",
        statement=claim.statement,
        quote=claim.quote or "",
        source_id=claim.source,
        source=site.source_link(claim.source, root),
        when=str(year) if isinstance(year, int) else "date not known",
        region=given(claim.region),
        note=claim.note or "",
    )


def used_sources(site: Site, root: str, ids: Iterable[str]) -> tuple[SourceView, ...]:
    """The sources of those ids, by name."""
    known = site.review.records.sources
    found = {identifier: known[identifier] for identifier in ids if identifier in known}
    return tuple(source_view(site, root, s) for s in sorted(found.values(), key=lambda s: (s.short.lower(), s.id)))
