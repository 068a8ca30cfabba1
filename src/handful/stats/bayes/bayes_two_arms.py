"""Pooling two groups with priors: the posterior of an odds, risk or rate ratio, exactly, without Monte Carlo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.bayes.bayes_grid import as_fit, joint_posterior
from handful.stats.bayes.curve_rows import ShiftedCurves
from handful.stats.bayes.priors import HalfNormal, Normal, Prior
from handful.stats.bayes.table_curves import HypergeometricCurves
from handful.stats.comparisons.contrast_fit import four
from handful.stats.comparisons.hypergeometric_normal import with_information
from handful.stats.comparisons.rate_ratio_models import rates_with_information
from handful.stats.comparisons.ratio_curves import with_corners_apart
from handful.stats.comparisons.two_arm_notes import few_notes, size_notes, study_names, uninformative_notes
from handful.stats.count_models.curves import BinomialCurves
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

MEAN_PRIOR = Normal(0.0, 2.82)
"""Ratios of 1/250 to 250 with 95 % (Günhan, Röver & Friede 2020, 10.1002/jrsm.1370)."""
TAU_PRIOR = HalfNormal(0.5)


def pool_two_arms_bayes(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    mean_prior: Normal | None = MEAN_PRIOR,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    accuracy: Literal["default", "high"] = "default",
) -> Fit | NotEstimable:
    """Posterior of the odds ratio (``OR``) or the risk ratio (``RR``) over several studies.

    Model: θ_i ~ N(μ, τ²) on the log scale with priors on μ and τ; study i enters as its likelihood curve, for OR the
    conditional one (given its margins, no baseline), for RR the profile likelihood (baseline at its best). Nothing is
    added to any cell. ``estimate`` is exp of the posterior median of μ: the median study's ratio.

    ``mean_prior`` Normal(0, 2.82) and ``tau_prior`` HalfNormal(0.5) unless given, on the log scale; half and double the
    scale of the latter are its sensitivity set. ``None`` makes the mean's flat, which needs studies without an empty
    cell. Other options as in ``pool_binomial_bayes``.

    Edges. Studies that say nothing about the ratio are left out, each with a note. Events in one group only: the
    posterior exists through the prior, and a note says so. RD is refused: a risk difference lies between −1 and 1, so
    it cannot be normal between studies where risks are near 0 or 1.

    >>> fit = pool_two_arms_bayes([1, 2], [4, 9], [0, 1], [4, 8])
    >>> f"{fit.estimate:.1f} ({fit.low:.2f} to {fit.high:.0f})"
    '3.0 (0.33 to 43)'
    """
    if measure == "RD":
        hint = "mantel-haenszel and random-effects pool risk differences; bayes pools OR and RR"
        raise InputError("bayes does not pool risk differences: they are bounded by −1 and 1", hint=hint)
    if measure not in ("OR", "RR"):
        raise UnknownChoice("measure", measure, ("OR", "RR"))
    given = four(events1, totals1, events2, totals2)
    curves: Any
    if measure == "OR":
        kept, names, notes = with_information(given, labels)
        curves = HypergeometricCurves(*kept)
    else:
        kept, names, notes = _with_events(given, labels)
        curves = with_corners_apart(*kept)
    if not names:
        return NotEstimable("no study carries information on this effect", notes)
    notes += _one_sided(curves)
    people = float((kept[1] + kept[3]).sum())
    return _fit(curves, measure, names, people, level, interval, mean_prior, tau_prior, accuracy, notes)


def pool_two_arm_rates_bayes(
    events1: Any,
    time1: Any,
    events2: Any,
    time2: Any,
    *,
    measure: str = "IRR",
    labels: Sequence[str] | None = None,
    mean_prior: Normal | None = MEAN_PRIOR,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    accuracy: Literal["default", "high"] = "default",
) -> Fit | NotEstimable:
    """Posterior of the rate ratio: each study's curve is binomial given its events; else as for odds ratios."""
    if measure != "IRR":
        raise UnknownChoice("measure", measure, ("IRR",))
    kept, names, notes = rates_with_information(four(events1, time1, events2, time2), labels)
    if not names:
        return NotEstimable("no study carries information on this effect", notes)
    x1, t1, x2, t2 = kept
    curves = ShiftedCurves(BinomialCurves.of(x1, x1 + x2), np.log(t1) - np.log(t2))
    notes += _one_sided(curves)
    return _fit(curves, "IRR", names, float((t1 + t2).sum()), level, interval, mean_prior, tau_prior, accuracy, notes)


def _fit(
    curves: Any,
    measure: str,
    names: Sequence[str],
    people: float,
    level: float,
    interval: Literal["central", "shortest"],
    mean_prior: Normal | None,
    tau_prior: Prior,
    accuracy: Literal["default", "high"],
    notes: tuple[Note, ...],
) -> Fit:
    joint = joint_posterior(
        curves, mean_prior=mean_prior, tau_prior=tau_prior, scale="log", average=False, accuracy=accuracy
    )
    likelihood = {"OR": "conditional", "RR": "profile", "IRR": "conditional"}[measure]
    fit = as_fit(
        joint, measure=measure, labels=names, people=people, level=level, interval=interval, mean_prior=mean_prior,
        tau_prior=tau_prior, accuracy=accuracy, notes=notes, details={"likelihood": likelihood},
    )  # fmt: skip
    return replace(fit, notes=fit.notes + tuple(n for n in few_notes(len(names)) if n.code == "two-studies"))


def _with_events(
    given: tuple[FloatArray, FloatArray, FloatArray, FloatArray], labels: Sequence[str] | None
) -> tuple[tuple[FloatArray, FloatArray, FloatArray, FloatArray], tuple[str, ...], tuple[Note, ...]]:
    """The studies with an event: those without say nothing about a risk ratio."""
    x1, n1, x2, n2 = given
    names = study_names(labels, len(x1))
    kept = (x1 + x2 > 0) & (n1 > 0) & (n2 > 0)
    out = [name for name, stays in zip(names, kept, strict=True) if not stays]
    notes = uninformative_notes(out, (x1 + x2)[~kept], (n1 + n2)[~kept], "a risk ratio") + size_notes(names, n1, n2)
    used = tuple(name for name, stays in zip(names, kept, strict=True) if stays)
    return (x1[kept], n1[kept], x2[kept], n2[kept]), used, notes


def _one_sided(curves: Any) -> tuple[Note, ...]:
    """All curves rise to the same side."""
    left, right = curves.limits()
    if not (bool(np.isfinite(left).all()) or bool(np.isfinite(right).all())):
        return ()
    text = "the data bound the ratio on one side only, the prior closes the other"
    return (Note("prior-matters", text),)
