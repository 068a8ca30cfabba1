"""Parts of pages."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.figures import Axis, IconArray, Plot
from handful.site.views.page import Link
from handful.words.sentence import Sentence


@dataclass(frozen=True)
class GroupCard:
    """The answer for one group."""

    name: str
    count: str
    href: str
    outcome: str
    span: str
    sentence: Sentence
    icons: IconArray | None
    plot: Plot | None
    note: str
    conflicts: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Definition:
    """What an outcome's name means, and who used it."""

    name: str
    meaning: str
    because: str
    studies: str


@dataclass(frozen=True)
class Answer:
    """The answer box."""

    lead: tuple[Sentence, ...]
    cards: tuple[GroupCard, ...]
    axis: Axis
    in_all: tuple[Sentence, ...]
    cautions: tuple[Sentence, ...]
    definitions: tuple[Definition, ...]
    other_words: tuple[Sentence, ...]
    cases: Sentence
    basis: Sentence
    method: str
    outcome: str


@dataclass(frozen=True)
class Fact:
    """A short fact of the status strip."""

    name: str
    value: str
    href: str = ""


@dataclass(frozen=True)
class CaseView:
    """One person of a case report."""

    anchor: str
    study: Link
    person: str
    who: str
    stated: str
    outcome: str
    response: str
    course: str
    quote: str
    source: str
    where: str
    strict: bool
    full: bool


@dataclass(frozen=True)
class Cases:
    """Case reports, listed apart."""

    sentence: Sentence
    caption: str
    outcome: str
    stated: str
    rows: tuple[CaseView, ...]
    left_out: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class NumberView:
    """One number with where it was read."""

    what: str
    value: str
    how: str
    at: str
    quote: str
    quote_source: str
    source: Link
    seen: str
    file: str
    fault: str
    note: str
    same_place: bool = False


@dataclass(frozen=True)
class CountView:
    """A count of an arm with the origin of each of its numbers."""

    anchor: str
    outcome: str
    definition: str
    time: str
    value: str
    kind: str
    numbers: tuple[NumberView, ...]
    notes: tuple[str, ...]
    marks: tuple[str, ...]
    missing: str
    send: tuple[Link, ...] = ()
    """Ways to tell the review that this number is wrong."""


@dataclass(frozen=True)
class ArmView:
    """An arm: who the people were, and its counts."""

    name: str
    treatment: Link
    dose: str
    people: tuple[Fact, ...]
    part_of: str
    note: str
    denominators: tuple[NumberView, ...]
    counts: tuple[CountView, ...]
    characteristics: tuple[NumberView, ...] = ()
    scores: tuple[NumberView, ...] = ()


@dataclass(frozen=True)
class StudyView:
    """A study as a page, or a part of it, shows it."""

    id: str
    title: str
    short: str
    href: str
    design: str
    seen: str
    setting: str
    source: Link
    also_in: tuple[Link, ...]
    arms: tuple[ArmView, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConflictValue:
    """A value, who gives it, and in which words."""

    value: str
    source: Link
    at: str
    quote: str
    source_id: str
    note: str
    used: bool
    people: str = ""


@dataclass(frozen=True)
class ConflictView:
    """Sources that disagree."""

    id: str
    title: str
    study: Link | None
    values: tuple[ConflictValue, ...]
    used: str
    because: str
    consequence: str
    note: str
    bounds: Sentence


@dataclass(frozen=True)
class ScoreView:
    """A mean of an instrument, drawn on the instrument's own axis."""

    label: Link
    sub: str
    treatment: str
    what: str
    time: str
    value: str
    people: str
    plot: Plot | None
    note: str


@dataclass(frozen=True)
class Scores:
    """Means that share an instrument and a meaning."""

    title: str
    note: str
    axis: Axis | None
    rows: tuple[ScoreView, ...]


@dataclass(frozen=True)
class Trait:
    """How many people of an arm have a trait."""

    study: Link
    arm: str
    words: str
    count: str
    href: str


@dataclass(frozen=True)
class MethodFact:
    """One line of the methods."""

    name: str
    value: str
    note: str = ""
    doi: str = ""
    doi_href: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class MethodBlock:
    """A heading and its lines."""

    title: str
    label: str
    lines: tuple[MethodFact, ...]
    anchor: str = ""


@dataclass(frozen=True)
class ClaimView:
    """What a source says, kept apart from the counts."""

    treatments: str
    about: str
    line: str
    statement: str
    quote: str
    source_id: str
    source: Link
    when: str
    region: str
    note: str


@dataclass(frozen=True)
class Excluded:
    """A reason for which something was not counted; the studies it keeps out, with their groups of people as notes."""

    reason: str
    studies: tuple[Link, ...]


@dataclass(frozen=True)
class UnderWay:
    """A trial that is still running."""

    title: str
    href: str
    design: str
    registration: str
    planned: str
    treatments: str
    note: str


@dataclass(frozen=True)
class SourceView:
    """A source and how much of it was seen."""

    id: str
    short: str
    title: str
    citation: str
    kind: str
    seen: str
    seen_level: str
    read: str
    doi: str
    doi_href: str
    pmid: str
    where: tuple[Link, ...]
    studies: tuple[Link, ...]
    notices: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class AuthorView:
    """The author's own view of the place in therapy."""

    line: str
    because: str
    by: str
    source: Link | None
