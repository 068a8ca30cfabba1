"""Two groups with people missing in both: the difference or ratio under an assumption about each group's missing.

Each group's rate p* and its variance come from ``missing.py``; log odds ratio, log risk ratio or risk difference with
the delta method. The worst case for the first group lets none of its missing and all of the second's have the event;
the best case is the other way round (the event being wanted).

Reference: White, Higgins, Wood 2008, doi:10.1002/sim.3008.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.checked import choice
from handful.stats.columns import Columns, FloatArray, frozen
from handful.stats.evidence import Estimates
from handful.stats.one_group.transforms import TO, added
from handful.stats.patients.missing import ASSUMPTIONS, MissingPeople, VarianceOfMissing, missing_people
from handful.stats.results import NotEstimable

_BOUNDS = {"worst-for-first": (0.0, np.inf), "best-for-first": (np.inf, 0.0)}
_MEASURES = ("OR", "RR", "RD")


def missing_people_two_arms(
    events1: Any,
    observed1: Any,
    missing1: Any,
    events2: Any,
    observed2: Any,
    missing2: Any,
    *,
    measure: str = "OR",
    imor: Any = (1.0, 1.0),
    log_imor_sd: float = 0.0,
    variance: VarianceOfMissing = "white",
    add: float = 0.0,
    to: str = "only0",
    labels: Iterable[object] | None = None,
) -> Estimates | NotEstimable:
    """Comparisons of two groups with their missing people counted in: what ``hf.pool`` takes.

    ``events`` of ``observed`` people had the event and ``missing`` more have no outcome, in each of two groups; one row
    a study. ``measure``: OR, RR (both as logarithms) or RD. ``imor``: one odds ratio between the missing and the
    observed for both groups, a pair (first, second), or a word: "as-observed", "none-responded", "all-responded",
    "worst-for-first" (0, ∞), "best-for-first" (∞, 0). ``log_imor_sd``: how unsure one is of each log odds ratio, the
    two taken as independent. ``add`` goes to each of the four cells of the *observed* people, ``to`` the studies that
    ``hf.effect_sizes`` names alike; nothing is added by default, and a study without a finite effect is left out with a
    note.

    >>> e = missing_people_two_arms([25], [50], [2], [18], [51], [0], measure="RR", imor="none-responded")
    >>> e.yi.round(4).tolist(), e.vi.round(4).tolist()
    ([0.3091], [0.0567])
    """
    choice("measure", measure, _MEASURES)
    choice("to", to, TO)
    if isinstance(add, bool) or not isinstance(add, (int, float)) or not 0 <= add < np.inf:
        raise InputError(f"add={add!r} is not a number of at least 0")
    first, second = _pair(imor)
    table = Columns(
        "missing_people_two_arms",
        labels,
        events1=events1,
        observed1=observed1,
        missing1=missing1,
        events2=events2,
        observed2=observed2,
        missing2=missing2,
    )
    x1, n1, x2, n2 = (table.counts(name) for name in ("events1", "observed1", "events2", "observed2"))
    m1, m2 = table.counts("missing1"), table.counts("missing2")
    table.not_more("events1", "observed1", "people")
    table.not_more("events2", "observed2", "people")
    table.finish()
    empty = (x1 == 0) | (x1 == n1) | (x2 == 0) | (x2 == n2)
    extra = added(empty, float(add), to) if add else np.zeros(len(x1))
    extra = np.where((n1 > 0) & (n2 > 0), extra, 0.0)
    names = table.labels
    options: dict[str, Any] = {"log_imor_sd": log_imor_sd, "variance": variance, "labels": names}
    one = missing_people(x1 + extra, n1 + 2 * extra, m1, first, **options)
    two = missing_people(x2 + extra, n2 + 2 * extra, m2, second, **options)
    if isinstance(one, NotEstimable):
        return one
    if isinstance(two, NotEstimable):
        return two
    effects = [_on_scale(arm, measure, len(names)) for arm in (one, two)]
    with np.errstate(invalid="ignore"):
        y, v = effects[0][0] - effects[1][0], effects[0][1] + effects[1][1]
    kept = np.flatnonzero(np.isfinite(y) & np.isfinite(v) & (v > 0)).astype(np.int64)
    gone = sorted(set(range(len(names))) - set(kept.tolist()))
    notes = [
        Note(
            "study-left-out", f"left out: its {measure} or the variance of it is not a finite number above 0", names[i]
        )
        for i in gone
    ]
    if add:
        which = [names[i] for i in np.flatnonzero(extra > 0)]
        where = ", ".join(which) or "none"
        text = f"{add:g} was added to each cell of the observed in {len(which)} studies: {where}"
        notes.append(Note("continuity-correction", text))
    notes.append(
        Note("missing-people", f"the missing: odds ratio {first:g} in the first group, {second:g} in the second")
    )
    if not kept.size:
        return NotEstimable(f"no study has a finite {measure}", tuple(notes))
    kept.setflags(write=False)
    return Estimates(
        frozen(y[kept]), frozen(v[kept]), tuple(names[i] for i in kept), measure, kept, len(names), tuple(notes)
    )


def _pair(imor: Any) -> tuple[float, float]:
    if isinstance(imor, str):
        if imor in _BOUNDS:
            return _BOUNDS[imor]
        if imor not in ASSUMPTIONS:
            raise UnknownChoice("imor", imor, (*ASSUMPTIONS, *_BOUNDS))
        return ASSUMPTIONS[imor], ASSUMPTIONS[imor]
    try:
        values = [float(v) for v in (imor if isinstance(imor, (tuple, list)) else (imor, imor))]
    except (TypeError, ValueError):
        values = []
    if len(values) != 2 or not all(v >= 0 for v in values):
        raise InputError(
            f"imor={imor!r} is not an odds ratio", hint="one number of at least 0, a pair of them, or a word"
        )
    return values[0], values[1]


def _on_scale(arm: MissingPeople, measure: str, rows: int) -> tuple[FloatArray, FloatArray]:
    """One group's part of the effect and of its variance, infinite where there is none."""
    p, v = arm.proportion, arm.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        made = {"RD": (p, v), "RR": (np.log(p), v / p**2), "OR": (arm.log_odds, arm.log_odds_variance)}[measure]
    out = np.full(rows, np.inf), np.full(rows, np.inf)
    for column, values in zip(out, made, strict=True):
        column[arm.rows] = values
    return out
