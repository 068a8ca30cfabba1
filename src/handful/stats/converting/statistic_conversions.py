"""From a reported test statistic (t, F, χ², its p value) to an effect with its standard error.

A t test of two groups is d = t √(1/n1 + 1/n2); an F test with one degree of freedom is its square and has lost the
sign; χ² of a 2×2 table is n φ². Signs that were lost have to be said.

References: Rosenthal 1994, in Cooper, Hedges, The Handbook of Research Synthesis, ch. 16; Borenstein et al. 2009,
Introduction to Meta-Analysis, ch. 4, 6; Hedges 1981, 10.3102/10769986006002107.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.stats.checked import Given, choice
from handful.stats.converting.converted import Converted, FloatArray, Numbers
from handful.stats.converting.interval_conversions import normal_or_t
from handful.stats.effects.effect_correlations import correlation_effects
from handful.stats.effects.effect_means import mean_effects
from handful.stats.effects.measures import measure as find_measure
from handful.stats.effects.small_sample_factor import small_sample_factor

_FROM_D = ("SMD", "RPB", "D2ORL", "D2ORN")
_GROUPS = "finite test statistics, whole group sizes with at least 3 degrees of freedom (n1 + n2 at least 5)"


def from_t(t: Any, n1: Any, n2: Any, *, measure: str = "SMD", vtype: str | None = None) -> Converted:
    """A two-sample t statistic as a standardised difference g = J t √(1/n1 + 1/n2), with the usual variance.

    t positive means the first group is higher. ``measure``: SMD (Hedges' g), RPB (point-biserial correlation), D2ORL or
    D2ORN (log odds ratio); ``vtype`` as in ``effect_sizes``. Not for t of paired measurements (``from_paired_t``), nor
    for Welch's or adjusted t, whose denominator is another.

    >>> found = from_t(2.985, 50, 50)
    >>> round(found.estimate, 3), round(found.se, 3)
    (0.592, 0.204)
    """
    given = Numbers(t=(t, "finite"), n1=(n1, "size"), n2=(n2, "size"))
    _enough(given)
    return _standardised(given, given["t"], given.finish(_GROUPS), measure, vtype, "from a t test")


def from_f(f: Any, n1: Any, n2: Any, *, sign: Any, measure: str = "SMD", vtype: str | None = None) -> Converted:
    """F of two groups (one degree of freedom in the numerator): t = sign √F; ``sign`` 1 if the first group is higher.

    Not for F with more groups or with covariates.

    >>> round(from_f(2.985**2, 50, 50, sign=1).estimate, 3)
    0.592
    """
    given = Numbers(f=(f, "not-negative"), n1=(n1, "size"), n2=(n2, "size"), sign=(sign, "sign"))
    _enough(given)
    checked = given.finish(_GROUPS + "; F of at least 0; sign 1 or -1")
    return _standardised(given, given["sign"] * np.sqrt(given["f"]), checked, measure, vtype, "from an F test")


def from_t_test_p(
    p: Any, n1: Any, n2: Any, *, sign: Any, sides: str = "two", measure: str = "SMD", vtype: str | None = None
) -> Converted:
    """The p value of a two-sample t test: t is the quantile with n1 + n2 − 2 degrees of freedom; ``sign`` as in
    ``from_f``. "p < 0.05" taken as 0.05 gives the smallest effect that is possible.

    >>> round(from_t_test_p(0.008, 25, 22, sign=1).estimate, 2)
    0.8
    """
    given = Numbers(p=(p, "p"), n1=(n1, "size"), n2=(n2, "size"), sign=(sign, "sign"))
    _enough(given)
    both = choice("sides", sides, ("two", "one")) == "two"
    if not both:
        given.problem("p", given["p"] > 0.5, "is one-sided against the sign given: turn the sign, and give 1 - p")
    checked = given.finish(_GROUPS + "; p above 0, at most 1; sign 1 or -1")
    tail = 0.5 * given["p"] if both else given["p"]
    t = normal_or_t(tail, given["n1"] + given["n2"] - 2)
    return _standardised(given, given["sign"] * t, checked, measure, vtype, "from the p value of a t test")


def from_paired_t(t: Any, n: Any) -> Converted:
    """A paired t statistic of n pairs: SMCC, g = J(n − 1) t/√n, the change in units of the standard deviation of
    changes.

    That unit is not the one of a two-group difference: do not pool the two (Morris & DeShon 2002,
    10.1037/1082-989X.7.1.105).

    >>> round(from_paired_t(-1.031, 20).estimate, 3)
    -0.221
    """
    given = Numbers(t=(t, "finite"), n=(n, "size-2"))
    given.problem("n", given["n"] < 4, "is too small: at least 4 pairs")
    checked = given.finish("finite t, whole numbers of pairs of at least 4")
    size = given["n"]
    g = small_sample_factor(size - 1) * given["t"] / np.sqrt(size)
    se = np.sqrt(1 / size + g**2 / (2 * size))
    return Converted(checked.back(g), checked.back(se), "SMCC", "from a paired t test")


def from_chi2(chi2: Any, n: Any, *, sign: Any, measure: str = "ZCOR") -> Converted:
    """χ² of a 2×2 table of n people, without continuity correction: φ = sign √(χ²/n), treated as a correlation.

    ``measure``: ZCOR (Fisher's z, the default) or COR. Where the four counts can be had, use them: the variance of φ
    depends on the margins, which χ² does not tell. Errors: χ² above n, which no table has.

    >>> round(from_chi2(5.0, 80, sign=-1, measure="COR").estimate, 2)
    -0.25
    """
    given = Numbers(chi2=(chi2, "not-negative"), n=(n, "size-2"), sign=(sign, "sign"))
    given.problem("n", given["n"] < 4, "is too small: at least 4 people")
    at_most = given["n"] if measure == "COR" else np.nextafter(given["n"], 0)
    given.problem("chi2", given["chi2"] > at_most, "is more than a 2x2 table of n people can have")
    checked = given.finish("chi2 of at least 0 and below n, whole n of at least 4, sign 1 or -1")
    r = given["sign"] * np.sqrt(given["chi2"] / given["n"])
    return _correlated(r, given["n"], checked, measure, "from a chi-squared test")


def from_correlation(r: Any, n: Any, *, measure: str = "ZCOR") -> Converted:
    """A correlation of n pairs on Fisher's z (or COR, UCOR) with its standard error; as ``effect_sizes`` does it.

    >>> round(from_correlation(0.5, 100).estimate, 4)
    0.5493
    """
    given = Numbers(r=(r, "correlation" if measure == "COR" else "inside-one"), n=(n, "size-2"))
    given.problem("n", given["n"] < 5, "is too small: at least 5 pairs")
    return _correlated(given["r"], given["n"], given.finish("r between -1 and 1, n of at least 5"), measure, "from r")


def correlation_from_t(t: Any, df: Any) -> Any:
    """The correlation (partial, if the regression had other terms) behind a t statistic: r = t/√(t² + df).

    >>> round(correlation_from_t(2.0, 96), 3)
    0.2
    """
    given = Numbers(t=(t, "finite"), df=(df, "positive"))
    checked = given.finish("finite t, degrees of freedom above 0")
    return checked.back(given["t"] / np.hypot(given["t"], np.sqrt(given["df"])))


def _enough(given: Numbers) -> None:
    given.problem("n1", given["n1"] + given["n2"] < 5, "is too small: n1 + n2 must be at least 5")


def _standardised(
    given: Numbers, t: FloatArray, checked: Given, measure: str, vtype: str | None, method: str
) -> Converted:
    if measure not in _FROM_D:
        raise UnknownChoice("measure", measure, _FROM_D)
    known = find_measure(measure).variances
    if vtype is not None and vtype not in known:
        raise UnknownChoice(f"{measure} vtype", vtype, known)
    n1, n2 = given["n1"], given["n2"]
    d = t * np.sqrt(1 / n1 + 1 / n2)
    one, zero = np.ones_like(d), np.zeros_like(d)
    y, v = mean_effects(n1, d, one, n2, zero, one, measure, vtype or known[0], correct=True)
    return Converted(checked.back(y), checked.back(np.sqrt(v)), measure, method)


def _correlated(r: FloatArray, n: FloatArray, checked: Given, measure: str, method: str) -> Converted:
    if measure not in ("ZCOR", "COR", "UCOR"):
        raise UnknownChoice("measure", measure, ("ZCOR", "COR", "UCOR"))
    y, v = correlation_effects(r, n, measure, "LS")
    if not np.all(np.isfinite(y) & np.isfinite(v) & (v > 0)):
        raise InputError(f"a correlation of 1 or -1 has no standard error on {measure}")
    return Converted(checked.back(y), checked.back(np.sqrt(v)), measure, method)
