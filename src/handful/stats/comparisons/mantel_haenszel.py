"""Mantel–Haenszel pooling of odds ratios, risk ratios, risk differences, rate ratios and rate differences.

a of n1 against c of n2 in a study of N = n1 + n2; b = n1 − a, d = n2 − c. One common effect is assumed.

OR
    ψ = ΣR/ΣS, R = ad/N, S = bc/N. Variance of log ψ (Robins, Breslow & Greenland 1986): with P = (a + d)/N and
    Q = (b + c)/N, ½[ΣPR/(ΣR)² + Σ(PS + QR)/(ΣR ΣS) + ΣQS/(ΣS)²]. Good both for few large and many small studies.
RR
    ΣR/ΣS, R = a n2/N, S = c n1/N; variance of the log Σ[n1 n2 (a + c)/N² − ac/N]/(ΣR ΣS) (Greenland & Robins 1985).
RD
    Σ(a n2 − c n1)/N ÷ ΣW, W = n1 n2/N. Variance, default ``sato`` (Sato, Greenland & Robins 1989): (δ ΣP + ΣQ)/(ΣW)²
    with P = [n1² c − n2² a + n1 n2 (n2 − n1)/2]/N² and Q = [a(n2 − c) + c(n1 − a)]/2N; ``greenland-robins``:
    Σ(ab n2³ + cd n1³)/(n1 n2 N²) ÷ (ΣW)².
IRR
    x1 events in T1 against x2 in T2, T = T1 + T2: R = x1 T2/T, S = x2 T1/T; Σ (x1 + x2) T1 T2/T² ÷ (ΣR ΣS).
IRD
    Σ(x1 T2 − x2 T1)/T ÷ ΣW, W = T1 T2/T; variance ΣW²(x1/T1² + x2/T2²) ÷ (ΣW)².

Nothing is added to any cell by default: single zero cells need no correction here. Studies without events do not enter
a ratio, nor do studies with nothing but events enter an odds ratio; for RD and IRD they carry information and stay in.

References: Mantel & Haenszel 1959, 10.1093/jnci/22.4.719; Robins, Breslow & Greenland 1986, 10.2307/2531052; Greenland
& Robins 1985, 10.2307/2530643; Sato, Greenland & Robins 1989, 10.2307/2531712; Bradburn 2007, 10.1002/sim.2528.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.common_contrast import around, common_fit
from handful.stats.comparisons.stratified_tests import association, rates_association, same_odds_ratio, same_rate_ratio
from handful.stats.comparisons.two_arm_notes import (
    correction_note,
    few_notes,
    partial_note,
    size_notes,
    study_names,
    uninformative_notes,
    weight_notes,
)
from handful.stats.distributions.normal import normal_quantile
from handful.stats.effects.effect_rates import rate_effects
from handful.stats.effects.zero_cells import Add, Cells, applied, double, effects_after, pair_of_rules
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

MEASURES = ("OR", "RR", "RD")
RATE_MEASURES = ("IRR", "IRD")
VARIANCES = ("sato", "greenland-robins")


def pool_mantel_haenszel(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    variance: str = "sato",
    add: Add | tuple[Add, Add] = 0.0,
    to: str | tuple[str, str] = "only0",
    drop00: bool | tuple[bool, bool] = False,
    cells: str | tuple[str, str] = "all",
    correct: bool = True,
) -> Fit | NotEstimable:
    """One common odds ratio, risk ratio or risk difference.

    ``measure`` OR, RR or RD; ``variance`` (RD only) ``sato`` or ``greenland-robins``. ``add, to, drop00, cells`` name a
    zero-cell rule (``zero_cells.py``): a single value is for each study's own effect, from which Q comes; a pair gives
    the second to the pooling (``cells="variance"`` there: weights and variance are corrected, differences are not).
    ``correct``: the ½ in Cochran–Mantel–Haenszel's test. Limits are Wald's, on the log scale for ratios.

    ``fit.details``: ``association`` (Cochran–Mantel–Haenszel), for OR ``breslow_day`` and ``tarone``; ``statistic``
    and ``p`` of the effect. ``fit.q`` is Cochran's Q of the ``q_studies`` whose own effect and variance exist.

    Edges. One group without any event in any study (for OR also without any non-event): the ratio has no finite
    estimate, ``NotEstimable``. One study: that study's own estimate with this variance.

    >>> fit = pool_mantel_haenszel([8, 22], [106, 98], [5, 16], [120, 85], level=0.9)
    >>> round(fit.estimate, 4), round(fit.low, 4), round(fit.high, 4)
    (1.4031, 0.8411, 2.3409)
    """
    if measure not in MEASURES:
        raise UnknownChoice("measure", measure, MEASURES)
    if variance not in VARIANCES:
        raise UnknownChoice("variance", variance, VARIANCES)
    own_rule, rule = pair_of_rules(add, to, drop00, cells)
    x1, n1, x2, n2 = (np.asarray(v, dtype=np.float64) for v in (events1, totals1, events2, totals2))
    names = study_names(labels, len(x1))
    if len(x1) == 0:
        return NotEstimable("there is no study")
    given = (x1, n1 - x1, x2, n2 - x2)
    own, pooled = applied(own_rule, *given), applied(rule, *given)
    notes = _left_out(measure, names, x1 + x2, n1 + n2, pooled)
    notes += correction_note(own_rule.words, names, own.changed, "to get each study's own effect, for Q")
    notes += correction_note(rule.words, names, pooled.changed, "before pooling")
    a, b, c, d = (v[pooled.kept] for v in (pooled.a, pooled.b, pooled.c, pooled.d))
    used = tuple(name for name, kept in zip(names, pooled.kept, strict=True) if kept)
    if measure != "RD":
        some = ~double(a, b, c, d) if measure == "OR" else a + c > 0
        a, b, c, d = a[some], b[some], c[some], d[some]
        used = tuple(name for name, kept in zip(used, some, strict=True) if kept)
    if len(a) == 0:
        return NotEstimable("no study has both events and non-events" if measure != "RD" else "no study is left", notes)
    reason = _nothing_to_divide(measure, a, b, c, d)
    if reason:
        return NotEstimable(reason, notes)
    coefficient, var, weights = estimate(measure, a, b, c, d, variance)
    if measure == "RD" and rule.cells == "variance":
        p, q, r, s = (column[pooled.kept] for column in given)
        coefficient = float((weights * (p / (p + q) - r / (r + s))).sum()) / float(weights.sum())
    y, v = effects_after(own_rule, given, own, measure, "LS")
    spread = around(y[own.kept], v[own.kept], coefficient)
    details: dict[str, Any] = {"association": association(a, b, c, d, correct=correct)}
    if measure == "OR":
        details["breslow_day"], details["tarone"] = same_odds_ratio(a, b, c, d, coefficient)
    if measure == "RD":
        details["variance"] = variance
        notes += _double_zero_matters(coefficient, var, level, a, b, c, d, variance)
    people = float((n1 + n2)[np.isin(np.asarray(names), np.asarray(used))].sum())
    notes += (
        partial_note(spread.k, len(a))
        + few_notes(len(a))
        + weight_notes(used, weights / weights.sum())
        + size_notes(names, n1, n2)
    )
    return common_fit(
        model="mantel-haenszel", measure=measure, coefficient=coefficient, variance=var, level=level, k=len(a),
        people=people, labels=used, weights=weights, spread=spread, notes=notes, details=details,
    )  # fmt: skip


def pool_mantel_haenszel_rates(
    events1: Any,
    time1: Any,
    events2: Any,
    time2: Any,
    *,
    measure: str = "IRR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    add: float | tuple[float, float] = 0.0,
    to: str | tuple[str, str] = "only0",
    correct: bool = True,
) -> Fit | NotEstimable:
    """One common rate ratio (IRR) or rate difference (IRD). ``add`` goes to the events; else as for proportions.

    >>> fit = pool_mantel_haenszel_rates([8, 5], [100.0, 80.0], [4, 4], [110.0, 75.0])
    >>> round(fit.estimate, 3)
    1.665
    """
    if measure not in RATE_MEASURES:
        raise UnknownChoice("measure", measure, RATE_MEASURES)
    own_rule, rule = pair_of_rules(add, to, False)
    x1, t1, x2, t2 = (np.asarray(v, dtype=np.float64) for v in (events1, time1, events2, time2))
    names = study_names(labels, len(x1))
    if len(x1) == 0:
        return NotEstimable("there is no study")
    one = np.ones(len(x1))  # a rate has no cell of non-events that could be empty
    own, pooled = applied(own_rule, x1, one, x2, one), applied(rule, x1, one, x2, one)
    notes = correction_note(f"{own_rule.add} was added to the events", names, own.changed, "of each study, for Q")
    notes += correction_note(f"{rule.add} was added to the events", names, pooled.changed, "before pooling")
    if measure == "IRR":
        notes += uninformative_notes(names, pooled.a + pooled.c, np.full(len(x1), np.inf), "a rate ratio")
    some = (pooled.a + pooled.c > 0) if measure == "IRR" else np.ones(len(x1), dtype=bool)
    used = tuple(name for name, kept in zip(names, some, strict=True) if kept)
    p, q, r, s = pooled.a[some], t1[some], pooled.c[some], t2[some]
    if measure == "IRR" and (p.sum() == 0 or r.sum() == 0):
        which = "any group" if p.sum() + r.sum() == 0 else ("the first group" if p.sum() == 0 else "the second group")
        return NotEstimable(f"no event in {which} in any study, so there is no ratio", notes)
    coefficient, var, weights = rate_estimate(measure, p, q, r, s)
    y, v = rate_effects(own.a, t1, own.c, t2, measure)
    details: dict[str, Any] = {"association": rates_association(p, q, r, s, correct=correct)}
    if measure == "IRR":
        details["tarone"] = same_rate_ratio(p, q, r, s, coefficient)
    spread = around(y, v, coefficient)
    notes += (
        partial_note(spread.k, len(p))
        + few_notes(len(p))
        + weight_notes(used, weights / weights.sum())
        + size_notes(names, t1, t2)
    )
    return common_fit(
        model="mantel-haenszel", measure=measure, coefficient=coefficient, variance=var, level=level, k=len(p),
        people=float((q + s).sum()), labels=used, weights=weights, spread=spread, notes=notes,
        details=details,
    )  # fmt: skip


def estimate(
    measure: str, a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, variance: str = "sato"
) -> tuple[float, float, FloatArray]:
    """Coefficient, its variance and the weights; the ratio's numerator and denominator must both be above 0."""
    n1, n2 = a + b, c + d
    n = n1 + n2
    if measure == "OR":
        r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
        top, bottom = float(r.sum()), float(s.sum())
        var = 0.5 * (
            float((p * r).sum()) / top**2
            + float((p * s + q * r).sum()) / (top * bottom)
            + float((q * s).sum()) / bottom**2
        )
        return float(np.log(top) - np.log(bottom)), var, s
    if measure == "RR":
        r, s = a * n2 / n, c * n1 / n
        top, bottom = float(r.sum()), float(s.sum())
        var = float((n1 * n2 * (a + c) / n**2 - a * c / n).sum()) / (top * bottom)
        return float(np.log(top) - np.log(bottom)), var, s
    w = n1 * n2 / n
    total = float(w.sum())
    difference = float(((a * n2 - c * n1) / n).sum()) / total
    if variance == "sato":
        p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2
        q = (a * (n2 - c) + c * (n1 - a)) / (2 * n)
        return difference, max(difference * float(p.sum()) + float(q.sum()), 0.0) / total**2, w
    spread = float(((a * b * n2**3 + c * d * n1**3) / (n1 * n2 * n**2)).sum())
    return difference, spread / total**2, w


def rate_estimate(
    measure: str, x1: FloatArray, t1: FloatArray, x2: FloatArray, t2: FloatArray
) -> tuple[float, float, FloatArray]:
    """The same for rates."""
    t = t1 + t2
    if measure == "IRR":
        r, s = x1 * t2 / t, x2 * t1 / t
        top, bottom = float(r.sum()), float(s.sum())
        var = float(((x1 + x2) * (t1 / t) * (t2 / t)).sum()) / (top * bottom)
        return float(np.log(top) - np.log(bottom)), var, s
    w = t1 * t2 / t
    total = float(w.sum())
    difference = float(((x1 * t2 - x2 * t1) / t).sum()) / total
    return difference, float((w**2 * (x1 / t1**2 + x2 / t2**2)).sum()) / total**2, w


def _nothing_to_divide(measure: str, a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> str:
    """Why the ratio has no finite estimate, or nothing."""
    if measure == "RD":
        return ""
    for cell, group in ((a, "first"), (c, "second")):
        if cell.sum() == 0:
            return f"no event in the {group} group in any study, so there is no finite ratio"
    if measure == "RR":
        return ""
    for cell, group in ((b, "first"), (d, "second")):
        if cell.sum() == 0:
            return f"nothing but events in the {group} group in every study, so there is no finite odds ratio"
    if (a * d).sum() == 0 or (b * c).sum() == 0:
        return "in every study an empty cell makes one of the two products zero, so there is no finite odds ratio"
    return ""


def _left_out(
    measure: str, names: Sequence[str], events: FloatArray, totals: FloatArray, pooled: Cells
) -> tuple[Note, ...]:
    if measure != "RD":
        a, b, c, d = pooled.a, pooled.b, pooled.c, pooled.d
        out = (double(a, b, c, d) if measure == "OR" else a + c == 0) | ~pooled.kept
        what = "an odds ratio" if measure == "OR" else "a risk ratio"
    else:
        out, what = ~pooled.kept, "the pooling (dropped by drop00)"
    chosen = [name for name, gone in zip(names, out, strict=True) if gone]
    return uninformative_notes(chosen, events[out], totals[out], what)


def _double_zero_matters(
    coefficient: float,
    var: float,
    level: float,
    a: FloatArray,
    b: FloatArray,
    c: FloatArray,
    d: FloatArray,
    variance: str,
) -> tuple[Note, ...]:
    """Whether leaving the studies without events (or non-events) out would move 0 into or out of the interval."""
    flat = double(a, b, c, d)
    if not bool(flat.any()) or bool(flat.all()):
        return ()
    z = normal_quantile((1.0 - level) / 2)
    other, other_var, _ = estimate("RD", a[~flat], b[~flat], c[~flat], d[~flat], variance)
    covers = abs(coefficient) <= z * float(np.sqrt(var))
    if covers == (abs(other) <= z * float(np.sqrt(other_var))):
        return ()
    text = f"whether the interval covers 0 depends on the {int(flat.sum())} studies without events (or non-events)"
    return (Note("double-zero-matters", text),)
