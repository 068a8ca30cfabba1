"""A plan's priors as values."""

from __future__ import annotations

from handful.question.plan import Plan, Prior
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, Normal

_PRIORS = {"normal": Normal, "half-normal": HalfNormal, "half-cauchy": HalfCauchy}


def plan_priors(plan: Plan) -> dict[str, Normal | HalfNormal | HalfCauchy]:
    """The plan's priors; what is left at ``default`` is left to the model."""
    made: dict[str, Normal | HalfNormal | HalfCauchy] = {}
    named: tuple[tuple[str, Prior], ...] = (("mean", plan.priors.mean), ("tau", plan.priors.tau))
    for parameter, prior in named:
        if prior != "default":
            ((name, numbers),) = prior.items()
            made[parameter] = _PRIORS[name](*numbers)
    return made
