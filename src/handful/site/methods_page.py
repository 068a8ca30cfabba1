"""The page with a question's methods in full: for readers who want to check or recompute."""

from __future__ import annotations

from handful.base.wording import capital
from handful.certainty.evidence import bodies
from handful.certainty.grade import grade
from handful.site import links
from handful.site.certainty import judged_words, reasons_of, shown
from handful.site.methods import method_blocks
from handful.site.posterior import posterior_part
from handful.site.question_page import ROOT, excluded
from handful.site.site import Site
from handful.site.views import Link
from handful.site.views.methods import MethodsPage, Reasons
from handful.synthesis.synthesis import Synthesis


def methods_page(site: Site, answer: Synthesis) -> MethodsPage:
    """The methods of one question."""
    question = answer.question
    asks = question.asks or question.title
    graded = grade(answer, site.review.judgements)
    pairs = [(b, r) for b, r in zip(bodies(answer), graded.rows, strict=True) if shown(b, answer)]
    rates = posterior_part(site, answer, ROOT)
    return MethodsPage(
        page=site.page(
            links.methods(question.id),
            f"Methods: {asks}",
            heading="Methods",
            description=f"What was asked, the plan, and everything computed for: {question.title}",
        ),
        question=Link(asks, f"{ROOT}{links.question(question.id)}"),
        blocks=method_blocks(site, answer),
        notes=tuple(dict.fromkeys(str(note) for note in answer.notes)),
        reasons=tuple(
            Reasons(
                name=f"“{capital(body.name)}”"
                + (f", {body.group_name}" if body.kind == "main" and answer.main.groups else ""),
                effect=row.certainty.words,
                forecast=row.rate.words,
                reasons=tuple(dict.fromkeys(reasons_of(row))),
            )
            for body, row in pairs
        ),
        judged=judged_words(site, graded),
        excluded=excluded(site, answer),
        results=Link(f"{question.id}.json", f"{ROOT}results/{question.id}.json"),
        digest=answer.digest,
        more=(rates.more,) if rates else (),
        searched=site.searched,
    )


__all__ = ["methods_page"]
