"""Are more studies significant than their power lets one expect?

Ioannidis & Trikalinos 2007, 10.1177/1740774507077441.

With θ̂ the common effect taken as true, study i is significant with probability π_i = P(|N(θ̂/√v_i, 1)| > z). The number
observed is compared with Σπ: exactly (a sum of Bernoulli variables with these π), or by (O − E)²/E + (O − E)²/(k − E).
One-sided: only an excess counts. Heterogeneity makes an excess too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.normal import normal_quantile
from handful.stats.fit_text import number, plain
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

TESTS = ("exact", "chi-squared")


@dataclass(frozen=True)
class ExcessSignificance:
    """``observed`` significant studies against ``expected``, each study's ``power``, and the one-sided ``p``."""

    observed: int
    expected: float
    p: float
    power: tuple[float, ...]
    effect: float
    test: str
    statistic: float | NotEstimable
    k: int

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}

    def __str__(self) -> str:
        return f"{self.observed} of {self.k} significant, {number(self.expected)} expected; p = {number(self.p)}"


def excess_significance_of(
    y: FloatArray, v: FloatArray, *, test: str = "exact", alpha: float = 0.05
) -> ExcessSignificance | NotEstimable:
    """For y, v of shape (k,); ``alpha`` is the two-sided level at which a study counts as significant."""
    from scipy.special import ndtr

    if test not in TESTS:
        raise UnknownChoice("test", test, TESTS)
    k = len(y)
    if k < 2:
        return NotEstimable("one study is significant or not; there is no number to compare")
    w = 1.0 / v
    effect = float(w @ y) / float(w.sum())
    critical = normal_quantile(alpha / 2.0)
    shift = effect / np.sqrt(v)
    power = np.asarray(ndtr(shift - critical) + ndtr(-shift - critical), dtype=np.float64)
    observed = int((np.abs(y) / np.sqrt(v) >= critical).sum())
    expected = float(power.sum())
    statistic: float | NotEstimable = NotEstimable("the exact test has none")
    if test == "exact":
        chances = np.ones(1)
        for p in power.tolist():
            chances = np.convolve(chances, [1.0 - p, p])
        found = min(1.0, float(chances[observed:].sum()))
    else:
        value = (observed - expected) ** 2 * (1.0 / expected + 1.0 / (k - expected))
        half = 0.5 * chi2_above(value, 1)
        found, statistic = half if observed >= expected else 1.0 - half, value
    return ExcessSignificance(observed, expected, found, tuple(power.tolist()), effect, test, statistic, k)
