"""The hypergeometric–normal model of odds ratios: exact within studies, a normal log odds ratio between them.

Given the m_i events of both groups, x_i1 follows Fisher's non-central hypergeometric distribution with odds ratio
e^θ_i, and θ_i ~ N(μ, τ²). Conditioning removes each study's baseline risk, so nothing is assumed about it and nothing
is added to any cell. A study with an empty cell contributes a one-sided curve. Studies without any event, or with
nothing but events, contribute a flat one: they are listed in the notes and do not count in k.

References: van Houwelingen, Zwinderman & Stijnen 1993, 10.1002/sim.4780122405; Stijnen, Hamza & Özdemir 2010,
10.1002/sim.4040; Jackson et al. 2018 (their model 7), 10.1002/sim.7588; Bakbergenuly & Kulinskaya 2018,
10.1186/s12874-018-0531-9; Jansen & Holling 2023, 10.1002/bimj.202200132.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.conditional_curves import ConditionalTables
from handful.stats.comparisons.contrast_fit import Four, fit_contrast, four, mirrored
from handful.stats.comparisons.two_arm_notes import size_notes, study_names, uninformative_notes
from handful.stats.count_models.count_models import chosen_quadrature
from handful.stats.effects.zero_cells import double
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


def pool_hypergeometric_normal(
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
    """The odds ratio of the median study by maximum likelihood, with τ² of the log odds ratio.

    ``events1`` of ``totals1`` against ``events2`` of ``totals2``, whole numbers, shape (k,). ``interval``: ``profile``
    (default), ``wald`` or ``t``; ``prediction``: degrees of freedom ``k-1``, ``k-2`` or ``normal``; ``quadrature``
    ``trapezoid`` (error near 1e-13) or ``gauss-hermite`` with ``order`` nodes. ``common=True`` keeps τ at 0: the
    conditional maximum-likelihood estimate of one common odds ratio.

    ``fit.q`` is the likelihood-ratio statistic of separate odds ratios against one, ``fit.details["q_wald"]`` Wald's.
    Swapping the groups, or events with non-events, inverts the odds ratio; the order of studies does not matter.

    Edges. Every informative study at the same end of what its margins allow (events in one group only): no finite
    estimate, ``NotEstimable`` with an exact one-sided bound on a common odds ratio. One informative study: its
    conditional estimate and profile limits. τ² on the boundary 0 is reported as 0 with its interval and a note.

    >>> fit = pool_hypergeometric_normal([2, 4, 6, 7, 7, 11], [39, 44, 107, 103, 110, 154],
    ...                                  [1, 4, 4, 5, 3, 4], [43, 44, 110, 100, 106, 146])
    >>> round(fit.estimate, 3), fit.tau2
    (1.783, 0.0)
    """
    if measure != "OR":
        raise UnknownChoice("measure", measure, ("OR",))
    rule = chosen_quadrature(quadrature, order)
    given = four(events1, totals1, events2, totals2)
    (x1, n1, x2, n2), names, notes = with_information(given, labels)
    fit = fit_contrast(
        "hypergeometric-normal", "OR", mirrored(x1, n1, x2, n2, names, events=True), ConditionalTables.of,
        people=float((n1 + n2).sum()), typical=typical_variance(x1, n1, x2, n2), level=level, interval=interval,
        prediction=prediction, quadrature=rule, common=common, notes=notes,
    )  # fmt: skip
    return agreeing(fit, x1, n1, x2, n2)


def with_information(given: Four, labels: Sequence[str] | None) -> tuple[Four, tuple[str, ...], tuple[Note, ...]]:
    """The studies with both events and non-events, their names, and a note for each of the others."""
    x1, n1, x2, n2 = given
    names = study_names(labels, len(x1))
    flat = double(x1, n1 - x1, x2, n2 - x2) | (n1 == 0) | (n2 == 0)
    out = [name for name, gone in zip(names, flat, strict=True) if gone]
    notes = uninformative_notes(out, (x1 + x2)[flat], (n1 + n2)[flat]) + size_notes(names, n1, n2)
    kept = ~flat
    used = tuple(name for name, stays in zip(names, kept, strict=True) if stays)
    return (x1[kept], n1[kept], x2[kept], n2[kept]), used, notes


def typical_variance(x1: FloatArray, n1: FloatArray, x2: FloatArray, n2: FloatArray) -> float:
    """Higgins & Thompson's (2002, 10.1002/sim.1186) typical variance of a log odds ratio within studies; ½ is added to
    studies with an empty cell for this only."""
    cells = np.stack([x1, n1 - x1, x2, n2 - x2])
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    return typical((1.0 / cells).sum(axis=0))


def typical(v: FloatArray) -> float:
    """(k − 1) Σw / ((Σw)² − Σw²), w = 1/v; the variance itself for one study."""
    if len(v) < 2:
        return float(v[0]) if len(v) else 1.0
    w = 1.0 / np.sort(v)
    total = float(w.sum())
    return (len(w) - 1) * total / (total * total - float((w * w).sum()))


def agreeing(
    fit: Fit | NotEstimable, x1: FloatArray, n1: FloatArray, x2: FloatArray, n2: FloatArray
) -> Fit | NotEstimable:
    """A note where the Mantel–Haenszel odds ratio lies on the other side of 1."""
    from dataclasses import replace

    from handful.stats.comparisons.mantel_haenszel import pool_mantel_haenszel

    if isinstance(fit, NotEstimable) or isinstance(fit.coefficient, NotEstimable):
        return fit
    other = pool_mantel_haenszel(x1, n1, x2, n2)
    if isinstance(other, NotEstimable) or isinstance(other.coefficient, NotEstimable):
        return fit
    if fit.coefficient * other.coefficient >= 0:
        return fit
    text = f"the Mantel–Haenszel odds ratio, {other.estimate:.3g}, lies on the other side of 1"
    return replace(fit, notes=(*fit.notes, Note("signs-differ", text)))
