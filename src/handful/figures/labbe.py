"""L'Abbé's plot: the rates of the two groups of each study against each other."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.figures.rows import evidence_of
from handful.figures.theme import ACCENT, BAR, GRID, INK, MARK, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.stats.evidence import TwoArms
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


def labbe(
    result: Any,
    *,
    evidence: Any = None,
    groups: tuple[str, str] = ("group 1", "group 2"),
    labels: bool = False,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The share with the event in the first group (y) against that in the second (x), one circle a study.

    Circles have an area in proportion to the study's people. On the thin line both groups do alike; a fit of odds
    ratios, risk ratios or risk differences adds the curve on which all studies would lie if its pooled effect were
    true of every one of them. ``result``: a fit of ``hf.pool`` on two arms, or ``hf.two_arms(...)``. ``limit`` ends
    both axes (1 at most). Reference: L'Abbé, Detsky & O'Rourke 1987, 10.7326/0003-4819-107-2-224.

    >>> import handful as hf
    >>> axes = labbe(hf.two_arms([1, 3], [4, 9], [0, 6], [4, 10]), groups=("treated", "control"))
    >>> axes.get_ylabel()
    'share with the event, treated'
    """
    behind = evidence_of(result, evidence)
    if not isinstance(behind, TwoArms):
        raise InputError(f"labbe draws two arms, not {type(behind).__name__}", hint="hf.two_arms, or a fit of it")
    some = (behind.totals1 > 0) & (behind.totals2 > 0)
    if not bool(some.any()):
        raise InputError("no study has people in both groups, so there is nothing to draw")
    first, second = behind.events1[some] / behind.totals1[some], behind.events2[some] / behind.totals2[some]
    people = (behind.totals1 + behind.totals2)[some].astype(np.float64)
    end = _end(first, second) if limit is None else float(limit)
    if not 0 < end <= 1:
        raise InputError(f"limit={limit!r} is not a share", hint="above 0, at most 1")
    if ax is None:
        ax = paper(4.9, 4.9)
        margins(ax, left=0.75, right=0.3, bottom=0.65, top=0.4)
    dress(ax)
    ax.grid(color=GRID, linewidth=0.5)
    ax.set_axisbelow(True)
    ax.plot([0, end], [0, end], color=INK, linewidth=0.8, zorder=1)
    _alike(ax, result, end)
    sizes = 30.0 + 620.0 * people / float(people.max())
    order = np.argsort(-people, kind="stable")
    ax.scatter(second[order], first[order], s=sizes[order], color=BAR, alpha=0.55, edgecolors=INK, linewidths=0.8,
               zorder=3, clip_on=False)  # fmt: skip
    ax.plot(second, first, linestyle="none", marker="o", markersize=2.4, color=MARK, markeredgecolor=INK,
            markeredgewidth=0.5, zorder=4, clip_on=False)  # fmt: skip
    names = tuple(label for label, kept in zip(behind.labels, some, strict=True) if kept)
    ax.set_xlim(0.0, end)
    ax.set_ylim(0.0, end)
    ax.set_aspect("equal")
    if labels:
        from handful.figures.effects import named

        named(ax, second, first, names, range(len(names)))
    ax.set_xlabel(f"share with the event, {groups[1]}")
    ax.set_ylabel(f"share with the event, {groups[0]}")
    above, under = int((first > second).sum()), int((first < second).sum())
    return describe(ax, f"L'Abbé plot of {len(first)} studies. The share is larger in {groups[0]} in {above}, "
                    f"in {groups[1]} in {under}.")  # fmt: skip


def _end(first: FloatArray, second: FloatArray) -> float:
    largest = max(float(first.max()), float(second.max()))
    if largest == 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return min(1.0, next(f * power for f in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if f * power >= 1.08 * largest))


def pooled_curve(measure: str, effect: float, control: FloatArray) -> FloatArray | None:
    """The first group's share at each share of the second, under one effect; None for measures without such a curve.

    >>> pooled_curve("OR", 3.0, np.array([0.25])).round(2).tolist()
    [0.5]
    """
    if measure in ("OR", "PETO"):
        return np.asarray(effect * control / (1.0 - control + effect * control), dtype=np.float64)
    if measure == "RR":
        return np.asarray(effect * control, dtype=np.float64)
    return np.asarray(control + effect, dtype=np.float64) if measure == "RD" else None


def _alike(ax: Axes, result: Any, end: float) -> None:
    if not isinstance(result, Fit) or isinstance(result.estimate, NotEstimable):
        return
    x = np.linspace(0.0, end, 400)
    y = pooled_curve(result.measure, float(result.estimate), x)
    if y is None:
        return
    inside = (y >= 0) & (y <= 1)
    ax.plot(x[inside], y[inside], color=ACCENT, linewidth=1.6, linestyle=(0, (5, 3)), zorder=2)
    ax.annotate(f"- - pooled {result.measure} {result.estimate:.2f}", (0.0, 1.0), xycoords="axes fraction",
                xytext=(0, 8), textcoords="offset points", fontsize=SMALL, color=SOFT)  # fmt: skip
