"""Which record moved an answer: the changes made one at a time, the answer computed again after each.

So that the cost grows with the records and not with their square, the number of answers computed is limited
(:func:`most_steps`): of more changes (every file of a large review was touched) several that follow one another are
made together. A change that
leaves everything as it was that the answer is made from costs no answer at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.base.errors import HandfulError
from handful.living.answered import Moved, answered, moved
from handful.living.units import Content, Unit, with_unit
from handful.review import Review

ORDER = ("treatments", "outcomes", "instruments", "sources", "studies", "people", "conflicts", "overlaps")
"""What others refer to comes first; what a question asks, its plan above all, comes last, under its own name."""

OF_ONE_STUDY = ("studies", "people", "sources")


def most_steps(studies: int) -> int:
    """Of so many changes or fewer each is made alone: a hundred with up to 80 studies, 16 from 500 on.

    >>> most_steps(12), most_steps(400), most_steps(5000)
    (100, 20, 16)
    """
    return min(100, max(16, 8000 // max(1, studies)))


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
    """One change made, and what it moved in the answer.

    ``units`` are several where one alone cannot be computed, or where there were too many to take each alone.
    """

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
    review, before, known = old, dict(start), old.part_for(question).part_digest()
    waiting: list[Unit] = []
    steps: list[Step] = []
    ordered = in_order(tuple(changes))
    together = math.ceil(len(ordered) / most_steps(len(start["studies"])))
    for place, unit in enumerate(ordered, start=1):
        review = with_unit(review, unit, changes[unit])
        waiting.append(unit)
        if place % together and place < len(ordered):
            continue
        try:
            now = review.part_for(question).part_digest()
            after = before if now == known else answered(review, question)
        except (HandfulError, KeyError, ValueError, AttributeError):
            continue
        found = moved(before, after)
        if found:
            steps.append(Step(tuple(waiting), found))
        waiting, before, known = [], after, now
    return tuple(steps), before


def behind(step: Step, part: Moved) -> tuple[Unit, ...]:
    """The records of a step that can have moved a part of the answer.

    A count that stands under one study's name was moved by that study or by what several studies share, not by another
    study that happened to be changed in the same step.
    """
    named = {word.split(" ", 1)[0] for word in part.path}
    own = [unit for unit in step.units if unit.kind in OF_ONE_STUDY and unit.id in named]
    return tuple(unit for unit in step.units if unit in own or unit.kind not in OF_ONE_STUDY) if own else step.units


__all__ = ["Step", "behind", "in_order", "most_steps", "replay"]
