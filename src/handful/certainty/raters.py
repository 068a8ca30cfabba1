"""Two raters: where they differ, whether it was settled, and how far they agreed before they talked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handful.base.problems import Problem
from handful.base.yaml_files import Document
from handful.certainty.tool import Tool
from handful.records.judgement import Judgement, Rater
from handful.stats.agreement.kappa import Agreement, kappa
from handful.stats.results import NotEstimable

What: TypeAlias = Literal["items", "domains", "overall"]


@dataclass(frozen=True)
class Difference:
    """One thing that two raters judged differently; ``second`` is the index of the rater who differs from the first."""

    what: What
    name: str
    first: str
    second: int
    answers: tuple[str, str]

    @property
    def words(self) -> str:
        """'item 1.2', 'domain missing', 'overall'."""
        return self.what if self.what == "overall" else f"{self.what[:-1]} {self.name}"


def differences(judgement: Judgement, tool: Tool | None = None) -> tuple[Difference, ...]:
    """Every item, domain and overall level on which a later rater differs from an earlier one who judged it too."""
    made: list[Difference] = []
    for index, rater in enumerate(judgement.raters):
        for what in ("items", "domains", "overall"):
            for name, answer in _judged(rater, what, tool).items():
                before = next(
                    ((r, found[name]) for r in judgement.raters[:index] if name in (found := _judged(r, what, tool))),
                    None,
                )
                if before is not None and before[1] != answer:
                    made.append(Difference(what, name, before[0].by, index, (before[1], answer)))
    return tuple(made)


def _judged(rater: Rater, what: What, tool: Tool | None) -> Mapping[str, str]:
    if what == "items":
        return rater.answers
    if what == "domains":
        return {_domain(tool, name): level for name, level in rater.domains.items()}
    return {} if rater.overall is None else {"overall": rater.overall}


def _domain(tool: Tool | None, name: str) -> str:
    found = tool.domain(name) if tool is not None else None
    return found.id if found is not None else name


def check_raters(judgement: Judgement, document: Document, tool: Tool | None = None) -> Iterator[Problem]:
    """A difference that nobody settled, a settlement that is not written down, and one against what both said."""
    for found in differences(judgement, tool):
        rater = judgement.raters[found.second]
        key = {"items": "answers", "domains": "domains", "overall": "overall"}[found.what]
        place = ("raters", found.second, key, *(() if found.what == "overall" else (_typed(rater, found, tool),)))
        line = document.line(place)
        said = f"{found.words}: {found.first} says `{found.answers[0]}`, {rater.by} says `{found.answers[1]}`"
        if judgement.agreed_by is None:
            hint = f"write what was agreed under `{found.what}:`, and how under `agreed_by:`"
            yield Problem(document.file, line, "raters-disagree", f"{said}; nothing says how that was settled", hint)
        elif _agreed(judgement, found.what, found.name, tool) is None:
            hint = f"write it under `{found.what}:` with its reason"
            yield Problem(document.file, line, "not-settled", f"{said}; what was agreed is not written down", hint)
    if judgement.agreed_by is None:
        yield from _against_both(judgement, document, tool)


def _typed(rater: Rater, found: Difference, tool: Tool | None) -> str:
    """The name as it stands in the file."""
    if found.what != "domains":
        return found.name
    return next((name for name in rater.domains if _domain(tool, name) == found.name), found.name)


def _agreed(judgement: Judgement, what: What, name: str, tool: Tool | None) -> str | None:
    if what == "items":
        return judgement.answers.get(name)
    if what == "overall":
        return judgement.overall
    typed = {_domain(tool, d.domain): d.level for d in judgement.domains}
    rules = tool.domain_judgements(judgement.answers) if tool is not None else {}
    return typed.get(name, rules.get(name))


def _against_both(judgement: Judgement, document: Document, tool: Tool | None) -> Iterator[Problem]:
    """What two raters said alike and the judgement has otherwise, with nobody saying why."""
    if len(judgement.raters) < 2:
        return
    for what in ("items", "domains", "overall"):
        first, *others = (_judged(rater, what, tool) for rater in judgement.raters)
        for name, answer in first.items():
            told = [other[name] for other in others if name in other]
            agreed = _agreed(judgement, what, name, tool)
            if told and all(one == answer for one in told) and agreed is not None and agreed != answer:
                line = document.line(("overall",) if what == "overall" else (what,))
                message = (
                    f"{Difference(what, name, '', 0, ('', '')).words}: the raters say `{answer}`, agreed is `{agreed}`"
                )
                hint = "correct one of them, or say under `agreed_by:` how it came to that"
                yield Problem(document.file, line, "agreed-against-both", message, hint)


def agreement(judgement: Judgement | Iterable[Judgement], what: What | None = None) -> Agreement | NotEstimable:
    """How far the first two raters of a judgement (or of several) agreed before they talked.

    Item by item; where they answered no items, domain by domain, and else on the overall level. What only one of them
    judged is left out. ``what`` asks for one of the three.
    """
    those = [judgement] if isinstance(judgement, Judgement) else list(judgement)
    kinds: tuple[What, ...] = (what,) if what is not None else ("items", "domains", "overall")
    for kind in kinds:
        pairs = [pair for one in those for pair in _pairs(one, kind)]
        if pairs:
            return kappa([a for a, _ in pairs], [b for _, b in pairs])
    return NotEstimable("no item was answered by two raters")


def _pairs(judgement: Judgement, what: What) -> Iterator[tuple[str, str]]:
    if len(judgement.raters) < 2:
        return
    from handful.certainty.tool import tool_id, tools

    identifier = tool_id(judgement.tool)
    known = tools()[identifier] if identifier is not None else None
    first, second = (_judged(rater, what, known) for rater in judgement.raters[:2])
    yield from ((first[name], second[name]) for name in first if name in second)


__all__ = ["Difference", "What", "agreement", "check_raters", "differences"]
