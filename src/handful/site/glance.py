"""A question in one line: what the first page says of it."""

from __future__ import annotations

from handful.base.wording import capital, count, range_per_100
from handful.site import links
from handful.site.certainty import sure
from handful.site.forest import rate_plot
from handful.site.site import Site
from handful.site.views import Glance, GlanceGroup
from handful.synthesis.synthesis import GroupAnswer, Synthesis
from handful.words.headline import headline
from handful.words.language import told as phrase
from handful.words.place import line_words
from handful.words.sentences import cases_sentence, is_harm_question, rate_limits


def glance(site: Site, answer: Synthesis) -> Glance:
    """A question at a glance."""
    placed = site.places.get(answer.question.id)
    graded = site.sure[answer.question.id]
    main = answer.main
    cases = answer.counts.cases
    harm = is_harm_question(answer)
    return Glance(
        title=answer.question.asks or answer.question.title,
        href=links.question(answer.question.id),
        outcome=main.name,
        groups=tuple(_glance_group(group) for group in (main.groups or (main.overall,))),
        basis=str(headline(answer, graded)),
        cases=str(cases_sentence(cases, harm=harm)) if cases and cases.count else "",
        first=answer.question.id == site.review.about.first_question,
        sure=sure(graded.main),
        line=line_words(placed.line) if placed else "",
    )


def _glance_group(group: GroupAnswer) -> GlanceGroup:
    name = capital(phrase("group.everything")) if group.id == "overall" else capital(group.count.name)
    if not group.count.rows:
        return GlanceGroup(name, phrase("counted.nobody-cell"), "", None)
    limits = rate_limits(group)
    words = count(group.count.events, group.count.total)
    if limits is None:
        return GlanceGroup(name, words, phrase("counted.no-rate"), None)
    kind = "sum" if group.added else "study"
    plot = rate_plot(name, group.count.events, group.count.total, *limits, kind=kind)
    return GlanceGroup(name, words, phrase("counted.could-be-cell", range=range_per_100(*limits)), plot)
