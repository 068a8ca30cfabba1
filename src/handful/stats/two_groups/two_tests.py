"""The tests of two proportions by name: unconditional exact, given the margins, and approximate.

Each function takes x1, n1, x2, n2 (flat arrays, n >= 1) and the alternative, and returns p-values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import special

from handful.stats.checked import distinct
from handful.stats.two_groups.conditional_odds import fisher_p
from handful.stats.two_groups.exact_tests import unconditional_p

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Test: TypeAlias = Callable[[Array, Array, Array, Array, str], Array]


def _unconditional(order: str) -> Test:
    def test(x1: Array, n1: Array, x2: Array, n2: Array, alternative: str) -> Array:
        return unconditional_p(x1, n1, x2, n2, order=order, alternative=alternative)

    return test


def _boschloo_central(x1: Array, n1: Array, x2: Array, n2: Array, alternative: str) -> Array:
    if alternative != "two-sided":
        return unconditional_p(x1, n1, x2, n2, order="boschloo", alternative=alternative)
    greater = unconditional_p(x1, n1, x2, n2, order="boschloo", alternative="greater")
    less = unconditional_p(x1, n1, x2, n2, order="boschloo", alternative="less")
    p: Array = np.minimum(2 * np.minimum(greater, less), 1.0)
    return p


def _fisher(kind: str, mid: bool) -> Test:
    def test(x1: Array, n1: Array, x2: Array, n2: Array, alternative: str) -> Array:
        once, back = distinct(x1, n1, x2, n2)
        return fisher_p(once[0], once[1], once[2], once[3], alternative=alternative, kind=kind, mid=mid)[back]

    return test


def _z(x1: Array, n1: Array, x2: Array, n2: Array, correction: bool = False) -> Array:
    """The pooled z statistic; 0 where there are no events, or no non-events."""
    total, s = n1 + n2, x1 + x2
    pooled = s * (total - s) / total**2
    difference = x1 / n1 - x2 / n2
    if correction:
        difference = np.sign(difference) * np.maximum(np.abs(difference) - 0.5 * (1 / n1 + 1 / n2), 0)
    spread = np.sqrt(pooled * (1 / n1 + 1 / n2))
    return np.divide(difference, spread, out=np.zeros(s.size), where=spread > 0)


def _from_z(z: Array, alternative: str) -> Array:
    if alternative == "two-sided":
        p: Array = 2 * special.ndtr(-np.abs(z))
    else:
        p = special.ndtr(-z if alternative == "greater" else z)
    return p


def _score(x1: Array, n1: Array, x2: Array, n2: Array, alternative: str) -> Array:
    total = n1 + n2
    return _from_z(_z(x1, n1, x2, n2) * np.sqrt((total - 1) / total), alternative)


def _chi_squared(x1: Array, n1: Array, x2: Array, n2: Array, alternative: str) -> Array:
    return _from_z(_z(x1, n1, x2, n2), alternative)


def _chi_squared_yates(x1: Array, n1: Array, x2: Array, n2: Array, alternative: str) -> Array:
    return _from_z(_z(x1, n1, x2, n2, correction=True), alternative)


TESTS: dict[str, Test] = {
    "boschloo": _unconditional("boschloo"),
    "boschloo-central": _boschloo_central,
    "barnard": _unconditional("barnard"),
    "barnard-unpooled": _unconditional("barnard-unpooled"),
    "fisher": _fisher("minlike", False),
    "fisher-mid-p": _fisher("minlike", True),
    "fisher-central": _fisher("central", False),
    "fisher-central-mid-p": _fisher("central", True),
    "fisher-blaker": _fisher("blaker", False),
    "score": _score,
    "chi-squared": _chi_squared,
    "chi-squared-yates": _chi_squared_yates,
}
