"""Columns as functions: Σ_j p(x | τ_j) w_j by the cardinal (sinc) series of each column, all columns at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.posterior_columns import Column

FloatArray: TypeAlias = npt.NDArray[np.float64]

LARGEST = 400_000  # numbers of one block of work


class Series:
    """Σ_j p(x | τ_j) w_j; 0 outside a column's reach."""

    def __init__(self, columns: Sequence[Column]) -> None:
        sizes = [len(c.mu) for c in columns]
        self.longest = max(sizes, default=0)
        self.start = np.array([c.mu[0] for c in columns])[:, None]
        self.step = np.array([c.step for c in columns])[:, None]
        self.last = np.array(sizes, dtype=float)[:, None] - 1
        self.weights = np.zeros((len(columns), self.longest))
        for row, column in zip(self.weights, columns, strict=True):
            row[: len(column.weights)] = column.weights
        self.alternating = self.weights * (-1.0) ** np.arange(self.longest)
        self.alternating *= 1 / (math.pi * self.step)
        self.index = np.arange(self.longest, dtype=float)

    @property
    def span(self) -> tuple[float, float]:
        """From the lowest to the highest x that any column reaches."""
        return float(self.start.min()), float((self.start + self.step * self.last).max())

    @property
    def most(self) -> int:
        """How many points may be asked for at a time, to bound the memory."""
        return max(1, LARGEST // max(1, len(self.start) * self.longest))

    def __call__(self, x: FloatArray) -> FloatArray:
        if self.longest == 0:
            return np.zeros_like(x)
        out = np.empty_like(x)
        most = self.most
        for first in range(0, len(x), most):
            out[first : first + most] = self.each(x[first : first + most]).sum(axis=0)
        return out

    def each(self, x: FloatArray) -> FloatArray:
        """Every column's own part at x of shape (points) or (columns, points)."""
        place = (x - self.start) / self.step
        inside = (place >= 0) & (place <= self.last)
        place[~inside] = 0.5
        nearest = np.rint(place)
        rest = place - nearest
        on = np.abs(rest) < 1e-9
        some = bool(on.any())
        if some:
            row = np.nonzero(on)[0]
            own = self.weights[row, np.minimum(nearest[on], self.last[row, 0]).astype(np.intp)] / self.step[row, 0]
            place[on] = 0.5
        gaps = np.subtract(place[:, :, None], self.index)
        np.reciprocal(gaps, out=gaps)
        series = np.matmul(gaps, self.alternating[:, :, None])[:, :, 0]
        rest *= math.pi
        series *= np.sin(rest, out=rest)
        np.negative(series, out=series, where=nearest % 2 != 0)
        if some:
            series[on] = own
        series[~inside] = 0.0
        return np.asarray(series)
