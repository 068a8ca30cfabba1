"""The posterior of the difference of two independent posteriors on one model scale."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.bayes.panels import NODES, WEIGHTS, fit_panels, graded_edges
from handful.stats.bayes.posterior import Posterior

FloatArray: TypeAlias = npt.NDArray[np.float64]

_SHARES = np.array(
    [1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, *np.linspace(0.01, 0.99, 33), 0.999, 0.9999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12]
)


def difference_of_independent(first: Posterior, second: Posterior) -> Posterior:
    """Density of A − B: ∫ f_A(d + x) f_B(x) dx, on pieces between the quantiles of B; on the log of the ratio where the
    model scale is a logit."""
    scale = "log" if first.scale == "logit" else first.scale
    a, b = first.on("model"), second.on("model")
    edges = np.unique(np.asarray(b.quantile(_SHARES)))
    half = np.diff(edges)[:, None] / 2
    x = ((edges[:-1, None] + half) + half * NODES).ravel()
    w = (half * WEIGHTS).ravel() * np.asarray(b.density(x))

    def density(d: FloatArray) -> FloatArray:
        out: FloatArray = np.asarray(a.density(d[:, None] + x)) @ w
        return out

    ends = np.asarray(a.quantile([1e-15, 1 - 1e-15]))
    low, high = float(ends[0] - edges[-1]), float(ends[1] - edges[0])
    middle = a.median - b.median
    spread = float(np.hypot(*(np.subtract(*p.quantile([0.84, 0.16])) / 2 for p in (a, b))))
    panels = fit_panels(density, graded_edges(low, high, middle, spread, 1.2), tolerance=1e-10)
    moments = (first.moments[0] and second.moments[0], first.moments[1] and second.moments[1])
    return Posterior(panels, "difference of two groups", scale, moments)
