"""``trim_and_fill``: the mean, had a symmetric funnel been seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.stats.closer.asymmetry import Asymmetry, mixed_test
from handful.stats.closer.trim_and_fill import ESTIMATORS, trim
from handful.stats.estimates.between_study import estimate_tau2
from handful.stats.evidence import Estimates
from handful.stats.fit_text import number, plain, text_as_html
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.influence import options_of
from handful.synthesis.recipe import estimates_of

SIDES = ("left", "right")


@dataclass(frozen=True)
class TrimAndFill:
    """``missing`` studies on the ``side`` where they would be; ``fit`` with them filled in, beside ``original``.

    ``p`` (R0 only) is that of no missing study. ``filled`` are (label, estimate, variance) on the model scale.
    """

    missing: int
    missing_se: float | NotEstimable
    p: float | NotEstimable
    side: str
    estimator: str
    fit: Fit
    original: Fit
    filled: tuple[tuple[str, float, float], ...]
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        names = ("missing", "missing_se", "p", "side", "estimator", "fit", "original", "filled")
        out = {name: plain(getattr(self, name)) for name in names}
        out["notes"] = [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]
        return out

    def __str__(self) -> str:
        studies = "study" if self.missing == 1 else "studies"
        lines = [f"trim and fill, {self.estimator}: {self.missing} {studies} missing on the {self.side}"]
        for name, one in (("as it is", self.original), ("filled in", self.fit)):
            limits = f"({number(one.low)} to {number(one.high)}), {100 * one.level:g} % {one.interval_method}"
            lines.append(f"{name.ljust(9)}  {number(one.estimate)} {limits}; {one.k} studies, tau² {number(one.tau2)}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return text_as_html("trim and fill", str(self))


def trim_and_fill(fit: Any, *, estimator: str = "L0", side: str | None = None) -> TrimAndFill | NotEstimable:
    """How many studies a symmetric funnel lacks, and the result with their mirror images filled in.

    ``fit``: what ``hf.pool`` returned for estimates by inverse variance; its model, τ² estimator and limits are used
    throughout. ``estimator``: ``L0`` (default), ``R0`` (with a test), ``Q0``. ``side``: where studies are thought to be
    missing; None asks the slope of the fit's own regression on standard errors. Formulas:
    ``stats/closer/trim_and_fill.py`` (Duval & Tweedie 2000, 10.1111/j.0006-341X.2000.00455.x).

    When not: as the corrected answer. It blames all asymmetry on suppression of the most extreme results and does badly
    where studies differ (Peters et al. 2007, 10.1002/sim.2889; Terrin et al. 2003, 10.1002/sim.1461): a sensitivity
    analysis. Edges: fewer than three studies, or an estimator that does not exist or does not settle for these studies,
    give ``NotEstimable``.

    >>> import handful as hf
    >>> est = hf.estimates([0.0, 0.1, 0.2, 0.5, 0.6, 0.9], [0.01, 0.02, 0.02, 0.08, 0.1, 0.2])
    >>> found = hf.trim_and_fill(hf.pool(est, model="common-effect"))
    >>> found.missing, found.side
    (3, 'left')
    """
    recipe, evidence = estimates_of(fit, "trim_and_fill")
    if estimator not in ESTIMATORS:
        raise UnknownChoice("estimator", estimator, ESTIMATORS)
    if side is not None and side not in SIDES:
        raise UnknownChoice("side", side, SIDES)
    method, given, _ = options_of(recipe, "trim_and_fill")
    y, v = np.asarray(evidence.yi), np.asarray(evidence.vi)
    k = len(y)
    if k < 3:
        return NotEstimable(f"{k} {'study has' if k == 1 else 'studies have'} no funnel; three are needed")
    notes: list[Note] = []
    if side is None:
        line = mixed_test("side", y, v, np.sqrt(v), method, None, predictor="se", level=0.95, limit=False)
        if isinstance(line, NotEstimable):
            return NotEstimable("the studies are equally large, so nothing says which side is short", evidence.notes)
        side = "right" if line.slope < 0 else "left"
        notes.append(Note("side-chosen", f"the side was chosen by the slope on standard errors, {_slope(line)}"))

    def mean_of(own_y: Any, own_v: Any) -> float:
        tau2 = given if given is not None else estimate_tau2(own_y, own_v, method) if method else 0.0
        w = 1.0 / (own_v + tau2)
        return float(w @ own_y) / float(w.sum())

    found = trim(y, v, mean_of, estimator, side)
    if isinstance(found, str):
        return NotEstimable(found)
    labels = tuple(f"filled for {evidence.labels[i]}" for i in found.mirrored)
    filled = Estimates(
        np.concatenate([y, found.filled_y]),
        np.concatenate([v, found.filled_v]),
        (*evidence.labels, *labels),
        evidence.measure,
    )
    again = replace(recipe, evidence=filled).again(range(len(filled)))
    if isinstance(again, NotEstimable):
        return again
    text = "a sensitivity analysis: filled-in studies are not data, and asymmetry has other causes than suppression"
    notes.append(Note("trim-and-fill", text))
    if k < 10:
        notes.append(Note("few-studies", f"{k} studies make a funnel whose shape is mostly chance"))
    none = NotEstimable("the variance formula is negative for these ranks")
    return TrimAndFill(
        missing=found.k0,
        missing_se=none if math.isnan(found.se) else found.se,
        p=NotEstimable("only R0 has a test") if math.isnan(found.p) else found.p,
        side=side,
        estimator=estimator,
        fit=again,
        original=fit,
        filled=tuple(zip(labels, found.filled_y.tolist(), found.filled_v.tolist(), strict=True)),
        notes=tuple(notes),
    )


def _slope(line: Asymmetry) -> str:
    return f"{number(line.slope)} (p = {number(line.p)})"
