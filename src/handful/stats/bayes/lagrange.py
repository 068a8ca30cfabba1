"""Interpolation on equally spaced points by polynomials through the nearest ones."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

SIZE = 12


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
