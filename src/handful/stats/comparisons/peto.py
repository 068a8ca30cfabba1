"""Peto's one-step odds ratio.

With E = n1 m/N and V = n1 n2 m (N − m)/(N²(N − 1)) of a study (m events among N people, given both margins):
log ψ = Σ(a − E)/ΣV, variance 1/ΣV. It is one Newton step from "no effect": good for events rarer than 1 %, groups of
like size and small effects, biased otherwise, in the direction of the imbalance (Greenland & Salvan 1990). The
conditional likelihood (``hypergeometric-normal``) is what it approximates and needs none of these.

References: Yusuf et al. 1985, 10.1016/S0033-0620(85)80003-7; Greenland & Salvan 1990, 10.1002/sim.4780090304; Sweeting
et al. 2004, 10.1002/sim.1761.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.base.notes import Note
from handful.stats.comparisons.common_contrast import around, common_fit
from handful.stats.comparisons.stratified_tests import association
from handful.stats.comparisons.two_arm_notes import (
    correction_note,
    few_notes,
    study_names,
    uninformative_notes,
    weight_notes,
)
from handful.stats.effects.effect_two_by_two import two_by_two_effects
from handful.stats.effects.zero_cells import Add, Rule, applied
from handful.stats.results import Fit, NotEstimable

RARE = 0.01
BALANCED = 1.5
SMALL_EFFECT = 2.0


def pool_peto(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    add: Add = 0.0,
    to: str = "only0",
    drop00: bool = False,
) -> Fit | NotEstimable:
    """One common odds ratio by Peto's method, with a note for each of its three conditions that does not hold.

    Events in one group only still give a finite (and biased) number; studies without events, or with nothing but
    events, carry no weight and are listed. Each study's own
    effect exists without any correction, so ``add, to, drop00`` (``zero_cells.py``) hold for effects and pooling alike;
    by default nothing is added.

    >>> fit = pool_peto([2, 4], [39, 44], [1, 4], [43, 44])
    >>> round(fit.estimate, 3)
    1.25
    """
    if measure not in ("OR", "PETO"):
        from handful.base.errors import UnknownChoice

        raise UnknownChoice("measure", measure, ("OR",))
    rule = Rule(add, to, drop00)
    x1, n1, x2, n2 = (np.asarray(v, dtype=np.float64) for v in (events1, totals1, events2, totals2))
    names = study_names(labels, len(x1))
    if len(x1) == 0:
        return NotEstimable("there is no study")
    pooled = applied(rule, x1, n1 - x1, x2, n2 - x2)
    a, b, c, d = pooled.a, pooled.b, pooled.c, pooled.d
    some = pooled.kept & (a + c > 0) & (b + d > 0) & (a + b + c + d > 1)
    notes = uninformative_notes(
        [name for name, kept in zip(names, some, strict=True) if not kept], (x1 + x2)[~some], (n1 + n2)[~some]
    )
    notes += correction_note(rule.words, names, pooled.changed, "before pooling")
    if not bool(some.any()):
        return NotEstimable("no study has both events and non-events", notes)
    a, b, c, d = a[some], b[some], c[some], d[some]
    used = tuple(name for name, kept in zip(names, some, strict=True) if kept)
    m1, m2, total = a + b, c + d, a + b + c + d
    distance = (a * d - b * c) / total  # a − E
    weights = m1 * m2 * (a + c) * (b + d) / (total**2 * (total - 1))
    coefficient, var = float(distance.sum()) / float(weights.sum()), 1.0 / float(weights.sum())
    y, v = two_by_two_effects(a, b, c, d, "PETO", "LS")
    notes += _conditions(coefficient, float((a + c).sum() / total.sum()), used, m1, m2)
    notes += few_notes(len(a)) + weight_notes(used, weights / weights.sum())
    return common_fit(
        model="peto", measure="OR", coefficient=coefficient, variance=var, level=level, k=len(a),
        people=float((n1 + n2)[some].sum()), labels=used, weights=weights, spread=around(y, v, coefficient),
        notes=notes, details={"association": association(a, b, c, d, correct=False)},
    )  # fmt: skip


def _conditions(coefficient: float, rate: float, names: Sequence[str], size1: Any, size2: Any) -> tuple[Note, ...]:
    notes = []
    if rate >= RARE:
        text = f"Peto's method is for events rarer than 1 %; here {100 * rate:.1f} % of people had one"
        notes.append(Note("peto-not-rare", text))
    ratio = np.maximum(size1, size2) / np.minimum(size1, size2)
    uneven = [name for name, r in zip(names, ratio, strict=True) if r > BALANCED]
    if uneven:
        text = "Peto's method is biased where the groups differ in size"
        notes.append(Note("peto-unbalanced", text, about=", ".join(uneven)))
    if abs(coefficient) > np.log(SMALL_EFFECT):
        text = f"Peto's method is for small effects; an odds ratio of {float(np.exp(coefficient)):.2f} is not small"
        notes.append(Note("peto-large-effect", text))
    return tuple(notes)
