"""Parts that several pages share: sources, conflicts, claims, case reports."""

from __future__ import annotations

from collections.abc import Iterable

from handful.base.wording import capital, decimal, grouped, human_list, number_word, range_per_100, spoken
from handful.counts.rows import CaseRow, CountRow
from handful.records.claim import Claim
from handful.records.conflict import Conflict, ConflictingValue
from handful.records.source import SEEN_WORDS, Source
from handful.site import links
from handful.site.links import Linker
from handful.site.site import Site, given
from handful.site.studies import seen_words
from handful.site.views import CaseView, ClaimView, ConflictValue, ConflictView, Link, SourceView
from handful.stats.proportion import proportion
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import Synthesis
from handful.words import names
from handful.words.sentence import Number, Sentence, say
from handful.words.vocabulary import CONSEQUENCE

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
    studies = [
        site.study_link(study.id, root)
        for study in site.review.records.studies.values()
        if study.source == source.id or source.id in study.also_reported_in
    ]
    notices = [
        capital(spoken(n.kind)) + (f", {n.on}" if given(str(n.on)) else "") + (f": {n.note}" if n.note else "")
        for n in source.notices
    ]
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
    return f"{who}{source.title.rstrip('.')}. {', '.join(where)}."


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
        used=_plain(conflict.used),
        because=conflict.because,
        consequence=CONSEQUENCE[conflict.consequence],
        note=conflict.note or "",
        bounds=bounds_sentence(conflict, answer) if answer else Sentence(),
    )


def _value(site: Site, root: str, value: ConflictingValue, conflict: Conflict) -> ConflictValue:
    return ConflictValue(
        value=_plain(value.value),
        source=site.source_link(value.source, root),
        at=value.at or "",
        quote=value.quote or "",
        source_id=value.source,
        note=value.note or "",
        used=value.value == conflict.used,
    )


def _plain(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return grouped(int(value)) if value == int(value) else decimal(value)


def conflict_sentence(site: Site, conflict: Conflict) -> Sentence:
    """For prose: who says what, and which is used, with the way to the whole story."""
    where = f"conflict-{conflict.id}"
    numbers = all(isinstance(value.value, int | float) for value in conflict.values)
    if not numbers or conflict.used in ("neither", "both"):
        return say("(The sources differ: ", Number(conflict.title.rstrip("?").rstrip("."), where), ".)")
    sources = site.review.records.sources
    told = [
        f"{_plain(v.value)} ({sources[v.source].short if v.source in sources else v.source})" for v in conflict.values
    ]
    return say(
        "Sources disagree on this number: ",
        Number(human_list(told, last="or"), where),
        f". The count here uses {_plain(conflict.used)}, because {conflict.because}.",
    )


def bounds_sentence(conflict: Conflict, answer: Synthesis) -> Sentence:
    """What the count could be if the other number of people is right: the further people without and with the outcome.

    Empty unless the conflict is about a number of people, has that consequence, and the answer counts that arm.
    """
    row = _row_of(conflict, answer)
    larger = [v.value for v in conflict.values if isinstance(v.value, int | float) and v.value != conflict.used]
    if conflict.consequence != "bounds" or row is None or row.events is None or row.total is None or not larger:
        return Sentence()
    n, events = int(max(larger)), row.events.value
    more = n - row.total.value
    if more <= 0:
        return Sentence()
    method, level = answer.plan.interval, answer.plan.level
    low = proportion(events, n, method=method, level=level)
    high = proportion(events + more, n, method=method, level=level)
    if isinstance(low, NotEstimable) or isinstance(high, NotEstimable):
        return Sentence()
    name = names.study_count(row.study, row.arm, row.outcome)
    span = Number(range_per_100(float(low.low), float(high.high)), name)
    least = "none" if events == 0 else number_word(events)
    return say(
        f"Of the {number_word(more)} further people nothing is reported. If there were {n}, between {least} and "
        f"{number_word(events + more)} of them had “{answer.main.name}”, and the true rate could be ",
        span,
        ", whichever it was.",
    )


def _row_of(conflict: Conflict, answer: Synthesis) -> CountRow | None:
    about = conflict.about
    if about.what != "n":
        return None
    rows = answer.main.overall.count.rows
    return next((r for r in rows if r.study == about.study and about.arm in (None, r.arm)), None)


def case_view(site: Site, linker: Linker, row: CaseRow, outcome: str, *, full: bool) -> CaseView:
    """One person of a case report."""
    person = next((p for p in site.review.records.people.get(row.study, ()) if p.person == row.person), None)
    extent = [v for v in row.people.get("extent", ()) if given(v)]
    also = [v for v in row.people.get("with", ()) if given(v)]
    who = [given(row.sex), given(row.age), *(site.trait("extent", v).split(" (")[0] for v in extent)]
    weeks = f" after {person.weeks:g} weeks" if person and isinstance(person.weeks, float | int) else ""
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
