"""People one by one as matplotlib axes: everybody's change, everybody's visits, and the moving bar."""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.counts.moving_bar import MovingBar, change_from_start, moving_bar
from handful.counts.rows import CountRow
from handful.figures.theme import ACCENT, BAR, BAR_SOFT, INK, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.question.people_counted import YES, numbers, scores_of
from handful.stats.one_group.proportion import proportion
from handful.synthesis.synthesis import Synthesis


def waterfall(answer: Any, *, study: str | None = None, ax: Axes | None = None) -> Axes:
    """Everybody's change in percent of the start, from the largest fall to the largest rise.

    ``answer``: what ``hf.synthesise`` returned for a question with a rule over patient rows; ``study`` chooses one of
    several. Filled columns met the rule, outlined ones did not; the dashed line is the rule's bar, if a percentage.

    Raises:
        InputError: when nothing of the answer was counted from rows, or the rows have no score at the start.
    """
    bar = _bar(answer, study)
    change = change_from_start(bar.people)
    if change is None:
        raise InputError("these patient rows have no score at the start, so nobody's change is known")
    known = ~np.isnan(change)
    order = np.argsort(change[known], kind="stable")
    values, met = change[known][order], bar.people.verdicts[known][order] == YES
    ax = _axes(ax)
    at = np.arange(len(values))
    ax.bar(at[met], values[met], width=0.8, color=BAR, edgecolor=BAR)
    ax.bar(at[~met], values[~met], width=0.8, facecolor="none", edgecolor=SOFT)
    ax.axhline(0, color=INK, linewidth=0.8)
    if bar.rule.bar in ("fall_of_percent", "rise_of_percent"):
        sign = -1 if bar.rule.bar.startswith("fall") else 1
        ax.axhline(sign * bar.rule.value, color=INK, linewidth=0.8, linestyle="--")
    ax.set_xticks([])
    ax.set_xlabel(f"{len(values)} people, {bar.row.treatment_name}")
    ax.set_ylabel("change, percent of the start")
    describe(ax, f"{int(met.sum())} of {len(values)} people met the bar")
    return ax


def swimmer(answer: Any, *, study: str | None = None, outcome: str | None = None, ax: Axes | None = None) -> Axes:
    """Everybody's visits: a line from the start to the last score, a mark at each visit, filled where the rule is met.

    ``outcome`` is the id of another outcome word whose rule has more visits than the main one.

    Raises:
        InputError: when nothing of the answer was counted from rows.
    """
    bar = _bar(answer, study, outcome)
    people, table = bar.people, bar.people.table
    instrument = bar.rule.instrument or ""
    columns = scores_of(table, instrument)
    start = next((numbers(table, c.name) for c in columns if c.baseline), np.full(len(table), np.nan))
    ax = _axes(ax, height=max(2.5, 0.22 * people.people + 1.2))
    for place, row in enumerate(people.rows.tolist()):
        seen = [(c.weeks, float(v)) for c in columns if c.weeks > 0 and not np.isnan(v := numbers(table, c.name)[row])]
        ax.plot([0, max((w for w, _ in seen), default=0)], [place, place], color=INK, linewidth=1.2, zorder=2)
        first = None if np.isnan(start[row]) else float(start[row])
        for weeks, value in seen:
            met = bar.rule.verdict({instrument: first}, {instrument: value}) == "yes"
            ax.plot(
                weeks, place, "o", markersize=5, markerfacecolor=BAR if met else "white", markeredgecolor=INK, zorder=3
            )
    ax.set_yticks(range(people.people), [str(table.value("person", i)) for i in people.rows.tolist()], fontsize=SMALL)
    ax.invert_yaxis()
    ax.set_xlabel("weeks from the start")
    ax.set_ylabel("person")
    describe(ax, f"{people.people} people; {people.responders} met the bar at the visit that counts")
    return ax


def thresholds(answer: Any, *, study: str | None = None, ax: Axes | None = None) -> Axes:
    """How many people reach the bar at every height, with the exact interval; dashed: the question's own bar.

    Raises:
        InputError: when nothing of the answer was counted from rows by a single bar.
    """
    bar = _bar(answer, study)
    low, high = (0.0, 100.0) if bar.rule.bar == "fall_of_percent" else (float(bar.reach[0]), float(bar.reach[-1]))
    low, high = min(low, bar.rule.value), max(high, bar.rule.value)
    steps = bar.steps(low, high)
    at = [height for height, _ in steps]
    limits = [proportion(reached, bar.total) for _, reached in steps]
    ax = _axes(ax)
    where = "pre" if bar.upwards else "post"
    ends = [(float(getattr(i, "low", 0.0)), float(getattr(i, "high", 1.0))) for i in limits]
    ax.fill_between(at, [100 * a for a, _ in ends], [100 * b for _, b in ends], step=where, color=BAR_SOFT)
    ax.step(at, [100 * reached / bar.total for _, reached in steps], where=where, color=ACCENT)
    ax.axvline(bar.rule.value, color=INK, linewidth=0.8, linestyle="--")
    ax.set_ylim(0, 100)
    ax.set_xlabel(f"bar: {bar.rule.bar.replace('_', ' ')} ({bar.rule.instrument})")
    ax.set_ylabel(f"people in 100, of {bar.total}")
    describe(ax, f"at {bar.rule.value:g}: {bar.count_at(bar.rule.value)} of {bar.total}")
    return ax


def _bar(answer: Any, study: str | None, outcome: str | None = None) -> MovingBar:
    if not isinstance(answer, Synthesis):
        raise InputError(f"this draws the answer to a question, not {type(answer).__name__}", hint="hf.synthesise(...)")
    sets = [s for s in answer.sets if outcome in (None, s.id)]
    rows: list[CountRow] = [r.row for s in sets[:1] for r in s.overall.rows]
    if outcome is None:
        rows += [r.row for r in answer.alternatives]
    found = [bar for row in rows if study in (None, row.study) and (bar := moving_bar(row)) is not None]
    if not found:
        raise InputError("nothing here was counted from patient rows by a rule with one bar")
    return found[0]


def _axes(ax: Axes | None, height: float = 3.6) -> Axes:
    if ax is None:
        ax = paper(6.2, height)
        margins(ax, left=0.8, right=0.25, bottom=0.6, top=0.2)
    dress(ax)
    return ax


__all__ = ["swimmer", "thresholds", "waterfall"]
