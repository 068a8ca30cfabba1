"""What a judgement of a study must keep: items and answers of its tool, and no level against its rules in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handful.base.problems import Problem, did_you_mean
from handful.base.wording import human_list
from handful.base.yaml_files import Document
from handful.certainty.raters import check_raters
from handful.certainty.tool import BiasLevel, Tool, tool_id, tools
from handful.records.judgement import Judgement


def check_judgement(judgement: Judgement, document: Document) -> Iterator[Problem]:
    """Every problem of one ``judgements/<id>.yaml``; a tool that is not ours is taken as it is when it has no items."""
    identifier = tool_id(judgement.tool)
    if identifier is None:
        if judgement.items or judgement.domains or any(r.answers or r.domains for r in judgement.raters):
            message = f"tool: `{judgement.tool}` is not a tool whose items are known"
            hint = did_you_mean(judgement.tool, tools())
            yield Problem(document.file, document.line(("tool",)), "unknown-tool", message, hint)
        else:
            yield from check_raters(judgement, document)
        return
    tool = tools()[identifier]
    for index, found in enumerate(judgement.items):
        yield from _answer(tool, found.item, found.answer, document, ("items", index))
    for rater_index, rater in enumerate(judgement.raters):
        for item, answer in rater.answers.items():
            yield from _answer(tool, item, answer, document, ("raters", rater_index, "answers", item))
        for name, level in rater.domains.items():
            place = ("raters", rater_index, "domains", name)
            if tool.domain(name) is None:
                yield _no_such_domain(tool, name, document, place)
            else:
                yield from _level(tool, level, document, place)
        if rater.overall is not None:
            yield from _level(tool, rater.overall, document, ("raters", rater_index, "overall"))
    yield from check_raters(judgement, document, tool)
    yield from _domains(judgement, tool, document)
    yield from _level(tool, judgement.overall, document, ("overall",))
    yield from _overall(judgement, tool, document)


def _answer(tool: Tool, item: str, answer: str, document: Document, place: tuple[str | int, ...]) -> Iterator[Problem]:
    allowed = tool.allowed(item)
    if allowed is None:
        message = f"`{item}` is not an item of {tool.name}"
        hint = did_you_mean(item, [i.item for i in tool.items])
        yield Problem(document.file, document.line(place), "unknown-item", message, hint)
    elif answer not in allowed:
        message = f"item {item} of {tool.name} does not take `{answer}`"
        words = ", ".join(f"{a} ({tool.answers[a]})" for a in allowed)
        yield Problem(document.file, document.line(place), "answer-not-allowed", message, f"accepted: {words}")


def _level(tool: Tool, level: str, document: Document, place: tuple[str | int, ...]) -> Iterator[Problem]:
    if level not in tool.levels:
        message = f"{tool.name} has no level `{level}`"
        hint = f"accepted: {', '.join(tool.levels)}"
        yield Problem(document.file, document.line(place), "level-not-of-tool", message, hint)


def _no_such_domain(tool: Tool, name: str, document: Document, place: tuple[str | int, ...]) -> Problem:
    message = f"`{name}` is not a domain of {tool.name}"
    hint = did_you_mean(name, [d.id for d in tool.domains])
    return Problem(document.file, document.line(place), "unknown-domain", message, hint)


def _domains(judgement: Judgement, tool: Tool, document: Document) -> Iterator[Problem]:
    computed = tool.domain_judgements(judgement.answers)
    for index, found in enumerate(judgement.domains):
        domain = tool.domain(found.domain)
        if domain is None:
            yield _no_such_domain(tool, found.domain, document, ("domains", index, "domain"))
            continue
        yield from _level(tool, found.level, document, ("domains", index, "level"))
        given = computed.get(domain.id)
        if given is not None and given != found.level and found.departs_because is None:
            line = document.line(("domains", index, "level"))
            message = f"{domain.id} is judged {found.level}; the answers give {given}"
            hint = "correct the answers or the level, or say why under `departs_because:`"
            yield Problem(document.file, line, "judgement-against-rules", message, hint)


def _overall(judgement: Judgement, tool: Tool, document: Document) -> Iterator[Problem]:
    given = tool.overall_judgements(domain_levels(judgement, tool))
    if given and judgement.overall not in given and judgement.departs_because is None:
        message = f"overall is {judgement.overall}; the domains give {human_list(given, last='or')}"
        hint = "correct the domains or the overall judgement, or say why under `departs_because:`"
        yield Problem(document.file, document.line(("overall",)), "judgement-against-rules", message, hint)


def domain_levels(judgement: Judgement, tool: Tool) -> Mapping[str, BiasLevel]:
    """The level of each domain by its id: as judged, else as the rules give it from the answers."""
    judged: dict[str, BiasLevel] = {}
    for found in judgement.domains:
        domain = tool.domain(found.domain)
        if domain is not None:
            judged[domain.id] = found.level
    return {**tool.domain_judgements(judgement.answers), **judged}


__all__ = ["check_judgement", "domain_levels"]
