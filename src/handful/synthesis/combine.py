"""``combine``: studies that reported different things about one effect, in one analysis.

A count is a binomial (or hypergeometric, or Poisson) curve; a published estimate with its interval is a normal curve on
the logit or the log. Both are log-likelihoods over the same effect, so they can be pooled: each says how probable its
own data are at every value of the effect, and nothing else is asked of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.bayes.curve_rows import NormalCurves
from handful.stats.bayes.likelihood_curves import LikelihoodCurve, from_counts, from_rate, from_table, from_two_rates
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.evidence import Estimates, Evidence, OneArm, OneArmRates, TwoArmRates, TwoArms
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.combined import Combined

#: what is pooled -> (scale, codes of the estimates it takes, kind of counts)
MEASURES: dict[str, tuple[Literal["logit", "log", "identity"], tuple[str, ...], type | None]] = {
    "proportion": ("logit", ("PLO", "GEN"), OneArm),
    "rate": ("log", ("IRLN", "GEN"), OneArmRates),
    "OR": ("log", ("OR", "PETO", "GEN"), TwoArms),
    "IRR": ("log", ("IRR", "GEN"), TwoArmRates),
}


def combine(
    *evidence: Evidence | LikelihoodCurve | Sequence[LikelihoodCurve],
    measure: str,
    comparator: Any = None,
) -> Combined:
    """Counts and published estimates of one effect together.

    ``measure``: ``proportion`` (``hf.one_arm`` with estimates on the logit), ``rate`` (``hf.one_arm_rates``, log
    rates), ``OR`` (``hf.two_arms``, log odds ratios) or ``IRR`` (``hf.two_arm_rates``, log rate ratios). Estimates come
    as ``hf.estimates(y, v)`` on the model scale; :func:`~handful.stats.bayes.likelihood_curves.from_estimate` makes a
    curve of what a paper printed (a percentage with its interval, say), and curves are taken too.

    An odds ratio is no rate. With ``measure="proportion"`` estimates of measure OR are taken only with
    ``comparator=hf.one_arm(x, n)``, the counts of each such study's own comparator group: then logit p = log OR +
    logit(x/n), and the comparator's part 1/x + 1/(n − x) is taken out of the variance, because an unadjusted odds ratio
    holds it. What is left is the treated group's own information.

    Two reports of the same patients are not two studies: give only one of them.

    >>> import handful as hf
    >>> both = hf.combine(hf.one_arm([1], [4]), hf.estimates([-1.1], [0.2], measure="PLO"), measure="proportion")
    >>> fit = hf.pool(both, model="bayes")
    >>> fit.k, f"{fit.estimate:.2f} ({fit.low:.2f} to {fit.high:.2f})"
    (2, '0.28 (0.11 to 0.58)')
    """
    if measure not in MEASURES:
        raise UnknownChoice("measure", measure, tuple(MEASURES))
    scale = MEASURES[measure][0]
    from handful.stats.bayes.bayes_grid import unique_labels  # the quadrature is loaded when something is combined

    curves: list[LikelihoodCurve] = []
    labels: list[str] = []
    notes: list[Note] = []
    time = events = 0.0
    for part in evidence:
        found, names, said = _curves(part, measure, comparator)
        curves += found
        labels += names
        notes += said
        if isinstance(part, OneArmRates):
            time, events = time + float(np.sum(part.time)), events + float(np.sum(part.events))
    wrong = [f"{name} ({curve.scale})" for curve, name in zip(curves, labels, strict=True) if curve.scale != scale]
    if wrong:
        raise InputError(f"not on the {scale} scale: {', '.join(wrong)}", hint=f"{measure} is pooled on the {scale}")
    return Combined(
        tuple(curves), tuple(unique_labels(labels, len(labels))), measure, scale, tuple(notes), time or math.nan, events
    )


def _curves(part: Any, measure: str, comparator: Any) -> tuple[list[LikelihoodCurve], list[str], list[Note]]:
    scale, codes, counts = MEASURES[measure]
    if isinstance(part, LikelihoodCurve):
        return [part], [part.what], []
    if isinstance(part, Estimates):
        return _estimates(part, measure, scale, codes, comparator)
    if counts is not None and isinstance(part, counts):
        return _counts(part)
    if isinstance(part, Sequence) and part and all(isinstance(curve, LikelihoodCurve) for curve in part):
        return list(part), [curve.what for curve in part], []
    wanted = "curves" if counts is None else f"{counts.__name__}, Estimates or curves"
    raise InputError(f"measure={measure!r} cannot take {type(part).__name__}", hint=f"it takes {wanted}")


def _counts(part: Any) -> tuple[list[LikelihoodCurve], list[str], list[Note]]:
    curves: list[LikelihoodCurve] = []
    names: list[str] = []
    notes: list[Note] = []
    if isinstance(part, OneArm | OneArmRates):
        time = isinstance(part, OneArmRates)
        sizes: Any = part.time if isinstance(part, OneArmRates) else part.totals
        for x, n, label in zip(part.events.tolist(), sizes.tolist(), part.labels, strict=True):
            if n > 0:
                curves.append(from_rate(x, n) if time else from_counts(x, n))
                names.append(label)
            else:
                what = "no person-time" if time else "nobody in it"
                notes.append(Note("study-left-out", f"left out: there is {what}", about=label))
        return curves, names, notes
    if isinstance(part, TwoArms):
        rows = zip(
            part.events1.tolist(), part.totals1.tolist(), part.events2.tolist(), part.totals2.tolist(), strict=True
        )
        return [from_table(*row) for row in rows], list(part.labels), notes
    times = zip(part.events1.tolist(), part.time1.tolist(), part.events2.tolist(), part.time2.tolist(), strict=True)
    for (x1, t1, x2, t2), label in zip(times, part.labels, strict=True):
        if t1 > 0 and t2 > 0:
            curves.append(from_two_rates(x1, t1, x2, t2))
            names.append(label)
        else:
            notes.append(Note("study-left-out", "left out: a group has no person-time", about=label))
    return curves, names, notes


def _estimates(
    part: Estimates, measure: str, scale: Any, codes: tuple[str, ...], comparator: Any
) -> tuple[list[LikelihoodCurve], list[str], list[Note]]:
    notes = list(part.notes)
    y, v = np.asarray(part.yi, dtype=float), np.asarray(part.vi, dtype=float)
    if measure == "proportion" and part.measure == "OR":
        y, v = _from_odds_ratio(y, v, part.labels, comparator)
        text = "rate from its odds ratio and its own comparator's count"
        notes += [Note("from-odds-ratio", text, about=label) for label in part.labels]
    elif part.measure not in codes:
        raise InputError(
            f"estimates of measure {part.measure} are no {measure}",
            hint=f"{measure} takes estimates of measure {', '.join(codes)}",
        )
    elif part.measure == "GEN" and len(part):
        notes.append(Note("scale-assumed", f"estimates without a measure are taken to be on the {scale} scale"))
    curves = []
    for one, variance in zip(y.tolist(), v.tolist(), strict=True):
        se = math.sqrt(variance)
        rows = NormalCurves(np.array([one]), np.array([se]))
        curves.append(LikelihoodCurve(rows, scale, f"estimate {one:.3g} (se {se:.3g})"))
    return curves, list(part.labels), notes


def _from_odds_ratio(y: Any, v: Any, labels: Sequence[str], comparator: Any) -> tuple[Any, Any]:
    if not isinstance(comparator, OneArm):
        raise InputError(
            "an odds ratio alone says nothing about a rate: 5 may be 1 % against 5 % or 50 % against 83 %",
            hint="give comparator=hf.one_arm(x, n), the comparator group of each such study, or pool odds ratios",
        )
    if len(comparator) != len(y):
        raise InputError(f"{len(comparator)} comparator groups for {len(y)} odds ratios", hint="one for each")
    x, n = np.asarray(comparator.events, dtype=float), np.asarray(comparator.totals, dtype=float)
    inside = (x > 0) & (x < n)
    rest = np.where(inside, v - 1 / np.where(inside, x, 1) - 1 / np.where(inside, n - x, 1), -1.0)
    bad = [f"{label} ({xi:g} of {ni:g})" for label, xi, ni, r in zip(labels, x, n, rest, strict=True) if not r > 0]
    if bad:
        raise InputError(
            f"no rate follows from the odds ratio of {', '.join(bad)}",
            hint="the comparator needs events and non-events, the odds ratio a variance above the comparator's part",
        )
    return y + np.log(x / (n - x)), rest


def default_priors(combined: Combined) -> tuple[Normal | None, Prior]:
    """Of the mean effect and of τ, those of the measure's counts."""
    from handful.stats.bayes.bayes_rates import default_mean_prior

    means = {"proportion": Normal(0.0, 2.0), "OR": Normal(0.0, 2.82), "IRR": Normal(0.0, 2.82)}
    mean = means.get(combined.measure)
    if combined.measure == "rate" and math.isfinite(combined.time):
        mean = default_mean_prior(combined.events, combined.time)
    return mean, HalfNormal(1.0 if combined.measure in ("proportion", "rate") else 0.5)


def pool_combined_bayes(
    combined: Combined,
    *,
    labels: Sequence[str] | None = None,
    mean_prior: Normal | Literal["default"] | None = "default",
    tau_prior: Prior | Literal["default"] = "default",
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    accuracy: Literal["default", "high"] = "default",
) -> Fit | NotEstimable:
    """Posterior over combined curves; default priors are those of the measure's counts."""
    from handful.stats.bayes.bayes_curves import pool_curves_bayes

    own_mean, own_tau = default_priors(combined)
    mean_prior = own_mean if mean_prior == "default" else mean_prior
    tau_prior = own_tau if tau_prior == "default" else tau_prior
    assert not isinstance(mean_prior, str)
    assert not isinstance(tau_prior, str)
    return pool_curves_bayes(
        combined.curves,
        labels=combined.labels if labels is None else labels,
        mean_prior=mean_prior,
        tau_prior=tau_prior,
        level=level,
        interval=interval,
        average=combined.measure in ("proportion", "rate"),
        measure=combined.measure,
        accuracy=accuracy,
    )


def pool_combined_likelihood(
    combined: Combined, *, labels: Sequence[str] | None = None, level: float = 0.95
) -> Fit | NotEstimable:
    """Maximum likelihood over combined curves, with profile limits."""
    from handful.stats.bayes.curves_likelihood import pool_curves_likelihood

    names = combined.labels if labels is None else labels
    return pool_curves_likelihood(combined.curves, labels=names, level=level, measure=combined.measure)
