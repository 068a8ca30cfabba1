"""How much the data favour "no difference" over the model, or the other way round: Bayes factors of a pooled fit.

For a sharp hypothesis inside the model, τ = 0 or mean effect = a value, the Bayes factor of the hypothesis against the
model is the posterior density there over the prior density there (Savage and Dickey; Verdinelli & Wasserman 1995,
10.2307/2291073): the priors of μ and τ are independent, so that ratio is exact.

A Bayes factor compares the hypothesis with *these priors*: the wider the prior of the effect, the more a null value is
favoured. It is printed with its prior, and :func:`~handful.synthesis.prior_sensitivity.prior_sensitivity` shows how it
moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from handful.base.errors import UnknownChoice
from handful.stats.bayes.prior_base import Prior
from handful.stats.results import Fit, NotEstimable


@dataclass(frozen=True)
class BayesFactor:
    """``for_null`` above 1 favours the hypothesis, below 1 the model; ``against_null`` is its inverse.

    ``probability`` is the hypothesis' posterior probability if it had even odds before.
    """

    hypothesis: str
    log_for_null: float
    prior: str

    @property
    def for_null(self) -> float:
        return math.exp(min(self.log_for_null, 700.0))

    @property
    def against_null(self) -> float:
        return math.exp(min(-self.log_for_null, 700.0))

    @property
    def probability(self) -> float:
        return 1 / (1 + math.exp(min(-self.log_for_null, 700.0)))

    def __str__(self) -> str:
        return f"Bayes factor for {self.hypothesis}: {self.for_null:.3g} (prior {self.prior})"


def density_ratio(fit: Fit, prior: Prior, hypothesis: str, null: float) -> BayesFactor | NotEstimable:
    """Posterior over prior density at the null; ``hypothesis`` is ``"tau = 0"`` or ``"effect"``, null on the model
    scale."""
    if fit.posteriors is None:
        return NotEstimable(f"model {fit.model} has no posterior; model='bayes' has", fit.notes)
    if hypothesis == "tau = 0":
        posterior, at, words = fit.posteriors["tau"], 0.0, "τ = 0"
    elif hypothesis == "effect":
        posterior, at, words = fit.posteriors["mean"], null, f"mean effect = {null:g} (model scale)"
    else:
        raise UnknownChoice("hypothesis", hypothesis, ("tau = 0", "effect"))
    if not prior.proper:
        return NotEstimable(f"{prior} does not integrate to 1: a Bayes factor needs a proper prior")
    before = float(prior.log_density(at))
    if not math.isfinite(before):
        return NotEstimable(f"{prior} has no positive, finite density at {at:g}: no ratio can be formed there")
    after = float(posterior.density(at))
    if after <= 0:
        return NotEstimable("the posterior density at the null is too small to be told from 0")
    return BayesFactor(words, math.log(after) - before, str(prior))
