"""Standard deviations from what is reported in their place, the correlation of two measurements, groups put together.

Reference: Higgins, Li, Deeks, Cochrane Handbook for Systematic Reviews of Interventions, ch. 6.5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.stats.converting.converted import Numbers
from handful.stats.converting.interval_conversions import normal_or_t


@dataclass(frozen=True, eq=False)
class Group:
    """Size, mean and standard deviation of a group (numbers, or arrays of one shape)."""

    n: Any
    mean: Any
    sd: Any


def sd_from_se(se: Any, n: Any) -> Any:
    """The standard deviation behind the standard error of one group's mean: se √n.

    >>> sd_from_se(1.2, 25)
    6.0
    """
    given = Numbers(se=(se, "positive"), n=(n, "size-2"))
    checked = given.finish("a standard error above 0, a whole group size of at least 2")
    return checked.back(given["se"] * np.sqrt(given["n"]))


def sd_from_interval(low: Any, high: Any, n: Any, *, level: Any = 0.95) -> Any:
    """The standard deviation behind the interval of one group's mean: √n (high − low)/(2t), t with n − 1 degrees of
    freedom, as intervals of means are made.

    >>> round(sd_from_interval(30.0, 34.2, 25), 2)
    5.09
    """
    given = Numbers(low=(low, "finite"), high=(high, "finite"), n=(n, "size-2"), level=(level, "proportion"))
    given.problem("low", given["low"] >= given["high"], "is not below high")
    checked = given.finish("low < high, a whole group size of at least 2, a level between 0 and 1")
    t = normal_or_t(0.5 * (1 - given["level"]), given["n"] - 1)
    return checked.back(np.sqrt(given["n"]) * (given["high"] - given["low"]) / (2 * t))


def sd_from_difference(se: Any, n1: Any, n2: Any) -> Any:
    """The average standard deviation of two groups behind the standard error of their difference:
    se/√(1/n1 + 1/n2). Use it for both groups; ``from_interval`` and ``from_p`` find the standard error.

    >>> round(sd_from_difference(1.37, 25, 22), 1)
    4.7
    """
    given = Numbers(se=(se, "positive"), n1=(n1, "size"), n2=(n2, "size"))
    checked = given.finish("a standard error above 0, whole group sizes")
    return checked.back(given["se"] / np.sqrt(1 / given["n1"] + 1 / given["n2"]))


def correlation_from_change(sd1: Any, sd2: Any, sd_change: Any) -> Any:
    """The correlation of two measurements of the same people: (s1² + s2² − s_D²)/(2 s1 s2).

    Errors where no correlation fits: s_D must be between |s1 − s2| and s1 + s2 (rounded figures can fail that).

    >>> round(correlation_from_change(6.4, 7.1, 4.5), 2)
    0.78
    """
    given = Numbers(sd1=(sd1, "positive"), sd2=(sd2, "positive"), sd_change=(sd_change, "not-negative"))
    s1, s2, change = given["sd1"], given["sd2"], given["sd_change"]
    unfit = (change < np.abs(s1 - s2)) | (change > s1 + s2)
    given.problem("sd_change", unfit, "fits no correlation: it must be between |sd1 - sd2| and sd1 + sd2")
    checked = given.finish("standard deviations above 0, that of the change between their difference and their sum")
    return checked.back(np.clip(0.5 * ((s1 / s2) + (s2 / s1) - (change / s1) * (change / s2)), -1.0, 1.0))


def sd_of_change(sd1: Any, sd2: Any, r: Any) -> Any:
    """The standard deviation of the differences of two measurements: √(s1² + s2² − 2 r s1 s2).

    ``r`` taken from another study is an assumption: repeat with others.

    >>> round(sd_of_change(2.38, 2.21, 0.68) / 10**0.5, 3)
    0.583
    """
    given = Numbers(sd1=(sd1, "not-negative"), sd2=(sd2, "not-negative"), r=(r, "correlation"))
    checked = given.finish("standard deviations of at least 0, a correlation from -1 to 1")
    s1, s2 = given["sd1"], given["sd2"]
    return checked.back(np.sqrt((s1 - s2) ** 2 + 2 * (1 - given["r"]) * s1 * s2))


def combine_groups(n1: Any, mean1: Any, sd1: Any, n2: Any, mean2: Any, sd2: Any) -> Group:
    """Two groups taken as one: exactly the size, mean and standard deviation that all their people together have.

    More than two: one after the other.

    >>> both = combine_groups(2, 1.0, 1.0, 2, 3.0, 1.0)
    >>> both.mean, round(both.sd, 4)
    (2.0, 1.4142)
    """
    given = Numbers(
        n1=(n1, "size"),
        mean1=(mean1, "finite"),
        sd1=(sd1, "not-negative"),
        n2=(n2, "size"),
        mean2=(mean2, "finite"),
        sd2=(sd2, "not-negative"),
    )
    checked = given.finish("whole group sizes of at least 1, finite means, standard deviations of at least 0")
    a, b = given["n1"], given["n2"]
    n = a + b
    mean = (a * given["mean1"] + b * given["mean2"]) / n
    squares = (a - 1) * given["sd1"] ** 2 + (b - 1) * given["sd2"] ** 2
    squares = squares + a * b / n * (given["mean1"] - given["mean2"]) ** 2
    together = int(n[0]) if checked.scalar else n.astype(np.int64).reshape(checked.shape)
    return Group(together, checked.back(mean), checked.back(np.sqrt(squares / (n - 1))))
