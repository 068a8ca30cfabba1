"""From one effect measure to another: odds ratio, standardised difference, correlation, risk ratio.

Each assumes something about what was not measured: that a continuous outcome of a known form lies behind the events
(odds ratio and standardised difference), that a continuous cause lies behind the groups (correlation). A review that
can avoid it should; one that mixes measures should be repeated without the converted studies.

References: Hasselblad, Hedges 1995, 10.1037/0033-2909.117.1.167; Chinn 2000,
10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M; Cox, Snell 1989; Sánchez-Meca et al. 2003,
10.1037/1082-989X.8.4.448; Borenstein et al. 2009, Introduction to Meta-Analysis, ch. 7; Zhang, Yu 1998,
10.1001/jama.280.19.1690.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.stats.checked import choice
from handful.stats.converting.converted import Converted, Numbers
from handful.stats.effects.effect_two_by_two import COX, LOGISTIC_SD

_FACTORS = {"hasselblad-hedges": LOGISTIC_SD, "cox": COX}
_METHODS = tuple(_FACTORS)


def smd_from_odds_ratio(log_odds_ratio: Any, se: Any, *, method: str = "hasselblad-hedges") -> Converted:
    """The standardised difference behind a log odds ratio: divided by π/√3 (logistic outcome), or by 1.65 (Cox).

    >>> found = smd_from_odds_ratio(0.9069, 0.26)
    >>> round(found.estimate, 4), round(found.vi, 4)
    (0.5, 0.0205)
    """
    factor = _FACTORS[choice("method", method, _METHODS)]
    given = Numbers(log_odds_ratio=(log_odds_ratio, "finite"), se=(se, "positive"))
    checked = given.finish("a finite log odds ratio, a standard error above 0")
    y, spread = given["log_odds_ratio"] / factor, given["se"] / factor
    return Converted(checked.back(y), checked.back(spread), "SMD", f"from an odds ratio, {method}")


def odds_ratio_from_smd(smd: Any, se: Any, *, method: str = "hasselblad-hedges") -> Converted:
    """The log odds ratio behind a standardised difference: times π/√3 (logistic outcome), or 1.65 (Cox).

    >>> round(odds_ratio_from_smd(0.5, 0.143178).estimate, 4)
    0.9069
    """
    factor = _FACTORS[choice("method", method, _METHODS)]
    given = Numbers(smd=(smd, "finite"), se=(se, "positive"))
    checked = given.finish("a finite standardised difference, a standard error above 0")
    y, spread = given["smd"] * factor, given["se"] * factor
    return Converted(checked.back(y), checked.back(spread), "OR", f"from a standardised difference, {method}")


def smd_from_correlation(r: Any, se: Any) -> Converted:
    """d = 2r/√(1 − r²), se = 2 se_r/(1 − r²)^{3/2}: two groups of one size, cut from a continuous variable.

    ``r`` and ``se`` on the scale of r itself, not of Fisher's z.

    >>> found = smd_from_correlation(0.5, 0.0762)
    >>> round(found.estimate, 4), round(found.vi, 3)
    (1.1547, 0.055)
    """
    given = Numbers(r=(r, "inside-one"), se=(se, "positive"))
    checked = given.finish("a correlation between -1 and 1, a standard error above 0")
    rest = (1 - given["r"]) * (1 + given["r"])
    y, spread = 2 * given["r"] / np.sqrt(rest), 2 * given["se"] / rest**1.5
    return Converted(checked.back(y), checked.back(spread), "SMD", "from a correlation")


def correlation_from_smd(smd: Any, se: Any, n1: Any, n2: Any) -> Converted:
    """r = d/√(d² + a), se = a se_d/(d² + a)^{3/2} with a = (n1 + n2)²/(n1 n2), which is 4 for groups of one size.

    >>> found = correlation_from_smd(1.1547, 0.2345, 50, 50)
    >>> round(found.estimate, 4), round(found.vi, 4)
    (0.5, 0.0058)
    """
    given = Numbers(smd=(smd, "finite"), se=(se, "positive"), n1=(n1, "size"), n2=(n2, "size"))
    checked = given.finish("a finite standardised difference, a standard error above 0, whole group sizes")
    a = (given["n1"] + given["n2"]) ** 2 / (given["n1"] * given["n2"])
    total = given["smd"] ** 2 + a
    y, spread = given["smd"] / np.sqrt(total), a * given["se"] / total**1.5
    return Converted(checked.back(y), checked.back(spread), "COR", "from a standardised difference")


def risk_ratio_from_odds_ratio(odds_ratio: Any, baseline_risk: Any) -> Any:
    """RR = OR/(1 − p0 + p0 OR) at the risk p0 of the comparison group; estimate and both limits are taken through it.

    Exact for the p0 given; limits so made do not hold the uncertainty of p0, nor of a confounder-adjusted odds ratio.

    >>> round(risk_ratio_from_odds_ratio(3.0, 0.25), 4)
    2.0
    """
    given = Numbers(odds_ratio=(odds_ratio, "positive"), baseline_risk=(baseline_risk, "proportion"))
    checked = given.finish("an odds ratio above 0, a risk between 0 and 1")
    p0, ratio = given["baseline_risk"], given["odds_ratio"]
    return checked.back(ratio / (1 - p0 + p0 * ratio))


def odds_ratio_from_risk_ratio(risk_ratio: Any, baseline_risk: Any) -> Any:
    """OR = RR (1 − p0)/(1 − p0 RR) at the risk p0 of the comparison group; RR must be below 1/p0.

    >>> round(odds_ratio_from_risk_ratio(2.0, 0.25), 4)
    3.0
    """
    given = Numbers(risk_ratio=(risk_ratio, "positive"), baseline_risk=(baseline_risk, "proportion"))
    p0, ratio = given["baseline_risk"], given["risk_ratio"]
    given.problem("risk_ratio", p0 * ratio >= 1, "would be a risk of 1 or more")
    checked = given.finish("a risk ratio above 0 and below 1/baseline_risk, a risk between 0 and 1")
    return checked.back(ratio * (1 - p0) / (1 - p0 * ratio))
