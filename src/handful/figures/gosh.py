"""The picture of all subsets: do the studies fall into several kinds?"""

from __future__ import annotations

from typing import Any

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.figures.scales import Scale, scale_of, set_axis, span
from handful.figures.theme import BAR, GROUPS, MARKS, SMALL, SOFT, Axes, describe, dress, margins, paper
from handful.stats.closer.gosh import Gosh
from handful.stats.results import NotEstimable

MOST_POINTS = 20_000


def gosh(subsets: Any, *, study: str | None = None, measure: str = "GEN", ax: Axes | None = None) -> Axes:
    """Every subset of the studies as a point: its pooled effect (x) and its I² (y).

    ``subsets``: what ``hf.gosh`` returned. One cloud says that the studies are of one kind; several clouds that they
    are not. ``study`` sets the subsets that hold this study apart, by colour and mark: a cloud that is all its own
    shows what it does. ``measure`` takes the effects back to their natural scale (OR, RR …). Of more than 20 000
    subsets so many are drawn, chosen at random (always the same), and the words say so. Reference: Olkin, Dahabreh &
    Trikalinos 2012, 10.1002/jrsm.1053.

    >>> import handful as hf
    >>> est = hf.estimates([0.1, 0.3, 0.2, 0.9], [0.02, 0.03, 0.02, 0.02])
    >>> axes = gosh(hf.gosh(hf.pool(est)), study="study 4")
    >>> axes.get_ylabel()
    'I² (%)'
    """
    if isinstance(subsets, NotEstimable):
        raise InputError(f"there is nothing to draw: {subsets.reason}")
    if not isinstance(subsets, Gosh):
        raise InputError(f"gosh draws subsets, not {type(subsets).__name__}", hint="hf.gosh(fit)")
    if study is not None and study not in subsets.labels:
        raise UnknownChoice("study", study, subsets.labels)
    scale = scale_of(measure)
    if scale.kind == "share":
        scale = Scale("plain", None, scale.words, scale.back)
    rows = np.flatnonzero(subsets.k > 1)
    if not len(rows):
        raise InputError("no subset has two studies, so none has an I²")
    of = len(rows)
    if of > MOST_POINTS:  # not every n-th: subsets come in the order of their studies
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_POINTS, replace=False))
    x = np.array([scale.back(float(value)) for value in subsets.coefficient[rows]])
    y = np.asarray(subsets.i2[rows], dtype=np.float64)
    if ax is None:
        ax = paper(6.0, 4.2)
        margins(ax, left=0.75, right=0.25, bottom=0.6, top=0.45)
    dress(ax)
    size = max(1.2, 4.5 - 0.8 * np.log10(len(rows)))
    if study is None:
        ax.plot(x, y, linestyle="none", marker="o", markersize=size, color=BAR, alpha=0.35, markeredgewidth=0)
    else:
        held = subsets.with_study(study)[rows]
        for which, words, i in ((~held, f"without {study}", 0), (held, f"with {study}", 1)):
            ax.plot(x[which], y[which], linestyle="none", marker=MARKS[i], markersize=size, color=GROUPS[i], alpha=0.4,
                    markeredgewidth=0, label=words)  # fmt: skip
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, fontsize=SMALL, labelcolor=SOFT,
                  markerscale=3.0, borderaxespad=0.2)  # fmt: skip
    set_axis(ax, scale, *span(x.tolist(), x.tolist(), scale))
    ax.set_ylim(-3.0, 103.0)
    ax.set_xlabel(f"pooled {scale.words}")
    ax.set_ylabel("I² (%)")
    shown = f"{len(rows)} subsets" if of == len(rows) else f"{len(rows)} subsets, chosen at random from {of},"
    return describe(ax, f"GOSH plot of {shown} of {len(subsets.labels)} studies: pooled {scale.words} against I².")
