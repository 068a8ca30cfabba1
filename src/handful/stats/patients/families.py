"""Yes-or-no outcomes and numbers of events, as what the one-stage likelihood needs of them.

In a cell with linear predictor η the log-likelihood is y η − n b(η) (up to a constant without parameters), so its first
two derivatives are y − n b'(η) and −n b''(η).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Three: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class Family:
    """``b`` gives b(η), b'(η), b''(η); ``ratio`` is what the exponential of a coefficient is called."""

    name: str
    ratio: str
    b: Callable[[FloatArray], Three]
    scale: Callable[[float], float]


def _logistic(eta: FloatArray) -> Three:
    e = np.exp(-np.abs(eta))
    inverse = 1.0 / (1.0 + e)
    small = e * inverse
    return np.log1p(e) + np.maximum(eta, 0.0), np.where(eta >= 0.0, inverse, small), small * inverse


def _exponential(eta: FloatArray) -> Three:
    mean = np.exp(np.minimum(eta, 700.0))
    return mean, mean, mean


LOGISTIC = Family("logistic", "odds ratio", _logistic, lambda p: float(np.log(p / (1.0 - p))))
POISSON = Family("Poisson", "rate ratio", _exponential, lambda rate: float(np.log(rate)))
