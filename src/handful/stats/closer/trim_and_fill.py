"""Trim and fill: how many studies would a symmetric funnel lack, and what would they do to the mean?

The estimates, mirrored so that the missing side is on the left and ordered, are trimmed by the k₀ largest and the model
fitted to the rest, until k₀ is stable; then the trimmed ones are mirrored about that mean (Duval & Tweedie 2000a,
10.1111/j.0006-341X.2000.00455.x; 2000b, 10.1080/01621459.2000.10473905). With r the ranks of |y − μ̂|, S the sum of
those on the larger side and γ the length of the run of largest ranks on it:

    R0 = γ − 1        L0 = (4 S − k (k + 1)) / (2 k − 1)        Q0 = k − ½ − √(2 k² − 4 S + ¼)

It assumes that asymmetry is suppression of the most extreme results, and nothing else: a sensitivity analysis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

ESTIMATORS = ("L0", "R0", "Q0")


@dataclass(frozen=True, eq=False)
class Trimmed:
    """k₀, its standard error (nan where the formula has none), R0's p value (else nan), and the mirrored estimates."""

    k0: int
    se: float
    p: float
    filled_y: FloatArray
    filled_v: FloatArray
    mirrored: tuple[int, ...]
    rounds: int


def trim(
    y: FloatArray, v: FloatArray, mean_of: Callable[[FloatArray, FloatArray], float], estimator: str, side: str
) -> Trimmed | str:
    """For y, v (k,); ``mean_of(y, v)`` is the model's mean, ``side`` where studies are missing; in words, why not."""
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    values, variances = sign * y[order], v[order]
    k = len(y)
    k0, before, mean, raw, rounds = 0, -1, 0.0, 0.0, 0
    s = 0.0
    while k0 != before and rounds < 100:
        before, rounds = k0, rounds + 1
        mean = mean_of(sign * values[: k - k0], variances[: k - k0]) * sign
        centred = values - mean
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, k + 1)
        s = float(ranks[centred > 0].sum())
        if estimator == "R0":
            smaller = ranks[centred < 0]
            raw = k - (float(smaller.max()) if smaller.size else 0.0) - 1.0
        elif estimator == "L0":
            raw = (4.0 * s - k * (k + 1)) / (2 * k - 1)
        else:
            inside = 2.0 * k * k - 4.0 * s + 0.25
            if inside < 0:
                return "Q0 does not exist for so lopsided a set: its formula takes the root of a negative number"
            raw = k - 0.5 - math.sqrt(inside)
        k0 = max(0, round(raw))
        if k0 >= k - 1:
            return f"{estimator} would trim {k0} of {k} studies, so no mean is left"
    if k0 != before:
        return f"{estimator} does not settle: it goes round between numbers of studies to trim"
    top = np.arange(k - k0, k)
    return Trimmed(
        k0,
        _error(estimator, raw, k),
        0.5 ** (k0 + 1) if estimator == "R0" else math.nan,
        sign * (2.0 * mean - values[top]),
        variances[top],
        tuple(int(i) for i in order[top]),
        rounds,
    )


def _error(estimator: str, raw: float, k: int) -> float:
    """Standard error of the number; nan where the variance formula is negative."""
    if estimator == "R0":
        return math.sqrt(2.0 * max(0.0, raw) + 2.0)
    variance = (
        k * (k + 1) * (2 * k + 1)
        + 10 * raw**3
        + 27 * raw**2
        + 17 * raw
        - 18 * k * raw**2
        - 18 * k * raw
        + 6 * k * k * raw
    ) / 24.0
    if variance < 0:
        return math.nan
    if estimator == "L0":
        return 4.0 * math.sqrt(variance) / (2 * k - 1)
    inside = (k - 0.5) ** 2 - raw * (2 * k - raw - 1)
    return 2.0 * math.sqrt(variance) / math.sqrt(inside) if inside > 0 else math.nan
