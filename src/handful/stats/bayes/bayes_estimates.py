"""Pooling published estimates with a prior, on the scale their measure is pooled on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.bayes_normal import pool_normal_bayes
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import HalfNormal, Normal
from handful.stats.effects.measures import MEASURES
from handful.stats.results import Fit, NotEstimable

#: ratios that are only ever published
_RATIOS = ("HR", "GR", "ROR")
#: half-normal scale of the default prior of τ
_TAU = {"RD": 0.1, "PLO": 1.0, "IRLN": 1.0}
_OF_THE_UNIT = ("MD", "MN", "MC", "IR", "IRD", "PR")


def scale_of(measure: str) -> Literal["identity", "log", "logit"]:
    """The scale on which estimates of this measure are given; other transforms stay as they are."""
    if measure in _RATIOS:
        return "log"
    scale = MEASURES[measure].scale if measure in MEASURES else "identity"
    return scale if scale in ("log", "logit") else "identity"


def default_tau_prior(measure: str) -> HalfNormal:
    """The default prior of τ for estimates of this measure; an error where it depends on the unit."""
    if measure in _OF_THE_UNIT:
        raise InputError(
            f"no default prior of τ fits {measure}: it depends on the unit",
            hint='priors={"tau": hf.HalfNormal(scale)}; half the standard deviation of patients is a common scale',
        )
    return HalfNormal(_TAU.get(measure, 0.5))


def pool_estimates_bayes(
    yi: Any,
    vi: Any,
    *,
    measure: str = "GEN",
    labels: Sequence[str] | None = None,
    mean_prior: Normal | None = None,
    tau_prior: Prior | Literal["default"] = "default",
    level: float = 0.95,
    interval: Literal["central", "shortest"] = "central",
    accuracy: Literal["default", "high"] = "default",
) -> Fit:
    """Posterior of a mean effect over published estimates: the normal–normal model by quadrature over τ.

    ``measure`` names the scale (OR, RR, HR: logarithms; PLO: logits) and the default prior of τ: half-normal(0.5) for
    log ratios and standardised differences, 1 for logits of rates, 0.1 for risk differences. Effects in units of their
    own (mean differences) need ``priors={"tau": …}``. The mean's prior is flat unless given.

    Reference: Röver 2020 (10.18637/jss.v093.i06).

    >>> fit = pool_estimates_bayes([-0.4, 0.1, -0.2], [0.05, 0.08, 0.1], measure="OR")
    >>> f"{fit.estimate:.2f} ({fit.low:.2f} to {fit.high:.2f})"
    '0.83 (0.50 to 1.40)'
    """
    notes: tuple[Note, ...] = ()
    if tau_prior == "default":
        tau_prior = default_tau_prior(measure)
        if measure == "GEN":
            text = "the default prior of τ suits log ratios and standardised differences; say measure= or priors="
            notes = (Note("prior-scale", text),)
    assert not isinstance(tau_prior, str)
    fit = pool_normal_bayes(
        yi,
        vi,
        labels=labels,
        mean_prior=mean_prior,
        tau_prior=tau_prior,
        level=level,
        interval=interval,
        measure=measure,
        scale=scale_of(measure),
        accuracy=accuracy,
    )
    unknown = NotEstimable("estimates alone do not say how many people are behind them")
    return replace(fit, people=unknown, notes=(*notes, *fit.notes))
