"""Patient rows on the page: the count as the bar moves, or why it cannot; everybody one by one on a page apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from handful.base.wording import capital, count, people, range_per_100
from handful.counts.moving_bar import MovingBar, moving_bar
from handful.counts.rows import CountRow
from handful.instruments.instrument import Instrument
from handful.question.select import treatment_ids
from handful.site import links
from handful.site.forest import nice_ends, value_axis
from handful.site.patient_drawings import swimmer_table, waterfall
from handful.site.site import Site
from handful.site.views import Link
from handful.site.views.patients import BarRow, Curve, MovingTable, PatientsPage, PatientsPart
from handful.stats.one_group.proportion import proportion
from handful.synthesis.synthesis import Synthesis
from handful.words import patients as words
from handful.words.language import told as phrase

MOST_ARMS = 4
"""So many arms are drawn side by side."""

PERCENTS = (25.0, 50.0, 75.0, 90.0, 100.0)


def patients_part(site: Site, answer: Synthesis, root: str) -> PatientsPart | None:
    """The bar of each rule free to move, or why it cannot be moved; None for a question about harms."""
    if answer.question.counts == "harms":
        return None
    bars = moving_bars(answer)
    if not bars:
        return PatientsPart((_why_not(site, answer),))
    more = Link("Every height, and everybody one by one", root + links.patients(answer.question.id))
    return PatientsPart((words.about_rows("moves"),), (_table(site, bars, _cuts(site, bars)),), more)


def moving_bars(answer: Synthesis) -> tuple[MovingBar, ...]:
    """The counts from rows under the main outcome, the alternatives' after the asked treatment's."""
    return _bars([*(r.row for r in answer.main.overall.rows), *(r.row for r in answer.alternatives)])


def _bars(rows: Iterable[CountRow]) -> tuple[MovingBar, ...]:
    found = [bar for bar in map(moving_bar, rows) if bar is not None]
    same = [bar for bar in found if bar.people.accepted == found[0].people.accepted]
    return tuple(same[:MOST_ARMS])


def patients_page(site: Site, answer: Synthesis) -> PatientsPage | None:
    """Every height of the bar, everybody's change and everybody's visits; None where there are no counts from rows."""
    sets = [moving_bars(answer)] if answer.question.counts == "outcomes" else []
    sets += [_bars(r.row for r in other.overall.rows) for other in answer.also]
    filled = [bars for bars in sets if bars]
    if not filled:
        return None
    title = f"Patient by patient: {answer.question.title}"
    drawn = [waterfall(site, bar) for bar in filled[0]]
    swims = [swimmer_table(site, bar) for bars in filled for bar in bars]
    return PatientsPage(
        page=site.page(links.patients(answer.question.id), title, heading="The people, one by one"),
        back=Link(answer.question.title, f"../{links.question(answer.question.id)}"),
        intro=(words.about_rows("moves"), words.about_rows("every-height")),
        tables=tuple(_table(site, bars, _every_step(site, bars)) for bars in filled),
        waterfalls=tuple(w for w in drawn if w is not None),
        swimmers=tuple(s for s in swims if s is not None),
    )


# --- the bar ----------------------------------------------------------------------------------------------------------


def instrument_of(site: Site, bar: MovingBar) -> Instrument | None:
    """The scale that the bar is set on."""
    return site.review.instruments.get(bar.rule.instrument or "")


def _domain(site: Site, bars: Sequence[MovingBar]) -> tuple[float, float]:
    """The heights that are drawn: 0 to 100 % of a fall, the scale's own ends, or the scores that occur."""
    rule, instrument = bars[0].rule, instrument_of(site, bars[0])
    if rule.bar == "fall_of_percent":
        return 0.0, 100.0
    if not rule.needs_start and instrument and instrument.low is not None and instrument.high is not None:
        return instrument.low, instrument.high
    values = [float(v) for bar in bars for v in (bar.reach[[0, -1]] if len(bar.reach) else ())]
    return nice_ends([*values, rule.value])


def _cuts(site: Site, bars: Sequence[MovingBar]) -> tuple[float, ...]:
    """A few heights worth a row: the page's own, the cuts of the instrument, and round numbers between."""
    rule, instrument = bars[0].rule, instrument_of(site, bars[0])
    low, high = _domain(site, bars)
    if rule.bar.endswith("of_percent"):
        round_ones: tuple[float, ...] = PERCENTS
    else:
        ticks = value_axis(low, high, "").ticks
        round_ones = tuple(low + float(t.x.rstrip("%")) / 100 * (high - low) for t in ticks[1:-1])
    known = instrument.thresholds if instrument else ()
    own = (rule.value, *(t.value for t in known if t.rule.replace("-", "_") == rule.bar))
    return tuple(sorted({round(v, 9) for v in (*round_ones, *own) if low <= v <= high}))


def _every_step(site: Site, bars: Sequence[MovingBar]) -> tuple[float, ...]:
    """Every height at which some count changes (a hundred at most), and the page's own."""
    low, high = _domain(site, bars)
    found = sorted({round(v, 6) for bar in bars for v, _ in bar.steps(low, high, 100)} | {bars[0].rule.value})
    return tuple(found)


def _table(site: Site, bars: Sequence[MovingBar], cuts: Sequence[float]) -> MovingTable:
    instrument = instrument_of(site, bars[0])
    rule = bars[0].rule
    name = instrument.called if instrument else (rule.instrument or "").replace("-", " ")
    unit = instrument.unit if instrument and instrument.unit else ""
    low, high = _domain(site, bars)
    return MovingTable(
        title=capital(rule.words(site.review.instruments)),
        what=capital(words.what_moves(rule, name)),
        arms=tuple(_arm(bar, bars) for bar in bars),
        ticks=value_axis(low, high, "").ticks,
        curves=tuple(_curve(site, bar, (low, high), unit) for bar in bars),
        rows=tuple(
            BarRow(
                words.bar_words(rule, cut, unit),
                cut == rule.value,
                tuple(count(bar.count_at(cut), bar.total) for bar in bars),
                tuple(_span(bar.count_at(cut), bar.total) for bar in bars),
            )
            for cut in cuts
        ),
    )


def _arm(bar: MovingBar, bars: Sequence[MovingBar]) -> str:
    """'progabide, people with a row'; with the study where a treatment stands twice."""
    row = bar.row
    again = sum(other.row.treatment == row.treatment for other in bars) > 1
    return f"{row.treatment_name}{', ' + row.study_short if again else ''}, {row.total.kind_words if row.total else ''}"


def _interval(events: int, total: int) -> tuple[float, float]:
    found = proportion(events, total)
    return float(getattr(found, "low", 0.0)), float(getattr(found, "high", 1.0))


def _span(events: int, total: int) -> str:
    return range_per_100(*_interval(events, total))


def _curve(site: Site, bar: MovingBar, ends: tuple[float, float], unit: str) -> Curve:
    """The line drops after a bar that people reach exactly (it rises at it, for bars that are 'at most')."""
    low, high = ends
    steps = bar.steps(low, high)
    at = [round(1000 * (v - low) / (high - low)) for v, _ in steps]
    shares = [c / bar.total for _, c in steps]
    limits = [_interval(c, bar.total) for _, c in steps]
    row = bar.row
    own_bar, reached = words.bar_words(bar.rule, bar.rule.value, unit), bar.count_at(bar.rule.value)
    own = phrase("rows-drawn.at", bar=own_bar, count=count(reached, bar.total))
    said = "; ".join(
        phrase("rows-drawn.at-short", bar=words.bar_words(bar.rule, c, unit), count=count(bar.count_at(c), bar.total))
        for c in _cuts(site, [bar])
    )
    top = _stepped(at, [h for _, h in limits], before=bar.upwards)
    bottom = _stepped(at, [w for w, _ in limits], before=bar.upwards)
    return Curve(
        name=f"{row.treatment_name}, {row.study_short}",
        title=phrase("rows-drawn.how-many", name=row.treatment_name, people=people(bar.total)),
        description=said,
        line=_path(_stepped(at, shares, before=bar.upwards)),
        band=_path([*top, *reversed(bottom)]) + "z",
        cut=f"{100 * (bar.rule.value - low) / (high - low):.1f}%",
        cut_words=own,
    )


def _stepped(at: Sequence[int], heights: Sequence[float], *, before: bool) -> list[tuple[int, int]]:
    """Corners of a step function; ``before``: a height holds up to its place, else from its place on."""
    corners = [(at[0], round(100 * (1 - heights[1 if before else 0])))]
    for i in range(1, len(at)):
        y = round(100 * (1 - heights[i]))
        corners += [(at[i - 1], y), (at[i], y)] if before else [(at[i], corners[-1][1]), (at[i], y)]
    return [p for i, p in enumerate(corners) if i == 0 or p != corners[i - 1]]


def _path(corners: Sequence[tuple[int, int]]) -> str:
    """Corners as a path of horizontal and vertical lines."""
    made = [f"M{corners[0][0]} {corners[0][1]}"]
    for (x0, y0), (x, y) in pairwise(corners):
        if x != x0 and y != y0:
            made.append(f"L{x} {y}")
        elif x != x0:
            made.append(f"H{x}")
        elif y != y0:
            made.append(f"V{y}")
    return "".join(made)


# --- why it cannot move -----------------------------------------------------------------------------------------------


def _why_not(site: Site, answer: Synthesis) -> str:
    """From the rows that the records hold of people on the treatment: how many have scores, at the start and later."""
    records = site.review.records
    wanted = treatment_ids(records, answer.question.treatment)
    rows = rebuilt = with_start = with_both = 0
    scales: dict[str, None] = {}
    for study in records.people:
        table = records.rows(study)
        if table is None or not len(table):
            continue
        on_it = list(table.columns["treatment"].rows_with(lambda value: value in wanted))
        rows += len(on_it)
        kind = table.columns["row"]
        rebuilt += sum(kind[i] != "read" for i in on_it)
        start, both = _with_scores(table, scales, on_it)
        with_start += start
        with_both += both
    return words.why_the_bar_cannot_move(rows, rebuilt, with_start, with_both, tuple(sorted(scales)))


def _with_scores(table: object, scales: dict[str, None], on_it: Sequence[int]) -> tuple[int, int]:
    from handful.question.people_counted import numbers
    from handful.records.patient_table import PatientTable
    from handful.records.score_columns import score_columns

    assert isinstance(table, PatientTable)
    start, both = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
    columns = score_columns(table.keys("score:"))
    for first in (c for c in columns if c.baseline):
        here = ~np.isnan(numbers(table, first.name))
        start |= here
        for later in (c for c in columns if not c.baseline and c.instrument == first.instrument):
            both |= here & ~np.isnan(numbers(table, later.name))
        if here[list(on_it)].any():
            scales[first.instrument.upper()] = None
    chosen = np.zeros(len(table), dtype=bool)
    chosen[list(on_it)] = True
    return int((start & chosen).sum()), int((both & chosen).sum())


__all__ = ["instrument_of", "moving_bars", "patients_page", "patients_part"]
