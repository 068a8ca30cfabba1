"""What can be computed about a domain is suggested; the rest must be judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from handful.base.language import language
from handful.base.wording import p_value, range_per_100
from handful.certainty.certainty import DomainName
from handful.certainty.evidence import Body
from handful.certainty.imprecision import Suggestion, imprecision, thresholds_inside
from handful.certainty.risk_of_bias import suggested_steps
from handful.records.judgement import Judgement
from handful.stats.results import Interval, NotEstimable
from handful.stats.two_groups.information_size import optimal_information_size
from handful.synthesis.synthesis import Synthesis


def suggestion(
    name: DomainName, body: Body, answer: Synthesis, judgements: Mapping[str, Judgement]
) -> Suggestion | None:
    """The computed suggestion for that domain, or None where people must judge."""
    if name == "imprecision":
        return _imprecision(body)
    if name == "inconsistency":
        return inconsistency(body)
    if name == "risk-of-bias":
        return suggested_steps(body.rows, judgements)
    if name == "publication-bias":
        return small_studies(body)
    return None


def _imprecision(body: Body) -> Suggestion | None:
    """Only against declared thresholds: without them nobody has said which width would matter.

    A body is the count of one group, so it is held against one group of the optimal information size, where the plan
    declares what that is computed from.
    """
    if body.sizes is None or body.interval is None or body.sizes.unit != "rate":
        return None
    asked = body.sizes.information
    if asked is None:
        return imprecision(*body.interval, body.sizes.values)
    size = optimal_information_size(asked.without_treatment, asked.difference, alpha=asked.alpha, power=asked.power)
    return imprecision(*body.interval, body.sizes.values, people=body.people_behind, information_size=size, arms=1)


def inconsistency(body: Body) -> Suggestion:
    """Whether the counts of the studies can be those of one rate, and where a next study may lie.

    One step when the exact intervals of counts of two studies do not overlap; one more when the predictive range of the
    pooled rate reaches across a threshold that the interval of the pooled rate itself does not.
    """
    there = [a for a in body.answers if isinstance(a.interval, Interval)]
    if len({a.row.study for a in there}) < 2:
        return Suggestion(0, language().text("suggested.one-study"))
    apart = _first_apart([(a.row.study, a.row.study_short, a.interval) for a in there])  # type: ignore[misc]
    steps, said = 0, language().text("suggested.overlap")
    if apart:
        steps, said = -1, language().text("suggested.apart", first=apart[0], second=apart[1])
    if body.prediction is not None and body.interval is not None and body.sizes is not None:
        wider = set(thresholds_inside(*body.prediction, body.sizes.values))
        if wider - set(thresholds_inside(*body.interval, body.sizes.values)):
            steps -= 1
            low, high = body.prediction
            said = language().text("suggested.next-study", said=said, range=range_per_100(low, high))
    return Suggestion(steps, said)


def _first_apart(counts: Sequence[tuple[str, str, Interval]]) -> tuple[str, str] | None:
    """The names of the first two studies whose intervals do not overlap; in one pass where all of them do."""
    highest_low: float = -math.inf
    lowest_high: float = math.inf
    beyond: list[tuple[float, float]] = []
    for _, _, interval in reversed(counts):
        beyond.append((highest_low, lowest_high))
        highest_low = max(highest_low, float(interval.low))
        lowest_high = min(lowest_high, float(interval.high))
    for at, ((study, name, interval), (low, high)) in enumerate(zip(counts, reversed(beyond), strict=True)):
        if low > interval.high or high < interval.low:
            for other, its_name, its in counts[at + 1 :]:
                if other != study and _apart(interval, its):
                    return name, its_name
    return None


FEWEST_FOR_ASYMMETRY = 10
"""With fewer studies a funnel says nothing, and no asymmetry in it is no finding (Cochrane Handbook, chapter 13)."""


def small_studies(body: Body) -> Suggestion | None:
    """One step when small studies show other rates than large ones (Egger's line on the arcsine scale, p below 0.1).

    On that scale a study's error depends on its size alone, so that the rate and its error are not tied to each other.
    No signal is no finding: then, and with fewer than ten studies, nothing is suggested and people must judge.
    """
    there = [a.row for a in body.answers if a.row.countable]
    if len({row.study for row in there}) < FEWEST_FOR_ASYMMETRY:
        return None
    from handful.stats.effects.effect_sizes import effect_sizes
    from handful.stats.evidence import estimates, one_arm
    from handful.synthesis.pool import pool
    from handful.synthesis.small_study import small_study

    counts = one_arm(
        [r.events.value for r in there if r.events is not None], [r.total.value for r in there if r.total is not None]
    )
    on_scale = effect_sizes(counts, measure="PAS")
    found = small_study(pool(estimates(on_scale.yi, on_scale.vi), model="random-effects"))
    if isinstance(found, NotEstimable) or isinstance(found.p, NotEstimable) or found.p >= 0.1:
        return None
    return Suggestion(-1, language().text("suggested.small-studies", p=p_value(float(found.p))))


def _apart(one: Interval, other: Interval) -> bool:
    return bool(one.high < other.low or other.high < one.low)


__all__ = ["inconsistency", "small_studies", "suggestion"]
