"""Means of instruments, each table on the instrument's own axis."""

from __future__ import annotations

from handful.base.wording import capital, decimal, grouped, spoken
from handful.counts.rows import ScoreRow
from handful.site.forest import interval_plot, nice_ends, value_axis
from handful.site.links import Linker
from handful.site.site import Site, given
from handful.site.studies import SCORE_WORDS
from handful.site.views import Axis, Scores, ScoreView
from handful.words.language import told as phrase


def score_tables(site: Site, linker: Linker, scores: tuple[ScoreRow, ...]) -> tuple[Scores, ...]:
    """Means by instrument and meaning; each table has one axis, which holds all its numbers."""
    found: dict[tuple[str, str, str], list[ScoreRow]] = {}
    for score in scores:
        found.setdefault((score.instrument, score.what, score.better or ""), []).append(score)
    return tuple(_score_table(site, linker, key, rows) for key, rows in found.items())


def _score_table(site: Site, linker: Linker, key: tuple[str, str, str], rows: list[ScoreRow]) -> Scores:
    instrument = site.review.instruments.get(key[0])
    name = instrument.name if instrument else spoken(key[0]).upper()
    measures = f"{capital(instrument.measures)}. " if instrument else ""
    better = f"As printed, {key[2]} is better." if key[2] else ""
    if not better and instrument:
        better = f"{capital(instrument.better)} is better on this scale."
    ends = nice_ends([v for row in rows for v in (row.estimate, row.low, row.high) if v is not None])
    axis: Axis = value_axis(*ends, name)
    return Scores(
        title=f"{name}: {SCORE_WORDS[key[1]]}",
        note=f"{measures}{better}".strip(),
        axis=axis,
        rows=tuple(_score(site, linker, row, ends) for row in rows),
    )


def _score(site: Site, linker: Linker, row: ScoreRow, ends: tuple[float, float]) -> ScoreView:
    value = decimal(row.estimate, 1)
    plot = None
    title = f"{row.study_short}, {row.arm_name}: {value}"
    if row.low is not None and row.high is not None:
        ends_words = {"low": decimal(row.low, 1), "high": decimal(row.high, 1)}
        value = phrase("score.span", value=value, **ends_words)
        span = phrase("score.interval", **ends_words)
        plot = interval_plot(title, span, (row.estimate, row.low, row.high), ends)
    elif row.sd is not None:
        value += f", SD {decimal(row.sd, 1)}"
    return ScoreView(
        label=site.study_link(row.study, linker.root),
        sub=f"{row.arm_name}, {row.treatment_name}",
        treatment=row.treatment_name,
        what=SCORE_WORDS[row.what],
        time=row.time if given(row.time) else phrase("cell.time", time=row.time),
        value=value,
        people=f"{grouped(row.people.value)} {row.people.kind_words}" if row.people else phrase("score.people-unknown"),
        plot=plot,
        note=row.note or "",
    )
