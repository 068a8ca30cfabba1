"""Effects of two rates per person-time, with their sampling variances.

x1 events in the time T1 against x2 in T2; r = x/T.

====  ==============  ===================
IRR   log(r1/r2)      1/x1 + 1/x2
IRD   r1 − r2         x1/T1² + x2/T2²
IRSD  √r1 − √r2       1/(4 T1) + 1/(4 T2)
====  ==============  ===================

Reference: Rothman, Greenland, Lash 2008, Modern Epidemiology, ch. 14.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def rate_effects(
    x1: FloatArray, t1: FloatArray, x2: FloatArray, t2: FloatArray, measure: str
) -> tuple[FloatArray, FloatArray]:
    """y and v of ``measure``; not finite where the effect or its variance is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "IRR":
            return np.log((x1 / t1) / (x2 / t2)), 1 / x1 + 1 / x2
        if measure == "IRD":
            return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2
        return np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 0.25 / t1 + 0.25 / t2
