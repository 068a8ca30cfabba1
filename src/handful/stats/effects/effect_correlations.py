"""A correlation r of n pairs on the scale of r, unbiased, and on Fisher's z.

====  =============================  ===================================================================
COR   r                              (1 − r²)²/(n − 1)
UCOR  G = r F(½, ½; (n − 2)/2; 1 − r²)   (1 − G²)²/(n − 1); ``vtype="UB"``: G² − (estimate of ρ²)
ZCOR  atanh r                        1/(n − 3)
====  =============================  ===================================================================

F is the hypergeometric function ₂F₁. The unbiased estimate of ρ² is 1 − (n − 3)/(n − 2) (1 − r²) F(1, 1; n/2; 1 − r²).
``vtype="AV"`` (COR): every study's variance from one correlation, the average of all weighted by n.

References: Fisher 1921 (z); Olkin, Pratt 1958 (G), 10.1214/aoms/1177706717; Hedges 1989 (its variance),
10.1037/0021-9010.74.3.469.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def correlation_effects(r: FloatArray, n: FloatArray, measure: str, vtype: str) -> tuple[FloatArray, FloatArray]:
    """y and v of ``measure``; not finite where n is too small (COR: 2 pairs, ZCOR: 4, UCOR: 5) or |r| = 1 on z."""
    from scipy.special import hyp2f1

    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "ZCOR":
            return np.arctanh(r), np.where(n > 3, 1 / (n - 3), np.nan)
        if measure == "COR":
            centre = (n * r).sum() / n.sum() if vtype == "AV" else r
            return r, np.where(n > 1, (1 - centre**2) ** 2 / (n - 1), np.nan)
        enough, rest = n > 4, (1 - r) * (1 + r)
        size = np.where(enough, n, 5.0)
        g = np.where(enough, r * hyp2f1(0.5, 0.5, 0.5 * (size - 2), rest), np.nan)
        if vtype == "UB":
            square = 1 - (size - 3) / (size - 2) * rest * hyp2f1(1.0, 1.0, 0.5 * size, rest)
            return g, g**2 - square
        return g, (1 - g**2) ** 2 / (n - 1)
