"""How sure, and why: the summary of findings, with the reasons of every level; benefits and harms alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from handful.base.wording import capital, count, human_list, people, plural, range_per_100, range_per_1000
from handful.certainty.certainty import Certainty, Domain, GradedRow, Grading
from handful.certainty.evidence import Body, bodies
from handful.certainty.grade import grade
from handful.certainty.risk_of_bias import BIAS_WORDS, LEVEL_LETTERS
from handful.certainty.tool import tool_id, tools
from handful.question.select import treatment_ids
from handful.records.judgement import Judgement
from handful.site import links
from handful.site.links import Linker
from handful.site.site import Site
from handful.site.views.certainty import BiasLine, CertaintyPart, FindingGroup, FindingRow, Sure
from handful.site.views.page import Link
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import RowAnswer, Synthesis
from handful.words import names
from handful.words.certainty import DOTS, domain_words, level_meaning, start_words
from handful.words.language import told
from handful.words.sentences import is_harm_question


def certainty_part(site: Site, linker: Linker, answer: Synthesis) -> CertaintyPart:
    """The section on how sure one can be; one denominator, 100 or 1000, through the whole table."""
    graded = grade(answer, site.review.judgements)
    pairs = [(b, r) for b, r in zip(bodies(answer), graded.rows, strict=True) if shown(b, answer)]
    in_1000 = any(b.interval is not None and b.interval[1] < 0.01 for b, _ in pairs)
    made = [(b, _row(site, linker, answer, b, r, in_1000=in_1000)) for b, r in pairs]
    harm_question = is_harm_question(answer)
    first = "What the question asks" if harm_question else "Benefit"
    groups = (
        FindingGroup(first, tuple(row for b, row in made if b.kind != "harm")),
        FindingGroup("Other harms" if harm_question else "Harms", tuple(row for b, row in made if b.kind == "harm")),
    )
    levels = sorted({x for _, r in pairs for x in (r.certainty.level, r.rate.level)}, key=list(DOTS).index)
    bias, missing = _bias(site, linker, pairs)
    return CertaintyPart(
        lead=told("sure.two-questions"),
        sure=sure(graded.main),
        denominator="1000" if in_1000 else "100",
        groups=tuple(g for g in groups if g.rows),
        reasons=tuple(_of_the_answer(graded)),
        more=Link("Every reason of every row", f"{linker.root}{links.methods(graded.question)}#reasons"),
        meaning=level_meaning([str(x) for x in levels]),
        judged=judged_words(site, graded),
        bias=bias,
        bias_missing=missing,
    )


def _of_the_answer(graded: Grading) -> Iterable[str]:
    """The reasons of the rating that stands in the answer, in full."""
    found = graded.main
    yield start_words(found)
    for domain in found.domains:
        if domain.steps or domain.overrides or domain.made == "not-judged":
            yield domain_words(domain)


def shown(body: Body, answer: Synthesis) -> bool:
    """Groups of the main outcome, and everything together; other words and harms as a whole; nothing that is empty."""
    if body.kind == "main":
        alone = body.group == "overall" and len([g for g in answer.main.groups if g.count.rows]) == 1
        return (bool(body.rows) and not alone) or (body.group == "overall" and not answer.main.groups)
    return bool(body.rows) and body.group == "overall"


def _row(site: Site, linker: Linker, answer: Synthesis, body: Body, row: GradedRow, *, in_1000: bool) -> FindingRow:
    words = range_per_1000 if in_1000 else range_per_100
    if body.kind == "harm":
        shown = _largest(body)
        found, href, span, beside = _harm_count(site, linker, answer, body, shown)
        if shown is not None and not isinstance(shown.interval, NotEstimable):
            span = told("counted.could-be-cell", range=words(float(shown.interval.low), float(shown.interval.high)))
    else:
        events = sum(r.events.value for r in body.rows if r.countable and r.events is not None)
        found, beside = count(events, body.people), ""
        href = "#" + names.group(body.group, "" if body.kind == "main" else body.outcome)
        span = told("counted.no-rate")
        if body.interval is not None:
            span = told("counted.could-be-cell", range=words(*body.interval))
    return FindingRow(
        name=capital(body.name),
        group="" if body.kind != "main" or not answer.main.groups else body.group_name,
        count=found,
        href=href,
        span=span,
        beside=beside,
        rests_on=_rests_on(body),
        effect=sure(row.certainty),
        rate=sure(row.rate),
        reasons=in_short(row.certainty),
    )


def in_short(found: Certainty) -> str:
    """'starts very low; risk of bias −2, imprecision −3': each step of a level, by its sign and size."""
    steps = [f"{told(f'domains.{d.name}')} {_signed(d)}" for d in found.domains if d.steps or d.made == "not-judged"]
    start = told("cell.starts", level=told(f"certainty.{found.start}"))
    return "; ".join([start, *([", ".join(steps)] if steps else [])])


def _signed(domain: Domain) -> str:
    return told("cell.not-judged") if domain.made == "not-judged" else f"{domain.steps:+d}".replace("-", "−")


def reasons_of(row: GradedRow) -> Iterable[str]:
    """Every reason of a row, in full sentences."""
    yield start_words(row.certainty)
    if row.rate.start != row.certainty.start:
        yield start_words(row.rate)
    for domain in row.certainty.domains:
        if domain.steps or domain.overrides or domain.made == "not-judged":
            yield domain_words(domain)


def _largest(body: Body) -> RowAnswer | None:
    """The count of most people, as the graded interval is; harms of different studies are not added up."""
    there = [a for a in body.answers if a.row.countable]
    rates = [a for a in there if not isinstance(a.interval, NotEstimable)]
    return max(rates or there, key=lambda a: a.row.total.value if a.row.total else 0, default=None)


def _harm_count(
    site: Site, linker: Linker, answer: Synthesis, body: Body, shown: RowAnswer | None
) -> tuple[str, str, str, str]:
    if shown is None or shown.row.events is None or shown.row.total is None:
        return told("cell.only-percentages"), "#harms", "", ""
    row = shown.row
    assert row.events is not None
    assert row.total is not None
    said = []
    treated = treatment_ids(answer.counts.records, answer.question.treatment)
    for other in answer.harms:
        o = other.row
        if (o.study, o.outcome) == (row.study, row.outcome) and o.treatment not in treated and o.events and o.total:
            in_arm = count(o.events.value, o.total.value)
            said.append(told("cell.in-arm", treatment=o.treatment_name, count=in_arm))
    more = len(body.answers) - 1
    if more:
        said.append(told("cell.largest", more=plural(more, "more count")))
    found = count(row.events.value, row.total.value)
    return found, linker.number(site.index.of_row(row)), told("cell.reports"), "; ".join(said)


def _rests_on(body: Body) -> str:
    designs = human_list(list(dict.fromkeys(row.design_words for row in body.rows)))
    said = {"studies": plural(len(body.studies), "study"), "designs": designs}
    if body.kind == "harm":  # studies of harms may share people
        return told("cell.rests-on", **said)
    return told("cell.rests-on-people", **said, people=people(body.people))


def sure(found: Certainty) -> Sure:
    """The level in words and in signs."""
    return Sure(found.words, DOTS[found.level])


def judged_words(site: Site, graded: Grading) -> str:
    """Who judged what cannot be computed, when, from what; and that it was one alone where it was."""
    file = site.review.judgements.certainty.get(graded.question)
    if file is None:
        return told("sure.nobody-judged")
    key = "sure.judged-alone" if len(file.by) == 1 else "sure.judged"
    return told(key, by=human_list(list(file.by)), on=str(file.on), seen=file.seen)


def _bias(site: Site, linker: Linker, pairs: list[tuple[Body, GradedRow]]) -> tuple[tuple[BiasLine, ...], str]:
    own = list(dict.fromkeys(s for body, _ in pairs if body.kind != "harm" for s in body.studies))
    counted = [row.study for body, _ in pairs if body.kind == "harm" for row in body.rows if row.countable]
    harms = [s for s in dict.fromkeys(counted) if s not in own]
    studies = (*own, *harms)
    lines = [
        line if study in own else replace(line, because="")  # the reason stands on the page of all judgements
        for study in studies
        for judgement in site.review.judgements.of_study(study)
        for line in (bias_line(site, linker.root, judgement),)
    ]
    missing = [s for s in studies if not site.review.judgements.of_study(s)]
    said = f"Not judged yet: {human_list([site.study_link(s, linker.root).text for s in missing])}." if missing else ""
    return tuple(lines), said


def bias_line(site: Site, root: str, judgement: Judgement) -> BiasLine:
    """A study's overall judgement in a line."""
    identifier = tool_id(judgement.tool)
    return BiasLine(
        study=site.study_link(judgement.study, root),
        sign=LEVEL_LETTERS[judgement.overall],
        level=BIAS_WORDS[judgement.overall],
        tool=tools()[identifier].name if identifier else judgement.tool,
        because=judgement.because,
        details=f"{root}{links.risk_of_bias(judgement.id)}",
    )


__all__ = ["bias_line", "certainty_part", "in_short", "judged_words", "reasons_of", "shown", "sure"]
