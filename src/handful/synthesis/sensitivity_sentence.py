"""The one sentence about many analyses, from the analyses; the page, the command and the result all take it from here.

Below 20 people no point is written per 100: the count stands for it. A bound is called one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from handful.base.wording import FEWEST_FOR_PERCENT, count, grouped, per_100

if TYPE_CHECKING:
    from handful.synthesis.sensitivity_result import Analysis, GroupSensitivity


def summary_of(group: GroupSensitivity) -> str:
    """'In 41 of 48 defensible analyses the rate is below 30 in 100; the outcome definition moves it most.'"""
    rows = group.rows
    if not rows:
        return "Nobody is counted here in any defensible analysis."
    if len(rows) == 1:
        return f"Only one analysis is defensible here: {point_words(rows[0])}."
    if group.threshold is not None and group.below is not None:
        said = _sides(group.below, rows, f"{100 * group.threshold:g} in 100")
    elif group.low == group.high:
        return f"All {grouped(len(rows))} defensible analyses give the same rate, {point_words(rows[0])}."
    else:
        said = _range(rows)
    first = most_moving(group)
    return f"{said}; {first} moves it most." if first else f"{said}."


def _sides(below: int, rows: tuple[Analysis, ...], at: str) -> str:
    bounds = sum(row.bound for row in rows)
    many = f"{grouped(len(rows))} defensible analyses" + (f" ({grouped(bounds)} of them bounds)" if bounds else "")
    if below == len(rows):
        return f"In all {many} the rate is below {at}"
    if below == 0:
        return f"In all {many} the rate is {at} or more"
    return f"In {grouped(below)} of {many} the rate is below {at}"


def _range(rows: tuple[Analysis, ...]) -> str:
    """Over which counts the analyses run; bounds are no counts, so they are told apart, in 100."""
    reported = [row for row in rows if not row.bound]
    bounds = [row for row in rows if row.bound]
    beside = ""
    if bounds:
        span = f"{per_100(bounds[0].estimate)} to {per_100(bounds[-1].estimate)} in 100"
        beside = f"{grouped(len(bounds))} bounds, with people put in whom no source counts, from {span}"
    if not reported:
        return f"There are only {beside}"
    one = f"One defensible analysis gives {point_words(reported[0])}"
    many = f"{grouped(len(reported))} defensible analyses run from {point_words(reported[0])}"
    said = one if len(reported) == 1 else f"{many} to {point_words(reported[-1])}"
    return f"{said}, and beside them {beside}" if beside else said


def most_moving(group: GroupSensitivity) -> str:
    """The name of the choice that moves the answer most; empty where none moves it."""
    return next((move.name for move in group.moves if move.largest > 0), "")


def count_words(row: Analysis) -> str:
    """'1 of 4'; of a bound what is reported and what is put in: '0 of 4, and all 3 others'."""
    more, with_it = (sum(getattr(arm, name) for arm in row.arms) for name in ("put_in", "put_in_events"))
    if not more:
        return count(row.events, row.total)
    others = f"{more} other{'s' if more > 1 else ''}"
    share = "none of" if with_it == 0 else "all" if with_it == more else f"{with_it} of"
    return f"{count(row.events - with_it, row.total - more)}, and {share} {others}"


def point_words(row: Analysis) -> str:
    """'1 of 4', '31 in 100 (pooled, 24 of 81)': a point as its number of people allows."""
    said = [] if row.model == "added-up" else ["pooled"]
    said += ["a bound"] if row.bound else []
    if row.total < FEWEST_FOR_PERCENT:
        return f"{count_words(row)} ({', '.join(said)})" if said else count_words(row)
    return f"{per_100(row.estimate)} in 100 ({', '.join([*said, count_words(row)])})"


def moves_words(group: GroupSensitivity) -> Iterator[str]:
    """One line for each choice that moves the answer: how far, alone and at most."""
    for move in group.moves:
        if move.largest > 0:
            yield (
                f"{move.name}: moves the rate by up to {per_100(move.largest)} in 100"
                f" (alone {per_100(move.alone)}, on average {per_100(move.mean)})"
            )
