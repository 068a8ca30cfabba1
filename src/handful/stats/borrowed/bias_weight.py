"""Non-randomised estimates beside randomised ones: trusted less, or moved by an allowance for bias.

- **Down-weighting** (Efthimiou et al. 2017, 10.1002/sim.7223): the variance of a non-randomised estimate is
  divided by w, 0 < w ≤ 1. At w = 1 designs are pooled as equals; as w → 0 only the randomised studies speak.
- **Additive bias** (Turner et al. 2009, 10.1111/j.1467-985X.2008.00547.x): y estimates θ + δ, δ ~ N(b, s²), so
  y − b has variance v + s². However large the study, its weight never exceeds 1/s².
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.priors import Normal

FloatArray: TypeAlias = npt.NDArray[np.float64]


def down_weighted(yi: Any, vi: Any, weight: float) -> tuple[FloatArray, FloatArray]:
    """Estimates and variances with every variance divided by ``weight``.

    >>> down_weighted([0.4], [0.05], 0.25)[1].tolist()
    [0.2]
    """
    if not (0 < weight <= 1 and math.isfinite(weight)):
        raise InputError(f"weight={weight!r}", hint="above 0 and at most 1; 0 is method='none'")
    return np.asarray(yi, dtype=float), np.asarray(vi, dtype=float) / weight


def allowing_for_bias(yi: Any, vi: Any, bias: Normal) -> tuple[FloatArray, FloatArray]:
    """Estimates less the expected bias, variances plus its variance; each study has a bias of its own.

    >>> y, v = allowing_for_bias([0.4], [0.05], Normal(0.1, 0.2))
    >>> round(float(y[0]), 12), round(float(v[0]), 12)
    (0.3, 0.09)
    """
    if not isinstance(bias, Normal):
        raise InputError(f"bias={bias!r}", hint="hf.Normal(mean, sd) on the model scale")
    return np.asarray(yi, dtype=float) - bias.mean, np.asarray(vi, dtype=float) + bias.sd**2
