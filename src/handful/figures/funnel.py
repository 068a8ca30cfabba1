"""The funnel: effects against their precision. Small studies that all lie on one side are worth a question."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.base.wording import level as percent
from handful.figures.effects import Effects, effects_of, reach
from handful.figures.scales import set_axis
from handful.figures.theme import ACCENT, BAR, GRID, INK, MARK, SMALL, SOFT, WARN, Axes, describe, dress, margins, paper
from handful.stats.results import NotEstimable

SHADES = ("#ffffff", "#ece7db", "#d6dcdb", "#bccdd0", "#a3bcc2")
HEIGHTS = ("se", "precision")


def funnel(
    result: Any,
    *,
    evidence: Any = None,
    against: str = "se",
    contours: bool | Sequence[float] = False,
    filled: Any = None,
    labels: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Effects against their standard errors, most precise on top, with the region where sampling error alone would put
    95 % of them around the pooled effect.

    ``result``: a fit of ``hf.pool``, evidence (then around the common effect), or what ``hf.trim_and_fill`` returned.
    ``against="precision"`` draws
    1/standard error. ``contours``: True, or levels such as ``(0.90, 0.95, 0.99)``: shades where a study alone would be
    significant, centred at no effect (10.1016/j.jclinepi.2007.11.011); gaps in the white middle are more like
    unpublished results than gaps elsewhere. ``filled``: what ``hf.trim_and_fill`` returned; its imputed studies are
    drawn hollow. ``labels`` names the studies.

    Counts become log odds, log ratios and so on, with nothing added; studies without a finite effect are not drawn and
    the figure's words say how many. With fewer than about ten studies a funnel says little. Returns the axes; x is
    the natural scale.
    """
    if against not in HEIGHTS:
        raise UnknownChoice("against", against, HEIGHTS)
    if filled is None and hasattr(result, "filled"):  # what trim_and_fill returned, on its own
        result, filled = result.original, result
    found = effects_of(result, evidence)
    more = _imputed(filled)
    top = max(float(found.sei.max()), *(float(np.sqrt(v)) for _, v in more), 1e-12)
    precision = against == "precision"
    if ax is None:
        ax = paper(6.4, 4.6)
        margins(ax, left=0.75, right=0.3, bottom=1.05 if contours is not False else 0.85, top=0.25)
    dress(ax)
    z = reach(found.level)
    widest = [found.mean - z * top, found.mean + z * top, *found.yi.tolist(), *(y for y, _ in more)]
    levels = _levels(contours, found)
    if levels:
        outermost = min(1.05 * reach(levels[-1]) * top, 1.3 * max(abs(v) for v in widest))
        widest += [-outermost, outermost]
    pad = 0.05 * (max(widest) - min(widest))
    low, high = min(widest) - pad, max(widest) + pad
    set_axis(ax, found.on_axis, float(found.back(low)), float(found.back(high)))
    least = float(found.sei.min()) * 0.8
    errors = np.geomspace(least, top * 1.08, 200) if precision else np.linspace(0.0, top * 1.08, 200)
    height = 1.0 / errors if precision else errors
    _shade(ax, found, levels, errors, height, low, high)
    for sign in (-1, 1):
        ax.plot(found.back(found.mean + sign * z * errors), height, color=SOFT, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.axvline(float(found.back(found.mean)), color=ACCENT, linewidth=1.1, zorder=2)
    if found.scale.null is not None:
        ax.axvline(found.scale.null, color=INK, linewidth=0.7, zorder=1)
    at = 1.0 / found.sei if precision else found.sei
    ax.plot(found.back(found.yi), at, linestyle="none", marker="o", markersize=6, markerfacecolor=BAR,
            markeredgecolor=MARK, markeredgewidth=0.8, zorder=4, clip_on=False)  # fmt: skip
    if more:
        x = [float(found.back(y)) for y, _ in more]
        y = [float(1 / np.sqrt(v) if precision else np.sqrt(v)) for _, v in more]
        ax.plot(x, y, linestyle="none", marker="D", markersize=5.5, markerfacecolor="white", markeredgecolor=WARN,
                markeredgewidth=1.3, zorder=4, clip_on=False, label="filled in")  # fmt: skip
    ax.set_ylim(*((0.0, 1.08 / float(found.sei.min())) if precision else (top * 1.08, 0.0)))
    if labels:
        from handful.figures.effects import named

        named(ax, found.back(found.yi), at, found.labels, range(len(found.labels)))
    ax.set_xlabel(found.scale.words)
    ax.set_ylabel("1 / standard error" if precision else "standard error")
    _legend(ax, found, levels, bool(more))
    return describe(ax, _words(found, more))


def _imputed(filled: Any) -> list[tuple[float, float]]:
    """Effects and variances of the studies that were filled in."""
    if isinstance(filled, NotEstimable):
        raise InputError(f"there is nothing to fill in: {filled.reason}")
    if filled is None:
        return []
    if not hasattr(filled, "filled"):
        raise InputError("filled= has no imputed studies", hint="give what hf.trim_and_fill returned")
    return [(float(y), float(v)) for _, y, v in filled.filled]


def _levels(contours: bool | Sequence[float], found: Effects) -> list[float]:
    if contours is False:
        return []
    if found.scale.null is None:
        raise InputError("contours of significance need a value of no effect", hint="leave contours= away")
    levels = sorted((0.90, 0.95, 0.99) if contours is True else [float(c) for c in contours])
    if not levels or levels[0] <= 0 or levels[-1] >= 1 or len(levels) >= len(SHADES):
        raise InputError(
            f"contours={contours!r} cannot be used", hint=f"one to {len(SHADES) - 1} levels between 0 and 1"
        )
    return levels


def _shade(ax: Axes, found: Effects, levels: list[float], errors: Any, height: Any, low: float, high: float) -> None:
    """From the outermost region inwards, so that each lies on the one before."""
    if not levels:
        return
    ax.set_facecolor(SHADES[len(levels)])
    for i, one in reversed(list(enumerate(levels))):
        half = reach(one) * errors
        sides = [found.back(np.clip(sign * half, low, high)) for sign in (-1, 1)]
        ax.fill_betweenx(height, *sides, color=SHADES[i], linewidth=0.0, zorder=0)
        for side in sides:
            ax.plot(side, height, color=GRID, linewidth=0.6, zorder=0.5)


def _legend(ax: Axes, found: Effects, levels: list[float], more: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[Any] = [
        Line2D([], [], linestyle="none", marker="o", color=BAR, markersize=5.5, label="study"),
        Line2D([], [], color=SOFT, linestyle=(0, (4, 3)), linewidth=1.0,
               label=f"{percent(found.level)} of sampling error"),
    ]  # fmt: skip
    if more:
        marks.insert(1, Line2D([], [], linestyle="none", marker="D", markerfacecolor="white", markeredgecolor=WARN,
                               markersize=5, label="filled in"))  # fmt: skip
    edges = [f"p > {1 - levels[0]:.2g}"] if levels else []
    edges += [f"{1 - b:.2g} < p ≤ {1 - a:.2g}" for a, b in pairwise(levels)]
    edges += [f"p ≤ {1 - levels[-1]:.2g}"] if levels else []
    marks += [Patch(facecolor=SHADES[i], edgecolor=GRID, label=text) for i, text in enumerate(edges)]
    ax.legend(handles=marks, loc="upper left", bbox_to_anchor=(0.0, -0.145), ncols=min(len(marks), 4), frameon=False,
              fontsize=SMALL, labelcolor=SOFT, handlelength=1.6, columnspacing=1.2, borderaxespad=0.0)  # fmt: skip


def _words(found: Effects, more: list[Any]) -> str:
    text = f"Funnel plot of {len(found.yi)} studies, {found.scale.words}."
    if more:
        text += f" {len(more)} imputed {'study' if len(more) == 1 else 'studies'} drawn hollow."
    return text + found.said()
