"""The factor that takes the small-sample bias out of a standardised mean difference."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

# Γ(x + ½)/(√x Γ(x)) as a series in 1/x; at x = 50 the first term left out is below 1e-14
_SERIES = (1.0, -1 / 8, 1 / 128, 5 / 1024, -21 / 32768, -399 / 262144, 869 / 4194304, 39325 / 33554432)
_LARGE = 101.0
_FEW = 200


def small_sample_factor(df: npt.ArrayLike) -> FloatArray:
    """J(f) = Γ(f/2) / (√(f/2) Γ((f − 1)/2)), exact; NaN for f ≤ 1, where the mean of d does not exist.

    A standardised difference d with f degrees of freedom is too far from 0 on average by the factor 1/J; g = J d is
    unbiased (Hedges 1981, 10.3102/10769986006002107). The usual 1 − 3/(4f − 1) is an approximation to it.

    >>> small_sample_factor([4, 10]).round(4).tolist()
    [0.7979, 0.9227]
    """
    f = np.asarray(df, dtype=np.float64)
    x = 0.5 * (np.where(f > 1.0, f, 2.0) - 1.0)
    large = f >= _LARGE
    small_x = np.where(large, 1.0, x)
    ratio = np.exp(_log_gamma(small_x + 0.5) - _log_gamma(small_x)) / np.sqrt(small_x)
    inverse = 1.0 / x
    series = np.zeros_like(inverse)
    for coefficient in reversed(_SERIES):
        series = series * inverse + coefficient
    factor = np.where(large, series, ratio) * np.sqrt(2.0 * x / (2.0 * x + 1.0))
    return np.asarray(np.where(f > 1.0, factor, np.nan), dtype=np.float64)


def _log_gamma(x: FloatArray) -> FloatArray:
    """Few values one by one, since loading scipy would take longer; a column by scipy."""
    if x.size <= _FEW:
        return np.array([math.lgamma(value) for value in x.ravel().tolist()]).reshape(x.shape)
    from scipy.special import gammaln

    return np.asarray(gammaln(x), dtype=np.float64)
