"""What the author's text may show and call: values that know where they are explained."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from handful.base.problems import did_you_mean
from handful.base.wording import capital, count, number_word, range_per_100
from handful.counts.rows import CaseCounts
from handful.prose_check import CASE_VALUES, GROUP_VALUES
from handful.records.quotes import stands_in
from handful.records.records import Records
from handful.site.links import Linker
from handful.site.site import Site
from handful.stats.results import NotEstimable
from handful.synthesis.posteriors import NO_RATE
from handful.synthesis.synthesis import GroupAnswer, RowAnswer, SetAnswer, Synthesis
from handful.words import names as number_names
from handful.words.conflicts import conflict_sentence
from handful.words.language import told as phrase
from handful.words.sentence import Number, Quoted, Sentence, say
from handful.words.sentences import comparison_sentence, group_sentence, interval_per_100

NAMES: Mapping[str, Collection[str] | None] = {"overall": GROUP_VALUES, "also": None, "cases": CASE_VALUES}
"""What every text may show, with its attributes; a question's groups are added by ``names_for``."""

CALLS: tuple[str, ...] = ("comparison", "conflict", "study", "harm", "quote")
"""What every text may call."""


@dataclass(frozen=True)
class Shown:
    """What an expression puts into the text; ``number`` lets conditions compare it."""

    sentence: Sentence
    number: int | None = None
    as_word: bool = False

    def _with(self, other: Any) -> tuple[Any, Any]:
        return (self.number if self.number is not None else str(self), getattr(other, "number", other))

    def __str__(self) -> str:
        return str(self.sentence)

    def __bool__(self) -> bool:
        return bool(self.number) if self.number is not None else bool(self.sentence)

    def __eq__(self, other: object) -> bool:
        a, b = self._with(other)
        return bool(a == b)

    def __hash__(self) -> int:
        return hash(str(self))

    def __lt__(self, other: Any) -> bool:
        a, b = self._with(other)
        return bool(a < b)

    def __gt__(self, other: Any) -> bool:
        a, b = self._with(other)
        return bool(a > b)

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __ge__(self, other: Any) -> bool:
        return not self < other


@dataclass(frozen=True)
class GroupWords:
    """A group as the text may show it."""

    count: Shown
    events: Shown
    total: Shown
    interval_per_100: Shown
    range_per_100: Shown
    sentence: Shown
    studies: Shown
    people: Shown
    name: Shown


@dataclass(frozen=True)
class CaseWords:
    """Case reports as the text may show them, numbers as words."""

    count: Shown
    improved: Shown
    stated_count: Shown
    stated_improved: Shown
    name: Shown


@dataclass(frozen=True)
class StudyWords:
    """A study as the text may show it."""

    title: Shown
    short: Shown


@dataclass
class ProseError(Exception):
    """A call that cannot be answered; becomes a problem with the line of the expression."""

    code: str
    message: str
    hint: str = ""


def names_for(groups: Collection[str], also: Collection[str]) -> dict[str, Collection[str] | None]:
    """What the text of a question may show: its groups (hyphens become underscores) beside ``NAMES``."""
    known = dict(NAMES) | {group.replace("-", "_"): GROUP_VALUES for group in groups}
    known["also"] = frozenset(word.replace("-", "_") for word in also)
    return known


class ProseValues:
    """The values and functions of one question's text."""

    def __init__(self, site: Site, answer: Synthesis, linker: Linker) -> None:
        self.site, self.answer, self.linker = site, answer, linker
        self.values = self._values()
        self.calls: dict[str, Callable[..., Any]] = {name: getattr(self, name) for name in CALLS}

    def _values(self) -> dict[str, Any]:
        main = self.answer.main
        values: dict[str, Any] = {
            group.id.replace("-", "_"): self._group(group, main.name, number_names.group(group.id))
            for group in main.groups
        }
        values["overall"] = self._group(main.overall, main.name, number_names.group("overall"))
        values["also"] = SimpleNamespace(**{o.id.replace("-", "_"): self._set(o) for o in self.answer.also})
        if self.answer.counts.cases is not None:
            values["cases"] = _case_words(self.answer.counts.cases)
        return values

    def _set(self, answers: SetAnswer) -> SimpleNamespace:
        return SimpleNamespace(
            **{
                g.id.replace("-", "_"): self._group(g, answers.name, number_names.group(g.id, answers.id))
                for g in (*answers.groups, answers.overall)
            }
        )

    @staticmethod
    def _group(group: GroupAnswer, outcome: str, name: str) -> GroupWords:
        counts = group.count
        span = _number(interval_per_100(group), name)
        return GroupWords(
            count=_number(count(counts.events, counts.total) if counts.rows else phrase("counted.nobody-cell"), name),
            events=_number(str(counts.events), name, counts.events),
            total=_number(str(counts.total), name, counts.total),
            interval_per_100=span,
            range_per_100=span,
            sentence=Shown(group_sentence(group, outcome, name=name)),
            studies=_word(len(counts.studies), name),
            people=_number(str(counts.total), name, counts.total),
            name=Shown(say(counts.name)),
        )

    def comparison(self, first: str, second: str) -> Shown:
        """The fixed sentence on two groups."""
        main = self.answer.main
        wanted = {first.replace("_", "-"), second.replace("_", "-")}
        known = {group.id for group in main.groups}
        for identifier in sorted(wanted - known):
            raise ProseError("unknown-group", f"there is no group `{identifier}`", did_you_mean(identifier, known))
        for compared in main.comparisons:
            if {compared.first, compared.second} == wanted:
                return Shown(comparison_sentence(compared, main, at_level=self.answer.plan.level))
        return Shown(say(phrase("beside.nobody-in-one")))

    def conflict(self, identifier: str) -> Shown:
        """A sentence on a declared conflict."""
        conflicts = {c.id: c for c in self.site.review.records.conflicts}
        if identifier not in conflicts:
            hint = did_you_mean(identifier, conflicts)
            raise ProseError("unknown-conflict", f"there is no conflict `{identifier}`", hint)
        sentence = conflict_sentence(self.site.review.records, conflicts[identifier])
        if identifier not in self.linker.conflicts:
            here, away = f"conflict-{identifier}", f"{self.linker.root}conflicts.html#conflict-{identifier}"
            pieces = [Number(p.text, away) if isinstance(p, Number) and p.name == here else p for p in sentence.pieces]
            return Shown(Sentence(tuple(pieces)))
        return Shown(sentence)

    def study(self, identifier: str) -> StudyWords:
        """A study by its title or its short name."""
        study = self.site.study(identifier)
        if study is None:
            hint = did_you_mean(identifier, self.site.review.records.studies)
            raise ProseError("unknown-study", f"there is no study `{identifier}`", hint)
        source = self.site.review.records.sources.get(study.source)
        href = f"{self.linker.root}studies/{identifier}.html"
        title = study.title or (source.title if source else identifier)
        return StudyWords(
            Shown(say(Number(f"“{title}”", href))),
            Shown(say(Number(self.site.short(identifier), href))),
        )

    def harm(self, outcome: str) -> GroupWords:
        """A harm on the treatment asked about: the count of the study, or the sum over studies."""
        rows = [r for r in self.answer.harms if r.row.outcome == outcome and r.row.countable]
        known = {*self.answer.counts.question.harms.outcomes, *(r.row.outcome for r in self.answer.harms)}
        if outcome not in known:
            raise ProseError("unknown-harm", f"no harm `{outcome}` is shown on this page", did_you_mean(outcome, known))
        treated = [r for r in rows if r.row.treatment_kind not in ("placebo", "untreated")]
        alone = _nobody_twice(treated, self.site.review.records)
        events = sum(r.row.events.value for r in alone if r.row.events)
        total = sum(r.row.total.value for r in alone if r.row.total)
        name = self.site.index.of_row(alone[0].row) if len(alone) == 1 else "harms"
        name = self.linker.number(name) if len(alone) == 1 else "harms"
        rate = alone and not any(r.row.design in NO_RATE for r in alone)
        span = _row_span(alone[0]) if len(alone) == 1 and rate else phrase("counted.no-interval")
        counted = count(events, total)
        words = phrase("counted.of-people", count=counted) if alone else phrase("counted.nobody-here")
        return GroupWords(
            count=_number(count(events, total) if alone else phrase("counted.nobody-cell"), name),
            events=_number(str(events), name, events),
            total=_number(str(total), name, total),
            interval_per_100=_number(span, name),
            range_per_100=_number(span, name),
            sentence=Shown(say(words)),
            studies=_word(len({r.row.study for r in alone}), name),
            people=_number(str(total), name, total),
            name=Shown(say(self.site.review.records.definition(outcome).name)),
        )

    def quote(self, source: str, words: str) -> Shown:
        """Words of a source, only if they stand in a quote that was recorded from it, or in its title."""
        known = self.site.review.records.sources
        if source not in known:
            raise ProseError("unknown-source", f"there is no source `{source}`", did_you_mean(source, known))
        if not stands_in(words, self.site.quotes.get(source, ())):
            hint = "quote words that a number, a conflict or a claim of that source carries as `quote:`"
            message = f"the words “{words[:80]}” stand in no quote of `{source}`"
            raise ProseError("quote-not-in-records", message, hint)
        return Shown(say(Quoted(words, source)))


def _number(text: str, name: str, value: int | None = None) -> Shown:
    return Shown(say(Number(text, name)), value)


def _word(value: int, name: str) -> Shown:
    word = phrase("cases.none-of-them") if value == 0 else number_word(value)
    return Shown(say(Number(word, name)), value, as_word=True)


def capitalize(shown: Any) -> Any:
    if not isinstance(shown, Shown) or not shown.sentence.pieces:
        return shown
    first, *rest = shown.sentence.pieces
    if isinstance(first, Number):
        first = Number(capital(first.text), first.name)
    elif isinstance(first, str):
        first = capital(first)
    return Shown(Sentence((first, *rest)), shown.number)


def _case_words(cases: CaseCounts) -> CaseWords:
    apart, stated = number_names.CASES, number_names.CASES_STATED
    return CaseWords(
        count=_word(cases.count, apart),
        improved=_word(cases.improved, apart),
        stated_count=_word(cases.stated_count, stated),
        stated_improved=_word(cases.stated_improved, stated),
        name=Shown(say(cases.name)),
    )


def _row_span(answer: RowAnswer) -> str:
    if isinstance(answer.interval, NotEstimable):
        return phrase("counted.no-interval")
    return range_per_100(float(answer.interval.low), float(answer.interval.high))


def _nobody_twice(rows: list[RowAnswer], records: Records) -> list[RowAnswer]:
    """One row an arm; none whose people are in a larger arm that is there, or in a study that is there already."""
    seen: dict[tuple[str, str], RowAnswer] = {}
    for answer in rows:
        seen.setdefault((answer.row.study, answer.row.arm), answer)
    inside = {study for study, _ in seen}

    def again(study: str, arm: str) -> bool:
        found = records.studies[study]
        if inside & set(found.contains):
            return True
        above, passed = found.arm(arm), {arm}
        while above is not None and above.part_of is not None and above.part_of not in passed:
            if (study, above.part_of) in seen:
                return True
            passed.add(above.part_of)
            above = found.arm(above.part_of)
        return False

    return [answer for (study, arm), answer in seen.items() if not again(study, arm)]
