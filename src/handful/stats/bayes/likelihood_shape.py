"""Where a log-likelihood curve lives: its top, how fine it is, how far it reaches, where it stays flat."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.curve_rows import CurveRows, MixedCurves
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves

FloatArray: TypeAlias = npt.NDArray[np.float64]

#: a curve is followed down to exp(-DROP) of its top
DROP = 60.0
_TOGETHER = 8
#: curves with their nearest singularity at ±iπ (all that are made of counts) are never finer than this
_COUNT_GRAIN = 1.2


@dataclass(frozen=True, eq=False)
class Shapes:
    """One value a row. ``left`` and ``right`` are the limits far out: −inf, or the height at which it stays flat."""

    peak: FloatArray  # the highest log-likelihood (its supremum for one-sided curves)
    mode: FloatArray  # where; ±inf for one-sided curves
    grain: FloatArray  # the length over which the curve must be resolved
    low: FloatArray  # from here ...
    high: FloatArray  # ... to here the curve is neither negligible nor flat
    left: FloatArray
    right: FloatArray

    def take(self, rows: npt.NDArray[np.intp]) -> Shapes:
        """The chosen rows."""
        return Shapes(*(getattr(self, f.name)[rows] for f in fields(self)))

    @property
    def one_sided(self) -> npt.NDArray[np.bool_]:
        return np.isfinite(self.left) ^ np.isfinite(self.right)

    @property
    def flat(self) -> npt.NDArray[np.bool_]:
        return np.isfinite(self.left) & np.isfinite(self.right)

    @property
    def proper(self) -> npt.NDArray[np.bool_]:
        """The curve falls to both sides, so its effect would be estimable alone."""
        return np.isneginf(self.left) & np.isneginf(self.right)


def limits(curves: CurveRows) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood far to the left and far to the right, −inf where it falls for ever."""
    if isinstance(curves, BinomialCurves):
        left = np.where(curves.x == 0, curves.constant, -np.inf)
        return left, np.where(curves.x == curves.n, curves.constant, -np.inf)
    if isinstance(curves, PoissonCurves):
        left = np.where(curves.x == 0, curves.constant, -np.inf)
        return left, np.where(curves.t == 0, curves.constant, -np.inf)
    if isinstance(curves, MixedCurves):
        both = np.empty((2, len(curves)))
        for here, part in curves.groups():
            both[:, here] = limits(part)
        return both[0], both[1]
    own: Any = curves
    left, right = own.limits()
    return left, right


def shapes(curves: CurveRows) -> Shapes:
    """Find all of it numerically, rows together; concavity makes each search safe. Found once for each set of rows."""
    kept = getattr(curves, "__dict__", None)  # rows are frozen, so what was found stays true
    if kept is None:
        return _shapes(curves)
    if "_shapes" not in kept:
        kept["_shapes"] = _shapes(curves)
    found: Shapes = kept["_shapes"]
    return found


def _shapes(curves: CurveRows) -> Shapes:
    if isinstance(curves, MixedCurves):
        parts = [(here, shapes(part)) for here, part in curves.groups()]
        out = {f.name: np.empty(len(curves)) for f in fields(Shapes)}
        for here, part in parts:
            for name, column in out.items():
                column[here] = getattr(part, name)
        return Shapes(**out)
    left, right = limits(curves)
    k = len(curves)
    flat = np.isfinite(left) & np.isfinite(right)
    two_sided = np.isneginf(left) & np.isneginf(right)
    mode = np.where(flat, 0.0, np.where(np.isfinite(left), -np.inf, np.inf))
    own_mode = getattr(curves, "modes", None)
    if own_mode is not None:
        found = np.asarray(own_mode(), dtype=float)
    elif isinstance(curves, BinomialCurves):
        inside = two_sided
        found = np.log(np.where(inside, curves.x, 1.0)) - np.log(np.where(inside, curves.n - curves.x, 1.0))
    elif isinstance(curves, PoissonCurves):
        found = np.log(np.where(two_sided, curves.x, 1.0)) - np.log(np.where(curves.t > 0, curves.t, 1.0))
    else:
        found = _tops(curves)
    mode = np.where(two_sided, found, mode)
    start = np.where(two_sided, mode, 0.0)
    value, _, bend = curves.slopes(start)
    peak = np.where(two_sided, value, np.fmax(left, right))
    own_grain = getattr(curves, "grains", None)
    cap = np.full(k, _COUNT_GRAIN) if own_grain is None else np.asarray(own_grain(), dtype=float)
    curvature = np.where(two_sided, np.maximum(-bend, 1e-300), 1e-300)
    sd = 1 / np.sqrt(curvature)
    grain = np.where(two_sided, np.minimum(sd, cap), cap)
    unit = np.where(two_sided, np.minimum(sd, 4 * cap), cap)
    low = _reach(curves, start, -unit, peak, left)
    high = _reach(curves, start, unit, peak, right)
    return Shapes(peak, mode, grain, low, high, left, right)


def _reach(curves: CurveRows, start: FloatArray, unit: FloatArray, peak: FloatArray, limit: FloatArray) -> FloatArray:
    """Walk outwards until the curve has fallen by DROP, or lies within rounding of the height at which it stays."""
    flat = np.isfinite(limit)
    settled = np.where(flat, 1e-17 + 8 * np.finfo(float).eps * np.abs(np.where(flat, limit, 0.0)), 0.0)
    found = np.full_like(start, np.nan)
    distance, step, growth = np.ones_like(start), np.full_like(start, 2.0), np.where(flat, 1.05, 1.25)
    steps = np.arange(_TOGETHER)
    for _ in range(0, 400, _TOGETHER):
        # distance + step (1 + g + g² + …): some at a time, for a call costs more than its points
        several = distance[:, None] + step[:, None] * (growth[:, None] ** steps - 1) / (growth[:, None] - 1)
        value = curves.value(start[:, None] + unit[:, None] * several)
        with np.errstate(invalid="ignore"):
            arrived = np.where(
                flat[:, None], np.abs(value - limit[:, None]) <= settled[:, None], value <= peak[:, None] - DROP
            )
        first = several[np.arange(len(start)), arrived.argmax(axis=1)]
        found = np.where(np.isnan(found) & arrived.any(axis=1), first, found)
        distance = several[:, -1] + step * growth ** (_TOGETHER - 1)
        step = step * growth**_TOGETHER
        if not np.isnan(found).any():
            break
    return np.asarray(start + unit * np.where(np.isnan(found), distance, found))


def _tops(curves: CurveRows) -> FloatArray:
    """Where concave rows are highest: the bracket grows until the slope changes sign, then bisection."""
    k = len(curves)
    low, high = np.full(k, -1.0), np.full(k, 1.0)
    for _ in range(12):
        low = np.where(curves.slopes(low)[1] > 0, low, 2 * low)
        high = np.where(curves.slopes(high)[1] < 0, high, 2 * high)
    for _ in range(60):
        middle = 0.5 * (low + high)
        rising = curves.slopes(middle)[1] > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.asarray(0.5 * (low + high))
