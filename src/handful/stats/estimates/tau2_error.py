"""Standard error of τ² by the estimator that gave it, for one mean.

Every moment estimator is a quadratic form y'My in the estimates, so its variance is 2 tr(MΣMΣ) with Σ = V + τ²I and
τ² put at its estimate: M = P₀/tr P₀ (DL), P₀/Σw (HS), (I − 11'/k)/(k − 1) (HE), τ₀² P/(k − 1) with P at the crude
spread τ₀² (SJ, which is taken as fixed). ML 2/Σw² and REML 2/tr PP invert the expected information; EB and PM use
Morris's form 2k²/(k − 1)/(Σw)² (Viechtbauer 2005, 10.3102/10769986030003261). These are first-order: limits of τ²
come from the Q-profile, not from these.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def tau2_standard_error(y: FloatArray, v: FloatArray, method: str, tau2: float) -> float:
    """The standard error of the estimate ``tau2`` by ``method``, k ≥ 2."""
    k = len(v)
    w = 1.0 / (v + tau2)
    s1 = float(w.sum())
    if method in ("EB", "PM"):
        return float(np.sqrt(2.0 * k * k / (k - 1))) / s1
    if method == "ML":
        return float(np.sqrt(2.0 / (w * w).sum()))
    if method == "REML":
        return float(np.sqrt(2.0 / _traces(w, np.ones(k), np.ones(k))))
    if method == "HE":
        return float(np.sqrt(2.0 * (_plain(v, v) + 2.0 * tau2 * _plain(v, 1.0) + tau2 * tau2 * (k - 1)))) / (k - 1)
    one = np.ones(k)
    if method == "SJ":
        start = float(((y - y.mean()) ** 2).sum()) / k
        w, scale = 1.0 / (v + start), start / (k - 1)
    else:  # DL, HS
        w = 1.0 / v
        s1 = float(w.sum())
        scale = 1.0 / (s1 - float((w * w).sum()) / s1) if method == "DL" else 1.0 / s1
    form = _traces(w, v, v) + 2.0 * tau2 * _traces(w, v, one) + tau2 * tau2 * _traces(w, one, one)
    return scale * float(np.sqrt(2.0 * form))


def _traces(w: FloatArray, a: FloatArray, b: FloatArray) -> float:
    """tr(P A P B) for diagonal A and B, with P = W − ww'/Σw."""
    s1 = w.sum()
    w2 = w * w
    return float((w2 * a * b).sum() - 2.0 * (w2 * w * a * b).sum() / s1 + (w2 * a).sum() * (w2 * b).sum() / (s1 * s1))


def _plain(a: FloatArray, b: FloatArray | float) -> float:
    """The same with P = I − 11'/k."""
    k = len(a)
    b = np.broadcast_to(np.asarray(b, dtype=np.float64), k)
    return float((a * b).sum() * (1.0 - 2.0 / k) + a.sum() * b.sum() / (k * k))
