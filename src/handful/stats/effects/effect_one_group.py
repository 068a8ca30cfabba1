"""Effects of one group's mean and standard deviation, with their sampling variances.

====  =================  ==============================
MN    m                  s²/n
MNLN  log m              s²/(n m²)
SMN   g = J(n − 1) m/s   1/n + g²/(2n)
SDLN  log s              1/(2(n − 1))
CVLN  log(s/m)           1/(2(n − 1)) + s²/(n m²)
====  =================  ==============================

``correct`` takes bias out: J for SMN, + 1/(2(n − 1)) for SDLN and CVLN. Proportions and rates of one group are in
``transforms.py``.

References: Nakagawa et al. 2015, 10.1111/2041-210X.12309; Raudenbush, Bryk 1987 (SDLN), 10.3102/10769986012003241.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.effects.small_sample_factor import small_sample_factor

FloatArray: TypeAlias = npt.NDArray[np.float64]


def one_mean_effects(
    n: FloatArray, mean: FloatArray, sd: FloatArray, measure: str, correct: bool
) -> tuple[FloatArray, FloatArray]:
    """y and v of ``measure``; not finite where the effect or its variance is not (no spread, a mean of 0 or below)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "MN":
            return mean, sd**2 / n
        if measure == "SMN":
            g = mean / sd * (small_sample_factor(n - 1) if correct else 1.0)
            return g, 1 / n + g**2 / (2 * n)
        half = np.where(n > 1, 0.5 / (n - 1), np.nan)
        bias = half if correct else 0.0
        if measure == "SDLN":
            return np.log(sd) + bias, half
        log_mean = np.where(mean > 0, np.log(np.abs(mean)), np.nan)
        of_mean = (sd / mean) ** 2 / n
        if measure == "MNLN":
            return log_mean, of_mean
        return np.log(sd) - log_mean + bias, half + of_mean
