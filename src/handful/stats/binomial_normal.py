"""The binomial–normal model of one arm, by maximum likelihood.

x_i ~ Binomial(n_i, expit(θ_i)), θ_i ~ N(μ, τ²), i = 1..k: events among people in study i, the log odds of study i,
their mean and between-study standard deviation on the log odds scale. The marginal likelihood of a study is ∫
Bin(x_i; n_i, expit(t)) N(t; μ, τ²) dt, computed to about 1e-12 (``random_effect.py``); the result states its own
numerical error. No continuity correction.

References: Hamza, van Houwelingen & Stijnen 2008 (10.1016/j.jclinepi.2007.03.016); Stijnen, Hamza & Özdemir 2010
(10.1002/sim.4040); Lin & Chu 2020 (10.1097/EDE.0000000000001232).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.common_rate import one_sided_on_total, single_study
from handful.stats.count_models import BINOMIAL, chosen_quadrature, fit_counts, quantiles
from handful.stats.curves import expit, logit
from handful.stats.profile import signed_root_limit
from handful.stats.results import Fit, Interval, NotEstimable


def pool_binomial_normal(
    events: Any,
    totals: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    prediction: str = "k-1",
    quadrature: str = "trapezoid",
    order: int = 31,
) -> Fit | NotEstimable:
    """The pooled rate of one arm: population average (headline) and median study, τ², prediction for a next study.

    ``events``, ``totals``: whole numbers, shape (k,), every total above 0. ``interval``: ``profile`` (likelihood
    ratio, default), ``wald``, ``t`` (Wald with k − 1 degrees of freedom). ``prediction``: degrees of freedom
    ``k-1``, ``k-2`` or ``normal``. ``quadrature``:
    ``trapezoid``, or ``gauss-hermite`` with ``order`` nodes, to reproduce other programs.

    Edges. No event at all, or nothing but events: the mean has no maximum; the exact one-sided bound on the total is in
    ``details["total"]``. Every study all or none (0 of n, or n of n, both present; single case reports among them):
    τ grows without bound, the average is the share of the studies that are "all". One study: that study.

    >>> fit = pool_binomial_normal([3, 5, 1, 7], [10, 12, 9, 11])
    >>> round(fit.estimate, 3), round(fit.tau2, 3)
    (0.379, 0.416)
    """
    x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    names = tuple(f"study {i + 1}" for i in range(len(x))) if labels is None else tuple(labels)
    rule = chosen_quadrature(quadrature, order)
    if len(x) == 0:
        return NotEstimable("there is no study")
    if len(x) == 1:
        return single_study(float(x[0]), float(n[0]), names[0], level)
    if x.sum() == 0 or (x == n).all():
        return _nothing_or_everything(x, n, names, level, interval)
    if ((x == 0) | (x == n)).all():
        return _all_or_none(x, n, names, level, interval)
    return fit_counts(BINOMIAL, x, n, names, level=level, interval=interval, quadrature=rule, prediction=prediction)


def _nothing_or_everything(x: Any, n: Any, labels: tuple[str, ...], level: float, interval: str) -> Fit:
    """Σx = 0 or Σx = Σn: the likelihood rises as μ → ∓∞."""
    total = int(n.sum())
    none = x.sum() == 0
    bound = one_sided_on_total(float(x.sum()), float(total), level)
    who = f"none of {total} people" if none else f"all {total} people"
    no = NotEstimable(f"{who} responded, so the likelihood has no highest point in μ")
    side, end = ("upper", bound.high) if none else ("lower", bound.low)
    text = (
        f"exact one-sided {100 * level:g} % {side} bound on the total ({0 if none else total} of {total}): {end:.4g}; "
        "it takes the studies as one"
    )
    return empty_fit(
        "binomial-normal", "proportion", no, n, labels, level, interval, Note("one-sided-bound", text), bound
    )


def empty_fit(
    model: str,
    measure: str,
    no: NotEstimable,
    size: Any,
    labels: tuple[str, ...],
    level: float,
    interval: str,
    note: Note,
    bound: Interval,
) -> Fit:
    """A fit in which nothing is estimable but the bound on the total."""
    return Fit(
        model=model,
        measure=measure,
        estimate=no,
        low=no,
        high=no,
        level=level,
        interval_method=interval,
        coefficient=no,
        se=no,
        coefficient_low=no,
        coefficient_high=no,
        median=no,
        median_low=no,
        median_high=no,
        tau2=no,
        tau2_interval=no,
        k=len(labels),
        people=float(size.sum()),
        prediction=no,
        weights=no,
        labels=labels,
        notes=(note,),
        details={"total": bound},
    )


def _all_or_none(x: Any, n: Any, labels: tuple[str, ...], level: float, interval: str) -> Fit:
    """Every study is 0 of n or n of n, both kinds present.

    For a given population average m a study's likelihood is E[p^n] ≤ m or E[(1 − p)^n] ≤ 1 − m, with equality when
    rates are 0 or 1 only, which τ → ∞ approaches (for n = 1 at any τ). So the profile likelihood of m is that of a
    binomial: the studies that are "all" among the k.
    """
    k, full = len(labels), int((x == n).sum())
    z, _, _ = quantiles("wald", level, k)

    def profile(c: float) -> tuple[float, float]:
        m = float(expit(c))
        return full * float(np.log(m)) + (k - full) * float(np.log1p(-m)), full - k * m

    centre = float(logit(full / k))
    step = z / np.sqrt(full * (k - full) / k)
    limits = [signed_root_limit(profile, profile(centre)[0], centre, s * step, z, 60.0) for s in (-1.0, 1.0)]
    singles = bool((n == 1).all())
    reason = (
        "every study is one patient, and single patients say nothing about differences between studies"
        if singles
        else "every study is all or none, so the likelihood keeps rising as τ grows"
    )
    no = NotEstimable(reason)
    text = f"{reason}; the average rate is the share of studies in which everyone responded, {full} of {k}"
    fit = empty_fit(
        "binomial-normal", "proportion", no, n, labels, level, interval, Note("all-or-none", text),
        Interval(float(x.sum() / n.sum()), 0.0, 1.0, level, "all-or-none"),
    )  # fmt: skip
    return replace(
        fit,
        estimate=full / k,
        low=float(expit(limits[0])),
        high=float(expit(limits[1])),
        interval_method="profile",
        log_likelihood=profile(centre)[0],
        details={"events": float(x.sum()), "of": float(n.sum()), "full_studies": full},
    )
