"""Which record moved an answer: the changes made one at a time, the answer computed again after each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.base.errors import HandfulError
from handful.living.answered import Moved, answered, moved
from handful.living.units import Content, Unit, with_unit
from handful.review import Review

ORDER = ("treatments", "outcomes", "instruments", "sources", "studies", "people", "conflicts", "overlaps")
"""What others refer to comes first; what a question asks, its plan above all, comes last, under its own name."""

LAST = ("ladders", "risk_of_bias", "certainty", "questions")


def in_order(changed: Sequence[Unit]) -> tuple[Unit, ...]:
    """The order in which changes are made again."""

    def rank(unit: Unit) -> tuple[int, Unit]:
        if unit.kind in ORDER:
            return ORDER.index(unit.kind), unit
        if unit.kind in LAST:
            return 100 + LAST.index(unit.kind), unit
        return 50, unit

    return tuple(sorted(changed, key=rank))


@dataclass(frozen=True)
class Step:
    """One change made, and what it moved in the answer. ``units`` are several where one alone cannot be computed."""

    units: tuple[Unit, ...]
    moved: tuple[Moved, ...]


def replay(
    old: Review,
    question: str,
    changes: Mapping[Unit, Content | None],
    *,
    start: Mapping[str, Any],
) -> tuple[tuple[Step, ...], dict[str, Any]]:
    """The steps from ``start`` (the answer of ``old``), and the answer after the last of them.

    A change that alone gives a review without an answer (a study whose treatment only the next change declares) is
    taken together with the next one; so the steps always add up to the whole.
    """
    review, before = old, dict(start)
    waiting: list[Unit] = []
    steps: list[Step] = []
    for unit in in_order(tuple(changes)):
        review = with_unit(review, unit, changes[unit])
        waiting.append(unit)
        try:
            after = answered(review, question)
        except (HandfulError, KeyError, ValueError, AttributeError):
            continue
        found = moved(before, after)
        if found:
            steps.append(Step(tuple(waiting), found))
        waiting, before = [], after
    return tuple(steps), before


__all__ = ["Step", "in_order", "replay"]
