"""Rows of counts and published estimates together: each study's limits are where its own likelihood has fallen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from handful.figures.scales import scale_of
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.estimates.meta_regression import quantile

if TYPE_CHECKING:
    from handful.figures.rows import Studies
    from handful.stats.bayes.likelihood_curves import LikelihoodCurve
    from handful.synthesis.combined import Combined

_FARTHEST = 60.0  # on a logit or log scale nothing is left beyond


def combined_studies(combined: Combined, level: float) -> Studies:
    """One row a study, on the natural scale of the measure; ``what`` it was made of stands beside it."""
    from handful.figures.rows import Row, Studies

    scale = scale_of(combined.measure)
    rows = []
    for label, curve in zip(combined.labels, combined.curves, strict=True):
        if curve.flat:
            rows.append(Row("study", label, (curve.what,), words="says nothing about this effect"))
            continue
        low, high = support(curve, level)
        estimate, low, high = (_natural(theta, curve.scale) for theta in (curve.mode, low, high))
        rows.append(Row("study", label, (curve.what,), estimate, low, high))
    return Studies(tuple(rows), ("made of",), scale, "where the likelihood has fallen by z²/2")


def support(curve: LikelihoodCurve, level: float) -> tuple[float, float]:
    """The θ at which the log-likelihood has fallen by z²/2 from its top; infinite where it never does."""
    form = shapes(curve.rows)
    floor = float(form.peak[0]) - 0.5 * quantile(math.inf, 0.5 + level / 2) ** 2
    inside = float(np.clip(form.mode[0], form.low[0], form.high[0]))
    step = float(form.grain[0]) or 1.0
    return _fallen(curve, inside, -step, floor), _fallen(curve, inside, step, floor)


def _fallen(curve: LikelihoodCurve, inside: float, step: float, floor: float) -> float:
    outside = inside + step
    while curve.log_likelihood(outside) > floor:
        step *= 2.0
        inside, outside = outside, outside + step
        if abs(step) > 64.0 * _FARTHEST:
            return math.copysign(math.inf, step)
    for _ in range(80):
        middle = 0.5 * (inside + outside)
        if curve.log_likelihood(middle) > floor:
            inside = middle
        else:
            outside = middle
    return 0.5 * (inside + outside)


def _natural(theta: float, scale: str) -> float:
    if scale == "log":
        return math.exp(theta) if theta < 709.0 else math.inf
    if scale == "logit":
        return 1.0 / (1.0 + math.exp(-theta)) if theta > -709.0 else 0.0
    return theta
