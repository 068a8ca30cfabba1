"""Pooling any likelihood curves on one scale: with priors by quadrature, or by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.bayes_grid import as_fit, informative, joint_posterior, unique_labels
from handful.stats.bayes.curves_ml import CurveMaximum, maximise
from handful.stats.bayes.likelihood_curves import LikelihoodCurve, people_of, stack
from handful.stats.bayes.priors import HalfNormal, Normal, Prior
from handful.stats.checked import level_and_side
from handful.stats.results import Fit, NotEstimable

TAU_PRIOR = HalfNormal(0.5)


def pool_curves_bayes(
    curves: Sequence[LikelihoodCurve],
    *,
    labels: Sequence[str] | None = None,
    mean_prior: Normal | None = None,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    average: bool | None = None,
    measure: str = "effect",
    accuracy: Literal["default", "high"] = "default",
) -> Fit | NotEstimable:
    """Posterior of a mean effect over studies that may have reported different things.

    Model: study i has the likelihood curve L_i(θ_i) and θ_i ~ N(μ, τ²). Counts and published estimates mix freely as
    long as θ means the same: a 1-of-4 series and a published percentage with its interval, both on the logit.

    ``average`` (logit and log scale; the default on the logit) makes the population average rate the headline, as
    :func:`~handful.stats.bayes.bayes_binomial.pool_binomial_bayes` does; otherwise ``estimate`` is the posterior
    median of μ on the natural scale. Flat curves (a table without events) are left out with a note and do not count in
    ``k``. A flat ``mean_prior=None`` needs curves that fall to both sides.

    Example
    -------
    >>> from handful.stats.bayes.likelihood_curves import from_counts, from_estimate
    >>> mixed = [from_counts(1, 4), from_estimate(25, low=12, high=45, scale="logit", percent=True)]
    >>> fit = pool_curves_bayes(mixed, mean_prior=Normal(0, 2), tau_prior=HalfNormal(1))
    >>> f"{fit.estimate:.2f} ({fit.low:.2f} to {fit.high:.2f})"
    '0.28 (0.11 to 0.59)'
    """
    level, _, _ = level_and_side(level, "two")
    curves = all_curves(curves)
    if len(curves) == 0:
        return NotEstimable("there is no curve")
    scale = _one_scale(curves)
    names = unique_labels(labels, len(curves))
    kept, kept_names, notes = informative(stack(curves), names)
    notes = (
        *notes,
        *(Note(n.code, n.text, about=name) for c, name in zip(curves, names, strict=True) for n in c.notes),
    )
    if not kept_names:
        return NotEstimable("every curve is flat: no study says anything about this effect", notes)
    wants_average = scale == "logit" if average is None else average
    if wants_average and scale not in ("logit", "log"):
        raise InputError(f"average=True on the {scale} scale", hint="only a rate has a population average")
    joint = joint_posterior(
        kept, mean_prior=mean_prior, tau_prior=tau_prior, scale=scale, average=wants_average, accuracy=accuracy
    )
    used = set(kept_names)
    people = people_of([c for c, name in zip(curves, names, strict=True) if name in used])
    return as_fit(
        joint,
        measure=measure,
        labels=kept_names,
        people=people,
        level=level,
        interval=interval,
        mean_prior=mean_prior,
        tau_prior=tau_prior,
        accuracy=accuracy,
        notes=notes,
        details={} if joint.average is None else {f"{scale}_average": joint.average.median},
    )


def maximise_curves(curves: Sequence[LikelihoodCurve]) -> CurveMaximum | NotEstimable:
    """Maximum likelihood of (μ, τ) over the same curves: the generalised linear mixed model of those data.

    Curves must be concave: all but the t likelihoods are. Flat ones add nothing and are left out.
    """
    curves = all_curves(curves)
    if len(curves) == 0:
        return NotEstimable("there is no curve")
    _one_scale(curves)
    kept, names, notes = informative(stack(curves), unique_labels(None, len(curves)))
    if not names:
        return NotEstimable("every curve is flat: no study says anything about this effect", notes)
    return maximise(kept)


def all_curves(given: Any) -> tuple[LikelihoodCurve, ...]:
    """A sequence of curves, or an error that says what was found."""
    found = (given,) if isinstance(given, LikelihoodCurve) else given
    makers = "a list of curves: from_counts(1, 4), from_estimate(…), …"
    if isinstance(found, str | bytes) or not isinstance(found, Sequence):
        raise InputError(f"{type(given).__name__} is no list of curves", hint=f"accepted: {makers}")
    strange = [f"position {i}: {type(c).__name__}" for i, c in enumerate(found) if not isinstance(c, LikelihoodCurve)]
    if strange:
        raise InputError(f"not a likelihood curve at {'; '.join(strange)}", hint=f"accepted: {makers}")
    return tuple(found)


def _one_scale(curves: Sequence[LikelihoodCurve]) -> Any:
    scales = sorted({c.scale for c in curves})
    if len(scales) > 1:
        raise InputError(f"curves on different scales: {', '.join(scales)}", hint="bring all to one scale")
    return scales[0]
