"""The power prior: the source's likelihood to a power a between 0 and 1, then the target's data.

p(θ | data) ∝ p₀(θ) L_source(θ)^a L_target(θ). For counts with a Beta(α, β) start this is
Beta(α + a x_s + x, β + a (n_s − x_s) + n − x): a is the share of each source patient that is counted. For an estimate
the variance becomes v/a. a = 0 borrows nothing, a = 1 pools as if there were no difference. Unlike a predictive prior
it does not look at how different the strata are: a is chosen, so it is swept.

Reference: Ibrahim & Chen 2000 (10.1214/ss/1009212673).
"""

from __future__ import annotations

from handful.base.errors import InputError
from handful.stats.bayes.one_effect import OneEffect, OwnPrior, posterior_of_one
from handful.stats.bayes.posterior import Shape


def power_posterior(prior: OwnPrior, source: OneEffect, target: OneEffect, power: float) -> Shape:
    """The target's posterior on the model scale with the source's likelihood raised to ``power``."""
    if not 0 <= power <= 1:
        raise InputError(f"power={power!r}", hint="between 0 (nothing) and 1 (every source patient counts fully)")
    return posterior_of_one(prior, target, other=source, power=power)[0]
