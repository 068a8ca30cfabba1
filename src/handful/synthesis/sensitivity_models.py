"""Which ways of putting counts together are defensible for how many counts, and with which priors.

=====================  ==========================================================================
one count              that count with its exact interval; every model is the same there
two                    added up, or the posterior with its prior named; likelihood has no hold on τ
three or more          also the binomial–normal and the beta–binomial model by likelihood
=====================  ==========================================================================
"""

from __future__ import annotations

from handful.question.plan import Plan
from handful.question.priors import Prior as TypedPrior
from handful.stats.bayes.bayes_binomial import MEAN_PRIOR, TAU_PRIOR
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, Normal
from handful.synthesis.sensitivity_result import Choice, Dimension
from handful.synthesis.synthesis import FEWEST_FOR_A_HEADLINE

ADDED, BAYES, LIKELIHOOD, BETA = "added-up", "bayes", "binomial-normal", "beta-binomial"
OWN = "as-planned"

MODEL_WORDS = {
    ADDED: ("counts added up", "what the page states for a handful; it treats people of different studies as one"),
    BAYES: ("pooled, with a prior", "studies may differ; a stated prior says by how much"),
    LIKELIHOOD: ("pooled by likelihood, binomial–normal", "studies may differ; no prior"),
    BETA: ("pooled by likelihood, beta–binomial", "studies may differ; the rates themselves vary"),
}

FAMILIES = {"normal": Normal, "half-normal": HalfNormal, "half-cauchy": HalfCauchy}

Priors = tuple[Normal, HalfNormal | HalfCauchy]


def model_dimension(*, run: bool) -> Dimension:
    """The ways of putting counts together; which is the plan's own depends on the group's number of counts."""
    names = tuple(MODEL_WORDS) if run else (ADDED,)
    return Dimension("model", "the way of putting studies together", tuple(Choice(n, *MODEL_WORDS[n]) for n in names))


def prior_dimension(plan: Plan, *, run: bool) -> Dimension:
    """The plan's prior of the differences between studies, half and twice as wide, and those the plan adds."""
    choices = [Choice(OWN, f"prior of the differences as planned, {_said(plan, OWN)}", "the plan's own")]
    if run:
        because = "a prior for so few studies matters, so it is moved both ways"
        for name, words in (("half", "half as wide"), ("double", "twice as wide")):
            choices.append(Choice(name, f"prior of the differences {words}, {_said(plan, name)}", because))
        for other in plan.sensitivity.priors if plan.sensitivity else ():
            mean, tau = priors_of(plan, other.id)
            choices.append(Choice(other.id, f"prior of the mean {mean}, of the differences {tau}", other.because))
    return Dimension("prior", "the prior of the differences between studies", tuple(choices))


def _said(plan: Plan, choice: str) -> str:
    """'half-normal 0.5'."""
    tau = priors_of(plan, choice)[1]
    return f"{'half-normal' if isinstance(tau, HalfNormal) else 'half-Cauchy'} {tau.scale:g}"


def priors_of(plan: Plan, choice: str) -> Priors:
    """The two priors under a choice."""
    mean = _prior(plan.priors.mean, MEAN_PRIOR)
    tau = _prior(plan.priors.tau, TAU_PRIOR)
    assert isinstance(mean, Normal)
    assert isinstance(tau, HalfNormal | HalfCauchy)
    if choice in ("half", "double"):
        return mean, type(tau)(tau.scale * (0.5 if choice == "half" else 2.0))
    other = next((p for p in (plan.sensitivity.priors if plan.sensitivity else ()) if p.id == choice), None)
    if other is None:
        return mean, tau
    changed_mean, changed_tau = _prior(other.mean, mean), _prior(other.tau, tau)
    assert isinstance(changed_mean, Normal)
    assert isinstance(changed_tau, HalfNormal | HalfCauchy)
    return changed_mean, changed_tau


def _prior(typed: TypedPrior, default: Normal | HalfNormal | HalfCauchy) -> Normal | HalfNormal | HalfCauchy:
    if typed == "default":
        return default
    ((name, numbers),) = typed.items()
    made: Normal | HalfNormal | HalfCauchy = FAMILIES[name](*numbers)
    return made


def not_defensible(model: str, k: int) -> str:
    """Why a model is not run on ``k`` counts; empty when it is."""
    if k == 2 and model in (LIKELIHOOD, BETA):
        return "two studies cannot inform how much studies differ, so likelihood has no hold"
    return ""


def own_model(plan: Plan, k: int, studies: int, definitions: int) -> str:
    """The model of the page's headline: a pooled rate from three studies of one definition on, else the sum."""
    if studies < FEWEST_FOR_A_HEADLINE or definitions > 1 or k < 2 or plan.model == "common-effect":
        return ADDED
    return plan.model if plan.model in (LIKELIHOOD, BETA) else BAYES
