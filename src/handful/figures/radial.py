"""Galbraith's radial plot: each study a point whose slope from the origin is its effect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from handful.figures.effects import Effects, effects_of, named, reach
from handful.figures.scales import log_ticks, number
from handful.figures.theme import ACCENT, BAR, BAR_SOFT, INK, MARK, SMALL, SOFT, Axes, describe, dress, margins, paper


def radial(result: Any, *, evidence: Any = None, labels: bool | str = "outside", ax: Axes | None = None) -> Axes:
    """Standardised effects y/√(v + τ²) against precision 1/√(v + τ²), with the line whose slope is the pooled effect.

    Every study has the same vertical error, so those outside the band around the line (2 × 1.96 high at 95 %) are the
    ones that differ from the pooled effect by more than their error and τ². The scale on the right reads a slope as
    an effect. ``labels``: ``"outside"`` names the studies outside the band, True all, False none.

    ``result``: a fit of ``hf.pool``, or evidence (then around the common effect, τ² = 0).
    References: Galbraith 1988, 10.1002/sim.4780070807.
    """
    found = effects_of(result, evidence, least=2)
    error = np.sqrt(found.vi + found.tau2)
    x, y = 1.0 / error, found.yi / error
    if ax is None:
        ax = paper(6.2, 4.4)
        margins(ax, left=0.7, right=0.95, bottom=0.6, top=0.25)
    dress(ax)
    z = reach(found.level)
    farthest = 1.12 * float(x.max())
    line = np.array([0.0, farthest])
    ax.fill_between(line, found.mean * line - z, found.mean * line + z, color=BAR_SOFT, alpha=0.55, linewidth=0)
    ax.plot(line, found.mean * line, color=ACCENT, linewidth=1.3)
    ax.axhline(0.0, color=INK, linewidth=0.7)
    ax.plot(x, y, linestyle="none", marker="o", markersize=6, markerfacecolor=BAR, markeredgecolor=MARK,
            markeredgewidth=0.8, zorder=4)  # fmt: skip
    ax.set_xlim(0.0, farthest)
    edge = [*y.tolist(), -z, z, found.mean * farthest - z, found.mean * farthest + z]
    pad = 0.06 * (max(edge) - min(edge))
    low, high = min(edge) - pad, max(edge) + pad
    ax.set_ylim(low, high)
    _slopes(ax, found, farthest, low, high)
    if labels is True:
        named(ax, x, y, found.labels, range(len(x)))
    elif labels:
        named(ax, x, y, found.labels, np.flatnonzero(np.abs(y - found.mean * x) > z))
    spread = " + τ²" if found.tau2 > 0 else ""
    ax.set_xlabel(f"precision, 1 / √(variance{spread})")
    ax.set_ylabel("standardised effect")
    beyond = int(np.sum(np.abs(y - found.mean * x) > z))
    return describe(ax, f"Radial plot of {len(x)} studies, {found.scale.words}. {beyond} lie outside the band."
                    + found.said())  # fmt: skip


def _slopes(ax: Axes, found: Effects, farthest: float, low: float, high: float) -> None:
    """Effects as slopes, read on the right edge."""
    ends = (low / farthest, high / farthest)
    if found.scale.kind == "log":
        ticks = [(t, math.log(t)) for t in log_ticks(math.exp(max(ends[0], -30)), math.exp(min(ends[1], 30)))]
    else:
        from matplotlib.ticker import MaxNLocator

        ticks = [(float(found.back(t)), float(t)) for t in MaxNLocator(7).tick_values(*ends)]
    for shown, slope in ticks:
        y = slope * farthest
        if low <= y <= high:
            text = f"{shown:g}" if found.scale.kind == "log" else number(shown)
            ax.annotate("", (1.0, y), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
                        arrowprops={"arrowstyle": "-", "color": SOFT, "linewidth": 0.8})  # fmt: skip
            ax.annotate(text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
                        va="center", fontsize=SMALL, color=INK)  # fmt: skip
    ax.annotate(found.scale.words, (1.0, 0.5), xycoords="axes fraction", xytext=(44, 0), textcoords="offset points",
                rotation=270, va="center", ha="center", fontsize=SMALL, color=SOFT)  # fmt: skip
