"""A study as readers see it: who the people were, each number with its quote, its place, and how much was seen."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from handful.base.provenance import Earlier, Reported
from handful.base.wording import capital, count, decimal, grouped, people, percent, spoken
from handful.records.records import Place
from handful.records.source import SEEN_WORDS, Source
from handful.records.study import DENOMINATOR_WORDS, DESIGN_WORDS, Arm, Harm, Outcome, Score, Study, When
from handful.site import links
from handful.site.corrections import ways_to_send
from handful.site.links import Linker
from handful.site.row_counts import count_view, name_of
from handful.site.site import Site, given
from handful.site.views import ArmView, CountView, Fact, Link, NumberView, StudyView
from handful.words.language import told as phrase
from handful.words.number_index import counted_in

Path = tuple[str | int, ...]

SCORE_WORDS = {
    "mean": "mean",
    "mean-change": "mean change",
    "least-squares-mean-change": "least-squares mean change",
    "percent-change": "change in %",
}


def study_view(site: Site, linker: Linker, study: Study, *, only: Collection[str] | None = None) -> StudyView:
    """The study with all its counts, or with those whose names are in ``only`` (and the arms that hold them)."""
    maker = _Maker(site, linker, study, whole=only is None)
    arms = [maker.arm(i, arm, only) for i, arm in enumerate(study.arms)]
    source = site.review.records.sources.get(study.source)
    also = [site.source_link(identifier, linker.root) for identifier in study.also_reported_in]
    return StudyView(
        id=study.id,
        title=study.title or (source.title if source else study.id),
        short=site.short(study.id),
        href=linker.page(links.study(study.id)),
        design=design_words(study),
        seen=seen_words(source),
        setting=given(study.setting),
        source=site.source_link(study.source, linker.root),
        also_in=tuple(also),
        arms=tuple(arm for arm in arms if only is None or arm.counts),
        notes=(study.note,) if study.note else (),
    )


def design_words(study: Study) -> str:
    """'case series, retrospective'."""
    return DESIGN_WORDS[study.design] + (f", {study.design_note}" if study.design_note else "")


def seen_words(source: Source | None) -> str:
    """How much of a source was seen, in words."""
    if source is None:
        return SEEN_WORDS["not recorded"]
    return source.seen.detail or SEEN_WORDS[source.seen.level]


def time_words(time: When | str) -> str:
    """'24 weeks', 'time not reported'."""
    return time.words if isinstance(time, When) else phrase("cell.time", time=time)


def treatment_words(site: Site, arm: Arm) -> str:
    """The treatment's name."""
    return site.review.records.treatment_name(arm.treatment)


class _Maker:
    """Makes the views of one study."""

    def __init__(self, site: Site, linker: Linker, study: Study, *, whole: bool = True) -> None:
        self.site, self.linker, self.study, self.whole = site, linker, study, whole

    def arm(self, i: int, arm: Arm, only: Collection[str] | None) -> ArmView:
        above = self.study.arm(arm.part_of) if arm.part_of else None
        named = {(kind, j): self.site.index.counts[(self.study.id, arm.id, kind, j)] for kind, j, _ in counted_in(arm)}
        counts = [
            self.count(i, arm, kind, j, counted, named[(kind, j)])
            for kind, j, counted in counted_in(arm)
            if only is None or named[(kind, j)] in only
        ]
        for row in self.site.from_rows.get((self.study.id, arm.id), ()):
            if row.events is not None and (only is None or name_of(row) in only):
                link = self.site.source_link(row.events.origin.source, self.linker.root)
                counts.append(count_view(row, link))
        traits: tuple[NumberView, ...] = ()
        scores: tuple[NumberView, ...] = ()
        if only is None:
            traits = tuple(
                self.number(
                    phrase("cell.had-failed", what=spoken(trait.failed))
                    if trait.failed
                    else capital(trait.trait or ""),
                    trait.people,
                    ("arms", i, "characteristics", j, "people"),
                )
                for j, trait in enumerate(arm.characteristics)
            )
            scores = tuple(
                self.number(self.score_words(score), score.estimate, ("arms", i, "scores", j, "estimate"))
                for j, score in enumerate(arm.scores)
            )
        return ArmView(
            name=capital(arm.name or spoken(arm.id)),
            treatment=Link(
                treatment_words(self.site, arm),
                self.site.treatment_page(arm.treatment, self.linker.root) if self.whole else "",
            ),
            dose=given(arm.dose),
            people=tuple(
                Fact(ATTRIBUTE_WORDS.get(attribute, spoken(attribute)), self.site.traits(attribute, values))
                for attribute, values in arm.people.items()
            ),
            part_of=(above.name or spoken(above.id)) if above else "",
            note=arm.note or "",
            denominators=tuple(
                self.number(phrase("cell.people-of", kind=DENOMINATOR_WORDS[kind]), found, ("arms", i, "n", kind))
                for kind in arm.n.kinds()
                if (found := arm.n.get(kind)) is not None and only is None
            ),
            counts=tuple(counts),
            characteristics=tuple(told_once(list(traits))),
            scores=scores,
        )

    def count(self, i: int, arm: Arm, kind: str, j: int, counted: Outcome | Harm, name: str) -> CountView:
        definition = self.site.review.records.definition(counted.outcome)
        path: Path = ("arms", i, kind, j)
        key = "responders" if isinstance(counted, Outcome) else "events"
        events = counted.responders if isinstance(counted, Outcome) else counted.events
        own = counted.n
        denominators, where = (own, (*path, "n")) if own is not None and own.kinds() else (arm.n, ("arms", i, "n"))
        people = {k: n for k in denominators.kinds() if (n := denominators.get(k)) is not None}
        numbers = []
        if events is not None:
            numbers.append(self.number(phrase("cell.people-with"), events, (*path, key)))
        if counted.percent is not None:
            of = next(iter(people.values())).value if people else None
            text = printed_percent(counted.percent.value, of, modelled=counted.modelled)
            numbers.append(self.number(phrase("cell.percentage"), counted.percent, (*path, "percent"), value=text))
        numbers.extend(
            self.number(phrase("cell.people-of", kind=DENOMINATOR_WORDS[k]), found, (*where, k))
            for k, found in people.items()
        )
        total = next(iter(people.values()), None)
        if events is not None:
            value = phrase("cell.with-unknown", events=grouped(events.value))
            if total:
                value = count(events.value, total.value)
        else:
            assert counted.percent is not None
            value = printed_percent(counted.percent.value, total.value if total else None, modelled=counted.modelled)
        return CountView(
            anchor=name,
            outcome=definition.name,
            definition=counted.definition or definition.definition,
            time=time_words(counted.time),
            value=value,
            kind="harm" if isinstance(counted, Harm) and definition.kind != "course" else definition.kind,
            numbers=tuple(told_once(numbers)),
            notes=(counted.note,) if counted.note else (),
            marks=(),
            missing=counted.missing or "",
            send=ways_to_send(self.site, links.study(self.study.id), name) if self.whole else (),
        )

    def number(self, what: str, reported: Reported[Any], path: Path, *, value: str = "") -> NumberView:
        """A reported value with where it was read."""
        identifier = reported.source or self.study.source
        source = self.site.review.records.sources.get(identifier)
        if reported.derived is not None:
            read_in = [self.site.review.records.sources.get(s) for s in reported.from_]
            how = phrase("cell.derived", how=reported.derived, sources=", ".join(s.short for s in read_in if s))
        elif reported.back_calculated is not None:
            back = reported.back_calculated
            printed = phrase("numbers.percent", value=back.percent)
            how = phrase("cell.worked-back", people=people(back.of), percent=printed)
        else:
            how = ""
        place: Place = self.site.review.records.place(self.study.id, path)
        return NumberView(
            what=what,
            value=value or number_words(reported.value),
            how=how,
            at=reported.at or "",
            quote=reported.quote or "",
            quote_source=identifier,
            source=self.site.source_link(identifier, self.linker.root),
            seen=seen_words(source) if identifier != self.study.source else "",
            file=str(place),
            fault=reported.known.because if reported.known else "",
            note="; ".join([*(earlier_words(e) for e in reported.was), *([reported.note] if reported.note else [])]),
        )

    def score_words(self, score: Score) -> str:
        instrument = self.site.review.instruments.get(score.instrument)
        name = instrument.name if instrument else spoken(score.instrument).upper()
        said = f"{name}, {SCORE_WORDS[score.what]}, {time_words(score.time)}"
        return phrase("cell.better", score=said, way=score.better) if score.better else said


def told_once(numbers: list[NumberView]) -> list[NumberView]:
    """A number read in the same words as the one before says so instead of repeating them."""
    made: list[NumberView] = []
    for i, number in enumerate(numbers):
        before = numbers[i - 1] if i else None
        same = before is not None and number.quote != "" and not number.how.startswith("derived")
        if before is not None and same:
            same = (number.quote, number.at, number.source) == (before.quote, before.at, before.source)
        made.append(replace(number, same_place=same))
    return made


ATTRIBUTE_WORDS = {"with": "also have", "failed": "had failed", "extent": "extent", "age": "age", "sex": "sex"}


def earlier_words(earlier: Earlier) -> str:
    """'was 12 until an erratum of 3 May 2024: the reason'."""
    by = {"erratum": "an erratum", "correction": "a correction", "registry-update": "an update of the registry"}
    day = f" of {earlier.on.day} {earlier.on:%B %Y}" if isinstance(earlier.on, datetime.date) else ""
    changed = f"until {by[earlier.by]}{day}" if earlier.by in by else f"in this review until it was read again{day}"
    return f"was {number_words(earlier.value)} {changed}: {earlier.because}"


def number_words(value: Any) -> str:
    """A reported value as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return grouped(value) if isinstance(value, int) else decimal(value, 2).rstrip("0").rstrip(".")


def printed_percent(text: str, of: int | None, *, modelled: bool) -> str:
    """A printed percentage never stands without the number of people, or without saying that it is not reported."""
    printed = phrase("numbers.percent", value=text)
    if modelled:
        who = phrase("row.people", n=grouped(of)) if of else phrase("row.people-unknown")
        return phrase("cell.modelled", percent=printed, people=who)
    if of:
        return phrase("cell.percent-of", percent=printed, total=grouped(of))
    return phrase("cell.percent-alone", percent=printed)


__all__ = ["SCORE_WORDS", "design_words", "percent", "seen_words", "study_view", "time_words"]
