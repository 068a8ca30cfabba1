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
from typing import Any

import numpy as np

from handful.stats.count_models.binomial_moderators import regress_binomial_normal
from handful.stats.count_models.count_edges import all_or_none, nothing_or_everything
from handful.stats.count_models.count_models import BINOMIAL, chosen_quadrature, fit_counts
from handful.stats.one_group.common_rate import single_study
from handful.stats.results import Fit, NotEstimable


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
    by: Any = None,
    moderators: Any = None,
) -> Fit | NotEstimable:
    """The pooled rate of one arm: population average (headline) and median study, τ², prediction for a next study.

    ``events``, ``totals``: whole numbers, shape (k,), every total above 0. ``interval``: ``profile`` (likelihood
    ratio, default), ``wald``, ``t`` (Wald with k − 1 degrees of freedom). ``prediction``: degrees of freedom
    ``k-1``, ``k-2`` or ``normal``. ``quadrature``:
    ``trapezoid``, or ``gauss-hermite`` with ``order`` nodes, to reproduce other programs.

    ``by``: a label a study, for groups with their own mean and one τ; ``moderators``: a column of numbers, or a dict
    of named columns. With either, the coefficients, the rate of each group and the test of the moderators are in
    ``details``.

    Edges. No event at all, or nothing but events: the mean has no maximum; the exact one-sided bound on the total is in
    ``details["total"]``. Every study all or none (0 of n, or n of n, both present; single case reports among them):
    τ grows without bound, the average is the share of the studies that are "all". One study: that study.

    >>> fit = pool_binomial_normal([3, 5, 1, 7], [10, 12, 9, 11])
    >>> round(fit.estimate, 3), round(fit.tau2, 3)
    (0.375, 0.265)
    """
    x, n = np.asarray(events, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    names = tuple(f"study {i + 1}" for i in range(len(x))) if labels is None else tuple(labels)
    rule = chosen_quadrature(quadrature, order)
    if len(x) == 0:
        return NotEstimable("there is no study")
    if by is not None or moderators is not None:
        return regress_binomial_normal(x, n, names, by, moderators, level=level, interval=interval, quadrature=rule)
    if len(x) == 1:
        return single_study(float(x[0]), float(n[0]), names[0], level)
    if x.sum() == 0 or (x == n).all():
        return nothing_or_everything(x, n, names, level, interval)
    if ((x == 0) | (x == n)).all():
        return all_or_none(x, n, names, level)
    return fit_counts(BINOMIAL, x, n, names, level=level, interval=interval, quadrature=rule, prediction=prediction)
