"""The unconditional model with a fixed baseline for each study: odds ratios and rate ratios.

logit p_ij = α_i ± θ_i/2 (for rates log λ_ij = α_i ± θ_i/2), θ_i ~ N(μ, τ²), every α_i a free parameter. With τ = 0 it
is the logistic (Poisson) regression on study and group. Halving the effect between the groups makes the random effect
enter both alike, so swapping the groups only changes the sign.

It has as many nuisance parameters as studies: with many small studies maximum likelihood is then biased away from 1 for
odds ratios (Neyman & Scott 1948) and τ² towards 0; the conditional model (``hypergeometric-normal``) has none of them
and is preferred. For rates and τ = 0 the two are the same.

References: Stijnen, Hamza & Özdemir 2010, 10.1002/sim.4040; Jackson et al. 2018 (their model 4), 10.1002/sim.7588.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.stats.comparisons.contrast_fit import fit_contrast, four, mirrored
from handful.stats.comparisons.fixed_intercepts import BASELINE_FREE, FreeBaseline
from handful.stats.comparisons.hypergeometric_normal import agreeing, typical_variance, with_information
from handful.stats.comparisons.rate_ratio_models import rates_with_information, typical_rate_variance
from handful.stats.count_models.count_models import chosen_quadrature
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


def pool_unconditional_fixed(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    prediction: str = "k-1",
    quadrature: str = "trapezoid",
    order: int = 31,
    common: bool = False,
) -> Fit | NotEstimable:
    """The odds ratio with each study's baseline estimated; options and edges as in ``pool_hypergeometric_normal``.

    Studies without any event, or with nothing but events, fit any odds ratio perfectly: listed, not counted.

    >>> fit = pool_unconditional_fixed([2, 4, 6, 7, 7, 11], [39, 44, 107, 103, 110, 154],
    ...                                [1, 4, 4, 5, 3, 4], [43, 44, 110, 100, 106, 146])
    >>> round(fit.coefficient, 4)
    0.5816
    """
    if measure != "OR":
        raise UnknownChoice("measure", measure, ("OR",))
    rule = chosen_quadrature(quadrature, order)
    given = four(events1, totals1, events2, totals2)
    (x1, n1, x2, n2), names, notes = with_information(given, labels)
    fit = fit_contrast(
        "unconditional-fixed", "OR", mirrored(x1, n1, x2, n2, names, events=True), odds_curves,
        people=float((n1 + n2).sum()), typical=typical_variance(x1, n1, x2, n2), level=level, interval=interval,
        prediction=prediction, quadrature=rule, common=common, notes=notes,
    )  # fmt: skip
    return agreeing(fit, x1, n1, x2, n2)


def pool_unconditional_fixed_rates(
    events1: Any,
    time1: Any,
    events2: Any,
    time2: Any,
    *,
    measure: str = "IRR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    prediction: str = "k-1",
    quadrature: str = "trapezoid",
    order: int = 31,
    common: bool = False,
) -> Fit | NotEstimable:
    """The rate ratio with each study's baseline estimated; options and edges as in ``pool_rate_ratio_normal``."""
    if measure != "IRR":
        raise UnknownChoice("measure", measure, ("IRR",))
    rule = chosen_quadrature(quadrature, order)
    given = four(events1, time1, events2, time2)
    (x1, t1, x2, t2), names, notes = rates_with_information(given, labels)
    return fit_contrast(
        "unconditional-fixed", "IRR", mirrored(x1, t1, x2, t2, names, events=False), rate_curves,
        people=float((t1 + t2).sum()), typical=typical_rate_variance(x1, x2), level=level, interval=interval,
        prediction=prediction, quadrature=rule, common=common, notes=notes,
    )  # fmt: skip


def odds_curves(x1: FloatArray, n1: FloatArray, x2: FloatArray, n2: FloatArray) -> FreeBaseline:
    """Both groups binomial, the baseline free."""
    bottom = (x1 == 0) | (x2 == n2)
    top = (x2 == 0) | (x1 == n1)
    with np.errstate(divide="ignore"):
        tops = np.log(x1) - np.log(n1 - x1) - np.log(x2) + np.log(n2 - x2)
    first, second = BinomialCurves.of(x1, n1), BinomialCurves.of(x2, n2)
    best = _binomial_top(first) + _binomial_top(second)
    ends = np.where(bottom, best, -np.inf), np.where(top, best, -np.inf)
    return FreeBaseline(first, second, *BASELINE_FREE, tops, ends, np.ones(len(x1)))


def rate_curves(x1: FloatArray, t1: FloatArray, x2: FloatArray, t2: FloatArray) -> FreeBaseline:
    """Both groups Poisson, the baseline free."""
    with np.errstate(divide="ignore"):
        tops = np.log(x1) - np.log(t1) - np.log(x2) + np.log(t2)
    first, second = PoissonCurves.of(x1, t1), PoissonCurves.of(x2, t2)
    best = _poisson_top(first) + _poisson_top(second)
    ends = np.where(x1 == 0, best, -np.inf), np.where(x2 == 0, best, -np.inf)
    return FreeBaseline(first, second, *BASELINE_FREE, tops, ends, np.ones(len(x1)))


def _binomial_top(curves: BinomialCurves) -> FloatArray:
    from scipy.special import xlogy

    share = curves.x / curves.n
    return np.asarray(curves.constant + xlogy(curves.x, share) + xlogy(curves.n - curves.x, 1.0 - share))


def _poisson_top(curves: PoissonCurves) -> FloatArray:
    from scipy.special import xlogy

    return np.asarray(curves.constant + xlogy(curves.x, curves.x / curves.t) - curves.x)
