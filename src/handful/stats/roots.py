"""Roots of many increasing functions at once: Newton's method that cannot leave its bracket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    #: (points, which rows they belong to) -> (values, derivatives)
    Rows: TypeAlias = npt.NDArray[np.intp]
    Function: TypeAlias = Callable[[Array, Rows], tuple[Array, Array]]


def increasing_root(function: Function, low: Array, high: Array, start: Array | None = None) -> Array:
    """The zero of each row's increasing ``function`` between ``low`` and ``high``, to the last few bits.

    ``function(t, rows)`` returns values and derivatives at ``t`` for the rows asked; finished rows are not asked again.
    A step that leaves the bracket, or a bracket that shrinks too slowly, is replaced by halving. The function may be
    flat or have kinks; if it does not change sign the nearer end is returned.
    """
    lo, hi = low.astype(np.float64, copy=True), high.astype(np.float64, copy=True)
    root = 0.5 * (lo + hi) if start is None else np.clip(start, lo, hi)
    rows = np.arange(root.size)
    last = hi - lo
    for iteration in range(200):
        t = root[rows]
        value, slope = function(t, rows)
        below = value < 0
        lo[rows[below]] = t[below]
        hi[rows[~below]] = t[~below]
        a, b = lo[rows], hi[rows]
        usable = (slope > 0) & np.isfinite(slope) & np.isfinite(value)
        step = np.where(usable, value, 0.0) / np.where(usable, slope, 1.0)
        new = t - step
        width = b - a
        outside = ~usable | (new <= a) | (new >= b)
        slow = (iteration >= 3) & (np.abs(step) > 0.5 * last[rows])
        new = np.where(outside | slow, 0.5 * (a + b), new)
        new = np.where(value == 0, t, new)
        last[rows] = np.abs(new - t)
        root[rows] = new
        # a Newton step this short leaves an error of about its square; halving must go on to the last bits
        scale = np.maximum(np.abs(new), np.finfo(np.float64).tiny)
        done = (value == 0) | (width <= 4e-16 * scale) | (~(outside | slow) & (last[rows] <= 1e-11 * scale))
        rows = rows[~done]
        if rows.size == 0:
            break
    return root
