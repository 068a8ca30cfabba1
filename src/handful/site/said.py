"""What other pages say of a question: its line on the first page, the studies it uses, its rows in the tables.

Made where the question is answered, and small, so that a page about everything does not need every answer at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from handful.counts.rows import CountRow
from handful.drawings.flow import Flow, flow_of
from handful.exports.answered import AnsweredRows, rows_of
from handful.question.plan import Plan
from handful.site.evidence_page import timeline_of
from handful.site.glance import glance
from handful.site.row_counts import made_by
from handful.site.site import Site
from handful.site.views import Glance
from handful.site.views.evidence import TimelineView
from handful.synthesis.synthesis import Synthesis
from handful.words.vocabulary import METHODS


@dataclass(frozen=True)
class Said:
    """One question, for the pages that are not its own."""

    glance: Glance
    studies: tuple[str, ...]
    """Ids of the studies that it counts or lists."""
    from_rows: tuple[CountRow, ...]
    """The counts it makes from patient rows."""
    beside: frozenset[str]
    """The treatments that it sets beside what it asks about."""
    methods: frozenset[str]
    """Codes of the methods that its plan names."""
    flow: Flow
    """From records to answer, as far as the question reaches."""
    timeline: TimelineView | None
    outcome: str
    """The name of its main outcome."""
    rows: AnsweredRows
    """Its rows in the tables for other programs."""


def said_of(site: Site, answer: Synthesis) -> Said:
    """What other pages say of the answer."""
    return Said(
        glance=glance(site, answer),
        studies=studies_of(answer),
        from_rows=made_by(answer),
        beside=frozenset(r.row.treatment for r in answer.alternatives),
        methods=_methods(answer.plan),
        flow=flow_of(answer),
        timeline=timeline_of(site, answer),
        outcome=answer.main.name,
        rows=rows_of(answer.question.id, answer),
    )


def _methods(plan: Plan) -> frozenset[str]:
    named = {plan.interval, plan.difference, plan.test, "binomial-normal", "bayes"}
    return frozenset(named | ({plan.model} & set(METHODS)))


def studies_of(answer: Synthesis) -> tuple[str, ...]:
    """Ids of all studies that a question counts or lists, each once."""
    rows = [row for s in answer.sets for row in (*s.overall.count.rows, *s.overall.count.not_countable)]
    rows += [r.row for r in (*answer.harms, *answer.alternatives, *answer.courses)]
    found = dict.fromkeys(row.study for row in rows)
    counts = answer.counts
    if counts.cases:
        found |= dict.fromkeys(row.study for row in counts.cases.rows)
    found |= dict.fromkeys(row.study for row in counts.harm_cases)
    found |= dict.fromkeys(row.study for row in counts.scores)
    found |= dict.fromkeys(study.id for study in counts.under_way)
    return tuple(found)


__all__ = ["Said", "said_of", "studies_of"]
