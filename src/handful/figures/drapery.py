"""The drapery: for every value of the effect, how badly each study and the pooled result fit it."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.figures.effects import effects_of, reach
from handful.figures.scales import set_axis
from handful.figures.theme import ACCENT, BAR, BAR_SOFT, GRID, INK, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.stats.estimates.meta_regression import below

FloatArray: TypeAlias = npt.NDArray[np.float64]


def drapery(result: Any, *, evidence: Any = None, prediction: bool = True, ax: Axes | None = None) -> Axes:
    """Two-sided p values of every study, and of the pooled effect, as functions of the value that is tested.

    A curve stands above a height α between the ends of that study's 1 − α interval: all levels at once, no line at
    0.05. p(θ) = 2 (1 − Φ(|y − θ| / se)) for a study; for the pooled effect with the fit's standard error and its t
    distribution where it has one. ``prediction`` shades the same curve for a next study, with variance τ² + se².
    Thicker curves are more precise studies. Reference: Rücker & Schwarzer 2021, 10.1002/jrsm.1410.

    >>> import handful as hf
    >>> axes = drapery(hf.pool(hf.estimates([-0.9, -0.4, -1.6], [0.1, 0.05, 0.3], measure="RR"), tau2="DL"))
    >>> axes.get_ylabel()
    'p value'
    """
    found = effects_of(result, evidence)
    sei = found.sei
    reachable = reach(0.99)
    typical = float(np.median(sei))
    far = reachable * np.minimum(sei, 2 * typical)
    edge = [found.mean - 4 * found.se, found.mean + 4 * found.se, *(found.yi - far), *(found.yi + far)]
    if found.scale.null is not None:
        edge.append(0.0)
    low, high = min(edge), max(edge)
    theta = np.unique(np.concatenate([np.linspace(low, high, 600), found.yi, [found.mean]]))
    if ax is None:
        ax = paper(6.4, 4.2)
        margins(ax, left=0.7, right=0.85, bottom=0.6, top=0.25)
    dress(ax)
    set_axis(ax, found.on_axis, float(found.back(low)), float(found.back(high)))
    x = found.back(theta)
    spread = prediction and found.tau2 > 0
    if spread:
        ahead = p_curve(theta, found.mean, math.sqrt(found.tau2 + found.se**2), found.df)
        ax.fill_between(x, 0.0, ahead, color=BAR_SOFT, alpha=0.5, linewidth=0, label="next study")
    most = float((1 / sei).max())
    for y, s in zip(found.yi.tolist(), sei.tolist(), strict=True):
        ax.plot(x, p_curve(theta, y, s, math.inf), color=BAR, alpha=0.75, linewidth=0.6 + 1.2 / (s * most), zorder=2,
                label="study" if y == found.yi[0] else "_nolegend_")  # fmt: skip
    ax.plot(x, p_curve(theta, found.mean, found.se, found.df), color=ACCENT, linewidth=2.8, zorder=3, label="pooled")
    if found.scale.null is not None:
        ax.axvline(found.scale.null, color=INK, linewidth=0.8, zorder=1)
    for level in (0.9, 0.95, 0.99):
        ax.axhline(1 - level, color=GRID, linewidth=0.7, zorder=0)
    ax.set_ylim(0.0, 1.0)
    ax.set_ylabel("p value")
    ax.set_xlabel(found.scale.words)
    for level in (0.5, 0.9, 0.99):
        ax.annotate(f"{100 * level:g} %", (1.0, 1 - level), xycoords=("axes fraction", "data"), xytext=(5, 0),
                    textcoords="offset points", va="center", fontsize=SMALL, color=SOFT)  # fmt: skip
    ax.annotate(
        "interval at this height", (1.0, 0.5), xycoords="axes fraction", xytext=(40, 0), textcoords="offset points",
        rotation=270, va="center", ha="center", fontsize=SMALL, color=SOFT,
    )  # fmt: skip
    ax.legend(frameon=False, fontsize=SMALL, labelcolor=SOFT, loc="upper right", borderaxespad=0.1)
    return describe(
        ax, f"Drapery plot of {len(found.yi)} studies: p values against {found.scale.words}." + found.said()
    )


def p_curve(theta: FloatArray, estimate: float, se: float, df: float) -> FloatArray:
    """Two-sided p values of each value ``theta``; t with ``df`` degrees of freedom, normal where that is infinite."""
    return np.array([2.0 * below(-abs(estimate - t) / se, df) for t in theta.tolist()])
