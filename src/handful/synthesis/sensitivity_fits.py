"""Every different fit of a sensitivity run, each once: counts that agree share a fit, whoever was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from handful.question.plan import Plan
from handful.stats.bayes.average_rate_many import average_rate_many
from handful.stats.bayes.average_without import average_rate_without
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.evidence import one_arm
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.pool import pool
from handful.synthesis.sensitivity_models import ADDED, BAYES, priors_of

Pairs: TypeAlias = tuple[tuple[int, int], ...]
"""(events, total) of each count, sorted: the order of studies cannot matter."""

Wanted: TypeAlias = tuple[Pairs, str, str]
"""Counts, model, prior."""

MANY = 40
"""Sets of more counts than this do not go into one batch with others: its shared grid would have to be too fine."""

Progress: TypeAlias = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Estimate:
    """A rate with its interval, between 0 and 1."""

    estimate: float
    low: float
    high: float


def fit_all(
    wanted: Iterable[Wanted], plan: Plan, progress: Progress | None = None
) -> dict[Wanted, Estimate | NotEstimable]:
    """An estimate for each, Bayesian ones of one prior in one batch."""
    different = list(dict.fromkeys(wanted))
    done: dict[Wanted, Estimate | NotEstimable] = {}
    batches: dict[str, list[Wanted]] = {}
    for one in different:
        pairs, model, prior = one
        if model == BAYES:
            batches.setdefault(prior, []).append(one)
            continue
        if progress and len(done) % 20 == 0:
            progress(len(done), len(different), f"{model}, {len(pairs)} counts")
        done[one] = _added(pairs, plan) if model == ADDED else _single(pairs, model, plan)
    together: dict[Normal, list[str]] = {}
    for prior, batch in batches.items():
        mean, tau = priors_of(plan, prior)
        many = [one for one in batch if len(one[0]) > MANY]
        batch = [one for one in batch if len(one[0]) <= MANY]
        done.update(_with_many_counts(many, plan, prior))
        if not batch:
            continue
        batches[prior] = batch
        if isinstance(tau, HalfNormal):
            together.setdefault(mean, []).append(prior)
        else:  # heavier tails are fitted one by one
            done.update((one, _single(one[0], BAYES, plan, prior)) for one in batch)
    for names in together.values():
        sets = list(dict.fromkeys(one[0] for name in names for one in batches[name]))
        if progress:
            progress(len(done), len(different), f"{len(sets)} sets of counts, {len(names)} priors")
        done.update(_posteriors(sets, plan, names))
    if progress:
        progress(len(different), len(different), "")
    return done


def _with_many_counts(wanted: list[Wanted], plan: Plan, prior: str) -> dict[Wanted, Estimate | NotEstimable]:
    """Sets of many counts: one that is another without a few of its counts is read off the posterior of the larger."""
    mean, tau = priors_of(plan, prior)
    whole: list[tuple[Pairs, list[tuple[Wanted, list[int]]]]] = []
    for one in sorted(wanted, key=lambda one: (-len(one[0]), one[0])):
        for larger, parts in whole:
            rows = _left_out(larger, one[0])
            if rows is not None:
                parts.append((one, rows))
                break
        else:
            whole.append((one[0], [(one, [])]))
    done: dict[Wanted, Estimate | NotEstimable] = {}
    for larger, parts in whole:
        flat = np.array(larger)
        found, covered = average_rate_without(
            flat[:, 0], flat[:, 1], [rows for _, rows in parts], mean_prior=mean, tau_prior=tau, level=plan.level
        )
        for i, (one, _) in enumerate(parts):
            numbers = Estimate(float(found.estimate[i]), float(found.low[i]), float(found.high[i]))
            done[one] = numbers if covered[i] else _single(one[0], BAYES, plan, prior)
    return done


def _left_out(larger: Pairs, smaller: Pairs) -> list[int] | None:
    """The places of the counts that only the larger set has, a quarter of them at most; both are sorted."""
    if len(larger) - len(smaller) > len(larger) // 4:
        return None
    rows, at = [], 0
    for i, pair in enumerate(larger):
        if at < len(smaller) and smaller[at] == pair:
            at += 1
        else:
            rows.append(i)
    return rows if at == len(smaller) else None


def _added(pairs: Pairs, plan: Plan) -> Estimate | NotEstimable:
    found = proportion(sum(x for x, _ in pairs), sum(n for _, n in pairs), method=plan.interval, level=plan.level)
    if isinstance(found, NotEstimable):
        return found
    assert isinstance(found, Interval)
    return Estimate(float(found.estimate), float(found.low), float(found.high))


def _single(pairs: Pairs, model: str, plan: Plan, prior: str = "") -> Estimate | NotEstimable:
    priors = dict(zip(("mean", "tau"), priors_of(plan, prior), strict=True)) if model == BAYES else None
    evidence = one_arm([x for x, _ in pairs], [n for _, n in pairs])
    fit = pool(evidence, model=model, level=plan.level, priors=priors)
    if isinstance(fit, NotEstimable):
        return fit
    assert isinstance(fit, Fit)
    for part in (fit.estimate, fit.low, fit.high):
        if isinstance(part, NotEstimable):
            return part
    numbers = [float(v) for v in (fit.estimate, fit.low, fit.high) if not isinstance(v, NotEstimable)]
    if not np.all(np.isfinite(numbers)):
        return NotEstimable("the likelihood does not bound the rate")
    return Estimate(*numbers)


def _posteriors(sets: list[Pairs], plan: Plan, names: list[str]) -> dict[Wanted, Estimate]:
    """Every set under every prior of τ; they share the prior of the mean, and with it the tables."""
    priors = [priors_of(plan, name) for name in names]
    flat = np.array([pair for pairs in sets for pair in pairs])
    which = np.repeat(np.arange(len(sets)), [len(pairs) for pairs in sets])
    taus = [tau for _, tau in priors if isinstance(tau, HalfNormal)]
    found = average_rate_many(flat[:, 0], flat[:, 1], which, mean_prior=priors[0][0], tau_priors=taus, level=plan.level)
    return {
        (pairs, BAYES, name): Estimate(float(many.estimate[i]), float(many.low[i]), float(many.high[i]))
        for name, many in zip(names, found, strict=True)
        for i, pairs in enumerate(sets)
    }
