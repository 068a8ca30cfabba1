"""Posterior of the population average of a rate per person-time, E[e^θ] = e^(μ + τ²/2), on the log scale."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.panels import Panels, fit_panels, graded_edges
from handful.stats.bayes.posterior_columns import Columns
from handful.stats.bayes.posterior_densities import _centre, _mixture_of_columns, _tolerance

FloatArray: TypeAlias = npt.NDArray[np.float64]


def log_average_density(joint: Columns) -> Panels:
    """Each column of μ given τ, moved by τ²/2, then summed over τ."""
    used = [c for c in joint.columns if np.abs(c.weights).max() > 1e-17]
    shifts = [0.5 * c.tau * c.tau for c in used]
    centre = float(
        sum(float(c.weights @ c.mu) + shift * float(c.weights.sum()) for c, shift in zip(used, shifts, strict=True))
    )
    _, sd = _centre(joint)
    low = min(float(c.mu[0]) + shift for c, shift in zip(used, shifts, strict=True))
    high = max(float(c.mu[-1]) + shift for c, shift in zip(used, shifts, strict=True))

    def density(x: FloatArray) -> FloatArray:
        out = np.zeros_like(x)
        for column, shift in zip(used, shifts, strict=True):
            moved = x - shift
            inside = (moved > column.mu[0]) & (moved < column.mu[-1])
            if inside.any():
                out[inside] += _mixture_of_columns([column], moved[inside])
        return out

    return fit_panels(density, graded_edges(low, high, centre, sd, 1.2), tolerance=_tolerance(joint))
