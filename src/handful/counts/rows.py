"""The count of an arm, the sum over arms, and the thread from each number back to its line and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handful.base.provenance import HowKnown
from handful.question.entries import Excluded
from handful.question.people_counted import PeopleCounted
from handful.question.plan import MISSING_WORDS, InformativeMissing, MissingRule
from handful.question.question import Question
from handful.records.conflict import Conflict
from handful.records.records import Place, Records
from handful.records.study import Study


@dataclass(frozen=True)
class Origin:
    """Where a number was read: file and line, source, place in it, quote, and how much of the source was seen."""

    place: Place
    source: str
    source_title: str
    source_short: str
    seen: str
    seen_words: str
    how: HowKnown
    at: str | None = None
    quote: str | None = None
    derived: str | None = None
    from_sources: tuple[str, ...] = ()
    percent: str | None = None
    percent_of: int | None = None
    known_fault: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Traced:
    """A whole number of people with its origin."""

    value: int
    origin: Origin


@dataclass(frozen=True)
class Total(Traced):
    """A number of people of a named kind: enrolled, assessed, …"""

    kind: str = "kind-not-reported"
    kind_words: str = ""


@dataclass(frozen=True)
class Unaccounted:
    """People of whom no result is known, and what was assumed of them."""

    people: int
    rule: MissingRule
    with_result: Total
    whole: Total

    @property
    def words(self) -> str:
        """'randomised; 3 of the 7 without a result, counted as without the outcome'."""
        if isinstance(self.rule, InformativeMissing):
            said = f"their odds of the outcome taken as {self.rule.odds_ratio:g} times those of the others"
        else:
            said = MISSING_WORDS[self.rule]
        return f"{self.whole.kind_words}; {self.people} of the {self.whole.value} without a result, {said}"


@dataclass(frozen=True)
class Adjusted:
    """What an informative-missingness odds ratio needs: with the outcome, of those with a result, and the missing."""

    events: int
    with_result: int
    missing: int
    odds_ratio: float


@dataclass(frozen=True)
class PrintedPercent:
    """A percentage as printed, with its origin; ``modelled`` when it is a model's estimate."""

    text: str
    origin: Origin
    modelled: bool = False


@dataclass(frozen=True)
class CountRow:
    """One arm's count of one outcome. Without both numbers it is shown but not computed with."""

    study: str
    study_title: str
    study_short: str
    design: str
    design_words: str
    arm: str
    arm_name: str
    treatment: str
    treatment_name: str
    treatment_kind: str
    dose: str
    people: Mapping[str, tuple[str, ...]]
    outcome: str
    outcome_name: str
    definition: str
    time: str
    time_reported: bool
    events: Traced | None
    total: Total | None
    percent: PrintedPercent | None
    missing: str | None
    notes: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    groups: tuple[str, ...]
    place: Place
    unaccounted: Unaccounted | None = None
    adjusted: Adjusted | None = None
    counted_from: PeopleCounted | None = None
    """The patient rows it was counted from, where a rule was asked of them."""

    @property
    def countable(self) -> bool:
        """Whether it is a count of people out of a known number of people."""
        return self.events is not None and self.total is not None


@dataclass(frozen=True)
class GroupCount:
    """The counts of one group: the rows, and their sum. Adding up is not pooling."""

    id: str
    name: str
    rows: tuple[CountRow, ...]
    not_countable: tuple[CountRow, ...] = ()

    @property
    def events(self) -> int:
        """People who met the outcome, added up."""
        return sum(row.events.value for row in self.rows if row.events is not None)

    @property
    def total(self) -> int:
        """People, added up."""
        return sum(row.total.value for row in self.rows if row.total is not None)

    @property
    def studies(self) -> tuple[str, ...]:
        """Ids of the studies, each once."""
        return tuple(dict.fromkeys(row.study for row in self.rows))

    @property
    def definitions(self) -> tuple[str, ...]:
        """The different definitions that the sum mixes."""
        return tuple(dict.fromkeys(row.outcome for row in self.rows))


@dataclass(frozen=True)
class CountSet:
    """One outcome word: its groups and everything together."""

    id: str
    name: str
    groups: tuple[GroupCount, ...]
    overall: GroupCount

    def group(self, identifier: str) -> GroupCount | None:
        """The group of that id; ``overall`` is everything together."""
        if identifier == "overall":
            return self.overall
        return next((g for g in self.groups if g.id == identifier), None)


@dataclass(frozen=True)
class CaseRow:
    """One person of a case report."""

    study: str
    study_title: str
    study_short: str
    person: str
    treatment: str
    age: str
    sex: str
    people: Mapping[str, tuple[str, ...]]
    outcome: str | None
    outcomes: Mapping[str, str]
    response: str
    course: str
    strict: bool
    origin: Origin


@dataclass(frozen=True)
class CaseCounts:
    """Case reports, counted apart: all of them, and those that meet the question's own rule."""

    name: str
    stated: str
    rows: tuple[CaseRow, ...]

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.rows)

    @property
    def improved(self) -> int:
        """How many of them had the outcome."""
        return sum(row.outcome == "yes" for row in self.rows)

    @property
    def stated_count(self) -> int:
        """How many meet the question's own people rule as far as it is stated."""
        return sum(row.strict for row in self.rows)

    @property
    def stated_improved(self) -> int:
        """How many of those had the outcome."""
        return sum(row.strict and row.outcome == "yes" for row in self.rows)


@dataclass(frozen=True)
class ScoreRow:
    """A mean or mean change of an instrument in an arm, as printed."""

    study: str
    study_short: str
    arm_name: str
    treatment: str
    treatment_name: str
    instrument: str
    what: str
    better: str | None
    time: str
    people: Total | None
    estimate: float
    sd: float | None
    low: float | None
    high: float | None
    level: float | None
    origin: Origin
    note: str | None


@dataclass(frozen=True)
class Counts:
    """Everything counted for one question."""

    question: Question
    records: Records
    main: CountSet
    also: tuple[CountSet, ...]
    cases: CaseCounts | None
    alternatives: tuple[CountRow, ...]
    harms: tuple[CountRow, ...]
    harm_cases: tuple[CaseRow, ...]
    scores: tuple[ScoreRow, ...]
    courses: tuple[CountRow, ...]
    characteristics: tuple[CharacteristicRow, ...]
    excluded: tuple[Excluded, ...]
    cases_excluded: tuple[Excluded, ...]
    under_way: tuple[Study, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def sets(self) -> tuple[CountSet, ...]:
        """The main outcome and the other words, in order."""
        return (self.main, *self.also)


@dataclass(frozen=True)
class CharacteristicRow:
    """How many people of an arm have a trait, or had failed a treatment before."""

    study: str
    study_short: str
    arm_name: str
    words: str
    failed_before: bool
    people: Traced
    total: Total | None
