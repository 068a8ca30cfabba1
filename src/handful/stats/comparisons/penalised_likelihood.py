"""A common odds ratio by Firth's penalised likelihood: finite whatever cells are empty.

Logistic regression on study and group: logit p_ij = α_i ± θ/2. Maximised is ℓ + ½ log det I, I the expected information
in (α_1, …, α_k, θ): the logarithm of Jeffreys' prior. With w_j = n_j p_j(1 − p_j) the determinant is
Π(w_i1 + w_i2) · Σ w_i1 w_i2/(w_i1 + w_i2). It takes away the first-order bias of the estimate, always has a finite
maximum, and treats groups, and events and non-events, alike. A study without any event (or with nothing but events)
takes part through the penalty alone, as if it had a little of both: left out by default and listed, taken in with
``drop00=False``.

References: Firth 1993, 10.1093/biomet/80.1.27; Heinze & Schemper 2002, 10.1002/sim.1047; Kosmidis & Firth 2021,
10.1093/biomet/asaa052; for meta-analysis Evrenoglou et al. 2022, 10.1002/sim.9562.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import UnknownChoice
from handful.stats.comparisons.common_contrast import NO_SPREAD, around, natural
from handful.stats.comparisons.contrast_fit import four, mirrored
from handful.stats.comparisons.hypergeometric_normal import with_information
from handful.stats.comparisons.two_arm_notes import few_notes, partial_note, study_names, weight_notes
from handful.stats.count_models.curves import BinomialCurves
from handful.stats.count_models.profile import signed_root_limit
from handful.stats.distributions.normal import normal_quantile
from handful.stats.effects.effect_two_by_two import two_by_two_effects
from handful.stats.results import Fit, NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

INTERVALS = ("profile", "wald")
_ROUNDS = 500


def pool_penalised_likelihood(
    events1: Any,
    totals1: Any,
    events2: Any,
    totals2: Any,
    *,
    measure: str = "OR",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    interval: str = "profile",
    drop00: bool = True,
) -> Fit | NotEstimable:
    """One common odds ratio with Firth's penalty, for rare events.

    ``interval``: ``profile`` (of the penalised likelihood, default) or ``wald`` (from the expected information at the
    estimate). No study with both events and non-events: ``NotEstimable``. Events in one group only give a finite
    estimate.

    >>> fit = pool_penalised_likelihood([2, 4, 6], [39, 44, 107], [0, 0, 0], [43, 44, 110])
    >>> round(fit.estimate, 1)
    27.3
    """
    if measure != "OR":
        raise UnknownChoice("measure", measure, ("OR",))
    if interval not in INTERVALS:
        raise UnknownChoice("interval", interval, INTERVALS)
    given = four(events1, totals1, events2, totals2)
    kept, names, notes = with_information(given, labels)
    if len(names) == 0:
        return NotEstimable("no study has both events and non-events", notes)
    if not drop00:
        kept, names, notes = given, study_names(labels, len(given[0])), ()
    x1, n1, x2, n2 = kept
    studies = mirrored(x1, n1, x2, n2, names, events=True)
    order = np.lexsort(studies.columns[::-1])  # one order of adding up, whatever order the studies came in
    model = _Penalised(*(column[order] for column in studies.columns))
    top = model.highest()
    z = normal_quantile((1.0 - level) / 2)
    se, weights = model.error(top)
    low, high = top.theta - z * se, top.theta + z * se
    if interval == "profile":
        low, high = _limits(model, top, z, se)
    sign = studies.sign
    mu, (low, high) = sign * top.theta, (low, high) if sign > 0 else (-high, -low)
    back = [natural("OR", v) for v in (mu, low, high)]
    y, v = two_by_two_effects(x1, n1 - x1, x2, n2 - x2, "OR", "LS")
    spread = around(y, v, mu)
    share = np.empty(len(names))
    share[order] = weights / weights.sum()
    return Fit(
        model="penalised-likelihood",
        measure="OR",
        estimate=back[0],
        low=back[1],
        high=back[2],
        level=level,
        interval_method=interval,
        coefficient=mu,
        se=se,
        coefficient_low=low,
        coefficient_high=high,
        median=back[0],
        median_low=back[1],
        median_high=back[2],
        tau2=NO_SPREAD,
        tau2_interval=NO_SPREAD,
        k=len(names),
        people=float((n1 + n2).sum()),
        prediction=NO_SPREAD,
        weights=tuple(float(w) for w in share),
        labels=names,
        i2=spread.i2,
        h2=spread.h2,
        q=spread.q,
        q_df=spread.df,
        q_p=spread.p,
        log_likelihood=top.value,
        converged=top.converged,
        numerical_error=0.0,
        notes=notes + partial_note(spread.k, len(names)) + few_notes(len(names)) + weight_notes(names, share),
        details={"scale": "log", "q_studies": spread.k, "penalised": True},
    )


@dataclass(frozen=True)
class _Top:
    theta: float
    alpha: FloatArray
    value: float
    slope: float
    converged: bool


@dataclass(frozen=True)
class _Penalised:
    """ℓ + ½ log det I of studies in one order."""

    x1: FloatArray
    n1: FloatArray
    x2: FloatArray
    n2: FloatArray

    def highest(self) -> _Top:
        """Over α and θ: Fisher scoring on Firth's modified score."""
        start = np.log((self.x1 + self.x2 + 0.5) / (self.n1 + self.n2 - self.x1 - self.x2 + 0.5))
        return self._climb(start, 0.0, free=True)

    def given(self, theta: float, near: _Top) -> _Top:
        """Over α with θ held."""
        return self._climb(near.alpha, theta, free=False)

    def _climb(self, alpha: FloatArray, theta: float, *, free: bool) -> _Top:
        value = self.value(alpha, theta)
        decrement, best = np.inf, np.inf
        for _ in range(_ROUNDS):
            score, slope, w1, w2 = self._score(alpha, theta)
            w, difference = w1 + w2, (w1 - w2) / 2
            schur = float((w1 * w2 / w).sum())
            step_theta = (slope - float((difference / w * score).sum())) / schur if free else 0.0
            step = (score - difference * step_theta) / w
            decrement = float(score @ step) + slope * step_theta
            longest = max(float(np.abs(step).max()), abs(step_theta))
            size = min(1.0, 3.0 / longest) if longest > 0 else 1.0
            for _ in range(40):
                new = self.value(alpha + size * step, theta + size * step_theta)
                if new >= value - 1e-13 * (1.0 + abs(value)):
                    break
                size /= 2
            alpha, theta, value = alpha + size * step, theta + size * step_theta, new
            # scoring converges linearly; it ends where rounding keeps the decrement from falling further
            if decrement == 0 or (decrement >= best and decrement < 1e-13 * (1.0 + abs(value))):
                break
            best = min(best, decrement)
        return _Top(theta, alpha, value, self._score(alpha, theta)[1], decrement < 1e-12 * (1.0 + abs(value)))

    def value(self, alpha: FloatArray, theta: float) -> float:
        """The penalised log-likelihood, with every constant of the likelihood."""
        first, second, w1, w2, _, _ = self._parts(alpha, theta)
        w = w1 + w2
        return float((first + second).sum() + 0.5 * (np.log(w).sum() + np.log((w1 * w2 / w).sum())))

    def _parts(
        self, alpha: FloatArray, theta: float
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        v1, g1, h1 = BinomialCurves.of(self.x1, self.n1).slopes(alpha + theta / 2)
        v2, g2, h2 = BinomialCurves.of(self.x2, self.n2).slopes(alpha - theta / 2)
        return v1, v2, -h1, -h2, g1, g2

    def _score(self, alpha: FloatArray, theta: float) -> tuple[FloatArray, float, FloatArray, FloatArray]:
        """Gradient of the penalised likelihood in α and θ, and the information's pieces.

        dw/dη = w(1 − 2p) in each group. With S = Σ w₁w₂/w: d log det/dη₁ = w₁'(1/w + (w₂/w)²/S), and likewise η₂.
        """
        _, _, w1, w2, g1, g2 = self._parts(alpha, theta)
        w, total = w1 + w2, float((w1 * w2 / (w1 + w2)).sum())
        bent1 = w1 * (1 - 2 * (self.x1 - g1) / self.n1)
        bent2 = w2 * (1 - 2 * (self.x2 - g2) / self.n2)
        m1 = g1 + 0.5 * bent1 * (1 / w + (w2 / w) ** 2 / total)
        m2 = g2 + 0.5 * bent2 * (1 / w + (w1 / w) ** 2 / total)
        return m1 + m2, float(((m1 - m2) / 2).sum()), w1, w2

    def error(self, top: _Top) -> tuple[float, FloatArray]:
        """The standard error of θ from the expected information, and each study's part of that."""
        _, _, w1, w2, _, _ = self._parts(top.alpha, top.theta)
        each = w1 * w2 / (w1 + w2)
        return 1.0 / float(np.sqrt(each.sum())), each


def _limits(model: _Penalised, top: _Top, z: float, se: float) -> tuple[float, float]:
    ends = []
    for side in (-1.0, 1.0):
        last = [top]

        def profile(theta: float, last: list[_Top] = last) -> tuple[float, float]:
            found = model.given(theta, last[0])
            last[0] = found
            return found.value, found.slope

        ends.append(signed_root_limit(profile, top.value, top.theta, side * z * se, z, 200.0))
    return ends[0], ends[1]
