"""Posterior rates of a question's groups, and the borrowing its plan asks for."""

from __future__ import annotations

import numpy as np

from handful.counts.rows import GroupCount
from handful.question.plan import Plan
from handful.stats.bayes.one_effect import OwnPrior, one_effect, posterior_of_one
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.priors import Beta, Normal
from handful.stats.evidence import OneArm, one_arm
from handful.stats.results import NotEstimable
from handful.synthesis.borrow import borrow
from handful.synthesis.borrowing import Borrowing
from handful.synthesis.plan_priors import plan_priors
from handful.synthesis.posterior_types import GroupPosterior, PlannedBorrowing, UnderPrior
from handful.synthesis.prior_sensitivity import prior_sensitivity
from handful.synthesis.synthesis import NO_BORROWING, GroupAnswer, SetAnswer

NO_RATE = {
    "spontaneous-reports": "spontaneous reports: how many people took the drug is not known, so this is no rate",
    "literature-review": "published cases: they were published for what happened, so this is no rate",
}
"""Designs whose counts have no denominator."""

EVERY_RATE = Beta(1.0, 1.0)
"""One study's own prior: every rate from 0 to 1 equally likely, so that the curve drawn is its likelihood."""


def group_posteriors(answers: SetAnswer, plan: Plan) -> tuple[GroupPosterior, ...]:
    """The posterior rate of each group and of everything together, in this order."""
    return tuple(_posterior(group, plan) for group in (*answers.groups, answers.overall))


def _posterior(answer: GroupAnswer, plan: Plan) -> GroupPosterior:
    count = answer.count
    rate, prior = _rate(answer)
    return GroupPosterior(
        count.id, count.name, count.events, count.total, len(count.studies), rate, prior, plan.level, answer
    )


def _rate(answer: GroupAnswer) -> tuple[Posterior | NotEstimable, str]:
    rows = answer.count.rows
    reasons = [NO_RATE[row.design] for row in rows if row.design in NO_RATE]
    if reasons:
        return NotEstimable(reasons[0]), ""
    if not rows:
        return NotEstimable("nobody was counted"), ""
    if any(row.adjusted for row in rows):
        reason = "people without a result are counted in by an odds ratio; the rate stands with its interval"
        return NotEstimable(reason), ""
    if len(rows) == 1:
        return _own_rate(answer, EVERY_RATE), str(EVERY_RATE)
    fit = answer.posterior
    if isinstance(fit, NotEstimable):
        return fit, ""
    assert fit.posteriors is not None
    average: Posterior = fit.posteriors["average"].on("natural")
    prior = f"mean {fit.details['mean_prior']}, between-study sd {fit.details['tau_prior']} (logit scale)"
    return average, prior


def _own_rate(answer: GroupAnswer, prior: OwnPrior) -> Posterior:
    data = one_effect("counts", [answer.count.events], [answer.count.total])
    shape, _ = posterior_of_one(prior, data)
    return Posterior(shape, "rate of one study", "logit").on("natural")


def under_other_priors(answer: GroupAnswer, level: float) -> tuple[UnderPrior, ...]:
    """One study: three priors of its rate. Several: the prior of the spread between studies halved and doubled."""
    if len(answer.count.rows) == 1:
        priors: tuple[OwnPrior, ...] = (EVERY_RATE, Beta(0.5, 0.5), Normal(0.0, 2.0))
        rates = [(prior, _own_rate(answer, prior)) for prior in priors]
        return tuple(UnderPrior(str(prior), rate.median, *rate.interval(level)) for prior, rate in rates)
    if isinstance(answer.posterior, NotEstimable):
        return ()
    found = prior_sensitivity(answer.posterior, scales=(0.5, 1.0, 2.0))
    if isinstance(found, NotEstimable):
        return ()
    return tuple(UnderPrior(f"between-study sd {p.prior}", p.estimate, p.low, p.high) for p in found.points)


def planned_borrowing(answers: SetAnswer, plan: Plan) -> PlannedBorrowing | NotEstimable:
    """The plan's borrowing at each of its strengths, or why there is none."""
    asked = plan.borrow
    if asked is None:
        return NO_BORROWING
    found = {name: answers.group(name) for name in (asked.from_, asked.to)}
    evidence: list[OneArm] = []
    for name, answer in found.items():
        if answer is None:
            return NotEstimable(f"the question has no group `{name}`")
        rate, _ = _rate(answer)
        if isinstance(rate, NotEstimable):
            return NotEstimable(f"{answer.count.name}: {rate.reason}")
        evidence.append(_evidence(answer.count))
    source, target = evidence
    steps: list[Borrowing] = []
    for weight in sorted(set(asked.weights)):
        step = borrow(
            target, source, method="robust-map", weight=float(weight), priors=plan_priors(plan), vague=EVERY_RATE,
            level=plan.level,
        )  # fmt: skip
        if isinstance(step, NotEstimable):
            return step
        steps.append(step)
    return PlannedBorrowing(asked.from_, asked.to, asked.because, tuple(steps))


def _evidence(count: GroupCount) -> OneArm:
    """The arms of a group; those without a count or a number of people are not among its rows."""
    events = [row.events.value for row in count.rows if row.events]
    totals = [row.total.value for row in count.rows if row.total]
    return one_arm(np.array(events), np.array(totals), labels=[f"{r.study_short}, {r.arm_name}" for r in count.rows])
