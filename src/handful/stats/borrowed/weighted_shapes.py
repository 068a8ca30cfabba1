"""A weighted mixture of distributions held in any form: what robust borrowing gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.panels import Panels
from handful.stats.bayes.posterior import Shape, Transformed
from handful.stats.borrowed.mixtures import root_of_mixture

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Weighted:
    """Σ_j weights_j times shape j, all on one scale."""

    weights: tuple[float, ...]
    shapes: tuple[Shape, ...]

    @property
    def support(self) -> tuple[float, float]:
        ends = [shape.support for shape in self.shapes]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def density(self, x: FloatArray) -> FloatArray:
        return self._sum([shape.density(x) for shape in self.shapes])

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.minimum(self._sum([shape.cdf(x) for shape in self.shapes]), 1.0)

    def survival(self, x: FloatArray) -> FloatArray:
        return np.minimum(self._sum([shape.survival(x) for shape in self.shapes]), 1.0)

    def quantile(self, q: FloatArray) -> FloatArray:
        inner = np.clip(q, 1e-300, 1 - 1e-16)
        own = np.stack([shape.quantile(inner) for shape in self.shapes])
        found = root_of_mixture(self, inner, own.min(axis=0), own.max(axis=0))
        low, high = self.support
        return np.where(q <= 0, low, np.where(q >= 1, high, found))

    def nodes(self) -> tuple[FloatArray, FloatArray]:
        pieces = []
        for weight, shape in zip(self.weights, self.shapes, strict=True):
            dense = Transformed(shape, _same, _same, np.ones_like) if isinstance(shape, Panels) else shape
            x, w = dense.nodes()
            pieces.append((x, weight * w / float(w.sum())))
        return np.concatenate([x for x, _ in pieces]), np.concatenate([w for _, w in pieces])

    def _sum(self, parts: list[FloatArray]) -> FloatArray:
        return np.asarray(sum(w * part for w, part in zip(self.weights, parts, strict=True)), dtype=float)


def weighted(parts: list[tuple[float, Shape]]) -> Shape:
    """The mixture of the parts that have weight; one part alone is that part."""
    used = [(w, shape) for w, shape in parts if w > 0]
    total = math.fsum(w for w, _ in used)
    if len(used) == 1:
        return used[0][1]
    return Weighted(tuple(w / total for w, _ in used), tuple(shape for _, shape in used))


def _same(x: FloatArray) -> FloatArray:
    return x
