"""Baujat's plot: which study drives the heterogeneity, and which the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.figures.effects import Effects, effects_of, named
from handful.figures.theme import BAR, GRID, INK, MARK, Axes, describe, dress, paper
from handful.stats.closer.influence import influence_of
from handful.stats.closer.influence_result import Influence
from handful.stats.estimates.regression_result import Regression
from handful.stats.evidence import Estimates
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.influence import influence

FloatArray: TypeAlias = npt.NDArray[np.float64]


def baujat(result: Any, *, evidence: Any = None, labels: bool | int = 4, ax: Axes | None = None) -> Axes:
    """Each study's share of the heterogeneity (x) against its pull on the pooled effect (y).

    x_i = (y_i − μ)² / (v_i + τ²); y_i = (μ − μ₍ᵢ₎)² / Var(μ₍ᵢ₎), where μ₍ᵢ₎ is pooled without study i (τ² estimated
    again, by the fit's estimator). With a common effect the x add up to Q. ``labels``: how many of the farthest to
    name, True for all. ``result``: an inverse-variance fit of ``hf.pool``, a regression, or evidence
    (common effect).
    Reference: Baujat et al. 2002, 10.1002/sim.1221.

    >>> import handful as hf
    >>> axes = baujat(hf.pool(hf.estimates([0.1, 0.9, 0.4, 0.5], [0.04, 0.05, 0.03, 0.02]), tau2="DL"))
    >>> axes.get_xlabel()
    'squared standardised residual'
    """
    if isinstance(result, Regression):
        y, v, _ = result.data
        found = effects_of(Estimates(y, v, result.labels, result.measure), least=3)
        found = replace(found, tau2=result.tau2)
    else:
        found = effects_of(result, evidence, least=3)
    x, y = coordinates(found, result)
    if ax is None:
        ax = paper(5.4, 4.4)
    dress(ax)
    ax.grid(color=GRID, linewidth=0.5)
    ax.set_axisbelow(True)
    ax.plot(x, y, linestyle="none", marker="o", markersize=6.5, markerfacecolor=BAR, markeredgecolor=MARK,
            markeredgewidth=0.8, zorder=3, clip_on=False)  # fmt: skip
    ax.set_xlim(0.0, 1.12 * float(x.max()) or 1.0)
    ax.set_ylim(0.0, 1.08 * float(y.max()) or 1.0)
    many = len(x) if labels is True else min(int(labels), len(x))
    distance = x / (float(x.max()) or 1.0) + y / (float(y.max()) or 1.0)
    named(ax, x, y, found.labels, np.argsort(-distance, kind="stable")[:many])
    ax.set_xlabel("squared standardised residual" if found.tau2 > 0 else "contribution to Q")
    ax.set_ylabel("squared change of the pooled effect without the study")
    ax.yaxis.label.set_color(INK)
    first = found.labels[int(np.argmax(x))]
    pull = found.labels[int(np.argmax(y))]
    words = f"Baujat plot of {len(x)} studies. {first} adds most to the heterogeneity"
    return describe(ax, f"{words}, {pull} pulls most on the pooled effect.{found.said()}")


def coordinates(found: Effects, result: Any) -> tuple[FloatArray, FloatArray]:
    """The two coordinates of each study: ``baujat_x`` and ``baujat_y`` of its influence."""
    if isinstance(result, Regression):
        return _of(influence(result))
    estimator, given = "", None
    if isinstance(result, Fit):
        if result.model not in ("random-effects", "common-effect"):
            raise InputError(
                f"baujat is of inverse-variance fits, not of {result.model}",
                hint='hf.pool(..., model="random-effects") or model="common-effect"',
            )
        estimator = str(result.details.get("tau2_estimator") or "")
        given = found.tau2 if result.model == "random-effects" and not estimator else None
    design = np.ones((len(found.yi), 1))
    return _of(influence_of(found.yi, found.vi, design, ("mean",), found.labels, method=estimator, given=given))


def _of(moved: Influence | NotEstimable) -> tuple[FloatArray, FloatArray]:
    if isinstance(moved, NotEstimable):
        raise InputError(f"there is nothing to draw: {moved.reason}")
    return np.array(moved.baujat_x), np.array(moved.baujat_y)
