"""``borrow``: what adults say about children, or series about trials, beside the answer that borrows nothing."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.one_effect import Kind, OneEffect, OwnPrior, one_effect
from handful.stats.bayes.prior_base import Prior, named_priors
from handful.stats.bayes.priors import Beta, HalfNormal, Normal
from handful.stats.borrowed.meta_analytic_predictive import Conflict
from handful.stats.checked import choice, level_and_side, one_number
from handful.stats.evidence import Estimates, Evidence, OneArm, OneArmRates
from handful.stats.results import NotEstimable
from handful.synthesis.borrow_methods import (
    Found,
    Work,
    by_designs,
    by_exchangeability,
    by_exnex,
    by_map,
    by_power,
)
from handful.synthesis.borrowing import Borrowing

FloatArray: TypeAlias = npt.NDArray[np.float64]

METHODS = ("robust-map", "map", "exchangeable", "exnex", "power-prior", "down-weight", "bias", "none")
_HALF = 0.5


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
    _check(method, weight, level, threshold, certainty, people, bias, who)
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
    mean_prior, tau_prior, told = _priors(kind, given[1], priors)
    designs = method in ("down-weight", "bias")
    notes.append(Note("priors", told if designs else f"without borrowing: {own}; source: {told}"))
    work = Work(kind, _scale(kind, target), data, given[0], given[1], own, mean_prior, tau_prior, level, threshold)
    if threshold is not None and kind != "estimates" and not 0 < threshold < (1 if kind == "counts" else math.inf):
        raise InputError(f"threshold={threshold!r}", hint="a rate on the natural scale, such as 0.3")
    found: Found | NotEstimable
    if designs:
        if kind != "estimates":
            raise InputError(f"method={method!r} is for hf.estimates", hint="for counts: power-prior or robust-map")
        found = by_designs(work, method, weight, bias)
    elif method in ("robust-map", "map"):
        found = by_map(work, 1.0 if method == "map" else weight)
    elif method == "exchangeable":
        found = by_exchangeability(work)
    elif method == "exnex":
        found = by_exnex(work, weight)
    elif method == "power-prior":
        found = by_power(work, weight)
    else:
        found = Found(
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


def _check(
    method: str, weight: Any, level: Any, threshold: Any, certainty: Any, people: Any, bias: Any, who: Any
) -> None:
    choice("method", method, METHODS)
    several = isinstance(weight, list | tuple | np.ndarray)
    swept = "; every strength at once is in the result's .sweep" if several else ""
    one_number("weight", weight, f"one number between 0 (no borrowing) and 1{swept}", least=0, most=1)
    level_and_side(level, "two")
    one_number("certainty", certainty, "a probability between 0.5 and 1, such as 0.95", above=0.5, below=1)
    if threshold is not None:
        one_number("threshold", threshold, "a number on the natural scale, such as a rate of 0.3")
    if people is not None:
        one_number("people", people, "how many people the target's estimates come from", above=0)
    if bias is not None and method != "bias":
        raise InputError(f"bias= with method={method!r}", hint="method='bias' takes it")
    if not isinstance(who, str) or not who.strip():
        raise InputError(f"who={who!r}", hint='accepted: whom the target is about, such as "children"')


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
    from handful.stats.effects.measures import MEASURES

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


def _priors(
    kind: Kind, rows: tuple[FloatArray, FloatArray], priors: dict[str, Any] | None
) -> tuple[Normal | None, Prior, str]:
    from handful.stats.bayes.bayes_rates import default_mean_prior

    first, size_of = rows
    given = named_priors(priors)
    defaults: dict[Kind, tuple[Normal | None, Prior]] = {
        "counts": (Normal(0.0, 2.0), HalfNormal(1.0)),
        "rates": (default_mean_prior(first, size_of), HalfNormal(1.0)),
        "estimates": (None, HalfNormal(0.5)),
    }
    mean, tau = given.get("mean", defaults[kind][0]), given.get("tau", defaults[kind][1])
    return mean, tau, f"mean {'flat' if mean is None else mean}, between-study sd {tau}"


def _told(kind: Kind, rows: tuple[FloatArray, FloatArray]) -> str:
    k = len(rows[1])
    what = f"{k} {'study' if k == 1 else 'studies'}"
    if kind == "estimates":
        return what
    return f"{what}, {one_effect(kind, *rows)}"
