"""``borrow``: what adults say about children, or series about trials, beside the answer that borrows nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats import effective_sample_size as size
from handful.stats.bayes_normal import pool_normal_bayes
from handful.stats.bias_weight import allowing_for_bias, down_weighted
from handful.stats.borrowing import Borrowed, Borrowing, SweepRow
from handful.stats.evidence import Estimates, Evidence, OneArm, OneArmRates
from handful.stats.exchangeability import assignments, exchangeable
from handful.stats.meta_analytic_predictive import Conflict, Predicted, conflict, predict, weight_after
from handful.stats.mixture_fit import MixtureFit, fit_mixture
from handful.stats.mixtures import BetaMixture, GammaMixture, LogitBeta
from handful.stats.one_effect import Kind, OneEffect, OwnPrior, one_effect, posterior_of_one
from handful.stats.posterior import NormalMixture, Posterior, Shape
from handful.stats.power_prior import power_posterior
from handful.stats.prior_base import Prior
from handful.stats.priors import Beta, HalfNormal, Normal
from handful.stats.results import NotEstimable
from handful.stats.weighted_shapes import Weighted, weighted

FloatArray: TypeAlias = npt.NDArray[np.float64]

METHODS = ("robust-map", "map", "exchangeable", "exnex", "power-prior", "down-weight", "bias", "none")
WEIGHTS = (0.0, 0.2, 0.5, 0.8, 1.0)
POWERS = (0.0, 0.1, 0.25, 0.5, 1.0)
SCALES_OF_TAU = (0.25, 0.5, 1.0, 2.0, 4.0)
_HALF = 0.5
_NO_PREDICTION = NotEstimable("this method makes no prediction of the target")
_NO_MAP = NotEstimable("this method has no MAP prior")


def borrow(
    target: Evidence,
    source: Evidence,
    *,
    method: str = "robust-map",
    weight: float = _HALF,
    priors: dict[str, Any] | None = None,
    vague: OwnPrior | None = None,
    bias: Normal | None = None,
    people: float | None = None,
    level: float = 0.95,
    threshold: float | None = None,
    certainty: float = 0.95,
    who: str = "patients",
) -> Borrowing | NotEstimable:
    """The target's answer without borrowing, with it, how much was borrowed, and whether the strength matters.

    ``target`` and ``source`` are evidence of one kind: ``hf.one_arm`` (children; adults), ``hf.one_arm_rates`` or
    ``hf.estimates`` (randomised; non-randomised). The headline (``estimate, low, high``, ``without``) never borrows.

    Methods:

    - ``robust-map`` (default): prior = ``weight`` × what the source predicts for a new study + (1 − ``weight``) ×
      ``vague``. The data decide how much of the first part is left: ``posterior_weight``.
    - ``map``: the same with weight 1.
    - ``exchangeable``: target and source, each one stratum with one effect, from N(μ, τ²).
    - ``exnex``: every source study and the target is exchangeable with prior probability ``weight``, else on its own.
    - ``power-prior``: each source patient counts as ``weight`` of a patient.
    - ``down-weight`` (estimates): the source's variances divided by ``weight``, then one random-effects analysis.
    - ``bias`` (estimates): each source estimate may be off by ``bias`` = Normal(mean, sd), then the same.
    - ``none``: nothing is borrowed.

    ``priors={"mean": …, "tau": …}`` are those of the source's analysis, defaults as in ``hf.pool(…, model="bayes")``.
    ``vague`` is the target's own prior: Beta(1, 1) for counts, for rates Normal(−log person-time, 3), for estimates of
    log ratios, logits and standardised differences Normal(0, 2), worth about one patient; for anything else give one.
    Several target studies are taken as one with one effect, and a note says so. ``people`` (estimates only): how many
    patients the target's estimates come from, so that what is borrowed can be said in patients. ``threshold`` (natural
    scale) and ``certainty`` make a conclusion of each strength of the sweep: ``robust`` is whether they agree.

    ``NotEstimable`` when target or source has nobody in it. References: Schmidli et al. 2014 (10.1111/biom.12242);
    Neuenschwander et al. 2016 (10.1002/pst.1730), 2020 (10.1111/biom.13252); Ibrahim & Chen 2000
    (10.1214/ss/1009212673); Efthimiou et al. 2017 (10.1002/sim.7223); Turner et al. 2009
    (10.1111/j.1467-985X.2008.00547.x).

    >>> import handful as hf
    >>> found = hf.borrow(hf.one_arm([0], [4]), hf.one_arm([1], [4]), who="children")
    >>> f"{found.estimate:.2f} ({found.low:.3f} to {found.high:.2f}); {found.as_if}"
    '0.13 (0.005 to 0.52); as if one more child had been seen (ELIR)'
    """
    _check(method, weight, level, threshold, certainty)
    kind = _kind(target, source)
    given = _columns(kind, target), _columns(kind, source)
    notes: list[Note] = []
    for name, (_, second) in zip(("target", "source"), given, strict=True):
        if len(second) == 0:
            return NotEstimable(f"the {name} has nobody in it")
    data = one_effect(kind, *given[0])
    if data.studies > 1 and method not in ("down-weight", "bias"):
        text = f"{data.studies} studies of the target are taken as one with one effect: {data}"
        notes.append(Note("target-as-one", text))
    own = _vague(kind, target, data, needed=method not in ("down-weight", "bias")) if vague is None else vague
    mean_prior, tau_prior, told = _priors(kind, given[1][1], priors)
    designs = method in ("down-weight", "bias")
    notes.append(Note("priors", told if designs else f"without borrowing: {own}; source: {told}"))
    work = _Work(kind, _scale(kind, target), data, given[0], given[1], own, mean_prior, tau_prior, level, threshold)
    found: _Found | NotEstimable
    if designs:
        if kind != "estimates":
            raise InputError(f"method={method!r} is for hf.estimates", hint="for counts: power-prior or robust-map")
        found = _pooled_designs(work, method, weight, bias)
    elif method in ("robust-map", "map"):
        found = _map(work, 1.0 if method == "map" else weight)
    elif method == "exchangeable":
        found = _exchangeable(work)
    elif method == "exnex":
        found = _exnex(work, weight)
    elif method == "power-prior":
        found = _power(work, weight)
    else:
        found = _Found(
            work.alone, work.alone, 0.0, NotEstimable("nothing is borrowed"), (work.row("none", 0.0, work.alone),)
        )
    if isinstance(found, NotEstimable):
        return found
    if isinstance(found.conflict, Conflict) and found.conflict.flag:
        notes.append(Note("prior-data-conflict", str(found.conflict)))
    unit = {"counts": "patients", "rates": "person-time", "estimates": "times the target's own information"}[kind]
    borrowed = work.borrowed(found, unit, people)
    if kind == "counts" and len(given[1][1]) == 1 and method in ("robust-map", "map"):
        notes.append(Note("tau-from-prior", "one source study: how far it carries is decided by the prior of τ"))
    return Borrowing(
        method, str(data), _told(kind, given[1]), found.weight, level,
        work.natural(found.without), work.natural(found.shape), borrowed, found.posterior_weight, found.conflict,
        found.map, found.numeric, found.divergence, found.sweep, threshold, certainty, who, tuple(notes),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Found:
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
class _Work:
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

    def borrowed(self, found: _Found, unit: str, people: float | None) -> Borrowed:
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


def _map(work: _Work, weight: float) -> _Found | NotEstimable:
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
    return _Found(
        alone, shape, weight, after, sweep, conflict(found.prior, work.target), mixture,
        Posterior(found.prior.shape, "what the source predicts", work.scale).on("natural"), divergence, offered,
        posterior,
    )  # fmt: skip


def _mixture(work: _Work, found: Predicted) -> MixtureFit | NormalMixture:
    if work.kind == "estimates":
        assert isinstance(found.prior.shape, NormalMixture)
        return found.prior.shape
    return fit_mixture(found.prior, kind="beta" if work.kind == "counts" else "gamma")


def _exchangeable(work: _Work) -> _Found:
    source = one_effect(work.kind, *work.source)

    def at(factor: float) -> Shape:
        return exchangeable(source, work.target, work.mean_prior, _scaled(work.tau_prior, factor))

    factors = SCALES_OF_TAU if _can_scale(work.tau_prior) else (1.0,)
    shapes = {factor: at(factor) for factor in factors}
    rows = [work.row("no borrowing", 0.0, work.alone)]
    rows += [work.row(str(_scaled(work.tau_prior, f)), math.nan if f == 0 else f, shapes[f]) for f in factors]
    share = NotEstimable("both strata are exchangeable by assumption")
    return _Found(work.alone, shapes[1.0], 1.0, share, tuple(rows))


def _exnex(work: _Work, weight: float) -> _Found:
    rows = zip(*work.source, strict=True)
    strata = [OneEffect(work.kind, float(a), float(b), 1) for a, b in rows if b > 0]
    found = assignments(strata, work.target, work.own, work.mean_prior, work.tau_prior)
    shape, after = found.at(weight)
    sweep = tuple(work.row(f"weight {w:g}", w, *found.at(w)) for w in WEIGHTS)
    return _Found(work.alone, shape, weight, after, sweep)


def _power(work: _Work, weight: float) -> _Found:
    source = one_effect(work.kind, *work.source)
    at: Callable[[float], Shape] = lambda a: power_posterior(work.own, source, work.target, a)  # noqa: E731 - one expression, used twice
    sweep = tuple(work.row(f"power {a:g}", a, at(a)) for a in POWERS)
    worth = source.second if work.kind != "estimates" else work.target.second / source.second
    return _Found(
        work.alone, at(weight), weight, NotEstimable("the power is fixed, not updated"), sweep,
        offered=(weight * worth, weight * worth),
    )  # fmt: skip


def _pooled_designs(work: _Work, method: str, weight: float, bias: Normal | None) -> _Found:
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
    return _Found(alone, shape, used, NotEstimable("the weight is fixed, not updated"), tuple(rows))


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


def _check(method: str, weight: float, level: float, threshold: float | None, certainty: float) -> None:
    if method not in METHODS:
        raise UnknownChoice("method", method, METHODS)
    if not 0 <= weight <= 1:
        raise InputError(f"weight={weight!r}", hint="between 0 (no borrowing) and 1")
    if not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % intervals")
    if not 0.5 < certainty < 1:
        raise InputError(f"certainty={certainty!r}", hint="a probability between 0.5 and 1, such as 0.95")
    if threshold is not None and not math.isfinite(threshold):
        raise InputError(f"threshold={threshold!r}", hint="a number on the natural scale, such as a rate of 0.3")


def _kind(target: Evidence, source: Evidence) -> Kind:
    kinds: dict[type, Kind] = {OneArm: "counts", OneArmRates: "rates", Estimates: "estimates"}
    if type(target) not in kinds or type(source) not in kinds:
        raise InputError(
            f"borrow cannot take {type(target).__name__} and {type(source).__name__}",
            hint="hf.one_arm, hf.one_arm_rates or hf.estimates; two-arm counts as hf.effect_sizes(…).estimates()",
        )
    if type(target) is not type(source):
        raise InputError(
            f"the target is {type(target).__name__}, the source {type(source).__name__}",
            hint="bring both to one kind: counts, rates, or estimates on one scale",
        )
    if isinstance(target, Estimates) and isinstance(source, Estimates) and target.measure != source.measure:
        raise InputError(f"the target's measure is {target.measure}, the source's {source.measure}")
    return kinds[type(target)]


def _columns(kind: Kind, evidence: Any) -> tuple[FloatArray, FloatArray]:
    if kind == "estimates":
        return np.asarray(evidence.yi, dtype=float), np.asarray(evidence.vi, dtype=float)
    first = np.asarray(evidence.events, dtype=float)
    second = np.asarray(evidence.totals if kind == "counts" else evidence.time, dtype=float)
    return first[second > 0], second[second > 0]


def _scale(kind: Kind, evidence: Any) -> str:
    if kind != "estimates":
        return "logit" if kind == "counts" else "log"
    return _scale_of(evidence.measure)


def _scale_of(measure: str) -> str:
    from handful.stats.measures import MEASURES

    if measure in ("HR", "GR", "ROR"):
        return "log"
    scale = MEASURES[measure].scale if measure in MEASURES else "identity"
    return scale if scale in ("log", "logit") else "identity"


def _vague(kind: Kind, target: Any, data: OneEffect, *, needed: bool) -> OwnPrior:
    if kind == "counts":
        return Beta(1.0, 1.0)
    if kind == "rates":
        return Normal(-math.log(data.second), 3.0)
    if _scale_of(target.measure) in ("log", "logit") or target.measure.startswith(("SMD", "SMC")) or not needed:
        return Normal(0.0, 2.0)
    raise InputError(
        f"no vague prior is known for estimates of measure {target.measure}",
        hint="give vague=hf.Normal(mean, sd) on their scale, about as wide as one patient's information",
    )


def _priors(kind: Kind, size_of: FloatArray, priors: dict[str, Any] | None) -> tuple[Normal | None, Prior, str]:
    from handful.stats.bayes_rates import default_mean_prior

    given = {} if priors is None else dict(priors)
    unknown = set(given) - {"mean", "tau"}
    if unknown:
        raise InputError(f"priors has {sorted(unknown)}", hint='accepted: "mean" and "tau"')
    defaults: dict[Kind, tuple[Normal | None, Prior]] = {
        "counts": (Normal(0.0, 2.0), HalfNormal(1.0)),
        "rates": (default_mean_prior(size_of), HalfNormal(1.0)),
        "estimates": (None, HalfNormal(0.5)),
    }
    mean, tau = given.get("mean", defaults[kind][0]), given.get("tau", defaults[kind][1])
    return mean, tau, f"mean {'flat' if mean is None else mean}, between-study sd {tau}"


def _can_scale(prior: Prior) -> bool:
    return hasattr(prior, "scale") and not hasattr(prior, "of")


def _scaled(prior: Prior, factor: float) -> Prior:
    from dataclasses import replace

    if factor == 1.0:
        return prior
    scaled: Prior = replace(prior, scale=prior.scale * factor)  # type: ignore[type-var,attr-defined]
    return scaled


def _told(kind: Kind, rows: tuple[FloatArray, FloatArray]) -> str:
    k = len(rows[1])
    what = f"{k} {'study' if k == 1 else 'studies'}"
    if kind == "estimates":
        return what
    return f"{what}, {one_effect(kind, *rows)}"
