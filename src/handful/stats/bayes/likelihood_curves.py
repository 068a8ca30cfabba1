"""What one study says, whatever it reported, as a log-likelihood curve over one effect.

A 1-of-4 series, a rate, a 2×2 table, a published odds ratio with its interval, a mean of five scores: each becomes a
:class:`LikelihoodCurve` on one scale, and curves on the same scale can be multiplied and pooled together.

==========================  ============================================  ==================
function                    curve                                         scale of θ
==========================  ============================================  ==================
:func:`from_counts`         x of n                                        logit of the rate
:func:`from_rate`           events in person-time                         log rate
:func:`from_table`          2×2, conditional or baseline integrated out   log odds ratio
:func:`from_two_rates`      two event counts, conditional                 log rate ratio
:func:`from_estimate`       published estimate with error or interval     identity, log, logit
:func:`from_means`          two small samples (t likelihood)              mean difference
:func:`from_scores`         one small sample (t likelihood)               mean
==========================  ============================================  ==================
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.axes import axes_for
from handful.stats.bayes.curve_rows import (
    CurveRows,
    MixedCurves,
    NormalCurves,
    ProductCurves,
    ShiftedCurves,
    StudentCurves,
)
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.table_curves import BaselineCurves, HypergeometricCurves
from handful.stats.checked import (
    Given,
    choice,
    events_and_times,
    events_and_totals,
    finite_numbers,
    level_and_side,
    one_number,
)
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]
Scale: TypeAlias = Literal["identity", "log", "logit"]

SCALES = ("identity", "log", "logit")
UNKNOWN_PEOPLE = NotEstimable("estimates and person-time do not say how many people are behind them")


@dataclass(frozen=True, eq=False)
class LikelihoodCurve:
    """The log-likelihood of one effect θ from one study (or more, multiplied), on the ``scale`` named.

    ``rows`` is the numeric curve; ``what`` says in words what it was made of.
    """

    rows: CurveRows
    scale: Scale
    what: str
    people: float | NotEstimable = UNKNOWN_PEOPLE
    notes: tuple[Note, ...] = ()

    def __repr__(self) -> str:
        who = "" if isinstance(self.people, NotEstimable) else f", {self.people:g} people"
        return f"<LikelihoodCurve {self}{who}>"

    def __str__(self) -> str:
        scale = {"log": "log effect", "logit": "logit", "identity": "effect"}[self.scale]
        return f"{self.what} ({scale})" if self.shape == "two-sided" else f"{self.what} ({scale}; {self.shape})"

    def log_likelihood(self, theta: npt.ArrayLike) -> Any:
        """At θ on the model scale; a number for a number."""
        values = finite_numbers("theta", theta)
        out = self.rows.value(values.reshape(1, -1))[0]
        return float(out[0]) if values.ndim == 0 else out.reshape(values.shape)

    @property
    def mode(self) -> float:
        """The θ that makes the data most probable; −∞ or ∞ for a one-sided curve, NaN never: a flat one has 0."""
        return float(shapes(self.rows).mode[0])

    @property
    def flat(self) -> bool:
        """True when the study says nothing about this effect (no events in both arms, say)."""
        return bool(shapes(self.rows).flat[0])

    @property
    def one_sided(self) -> bool:
        """True when the curve bounds the effect on one side only (0 of n, n of n, an empty cell)."""
        return bool(shapes(self.rows).one_sided[0])

    @property
    def shape(self) -> str:
        """'two-sided', 'one-sided: bounds the effect from above' (or below), 'flat: says nothing about this effect'."""
        if self.flat:
            return "flat: says nothing about this effect"
        if not self.one_sided:
            return "two-sided"
        side = "above" if math.isinf(self.mode) and self.mode < 0 else "below"
        return f"one-sided: bounds the effect from {side} only"

    def __mul__(self, other: LikelihoodCurve) -> LikelihoodCurve:
        """Two independent sources on the *same* effect (not on two effects: that is pooling)."""
        if not isinstance(other, LikelihoodCurve):
            return NotImplemented
        if other.scale != self.scale:
            raise InputError(
                f"a curve on the {self.scale} scale times one on the {other.scale} scale",
                hint="bring both to one scale first",
            )
        rows = ProductCurves(self.rows, other.rows)
        what = f"{self.what} × {other.what}"
        return LikelihoodCurve(rows, self.scale, what, people_of((self, other)), self.notes + other.notes)

    def draw(self, ax: Any = None) -> Any:
        """Draw the curve, scaled to a top of 1; returns the matplotlib axes (needs ``handful[plot]``)."""
        axes = axes_for(ax)
        form = shapes(self.rows)
        middle = float(np.clip(form.mode[0], form.low[0], form.high[0]))
        width = 6 * float(form.grain[0])
        grid = np.linspace(max(middle - width, float(form.low[0])), min(middle + width, float(form.high[0])), 400)
        axes.plot(grid, np.exp(self.log_likelihood(grid) - float(form.peak[0])), label=self.what)
        if self.shape != "two-sided":
            axes.set_title(f"{self.what}: {self.shape}")
        axes.set_ylabel("likelihood (top = 1)")
        axes.set_xlabel("effect" if self.scale == "identity" else self.scale)
        return axes


def people_of(curves: Sequence[LikelihoodCurve]) -> float | NotEstimable:
    """How many people are behind them, where every curve says so."""
    known = [c.people for c in curves if not isinstance(c.people, NotEstimable)]
    return math.fsum(known) if len(known) == len(curves) else UNKNOWN_PEOPLE


def stack(curves: Sequence[LikelihoodCurve]) -> CurveRows:
    """Rows of one numeric set; curves of one kind are joined, so that they are evaluated together."""
    kinds: dict[type, list[int]] = {}
    for i, curve in enumerate(curves):
        kinds.setdefault(type(curve.rows), []).append(i)
    parts: list[Any] = []
    order: list[int] = []
    for kind, places in kinds.items():
        rows = [curves[i].rows for i in places]
        parts.extend([_joined(kind, rows)] if kind in _JOINABLE else rows)
        order.extend(places)
    if len(parts) == 1 and kinds.keys() <= _JOINABLE:
        joined: CurveRows = parts[0]
        return joined
    return MixedCurves.of(parts).take(np.argsort(np.array(order)))


_JOINABLE = {BinomialCurves, PoissonCurves, NormalCurves, StudentCurves, HypergeometricCurves, BaselineCurves}


def _joined(kind: Any, rows: list[Any]) -> Any:
    names = list(kind.__dataclass_fields__)
    return kind(*(np.concatenate([getattr(r, name) for r in rows]) for name in names))


def _one_study(given: Given) -> tuple[FloatArray, ...]:
    """The columns, for one study only."""
    if not given.scalar:
        raise InputError("a curve is of one study, and here are lists", hint="make one curve of each and pool them")
    return given.values


def from_counts(events: int, total: int) -> LikelihoodCurve:
    """x of n, on the logit of the rate."""
    x, n = _one_study(events_and_totals(events=events, total=total))
    return LikelihoodCurve(BinomialCurves.of(x, n), "logit", f"{events} of {total}", float(n[0]))


def from_rate(events: int, time: float) -> LikelihoodCurve:
    """Events in person-time, on the log rate."""
    x, t = _one_study(events_and_times(events=events, time=time))
    if t[0] <= 0:
        raise InputError(f"time={time!r}", hint="person-time above 0")
    return LikelihoodCurve(PoissonCurves.of(x, t), "log", f"{events} in {time:g} person-time")


def from_table(
    events1: int,
    total1: int,
    events2: int,
    total2: int,
    *,
    method: Literal["conditional", "baseline-integrated"] = "conditional",
    baseline_mean: float = 0.0,
    baseline_sd: float = 10.0,
) -> LikelihoodCurve:
    """A 2×2 table, on the log odds ratio of the first group against the second.

    ``"conditional"`` uses the non-central hypergeometric likelihood given the margins (van Houwelingen, Zwinderman &
    Stijnen 1993, 10.1002/sim.4780122405); ``"baseline-integrated"`` writes logit p = α ± θ/2 with α normal and
    integrates α out (Günhan, Röver & Friede 2020, 10.1002/jrsm.1370).
    """
    given = events_and_totals(events1=events1, total1=total1, events2=events2, total2=total2)
    four = list(_one_study(given))
    what = f"{events1} of {total1} against {events2} of {total2}"
    people = float(total1) + float(total2)
    if choice("method", method, ("conditional", "baseline-integrated")) == "conditional":
        return LikelihoodCurve(HypergeometricCurves(*four), "log", what, people)
    mean = one_number("baseline_mean", baseline_mean, "a finite number, on the logit")
    sd = one_number("baseline_sd", baseline_sd, "a positive number, on the logit", above=0)
    four += [np.array([mean]), np.array([sd])]
    return LikelihoodCurve(BaselineCurves(*four), "log", what, people)


def from_two_rates(events1: int, time1: float, events2: int, time2: float) -> LikelihoodCurve:
    """Events in two lots of person-time, on the log rate ratio, given their sum: binomial with odds e^θ t1/t2."""
    x1, t1, x2, t2 = _one_study(events_and_times(events1=events1, time1=time1, events2=events2, time2=time2))
    if t1[0] <= 0 or t2[0] <= 0:
        raise InputError(f"times {time1!r} and {time2!r}", hint="person-times above 0")
    base = BinomialCurves.of(x1, x1 + x2)
    what = f"{events1} in {time1:g} against {events2} in {time2:g} person-time"
    return LikelihoodCurve(ShiftedCurves(base, np.log(t1 / t2)), "log", what)


def from_estimate(
    estimate: float | None = None,
    *,
    se: float | None = None,
    low: float | None = None,
    high: float | None = None,
    level: float = 0.95,
    scale: Scale = "identity",
    percent: bool = False,
    se_on: Literal["model", "natural"] = "model",
) -> LikelihoodCurve:
    """A published estimate as a normal curve on the scale where its error is nearest to normal.

    ``scale="log"`` for ratios, ``"logit"`` for a proportion (``percent=True`` when given in per cent). ``estimate,
    low, high`` are as printed, on the natural scale; ``se`` is on the model scale unless ``se_on="natural"`` (then it
    is carried over by the slope of the transformation at the estimate). From an interval, se = (high − low) / 2z on
    the model scale. A point that lies far from the middle of its transformed interval carries a note: the interval
    was made on another scale, or is exact, and the counts behind it would be better.
    """
    choice("scale", scale, SCALES)
    choice("se_on", se_on, ("model", "natural"))
    unit = 100.0 if percent else 1.0
    given = {
        name: None if v is None else one_number(name, v, "a finite number, as printed") / unit
        for name, v in (("estimate", estimate), ("low", low), ("high", high))
    }
    moved = {name: None if v is None else _to_model(name, v, scale) for name, v in given.items()}
    centre, bottom, top = moved["estimate"], moved["low"], moved["high"]
    notes: tuple[Note, ...] = ()
    if se is not None and (bottom is not None or top is not None):
        raise InputError("both se= and an interval", hint="give one: the interval says more about its own scale")
    if se is not None:
        if centre is None:
            raise InputError("a standard error needs its estimate", hint="give estimate= too, or low= and high=")
        width = one_number("se", se, "a positive number", above=0)
        if se_on == "natural":
            width *= _slope(given["estimate"] or 0.0, scale) / unit
    elif bottom is not None and top is not None:
        level, _, tail = level_and_side(level, "two")
        if not bottom < top:
            raise InputError(f"low={low!r}, high={high!r}", hint="the lower limit comes first")
        if centre is not None and not bottom <= centre <= top:
            raise InputError(
                f"the estimate {estimate:g} lies outside its interval, {low:g} to {high:g}", hint="check the three"
            )
        width = (top - bottom) / (-2 * float(special.ndtri(tail)))
        middle = (top + bottom) / 2
        centre = middle if centre is None else centre
        if abs(centre - middle) > 0.25 * width:
            away = (centre - middle) / width
            notes = (
                Note(
                    "interval-not-symmetric",
                    f"the estimate lies {away:+.2g} standard errors off the middle of its interval, {scale} scale",
                ),
            )
    else:
        raise InputError("an estimate without its uncertainty", hint="give se=, or low= and high=")
    if not (math.isfinite(width) and width > 0):
        raise InputError(f"standard error {width!r}", hint="it must be positive and finite")
    spread = f", se {se:g}" if se is not None else f" ({low:g} to {high:g})"
    what = f"{'interval' if estimate is None else f'{estimate:g}'}{spread}{' %' if percent else ''}"
    return LikelihoodCurve(NormalCurves(np.array([centre]), np.array([width])), scale, what, notes=notes)


def _to_model(name: str, value: float, scale: str) -> float:
    if scale == "identity":
        return value
    if scale == "log":
        if value <= 0:
            raise InputError(f"{name}={value:g} on the log scale", hint="a ratio is above 0")
        return math.log(value)
    if not 0 < value < 1:
        raise InputError(f"{name}={value:g} on the logit scale", hint="a proportion strictly between 0 and 1")
    return math.log(value / (1 - value))


def _slope(value: float, scale: str) -> float:
    return 1.0 if scale == "identity" else 1 / value if scale == "log" else 1 / (value * (1 - value))


def from_means(
    n1: int, mean1: float, sd1: float, n2: int, mean2: float, sd2: float, *, equal_sd: bool = True
) -> LikelihoodCurve:
    """Difference of two small samples' means: t around m1 − m2.

    With a common unknown sd (prior 1/σ) the integrated likelihood is exactly t with n1 + n2 − 2 degrees of freedom;
    ``equal_sd=False`` uses Welch's standard error and degrees of freedom, which is an approximation.
    """
    n1, n2 = (
        int(one_number(name, v, "a whole number of people, 2 or more", least=2, whole=True))
        for name, v in (("n1", n1), ("n2", n2))
    )
    mean1, mean2 = (one_number(name, v, "a finite number") for name, v in (("mean1", mean1), ("mean2", mean2)))
    sd1, sd2 = (one_number(name, v, "a positive number", above=0) for name, v in (("sd1", sd1), ("sd2", sd2)))
    if not isinstance(equal_sd, bool):
        raise InputError(f"equal_sd={equal_sd!r}", hint="accepted: True, False (Welch)")
    if equal_sd:
        df = float(n1 + n2 - 2)
        pooled = ((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df
        se = math.sqrt(pooled * (1 / n1 + 1 / n2))
    else:
        a, b = sd1**2 / n1, sd2**2 / n2
        se = math.sqrt(a + b)
        df = (a + b) ** 2 / (a * a / (n1 - 1) + b * b / (n2 - 1))
    what = f"mean {mean1:g} (sd {sd1:g}, n {n1}) against {mean2:g} (sd {sd2:g}, n {n2})"
    return _student(mean1 - mean2, se, df, what, n1 + n2)


def from_scores(scores: Sequence[float] | FloatArray) -> LikelihoodCurve:
    """The mean of one group's scores, patient by patient: t with n − 1 degrees of freedom."""
    values = finite_numbers("scores", scores)
    if values.ndim != 1 or len(values) < 2 or not np.all(np.isfinite(values)) or float(values.std()) == 0:
        raise InputError(f"{values.tolist()!r}", hint="at least two finite scores that are not all the same")
    n = len(values)
    se = float(values.std(ddof=1)) / math.sqrt(n)
    return _student(float(values.mean()), se, n - 1, f"{n} scores, mean {values.mean():g}", n)


def _student(y: float, se: float, df: float, what: str, people: float) -> LikelihoodCurve:
    rows = StudentCurves(np.array([y]), np.array([se]), np.array([float(df)]))
    return LikelihoodCurve(rows, "identity", what, float(people))
