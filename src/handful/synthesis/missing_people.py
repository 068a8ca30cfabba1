"""Counts with missing people under an informative-missingness odds ratio: one count's interval, and several pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handful.counts.rows import Adjusted, CountRow, GroupCount
from handful.question.plan import Plan
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, Normal
from handful.stats.patients.missing import MissingPeople, missing_people
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.pool import pool


def with_nobody_missing(row: CountRow) -> Adjusted | None:
    """What the row's assumption is about; a row without missing people stands as it is."""
    if row.adjusted is not None:
        return row.adjusted
    if row.events is None or row.total is None:
        return None
    return Adjusted(row.events.value, row.total.value, 0, 1.0)


def adjusted_interval(counts: Sequence[Adjusted], plan: Plan) -> Interval | NotEstimable:
    """The rate of everybody, the missing counted in, with its exact limits; several counts are added up first.

    Added up, the odds ratio is that of the counts that have missing people; a plan has one.
    """
    ratio = next((c.odds_ratio for c in counts if c.missing), 1.0)
    sums = [sum(getattr(c, name) for c in counts) for name in ("events", "with_result", "missing")]
    found = missing_people([sums[0]], [sums[1]], [sums[2]], [ratio])
    if isinstance(found, NotEstimable):
        return found
    made = found.interval(level=plan.level, method=plan.interval)
    estimate, low, high = (float(value[0]) for value in (made.estimate, made.low, made.high))  # type: ignore[index]
    return Interval(estimate, low, high, made.level, made.method, notes=made.notes)


def pool_adjusted(
    group: GroupCount, plan: Plan, priors: Mapping[str, Normal | HalfNormal | HalfCauchy]
) -> tuple[Fit | NotEstimable, Fit | NotEstimable]:
    """The pooled rate by likelihood and as a posterior: log odds with the variances that the assumption gives them."""
    rows = [(row, made) for row in group.rows if (made := with_nobody_missing(row)) is not None]
    found: MissingPeople | NotEstimable = missing_people(
        [c.events for _, c in rows],
        [c.with_result for _, c in rows],
        [c.missing for _, c in rows],
        [c.odds_ratio for _, c in rows],
        labels=[f"{row.study_short}, {row.arm_name}" for row, _ in rows],
    )
    if isinstance(found, NotEstimable):
        return found, found
    evidence = found.estimates()
    if len(evidence.yi) < 2:
        few = NotEstimable("fewer than two counts have log odds to pool", evidence.notes)
        return few, few
    likelihood = pool(evidence, model="random-effects", level=plan.level)
    return likelihood, pool(evidence, model="bayes", level=plan.level, priors=dict(priors))


__all__ = ["adjusted_interval", "pool_adjusted", "with_nobody_missing"]
