"""The ways to borrow, each giving the same: the answer without, the answer with, and the sweep of strengths."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.bayes_normal import pool_normal_bayes
from handful.stats.bayes.one_effect import Kind, OneEffect, OwnPrior, one_effect, posterior_of_one
from handful.stats.bayes.posterior import NormalMixture, Posterior, Shape
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import Beta, Normal
from handful.stats.borrowed import effective_sample_size as size
from handful.stats.borrowed.bias_weight import allowing_for_bias, down_weighted
from handful.stats.borrowed.exchangeability import assignments, exchangeable
from handful.stats.borrowed.meta_analytic_predictive import Conflict, Predicted, conflict, predict, weight_after
from handful.stats.borrowed.mixture_fit import MixtureFit, fit_mixture
from handful.stats.borrowed.mixtures import BetaMixture, GammaMixture, LogitBeta
from handful.stats.borrowed.power_prior import power_posterior
from handful.stats.borrowed.weighted_shapes import Weighted, weighted
from handful.stats.results import NotEstimable
from handful.synthesis.borrowing import Borrowed, SweepRow

FloatArray: TypeAlias = npt.NDArray[np.float64]

WEIGHTS = (0.0, 0.2, 0.5, 0.8, 1.0)
POWERS = (0.0, 0.1, 0.25, 0.5, 1.0)
SCALES_OF_TAU = (0.25, 0.5, 1.0, 2.0, 4.0)
_NO_PREDICTION = NotEstimable("this method makes no prediction of the target")
_NO_MAP = NotEstimable("this method has no MAP prior")


@dataclass(frozen=True, eq=False)
class Found:
    """What a method gives; shapes on the model scale."""

    without: Shape
    shape: Shape
    weight: float
    posterior_weight: float | NotEstimable
    sweep: tuple[SweepRow, ...]
    conflict: Conflict | NotEstimable = _NO_PREDICTION
    map: BetaMixture | GammaMixture | NormalMixture | NotEstimable = _NO_MAP
    numeric: Posterior | NotEstimable = _NO_MAP
    divergence: float | NotEstimable = _NO_MAP
    offered: tuple[float | NotEstimable, float | NotEstimable] | None = None
    mixture: BetaMixture | None = None  # of the posterior, where it is known in closed form


@dataclass(frozen=True, eq=False)
class Work:
    """The analysis all methods share."""

    kind: Kind
    scale: str
    target: OneEffect
    target_rows: tuple[FloatArray, FloatArray]
    source: tuple[FloatArray, FloatArray]
    own: OwnPrior
    mean_prior: Normal | None
    tau_prior: Prior
    level: float
    threshold: float | None

    @property
    def alone(self) -> Shape:
        return posterior_of_one(self.own, self.target)[0]

    def posterior(self, shape: Shape) -> Posterior:
        return Posterior(shape, "target's effect", self.scale)

    def natural(self, shape: Shape) -> Posterior:
        return self.posterior(shape).on("natural")

    def row(self, setting: str, weight: float, shape: Shape, after: float | NotEstimable | None = None) -> SweepRow:
        found = self.natural(shape)
        low, high = found.interval(self.level)
        none = NotEstimable("no threshold was given")
        above = none if self.threshold is None else found.probability(above=self.threshold)
        share = NotEstimable("this method has no posterior weight") if after is None else after
        return SweepRow(setting, weight, found.median, low, high, self.moment(shape), share, above)

    def moment(self, shape: Shape) -> float:
        """Effective sample size by mean and variance, in the unit of the kind."""
        if self.kind == "estimates":
            return self.target.second / self.posterior(shape).sd ** 2
        found = self.natural(shape)
        return size.moment_of(found.mean, found.sd) if self.kind == "counts" else found.mean / found.sd**2

    def elir(self, shape: Shape) -> float | NotEstimable:
        if self.kind == "estimates":
            return size.information(_flat(shape)) * self.target.second
        if isinstance(shape, LogitBeta):
            return size.elir(BetaMixture(tuple(shape.weights), tuple(shape.a), tuple(shape.b)))
        kind = "beta" if self.kind == "counts" else "gamma"
        return size.elir(fit_mixture(self.posterior(shape), kind=kind).mixture)  # type: ignore[arg-type]

    def borrowed(self, found: Found, unit: str, people: float | None) -> Borrowed:
        with_ = self.elir(found.shape) if found.mixture is None else size.elir(found.mixture)
        without = self.elir(found.without)
        moment = self.moment(found.shape) - self.moment(found.without)
        none = NotEstimable("this method has no prior of its own")
        offered = (none, none) if found.offered is None else found.offered
        if self.kind == "estimates" and people is not None:
            parts = [v if isinstance(v, NotEstimable) else v * people for v in (with_, without, moment, *offered)]
            with_, without, moment, offered = parts[0], parts[1], float(parts[2]), (parts[3], parts[4])  # type: ignore[arg-type]
            unit = "patients"
        elir: float | NotEstimable
        if isinstance(with_, NotEstimable):
            elir = with_
        else:
            elir = without if isinstance(without, NotEstimable) else with_ - without
        return Borrowed(unit, elir, moment, offered[0], offered[1])


def by_map(work: Work, weight: float) -> Found | NotEstimable:
    found = predict(work.source, work.target, work.mean_prior, work.tau_prior)
    if isinstance(found, NotEstimable):
        return found
    alone, vague_evidence = posterior_of_one(work.own, work.target)

    def at(w: float) -> tuple[Shape, float]:
        after = weight_after(w, found.log_evidence, vague_evidence)
        return weighted([(after, found.after), (1 - after, alone)]), after

    shape, after = at(weight)
    sweep = tuple(work.row(f"weight {w:g}", w, *at(w)) for w in WEIGHTS)
    fitted = _mixture(work, found)
    mixture, divergence = (fitted.mixture, fitted.divergence) if isinstance(fitted, MixtureFit) else (fitted, 0.0)
    posterior: BetaMixture | None = None
    if isinstance(mixture, BetaMixture) and isinstance(work.own, Beta):
        prior = mixture.with_part(1 - weight, work.own.a, work.own.b) if weight < 1 else mixture
        posterior = prior.update(int(work.target.first), int(work.target.second))
    if isinstance(mixture, NormalMixture):
        offered: tuple[float | NotEstimable, float | NotEstimable] = (work.elir(mixture), work.moment(mixture))
    else:
        offered = size.elir(mixture), work.moment(found.prior.shape)
    return Found(
        alone, shape, weight, after, sweep, conflict(found.prior, work.target), mixture,
        Posterior(found.prior.shape, "what the source predicts", work.scale).on("natural"), divergence, offered,
        posterior,
    )  # fmt: skip


def _mixture(work: Work, found: Predicted) -> MixtureFit | NormalMixture:
    if work.kind == "estimates":
        assert isinstance(found.prior.shape, NormalMixture)
        return found.prior.shape
    return fit_mixture(found.prior, kind="beta" if work.kind == "counts" else "gamma")


def by_exchangeability(work: Work) -> Found:
    source = one_effect(work.kind, *work.source)

    def at(factor: float) -> Shape:
        return exchangeable(source, work.target, work.mean_prior, _scaled(work.tau_prior, factor))

    factors = SCALES_OF_TAU if _can_scale(work.tau_prior) else (1.0,)
    shapes = {factor: at(factor) for factor in factors}
    rows = [work.row("no borrowing", 0.0, work.alone)]
    rows += [work.row(str(_scaled(work.tau_prior, f)), math.nan if f == 0 else f, shapes[f]) for f in factors]
    share = NotEstimable("both strata are exchangeable by assumption")
    return Found(work.alone, shapes[1.0], 1.0, share, tuple(rows))


def by_exnex(work: Work, weight: float) -> Found:
    rows = zip(*work.source, strict=True)
    strata = [OneEffect(work.kind, float(a), float(b), 1) for a, b in rows if b > 0]
    found = assignments(strata, work.target, work.own, work.mean_prior, work.tau_prior)
    shape, after = found.at(weight)
    sweep = tuple(work.row(f"weight {w:g}", w, *found.at(w)) for w in WEIGHTS)
    return Found(work.alone, shape, weight, after, sweep)


def by_power(work: Work, weight: float) -> Found:
    source = one_effect(work.kind, *work.source)
    at: Callable[[float], Shape] = lambda a: power_posterior(work.own, source, work.target, a)  # noqa: E731 - one expression, used twice
    sweep = tuple(work.row(f"power {a:g}", a, at(a)) for a in POWERS)
    worth = source.second if work.kind != "estimates" else work.target.second / source.second
    return Found(
        work.alone, at(weight), weight, NotEstimable("the power is fixed, not updated"), sweep,
        offered=(weight * worth, weight * worth),
    )  # fmt: skip


def by_designs(work: Work, method: str, weight: float, bias: Normal | None) -> Found:
    """Randomised and non-randomised estimates in one random-effects analysis; the answer is the mean effect."""

    def mean(y: FloatArray, v: FloatArray) -> Shape:
        fit = pool_normal_bayes(y, v, mean_prior=work.mean_prior, tau_prior=work.tau_prior)
        shape: Shape = fit.posterior("mean").shape
        return shape

    def both(other: tuple[FloatArray, FloatArray]) -> Shape:
        return mean(np.append(work.target_rows[0], other[0]), np.append(work.target_rows[1], other[1]))

    alone = mean(*work.target_rows)
    rows = [work.row("randomised alone", 0.0, alone)]
    if method == "down-weight":
        shape = both(down_weighted(*work.source, weight))
        rows += [work.row(f"weight {w:g}", w, both(down_weighted(*work.source, w))) for w in (0.1, 0.25, 0.5, 1.0)]
    else:
        if bias is None:
            raise InputError("method='bias' needs bias=", hint="hf.Normal(mean, sd) of the bias on the model scale")
        shape = both(allowing_for_bias(*work.source, bias))
        for f in (0.5, 1.0, 2.0):
            other = allowing_for_bias(*work.source, Normal(bias.mean, f * bias.sd))
            rows.append(work.row(f"bias sd {f * bias.sd:g}", f, both(other)))
        rows.append(work.row("no bias allowed for", 1.0, both(work.source)))
    used = weight if method == "down-weight" else 1.0
    return Found(alone, shape, used, NotEstimable("the weight is fixed, not updated"), tuple(rows))


def _flat(shape: Shape) -> NormalMixture:
    """Mixtures of mixtures of normals as one."""
    if isinstance(shape, NormalMixture):
        return shape
    assert isinstance(shape, Weighted)
    parts = [(w, _flat(part)) for w, part in zip(shape.weights, shape.shapes, strict=True)]
    return NormalMixture(
        np.concatenate([w * part.weights / part.weights.sum() for w, part in parts]),
        np.concatenate([part.means for _, part in parts]),
        np.concatenate([part.sds for _, part in parts]),
    )


def _can_scale(prior: Prior) -> bool:
    return hasattr(prior, "scale") and not hasattr(prior, "of")


def _scaled(prior: Prior, factor: float) -> Prior:
    if factor == 1.0:
        return prior
    scaled: Prior = replace(prior, scale=prior.scale * factor)  # type: ignore[type-var,attr-defined]
    return scaled
