"""The one sentence about many analyses, from the analyses; the page, the command and the result all take it from here.

Below 20 people no point is written per 100: the count stands for it. A bound is called one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from handful.base.language import language
from handful.base.wording import FEWEST_FOR_PERCENT, count, grouped, per_100, range_per_100, share_in

if TYPE_CHECKING:
    from handful.synthesis.sensitivity_result import Analysis, GroupSensitivity


def summary_of(group: GroupSensitivity) -> str:
    """'In 41 of 48 defensible analyses the rate is below 30 in 100; the outcome definition moves it most.'"""
    rows = group.rows
    words = language()
    if not rows:
        return words.text("choices.nobody")
    if len(rows) == 1:
        return words.text("choices.only", point=point_words(rows[0]))
    if group.threshold is not None and group.below is not None:
        at = words.text("numbers.share", value=f"{100 * group.threshold:g}", frame=100)
        said = _sides(group.below, rows, at)
    elif group.low == group.high:
        return words.text("choices.all-same", analyses=grouped(len(rows)), point=point_words(rows[0]))
    else:
        said = _range(rows)
    first = most_moving(group)
    if first:
        return words.text("choices.moves-most", said=said, choice=first)
    return words.text("choices.full-stop", said=said)


def _sides(below: int, rows: tuple[Analysis, ...], at: str) -> str:
    words, bounds = language(), sum(row.bound for row in rows)
    many = words.text("choices.many", analyses=grouped(len(rows)))
    if bounds:
        many = words.text("choices.many-bounds", analyses=grouped(len(rows)), bounds=grouped(bounds))
    if below == len(rows):
        return words.text("choices.all-below", many=many, at=at)
    if below == 0:
        return words.text("choices.none-below", many=many, at=at)
    return words.text("choices.some-below", below=grouped(below), many=many, at=at)


def _range(rows: tuple[Analysis, ...]) -> str:
    """Over which counts the analyses run; bounds are no counts, so they are told apart, in 100."""
    words = language()
    reported = [row for row in rows if not row.bound]
    bounds = [row for row in rows if row.bound]
    beside = ""
    if bounds:
        span = range_per_100(bounds[0].estimate, bounds[-1].estimate)
        beside = words.text(words.form("choices.bounds", len(bounds)), n=grouped(len(bounds)), range=span)
    if not reported:
        return words.text("choices.only-bounds", bounds=beside)
    low, high = point_words(reported[0]), point_words(reported[-1])
    said = words.text("choices.one-gives", point=low)
    if len(reported) > 1:
        said = words.text("choices.run-from", analyses=grouped(len(reported)), low=low, high=high)
    return words.text("choices.beside", said=said, bounds=beside) if beside else said


def most_moving(group: GroupSensitivity) -> str:
    """The name of the choice that moves the answer most; empty where none moves it."""
    return next((move.name for move in group.moves if move.largest > 0), "")


def count_words(row: Analysis) -> str:
    """'1 of 4'; of a bound what is reported and what is put in: '0 of 4, and all 3 others'."""
    more, with_it = (sum(getattr(arm, name) for arm in row.arms) for name in ("put_in", "put_in_events"))
    if not more:
        return count(row.events, row.total)
    words = language()
    others = words.text(words.form("choices.others", more), n=more)
    if 0 < with_it < more:
        share = words.text("choices.some-of", some=with_it, others=others)
    else:
        share = words.text("choices.all-of" if with_it else "choices.none-of", others=others)
    return words.text("choices.bound-count", count=count(row.events - with_it, row.total - more), share=share)


def point_words(row: Analysis) -> str:
    """'1 of 4', '31 in 100 (pooled, 24 of 81)': a point as its number of people allows."""
    words = language()
    said = [] if row.model == "added-up" else [words.text("choices.pooled")]
    said += [words.text("choices.a-bound-short")] if row.bound else []
    point = count_words(row)
    if row.total >= FEWEST_FOR_PERCENT:
        said, point = [*said, point], share_in(row.estimate)
    return words.text("choices.point", point=point, said=", ".join(said)) if said else point


def moves_words(group: GroupSensitivity) -> Iterator[str]:
    """One line for each choice that moves the answer: how far, alone and at most."""
    for move in group.moves:
        if move.largest > 0:
            yield language().text(
                "choices.moves",
                name=move.name,
                largest=per_100(move.largest),
                alone=per_100(move.alone),
                mean=per_100(move.mean),
            )
