"""The Poisson–normal model of one arm's rates per person-time, by maximum likelihood.

x_i ~ Poisson(T_i e^θ_i), θ_i ~ N(μ, τ²): events in person-time T_i, the log rate of study i, their mean and
between-study standard deviation on the log scale. The population average is E[e^θ] = exp(μ + τ²/2), the median study
e^μ.

Reference: Stijnen, Hamza & Özdemir 2010 (10.1002/sim.4040).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.count_models.count_edges import empty_fit
from handful.stats.count_models.count_models import POISSON, chosen_quadrature, fit_counts
from handful.stats.one_group.common_rate import one_sided_on_total, single_study
from handful.stats.results import Fit, NotEstimable


def pool_poisson_normal(
    events: Any,
    time: Any,
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    prediction: str = "k-1",
    quadrature: str = "trapezoid",
    order: int = 31,
) -> Fit | NotEstimable:
    """The pooled rate per person-time: population average (headline), median study, τ², prediction for a next study.

    ``events`` whole numbers, ``time`` above 0, shape (k,); options as in ``pool_binomial_normal``. No event at all:
    the exact one-sided bound on the total (3.0 / T at 95 %) is in ``details["total"]``.

    >>> fit = pool_poisson_normal([2, 0, 5, 3], [31.5, 12.0, 20.0, 40.0])
    >>> round(fit.estimate, 4)
    0.0988
    """
    x, t = np.asarray(events, dtype=np.float64), np.asarray(time, dtype=np.float64)
    names = tuple(f"study {i + 1}" for i in range(len(x))) if labels is None else tuple(labels)
    rule = chosen_quadrature(quadrature, order)
    if len(x) == 0:
        return NotEstimable("there is no study")
    if len(x) == 1:
        return single_study(float(x[0]), float(t[0]), names[0], level, time=True)
    if x.sum() == 0:
        bound = one_sided_on_total(0.0, float(t.sum()), level, time=True)
        no = NotEstimable(f"no event in {t.sum():g} person-time, so the likelihood has no highest point in μ")
        text = f"exact one-sided {100 * level:g} % upper bound on the total: {bound.high:.4g} per unit of person-time"
        return empty_fit("poisson-normal", "rate", no, t, names, level, interval, Note("one-sided-bound", text), bound)
    return fit_counts(POISSON, x, t, names, level=level, interval=interval, quadrature=rule, prediction=prediction)
