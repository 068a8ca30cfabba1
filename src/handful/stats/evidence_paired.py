"""Evidence in pairs: correlations, and one group measured twice. Frozen arrays, as in ``evidence.py``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from handful.stats.columns import ArrayLike, Columns, FloatArray, IntArray, frozen, whole


@dataclass(frozen=True, eq=False)
class Correlations:
    """The correlation ``r[i]`` of ``n[i]`` pairs of measurements in study i."""

    r: FloatArray
    n: IntArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class PrePost:
    """One group of ``n[i]`` people measured twice (or n matched pairs): both means and standard deviations, and the
    correlation ``r[i]`` between the two measurements. Effects are first minus second."""

    n: IntArray
    mean1: FloatArray
    sd1: FloatArray
    mean2: FloatArray
    sd2: FloatArray
    r: FloatArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


def correlations(r: ArrayLike, n: ArrayLike, labels: Iterable[object] | None = None) -> Correlations:
    """Correlations with the number of pairs behind each, one row a study.

    Array-likes of one length. Raises ``InputError`` naming every row with |r| > 1, a size that is no whole number of
    at least 0, or something missing.

    >>> len(correlations([0.57, -0.1], [13, 28]))
    2
    """
    table = Columns("correlations", labels, r=r, n=n)
    x, size = table.numbers("r"), table.counts("n")
    _within_one(table, x)
    table.finish()
    return Correlations(frozen(x), whole(size), table.labels)


def pre_post(
    n: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    r: ArrayLike,
    labels: Iterable[object] | None = None,
) -> PrePost:
    """One group measured twice, one row a study; effects are the first measurement minus the second.

    Give the later measurement first if a rise is to be positive. ``r``, the correlation between the measurements, is
    seldom reported: ``handful.stats.conversions.correlation_from_change`` finds it from the standard deviation of
    the changes. Raises ``InputError`` naming every bad row (sizes, negative standard deviations, |r| > 1, missing).

    >>> len(pre_post([20], [19.7], [14.8], [23.1], [13.8], [0.47], labels=["A"]))
    1
    """
    table = Columns("pre_post", labels, n=n, mean1=mean1, sd1=sd1, mean2=mean2, sd2=sd2, r=r)
    size = table.counts("n")
    m1, s1 = table.numbers("mean1"), table.not_negative("sd1")
    m2, s2 = table.numbers("mean2"), table.not_negative("sd2")
    x = table.numbers("r")
    _within_one(table, x)
    table.finish()
    return PrePost(whole(size), frozen(m1), frozen(s1), frozen(m2), frozen(s2), frozen(x), table.labels)


def _within_one(table: Columns, r: FloatArray) -> None:
    table.flag(np.isfinite(r) & (np.abs(r) > 1), lambda i: f"r is {r[i]:g}; a correlation is from -1 to 1")
