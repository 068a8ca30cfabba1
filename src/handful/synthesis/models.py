"""The pooling models as a table: what each is called, what it needs, when not to use it, where it comes from.

``handful.pool`` reads this table; a new model is a function in ``stats`` and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from handful.base.errors import UnknownChoice


@dataclass(frozen=True, slots=True)
class Model:
    """One row: ``function`` is ``module:name`` and is imported when first used; ``evidence`` the kind it takes."""

    name: str
    evidence: str
    function: str
    needs: str
    when_not: str
    reference: str

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        return _loaded(self.function)


@cache
def _loaded(function: str) -> Callable[..., Any]:
    module, name = function.split(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


MODELS: tuple[Model, ...] = (
    Model(
        "bayes",
        "OneArm",
        "handful.stats.bayes.bayes_binomial:pool_binomial_bayes",
        "priors for the mean and for τ (both have stated defaults)",
        "when the answer may not depend on a prior at all; then show the studies one by one",
        "10.1002/jrsm.1370",
    ),
    Model(
        "binomial-normal",
        "OneArm",
        "handful.stats.count_models.binomial_normal:pool_binomial_normal",
        "two studies, and at least one that is neither 0 of n nor n of n",
        "fewer than 5 studies, or many empty or full ones: large-sample limits are then unsure; prefer bayes",
        "10.1002/sim.4040",
    ),
    Model(
        "beta-binomial",
        "OneArm",
        "handful.stats.count_models.beta_binomial:pool_beta_binomial",
        "two studies, and at least one event and one non-event",
        "when studies differ by a known covariate (it has none), or when the median study is wanted",
        "10.1002/sim.6383",
    ),
    Model(
        "common-effect",
        "OneArm",
        "handful.stats.one_group.common_rate:pool_common_rate",
        "one study",
        "as a headline: it assumes that nothing but chance differs between studies",
        "10.1093/biomet/26.4.404",
    ),
    Model(
        "random-effects",
        "OneArm",
        "handful.stats.count_models.pooling_proportions:pool_proportions",
        "measure= PLO, PAS, PFT, PLN or PR; two studies whose transformed rate is finite",
        "small or empty studies: the variances are guesses there; PFT's way back to a rate can mislead badly",
        "10.1002/jrsm.1348",
    ),
    Model(
        "poisson-normal",
        "OneArmRates",
        "handful.stats.count_models.poisson_normal:pool_poisson_normal",
        "two studies and at least one event",
        "when person-time is a guess",
        "10.1002/sim.4040",
    ),
    Model(
        "common-effect",
        "OneArmRates",
        "handful.stats.one_group.common_rate:pool_common_person_time",
        "one study",
        "as a headline: it assumes that nothing but chance differs between studies",
        "10.1093/biomet/28.3-4.437",
    ),
    Model(
        "random-effects",
        "OneArmRates",
        "handful.stats.count_models.pooling_proportions:pool_rates",
        "measure= IR, IRLN, IRS or IRFT; two studies whose transformed rate is finite",
        "few events: the variances are guesses there",
        "10.1002/sim.4040",
    ),
    Model(
        "bayes",
        "TwoArms",
        "handful.stats.bayes.bayes_two_arms:pool_two_arms_bayes",
        "measure= OR or RR; priors for the mean and for τ (both have stated defaults)",
        "when the answer may not depend on a prior at all; then show the studies one by one",
        "10.1002/jrsm.1370",
    ),
    Model(
        "hypergeometric-normal",
        "TwoArms",
        "handful.stats.comparisons.hypergeometric_normal:pool_hypergeometric_normal",
        "measure= OR; events in both groups over the studies together",
        "fewer than 5 studies, or many with an empty group: prefer bayes",
        "10.1002/sim.4040",
    ),
    Model(
        "conditional-approximate",
        "TwoArms",
        "handful.stats.comparisons.conditional_approximate:pool_conditional_approximate",
        "measure= OR; rare events",
        "events that are not rare: the odds ratio comes out too near to 1; the exact model is as quick",
        "10.1002/sim.4040",
    ),
    Model(
        "unconditional-fixed",
        "TwoArms",
        "handful.stats.comparisons.unconditional_fixed:pool_unconditional_fixed",
        "measure= OR; as hypergeometric-normal",
        "many small studies: as many baselines are estimated as there are studies, which biases the effect",
        "10.1002/sim.7588",
    ),
    Model(
        "unconditional-random",
        "TwoArms",
        "handful.stats.comparisons.unconditional_random:pool_unconditional_random",
        "measure= OR; two studies, events in both groups",
        "as the headline of randomised studies: it borrows baselines between them",
        "10.1002/sim.7588",
    ),
    Model(
        "mantel-haenszel",
        "TwoArms",
        "handful.stats.comparisons.mantel_haenszel:pool_mantel_haenszel",
        "measure= OR, RR or RD; for a ratio, events in both groups over the studies together",
        "when effects differ between studies: it assumes one common effect",
        "10.1093/jnci/22.4.719",
    ),
    Model(
        "peto",
        "TwoArms",
        "handful.stats.comparisons.peto:pool_peto",
        "measure= OR; rare events, groups of like size, a small effect",
        "anything else: it is biased there, and says which condition fails",
        "10.1016/S0033-0620(85)80003-7",
    ),
    Model(
        "penalised-likelihood",
        "TwoArms",
        "handful.stats.comparisons.penalised_likelihood:pool_penalised_likelihood",
        "measure= OR; one study with both events and non-events",
        "when effects differ between studies: it assumes one common effect",
        "10.1093/biomet/80.1.27",
    ),
    Model(
        "common-effect",
        "TwoArms",
        "handful.stats.comparisons.two_arm_inverse_variance:pool_two_arm_effects_common",
        "measure= OR, RR, RD, AS or another effect of a 2×2 table; studies without an empty cell, or a rule by name",
        "empty cells: such studies are left out or corrected; mantel-haenszel needs neither",
        "10.1002/jrsm.12",
    ),
    Model(
        "random-effects",
        "TwoArms",
        "handful.stats.comparisons.two_arm_inverse_variance:pool_two_arm_effects",
        "measure= OR, RR, RD, AS or another effect of a 2×2 table; studies without an empty cell, or a rule by name",
        "empty cells or small counts: the variances are guesses there; pool the counts themselves",
        "10.1002/jrsm.1164",
    ),
    Model(
        "bayes",
        "TwoArmRates",
        "handful.stats.bayes.bayes_two_arms:pool_two_arm_rates_bayes",
        "measure= IRR; priors for the mean and for τ (both have stated defaults)",
        "when the answer may not depend on a prior at all; then show the studies one by one",
        "10.1002/jrsm.1370",
    ),
    Model(
        "poisson-normal",
        "TwoArmRates",
        "handful.stats.comparisons.rate_ratio_models:pool_rate_ratio_normal",
        "measure= IRR; events in both groups over the studies together",
        "fewer than 5 studies, or many with an empty group: prefer bayes",
        "10.1002/sim.4040",
    ),
    Model(
        "unconditional-fixed",
        "TwoArmRates",
        "handful.stats.comparisons.unconditional_fixed:pool_unconditional_fixed_rates",
        "measure= IRR; as poisson-normal",
        "the conditional model has no baselines to estimate and is as quick",
        "10.1002/sim.4040",
    ),
    Model(
        "unconditional-random",
        "TwoArmRates",
        "handful.stats.comparisons.unconditional_random:pool_unconditional_random_rates",
        "measure= IRR; two studies, events in both groups",
        "as the headline of randomised studies: it borrows baselines between them",
        "10.1002/sim.4040",
    ),
    Model(
        "mantel-haenszel",
        "TwoArmRates",
        "handful.stats.comparisons.mantel_haenszel:pool_mantel_haenszel_rates",
        "measure= IRR or IRD; for IRR, events in both groups over the studies together",
        "when effects differ between studies: it assumes one common effect",
        "10.2307/2530643",
    ),
    Model(
        "common-effect",
        "TwoArmRates",
        "handful.stats.comparisons.two_arm_inverse_variance:pool_two_arm_rate_effects_common",
        "measure= IRR, IRD or IRSD; studies with events in both groups, or a rule by name",
        "few events: the variances are guesses there",
        "10.1002/jrsm.12",
    ),
    Model(
        "random-effects",
        "TwoArmRates",
        "handful.stats.comparisons.two_arm_inverse_variance:pool_two_arm_rate_effects",
        "measure= IRR, IRD or IRSD; studies with events in both groups, or a rule by name",
        "few events: the variances are guesses there; pool the counts themselves",
        "10.1002/jrsm.1164",
    ),
    Model(
        "bayes",
        "OneArmRates",
        "handful.stats.bayes.bayes_rates:pool_rates_bayes",
        "priors for the mean and for τ (both have stated defaults)",
        "when person-time is a guess, or the answer may not depend on a prior at all",
        "10.1002/sim.4040",
    ),
    Model(
        "bayes",
        "Estimates",
        "handful.stats.bayes.bayes_estimates:pool_estimates_bayes",
        "one estimate with its variance, and a prior for τ (a default is stated by measure)",
        "estimates from small counts: pool the counts themselves",
        "10.18637/jss.v093.i06",
    ),
    Model(
        "bayes",
        "Combined",
        "handful.synthesis.combine:pool_combined_bayes",
        "curves over one effect; priors for the mean and for τ (both have stated defaults)",
        "when two reports may be of the same patients",
        "10.1002/jrsm.1370",
    ),
    Model(
        "likelihood",
        "Combined",
        "handful.synthesis.combine:pool_combined_likelihood",
        "curves over one effect, not all one-sided to the same side",
        "fewer than 5 studies, or many with an empty group: prefer bayes",
        "10.1002/sim.4040",
    ),
    Model(
        "random-effects",
        "Estimates",
        "handful.stats.estimates.inverse_variance:pool_inverse_variance",
        "two estimates with variances",
        "estimates from small counts: pool the counts themselves",
        "10.1002/jrsm.1164",
    ),
    Model(
        "common-effect",
        "Estimates",
        "handful.stats.estimates.inverse_variance:pool_inverse_variance_common",
        "one estimate with its variance",
        "as a headline, unless all studies estimate one and the same thing",
        "10.1002/jrsm.12",
    ),
)


def models_for(evidence: object) -> tuple[str, ...]:
    """Names of the models that take this kind of evidence."""
    return tuple(_of_kind().get(type(evidence).__name__, {}))


def model_for(evidence: object, name: str) -> Model:
    """The row for a kind of evidence and a name; the error lists what is accepted."""
    found = _of_kind().get(type(evidence).__name__, {}).get(name)
    if found is None:
        raise UnknownChoice("model", name, ("default", *models_for(evidence)))
    return found


@cache
def _of_kind() -> dict[str, dict[str, Model]]:
    """The rows by kind of evidence and name."""
    kinds: dict[str, dict[str, Model]] = {}
    for model in MODELS:
        kinds.setdefault(model.evidence, {})[model.name] = model
    return kinds
