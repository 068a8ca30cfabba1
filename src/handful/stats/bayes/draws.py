"""A distribution known from draws: the same questions as of an exact one, answered to within Monte Carlo error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of one number, at least two. ``floor`` is an end the number cannot pass, such as 0 for τ."""

    values: FloatArray
    floor: float = -math.inf

    @cached_property
    def _sorted(self) -> FloatArray:
        return np.sort(self.values)

    @property
    def support(self) -> tuple[float, float]:
        return float(self._sorted[0]), float(self._sorted[-1])

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.searchsorted(self._sorted, x, side="right") / len(self.values))

    def survival(self, x: FloatArray) -> FloatArray:
        return np.asarray(1.0 - np.searchsorted(self._sorted, x, side="right") / len(self.values))

    def quantile(self, q: FloatArray) -> FloatArray:
        return np.asarray(np.quantile(self._sorted, q))

    def density(self, x: FloatArray) -> FloatArray:
        """A Gaussian kernel of Silverman's width; what it lays beyond the floor is folded back."""
        s = self._sorted
        spread = min(float(s.std()), float(np.subtract(*np.quantile(s, [0.75, 0.25]))) / 1.349) or float(s.std())
        width = 0.9 * spread * len(s) ** -0.2
        if width == 0.0:
            return np.where(x == s[0], np.inf, 0.0)
        out = _kernel(s, x, width)
        if math.isfinite(self.floor):
            out = np.where(x < self.floor, 0.0, out + _kernel(s, 2 * self.floor - x, width))
        return np.asarray(out)

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        return self._sorted, np.full(len(self.values), 1.0 / len(self.values))


def _kernel(draws: FloatArray, x: FloatArray, width: float) -> FloatArray:
    out = np.empty(len(x))
    for i, value in enumerate(x):
        near = draws[np.searchsorted(draws, value - 8 * width) : np.searchsorted(draws, value + 8 * width)]
        z = (near - value) / width
        out[i] = np.exp(-0.5 * z * z).sum()
    return np.asarray(out / (len(draws) * width * math.sqrt(2 * math.pi)))
