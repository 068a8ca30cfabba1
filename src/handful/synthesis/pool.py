"""``pool``: evidence in, one pooled result out, with the model named and its choice explained."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.checked import level_and_side
from handful.stats.evidence import Estimates, Evidence, OneArm, OneArmRates, OneMean, TwoArmRates, TwoArms, TwoMeans
from handful.stats.evidence_paired import Correlations, PrePost
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.combined import Combined
from handful.synthesis.defaults import SINGLE, default_model
from handful.synthesis.models import Model, model_for, models_for
from handful.synthesis.recipe import Recipe


def pool(
    evidence: Evidence | Combined,
    *,
    model: str = "default",
    measure: str | None = None,
    level: float = 0.95,
    interval: str | None = None,
    priors: dict[str, Any] | None = None,
    **options: Any,
) -> Fit | NotEstimable:
    """Pool studies into one estimate with its interval, heterogeneity, prediction and notes.

    ``evidence``: what ``hf.one_arm``, ``hf.one_arm_rates``, ``hf.two_arms``, ``hf.two_arm_rates``, ``hf.two_means`` and
    their neighbours, ``hf.estimates`` or ``hf.combine`` made. ``model="default"`` chooses by the number of studies and
    their counts (``synthesis/defaults.py``) and says so in ``fit.notes``; every other name is a row of
    ``synthesis/models.py``:

    - proportions: ``bayes`` · ``binomial-normal`` · ``beta-binomial`` · ``common-effect`` · ``random-effects`` with
      ``measure=`` PLO, PAS, PFT, PLN or PR
    - rates per person-time: ``poisson-normal`` · ``bayes`` · ``common-effect`` · ``random-effects`` with ``measure=``
      IR, IRLN, IRS or IRFT
    - two groups, ``measure=`` OR (default), RR, RD, …: ``hypergeometric-normal`` · ``bayes`` · ``mantel-haenszel`` ·
      ``peto`` · ``penalised-likelihood`` · ``conditional-approximate`` · ``unconditional-fixed`` ·
      ``unconditional-random`` · ``common-effect`` · ``random-effects`` (inverse variance)
    - two rates, ``measure=`` IRR (default), IRD, IRSD: ``poisson-normal`` · ``bayes`` · ``mantel-haenszel`` ·
      ``unconditional-fixed`` · ``unconditional-random`` · ``common-effect`` · ``random-effects``
    - published estimates, means, correlations and pre–post measurements (through ``hf.effect_sizes``, with its
      ``measure=``): ``random-effects`` · ``common-effect`` · ``bayes``
    - counts and estimates together, from ``hf.combine``: ``bayes`` · ``likelihood``

    ``level`` lies between 0 and 1. ``interval`` None means the model's own default (profile for the likelihood
    models, Hartung–Knapp in its safe form for random-effects, central for bayes). ``priors={"mean": ..., "tau":
    ...}`` is for bayes; so is ``engine="mcmc"`` (``seed=``, ``draws=``, ``tune=``, ``chains=``; needs
    ``handful[mcmc]``), which draws from the same model instead of integrating it. Further options go to the model:
    ``tau2=``, ``prediction=``, ``add=``, ``to=``, ``moderators=``, ``by=``, ``quadrature=``, ``order=``.

    ``fit.estimate`` with ``low`` and ``high`` is on the natural scale: for one arm the population average rate;
    ``fit.median`` is the median study. Edges: studies of nobody are left out with a note; no study gives
    ``NotEstimable``; one study gives that study, labelled; no event at all gives ``NotEstimable`` fields with the
    exact one-sided bound in ``fit.details["total"]`` (maximum likelihood), or a posterior (bayes).

    >>> import handful as hf
    >>> fit = hf.pool(hf.one_arm([3, 5, 1, 7, 2], [10, 12, 9, 11, 8]))
    >>> fit.model, round(fit.estimate, 3)
    ('binomial-normal', 0.355)
    """
    level, _, _ = level_and_side(level, "two")
    if isinstance(evidence, TwoMeans | OneMean | Correlations | PrePost):
        from handful.stats.effects.effect_sizes import effect_sizes

        evidence = effect_sizes(evidence, measure).estimates()
    if hasattr(evidence, "estimates"):  # effect sizes
        evidence = evidence.estimates()
    if not models_for(evidence):
        raise InputError(
            f"pool cannot take {type(evidence).__name__}",
            hint="make the evidence with hf.one_arm, hf.two_arms, hf.two_means, hf.estimates or their neighbours",
        )
    evidence, notes = _without_nobody(evidence, options)
    if isinstance(evidence, Estimates):
        notes = evidence.notes
        measure = (None if evidence.measure == "GEN" else evidence.measure) if measure is None else measure
    if isinstance(evidence, Combined):
        if measure not in (None, evidence.measure):
            raise InputError(f"measure={measure!r}, but {evidence.measure} was combined", hint="say it in hf.combine")
        notes, measure = evidence.notes, None
    engine = options.get("engine", "quadrature") if model == "bayes" else "quadrature"
    if model != "default":
        model_for(evidence, model)
    if len(evidence) == 0:
        what = "no estimate" if isinstance(evidence, Estimates) else "no study with anyone in it"
        return NotEstimable(f"there is {what}", notes)
    transform = measure is not None and measure not in ("proportion", "rate")
    if model == "default" and transform and isinstance(evidence, OneArm | OneArmRates):
        model = "random-effects"
        notes = (
            *notes,
            Note("model-chosen", f"model random-effects because measure={measure!r} is one of its transforms"),
        )
    if model == "default":
        chosen = default_model(evidence, measure)
        assert chosen is not None
        model, why = chosen
        notes = (*notes, Note("model-chosen", why))
    fit: Fit | NotEstimable
    if len(evidence) == 1 and model != "bayes" and isinstance(evidence, OneArm | OneArmRates):
        fit = _single(evidence, level)
    elif model == SINGLE and isinstance(evidence, TwoArms | TwoArmRates):
        fit = _single_comparison(evidence, measure, level)
    elif engine == "mcmc":
        from handful.synthesis.sampled_pool import pool_sampled

        others = {name: value for name, value in options.items() if name != "engine"}
        fit = pool_sampled(evidence, measure=measure, level=level, interval=interval, priors=priors, options=others)
    else:
        if model == "bayes" and "engine" in options:
            if engine != "quadrature":
                raise UnknownChoice("engine", engine, ("quadrature", "mcmc"))
            options = {name: value for name, value in options.items() if name != "engine"}
        fit = _call(model_for(evidence, model), evidence, measure, level, interval, priors, options)
    if isinstance(fit, NotEstimable):
        return replace(fit, notes=(*notes, *fit.notes))
    recipe = Recipe(evidence, model, measure, level, interval, priors, options)
    return fit.said_by(notes, recipe)


def _without_nobody(
    evidence: Evidence | Combined, options: dict[str, Any]
) -> tuple[Evidence | Combined, tuple[Note, ...]]:
    """Studies of nobody, or of no person-time, carry no information: left out of evidence and columns, each with its
    note."""
    if isinstance(evidence, OneArm):
        size: Any = evidence.totals
    elif isinstance(evidence, OneArmRates):
        size = evidence.time
    elif isinstance(evidence, TwoArms):
        size = np.minimum(evidence.totals1, evidence.totals2)
    elif isinstance(evidence, TwoArmRates):
        size = np.minimum(evidence.time1, evidence.time2)
    else:
        return evidence, ()
    keep = size > 0
    if bool(keep.all()):
        return evidence, ()
    for name in ("by", "moderators"):
        if options.get(name) is not None:
            options[name] = _rows_of(options[name], keep)
    what = "nobody in it" if isinstance(evidence, OneArm) else "no person-time"
    if isinstance(evidence, TwoArms | TwoArmRates):
        what = "nobody in one of the groups" if isinstance(evidence, TwoArms) else "no person-time in one of the groups"
    left_out = [label for label, kept in zip(evidence.labels, keep, strict=True) if not kept]
    notes = tuple(Note("study-left-out", f"left out: there is {what}", about=label) for label in left_out)
    labels = tuple(label for label, kept in zip(evidence.labels, keep, strict=True) if kept)
    if isinstance(evidence, OneArm):
        return OneArm(evidence.events[keep], evidence.totals[keep], labels), notes
    if isinstance(evidence, TwoArms | TwoArmRates):
        x1, size1, x2, size2 = (column[keep] for column in _columns(evidence))
        return type(evidence)(x1, size1, x2, size2, labels), notes
    return OneArmRates(evidence.events[keep], evidence.time[keep], labels), notes


def _rows_of(column: Any, keep: Any) -> Any:
    if isinstance(column, dict):
        return {name: _rows_of(values, keep) for name, values in column.items()}
    return [value for value, kept in zip(column, keep, strict=False) if kept]


def _single(evidence: OneArm | OneArmRates, level: float) -> Fit:
    from handful.stats.one_group.common_rate import single_study

    time = isinstance(evidence, OneArmRates)
    size = evidence.time[0] if isinstance(evidence, OneArmRates) else evidence.totals[0]
    return single_study(float(evidence.events[0]), float(size), evidence.labels[0], level, time=time)


def _single_comparison(evidence: TwoArms | TwoArmRates, measure: str | None, level: float) -> Fit | NotEstimable:
    """The one study that carries information, with its own interval, and a note for each of the others."""
    from handful.stats.comparisons.single_comparison import single_comparison
    from handful.stats.comparisons.two_arm_notes import uninformative_notes

    rates = isinstance(evidence, TwoArmRates)
    chosen = ("IRR" if rates else "OR") if measure is None else measure
    columns = [np.asarray(column, dtype=np.float64) for column in _columns(evidence)]
    events, totals = columns[0] + columns[2], columns[1] + columns[3]
    silent = np.zeros(len(evidence), dtype=bool) if chosen == "RD" else events == 0
    if chosen == "OR":
        silent |= events == totals
    one = int(np.flatnonzero(~silent)[0])
    others = [label for label, gone in zip(evidence.labels, silent, strict=True) if gone]
    notes = uninformative_notes(others, events[silent], totals[silent], f"the {chosen}")
    first, size1, second, size2 = (float(column[one]) for column in columns)
    fit = single_comparison(first, size1, second, size2, evidence.labels[one], chosen, level)
    return replace(fit, notes=(*notes, *fit.notes))


def _call(
    model: Model,
    evidence: Evidence | Combined,
    measure: str | None,
    level: float,
    interval: str | None,
    priors: dict[str, Any] | None,
    options: dict[str, Any],
) -> Fit | NotEstimable:
    """Give the model's function what it takes; an option it does not take is an error that lists those it does."""
    given: dict[str, Any] = {"labels": evidence.labels, "level": level, **options}
    if interval is not None:
        given["interval"] = interval
    if measure is not None and not (model.name != "random-effects" and measure in ("proportion", "rate")):
        given["measure"] = measure
    if priors is not None:
        from handful.stats.bayes.prior_base import named_priors

        given.update({f"{name}_prior": value for name, value in named_priors(priors).items()})
    function = model.load()
    accepted = _options_of(function)
    if isinstance(evidence, Estimates) and "natural" in accepted:
        given["natural"] = True
    refused = sorted(set(given) - accepted)
    if refused:
        words = {"mean_prior": "priors", "tau_prior": "priors"}
        raise InputError(
            f"model {model.name} does not take {', '.join(sorted({words.get(name, name) for name in refused}))}",
            hint=f"it takes: {', '.join(sorted(accepted - {'labels', 'natural'}))}",
        )
    columns = _columns(evidence)
    result: Fit | NotEstimable = function(*columns, **given)
    return result


@functools.cache
def _options_of(function: Callable[..., Any]) -> frozenset[str]:
    """What a model's function takes by name."""
    return frozenset(n for n, p in inspect.signature(function).parameters.items() if p.kind is p.KEYWORD_ONLY)


def _columns(evidence: Evidence | Combined) -> tuple[Any, ...]:
    if isinstance(evidence, OneArm):
        return evidence.events, evidence.totals
    if isinstance(evidence, OneArmRates):
        return evidence.events, evidence.time
    if isinstance(evidence, Estimates):
        return np.asarray(evidence.yi), np.asarray(evidence.vi)
    if isinstance(evidence, Combined):
        return (evidence,)
    if isinstance(evidence, TwoArms):
        return evidence.events1, evidence.totals1, evidence.events2, evidence.totals2
    if isinstance(evidence, TwoArmRates):
        return evidence.events1, evidence.time1, evidence.events2, evidence.time2
    raise InputError(f"pool cannot take {type(evidence).__name__}")
