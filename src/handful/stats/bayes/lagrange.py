"""Interpolation on equally spaced points by polynomials through the nearest ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

SIZE = 12
#: a table read through :class:`Cells` needs so many points beyond both ends of where it is read
MARGIN = SIZE // 2


def stencil(place: FloatArray, count: int, *, reflect: bool = False) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Indices and factors (points × 12): Σ factor · value[index] interpolates at ``place``, in units of the step.

    ``count`` points lie at 0, 1, …; with ``reflect`` the function continues evenly below 0. The polynomial has degree
    11 (less where there are fewer points), in barycentric form (Berrut & Trefethen 2004, 10.1137/S0036144502417715).
    """
    size = SIZE if reflect and count >= SIZE else min(SIZE, count)
    first = np.minimum(np.floor(place).astype(np.intp) - (size // 2 - 1), count - size)
    if not reflect:
        first = np.maximum(first, 0)
    nodes = np.arange(size)
    gaps = (place - first)[:, None] - nodes
    factorials = np.cumprod(np.concatenate([[1.0], np.arange(1, size)]))
    bary = (-1.0) ** (size - 1 - nodes) / (factorials * factorials[::-1])
    exact = gaps == 0
    terms = bary / np.where(exact, 1.0, gaps)
    factors = terms / terms.sum(axis=1, keepdims=True)
    hit = exact.any(axis=1)
    factors[hit] = exact[hit]
    index = first[:, None] + nodes
    return (np.abs(index) if reflect else index), factors


def interpolate(values: FloatArray, place: FloatArray) -> FloatArray:
    """Values known at 0, 1, …, read at ``place``."""
    index, factors = stencil(place, len(values))
    out: FloatArray = np.einsum("ij,ij->i", values[index], factors)
    return out


class Cells:
    """Rows of a table on equal steps as one polynomial of degree 11 for each cell, for reading very many places."""

    def __init__(self, values: FloatArray) -> None:
        windows = np.lib.stride_tricks.sliding_window_view(values, SIZE, axis=1)  # rows × cells × 12
        self.cells = windows.shape[1]
        self.coefficients = np.ascontiguousarray((windows @ _to_powers().T).reshape(-1, SIZE).T)

    def read(self, row: npt.NDArray[np.intp], place: FloatArray) -> FloatArray:
        """Values at ``place``, in steps from the first point; between MARGIN − 1 and the count less MARGIN."""
        cell = np.floor(place)
        t = place - cell
        t -= 0.5
        index = cell.astype(np.intp)
        index -= MARGIN - 1
        np.clip(index, 0, self.cells - 1, out=index)
        index += row * self.cells
        out: FloatArray = self.coefficients[-1][index]
        for coefficient in self.coefficients[-2::-1]:
            out *= t
            out += coefficient[index]
        return out


@lru_cache(maxsize=1)
def _to_powers() -> FloatArray:
    """Values at −5½ … 5½ → coefficients of 1, t, t² …: products of whole numbers, exact until the last division."""
    nodes = range(1 - SIZE, SIZE, 2)  # twice the places
    columns = []
    for own in nodes:
        powers, bottom = [1], 1
        for other in nodes:
            if other != own:
                powers = [a - other * b for a, b in zip([0, *powers], [*powers, 0], strict=True)]
                bottom *= own - other
        columns.append([2**k * p / bottom for k, p in enumerate(powers)])
    return np.array(columns).T
