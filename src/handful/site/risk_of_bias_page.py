"""The page of every judgement on risk of bias: each study, each domain, each item with its answer and its reason."""

from __future__ import annotations

from handful.base.wording import capital, human_list
from handful.certainty.judgement_checks import domain_levels
from handful.certainty.raters import agreement, differences
from handful.certainty.risk_of_bias import BIAS_WORDS, LEVEL_LETTERS
from handful.certainty.tool import Tool, tool_id, tools
from handful.records.judgement import Judgement
from handful.site import links
from handful.site.site import Site
from handful.site.views import Link
from handful.site.views.certainty import BiasDomain, BiasItem, BiasPage, BiasStudy
from handful.stats.results import NotEstimable
from handful.words.certainty import agreement_words, raters_words

INTRO = (
    "How far each study may be off for reasons other than chance, judged with published tools. The questions stand in "
    "short words of our own; the tools' full wording is in their papers.",
    "An answer “no information” says that what was seen of the study does not tell; it is no reproach to its authors.",
)


def bias_page(site: Site) -> BiasPage | None:
    """The page, or None where no study was judged."""
    judgements = list(site.review.judgements.values())
    if not judgements:
        return None
    used = [tools()[i] for i in dict.fromkeys(tool_id(j.tool) for j in judgements) if i is not None]
    shown = [level for level in LEVEL_LETTERS if any(level in _levels(j) for j in judgements)]
    return BiasPage(
        page=site.page(links.RISK_OF_BIAS, "Risk of bias, study by study"),
        intro=(*INTRO, raters_words(judgements, agreement(judgements))),
        legend=", ".join(f"{LEVEL_LETTERS[level]} {BIAS_WORDS[level]}" for level in shown),
        studies=tuple(_study(site, j) for j in judgements),
        tools=tuple(Link(f"{t.name} ({t.version}): {t.source}", links.doi(t.doi), t.basis) for t in used),
    )


def _levels(judgement: Judgement) -> set[str]:
    identifier = tool_id(judgement.tool)
    found: set[str] = {judgement.overall}
    return found | set(domain_levels(judgement, tools()[identifier]).values()) if identifier else found


def _study(site: Site, judgement: Judgement) -> BiasStudy:
    identifier = tool_id(judgement.tool)
    return BiasStudy(
        anchor=links.bias_anchor(judgement.id),
        study=site.study_link(judgement.study, ""),
        tool=tools()[identifier].name if identifier else judgement.tool,
        about=judgement.about or "",
        sign=LEVEL_LETTERS[judgement.overall],
        level=BIAS_WORDS[judgement.overall],
        because=capital(judgement.because) + (f"; {judgement.departs_because}" if judgement.departs_because else ""),
        domains=_domains(judgement, tools()[identifier]) if identifier else (),
        judged=f"Judged by {_judged_by(judgement)}, {judgement.on}. Seen: {judgement.seen}.",
        agreement=_agreement(judgement),
    )


def _judged_by(judgement: Judgement) -> str:
    """Who, and that nobody else judged it apart."""
    return human_list(list(judgement.by)) + ("" if len(judgement.raters) >= 2 else ", one rater alone")


def _agreement(judgement: Judgement) -> str:
    """How far two raters agreed, and how their differences were settled; empty with one rater."""
    found = agreement(judgement)
    if isinstance(found, NotEstimable):
        return ""
    return f"Two raters apart: {agreement_words(found)}.{_settled(judgement)}"


def _settled(judgement: Judgement) -> str:
    """What the raters differed on, and how that was settled."""
    identifier = tool_id(judgement.tool)
    differing = differences(judgement, tools()[identifier] if identifier else None)
    if not differing:
        return ""
    on = human_list(list(dict.fromkeys(one.words for one in differing)))
    return f" They differed on {on}; settled: {judgement.agreed_by}."


def _domains(judgement: Judgement, tool: Tool) -> tuple[BiasDomain, ...]:
    levels = domain_levels(judgement, tool)
    answered = {i.item: i for i in judgement.items}
    said = {d.id: j for j in judgement.domains if (d := tool.domain(j.domain)) is not None}
    made = []
    for domain in tool.domains:
        items = tuple(
            BiasItem(i.item, i.asks, tool.answers[answered[i.item].answer], answered[i.item].because)
            for i in domain.items
            if i.item in answered
        )
        level = levels.get(domain.id)
        if items or level is not None:
            reason = said.get(domain.id)
            because = "" if reason is None else reason.because
            if reason is not None and reason.departs_because:
                because += f"; {reason.departs_because}"
            sign, word = (LEVEL_LETTERS[level], BIAS_WORDS[level]) if level is not None else ("", "")
            made.append(BiasDomain(capital(domain.name), sign, word, because, items))
    return tuple(made)


__all__ = ["bias_page"]
