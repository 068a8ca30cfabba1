"""Tools for risk of bias as data: questions by number, answers, domains, the way to a judgement where there is one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from handful.base.errors import UnknownChoice
from handful.base.problems import Problem
from handful.base.typed import Id, Map, TextList, Typed, Words
from handful.base.yaml_files import parse
from handful.records.judgement import BiasWord

BiasLevel: TypeAlias = BiasWord
SEVERITY: dict[str, int] = {
    "low": 0,
    "some-concerns": 1,
    "moderate": 1,
    "unclear": 1,
    "no-information": 1,
    "high": 2,
    "serious": 2,
    "critical": 3,
}
"""From best to worst across tools. What is not known is held as worse than low and better than high."""

Answers: TypeAlias = TextList


class Rule(Typed):
    """When every named item has one of the answers listed, the judgement is this. The first rule that fits wins."""

    when: Map[str, Answers]
    then: BiasLevel

    def fits(self, answers: Mapping[str, str]) -> bool:
        """Whether the answers given fit."""
        return all(answers.get(item) in allowed for item, allowed in self.when.items())


class Item(Typed):
    """One question: its number in the tool, what it asks in our own short words, its own answers or stars."""

    item: Words
    asks: Words
    answers: Answers = ()
    stars: Map[str, int] = Field(default_factory=dict)


class ToolDomain(Typed):
    """A domain: its items, and the rules of its judgement; ``parts`` are judged apart, and the worst of them counts.

    A ``triage`` is no domain of its own: what it finds ends the assessment, and where it finds nothing it is left out.
    """

    id: Id
    short: Words
    name: Words
    items: tuple[Item, ...]
    rules: tuple[Rule, ...] = ()
    parts: tuple[tuple[Rule, ...], ...] = ()
    triage: bool = False

    def judgement(self, answers: Mapping[str, str]) -> BiasLevel | None:
        """What the rules give; None where the tool has none, or answers that they need are missing."""
        found: list[BiasLevel] = []
        for rules in self.parts or (self.rules,):
            first = next((rule.then for rule in rules if rule.fits(answers)), None)
            if first is None:
                return None
            found.append(first)
        return max(found, key=SEVERITY.__getitem__)


class MayRise(Typed):
    """The overall judgement may be worse than the worst domain when so many domains stand at ``source``."""

    source: Annotated[BiasLevel, Field(alias="from")]
    to: BiasLevel
    when_at_least: int


class Overall(Typed):
    """How domains make the overall judgement: the worst of them."""

    rule: Literal["worst"]
    unknown: BiasLevel | None = None
    may_rise: tuple[MayRise, ...] = ()
    note: Words | None = None


class Checked(Typed):
    """What the file was held against, when, and what came of it."""

    against: Words
    on: datetime.date
    found: Words


class Tool(Typed):
    """``certainty/tools/<id>.yaml`` of the package."""

    id: Id
    name: Words
    version: Words
    use: Words
    source: Words
    doi: Words
    basis: Words
    checked: Annotated[tuple[Checked, ...], Field(min_length=1)]
    robvis: Annotated[Words | None, Field(description="its template in robvis, where it has one of its own")] = None
    levels: tuple[BiasLevel, ...]
    answers: Map[str, str]
    domains: tuple[ToolDomain, ...]
    overall: Overall | None = None

    @model_validator(mode="after")
    def _whole(self) -> Tool:
        for domain in self.domains:
            for rule in (*domain.rules, *(r for part in domain.parts for r in part)):
                for item, answers in rule.when.items():
                    allowed = self.allowed(item)
                    if allowed is None or not set(answers) <= set(allowed) or rule.then not in self.levels:
                        raise ValueError(f"{self.id}: a rule of {domain.id} names what the tool does not have")
        return self

    @property
    def items(self) -> tuple[Item, ...]:
        """All questions in order."""
        return tuple(item for domain in self.domains for item in domain.items)

    @property
    def judged_domains(self) -> tuple[ToolDomain, ...]:
        """The domains that are judged, without what only ends an assessment."""
        return tuple(d for d in self.domains if not d.triage)

    def domain(self, identifier: str) -> ToolDomain | None:
        """The domain of that id or short name."""
        return next((d for d in self.domains if identifier in (d.id, d.short)), None)

    def allowed(self, number: str) -> tuple[str, ...] | None:
        """The answers that an item takes; None when the tool has no such item."""
        found = next((item for item in self.items if item.item == number), None)
        return None if found is None else found.answers or tuple(self.answers)

    def domain_judgements(self, answers: Mapping[str, str]) -> dict[str, BiasLevel]:
        """What the rules give for each domain whose answers are there."""
        found = {d.id: d.judgement(answers) for d in self.domains}
        return {key: level for key, level in found.items() if level is not None}

    def overall_judgements(self, domains: Mapping[str, BiasLevel]) -> tuple[BiasLevel, ...]:
        """The overall judgements that these judgements of domains allow; none where the tool has no rule.

        The worst domain counts. A tool may name a level for what is not known (it gives way to serious and critical),
        cases in which people may judge worse than the worst domain, and a triage that decides alone.
        """
        rule = self.overall
        ended = [domains[d.id] for d in self.domains if d.triage and d.id in domains]
        if rule is not None and ended:
            return (max(ended, key=SEVERITY.__getitem__),)
        judged = [d.id for d in self.judged_domains if d.id in domains]
        if rule is None or not judged or len(judged) < len(self.judged_domains):
            return ()
        levels = [domains[d] for d in judged]
        worst = max(levels, key=SEVERITY.__getitem__)
        if rule.unknown is not None and rule.unknown in levels and SEVERITY[worst] <= SEVERITY[rule.unknown]:
            worst = rule.unknown
        for rise in rule.may_rise:
            if worst == rise.source and levels.count(rise.source) >= rise.when_at_least:
                return (worst, rise.to)
        return (worst,)

    def stars(self, answers: Mapping[str, str]) -> int | None:
        """Stars added up, for scales that give them."""
        if not any(item.stars for item in self.items):
            return None
        return sum(item.stars.get(answers.get(item.item, ""), 0) for item in self.items)


@cache
def tools() -> Mapping[str, Tool]:
    """Every tool of the package by its id."""
    found: dict[str, Tool] = {}
    for file in sorted(files("handful.certainty.tools").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            document = parse(file.read_text(encoding="utf-8"), file.name)
            assert not isinstance(document, Problem), document
            tool = Tool.model_validate(document.data)
            found[tool.id] = tool
    return found


def tool_id(name: str) -> str | None:
    """The id of a tool named by its id or its name in any spelling ('RoB 2'); None when it is none of ours."""
    plain = _plain(name)
    return next((key for key, tool in tools().items() if plain in (_plain(key), _plain(tool.name))), None)


def tool(name: str) -> Tool:
    """The tool of that id or name.

    Raises:
        UnknownChoice: with the nearest one.
    """
    found = tool_id(name)
    if found is None:
        raise UnknownChoice("tool", name, list(tools()))
    return tools()[found]


def _plain(text: str) -> str:
    return "".join(c for c in text.lower().replace("–", "-") if c.isalnum())


__all__ = ["SEVERITY", "BiasLevel", "Item", "Rule", "Tool", "ToolDomain", "tool", "tool_id", "tools"]
