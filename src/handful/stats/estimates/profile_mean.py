"""Profile-likelihood limits of the mean of normal estimates (Hardy & Thompson 1996).

l(μ) = max over τ² of Σ log N(y_i; μ, v_i + τ²). The limits are where 2 (l(μ̂) − l(μ)) reaches the χ² quantile with one
degree of freedom, so the uncertainty of τ² is in them. At each μ the highest top in τ² is taken and certified
(``tops.py``, with no column in the design).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.distributions.chi_squared import chi2_quantile
from handful.stats.estimates import tops
from handful.stats.estimates.between_study import falling_root
from handful.stats.estimates.ragged_kernels import Problems, log_likelihoods

FloatArray: TypeAlias = npt.NDArray[np.float64]


def mean_limits(y: FloatArray, v: FloatArray, mean: float, se: float, tau2: float, level: float) -> tuple[float, float]:
    """Both limits around the maximum-likelihood ``mean`` (with its ``tau2``); ``se`` is a first guess of the width."""
    top = float(_profile(y, v, np.array([mean]))[0])
    top = max(top, float(log_likelihoods(Problems((y - mean)[:, None], v[:, None], ()), np.array([tau2]), False)[0]))
    least = top - 0.5 * chi2_quantile(1.0 - level, 1)
    return mean - _reach(y, v, mean, -1.0, se, least), mean + _reach(y, v, mean, 1.0, se, least)


def _profile(y: FloatArray, v: FloatArray, means: FloatArray) -> FloatArray:
    many = Problems(y[:, None] - means[None, :], v[:, None], ())
    return log_likelihoods(many, tops.highest(many, restricted=False).tau2, restricted=False)


def _reach(y: FloatArray, v: FloatArray, mean: float, sign: float, se: float, least: float) -> float:
    """How far to go for the profile to fall to ``least``; where it crosses several times, the outermost crossing."""
    end = 4.0 * se
    while float(_profile(y, v, np.array([mean + sign * end]))[0]) > least:
        end *= 2.0
    steps = np.linspace(0.0, end, 33)
    inside = np.flatnonzero(_profile(y, v, mean + sign * steps) > least)
    at = int(inside[-1]) if inside.size else 0

    def above(step: float) -> float:
        return float(_profile(y, v, np.array([mean + sign * step]))[0]) - least

    return falling_root(above, float(steps[at]), float(steps[at + 1]))
