"""The counts both ways: who got better and who got worse, of the same people, and what could be true of each."""

from __future__ import annotations

from handful.base.wording import count, range_per_100
from handful.site.links import Linker
from handful.site.site import Site
from handful.site.views.certainty import BothWaysPart, BothWaysRow
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.both_ways import BothWays, both_ways
from handful.synthesis.synthesis import Synthesis
from handful.words.language import told


def both_ways_part(site: Site, linker: Linker, answer: Synthesis) -> BothWaysPart | None:
    """The table, or None where the question names no harm that is the opposite of its benefit."""
    rows = tuple(_row(site, linker, found) for found in both_ways(answer))
    return BothWaysPart(told("sure.both-ways"), rows) if rows else None


def _row(site: Site, linker: Linker, found: BothWays) -> BothWaysRow:
    row = found.row
    assert row.events is not None
    assert row.total is not None
    of = row.total.value
    return BothWaysRow(
        study=site.study_link(row.study, linker.root),
        who=row.arm_name,
        better=told("row.not-counted")
        if found.better is None
        else told("cell.both-ways", count=count(found.better, of), outcome=found.better_name),
        better_span=_span(found.better_interval) if found.better is not None else "",
        worse=count(row.events.value, of),
        worse_href=linker.number(site.index.of_row(row)),
        worse_span=_span(found.worse.interval),
        note=f"“{row.outcome_name}”",
    )


def _span(found: Interval | NotEstimable) -> str:
    if isinstance(found, NotEstimable):
        return told("cell.both-unknown")
    return told("counted.could-be-cell", range=range_per_100(float(found.low), float(found.high)))


__all__ = ["both_ways_part"]
