"""The approximate conditional model of odds ratios: a binomial in place of the non-central hypergeometric.

Given m_i = x_i1 + x_i2 events, x_i1 ~ Binomial(m_i, expit(log(n_i1/n_i2) + θ_i)), θ_i ~ N(μ, τ²). That is the exact
conditional model of Poisson counts; for people it holds when events are rare. It is quicker to compute for very large
tables and is what older software could fit; where events are not rare the odds ratio comes out too near to 1 (it is
then closer to a risk ratio), and swapping events with non-events changes the answer, so ``hypergeometric-normal`` is
preferred.

Reference: Stijnen, Hamza & Özdemir 2010, 10.1002/sim.4040.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.conditional_curves import ShiftedBinomialCurves
from handful.stats.comparisons.contrast_fit import fit_contrast, four, mirrored
from handful.stats.comparisons.hypergeometric_normal import agreeing, typical_variance, with_information
from handful.stats.count_models.count_models import chosen_quadrature
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

RARE = 0.1


def pool_conditional_approximate(
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
    """The odds ratio by the rare-event approximation to the conditional likelihood; options and edges as in
    ``pool_hypergeometric_normal``. A note says so where more than a tenth of the people had the event.

    >>> fit = pool_conditional_approximate([2, 4, 6, 7, 7, 11], [39, 44, 107, 103, 110, 154],
    ...                                    [1, 4, 4, 5, 3, 4], [43, 44, 110, 100, 106, 146])
    >>> round(fit.coefficient, 4)
    0.5501
    """
    if measure != "OR":
        raise UnknownChoice("measure", measure, ("OR",))
    rule = chosen_quadrature(quadrature, order)
    given = four(events1, totals1, events2, totals2)
    (x1, n1, x2, n2), names, notes = with_information(given, labels)
    share = float((x1 + x2).sum() / (n1 + n2).sum()) if len(x1) else 0.0
    if share > RARE:
        text = f"an approximation for rare events; here {100 * share:.0f} % of people had one"
        notes = (*notes, Note("not-rare", text))
    fit = fit_contrast(
        "conditional-approximate", "OR", mirrored(x1, n1, x2, n2, names, events=False), _curves,
        people=float((n1 + n2).sum()), typical=typical_variance(x1, n1, x2, n2), level=level, interval=interval,
        prediction=prediction, quadrature=rule, common=common, notes=notes,
    )  # fmt: skip
    return agreeing(fit, x1, n1, x2, n2)


def _curves(x1: FloatArray, n1: FloatArray, x2: FloatArray, n2: FloatArray) -> ShiftedBinomialCurves:
    return ShiftedBinomialCurves.of(x1, x1 + x2, np.log(n1) - np.log(n2))
