"""Pooling any likelihood curves on one scale by maximum likelihood, with profile-likelihood limits.

l(μ, τ) = Σ_i log ∫ L_i(θ) N(θ; μ, τ²) dθ. The limits of a quantity are where twice the fall of its profile reaches the
χ² quantile; for a rate the quantity is the population average E[expit(θ)], profiled along the curve of (μ, τ) on which
it stays what it is. All curves but those of means from few people (t) are concave, which the search relies on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.bayes_grid import informative, unique_labels
from handful.stats.bayes.curve_rows import CurveRows, StudentCurves
from handful.stats.bayes.curves_ml import CurveMaximum, maximise
from handful.stats.bayes.likelihood_curves import LikelihoodCurve, people_of, stack
from handful.stats.checked import level_and_side
from handful.stats.count_models.average import LogAverage, LogitAverage
from handful.stats.count_models.centred_quadrature import log_marginals, with_derivatives
from handful.stats.count_models.curves import expit
from handful.stats.results import Fit, Interval, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

_GOLDEN = (math.sqrt(5) - 1) / 2


def pool_curves_likelihood(
    curves: Sequence[LikelihoodCurve],
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    measure: str = "effect",
) -> Fit | NotEstimable:
    """Maximum likelihood of the mean effect and τ over curves that may come from different kinds of report.

    For counts alone it is the binomial–normal (or hypergeometric–normal, or Poisson–normal) model. ``estimate`` is the
    population average on the natural scale for rates, the median study's ratio otherwise. Large-sample limits: with few
    studies prefer ``model="bayes"``.

    Edges: every curve one-sided to the same side has no maximum, ``NotEstimable``; flat curves are left out with a
    note; one study gives its own top and limits.
    """
    level, _, _ = level_and_side(level, "two")
    if len(curves) == 0:
        return NotEstimable("there is no curve")
    scale = curves[0].scale
    if any(c.scale != scale for c in curves):
        raise InputError("curves on different scales", hint="bring all to one scale")
    if any(isinstance(c.rows, StudentCurves) for c in curves):
        raise InputError("maximum likelihood needs concave curves", hint="means from few people: model='bayes'")
    names = unique_labels(labels, len(curves))
    kept, kept_names, notes = informative(stack(curves), names)
    notes += tuple(Note(n.code, n.text, about=name) for c, name in zip(curves, names, strict=True) for n in c.notes)
    if not kept_names:
        return NotEstimable("every curve is flat: no study says anything about this effect", notes)
    top = maximise(kept)
    if isinstance(top, NotEstimable):
        return NotEstimable(top.reason, notes)
    common = len(kept_names) == 1
    fall = 0.5 * float(special.chdtri(1, 1 - level))
    profile = _Profile(kept, top, common)
    mean_low, mean_high = profile.limits(lambda c, tau: c, top.mu, top.se_mu, fall)
    back = _BACK[scale]
    average: Any = (
        {"logit": LogitAverage(), "log": LogAverage()}.get(scale) if measure in ("proportion", "rate") else None
    )
    headline, low, high = top.mu, mean_low, mean_high
    if average is not None:
        headline = average.scale(top.mu, top.tau)[0]
        low, high = profile.limits(lambda c, tau: float(average.path(c, tau, c)[0]), headline, top.se_mu, fall)
    used = set(kept_names)
    people = people_of([c for c, name in zip(curves, names, strict=True) if name in used])
    few = NotEstimable("fewer than three studies predict nothing about a next one")
    prediction: Interval | NotEstimable = few
    k = len(kept_names)
    if k >= 3:
        reach = float(special.stdtrit(k - 1, (1 + level) / 2)) * math.hypot(top.tau, top.se_mu)
        prediction = Interval(back(top.mu), back(top.mu - reach), back(top.mu + reach), level, "t, k − 1")
    if common:
        notes += (Note("single-study", "one study: its own likelihood; nothing is pooled"),)
    return Fit(
        model="likelihood",
        measure=measure,
        estimate=back(headline),
        low=back(low),
        high=back(high),
        level=level,
        interval_method="profile likelihood",
        coefficient=top.mu,
        se=top.se_mu,
        coefficient_low=mean_low,
        coefficient_high=mean_high,
        median=back(top.mu),
        median_low=back(mean_low),
        median_high=back(mean_high),
        tau2=NotEstimable("one study has no between-study variance") if common else top.tau2,
        tau2_interval=NotEstimable("one study") if common else profile.tau2_interval(fall, level),
        k=k,
        people=people,
        prediction=prediction,
        weights=NotEstimable("a likelihood of curves has no study weights"),
        labels=tuple(kept_names),
        log_likelihood=top.log_likelihood,
        notes=notes,
        details={"scale": scale},
    )


class _Profile:
    """The likelihood with one quantity held and the rest at its best."""

    def __init__(self, curves: CurveRows, top: CurveMaximum, common: bool) -> None:
        self.curves, self.top, self.common, self.k = curves, top, common, len(curves)

    def value(self, mu: float, tau: float) -> float:
        many = np.full(self.k, mu)
        if tau < 1e-6:
            return math.fsum(self.curves.value(many))
        return math.fsum(log_marginals(self.curves, many, tau))

    def limits(self, mu_of: Callable[[float, float], float], at: float, se: float, fall: float) -> tuple[float, float]:
        """Both limits of a quantity c, with μ = mu_of(c, τ)."""
        least = self.top.log_likelihood - fall
        ends = []
        for sign in (-1.0, 1.0):
            known = [self.top.tau]

            def above(step: float, sign: float = sign, known: list[float] = known) -> float:
                best, known[0] = self._best_tau(lambda tau: self.value(mu_of(at + sign * step, tau), tau), known[0])
                return best - least

            ends.append(at + sign * _outward_root(above, 2.0 * se))
        return ends[0], ends[1]

    def _best_tau(self, value: Callable[[float], float], near: float) -> tuple[float, float]:
        """The largest value over τ ≥ 0: a scan of factors around what was best before, then golden section."""
        if self.common:
            return value(0.0), 0.0
        unit = max(near, 0.05)
        taus = [0.0, *(unit * f for f in (0.1, 0.3, 0.6, 1.0, 1.5, 2.5, 5.0))]
        values = [value(t) for t in taus]
        i = int(np.argmax(values))
        low, high = taus[max(i - 1, 0)], taus[min(i + 1, len(taus) - 1)]
        while i == len(taus) - 1:  # still rising at the end of the scan
            taus.append(2 * taus[-1])
            values.append(value(taus[-1]))
            if values[-1] <= values[-2] or taus[-1] > 1e3:
                low, high = taus[-3], taus[-1]
                break
            i += 1
        a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        fa, fb = value(a), value(b)
        while high - low > 1e-5 * (1 + high):  # the top is flat: 1e-5 in τ is 1e-10 in the likelihood
            if fa >= fb:
                high, b, fb = b, a, fa
                a = high - _GOLDEN * (high - low)
                fa = value(a)
            else:
                low, a, fa = a, b, fb
                b = low + _GOLDEN * (high - low)
                fb = value(b)
        best = max((fa, a), (fb, b), (values[0], 0.0))
        return best[0], best[1]

    def tau2_interval(self, fall: float, level: float) -> Interval:
        """Where the profile of τ has fallen."""
        least, tau = self.top.log_likelihood - fall, self.top.tau
        known = [self.top.mu]

        def at(t: float) -> float:
            mu = known[0]
            for _ in range(60):
                if t < 1e-6:
                    _, slope, bend = self.curves.slopes(np.full(self.k, mu))
                    g, h = float(slope.sum()), float(bend.sum())
                else:
                    m = with_derivatives(self.curves, np.full(self.k, mu), t)
                    g, h = float(m.mu.sum()), float(m.mu_mu.sum())
                step = max(-2.0, min(2.0, g / max(-h, 1e-9)))
                mu += step
                if abs(step) < 1e-8:
                    break
            known[0] = mu
            return self.value(mu, t) - least

        high = tau + _outward_root(lambda step: at(tau + step), max(tau, 0.3))
        known[0] = self.top.mu
        low = 0.0
        if tau > 0 and at(0.0) < 0:
            known[0] = self.top.mu
            low = tau - _outward_root(lambda step: at(tau - min(step, tau)), 0.3 * tau)
        return Interval(self.top.tau2, low * low, high * high, level, "profile likelihood")


def _outward_root(above: Callable[[float], float], start: float) -> float:
    """The step at which ``above`` (positive at 0) crosses 0: doubled until it is below, then regula falsi."""
    low, f_low, high = 0.0, above(0.0), start
    f_high = above(high)
    while f_high > 0 and high < 1e4:
        low, f_low, high = high, f_high, 2 * high
        f_high = above(high)
    if f_high > 0:
        return math.inf
    side = 0
    for _ in range(100):
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        value = above(middle)
        if abs(value) < 1e-9 or high - low < 1e-10 * (1 + high):
            return middle
        if value > 0:
            low, f_low = middle, value
            f_high *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            high, f_high = middle, value
            f_low *= 0.5 if side == -1 else 1.0
            side = -1
    return 0.5 * (low + high)


def _exp(x: float) -> float:
    return math.exp(x) if x < 709 else math.inf


_BACK: dict[str, Callable[[float], float]] = {"logit": lambda x: float(expit(x)), "log": _exp, "identity": float}
