"""The value of information: what knowing more would be worth, before a choice by the rule's thresholds.

Choosing a treatment where the rate must reach T gains θ − T for each person treated (and nothing when it is not
chosen). Knowing θ is worth E[max(θ − T, 0)] − max(E θ − T, 0); seeing m further people is worth what it adds on average
to the best choice. With the alternatives in place of T the same is computed from the losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handful.position.losses import expected_maximum
from handful.position.rate import Pair, Rate, hierarchical, priors_of, rate_of
from handful.question.plan import Plan
from handful.stats.results import NotEstimable

if TYPE_CHECKING:
    from handful.position.group import GroupPlace


@dataclass(frozen=True)
class Value:
    """The value of information against one bar, in people with the outcome per person treated.

    ``against``: the line whose threshold is the bar, or "alternatives" (rates of different studies: labelled so).
    ``sample`` maps a number of further people to what seeing their count is worth.
    """

    against: str
    threshold: float | None
    perfect: float
    sample: tuple[tuple[int, float], ...]


def value_of(group: GroupPlace, sizes: Sequence[int]) -> tuple[Value, ...]:
    """Against the threshold of each line, and against the alternatives where two or more have counts."""
    rate = group.rate
    if isinstance(rate, NotEstimable):
        return ()
    made = [
        _against(group, rate, rung.line, rung.rate_at_least, sizes)
        for rung in group.setting.ladder.rungs
        if rung.rate_at_least is not None
    ]
    losses = group.losses
    if not isinstance(losses, NotEstimable):
        others = [one.option.rate for one in losses.losses if one.option.treatment != group.setting.own_id]
        best = max(other.mean for other in others)
        perfect = expected_maximum([rate, *others]) - max(rate.mean, best)
        made.append(Value("alternatives", None, max(perfect, 0.0), _samples(group, rate, best, sizes)))
    return tuple(made)


def _against(group: GroupPlace, rate: Rate, line: str, threshold: float, sizes: Sequence[int]) -> Value:
    """E[max(θ, T)] = T + ∫_T¹ P(θ > t) dt."""
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(24)
    edges = np.linspace(threshold, 1.0, 17)
    half = np.diff(edges)[:, None] / 2
    t = ((edges[:-1, None] + half) + half * nodes).ravel()
    above = 1.0 - np.asarray(rate.posterior.cdf(t))
    perfect = threshold + float((half * weights).ravel() @ above) - max(rate.mean, threshold)
    return Value(line, threshold, max(perfect, 0.0), _samples(group, rate, threshold, sizes))


def _samples(group: GroupPlace, rate: Rate, bar: float, sizes: Sequence[int]) -> tuple[tuple[int, float], ...]:
    """Σ_r P(r) max(E[θ | r], bar) − max(E θ, bar), with E θ taken as the mean of E[θ | r], so that rounding is none."""
    plan = group.setting.question.plan
    made = []
    for m in sizes:
        if len(group.counts) == 1:
            ((x, n),) = group.counts
            chances = rate.next_people(m)
            means = [_mean(rate_of([(x + r, n + m)], plan)) for r in range(m + 1)]
        else:
            ahead = hierarchical(group.counts, plan)
            assert isinstance(ahead, Rate)
            chances = ahead.next_people(m)
            means = _means_after(group.counts, m, plan)
        now = sum(p * mean for p, mean in zip(chances, means, strict=True))
        gain = sum(p * max(mean, bar) for p, mean in zip(chances, means, strict=True)) - max(now, bar)
        made.append((m, max(gain, 0.0)))
    return tuple(made)


def _means_after(counts: Sequence[Pair], people: int, plan: Plan) -> list[float]:
    """The mean rate after every count of a further study, as one batch of sets."""
    from handful.stats.bayes.bayes_binomial_many import pool_binomial_bayes_many

    mean, tau = priors_of(plan)
    sets = [[*counts, (r, people)] for r in range(people + 1)]
    found = pool_binomial_bayes_many(
        [x for one in sets for x, _ in one],
        [n for one in sets for _, n in one],
        [index for index, one in enumerate(sets) for _ in one],
        mean_prior=mean,
        tau_prior=tau,
    )
    return [float(value) for value in found.rate]


def _mean(rate: Rate | NotEstimable) -> float:
    assert isinstance(rate, Rate)
    return rate.mean
