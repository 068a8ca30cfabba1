"""From the records to the answer, drawn: what was kept and what was not, and when each piece was published."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from handful.base.wording import grouped, human_list, people, plural
from handful.drawings.flow import Flow
from handful.site import links
from handful.site.site import Site
from handful.site.views import Axis, Link, Tick
from handful.site.views.evidence import Dated, EvidencePage, FlowBox, FlowRow, FlowView, TimelineView
from handful.synthesis.synthesis import Synthesis

if TYPE_CHECKING:
    from handful.site.said import Said

ROOT = "../"
LINE, PADDING, GAP = 19, 18, 20
"""Heights in pixels: a line of words, what a box has beside them, and the room of an arrow."""
LETTERS, LETTERS_ASIDE = 36, 33
"""So many letters of a line fit a phone of 320 pixels."""


def evidence_page(site: Site, question: str, said: Said) -> EvidencePage:
    """The page of one question; the first boxes count all records of the review, whatever the question reaches."""
    asked, records = site.review.questions[question], site.review.records
    flow = replace(
        said.flow,
        sources=len(records.sources),
        studies=len(records.studies),
        under_way=sum(study.status == "under-way" for study in records.studies.values()),
    )
    return EvidencePage(
        page=site.page(
            links.evidence(asked.id),
            f"From records to answer: {asked.title}",
            heading="From records to answer",
            description=f"{asked.title}: what was counted, what was left out and why, and when it was published.",
        ),
        back=Link(asked.asks or asked.title, f"{ROOT}{links.question(asked.id)}"),
        flow=_flow(flow),
        timeline=said.timeline,
    )


def _flow(found: Flow) -> FlowView:
    kept = found.words
    out = tuple(FlowRow(text, number, True) for text, _, number in (said.rpartition(": ") for said in found.left_out))
    rows = [FlowRow(text, "", False) for text in kept]
    rows[2:2] = out
    last_kept = len(rows) - (2 if found.cases else 1)  # single reports stand apart: no way leads to them
    boxes, y = [], 2
    for i, row in enumerate(rows):
        said = f"{row.number}: {row.what[:1].lower()}{row.what[1:]}" if row.aside else row.what
        lines = textwrap.wrap(said, _letters(row))
        lines = [textwrap.shorten(line, _letters(row), placeholder="…") or line[: _letters(row)] for line in lines]
        height = LINE * len(lines) + PADDING
        boxes.append(FlowBox(tuple(lines), y, height, row.aside, not row.aside and i < last_kept))
        followed = i + 1 < len(rows) and rows[i + 1].aside
        y += height + (8 if row.aside and followed else GAP)
    told = ". ".join((*kept, *(f"left out: {said}" for said in found.left_out)))
    return FlowView(tuple(boxes), y, f"{told}.", tuple(rows))


def _letters(row: FlowRow) -> int:
    return LETTERS_ASIDE if row.aside else LETTERS


def timeline_of(site: Site, answer: Synthesis) -> TimelineView | None:
    """Counted studies and single reports by year; ``None`` where no year is known."""
    counted: dict[str, int] = {}
    for r in answer.main.overall.rows:
        counted[r.row.study] = counted.get(r.row.study, 0) + (r.row.total.value if r.row.total else 0)
    reported: dict[str, int] = {}
    for case in answer.counts.cases.rows if answer.counts.cases else ():
        reported[case.study] = reported.get(case.study, 0) + 1
    found = [(_year(site, s), s, n, True) for s, n in counted.items()]
    found += [(_year(site, s), s, n, False) for s, n in reported.items() if s not in counted]
    dated = sorted((y, not kept, site.short(s), s, n) for y, s, n, kept in found if y is not None)
    if not dated:
        return None
    first, last = dated[0][0], dated[-1][0]
    until, rows = 0, []
    for year, apart, short, study, n in dated:
        until += 0 if apart else n
        sub = "single case report, listed apart" if apart else "counted"
        so_far = people(until) if until else "nobody"
        rows.append(
            Dated(
                link=site.study_link(study, ROOT),
                sub=sub,
                year=str(year),
                x=_at(year, first, last),
                people=grouped(n),
                until=so_far,
                counted=not apart,
                title=f"{short}: {year}",
                told=f"{people(n)}, {sub}; {so_far} counted until then",
            )
        )
    undated = [site.short(s) for y, s, _, _ in found if y is None]
    said = f"Without a year: {human_list(undated)} ({plural(len(undated), 'entry', 'entries')})." if undated else ""
    return TimelineView(_years(first, last), tuple(rows), said)


def _year(site: Site, study: str) -> int | None:
    record = site.study(study)
    source = site.review.records.sources.get(record.source) if record else None
    return source.year if source is not None and isinstance(source.year, int) else None


def _at(year: int, first: int, last: int) -> str:
    """Where a year stands, as a share of the width; one year alone stands in the middle."""
    return f"{4 + 92 * (year - first) / (last - first):.2f}%" if last > first else "50.00%"


def _years(first: int, last: int) -> Axis:
    step = max(1, -(-(last - first) // 4))
    marks = [*range(first, last + 1, step)]
    if marks[-1] != last:
        marks = [m for m in marks if last - m >= max(2, step // 2)] + [last]
    return Axis(tuple(Tick(_at(m, first, last), str(m), "middle") for m in marks), "year of publication")


__all__ = ["evidence_page"]
