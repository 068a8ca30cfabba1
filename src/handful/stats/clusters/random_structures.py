"""How the effects of one cluster may vary together: each structure is a smooth map from free parameters to G.

G is the covariance of the m effects (one for each outcome; m = 1 for an effect that a cluster simply has). Standard
deviations are parameters with either sign, a correlation is the sine of an angle, so every parameter is free and G is
positive semidefinite throughout; what lies on the edge (a variance of 0, a correlation of ±1) is a point like others.

ID    G = s² I                                          CS    G = s² (ρ everywhere, 1 on the diagonal)
DIAG  G = diag(s_a²)                                    HCS   G_ab = s_a s_b ρ
UN    any; the angle of HCS for m = 2, a triangular factor for m > 2
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice

FloatArray: TypeAlias = npt.NDArray[np.float64]

STRUCTURES = ("UN", "HCS", "CS", "DIAG", "ID")


@dataclass(frozen=True)
class Structure:
    """A covariance of ``size`` effects, by the field's code."""

    kind: str
    size: int

    def __post_init__(self) -> None:
        if self.kind not in STRUCTURES:
            raise UnknownChoice("structure", self.kind, STRUCTURES)

    @property
    def triangular(self) -> bool:
        return self.kind == "UN" and self.size > 2

    @property
    def deviations(self) -> int:
        """How many standard deviations it has."""
        return 1 if self.kind in ("ID", "CS") or self.size == 1 else self.size

    @property
    def correlated(self) -> bool:
        return self.kind in ("UN", "HCS", "CS") and self.size > 1

    @property
    def parameters(self) -> int:
        if self.triangular:
            return self.size * (self.size + 1) // 2
        return self.deviations + (1 if self.correlated else 0)

    @property
    def lowest_correlation(self) -> float:
        """Below this one value for all pairs is not a correlation matrix."""
        return -1.0 / (self.size - 1)

    def matrix(self, theta: FloatArray) -> FloatArray:
        """G at these parameters."""
        if self.triangular:
            factor = np.zeros((self.size, self.size))
            factor[np.tril_indices(self.size)] = theta
            return factor @ factor.T
        s = np.broadcast_to(theta[: self.deviations], self.size)
        correlation = np.eye(self.size)
        if self.correlated:
            correlation = correlation + self.correlation(float(theta[-1])) * (1.0 - np.eye(self.size))
        return np.asarray(correlation * np.outer(s, s), dtype=np.float64)

    def correlation(self, angle: float) -> float:
        low = self.lowest_correlation
        return 0.5 * (1.0 + low) + 0.5 * (1.0 - low) * float(np.sin(angle))

    def angle(self, correlation: float) -> float:
        low = self.lowest_correlation
        return float(np.arcsin(np.clip((2.0 * correlation - 1.0 - low) / (1.0 - low), -1.0, 1.0)))

    def start(self, deviation: float, correlation: float) -> FloatArray:
        """Parameters where all standard deviations are the same."""
        if self.triangular:
            whole = np.full((self.size, self.size), max(correlation, 0.0)) + (1.0 - max(correlation, 0.0)) * np.eye(
                self.size
            )
            return np.asarray(deviation * np.linalg.cholesky(whole)[np.tril_indices(self.size)], dtype=np.float64)
        ends = [self.angle(max(correlation, 0.9 * self.lowest_correlation))] if self.correlated else []
        return np.array([deviation] * self.deviations + ends)

    def coefficients(self, theta: FloatArray) -> FloatArray:
        """The entries of G that multiply ``patterns``, row by row of the lower triangle."""
        return self.matrix(theta)[np.tril_indices(self.size)]

    def jacobian(self, theta: FloatArray) -> FloatArray:
        """Derivatives of ``coefficients`` by the parameters, shape (coefficients, parameters)."""
        rows, columns = np.tril_indices(self.size)
        out = np.zeros((len(rows), self.parameters))
        if self.triangular:
            factor = np.zeros((self.size, self.size))
            factor[rows, columns] = theta
            for j, (a, b) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
                change = np.zeros((self.size, self.size))
                change[a, :] += factor[:, b]
                change[:, a] += factor[:, b]
                out[:, j] = change[rows, columns]
            return out
        s = np.broadcast_to(theta[: self.deviations], self.size)
        correlation = np.eye(self.size)
        if self.correlated:
            rho = self.correlation(float(theta[-1]))
            correlation = correlation + rho * (1.0 - np.eye(self.size))
            slope = 0.5 * (1.0 - self.lowest_correlation) * float(np.cos(theta[-1]))
            out[:, -1] = (slope * np.outer(s, s) * (1.0 - np.eye(self.size)))[rows, columns]
        for a in range(self.size):
            change = np.zeros((self.size, self.size))
            change[a, :] += correlation[a, :] * s
            change[:, a] += correlation[:, a] * s
            out[:, a if self.deviations > 1 else 0] += change[rows, columns]
        return out


def patterns_of(levels: npt.NDArray[np.int64], clusters: npt.NDArray[np.int64], size: int) -> list[FloatArray]:
    """Pattern matrices (k, k) of the lower triangle of G: ones where a pair of a cluster has these two levels."""
    same = clusters[:, None] == clusters[None, :]
    out = []
    for a, b in zip(*np.tril_indices(size), strict=True):
        pair = (levels[:, None] == a) & (levels[None, :] == b)
        out.append(np.asarray(same & (pair | pair.T), dtype=np.float64))
    return out
