"""The page of an instrument: what it measures, its range and direction, its cuts with their sources, what uses it."""

from __future__ import annotations

from collections.abc import Iterable

from handful.base.wording import capital, decimal, human_list
from handful.instruments.catalogue import catalogue_sources
from handful.instruments.instrument import Category, Component, Instrument, NotGiven, Threshold
from handful.site import links
from handful.site.site import Site, given
from handful.site.views import Fact, Link
from handful.site.views.instrument import Cut, InstrumentPage, Part
from handful.words.language import told as phrase

ROOT = "../"
KINDS = {
    "score": "score",
    "change": "change of a score",
    "percent-change": "change in %",
    "category": "grades",
    "time-to-event": "time to an event",
}


def used_instruments(site: Site) -> tuple[str, ...]:
    """Ids of the instruments that outcomes, scores or rules of the review name, in order."""
    records = site.review.records
    found = {o.instrument for o in records.outcomes.values() if o.instrument}
    found |= {score.instrument for study in records.studies.values() for arm in study.arms for score in arm.scores}
    found |= {r.rule.instrument for q in site.review.questions.values() for r in q.rules if r.rule.instrument}
    return tuple(sorted(i for i in found if i in site.review.instruments))


def instrument_page(site: Site, identifier: str) -> InstrumentPage:
    """Everything of one instrument."""
    scale = site.review.instruments[identifier]
    parts = tuple(_parts(scale.components))
    told = human_list([f"{p.name} {p.weight}" for p in parts])
    title = capital(scale.name)
    return InstrumentPage(
        page=site.page(
            links.instrument(identifier),
            title,
            description=f"{title}: {scale.measures}",
        ),
        measures=capital(scale.measures),
        facts=tuple(_facts(scale)),
        parts=parts,
        parts_told=f"Weights of the parts in the whole score: {told}." if parts else "",
        thresholds=tuple(_threshold(site, t) for t in scale.thresholds),
        categories=tuple(_category(site, c) for c in scale.categories),
        note=scale.note or "",
        source=_source(site, scale.source),
        outcomes=tuple(
            Fact(f"“{o.name}”", o.definition)
            for o in site.review.records.outcomes.values()
            if o.instrument == identifier
        ),
        questions=tuple(_questions(site, identifier)),
    )


def _facts(scale: Instrument) -> Iterable[Fact]:
    yield Fact("Kind", capital(KINDS[scale.kind]))
    ends = [f"{v:g}" for v in (scale.low, scale.high) if v is not None]
    if len(ends) == 2:
        yield Fact("Range", phrase("numbers.from-to", low=ends[0], high=ends[1]))
    elif ends:
        yield Fact("Range", phrase("threshold.from" if scale.low is not None else "threshold.to", value=ends[0]))
    yield Fact("Better", capital(scale.better))
    yield Fact("Rated by", capital(scale.rated_by))
    least = scale.minimal_important_difference
    if isinstance(least, NotGiven):
        yield Fact("Smallest difference that matters", f"Not known: {least.because}")
    else:
        yield Fact("Smallest difference that matters", least if isinstance(least, str) else f"{least:g}")


def _parts(components: tuple[Component, ...]) -> Iterable[Part]:
    """The parts as pieces of one bar, when their weights are positive."""
    whole = sum(c.weight for c in components)
    if not components or whole <= 0 or any(c.weight <= 0 for c in components):
        return
    start = 0.0
    for c in components:
        share = 100 * c.weight / whole
        yield Part(c.name, decimal(c.weight, 2), f"{start:.2f}%", f"{share:.2f}%", f"{start + share / 2:.2f}%")
        start += share


def _threshold(site: Site, cut: Threshold) -> Cut:
    return Cut(cut.name, phrase(f"threshold.{cut.rule}", value=f"{cut.value:g}"), _source(site, cut.source))


def _category(site: Site, grade: Category) -> Cut:
    limits = [f"{v:g}" for v in dict.fromkeys((grade.low, grade.high)) if v is not None]
    said = grade.definition or " to ".join(limits) or "not defined here"
    return Cut(grade.name, said, _source(site, grade.source))


def _source(site: Site, identifier: str) -> Link:
    """A source of the review, or one of the catalogue with how much of it was seen; else the words themselves."""
    if identifier in site.review.records.sources:
        return site.source_link(identifier, ROOT)
    known = catalogue_sources().get(identifier)
    if known is None:
        return Link(identifier if given(identifier) else "source not recorded")
    where = links.outward(known.where) if known.where else None
    return Link(known.cite, where or "", f"seen: {known.seen}")


def _questions(site: Site, identifier: str) -> Iterable[Link]:
    outcomes = site.review.records.outcomes
    for q in sorted(site.review.questions.values(), key=lambda q: q.id):
        accepted = [a.outcome for asked in (q.outcome, *q.also) for a in asked.accepts]
        named = {outcomes[o].instrument for o in accepted if o in outcomes} | {r.rule.instrument for r in q.rules}
        if identifier in named:
            yield Link(q.asks or q.title, f"{ROOT}{links.question(q.id)}")


__all__ = ["instrument_page", "used_instruments"]
