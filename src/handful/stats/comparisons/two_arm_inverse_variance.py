"""Inverse-variance pooling of two groups: each study's effect with its sampling variance, then a weighted mean.

The classical route, for comparison and for old reviews: with an empty cell a log ratio or its variance does not exist,
so a study is left out (said in the notes) unless a zero-cell rule is asked for by name (``zero_cells.py``). The models
of the counts need neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.comparisons.common_contrast import around
from handful.stats.comparisons.contrast_fit import four
from handful.stats.comparisons.mantel_haenszel import estimate, rate_estimate
from handful.stats.comparisons.two_arm_notes import correction_note, size_notes, study_names
from handful.stats.effects.effect_rates import rate_effects
from handful.stats.effects.zero_cells import Add, Rule, applied, effects_after
from handful.stats.estimates.inverse_variance import pool_inverse_variance, pool_inverse_variance_common
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

MEASURES = ("OR", "RR", "RD", "AS", "PETO", "PHI", "ZPHI", "YUQ", "YUY", "RTET", "PBIT", "OR2DL", "OR2DN")
RATE_MEASURES = ("IRR", "IRD", "IRSD")
CENTRES = ("inverse-variance", "mantel-haenszel")


def pool_two_arm_effects(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    tau2: str | float | None = None,
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    add: Add = 0.0,
    to: str = "only0",
    drop00: bool = False,
    cells: str = "all",
    vtype: str = "LS",
    centre: str | float = "inverse-variance",
    tau2_interval: str = "q-profile",
) -> Fit | NotEstimable:
    """Random effects on OR, RR, RD, AS and the other effects of a 2×2 table.

    ``tau2, interval, prediction, tau2_interval`` as in ``pool_inverse_variance``; ``add, to, drop00, cells`` as in
    ``zero_cells.py``; ``centre="mantel-haenszel"`` (with ``tau2="DL"``) takes τ² from Q around the Mantel–Haenszel
    estimate of the same cells, as RevMan does, and a number from Q around that. Studies without an effect of their own,
    or with variance 0, are left out with a note.

    >>> fit = pool_two_arm_effects([2, 4, 6], [39, 44, 107], [1, 4, 4], [43, 44, 110], tau2="DL", interval="wald")
    >>> round(fit.estimate, 3)
    1.391
    """
    if measure not in MEASURES:
        raise UnknownChoice("measure", measure, MEASURES)
    x1, n1, x2, n2 = four(events1, totals1, events2, totals2)
    names = study_names(labels, len(x1))
    rule = Rule(add, to, drop00, cells)
    raw = (x1, n1 - x1, x2, n2 - x2)
    fixed = applied(rule, *raw)
    y, v = effects_after(rule, raw, fixed, measure, vtype)
    rows, notes = _usable(y, v, fixed.kept, names, measure)
    notes += correction_note(rule.words, names, fixed.changed, "before each study's effect was computed")
    known: str | float | None = tau2
    q = None
    if isinstance(centre, str) and centre not in CENTRES:
        raise UnknownChoice("centre", centre, CENTRES)
    if not isinstance(centre, str):
        known, q = _moment(y[rows], v[rows], float(centre), tau2)
    elif centre == "mantel-haenszel":
        table = (fixed.a[rows], fixed.b[rows], fixed.c[rows], fixed.d[rows])
        known, q = _around_mantel_haenszel(measure, table, y[rows], v[rows], tau2)
    fit = pool_inverse_variance(
        y[rows], v[rows], labels=[names[i] for i in rows], level=level, tau2=known, interval=interval,
        prediction=prediction, tau2_interval=tau2_interval, measure=measure, natural=True,
    )  # fmt: skip
    return _finished(fit, notes + size_notes(names, n1, n2), float((n1 + n2)[rows].sum()), q)


def pool_two_arm_effects_common(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "wald",
    add: Add = 0.0,
    to: str = "only0",
    drop00: bool = False,
    cells: str = "all",
    vtype: str = "LS",
) -> Fit | NotEstimable:
    """Common effect with weights 1/v; else as ``pool_two_arm_effects``."""
    if measure not in MEASURES:
        raise UnknownChoice("measure", measure, MEASURES)
    x1, n1, x2, n2 = four(events1, totals1, events2, totals2)
    names = study_names(labels, len(x1))
    rule = Rule(add, to, drop00, cells)
    raw = (x1, n1 - x1, x2, n2 - x2)
    fixed = applied(rule, *raw)
    y, v = effects_after(rule, raw, fixed, measure, vtype)
    rows, notes = _usable(y, v, fixed.kept, names, measure)
    notes += correction_note(rule.words, names, fixed.changed, "before each study's effect was computed")
    fit = pool_inverse_variance_common(
        y[rows], v[rows], labels=[names[i] for i in rows], level=level, interval=interval, measure=measure, natural=True
    )
    return _finished(fit, notes + size_notes(names, n1, n2), float((n1 + n2)[rows].sum()))


def pool_two_arm_rate_effects(
    events1: Any,
    time1: Any,
    events2: Any,
    time2: Any,
    *,
    measure: str = "IRR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    tau2: str | float | None = None,
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    add: float = 0.0,
    to: str = "only0",
    cells: str = "all",
    centre: str | float = "inverse-variance",
    tau2_interval: str = "q-profile",
) -> Fit | NotEstimable:
    """Random effects on IRR, IRD or IRSD; ``add`` goes to the events (``cells="variance"``: of the variance only)."""
    x1, t1, x2, t2 = four(events1, time1, events2, time2)
    names = study_names(labels, len(x1))
    a, c, y, v, rows, notes = _rates(x1, t1, x2, t2, names, measure, add, to, cells)
    known: str | float | None = tau2
    q = None
    if isinstance(centre, str) and centre not in CENTRES:
        raise UnknownChoice("centre", centre, CENTRES)
    if not isinstance(centre, str):
        known, q = _moment(y[rows], v[rows], float(centre), tau2)
    elif centre == "mantel-haenszel":
        known, q = _moment(y[rows], v[rows], rate_estimate(measure, a[rows], t1[rows], c[rows], t2[rows])[0], tau2)
    fit = pool_inverse_variance(
        y[rows], v[rows], labels=[names[i] for i in rows], level=level, tau2=known, interval=interval,
        prediction=prediction, tau2_interval=tau2_interval, measure=measure, natural=True,
    )  # fmt: skip
    return _finished(fit, notes + size_notes(names, t1, t2), float((t1 + t2)[rows].sum()), q)


def pool_two_arm_rate_effects_common(
    events1: Any,
    time1: Any,
    events2: Any,
    time2: Any,
    *,
    measure: str = "IRR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "wald",
    add: float = 0.0,
    to: str = "only0",
    cells: str = "all",
) -> Fit | NotEstimable:
    """Common effect on IRR, IRD or IRSD with weights 1/v; else as ``pool_two_arm_rate_effects``."""
    x1, t1, x2, t2 = four(events1, time1, events2, time2)
    names = study_names(labels, len(x1))
    _, _, y, v, rows, notes = _rates(x1, t1, x2, t2, names, measure, add, to, cells)
    fit = pool_inverse_variance_common(
        y[rows], v[rows], labels=[names[i] for i in rows], level=level, interval=interval, measure=measure, natural=True
    )
    return _finished(fit, notes + size_notes(names, t1, t2), float((t1 + t2)[rows].sum()))


def _rates(
    x1: FloatArray,
    t1: FloatArray,
    x2: FloatArray,
    t2: FloatArray,
    names: Sequence[str],
    measure: str,
    add: float,
    to: str,
    cells: str,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, npt.NDArray[np.intp], tuple[Note, ...]]:
    if measure not in RATE_MEASURES:
        raise UnknownChoice("measure", measure, RATE_MEASURES)
    one = np.ones(len(x1))
    fixed = applied(Rule(add, to, cells=cells), x1, one, x2, one)
    y, v = rate_effects(fixed.a, t1, fixed.c, t2, measure)
    if cells == "variance":
        y, _ = rate_effects(x1, t1, x2, t2, measure)
    rows, notes = _usable(y, v, fixed.kept, names, measure)
    notes += correction_note(
        f"{add:g} was added to the events", names, fixed.changed, "before each effect was computed"
    )
    return fixed.a, fixed.c, y, v, rows, notes


def _usable(
    y: FloatArray, v: FloatArray, kept: npt.NDArray[np.bool_], names: Sequence[str], measure: str
) -> tuple[npt.NDArray[np.intp], tuple[Note, ...]]:
    finite = np.isfinite(y) & np.isfinite(v)
    good = finite & (np.where(finite, v, 0.0) > 0) & kept
    notes = []
    for i in np.flatnonzero(~good).tolist():
        why = "an empty cell: its effect or variance is infinite" if not finite[i] else "its variance is 0"
        why = why if kept[i] else "no event, or nothing but events, in both groups (drop00)"
        notes.append(Note("study-left-out", f"{why} ({measure}); left out", about=names[i]))
    return np.flatnonzero(good), tuple(notes)


def _around_mantel_haenszel(
    measure: str,
    table: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    y: FloatArray,
    v: FloatArray,
    tau2: str | float | None,
) -> tuple[float, tuple[float, float, float]]:
    if measure not in ("OR", "RR", "RD"):
        raise UnknownChoice("measure", measure, ("OR", "RR", "RD"))
    return _moment(y, v, estimate(measure, *table)[0], tau2)


def _moment(
    y: FloatArray, v: FloatArray, centre: float, tau2: str | float | None
) -> tuple[float, tuple[float, float, float]]:
    """DerSimonian and Laird's moment of τ² with Q around ``centre``."""
    if tau2 not in (None, "DL"):
        raise InputError(f"centre='mantel-haenszel' goes with tau2='DL', not {tau2!r}")
    spread, w = around(y, v, centre), 1.0 / v
    if isinstance(spread.q, NotEstimable) or isinstance(spread.p, NotEstimable):
        return 0.0, (0.0, 0.0, 1.0)
    k = len(y)
    scale = float(w.sum() - (w * w).sum() / w.sum())
    return max((spread.q - (k - 1)) / scale, 0.0), (spread.q, float(k - 1), spread.p)


def _finished(
    fit: Fit | NotEstimable, notes: tuple[Note, ...], people: float, q: tuple[float, float, float] | None = None
) -> Fit | NotEstimable:
    if isinstance(fit, NotEstimable):
        return NotEstimable("no study has an effect with a variance above 0", notes)
    if q is not None and fit.k > 1:
        i2 = 100.0 * max(1.0 - q[1] / q[0], 0.0) if q[0] > 0 else 0.0
        fit = replace(fit, q=q[0], q_df=q[1], q_p=q[2], i2=i2, h2=q[0] / q[1])
    return replace(fit, notes=notes + fit.notes, people=people)
