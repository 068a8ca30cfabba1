"""The answer under other choices: the section of a question's page, and the page of every analysis."""

from __future__ import annotations

from collections.abc import Iterable

from handful.base.wording import capital, count, grouped, percent, percent_range, plural, range_per_100
from handful.site import links
from handful.site.forest import interval_plot, share_axis
from handful.site.site import Site
from handful.site.views import Link
from handful.site.views.sensitivity import (
    AnalysisRow,
    AnalysisTable,
    ChoiceMeaning,
    ChoicePanel,
    ChoiceRow,
    Curve,
    EveryAnalysisPage,
    NotRunView,
    SensitivityPart,
    Strip,
    StripGroup,
)
from handful.stats.results import NotEstimable
from handful.synthesis.sensitivity_result import OVERALL, Analysis, Dimension, GroupSensitivity, Sensitivity
from handful.synthesis.sensitivity_sentence import count_words
from handful.synthesis.synthesis import Synthesis
from handful.words import sensitivity as words
from handful.words.language import told as phrase

ROOT = "../"
MOST_ROWS = 200
"""So many analyses of a group stand in the table of the page; the file holds all."""
MOST_DRAWN = 1200
"""So many are drawn; of more, evenly chosen ones."""
MOST_BESIDE = 40
"""A page with more counts of other treatments than this is heavy already: its picture stands on the page of all."""
MOST_CHOICES = 2
"""Of more other choices than this the lowest and the highest are drawn on the page of the question."""


def sensitivity_part(site: Site, answer: Synthesis) -> SensitivityPart | None:
    """The section: the main alternatives by choice; None where nobody is counted."""
    found = site.every_analysis(answer)
    if isinstance(found, NotEstimable):
        return None
    shown = [group for group in found.groups if len(group.rows) > 1]
    if not shown:
        return SensitivityPart((words.about_choices("one"),), (), (), "", None, share_axis())
    apart = [group for group in shown if group.id != OVERALL]
    drawn = apart if len(apart) > 1 else shown
    heavy = len(answer.alternatives) > MOST_BESIDE
    panels = () if heavy else tuple(_panel(found, group) for group in drawn)
    told = tuple(words.of_group(capital(group.name), group.summary) for group in drawn) if heavy else ()
    more = [group.summary for group in shown if group.id == OVERALL and len(apart) > 1]
    bounds = any(row.kind == "bound" for panel in panels for row in panel.rows)
    return SensitivityPart(
        intro=() if heavy else (words.about_choices("why"), *((words.about_choices("a-bound"),) if bounds else ())),
        panels=panels,
        told=told,
        moves=" ".join(
            [*(words.together(said) for said in more), *(() if heavy else (words.about_choices("no-average"),))]
        ),
        more=Link("Every analysis, drawn and as a table", f"{ROOT}{links.every_analysis(answer.question.id)}"),
        axis=share_axis(),
    )


def _panel(found: Sensitivity, group: GroupSensitivity) -> ChoicePanel:
    rows: list[ChoiceRow] = []
    head = group.headline
    if head is not None:
        outcome = found.dimensions[0].choice(head.choices["outcome"]).words
        rows.append(_row(head, "As planned", outcome, kind="own"))
    seen = {(row.arms, row.model) for row in (head,) if row is not None}
    for dimension in found.dimensions:
        for label, row, beside in _alternatives(found, group, dimension):
            if (row.arms, row.model) not in seen:
                seen.add((row.arms, row.model))
                rows.append(_row(row, label, beside))
        rows.extend(_bounds(found, group, dimension))
    return ChoicePanel(group.id, capital(group.name), group.summary, tuple(rows))


def _alternatives(
    found: Sensitivity, group: GroupSensitivity, dimension: Dimension
) -> Iterable[tuple[str, Analysis, str]]:
    """The analysis nearest to the plan under each other choice; of many choices the lowest and the highest."""
    if dimension.id in ("model", "prior"):  # a page's picture is of counts; the page of every analysis has them
        return
    nearest = [pair for pair in found.nearest(group, dimension) if not pair[1].bound]
    if len(nearest) > MOST_CHOICES:
        nearest = [f(nearest, key=lambda pair: pair[1].estimate) for f in (min, max)]
    for choice, row in nearest:
        yield capital(choice.words), row, found.beside(row, dimension).removeprefix("; ")


def _bounds(found: Sensitivity, group: GroupSensitivity, dimension: Dimension) -> Iterable[ChoiceRow]:
    """The bounds of a dimension in one row: from as few as possible with the outcome to as many; nobody's count."""
    ends = sorted((row for _, row in found.nearest(group, dimension) if row.bound), key=lambda row: row.estimate)
    head = group.headline
    if len(ends) < 2 or head is None:
        return
    low, high = ends[0], ends[-1]
    label = words.bounds_label(low, high)
    counted = phrase("analysis.from-to", low=grouped(low.events), high=count(high.events, high.total))
    span = low.low, high.high
    rates = phrase("analysis.anything", low=percent(low.estimate), high=percent(high.estimate))
    described = phrase("analysis.limits", rates=rates, limits=percent_range(*span, digits=2))
    yield ChoiceRow(
        label=label,
        beside=dimension.name,
        count=counted,
        note=words.about_choices("not-a-report"),
        digits=percent_range(*span, digits=2).replace(" ", "\u00a0"),
        words=range_per_100(*span),
        plot=interval_plot(
            phrase("cell.title", name=label, count=counted), described, (low.estimate, *span), (0, 1), "percent"
        ),
        ends=tuple(f"{100 * end.estimate:.2f}%" for end in (low, high)),
        kind="bound",
    )


def _row(row: Analysis, label: str, beside: str, *, kind: str = "") -> ChoiceRow:
    counted = count(row.events, row.total)
    described = phrase("cell.plot", percent=percent(row.estimate), range=percent_range(row.low, row.high, digits=2))
    return ChoiceRow(
        label=label,
        beside=beside,
        count=counted,
        note="pooled" if row.model != "added-up" else "",
        digits=f"{percent(row.estimate)} ({percent_range(row.low, row.high, digits=2)})".replace(" ", "\u00a0"),
        words=range_per_100(row.low, row.high),
        plot=interval_plot(
            phrase("cell.title", name=label, count=counted), described, (row.estimate, row.low, row.high), (0, 1)
        ),
        kind=kind,
    )


def every_analysis_page(site: Site, answer: Synthesis) -> EveryAnalysisPage | None:
    """The page of every analysis, where there is more than one."""
    found = site.every_analysis(answer)
    if isinstance(found, NotEstimable) or not found.several:
        return None
    question = answer.question
    groups = [group for group in found.groups if len(group.rows) > 1]
    page = site.page(
        links.every_analysis(question.id),
        f"Every analysis: {question.title}",
        heading="Every defensible analysis",
        description=f"{question.title}: the answer under every other choice that could be defended.",
    )
    data = f"{ROOT}{links.every_analysis_data(question.id)}"
    return EveryAnalysisPage(
        page=page,
        back=Link(question.asks or question.title, f"{ROOT}{links.question(question.id)}"),
        intro=(words.how_many_sentence(found), words.about_choices("no-average")),
        curves=tuple(_curve(found, group) for group in groups),
        panels=tuple(_panel(found, group) for group in groups),
        axis=share_axis(),
        meanings=tuple(
            ChoiceMeaning(capital(d.name), tuple(Link(capital(c.words), note=c.because) for c in d.choices))
            for d in found.dimensions
        ),
        tables=tuple(_table(found, group) for group in groups),
        not_run=tuple(
            NotRunView(n.what, n.reason, plural(n.combinations, "combination") if n.combinations else "")
            for n in found.not_run
        ),
        downloads=(Link("CSV", f"{data}.csv"), Link("JSON", f"{data}.json")),
    )


def _curve(found: Sensitivity, group: GroupSensitivity) -> Curve:
    rows, thinned = _drawn(group.rows)
    n = len(rows)
    own = next((i for i, row in enumerate(rows) if row.headline), None)
    strips = tuple(_strips(d, group, rows) for d in found.dimensions if _varies(d, rows))
    ends = {"low": percent(group.low), "high": percent(group.high)}
    description = phrase("analysis.sorted", analyses=plural(len(group.rows), "analysis"), **ends)
    return Curve(
        id=group.id,
        title=capital(group.name),
        summary=group.summary,
        description=description,
        width=n,
        intervals="".join(f"M{i + 0.5:g} {100 - 100 * r.high:.1f}V{100 - 100 * r.low:.1f}" for i, r in enumerate(rows)),
        points=_marks(rows, bound=False),
        bounds=_marks(rows, bound=True),
        own=f"{own + 0.5:g}" if own is not None else "",
        threshold=f"{100 - 100 * group.threshold:g}" if group.threshold is not None else "",
        strips=strips,
        thinned=thinned,
    )


def _marks(rows: tuple[Analysis, ...], *, bound: bool) -> str:
    """A short line at each estimate, as a path."""
    return "".join(
        f"M{i + 0.1:g} {100 - 100 * row.estimate:.1f}h.8" for i, row in enumerate(rows) if row.bound == bound
    )


def _drawn(rows: tuple[Analysis, ...]) -> tuple[tuple[Analysis, ...], str]:
    if len(rows) <= MOST_DRAWN:
        return rows, ""
    step = (len(rows) - 1) / (MOST_DRAWN - 1)
    wanted = {round(i * step) for i in range(MOST_DRAWN)} | {i for i, row in enumerate(rows) if row.headline}
    return tuple(rows[i] for i in sorted(wanted)), phrase("analysis.drawn", count=count(len(wanted), len(rows)))


def _varies(dimension: Dimension, rows: tuple[Analysis, ...]) -> bool:
    return len({row.choices[dimension.id] for row in rows}) > 1


def _strips(dimension: Dimension, group: GroupSensitivity, rows: tuple[Analysis, ...]) -> StripGroup:
    strips = []
    for choice in dimension.choices:
        places = [i for i, row in enumerate(rows) if row.made(dimension.id, choice.id)]
        if places:
            many = sum(row.made(dimension.id, choice.id) for row in group.rows)
            path = "".join(f"M{i + 0.5:g} 0v10" for i in places)
            strips.append(Strip(capital(choice.words), phrase("analysis.in", n=grouped(many)), path, choice.bound))
    return StripGroup(capital(dimension.name), "", tuple(strips))


def _table(found: Sensitivity, group: GroupSensitivity) -> AnalysisTable:
    kept = sorted(group.rows, key=lambda r: r.departures)[:MOST_ROWS]
    shown = sorted(kept, key=lambda r: (r.estimate, r.high))
    left = len(group.rows) - len(shown)
    return AnalysisTable(
        id=group.id,
        caption=phrase("analysis.caption", name=capital(group.name), analyses=plural(len(shown), "analysis")),
        rows=tuple(_line(found, row) for row in shown),
        left=phrase("analysis.more", n=grouped(left)) if left else "",
    )


def _line(found: Sensitivity, row: Analysis) -> AnalysisRow:
    head = next((r.choices for r in found.group(row.group).rows if r.headline), {})
    other = [
        d.choice(row.choices[d.id]).words
        for d in found.dimensions
        if row.choices[d.id] != head.get(d.id, d.choices[0].id)
    ]
    return AnalysisRow(
        choices="; ".join(other) or "as planned",
        count=count_words(row),
        k=str(row.k),
        estimate=percent(row.estimate),
        span=percent_range(row.low, row.high),
        same=words.same_words(row.same),
        kind="bound" if row.bound else "own" if row.headline else "",
    )
