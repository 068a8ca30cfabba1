"""How sure, and why: the summary of findings, the counts both ways, risk of bias by study."""

from __future__ import annotations

from dataclasses import dataclass

from handful.site.views.page import Link, Page


@dataclass(frozen=True)
class Sure:
    """A level: its word and its signs."""

    word: str
    dots: str


@dataclass(frozen=True)
class FindingRow:
    """One outcome: its count with the interval, what it rests on, how sure, and the reasons in short."""

    name: str
    group: str
    count: str
    href: str
    span: str
    beside: str
    rests_on: str
    effect: Sure
    rate: Sure
    reasons: str


@dataclass(frozen=True)
class FindingGroup:
    """Benefits, or harms: the same columns and the same prominence."""

    title: str
    rows: tuple[FindingRow, ...]


@dataclass(frozen=True)
class BiasLine:
    """A study's overall judgement."""

    study: Link
    sign: str
    level: str
    tool: str
    because: str
    details: str


@dataclass(frozen=True)
class CertaintyPart:
    """The section of a question's page."""

    lead: str
    sure: Sure
    denominator: str
    groups: tuple[FindingGroup, ...]
    reasons: tuple[str, ...]
    more: Link
    meaning: str
    judged: str
    bias: tuple[BiasLine, ...]
    bias_missing: str


@dataclass(frozen=True)
class BothWaysRow:
    """One group of people: how many got better, how many got worse, and what could be true of each."""

    study: Link
    who: str
    better: str
    better_span: str
    worse: str
    worse_href: str
    worse_span: str
    note: str


@dataclass(frozen=True)
class BothWaysPart:
    """The counts both ways."""

    intro: str
    rows: tuple[BothWaysRow, ...]


@dataclass(frozen=True)
class BiasItem:
    """An item of a tool as answered."""

    number: str
    asks: str
    answer: str
    because: str


@dataclass(frozen=True)
class BiasDomain:
    """A domain with its judgement and its items."""

    name: str
    sign: str
    level: str
    because: str
    items: tuple[BiasItem, ...]


@dataclass(frozen=True)
class BiasStudy:
    """A judged study."""

    anchor: str
    study: Link
    tool: str
    about: str
    sign: str
    level: str
    because: str
    domains: tuple[BiasDomain, ...]
    judged: str
    agreement: str


@dataclass(frozen=True)
class BiasPage:
    """Every judgement of every study, item by item."""

    page: Page
    intro: tuple[str, ...]
    legend: str
    studies: tuple[BiasStudy, ...]
    tools: tuple[Link, ...]
