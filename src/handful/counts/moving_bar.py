"""How many people reach a bar, wherever it is set: the whole distribution behind one count from patient rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from handful.counts.rows import CountRow
from handful.instruments.responder import SLACK, Rule
from handful.question.people_counted import PeopleCounted, visits
from handful.question.question import AcceptedRule

if TYPE_CHECKING:
    import numpy as np

Numbers: TypeAlias = "np.ndarray"

UPWARDS = ("at_least", "above", "fall_of_percent", "rise_of_percent", "fall_by", "rise_by")
"""Bars that fewer people reach the higher they are set."""


@dataclass(frozen=True, eq=False)
class MovingBar:
    """One count from patient rows with its bar free to move.

    ``reach`` holds for every person with a score the highest bar (or, for ``at most`` and ``below``, the lowest) that
    they still reach; ``total`` says of how many the count is, ``assumed`` how many without a score are counted in.
    """

    row: CountRow
    people: PeopleCounted
    rule: Rule
    reach: Numbers
    total: int
    assumed: int

    @cached_property
    def upwards(self) -> bool:
        """Whether fewer people reach the bar the higher it is."""
        return self.rule.bar in UPWARDS

    def count_at(self, bar: float) -> int:
        """How many reach the bar at this height."""
        slack = SLACK * max(abs(bar), 1.0)
        if self.rule.bar in ("below", "above"):
            met = self.reach < bar - slack if self.rule.bar == "below" else self.reach > bar + slack
        else:
            met = self.reach >= bar - slack if self.upwards else self.reach <= bar + slack
        return int(met.sum()) + self.assumed

    def steps(self, low: float, high: float, most: int = 200) -> tuple[tuple[float, int], ...]:
        """Heights between ``low`` and ``high`` where the count changes, with the count at each; at most ``most``."""
        import numpy as np

        inside = np.unique(self.reach[(self.reach > low) & (self.reach < high)])
        if len(inside) > most:
            inside = np.quantile(inside, np.linspace(0, 1, most))
        return tuple((float(bar), self.count_at(float(bar))) for bar in (low, *inside, high))


def moving_bar(row: CountRow) -> MovingBar | None:
    """The bar of a count free to move; None where the count is not from rows, or its rule has several bars."""
    people = row.counted_from
    if people is None or row.events is None or row.total is None or people.accepted.rule.both:
        return None
    import numpy as np

    rule = people.accepted.rule
    found = changes(people)
    reach = found[~np.isnan(found)]
    return MovingBar(row, people, rule, np.sort(reach), row.total.value, row.events.value - people.responders)


def changes(people: PeopleCounted, rule: Rule | None = None) -> Numbers:
    """What each person reached on the scale of a rule's bar: a score, a fall, a rise, a percentage; NaN if unknown."""
    import numpy as np

    bar = rule or people.accepted.rule
    found = visits(people.table, bar.instrument or "", people.accepted)
    start: Numbers = found.start[people.rows]
    later: Numbers = found.later[people.rows]
    if bar.bar in ("at_most", "at_least", "below", "above"):
        return later
    change: Numbers = start - later if bar.bar.startswith("fall") else later - start
    if bar.bar.endswith("percent"):
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.where(start == 0, np.nan, 100 * change / np.abs(start))
    return change


def change_from_start(people: PeopleCounted) -> Numbers | None:
    """Each person's change in percent of the start, later less start; None where the rows have no start."""
    import numpy as np

    rule = people.accepted.rule.bars[0]
    found = visits(people.table, rule.instrument or "", people.accepted)
    start, later = found.start[people.rows], found.later[people.rows]
    if np.isnan(start).all():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        change: Numbers = np.where(start == 0, np.nan, 100 * (later - start) / np.abs(start))
    return change


def at_bar(accepted: AcceptedRule, value: float) -> AcceptedRule:
    """An accepted rule with its bar at another height."""
    return accepted.model_copy(update={"rule": accepted.rule.at_bar(value)})


__all__ = ["MovingBar", "at_bar", "change_from_start", "changes", "moving_bar"]
