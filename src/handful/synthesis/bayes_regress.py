"""``regress(..., model="bayes")``: priors for the mean and the coefficients; estimates, counts, or both together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.bayes.bayes_estimates import default_tau_prior, scale_of
from handful.stats.bayes.bayes_grid import informative
from handful.stats.bayes.curve_regression import regress_curves
from handful.stats.bayes.likelihood_curves import stack
from handful.stats.bayes.normal_regression import regress_normal
from handful.stats.bayes.prior_base import Prior, named_priors
from handful.stats.bayes.priors import Normal
from handful.stats.bayes.regression_posterior import BayesRegression, Posteriors, bayes_regression
from handful.stats.estimates.design_matrix import INTERCEPT, Recipe
from handful.stats.evidence import Estimates, OneArm, OneArmRates, TwoArmRates, TwoArms
from handful.stats.results import NotEstimable
from handful.synthesis.combine import combine, default_priors
from handful.synthesis.combined import Combined

FloatArray: TypeAlias = npt.NDArray[np.float64]

ENGINES = ("quadrature", "mcmc")
MOST_COEFFICIENTS = 4
"""So many the grid of a quadrature holds: its points grow twentyfold with each."""
_PARTS = ("mean", "coefficients", "tau")
_OWN_MEASURE = {OneArm: "proportion", OneArmRates: "rate", TwoArms: "OR", TwoArmRates: "IRR"}


def as_curves(evidence: Any, measure: str | None) -> Combined:
    """Counts as one likelihood curve a study; what is combined already stays."""
    if isinstance(evidence, Combined):
        return evidence
    known = _OWN_MEASURE.get(type(evidence))
    if known is None:
        raise InputError(
            f"a Bayesian regression cannot take {type(evidence).__name__}",
            hint="hf.estimates, hf.effect_sizes, hf.one_arm, hf.two_arms, their rates, or hf.combine",
        )
    if measure not in (None, known):
        raise InputError(f"counts are regressed as {known}, not {measure}", hint="hf.effect_sizes(…) takes any measure")
    return combine(evidence, measure=known)


def regress_bayes(
    evidence: Estimates | Combined,
    recipe: Recipe,
    design: FloatArray,
    names: tuple[str, ...],
    terms: tuple[int, ...],
    *,
    measure: str,
    priors: Mapping[str, Any] | None,
    level: float,
    engine: str,
    seed: int | None,
    accuracy: str,
    notes: tuple[Note, ...],
    sampling: Mapping[str, Any],
) -> BayesRegression | NotEstimable:
    """The posterior for rows that are complete and a design of full rank or with priors."""
    if engine not in ENGINES:
        raise UnknownChoice("engine", engine, ENGINES)
    if isinstance(evidence, Combined):
        scale = evidence.scale
        mean, tau = default_priors(evidence)
        each: Normal | None = Normal(0.0, 2.0 if mean is None else mean.sd)
    else:
        scale = scale_of(measure)
        mean, each, tau = None, None, default_tau_prior(measure)
    chosen = _chosen(priors, names, design, mean, each, tau)
    column_priors, tau_prior, told = chosen
    has_intercept = names[0] == INTERCEPT
    continuous = ~np.isin(design, (0.0, 1.0)).all(axis=0)
    centre = np.where(continuous & has_intercept, design.mean(axis=0), 0.0)
    inner = design - centre
    said = (*notes, Note("priors", told + _where(names, centre)))
    labels = evidence.labels
    ask: Posteriors
    covariance: FloatArray | None = None
    error: float | NotEstimable
    if engine == "mcmc":
        from handful.stats.bayes.sampling import sample_regression

        sampled = sample_regression(
            evidence if isinstance(evidence, Estimates) else evidence.curves, inner, column_priors, tau_prior, scale,
            seed=seed, **sampling,
        )  # fmt: skip
        ask, covariance, error = sampled, sampled.covariance(), NotEstimable("sampled: see the notes")
        said = (*said, *sampled.notes)
    elif isinstance(evidence, Estimates):
        y, v = np.asarray(evidence.yi, dtype=float), np.asarray(evidence.vi, dtype=float)
        normal = regress_normal(y, v, inner, priors=column_priors, tau_prior=tau_prior, scale=scale, accuracy=accuracy)
        ask, covariance, error = normal, normal.covariance(), 1e-8 if accuracy == "default" else 1e-11
    else:
        if design.shape[1] > MOST_COEFFICIENTS:
            what = f"{design.shape[1]} coefficients ({', '.join(names)})"
            return NotEstimable(
                f"{what} with counts: quadrature takes up to {MOST_COEFFICIENTS}; engine='mcmc' takes more", said
            )
        rows, kept, out = informative(stack(evidence.curves), labels)
        if not kept:
            return NotEstimable("no study carries information", (*said, *out))
        keep = np.array([label in set(kept) for label in labels])
        inner, design, labels = inner[keep], design[keep], tuple(kept)
        ask, error = regress_curves(
            rows, inner, priors=column_priors, tau_prior=tau_prior, scale=scale, accuracy=accuracy
        )
        said = (*said, *out)
    if isinstance(evidence, Estimates):
        data = (np.asarray(evidence.yi, dtype=float), np.asarray(evidence.vi, dtype=float))
    else:
        data = (np.full(len(design), np.nan), np.full(len(design), np.nan))
    tested = tuple(i for i, term in enumerate(terms) if term > 0)
    return bayes_regression(
        ask, names=names, centre=tuple(centre.tolist()), design=design, data=data, labels=tuple(labels),
        measure=measure, scale=scale, level=level, recipe=recipe, tested=tested, covariance=covariance,
        numerical_error=error, notes=said,
    )  # fmt: skip


def _chosen(
    priors: Mapping[str, Any] | None,
    names: tuple[str, ...],
    design: FloatArray,
    mean: Normal | None,
    each: Normal | None,
    tau: Prior,
) -> tuple[list[Normal | None], Prior, str]:
    """One prior a column, τ's, and both in words."""
    given = named_priors(priors, _PARTS)
    mean = given.get("mean", mean)
    tau_prior: Prior = given.get("tau", tau)
    others = given.get("coefficients", "default")
    by_name = isinstance(others, Mapping)
    if by_name:
        strange = sorted(set(others) - set(names))
        if strange:
            raise InputError(f"priors of coefficients name {strange}", hint=f"known: {', '.join(names)}")
    out: list[Normal | None] = []
    words = []
    has_intercept = names[0] == INTERCEPT
    for j, name in enumerate(names):
        column = design[:, j]
        binary = bool(np.isin(column, (0.0, 1.0)).all())
        prior: Normal | None
        if by_name and name in others:
            prior = others[name]
        elif name == INTERCEPT or (not has_intercept and binary):
            prior = mean
        elif by_name or others == "default":
            spread = 1.0 if binary else float(column.std())
            prior = None if each is None else Normal(0.0, each.sd / spread if spread > 0 else each.sd)
        else:
            prior = others
        if prior is not None and not isinstance(prior, Normal):
            raise InputError(f"the prior of {name} is {prior!r}", hint="hf.Normal(mean, sd), or None for flat")
        out.append(prior)
        words.append(f"{name} {'flat' if prior is None else prior}")
    if not isinstance(tau_prior, Prior):
        raise InputError(f"τ's prior is {tau_prior!r}", hint="HalfNormal, HalfT, HalfCauchy, LogNormal")
    return out, tau_prior, f"priors: {'; '.join(words)}; between-study sd {tau_prior}"


def _where(names: tuple[str, ...], centre: FloatArray) -> str:
    at = [f"{name} = {value:.4g}" for name, value in zip(names, centre, strict=True) if value != 0]
    return f" (the intercept's at {', '.join(at)})" if at else ""
