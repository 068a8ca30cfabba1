"""Exact Bayesian pooling of likelihood curves by quadrature: from the joint posterior to a :class:`Fit`.

Everything is computed twice, at two finenesses; the largest difference in any mean, sd or quantile, in units of that
quantity's posterior sd, is the numerical error the result states. Where it is larger than asked for, both are made
finer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.bayes.column_series import Series
from handful.stats.bayes.curve_rows import CurveRows
from handful.stats.bayes.likelihood_shape import Shapes, shapes
from handful.stats.bayes.panels import Panels, change
from handful.stats.bayes.posterior import Posterior, Transformed
from handful.stats.bayes.posterior_columns import Columns, columns, has_corners
from handful.stats.bayes.posterior_densities import (
    Points,
    average_density,
    average_series,
    effect_densities,
    mean_density,
    tau_density,
    tau_function,
    used_columns,
)
from handful.stats.bayes.posterior_placement import Placement
from handful.stats.bayes.priors import Normal, Prior
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntervalKind: TypeAlias = Literal["central", "shortest"]

#: (fineness of the check, fineness of the result), tried in this order until the error is small enough
FINENESS = {
    "default": ((0.75, 0.9), (0.9, 1.0), (1.0, 1.4), (1.4, 2.0)),
    "high": ((1.4, 1.8), (1.8, 2.4), (2.4, 3.2)),
}
TARGETS = {"default": 1e-5, "high": 1e-8}
QUANTILES = np.array([0.005, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.995])


class Named(Mapping[str, Any]):
    """Things by name; read only, and it pickles."""

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        self._items = dict(items)

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Named({self._items!r})"


@dataclass(frozen=True, eq=False)
class Joint:
    """The posteriors of one analysis, and what was found on the way."""

    mean: Posterior
    tau: Posterior
    prediction: Posterior
    average: Posterior | None
    studies: tuple[Posterior, ...]
    log_evidence: float
    numerical_error: float

    def all(self) -> tuple[Posterior, ...]:
        extra = () if self.average is None else (self.average,)
        return (self.mean, self.tau, self.prediction, *extra, *self.studies)


def joint_posterior(
    curves: CurveRows,
    *,
    mean_prior: Normal | None,
    tau_prior: Prior,
    scale: str,
    average: bool,
    accuracy: str = "default",
) -> Joint:
    """Posteriors of the mean effect, τ, a new study, every study and (logit and log scale only) the population average.

    ``curves`` must all carry information (none flat), and the posterior must be proper: see :func:`check_priors`.
    """
    if accuracy not in FINENESS:
        raise UnknownChoice("accuracy", accuracy, tuple(FINENESS))
    form = shapes(curves)
    check_priors(form, mean_prior, tau_prior)
    if hasattr(curves, "prepare"):
        curves.prepare()
    scan = Placement(curves, form, mean_prior).scan(tau_prior)
    before: Columns | None = None
    # at a cusp finer grids gain little for much work: what one pair of grids reaches is said
    for rough, fine in FINENESS[accuracy][: 1 if has_corners(curves, cusps=True) else None]:
        if before is None or before.fineness != rough:
            before = columns(curves, form, mean_prior, tau_prior, rough, scan)
        found = columns(curves, form, mean_prior, tau_prior, fine, scan)
        after = assembled(found, mean_prior is None, scale, average)
        error = _distance(before, after)
        if error <= TARGETS[accuracy]:
            break
        before = found
    return Joint(
        after.mean, after.tau, after.prediction, after.average, after.studies, after.log_evidence, float(error)
    )


def check_priors(form: Shapes, mean_prior: Normal | None, tau_prior: Prior) -> None:
    """Refuse what has no posterior, with what would have one."""
    if mean_prior is not None and not isinstance(mean_prior, Normal):
        raise InputError(
            f"the mean's prior is {mean_prior!r}", hint="give hf.Normal(mean, sd) on the model scale, or None for flat"
        )
    if not isinstance(tau_prior, Prior) or tau_prior.support[0] < 0:
        raise InputError(
            f"τ's prior is {tau_prior!r}", hint="τ is at least 0: HalfNormal, HalfT, HalfCauchy, Uniform, LogNormal"
        )
    two_sided = int(form.proper.sum())
    if mean_prior is None and (form.one_sided.any() or two_sided == 0):
        raise InputError(
            "a flat prior for the mean has no posterior here: a study is flat to one side (0 of n, n of n)",
            hint="give the mean a Normal prior",
        )
    if not tau_prior.proper and two_sided < 3:
        raise InputError(
            f"{tau_prior} does not integrate to 1 and {two_sided} studies with a two-sided likelihood cannot close it",
            hint="it needs at least 3; give a proper prior",
        )


def _distance(rough: Columns, fine: Joint) -> float:
    """The largest change between the two in any mean, sd or quantile, in posterior sds; the rough densities are only
    evaluated, at the nodes of the fine ones."""
    points = Points.of(rough)
    found = [
        _change(fine.mean, Series(used_columns(rough))),
        _change(fine.prediction, points.new),
        _change(fine.tau, tau_function(rough)),
    ]
    if fine.average is not None:
        found.append(_change(fine.average, average_series(rough, fine.average.scale)))
    sharing: dict[int, list[int]] = {}  # studies on common panels are evaluated together
    for i, posterior in enumerate(fine.studies):
        sharing.setdefault(id(_panels(posterior).edges), []).append(i)
    for rows in sharing.values():
        values = points.own(rough, np.array(rows))(_panels(fine.studies[rows[0]]).nodes()[0])
        found += [_change(fine.studies[i], row) for i, row in zip(rows, values, strict=True)]
    return max(found)


def _panels(posterior: Posterior) -> Panels:
    shape = posterior.shape.base if isinstance(posterior.shape, Transformed) else posterior.shape
    assert isinstance(shape, Panels)
    return shape


def _change(fine: Posterior, rough: Any) -> float:
    scale = (fine.shape.forward, fine.shape.slope) if isinstance(fine.shape, Transformed) else None
    return change(rough, _panels(fine), scale, fine.moments)


def assembled(joint: Columns, flat_mean: bool, scale: str, average: bool) -> Joint:
    """Every posterior that the columns hold."""
    power = joint.tail_power
    heavy = (power > 2, power > 3)
    light = (True, True)
    new, own = effect_densities(joint)
    studies = tuple(
        Posterior(panels, "effect of one study", scale, light if two_sided else heavy)
        for panels, two_sided in zip(own, joint.shapes.proper, strict=True)
    )
    found = average_density(joint, average_series(joint, scale)) if average else None
    return Joint(
        mean=Posterior(mean_density(joint), "mean effect", scale, heavy if flat_mean else light),
        tau=Posterior(tau_density(joint), "between-study sd", "identity", heavy),
        prediction=Posterior(new, "effect of a new study", scale, heavy),
        average=None if found is None else Posterior(found, "population average", scale),
        studies=studies,
        log_evidence=joint.log_evidence,
        numerical_error=math.nan,
    )


def largest_difference(a: Joint, b: Joint) -> float:
    """The largest change in any mean, sd or quantile, in units of that quantity's posterior sd."""
    return max(moved(p, q) for p, q in zip(a.all(), b.all(), strict=True))


def moved(p: Posterior, q: Posterior) -> float:
    """How far mean, sd and quantiles of ``p`` lie from those of ``q``, in sds of ``q``.

    For the quantiles: the gap of the distribution functions over the density, at points of ``q`` near the wanted
    shares (read off its nodes, so that no equation has to be solved for them).
    """
    x, w = q.shape.nodes()
    order = np.argsort(x)
    points = np.interp(QUANTILES, np.cumsum(w[order]) / float(w.sum()), x[order])
    width = q.sd if math.isfinite(q.sd) else float(points[5] - points[3]) / 1.349
    density = np.asarray(q.density(points))
    gaps = np.abs(np.asarray(p.cdf(points)) - np.asarray(q.cdf(points))) / np.maximum(density, 1e-300)
    worst = float(gaps.max()) / width
    for one, two in ((p.mean, q.mean), (p.sd, q.sd)):
        if math.isfinite(two):
            worst = max(worst, abs(one - two) / width)
    return worst


def informative(curves: CurveRows, labels: Sequence[str]) -> tuple[Any, list[str], tuple[Note, ...]]:
    """The curves that are not flat everywhere, their labels, and a note for each that is left out."""
    flat = shapes(curves).flat
    if not flat.any():
        return curves, list(labels), ()
    notes = tuple(
        Note("study-left-out", "left out: its likelihood is flat, so it says nothing about this effect", about=label)
        for label, out in zip(labels, flat, strict=True)
        if out
    )
    kept = [label for label, out in zip(labels, flat, strict=True) if not out]
    return curves.take(np.flatnonzero(~flat)), kept, notes


def as_fit(
    joint: Joint,
    *,
    measure: str,
    labels: Sequence[str],
    people: float | NotEstimable,
    level: float,
    interval: IntervalKind,
    mean_prior: Normal | None,
    tau_prior: Prior,
    accuracy: str = "default",
    notes: tuple[Note, ...] = (),
    details: dict[str, Any] | None = None,
) -> Fit:
    """Dress the posteriors as a :class:`Fit`; see ``docs/methods/bayes-counts.md`` for which number is which."""
    if interval not in ("central", "shortest"):
        raise UnknownChoice("interval", interval, ("central", "shortest"))
    headline, middle = (joint.average or joint.mean).on("natural"), joint.mean.on("natural")
    prediction = joint.prediction.on("natural")
    estimate, low, high = headline.summary(level, interval)
    mean_median, mean_low, mean_high = joint.mean.summary(level, interval)
    middle_median, middle_low, middle_high = middle.summary(level, interval)
    tau, tau_low, tau_high = joint.tau.summary(level, interval)
    method = f"{interval} posterior interval"
    new_median, new_low, new_high = prediction.summary(level, interval)
    error = joint.numerical_error
    target = TARGETS[accuracy]
    what = "population average" if joint.average is not None else "mean effect"
    said = [
        Note("priors", f"priors: mean effect {mean_prior or 'flat'}; between-study sd {tau_prior}"),
        Note("headline", f"the estimate is the posterior median of the {what}"),
    ]
    if len(labels) == 1:
        said.append(
            Note(
                "tau-from-prior",
                "one study says next to nothing about τ: its posterior is its prior, and rules the prediction",
            )
        )
    elif len(labels) == 2:
        said.append(Note("tau-from-prior", "two studies say little about τ: its posterior rests on its prior"))
    if error > target:
        said.append(Note("numerical-error", f"numerical error {error:.1e} posterior sd; {target:g} was asked for"))
    return Fit(
        model="bayes",
        measure=measure,
        estimate=estimate,
        low=low,
        high=high,
        level=level,
        interval_method=method,
        coefficient=mean_median,
        se=joint.mean.sd,
        coefficient_low=mean_low,
        coefficient_high=mean_high,
        median=middle_median,
        median_low=middle_low,
        median_high=middle_high,
        tau2=tau * tau,
        tau2_interval=Interval(tau * tau, tau_low**2, tau_high**2, level, f"{method} of τ, squared"),
        k=len(labels),
        people=people,
        prediction=Interval(new_median, new_low, new_high, level, f"{interval} predictive interval"),
        weights=NotEstimable("a posterior has no study weights; each study's own posterior shows its share"),
        labels=tuple(labels),
        log_likelihood=NotEstimable("integrated over the priors: see details['log_evidence']"),
        numerical_error=error,
        notes=(*notes, *said),
        details={
            "scale": joint.mean.scale,
            "mean_prior": "flat" if mean_prior is None else str(mean_prior),
            "tau_prior": str(tau_prior),
            "priors": Named({"mean": mean_prior, "tau": tau_prior}),
            "log_evidence": joint.log_evidence,
            "posterior_mean": headline.mean,
            "posterior_sd": headline.sd,
            **(details or {}),
        },
        posteriors=Named(
            {
                "mean": joint.mean,
                "tau": joint.tau,
                "prediction": joint.prediction,
                **({} if joint.average is None else {"average": joint.average}),
                "studies": Named(zip(labels, joint.studies, strict=True)),
            }
        ),
    )


def unique_labels(labels: Sequence[str] | None, count: int) -> list[str]:
    """Labels as given, "study 1" … where none are; a repeated one gets its number, so that each can be asked for."""
    if labels is None:
        return [f"study {i + 1}" for i in range(count)]
    if len(labels) != count:
        raise InputError(f"{len(labels)} labels for {count} studies", hint="give one label for each study")
    seen: dict[str, int] = {}
    out = []
    for label in map(str, labels):
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return out
