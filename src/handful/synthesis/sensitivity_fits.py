"""Every different fit of a sensitivity run, each once: counts that agree share a fit, whoever was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from handful.question.plan import Plan
from handful.stats.bayes.average_rate_many import average_rate_many
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
