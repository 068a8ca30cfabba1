"""Groups of studies with posteriors: a τ common to all of them, and the differences between groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.bayes_estimates import default_tau_prior, scale_of
from handful.stats.bayes.bayes_grid import Joint, as_fit, informative
from handful.stats.bayes.common_tau import CommonTau, common_tau
from handful.stats.bayes.difference import difference_of_independent
from handful.stats.bayes.likelihood_curves import stack
from handful.stats.bayes.normal_regression import NormalPosteriors, regress_normal
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.prior_base import named_priors
from handful.stats.evidence import Estimates
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.bayes_regress import as_curves
from handful.synthesis.combine import default_priors
from handful.synthesis.combined import Combined
from handful.synthesis.recipe import subset

Labels: TypeAlias = npt.NDArray[Any]

_TAKEN = ("model", "priors", "level", "interval", "accuracy", "measure")


@dataclass(frozen=True, eq=False)
class SeparateDifferences:
    """Every group has its own τ: their posteriors are independent."""

    fits: Mapping[str, Fit | NotEstimable]

    def of(self, first: str, second: str) -> Posterior:
        a, b = (self._mean(name) for name in (first, second))
        return difference_of_independent(a, b)

    def _mean(self, name: str) -> Posterior:
        fit = self.fits[name]
        assert isinstance(fit, Fit)
        found: Posterior = fit.posterior("mean")
        return found


@dataclass(frozen=True, eq=False)
class NormalDifferences:
    """Estimates with a common τ: a contrast of the groups' means, given τ normal."""

    names: tuple[str, ...]
    found: NormalPosteriors
    scale: str

    def of(self, first: str, second: str) -> Posterior:
        asked = np.zeros(len(self.names))
        asked[self.names.index(first)], asked[self.names.index(second)] = 1.0, -1.0
        return replace(self.found.of(asked, "difference of two groups"), scale=self.scale)


@dataclass(frozen=True, eq=False)
class CurveDifferences:
    """Counts with a common τ: given τ the groups are independent."""

    names: tuple[str, ...]
    found: CommonTau
    scale: str

    def of(self, first: str, second: str) -> Posterior:
        return self.found.difference(self.names.index(first), self.names.index(second), self.scale)


def common_fits(
    evidence: Any, labels: Labels, options: Mapping[str, Any]
) -> tuple[dict[str, Fit | NotEstimable], NormalDifferences | CurveDifferences]:
    """One fit a group, all with the same τ, and the differences."""
    refused = sorted(set(options) - set(_TAKEN))
    if refused:
        raise InputError(
            f"groups with a common τ do not take {', '.join(refused)}", hint=f"they take {', '.join(_TAKEN)}"
        )
    priors = named_priors(options.get("priors"))
    names = tuple(sorted(set(labels.tolist())))
    if isinstance(evidence, Estimates):
        return _estimates(evidence, labels, names, priors, options)
    return _counts(as_curves(evidence, options.get("measure")), evidence, labels, names, priors, options)


def _counts(
    curves: Combined,
    evidence: Any,
    labels: Labels,
    names: tuple[str, ...],
    priors: dict[str, Any],
    options: Mapping[str, Any],
) -> tuple[dict[str, Fit | NotEstimable], CurveDifferences]:
    own_mean, own_tau = default_priors(curves)
    mean, tau = priors.get("mean", own_mean), priors.get("tau", own_tau)
    rows, kept, notes, used = [], [], [], []
    fits: dict[str, Fit | NotEstimable] = {}
    for name in names:
        part = subset(curves, np.flatnonzero(labels == name).tolist())
        assert isinstance(part, Combined)
        found, there, said = informative(stack(part.curves), part.labels)
        if not there:
            fits[name] = NotEstimable("no study of this group carries information", said)
            continue
        used.append(name)
        rows.append(found)
        kept.append(there)
        notes.append(said)
    average = curves.measure in ("proportion", "rate")
    accuracy = options.get("accuracy", "default")
    shared = common_tau(
        rows, mean_priors=[mean] * len(used), tau_prior=tau, scale=curves.scale, average=average, accuracy=accuracy
    )
    for name, joint, there, said in zip(used, shared.joints, kept, notes, strict=True):
        people = _people(evidence, labels == name)
        fits[name] = _fit(joint, curves.measure, there, people, mean, tau, shared.numerical_error, said, options)
    scale = "log" if curves.scale == "logit" else curves.scale
    return {name: fits[name] for name in names}, CurveDifferences(tuple(used), shared, scale)


def _people(evidence: Any, rows: npt.NDArray[np.bool_]) -> float:
    totals = getattr(evidence, "totals", None)
    return float("nan") if totals is None else float(np.asarray(totals)[rows].sum())


def _estimates(
    evidence: Estimates, labels: Labels, names: tuple[str, ...], priors: dict[str, Any], options: Mapping[str, Any]
) -> tuple[dict[str, Fit | NotEstimable], NormalDifferences]:
    measure = options.get("measure") or evidence.measure
    scale = scale_of(measure)
    mean = priors.get("mean")
    tau = priors["tau"] if "tau" in priors else default_tau_prior(measure)
    y, v = np.asarray(evidence.yi, dtype=float), np.asarray(evidence.vi, dtype=float)
    design = np.column_stack([(labels == name).astype(float) for name in names])
    accuracy = options.get("accuracy", "default")
    found = regress_normal(y, v, design, priors=[mean] * len(names), tau_prior=tau, scale=scale, accuracy=accuracy)
    fits: dict[str, Fit | NotEstimable] = {}
    for row, name in zip(np.eye(len(names)), names, strict=True):
        mine = np.flatnonzero(labels == name)
        studies = tuple(found.study(int(i), "effect of one study") for i in mine)
        joint = Joint(
            found.of(row, "mean effect"), found.tau, found.new(row, "effect of a new study"), None, studies,
            found.log_evidence, 0.0,
        )  # fmt: skip
        there = [evidence.labels[i] for i in mine]
        fits[name] = _fit(joint, measure, there, float("nan"), mean, tau, 1e-8, (), options)
    return fits, NormalDifferences(names, found, "log" if scale == "logit" else scale)


def _fit(
    joint: Joint,
    measure: str,
    labels: list[str],
    people: float,
    mean: Any,
    tau: Any,
    error: float,
    notes: tuple[Note, ...],
    options: Mapping[str, Any],
) -> Fit:
    fit = as_fit(
        replace(joint, numerical_error=error),
        measure=measure,
        labels=labels,
        people=people,
        level=options.get("level", 0.95),
        interval=options.get("interval") or "central",
        mean_prior=mean,
        tau_prior=tau,
        accuracy=options.get("accuracy", "default"),
        notes=(*notes, Note("common-tau", "τ is common to all groups: it rests on the studies of all of them")),
    )
    said = tuple(n for n in fit.notes if n.code != "tau-from-prior")
    return replace(fit, notes=said)
