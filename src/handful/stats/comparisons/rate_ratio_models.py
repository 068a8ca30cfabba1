"""The conditional model of rate ratios: exact within studies, a normal log rate ratio between them.

x_i1 events in person-time T_i1 against x_i2 in T_i2. Given m_i = x_i1 + x_i2, x_i1 ~ Binomial(m_i, T_i1 e^θ_i / (T_i1
e^θ_i + T_i2)): no baseline rate is left. θ_i ~ N(μ, τ²). A study without any event has a flat curve: listed, not
counted in k. Events in one group only leave a one-sided curve. With τ = 0 it is the common rate ratio's maximum
likelihood, the same as that of a Poisson regression with a baseline for each study.

References: Stijnen, Hamza & Özdemir 2010, 10.1002/sim.4040; Przyborowski & Wilenski 1940, 10.1093/biomet/31.3-4.313.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.conditional_curves import ShiftedBinomialCurves
from handful.stats.comparisons.contrast_fit import Four, fit_contrast, four, mirrored
from handful.stats.comparisons.hypergeometric_normal import typical
from handful.stats.comparisons.two_arm_notes import size_notes, study_names, uninformative_notes
from handful.stats.count_models.count_models import chosen_quadrature
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


def pool_rate_ratio_normal(
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
    """The rate ratio of the median study by maximum likelihood, with τ² of the log rate ratio.

    ``events1`` in ``time1`` against ``events2`` in ``time2`` (above 0), shape (k,); options and edges as in
    ``pool_hypergeometric_normal``. Swapping the groups inverts the ratio; the unit of time does not matter.

    >>> fit = pool_rate_ratio_normal([8, 5, 9], [100.0, 80.0, 90.0], [4, 4, 3], [110.0, 75.0, 95.0])
    >>> round(fit.estimate, 3)
    2.076
    """
    if measure != "IRR":
        raise UnknownChoice("measure", measure, ("IRR",))
    rule = chosen_quadrature(quadrature, order)
    given = four(events1, time1, events2, time2)
    (x1, t1, x2, t2), names, notes = rates_with_information(given, labels)
    return fit_contrast(
        "poisson-normal", "IRR", mirrored(x1, t1, x2, t2, names, events=False), _curves,
        people=float((t1 + t2).sum()), typical=typical_rate_variance(x1, x2), level=level, interval=interval,
        prediction=prediction, quadrature=rule, common=common, notes=notes,
    )  # fmt: skip


def _curves(x1: FloatArray, t1: FloatArray, x2: FloatArray, t2: FloatArray) -> ShiftedBinomialCurves:
    return ShiftedBinomialCurves.of(x1, x1 + x2, np.log(t1) - np.log(t2))


def rates_with_information(given: Four, labels: Sequence[str] | None) -> tuple[Four, tuple[str, ...], tuple[Note, ...]]:
    """The studies with an event, their names, and a note for each of the others."""
    x1, t1, x2, t2 = given
    names = study_names(labels, len(x1))
    kept = (x1 + x2 > 0) & (t1 > 0) & (t2 > 0)
    out = [name for name, stays in zip(names, kept, strict=True) if not stays]
    notes = uninformative_notes(out, np.zeros(len(out)), np.ones(len(out)), "a rate ratio") + size_notes(names, t1, t2)
    used = tuple(name for name, stays in zip(names, kept, strict=True) if stays)
    return (x1[kept], t1[kept], x2[kept], t2[kept]), used, notes


def typical_rate_variance(x1: FloatArray, x2: FloatArray) -> float:
    """Typical variance of a log rate ratio within studies; ½ is added to both groups of a study with an empty one, for
    this only."""
    more = 0.5 * ((x1 == 0) | (x2 == 0))
    return typical(1.0 / (x1 + more) + 1.0 / (x2 + more))
