"""How the answer moves with its prior, as a curve; and Bayes factors of a fit that ``hf.pool`` made."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.stats.bayes.axes import axes_for
from handful.stats.bayes.bayes_factor import BayesFactor, density_ratio
from handful.stats.bayes.prior_base import Prior
from handful.stats.checked import choice, finite_numbers, one_number
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.recipe import Recipe, recipe_of

SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class PriorPoint:
    """The answer with one prior: estimate and limits on the natural scale, τ, the next study, log evidence."""

    factor: float
    prior: str
    estimate: float
    low: float
    high: float
    tau: float
    prediction_low: float
    prediction_high: float
    log_evidence: float
    above: float | NotEstimable


@dataclass(frozen=True)
class PriorSensitivity:
    """One point for each prior tried; ``of`` says whose prior was changed. ``draw()`` is the picture."""

    of: str
    points: tuple[PriorPoint, ...]
    threshold: float | None

    @property
    def widest(self) -> float:
        """The largest move of the estimate away from the plan's own prior (factor 1), on the natural scale."""
        own = next(p.estimate for p in self.points if p.factor == 1.0)
        return max(abs(p.estimate - own) for p in self.points)

    def __str__(self) -> str:
        rows = [f"prior of the {self.of}, times"]
        for p in self.points:
            more = "" if isinstance(p.above, NotEstimable) else f", above {self.threshold:g}: {p.above:.3f}"
            rows.append(f"  {p.factor:<6g}{p.prior:<36}{p.estimate:.4g} ({p.low:.4g} to {p.high:.4g}){more}")
        return "\n".join(rows)

    def draw(self, ax: Any = None) -> Any:
        """Estimate with limits against the prior's scale; returns the matplotlib axes (needs ``handful[plot]``)."""
        axes = axes_for(ax)
        x = [p.factor for p in self.points]
        axes.fill_between(x, [p.low for p in self.points], [p.high for p in self.points], alpha=0.2)
        axes.plot(x, [p.estimate for p in self.points], marker="o")
        axes.set_xscale("log", base=2)
        axes.set_xlabel(f"scale of the prior of the {self.of}, times the one used")
        axes.set_ylabel("estimate with its interval")
        return axes


def prior_sensitivity(
    fit: Fit, *, scales: Sequence[float] = SCALES, of: str = "tau", threshold: float | None = None
) -> PriorSensitivity | NotEstimable:
    """Run a Bayesian fit again with its prior made narrower and wider: the answer as a function of the prior.

    ``of="tau"`` multiplies the scale of the between-study prior by each of ``scales``, ``of="mean"`` the sd of the
    mean's prior (centre kept). 1 is always among them: the fit as it was. With a ``threshold`` (natural scale) each
    point says the posterior probability of lying above it. Log-normal priors of τ are multiplied as a whole.

    >>> import handful as hf
    >>> fit = hf.pool(hf.one_arm([1, 0, 3], [4, 4, 9]), model="bayes")
    >>> curve = hf.prior_sensitivity(fit)
    >>> [round(p.estimate, 2) for p in curve.points]
    [0.24, 0.24, 0.25, 0.27, 0.3]
    """
    recipe, priors = _priors_of(fit, "prior_sensitivity")
    if isinstance(priors, NotEstimable):
        return priors
    choice("of", of, ("tau", "mean"))
    if threshold is not None:
        one_number("threshold", threshold, "a number on the natural scale, such as a rate of 0.3")
    prior = priors[of]
    if prior is None:
        return NotEstimable(f"the prior of the {of} is flat: it has no scale to change")
    factors = finite_numbers("scales", scales).reshape(-1)
    if not np.all((factors > 0) & np.isfinite(factors)):
        raise InputError(f"scales={scales!r}", hint="factors above 0, such as (0.5, 1, 2)")
    points = []
    for factor in sorted({1.0, *factors.tolist()}):
        changed = {**priors, of: _scaled(prior, factor)}
        again = fit if factor == 1.0 else replace(recipe, priors=changed).again(range(len(recipe.evidence)))
        if isinstance(again, NotEstimable):
            return again
        points.append(_point(again, factor, changed[of], threshold))
    return PriorSensitivity("between-study sd" if of == "tau" else "mean effect", tuple(points), threshold)


def bayes_factor(fit: Fit, hypothesis: str = "tau = 0", *, null: float = 0.0) -> BayesFactor | NotEstimable:
    """The Bayes factor of ``"tau = 0"`` (no differences between studies) or of ``"effect"`` = ``null`` against the fit.

    ``null`` is on the model scale (0 for a log ratio; logit of the rate for a proportion). ``NotEstimable`` where the
    prior is improper or has no density at the null (log-normal priors at τ = 0).

    >>> import handful as hf
    >>> fit = hf.pool(hf.estimates([0.1, 0.3, 0.35], [0.04, 0.03, 0.06], measure="OR"), model="bayes")
    >>> round(hf.bayes_factor(fit).for_null, 2)
    2.25
    """
    choice("hypothesis", hypothesis, ("tau = 0", "effect"))
    null = one_number("null", null, "a number on the model scale, such as 0 for a log ratio")
    _, priors = _priors_of(fit, "bayes_factor")
    if isinstance(priors, NotEstimable):
        return priors
    prior = priors["tau" if hypothesis == "tau = 0" else "mean"]
    if prior is None:
        return NotEstimable("the mean has a flat prior: a Bayes factor needs a proper one")
    return density_ratio(fit, prior, hypothesis, null)


def _priors_of(fit: Fit, verb: str) -> tuple[Recipe, Any]:
    """The recipe, and the two priors as they were used."""
    recipe = recipe_of(fit, verb)
    if fit.posteriors is None:
        return recipe, NotEstimable(f"model {fit.model} has no prior; model='bayes' has", fit.notes)
    used = fit.details.get("priors")
    if isinstance(used, dict) or hasattr(used, "keys"):
        return recipe, dict(used)  # type: ignore[arg-type]
    raise InputError(f"{verb}: this fit does not hold its priors", hint="give what hf.pool(…, model='bayes') returned")


def _scaled(prior: Prior, factor: float) -> Prior:
    given: Any = prior
    names = set(inspect.signature(type(prior)).parameters)
    if factor == 1.0:
        return prior
    if "of" in names:  # log τ has a location: the whole distribution moves
        move = math.log(factor) * (2.0 if given.of == "tau2" else 1.0)
        name = "mean" if "mean" in names else "location"
        changes = {name: getattr(given, name) + move}
    elif "scale" in names:
        changes = {"scale": given.scale * factor}
    elif "sd" in names:
        changes = {"sd": given.sd * factor}
    elif "high" in names:
        changes = {"high": given.low + (given.high - given.low) * factor}
    else:
        raise InputError(f"{prior} has no scale to change", hint="run hf.pool with other priors= instead")
    found: Prior = replace(given, **changes)
    return found


def _point(fit: Fit, factor: float, prior: Any, threshold: float | None) -> PriorPoint:
    above: float | NotEstimable = NotEstimable("no threshold was given")
    assert fit.posteriors is not None
    if threshold is not None:
        headline = fit.posteriors["average" if "average" in fit.posteriors else "mean"].on("natural")
        above = headline.probability(above=threshold)
    new: Any = fit.prediction
    numbers: Any = fit
    return PriorPoint(
        factor=factor,
        prior=str(prior),
        estimate=numbers.estimate,
        low=numbers.low,
        high=numbers.high,
        tau=numbers.tau,
        prediction_low=new.low,
        prediction_high=new.high,
        log_evidence=fit.details["log_evidence"],
        above=above,
    )
