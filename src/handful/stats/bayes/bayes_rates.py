"""Pooling events in person-time with a prior: the Poisson–normal model's posterior by quadrature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from handful.base.notes import Note
from handful.stats.bayes.bayes_grid import as_fit, informative, joint_posterior, unique_labels
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.checked import events_and_times, level_and_side
from handful.stats.count_models.curves import PoissonCurves
from handful.stats.results import Fit, NotEstimable

TAU_PRIOR = HalfNormal(1.0)
#: sd of the default prior of the mean log rate: a factor of 360 to either side, with 95 % probability
MEAN_SD = 3.0


def default_mean_prior(events: Any, time: Any) -> Normal:
    """One event more than were seen, in all the person-time there is, times or divided by 360 (95 %).

    It weighs a ninth of what one event tells, does not depend on the unit of time, and is there when nobody had an
    event. In the spirit of unit-information priors (Röver, Bender, Dias, et al. 2021, 10.1002/jrsm.1454).
    """
    seen, watched = (float(np.sum(np.asarray(v, dtype=float))) for v in (events, time))
    return Normal(math.log1p(seen) - math.log(watched), MEAN_SD)


def pool_rates_bayes(
    events: Any,
    time: Any,
    *,
    labels: Sequence[str] | None = None,
    mean_prior: Normal | Literal["default"] | None = "default",
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    accuracy: Literal["default", "high"] = "default",
) -> Fit | NotEstimable:
    """Posterior of the rate of events per person-time over several studies.

    Model: x_i ~ Poisson(T_i e^θ_i), θ_i ~ N(μ, τ²), with priors on μ and τ. ``estimate, low, high`` are the posterior
    median and limits of the **population average rate** E[e^θ | μ, τ] = e^(μ + τ²/2); ``median`` is e^μ, the rate of
    the median study; ``prediction`` is the rate of a new study. Where the tail of τ is that of a half-normal with a
    scale near 1 or above, the average has a posterior median but no finite posterior mean: use medians.

    ``mean_prior`` is Normal on the log rate, ``None`` for flat (it needs an event in every study). The default is
    :func:`default_mean_prior`: centred at one event more than were seen in all the person-time. ``tau_prior`` is of
    the between-study sd on the log rate; half and double its scale are its sensitivity set.

    Edges: no event at all: the posterior exists through the prior, and a note says so. No person-time: the study is
    left out with a note.

    Reference: Stijnen, Hamza & Özdemir 2010 (10.1002/sim.4040) for the model.

    >>> fit = pool_rates_bayes([2, 0, 5], [31.5, 12.0, 60.0])
    >>> f"{fit.estimate:.3f} ({fit.low:.3f} to {fit.high:.3f})"
    '0.069 (0.022 to 0.404)'
    """
    level, _, _ = level_and_side(level, "two")
    x, t = events_and_times(events=events, time=time).values
    names = unique_labels(labels, len(x))
    kept = t > 0
    notes = tuple(
        Note("study-left-out", "left out: there is no person-time", about=name)
        for name, stays in zip(names, kept, strict=True)
        if not stays
    )
    names = [name for name, stays in zip(names, kept, strict=True) if stays]
    if not names:
        return NotEstimable("there is no study with person-time", notes)
    x, t = x[kept], t[kept]
    prior = default_mean_prior(x, t) if mean_prior == "default" else mean_prior
    curves, names, more = informative(PoissonCurves.of(x, t), names)
    joint = joint_posterior(curves, mean_prior=prior, tau_prior=tau_prior, scale="log", average=True, accuracy=accuracy)
    assert joint.average is not None
    if float(x.sum()) == 0:
        text = "nobody had an event: the data bound the rate from above only, the prior closes the other side"
        more = (*more, Note("prior-matters", text))
    return as_fit(
        joint,
        measure="rate",
        labels=names,
        people=float(t.sum()),
        level=level,
        interval=interval,
        mean_prior=prior,
        tau_prior=tau_prior,
        accuracy=accuracy,
        notes=(*notes, *more),
        details={
            "log_average": joint.average.median,
            "posterior_mean": NotEstimable("E[exp(τ²/2)] need not be finite"),
            "posterior_sd": NotEstimable("E[exp(2τ²)] need not be finite"),
        },
    )
