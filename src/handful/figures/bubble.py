"""The bubble plot: effects against a moderator, with the regression through them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.wording import level as percent
from handful.figures.scales import Scale, scale_of, set_axis, span
from handful.figures.theme import ACCENT, BAR, BAR_SOFT, INK, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.stats.estimates.regression_result import Predicted, Regression
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


def bubble(
    regression: Any,
    moderator: str | None = None,
    *,
    at: Mapping[str, Any] | None = None,
    prediction: bool = True,
    labels: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Each study a circle at its moderator's value and its effect, with the fitted mean, its band and prediction band.

    ``regression``: what ``hf.regress`` returned; ``moderator``: the name of one of its columns (not needed where there
    is one). A circle's area is the study's weight 1/(v + τ²). A number is drawn as a line with its confidence band, a
    factor as one interval a level. Other moderators are held at ``at={"age": 40}``, or else at their mean, or for a
    factor at its reference. The band is of the mean effect; the dashed one (``prediction``) of a next study's.

    >>> import handful as hf
    >>> est = hf.estimates([0.1, 0.3, 0.5, 0.8, 0.9], [0.02, 0.03, 0.02, 0.04, 0.03])
    >>> axes = bubble(hf.regress(est, {"dose": [10, 20, 30, 40, 50]}))
    >>> axes.get_xlabel()
    'dose'
    """
    if isinstance(regression, NotEstimable):
        raise InputError(f"there is nothing to draw: {regression.reason}")
    if not isinstance(regression, Regression):
        raise InputError(f"bubble draws a regression, not {type(regression).__name__}", hint="hf.regress(...)")
    columns = regression.recipe.columns
    if moderator is None and len(columns) == 1:
        moderator = next(iter(columns))
    if moderator is None or moderator not in columns:
        raise UnknownChoice("moderator", moderator, tuple(columns))
    column = columns[moderator]
    y, v, _ = regression.data
    scale = scale_of(regression.measure)
    if scale.kind == "share":
        scale = Scale("plain", None, scale.words, scale.back)
    if ax is None:
        ax = paper(6.0, 4.2)
        margins(ax, left=0.75, right=0.25, bottom=0.8, top=0.25)
    dress(ax)
    others = _others(regression, moderator, at or {})
    if column.levels is None:
        grid = np.linspace(float(column.values.min()), float(column.values.max()), 120)
        mean = regression.predict({moderator: grid.tolist(), **others})
        _line(ax, grid, mean, prediction)
        x = column.values
        pad = 0.06 * float(grid[-1] - grid[0])
        ax.set_xlim(float(grid[0]) - pad, float(grid[-1]) + pad)
    else:
        mean = regression.predict({moderator: list(column.levels), **others})
        x = _beside(column.values)
        _levels(ax, mean, prediction)
        ax.set_xticks(range(len(column.levels)), column.levels)
        ax.set_xlim(-0.6, len(column.levels) - 0.4)
    weight = 1.0 / (v + regression.tau2)
    natural = np.array([scale.back(float(one)) for one in y])
    ax.scatter(x, natural, s=18.0 + 330.0 * weight / float(weight.max()), color=BAR, alpha=0.55, edgecolors=INK,
               linewidths=0.8, zorder=4)  # fmt: skip
    ends = [value for p in mean for value in (p.low, p.high) if math.isfinite(value)]
    low, high = span(ends, [*natural.tolist(), *(p.estimate for p in mean)], scale)
    set_axis(ax, scale, low, high, which="y")
    if scale.null is not None:
        ax.axhline(scale.null, color=INK, linewidth=0.7, zorder=1)
    if labels:
        from handful.figures.effects import named

        named(ax, x, natural, regression.labels, range(len(y)))
    ax.set_xlabel(moderator)
    ax.set_ylabel(scale.words)
    held = ", ".join(
        f"{name} {value if isinstance(value, str) else format(value, '.4g')}" for name, value in others.items()
    )
    ahead = ", dashed: a next study's" if prediction and not isinstance(mean[0].prediction_low, NotEstimable) else ""
    caption = f"Band: {percent(regression.level)} of the mean effect{ahead}." + (f" Held at: {held}." if held else "")
    ax.annotate(caption, (0, 0), xycoords="axes fraction", xytext=(0, -36), textcoords="offset points", va="top",
                fontsize=SMALL, color=SOFT)  # fmt: skip
    return describe(ax, f"Bubble plot of {len(y)} studies: {scale.words} against {moderator}. {caption}")


def _others(regression: Regression, moderator: str, at: Mapping[str, Any]) -> dict[str, Any]:
    columns = regression.recipe.columns
    for name in at:
        if name not in columns or name == moderator:
            raise UnknownChoice("at", name, tuple(other for other in columns if other != moderator))
    held: dict[str, Any] = {}
    for name, column in columns.items():
        if name != moderator:
            plain = float(column.values.mean()) if column.levels is None else column.levels[0]
            held[name] = at.get(name, plain)
    return held


def _line(ax: Axes, grid: FloatArray, mean: tuple[Predicted, ...], prediction: bool) -> None:
    ax.fill_between(
        grid, [p.low for p in mean], [p.high for p in mean], color=BAR_SOFT, alpha=0.6, linewidth=0, zorder=1
    )
    ax.plot(grid, [p.estimate for p in mean], color=ACCENT, linewidth=2.0, zorder=3)
    if prediction and not isinstance(mean[0].prediction_low, NotEstimable):
        for ends in ([p.prediction_low for p in mean], [p.prediction_high for p in mean]):
            ax.plot(grid, ends, color=SOFT, linewidth=1.0, linestyle=(0, (4, 3)), zorder=2)


def _levels(ax: Axes, mean: tuple[Predicted, ...], prediction: bool) -> None:
    for i, p in enumerate(mean):
        if prediction and not isinstance(p.prediction_low, NotEstimable):
            ax.plot([i + 0.28] * 2, [p.prediction_low, p.prediction_high], color=SOFT, linewidth=1.0,
                    linestyle=(0, (4, 3)), zorder=2)  # fmt: skip
        ax.plot([i + 0.28] * 2, [p.low, p.high], color=ACCENT, linewidth=5.0, solid_capstyle="butt", zorder=3)
        ax.plot([i + 0.28], [p.estimate], marker="o", markersize=5.5, markerfacecolor="white", markeredgecolor=INK,
                zorder=5)  # fmt: skip


def _beside(codes: FloatArray) -> FloatArray:
    """Studies of one level side by side, left of the middle, in the order given."""
    out = codes.astype(np.float64).copy()
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        out[rows] += np.linspace(-0.3, 0.1, len(rows)) if len(rows) > 1 else -0.1
    return out
