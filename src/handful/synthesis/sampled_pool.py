"""``pool(..., model="bayes", engine="mcmc")``: the same model drawn instead of integrated, in the same kind of fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.bayes_estimates import default_tau_prior, scale_of
from handful.stats.bayes.bayes_grid import Joint, as_fit
from handful.stats.bayes.draws import Draws
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.sampling import SampledPosteriors, sample_regression
from handful.stats.evidence import Estimates
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.bayes_regress import as_curves
from handful.synthesis.combine import default_priors

FloatArray: TypeAlias = npt.NDArray[np.float64]

_SAMPLING = ("seed", "draws", "tune", "chains", "target_accept")


def pool_sampled(
    evidence: Any,
    *,
    measure: str | None,
    level: float,
    interval: str | None,
    priors: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> Fit:
    """A fit whose posteriors are draws; ``options`` are seed, draws, tune, chains, target_accept."""
    refused = sorted(set(options) - set(_SAMPLING))
    if refused:
        raise InputError(
            f"engine='mcmc' does not take {', '.join(refused)}", hint=f"it takes {', '.join(_SAMPLING)}, priors, level"
        )
    given = dict(priors or {})
    data: Any
    if isinstance(evidence, Estimates):
        code = measure or evidence.measure
        scale: str
        scale, mean = scale_of(code), given.get("mean")
        tau = given["tau"] if "tau" in given else default_tau_prior(code)
        data, labels, average = evidence, evidence.labels, False
    else:
        combined = as_curves(evidence, measure)
        code, scale = combined.measure, combined.scale
        own_mean, own_tau = default_priors(combined)
        mean, tau = given.get("mean", own_mean), given.get("tau", own_tau)
        data, labels, average = combined.curves, combined.labels, code in ("proportion", "rate")
    one = np.ones((len(labels), 1))
    found = sample_regression(data, one, [mean], tau, scale, **options)
    totals = getattr(evidence, "totals", None)
    unknown = NotEstimable("how many people are behind these is not known")
    fit = as_fit(
        _joint(found, average),
        measure=code,
        labels=list(labels),
        people=float("nan") if totals is None else float(np.asarray(totals).sum()),
        level=level,
        interval="shortest" if interval == "shortest" else "central",
        mean_prior=mean,
        tau_prior=tau,
        notes=found.notes,
        details={"engine": "mcmc", "seed": found.seed},
    )
    said = tuple(note for note in fit.notes if note.code != "numerical-error")  # "sampled" says it
    return replace(fit, notes=said, people=unknown if totals is None else fit.people)


def _joint(found: SampledPosteriors, average: bool) -> Joint:
    one = np.ones(1)
    studies = tuple(found.study(i, "effect of one study") for i in range(found.theta.shape[1]))
    of_average = Posterior(Draws(_average(found)), "population average", found.scale) if average else None
    return Joint(
        found.of(one, "mean effect"), found.tau, found.new(one, "effect of a new study"), of_average, studies,
        found.log_evidence, found.error,
    )  # fmt: skip


def _average(found: SampledPosteriors) -> FloatArray:
    """Every draw's population average on the model scale: logit E[expit(μ + τz)], or μ + τ²/2."""
    mu, tau = found.beta[:, 0], found.taus
    if found.scale == "log":
        return np.asarray(mu + tau * tau / 2)
    z, w = np.polynomial.hermite_e.hermegauss(61)
    w = w / w.sum()
    theta = mu[:, None] + tau[:, None] * z
    up, down = (1 / (1 + np.exp(-theta))) @ w, (1 / (1 + np.exp(theta))) @ w
    return np.asarray(np.log(up) - np.log(down))
