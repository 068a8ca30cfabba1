"""Effects with their standard errors, which is what every figure but the forest and L'Abbé's is drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.figures.rows import evidence_of, measure_of
from handful.figures.scales import Scale, scale_of
from handful.stats.estimates.meta_regression import quantile
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.study_effects import estimates_of

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Effects:
    """``yi`` with ``vi`` on the model scale, and the pooled effect with its error on that scale, where there is one.

    ``left_out``: how many studies have no effect on this scale (an empty cell, say) and are therefore not drawn.
    """

    yi: FloatArray
    vi: FloatArray
    labels: tuple[str, ...]
    scale: Scale
    tau2: float
    mean: float
    se: float
    df: float
    level: float
    left_out: int

    @property
    def sei(self) -> FloatArray:
        """Standard errors."""
        return np.asarray(np.sqrt(self.vi), dtype=np.float64)

    def back(self, values: Any) -> FloatArray:
        """From the model scale to the natural one."""
        return np.array([self.scale.back(float(v)) for v in np.ravel(values)]).reshape(np.shape(values))

    @property
    def on_axis(self) -> Scale:
        """The scale of an axis that this figure draws effects on: a share's ends need not be in the picture."""
        return Scale("plain", None, self.scale.words, self.scale.back) if self.scale.kind == "share" else self.scale

    def said(self) -> str:
        """What is missing from the figure, in a sentence; empty where nothing is."""
        if not self.left_out:
            return ""
        study = "study has" if self.left_out == 1 else "studies have"
        return f" {self.left_out} {study} no finite effect and {'is' if self.left_out == 1 else 'are'} not drawn."


def effects_of(result: Any, evidence: Any = None, *, least: int = 1) -> Effects:
    """The effects behind a fit or evidence; a fit's own mean where it has one on this scale, else the common effect."""
    behind = evidence_of(result, evidence)
    measure = measure_of(result, behind)
    values = estimates_of(behind, measure)
    yi, vi = np.asarray(values.yi), np.asarray(values.vi)
    if len(yi) < least:
        studies = "one study" if least == 1 else f"{least} studies"
        raise InputError(
            f"{len(yi)} of {len(behind)} studies have an effect with a variance; this figure needs {studies}",
            hint="hf.figures.forest draws counts as they are",
        )
    weights = 1.0 / vi
    mean, se, df = float(weights @ yi) / float(weights.sum()), 1.0 / math.sqrt(float(weights.sum())), math.inf
    tau2, level = 0.0, 0.95
    if isinstance(result, Fit):
        level = result.level
        coefficient, error = _number(result.coefficient), _number(result.se)
        if coefficient is not None and error is not None:
            mean, se, df = coefficient, error, float(result.details.get("interval_df", math.inf))
        tau2 = _number(result.tau2) or 0.0
    return Effects(yi, vi, values.labels, scale_of(values.measure), tau2, mean, se, df, level, len(behind) - len(yi))


def _number(value: Any) -> float | None:
    return None if isinstance(value, NotEstimable) or not math.isfinite(value) else float(value)


def reach(level: float, df: float = math.inf) -> float:
    """The quantile whose two-sided level this is: 1.96 at 0.95."""
    return quantile(df, 0.5 + level / 2)


#: where a label may stand, as horizontal and vertical offsets in points; the first free place is taken
_PLACES = tuple((side * 6.0, rise) for rise in (0.0, 8.0, -8.0, 15.0, -15.0) for side in (1, -1))


def named(axes: Any, x: Any, y: Any, labels: tuple[str, ...], which: Any) -> None:
    """Write labels beside points, clear of each other where that can be; when the limits of the axes are set."""
    from handful.figures.theme import SMALL, SOFT

    points = axes.transData.transform(np.column_stack([np.asarray(x, float), np.asarray(y, float)])) * 72.0
    points /= axes.figure.dpi
    frame = axes.get_window_extent().extents * 72.0 / axes.figure.dpi
    taken = [(px - 3, py - 3, px + 3, py + 3) for px, py in points.tolist()]
    for i in which:
        px, py = points[i]
        wide = 0.56 * SMALL * len(labels[i])
        boxes = []
        for across, rise in _PLACES:
            left = px + across if across > 0 else px + across - wide
            boxes.append((left, py + rise - 4.5, left + wide, py + rise + 4.5))
        costs = [sum(_overlap(box, other) for other in taken) + _beyond(box, frame) for box in boxes]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        across, rise = _PLACES[best]
        axes.annotate(labels[i], (x[i], y[i]), xytext=(across, rise), textcoords="offset points", fontsize=SMALL,
                      ha="left" if across > 0 else "right", va="center", color=SOFT, zorder=6)  # fmt: skip


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _beyond(box: tuple[float, ...], frame: Any) -> float:
    """What of a label would leave the axes to the left or right."""
    return 20.0 * (max(0.0, float(frame[0]) - box[0]) + max(0.0, box[2] - float(frame[2])))
