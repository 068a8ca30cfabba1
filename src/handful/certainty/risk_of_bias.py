"""Risk of bias of several studies: a table by tool, its sum by weight, the raters' agreement, and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handful.base.by_id import UnknownId
from handful.base.errors import InputError
from handful.base.language import language
from handful.base.wording import counted, people
from handful.certainty.imprecision import Suggestion
from handful.certainty.judgement_checks import domain_levels
from handful.certainty.tool import SEVERITY, BiasLevel, Tool, tool, tool_id
from handful.counts.rows import CountRow
from handful.records.judgement import Judgement

LEVEL_LETTERS: dict[str, str] = {
    "low": "+",
    "some-concerns": "~",
    "moderate": "~",
    "unclear": "?",
    "no-information": "i",
    "high": "\N{MINUS SIGN}",
    "serious": "\N{MINUS SIGN}",
    "critical": "!",
}
"""A sign for each level, so that nothing is told by colour alone."""
BIAS_WORDS: dict[str, str] = {level: level.replace("-", " ") for level in LEVEL_LETTERS}


@dataclass(frozen=True)
class BiasRow:
    """One study: the level of each domain (None where it was not judged) and overall; its weight for the summary."""

    study: str
    levels: tuple[BiasLevel | None, ...]
    overall: BiasLevel | None
    weight: float = 1.0


@dataclass(frozen=True)
class RiskOfBias:
    """Studies judged with one tool.

    ``domains`` are their headings in order, ``names`` what they mean, where that is known.
    """

    tool: str
    domains: tuple[str, ...]
    rows: tuple[BiasRow, ...]
    names: tuple[str, ...] = ()

    def shares(self, domain: str | None = None) -> dict[BiasLevel, float]:
        """The share of the weight at each level, best first; of one domain, or overall.

        Raises:
            UnknownId: (a ``KeyError``) when there is no such domain.
        """
        if domain is not None and domain not in self.domains:
            raise UnknownId("domain", domain, list(self.domains))
        found: dict[BiasLevel, float] = {}
        for row in self.rows:
            level = row.overall if domain is None else row.levels[self.domains.index(domain)]
            if level is not None:
                found[level] = found.get(level, 0.0) + row.weight
        total = sum(found.values())
        order = sorted(found, key=lambda level: (SEVERITY[level], level))
        return {level: found[level] / total for level in order} if total > 0 else {}


def risk_of_bias(judgements: Mapping[str, Judgement] | Iterable[Judgement], tool_name: str) -> RiskOfBias:
    """The judgements made with one tool, as a table of studies and domains.

    A domain that was not judged but whose answers are there has the level that the tool's rules give.

    Args:
        judgements: ``review.judgements``, or any judgements.
        tool_name: a tool by its id or name: ``"rob-2"``, ``"RoB 2"``, ``"murad-2018"``.

    Raises:
        UnknownChoice: when there is no such tool, with the nearest.
        InputError: when ``judgements`` are none.

    >>> risk_of_bias([], "RoB 2").domains
    ('D1', 'D2', 'D3', 'D4', 'D5')
    """
    chosen = tool(tool_name)
    if not isinstance(judgements, Iterable):
        raise InputError(f"judgements is {type(judgements).__name__}, no judgements", hint="give review.judgements")
    there = judgements.values() if isinstance(judgements, Mapping) else judgements
    rows = [_row(j, chosen) for j in there if tool_id(j.tool) == chosen.id]
    shown = chosen.judged_domains
    return RiskOfBias(chosen.id, tuple(d.short for d in shown), tuple(rows), tuple(d.name for d in shown))


def _row(judgement: Judgement, chosen: Tool) -> BiasRow:
    levels = domain_levels(judgement, chosen)
    return BiasRow(judgement.study, tuple(levels.get(d.id) for d in chosen.judged_domains), judgement.overall)


def suggested_steps(rows: Iterable[CountRow], judgements: Mapping[str, Judgement]) -> Suggestion | None:
    """Steps down for risk of bias, from the judgements of the studies counted; None unless every study was judged.

    By the people behind the counts: one step when fewer than half of them are in studies at low risk, two when more
    than half are in studies at high or serious risk, three when more than half are at critical risk.
    """
    there = list(rows)
    worst: dict[str, BiasLevel] = {}
    for study in dict.fromkeys(row.study for row in there):
        levels = [j.overall for j in judgements.values() if j.study == study]
        if not levels:
            return None
        worst[study] = max(levels, key=SEVERITY.__getitem__)
    weights: dict[str, int] = {}
    for row in there:
        weights[row.study] = weights.get(row.study, 0) + (row.total.value if row.total is not None else 0)
    total = sum(weights.values())
    if total == 0:
        return None
    at = [sum(w for s, w in weights.items() if SEVERITY[worst[s]] >= severity) for severity in (1, 2, 3)]
    steps = -sum(2 * people_there > total for people_there in at)
    low, high = total - at[0], at[1]
    said = {"people": people(total), "low": counted(low, total), "high": counted(high, total)}
    told = language().text("suggested.risk-of-bias", **said)
    return Suggestion(steps, told)


__all__ = [
    "BIAS_WORDS",
    "LEVEL_LETTERS",
    "BiasRow",
    "RiskOfBias",
    "risk_of_bias",
    "suggested_steps",
]
