"""Pooling events among people with a prior: the binomial–normal model's posterior, exactly, without Monte Carlo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from handful.base.notes import Note
from handful.stats.bayes.bayes_grid import as_fit, informative, joint_posterior, unique_labels
from handful.stats.bayes.priors import HalfNormal, Normal, Prior
from handful.stats.checked import events_and_totals, level_and_side
from handful.stats.count_models.curves import BinomialCurves
from handful.stats.results import Fit, NotEstimable

MEAN_PRIOR = Normal(0.0, 2.0)
TAU_PRIOR = HalfNormal(1.0)


def pool_binomial_bayes(
    events: Any,
    totals: Any,
    *,
    labels: Sequence[str] | None = None,
    mean_prior: Normal | None = MEAN_PRIOR,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    accuracy: Literal["default", "high"] = "default",
) -> Fit | NotEstimable:
    """Posterior of the response rate over several studies.

    Model: x_i ~ Binomial(n_i, expit(θ_i)), θ_i ~ N(μ, τ²), with priors on μ and τ. Every study enters as its
    likelihood curve, so 0 of n and n of n need no correction.

    ``estimate, low, high`` are the posterior median and limits of the **population average rate** E[expit(θ) | μ, τ];
    ``median`` is expit of the posterior median of μ, the rate of the median study; ``prediction`` is the rate of a
    new study. ``fit.posterior("mean" | "tau" | "prediction" | "average")`` are the whole distributions, on the logit
    (τ as it is); ``.on("natural")`` gives rates. ``fit.details["posterior_mean"]`` is the chance that the next
    patient of a new study responds.

    Parameters
    ----------
    mean_prior
        Normal on the logit. The default, sd 2, puts 95 % of its weight on rates of 2 to 98 %. ``rate_between(0.01,
        0.6)`` states one in rates. ``None`` is flat; it needs studies that are neither empty nor full.
    tau_prior
        Of the between-study sd on the logit. The default suits rates of about 20 to 80 %; try scales ½ and 2 beside
        it.
    interval
        ``"central"`` (equal tails) or ``"shortest"``.
    accuracy
        ``"default"``: every mean, sd and quantile within 1e-5 posterior sd; ``"high"``: 1e-8. ``fit.numerical_error``
        says what was reached.

    Edges: no events at all, or only events: the posterior exists through the prior, and a note says so. One study:
    τ's posterior is close to its prior. A study of nobody is left out with a note; if nothing is left,
    ``NotEstimable``.

    References: Günhan, Röver & Friede 2020 (10.1002/jrsm.1370); Röver 2020 (10.18637/jss.v093.i06) for quadrature
    over τ; Lin & Chu 2020 (10.1097/ede.0000000000001232) for the three different averages.

    Example
    -------
    >>> fit = pool_binomial_bayes([1, 0], [4, 4])
    >>> f"{fit.estimate:.2f} ({fit.low:.2f} to {fit.high:.2f})"
    '0.19 (0.03 to 0.56)'
    """
    level, _, _ = level_and_side(level, "two")
    given = events_and_totals(events=events, totals=totals)
    x, n = given.values
    names = unique_labels(labels, len(x))
    curves, kept, notes = informative(BinomialCurves.of(x, n), names)
    if not kept:
        return NotEstimable("there is no study with anyone in it", notes)
    joint = joint_posterior(
        curves, mean_prior=mean_prior, tau_prior=tau_prior, scale="logit", average=True, accuracy=accuracy
    )
    total, people = float(curves.x.sum()), float(curves.n.sum())
    if total in (0.0, people):
        what = "nobody" if total == 0 else "everybody"
        notes = (
            *notes,
            Note(
                "prior-matters",
                f"{what} responded: the data bound the rate on one side only, the prior closes the other",
            ),
        )
    assert joint.average is not None
    return as_fit(
        joint,
        measure="proportion",
        labels=kept,
        people=people,
        level=level,
        interval=interval,
        mean_prior=mean_prior,
        tau_prior=tau_prior,
        accuracy=accuracy,
        notes=notes,
        details={"logit_average": joint.average.median},
    )
