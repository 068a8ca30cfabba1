"""People one by one: everybody's change as bars, everybody's visits as lines."""

from __future__ import annotations

import numpy as np

from handful.base.wording import count, decimal
from handful.base.wording import people as people_words
from handful.counts.moving_bar import MovingBar, change_from_start
from handful.question.people_counted import YES, numbers, scores_of, visits
from handful.site.forest import value_axis
from handful.site.site import Site
from handful.site.views.figures import Tick
from handful.site.views.patients import Swimmer, SwimmerTable, Waterfall
from handful.words import patients as words
from handful.words.language import language
from handful.words.language import told as phrase

MOST_PEOPLE = 200
"""So many people are drawn one by one."""

TALLEST = 100.0
"""A change is drawn up to twice the start; a larger one ends at the top and is said in the note."""

MARKS = (100, 50, 0, -50, -100)


def waterfall(site: Site, bar: MovingBar) -> Waterfall | None:
    """Everybody's change in percent of the start, largest fall first; None without scores at the start."""
    people = bar.people
    change = change_from_start(people)
    if change is None:
        return None
    known = ~np.isnan(change)
    order = np.argsort(change[known], kind="stable")
    values, verdicts = change[known][order], people.verdicts[known][order]
    if len(values) > MOST_PEOPLE:
        return None
    shown = np.clip(values, -TALLEST, TALLEST)
    over = int((values > TALLEST).sum())
    name = f"{bar.row.treatment_name}, {bar.row.study_short}"
    notes = [phrase("rows-drawn.over", n=over)] if over else []
    missing = int((~known).sum())
    notes += [phrase("rows-drawn.without", n=missing)] if missing else []
    cut = ""
    if bar.rule.bar in ("fall_of_percent", "rise_of_percent"):
        height = -bar.rule.value if bar.rule.bar.startswith("fall") else bar.rule.value
        cut = f"{_y(height):.1f}"
    return Waterfall(
        name=name,
        title=phrase("rows-drawn.changes", name=name, people=people_words(len(values))),
        description=phrase(
            "rows-drawn.met",
            count=count(int((verdicts == YES).sum()), len(values)),
            changes=", ".join(decimal(float(v), 0) for v in values),
        ),
        people=len(values),
        met=_bars(shown, verdicts == YES),
        others=_bars(shown, verdicts != YES),
        cut=cut,
        zero=f"{_y(0):.1f}",
        ticks=tuple(
            Tick(f"{_y(v):.1f}%", _signed(float(v)) if v else phrase("rows-drawn.no-change"), "start") for v in MARKS
        ),
        note="; ".join(notes),
        told=tuple(_told(bar, int(row), float(v)) for row, v in zip(people.rows[known][order], values, strict=True)),
    )


def _told(bar: MovingBar, row: int, change: float) -> str:
    """'person 29: 76, then 42 (−45 %)'."""
    table, rule = bar.people.table, bar.people.accepted.rule.bars[0]
    found = visits(table, rule.instrument or "", bar.people.accepted)
    shown = _signed(change)
    scores = {"start": f"{found.start[row]:g}", "later": f"{found.later[row]:g}"}
    return phrase("rows-drawn.person", person=table.value("person", row), **scores, change=shown)


def _signed(percent: float) -> str:
    """'−45 %', with a true minus."""
    return phrase("numbers.percent", value=f"{percent:+.0f}".replace("-", "−"))


def _y(percent: float) -> float:
    return 50 - percent / 2


def _bars(values: np.ndarray, chosen: np.ndarray) -> str:
    """Bars of 8 in 10 of a person's width."""
    made = []
    for i in np.flatnonzero(chosen).tolist():
        made.append(f"M{10 * i + 1} 50V{_y(float(values[i])):.1f}h8V50z")
    return "".join(made)


def swimmer_table(site: Site, bar: MovingBar) -> SwimmerTable | None:
    """Everybody's visits; None where the rows have one visit only, or too many people to draw."""
    people, table = bar.people, bar.people.table
    columns = [c for c in scores_of(table, bar.rule.instrument or "") if c.weeks > 0]
    if len(columns) < 2 or people.people > MOST_PEOPLE:
        return None
    last = columns[-1].weeks
    scores = {c.weeks: numbers(table, c.name) for c in columns}
    start = next(
        (numbers(table, c.name) for c in scores_of(table, bar.rule.instrument or "") if c.baseline),
        np.full(len(table), np.nan),
    )
    rows = []
    for i in people.rows.tolist():
        seen = [(w, float(s[i])) for w, s in scores.items() if not np.isnan(s[i])]
        first = None if np.isnan(start[i]) else float(start[i])
        met = {w: bar.rule.verdict({bar.rule.instrument or "": first}, {bar.rule.instrument or "": v}) for w, v in seen}
        end = max((w for w, _ in seen), default=0.0)
        told = ", ".join(f"{v:g}" for _, v in seen) or "no score"
        age = table.value("age_years", i)
        rows.append(
            Swimmer(
                person=str(table.value("person", i)),
                who=years(float(age)) if isinstance(age, float | int) else "age not reported",
                end=_x(end, last),
                met=tuple(_x(w, last) for w, v in met.items() if v == "yes"),
                unmet=tuple(_x(w, last) for w, v in met.items() if v != "yes"),
                scores=phrase("rows-drawn.start", n=f"{first:g}", later=told) if first is not None else told,
                place=f"{table.file}:{table.lines[i]}",
                visits=_visits(list(met.values())),
            )
        )
    name = bar.rule.words(site.review.instruments)
    axis = value_axis(0.0, last, "weeks")
    ticks = tuple(Tick(f"{4 + 0.92 * float(t.x.rstrip('%')):.1f}%", t.text, "middle") for t in axis.ticks)
    return SwimmerTable(
        caption=f"{bar.row.treatment_name}, {bar.row.study_short}: {name}",
        note=words.about_rows("swimmer"),
        ticks=ticks,
        rows=tuple(rows),
    )


def years(value: float) -> str:
    """'34 years'."""
    form = language().form("rows-drawn.years", int(value)) if value == int(value) else "rows-drawn.years.other"
    return phrase(form, n=f"{value:g}")


def _visits(verdicts: list[str]) -> str:
    """'bar met at 2 of 4 visits'."""
    met = verdicts.count("yes")
    return phrase("rows-drawn.visits", count=count(met, len(verdicts))) if met else ""


def _x(weeks: float, last: float) -> str:
    return f"{4 + 92 * weeks / last:.1f}%"


__all__ = ["swimmer_table", "waterfall"]
