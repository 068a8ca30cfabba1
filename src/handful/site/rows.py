"""Counts as rows of a figure that is also a table: by group with their sums, by treatment, by outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from handful.base.wording import (
    capital,
    count,
    human_list,
    level,
    percent,
    percent_range,
    plural,
    range_per_100,
)
from handful.counts.rows import CountRow
from handful.site.forest import percent_plot, rate_plot, share_axis
from handful.site.links import Linker
from handful.site.site import Site, given
from handful.site.views import Forest, ForestGroup, ForestRow, Link
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import GroupAnswer, RowAnswer, SetAnswer
from handful.words import names
from handful.words.language import told as phrase
from handful.words.sentences import interval_per_100, rate_limits, row_count, row_count_words, row_marks


def count_row(site: Site, linker: Linker, answer: RowAnswer, *, sub: str = "", anchor: str = "") -> ForestRow:
    """One arm's count with its interval, its definition, and how it is known."""
    row = answer.row
    words, digits, span, reason, plot = "", "", "", "", None
    if not isinstance(answer.interval, NotEstimable):
        assert row.events is not None
        assert row.total is not None
        low, high = float(answer.interval.low), float(answer.interval.high)
        words = range_per_100(low, high)
        digits, span = percent(row.events.value / row.total.value), f"({percent_range(low, high, digits=2)})"
        plot = rate_plot(row.study_short, row.events.value, row.total.value, low, high)
    else:
        reason = "No count, so no interval" if row.events is None else capital(answer.interval.reason)
        if row.percent is not None and row.events is None:
            plot = percent_plot(row.study_short, row_count_words(row), float(row.percent.text) / 100)
    return ForestRow(
        label=site.study_link(row.study, linker.root),
        sub=sub or _sub(row),
        count=row_count(row)[0],
        count_note=row_count(row)[1],
        count_href=linker.number(site.index.of_row(row)),
        words=words,
        digits=digits,
        digits_span=span,
        plot=plot,
        anchor=anchor,
        definition=f"“{row.outcome_name}”",
        meaning=row.definition,
        time=row.time if row.time_reported else phrase("cell.time", time=row.time),
        marks=(
            *(Link(mark) for mark in row_marks(row)),
            *_conflicts(linker, row),
            *_open_points(site, linker, site.index.of_row(row)),
        ),
        reason=reason,
    )


def _open_points(site: Site, linker: Linker, number: str) -> Iterable[Link]:
    """A mark beside a number that a reader says is wrong, as long as nobody has answered."""
    for point in site.review.corrections:
        if point.number == number and point.status == "open":
            yield Link("a reader says this is wrong", linker.correction(point.id, number))


def _conflicts(linker: Linker, row: CountRow) -> Iterable[Link]:
    """The way to what the sources say; a conflict that the page does not tell leads to the list of all."""
    for conflict in row.conflicts:
        here = f"#conflict-{conflict.id}"
        yield Link(
            "sources disagree", here if conflict.id in linker.conflicts else f"{linker.root}conflicts.html{here}"
        )
        return


def sum_row(group: GroupAnswer, *, name: str, label: str) -> ForestRow:
    """A sum as a row of its own, drawn apart from the studies."""
    counted = group.count
    limits = rate_limits(group)
    digits, span, plot = "", "", None
    if limits is not None:
        digits, span = percent(counted.events / counted.total), f"({percent_range(*limits, digits=2)})"
        plot = rate_plot(label, counted.events, counted.total, *limits, kind="sum")
    marks = [phrase("cell.mixes")] if group.mixes_definitions else []
    over = phrase("cell.as-if-one", studies=plural(len(counted.studies), "study"))
    return ForestRow(
        label=Link(label if len(counted.rows) > 1 else phrase("cell.in-all")),
        sub=over if len(counted.rows) > 1 else phrase("cell.one-count"),
        count=count(counted.events, counted.total),
        count_href="",
        words=interval_per_100(group),
        digits=digits,
        digits_span=span,
        plot=plot,
        kind="sum",
        anchor=name,
        marks=tuple(Link(mark) for mark in marks),
        reason="" if limits else phrase("cell.reports-not-rate"),
    )


def set_forest(site: Site, linker: Linker, answers: SetAnswer, *, main: bool) -> Forest:
    """A whole outcome word: its groups with their sums, those in no group, and everything added up.

    Where one group of another outcome word holds all there is, its rows are the sum too, and are not said again.
    """
    prefix = "" if main else answers.id
    groups = []
    for group in answers.groups:
        rows = _group_rows(site, linker, group, names.group(group.id, prefix))
        groups.append(ForestGroup(capital(group.count.name), "", rows))
    in_groups = {id(r.row) for group in answers.groups for r in group.rows}
    rest = [r for r in answers.overall.rows if id(r.row) not in in_groups]
    overall = answers.overall
    if not answers.groups:
        groups = [ForestGroup("", "", _group_rows(site, linker, overall, names.group("overall", prefix)))]
    else:
        if rest:
            rows = tuple(count_row(site, linker, r) for r in rest)
            groups.append(ForestGroup(phrase("cell.in-none"), "", rows))
        only = next((i for i, g in enumerate(answers.groups) if g.count.rows == overall.count.rows), None)
        if overall.count.rows and only is not None and not main:
            groups[only] = replace(groups[only], anchor=names.group("overall", prefix))
        elif overall.count.rows:
            total = sum_row(overall, name=names.group("overall", prefix), label=phrase("cell.all-added"))
            groups.append(ForestGroup(phrase("cell.added"), "", (total,)))
    return Forest(
        caption=phrase("cell.caption", outcome=capital(answers.name), level=_level(answers)),
        first_column="Study",
        axis=share_axis(),
        groups=tuple(groups),
    )


def _level(answers: SetAnswer) -> str:
    interval = answers.overall.interval
    return level(0.95 if isinstance(interval, NotEstimable) else interval.level)


def _group_rows(site: Site, linker: Linker, group: GroupAnswer, name: str) -> tuple[ForestRow, ...]:
    if not group.rows:
        nobody = ForestRow(Link("No study"), "", phrase("counted.nobody-cell"), "", "", "", None, "none", name)
        return (nobody,)
    alone = len(group.count.rows) == 1
    rows = [
        count_row(site, linker, r, anchor=name if alone and r.row is group.count.rows[0] else "") for r in group.rows
    ]
    if len(group.count.rows) > 1:
        rows.append(sum_row(group, name=name, label=phrase("cell.added")))
    elif not group.count.rows:
        rows.append(ForestRow(Link("No sum"), "", "no count with a number of people", "", "", "", None, "none", name))
    return tuple(rows)


def grouped_forest(
    site: Site,
    linker: Linker,
    answers: Iterable[RowAnswer],
    *,
    caption: str,
    key: Callable[[CountRow], str],
    note: Callable[[CountRow], str] = lambda _: "",
    sub: Callable[[CountRow], str] | None = None,
) -> Forest | None:
    """Rows under headings made by ``key``, in order of first appearance; None when there are none."""
    found: dict[str, list[RowAnswer]] = {}
    for answer in answers:
        found.setdefault(key(answer.row), []).append(answer)
    if not found:
        return None
    groups = []
    for title, listed in found.items():
        rows = [count_row(site, linker, r, sub=sub(r.row) if sub else "") for r in listed]
        groups.append(ForestGroup(capital(title), note(listed[0].row), tuple(_untold(row, title) for row in rows)))
    return told_below(Forest(caption=caption, first_column="Study", axis=share_axis(), groups=tuple(groups)))


def _untold(row: ForestRow, title: str) -> ForestRow:
    """A row whose definition is the heading above it does not say it again."""
    same = row.definition.strip("“”").lower() == title.strip("“”").lower()
    return replace(row, definition="", unsaid=row.definition) if same else row


def told_below(forest: Forest) -> Forest:
    """The meaning that most rows give to a word is told once, below the table; rows that mean another keep theirs."""
    rows = [row for group in forest.groups for row in group.rows if row.meaning]
    pairs = Counter((row.definition or row.unsaid, row.meaning) for row in rows)
    shared: dict[str, str] = {}
    for (name, meaning), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if n > 1 and name not in shared:
            shared[name] = meaning

    def shorter(row: ForestRow) -> ForestRow:
        return replace(row, meaning="") if shared.get(row.definition or row.unsaid) == row.meaning else row

    groups = tuple(replace(g, rows=tuple(shorter(row) for row in g.rows)) for g in forest.groups)
    return replace(
        forest, groups=groups, definitions=tuple(Link(name, note=told) for name, told in sorted(shared.items()))
    )


def _sub(row: CountRow) -> str:
    return f"{row.arm_name} · {row.design_words}"


def with_treatment(row: CountRow) -> str:
    """Who, under what, for tables that mix treatments; what the arm's name says already is not said twice."""
    named = row.treatment_name.lower() in row.arm_name.lower()
    under = [] if named else [row.treatment_name]
    dose = [row.dose] if given(row.dose) and not named else []
    return " · ".join(
        [row.arm_name, ", ".join([*under, *dose]), row.design_words]
        if under + dose
        else [row.arm_name, row.design_words]
    )


def without_treatment(site: Site) -> Callable[[CountRow], str]:
    """Who they were, for tables whose headings name the treatment."""

    def words(row: CountRow) -> str:
        extent = row.people.get("extent", ())
        known = [site.trait("extent", value).split(" (")[0] for value in extent if given(value)]
        same = row.arm_name.lower() in (row.treatment_name.lower(), row.arm.replace("-", " "))
        parts = [
            "" if same and known else row.arm_name,
            human_list(known, last="or"),
            given(row.dose),
            row.design_words,
        ]
        return " · ".join(part for part in parts if part)

    return words
