"""The bodies of evidence of an answer: one for each outcome and group, with the rows it was counted from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from handful.counts.rows import CountRow
from handful.question.select import treatment_ids
from handful.question.thresholds import Sizes
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.synthesis import GroupAnswer, RowAnswer, SetAnswer, Synthesis


@dataclass(frozen=True)
class Body:
    """What one level is given to: rows, the people behind them, and the interval that is read.

    ``answers`` are the rows with their own intervals; ``interval`` is that of the sum, of the pooled rate where one may
    be stated, or (harms, which are not added up) that of the largest count.
    """

    kind: Literal["main", "also", "harm"]
    outcome: str
    name: str
    group: str
    group_name: str
    answers: tuple[RowAnswer, ...]
    interval: tuple[float, float] | None
    prediction: tuple[float, float] | None
    fit: Fit | None
    sizes: Sizes | None

    @property
    def rows(self) -> tuple[CountRow, ...]:
        """The counts, those without a denominator included."""
        return tuple(a.row for a in self.answers)

    @property
    def people(self) -> int:
        """People counted."""
        return sum(row.total.value for row in self.rows if row.total is not None and row.events is not None)

    @property
    def people_behind(self) -> int:
        """People behind the interval: everybody counted; of harms, which are not added up, the largest count's."""
        if self.kind != "harm":
            return self.people
        return max((row.total.value for row in self.rows if row.countable and row.total is not None), default=0)

    @property
    def studies(self) -> tuple[str, ...]:
        """Ids of the studies, each once."""
        return tuple(dict.fromkeys(row.study for row in self.rows))


def bodies(answer: Synthesis) -> Iterator[Body]:
    """Main outcome, other words, harms; every group, then everything together."""
    for answered in answer.sets:
        kind: Literal["main", "also"] = "main" if answered is answer.main else "also"
        for group in (*answered.groups, answered.overall):
            yield _of_group(kind, answered, group, answer)
    treated = treatment_ids(answer.counts.records, answer.question.treatment)
    for outcome in answer.question.harms.outcomes:
        rows = tuple(a for a in answer.harms if a.row.outcome == outcome and a.row.treatment in treated)
        if rows:
            yield _of_harm(outcome, rows, answer)


def _of_group(kind: Literal["main", "also"], answered: SetAnswer, group: GroupAnswer, answer: Synthesis) -> Body:
    pooled = _pooled(group)
    outcome = "main" if kind == "main" else answered.id
    return Body(
        kind=kind,
        outcome=outcome,
        name=answered.name,
        group=group.id,
        group_name=group.count.name,
        answers=group.rows,
        interval=_ends(pooled) if pooled is not None else _ends(group.interval),
        prediction=_ends(pooled.prediction) if pooled is not None else None,
        fit=pooled,
        sizes=_sizes(answer, outcome),
    )


def _of_harm(outcome: str, rows: tuple[RowAnswer, ...], answer: Synthesis) -> Body:
    largest = max(
        (a for a in rows if isinstance(a.interval, Interval)), key=lambda a: a.row.total.value if a.row.total else 0,
        default=None,
    )  # fmt: skip
    return Body(
        kind="harm",
        outcome=outcome,
        name=rows[0].row.outcome_name,
        group="overall",
        group_name="all together",
        answers=rows,
        interval=_ends(largest.interval) if largest is not None else None,
        prediction=None,
        fit=None,
        sizes=_sizes(answer, outcome),
    )


def _pooled(group: GroupAnswer) -> Fit | None:
    """The pooled rate, where one may be stated."""
    if not group.pooled_headline:
        return None
    return next((f for f in (group.posterior, group.likelihood) if isinstance(f, Fit)), None)


def _ends(found: Interval | Fit | NotEstimable) -> tuple[float, float] | None:
    if isinstance(found, NotEstimable) or isinstance(found.low, NotEstimable) or isinstance(found.high, NotEstimable):
        return None
    return float(found.low), float(found.high)


def _sizes(answer: Synthesis, outcome: str) -> Sizes | None:
    thresholds = answer.plan.thresholds
    return thresholds.of(outcome) if thresholds is not None else None


__all__ = ["Body", "bodies"]
