"""Each drawing of a question as matplotlib axes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from handful.base.errors import InputError
from handful.base.wording import capital, count, grouped, level, range_per_100
from handful.counts.rows import CountRow
from handful.drawings.boxes import flow, ladder
from handful.drawings.nothing import NothingToDraw, nothing
from handful.figures.theme import (
    ACCENT,
    BAR,
    BAR_SOFT,
    GRID,
    GROUPS,
    INK,
    SIZE,
    SMALL,
    SOFT,
    Axes,
    describe,
    dress,
    margins,
    paper,
)
from handful.review import Review
from handful.stats.evidence import one_arm
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.synthesis import GroupAnswer, RowAnswer, Synthesis

MOST_ICONS = 100


def draw(kind: str, review: Review, answer: Synthesis) -> Axes:
    """The drawing of that name.

    Raises:
        NothingToDraw: when the question has nothing that it shows, with the reason.
    """
    try:
        return DRAW[kind](review, answer)
    except NothingToDraw:
        raise
    except InputError as error:
        raise NothingToDraw(f"no {kind} of {answer.question.id}: {error.message}", hint=error.hint) from None


def _counted(answers: Sequence[RowAnswer], *, named: bool = False) -> Any:
    """The counts as evidence; ``named``: called by treatment and outcome, where these differ from row to row."""
    rows = [a.row for a in answers if a.row.events is not None and a.row.total is not None and a.row.total.value]
    if not rows:
        return None
    return one_arm(
        [row.events.value for row in rows if row.events],
        [row.total.value for row in rows if row.total],
        labels=[_called(row, named) for row in rows],
    )


def _called(row: CountRow, named: bool) -> str:
    if not named:
        return f"{row.study_short}, {textwrap.shorten(row.arm_name or row.arm, 40, placeholder='…')}"
    outcome = textwrap.shorten(row.outcome_name, 34, placeholder="…")
    return f"{row.treatment_name}: {outcome} ({row.study_short})"


def _forest(review: Review, answer: Synthesis) -> Axes:
    from handful.figures.forest import forest

    overall = answer.main.overall
    fit = overall.likelihood
    if overall.pooled_headline and isinstance(fit, Fit):
        return forest(fit, level=answer.plan.level)
    found = _counted(overall.rows)
    if found is None:
        raise nothing(answer, "forest", "nobody was counted")
    return forest(found, level=answer.plan.level)


def _rows(kind: str, of: Callable[[Synthesis], Sequence[RowAnswer]]) -> Callable[[Review, Synthesis], Axes]:
    def drawn(review: Review, answer: Synthesis) -> Axes:
        from handful.figures.forest import forest

        found = _counted(of(answer), named=True)
        if found is None:
            raise nothing(answer, kind, "the records hold no count of it")
        return forest(found, level=answer.plan.level)

    return drawn


def _groups(answer: Synthesis) -> list[GroupAnswer]:
    return [g for g in (answer.main.groups or (answer.main.overall,)) if g.count.total]


def _name(group: GroupAnswer) -> str:
    return _title(group.id, group.count.name)


def _title(identifier: str, name: str) -> str:
    return "All together" if identifier == "overall" else capital(name)


def _icons(review: Review, answer: Synthesis) -> Axes:
    from matplotlib.patches import Circle

    groups = _groups(answer)
    if not groups:
        raise nothing(answer, "icons", "nobody was counted")
    large = [g for g in groups if g.count.total > MOST_ICONS]
    if large:
        people = grouped(max(g.count.total for g in large))
        raise nothing(answer, "icons", f"one icon is one person up to {MOST_ICONS} people; here are {people}")
    columns, at, told = 20, 0.0, []
    rows_of = [-(-g.count.total // columns) for g in groups]
    ax = paper(6.2, 0.35 + 0.3 * sum(rows_of) + 0.55 * len(groups))
    margins(ax, left=0.2, right=0.2, bottom=0.15, top=0.1)
    for group, rows in zip(groups, rows_of, strict=True):
        said = f"{_name(group)}: {count(group.count.events, group.count.total)}"
        told.append(said)
        ax.text(0, at + 0.35, said, fontsize=SIZE, color=INK, va="center")
        for i in range(group.count.total):
            filled = i < group.count.events
            ax.add_patch(
                Circle(
                    (i % columns + 0.4, at + 1.4 + i // columns),
                    0.36,
                    facecolor=BAR if filled else "none",
                    edgecolor=ACCENT if filled else SOFT,
                    linewidth=1.1,
                    gid=f"icon-{'filled' if filled else 'hollow'}",
                )
            )
        at += rows + 1.6
    ax.set_xlim(-0.2, columns + 0.2)
    ax.set_ylim(at, -0.2)
    ax.set_aspect("equal", adjustable="box", anchor="W")
    ax.set_axis_off()
    return describe(ax, f"One icon is one person, filled: “{answer.main.name}”. " + ". ".join(told) + ".")


def _posterior(review: Review, answer: Synthesis) -> Axes:
    import numpy as np

    known = [p for p in answer.posteriors if not isinstance(p.rate, NotEstimable)]
    found = [p for p in known if p.id != "overall" or p.studies > 1] or known
    if not found:
        raise nothing(answer, "posterior", "no group has a rate")
    edges = np.linspace(0.0, 1.0, 101)
    ax = paper(6.2, 3.6)
    margins(ax, left=0.3, right=0.3, bottom=0.6, top=0.25)
    dress(ax, left=False)
    told = []
    for i, p in enumerate(found):
        if isinstance(p.rate, NotEstimable):
            continue
        heights = np.maximum(np.diff(np.asarray(p.rate.cdf(edges))), 0.0)
        low, high = p.rate.interval(p.level)
        name = _title(p.id, p.name)
        said = f"{name}: {count(p.events, p.total)}, {range_per_100(low, high)}"
        told.append(said)
        colour = GROUPS[i % len(GROUPS)]
        style = ("-", "--", ":", "-.")[i % 4]
        ax.step(edges[1:], heights, color=colour, linestyle=style, linewidth=1.8, label=said)
        ax.fill_between(edges[1:], heights, step="pre", color=colour, alpha=0.10, linewidth=0)
    ax.set_yticks([])
    ax.set_xlim(0, 1)
    ax.set_ylim(bottom=0)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
    ax.set_xlabel("true rate, people in 100")
    ax.legend(frameon=False, fontsize=SMALL, labelcolor=INK, loc="best")
    return describe(ax, f"Posterior rates, {level(found[0].level)} intervals. " + ". ".join(told) + ".")


def _sensitivity(review: Review, answer: Synthesis) -> Axes:
    from handful.synthesis.sensitivity import sensitivity

    found = sensitivity(review, answer.question)
    if isinstance(found, NotEstimable):
        raise nothing(answer, "sensitivity", found.reason)
    groups = [g for g in found.groups if g.rows]
    if not groups:
        raise nothing(answer, "sensitivity", "nobody was counted")
    ax = paper(6.2, 0.9 + 1.5 * len(groups))
    margins(ax, left=1.5, right=0.3, bottom=0.6, top=0.2)
    dress(ax, left=False)
    told = []
    for y, group in enumerate(groups):
        rows = sorted(group.rows, key=lambda row: (row.estimate, row.low, row.high))
        step, thick = 0.8 / max(len(rows), 2), max(0.3, min(2.0, 60 / len(rows)))
        for i, row in enumerate(rows):
            at = y - 0.4 + i * step
            ax.plot([row.low, row.high], [at, at], color=BAR_SOFT, linewidth=thick, zorder=1)
            mark, size, colour = ("D", 6, INK) if row.headline else ("|", 3, SOFT if row.bound else ACCENT)
            ax.plot(
                [row.estimate],
                [at],
                linestyle="none",
                marker=mark,
                color=colour,
                markersize=size,
                zorder=3 if row.headline else 2,
            )
        own = next((row for row in rows if row.headline), rows[0])
        name = _title(group.id, group.name)
        low, high = min(r.estimate for r in rows), max(r.estimate for r in rows)
        told.append(
            f"{name}: {grouped(len(rows))} analyses, estimates from {low:.4f} to {high:.4f}, "
            f"the plan's own {own.estimate:.4f} ({own.low:.4f} to {own.high:.4f})"
        )
    ax.set_yticks(
        range(len(groups)),
        labels=[textwrap.fill(_title(g.id, g.name), 20) for g in groups],
        fontsize=SMALL,
    )
    ax.set_ylim(len(groups) - 0.4, -0.6)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
    ax.set_xlabel("people in 100; one line an analysis, the diamond is the plan's own")
    return describe(ax, f"Every other defensible analysis, {level(found.level)} intervals. " + ". ".join(told) + ".")


def _prior_sensitivity(review: Review, answer: Synthesis) -> Axes:
    from handful.figures.prior_sensitivity import prior_sensitivity

    fit = answer.main.overall.posterior
    if isinstance(fit, NotEstimable):
        raise nothing(answer, "prior-sensitivity", fit.reason)
    return prior_sensitivity(fit)


def _funnel(review: Review, answer: Synthesis) -> Axes:
    from handful.figures.funnel import funnel

    fit = answer.main.overall.likelihood
    if isinstance(fit, NotEstimable):
        raise nothing(answer, "funnel", fit.reason)
    if len(answer.main.overall.count.studies) < 3:
        raise nothing(answer, "funnel", "fewer than three studies were counted")
    return funnel(fit)


def _bias(kind: str) -> Callable[[Review, Synthesis], Axes]:
    def drawn(review: Review, answer: Synthesis) -> Axes:
        from handful.certainty.risk_of_bias import risk_of_bias
        from handful.figures.risk_of_bias import bias_summary, traffic_light

        counted = set(answer.studies)
        mine = [j for j in review.judgements.values() if j.study in counted]
        if not mine:
            raise nothing(answer, kind, "no risk of bias of its studies was judged")
        tools: dict[str, int] = {}
        for judgement in mine:
            tools[judgement.tool] = tools.get(judgement.tool, 0) + 1
        tool = max(sorted(tools), key=lambda name: tools[name])
        table = risk_of_bias([j for j in mine if j.tool == tool], tool)
        return traffic_light(table) if kind == "risk-of-bias" else bias_summary(table)

    return drawn


def _timeline(review: Review, answer: Synthesis) -> Axes:
    records = review.records
    people: dict[str, int] = {}
    for r in answer.main.overall.rows:
        if r.row.total is not None:
            people[r.row.study] = people.get(r.row.study, 0) + r.row.total.value
    dated, undated = [], []
    for study, n in people.items():
        source = records.sources.get(records.studies[study].source) if study in records.studies else None
        if source is not None and isinstance(source.year, int):
            dated.append((source.year, source.short, n))
        else:
            undated.append((study, n))
    if not dated:
        raise nothing(answer, "timeline", "no counted study has a year")
    dated.sort()
    ax = paper(6.9, 1.0 + 0.3 * len(dated))
    margins(ax, left=0.4, right=3.3, bottom=0.6, top=0.2)
    dress(ax, left=False)
    until, told = 0, []
    for y, (year, short, n) in enumerate(dated):
        until += n
        said = f"{textwrap.shorten(short, 34, placeholder='…')}: {_people_counted(n)}, {grouped(until)} until then"
        told.append(said)
        ax.plot([year, max(d[0] for d in dated) + 0.4], [y, y], color=GRID, linewidth=1, zorder=1)
        ax.plot([year], [y], marker="o", color=BAR, markersize=4 + min(12.0, n**0.5), zorder=2)
        ax.text(1.02, y, said, transform=ax.get_yaxis_transform(), fontsize=SMALL, color=INK, va="center")
    first, last = dated[0][0], dated[-1][0]
    ax.set_xlim(first - 0.5, last + 0.5)
    step = max(1, (last - first) // 5)
    ax.set_xticks(range(first, last + 1, step), labels=[str(v) for v in range(first, last + 1, step)])
    ax.set_yticks([])
    ax.set_ylim(len(dated) - 0.4, -0.6)
    ax.set_xlabel("year of publication")
    missing = f" {len(undated)} counted without a year." if undated else ""
    return describe(ax, "The evidence by year of publication. " + ". ".join(told) + "." + missing)


def _people_counted(n: int) -> str:
    """'1 person', '4 people'."""
    return f"{grouped(n)} {'person' if n == 1 else 'people'}"


def _people(kind: str) -> Callable[[Review, Synthesis], Axes]:
    def drawn(review: Review, answer: Synthesis) -> Axes:
        from handful.figures import patients

        drawing: Callable[..., Axes] = getattr(patients, kind)
        return drawing(answer)

    return drawn


DRAW: dict[str, Callable[[Review, Synthesis], Axes]] = {
    "forest": _forest,
    "icons": _icons,
    "posterior": _posterior,
    "alternatives": _rows("alternatives", lambda answer: answer.alternatives),
    "harms": _rows("harms", lambda answer: answer.harms),
    "sensitivity": _sensitivity,
    "prior-sensitivity": _prior_sensitivity,
    "funnel": _funnel,
    "risk-of-bias": _bias("risk-of-bias"),
    "bias-summary": _bias("bias-summary"),
    "flow": flow,
    "ladder": ladder,
    "timeline": _timeline,
    "thresholds": _people("thresholds"),
    "waterfall": _people("waterfall"),
    "swimmer": _people("swimmer"),
}

__all__ = ["NothingToDraw", "draw"]
