"""Selection models: the mean and τ² had studies been seen with a probability that depends on their p values.

Maximum likelihood of (μ, τ², δ) with the weights of ``selection_weights.py``; standard errors from the observed
information; the likelihood ratio against no selection. δ has wide limits with few studies: that is the finding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.closer.climbing import climb_to_top, gradient_and_hessian
from handful.stats.closer.selection_result import SelectionModel, Weight
from handful.stats.closer.selection_weights import ALTERNATIVES, CURVES, Curve, Steps, curve, one_sided_p
from handful.stats.distributions.chi_squared import chi2_above
from handful.stats.distributions.normal import normal_above, normal_quantile
from handful.stats.estimates.between_study import estimate_tau2
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]

TYPES = ("step", "three-parameter", *CURVES)
#: a weight beyond this is taken as running away
_MOST = 1e4
_EDGE = 1e-4


def selection_model_of(
    y: FloatArray,
    v: FloatArray,
    kind: str = "three-parameter",
    *,
    alternative: str = "greater",
    steps: Sequence[float] = (0.025,),
    weights: Sequence[float] | None = None,
    common: bool = False,
    level: float = 0.95,
) -> SelectionModel | NotEstimable:
    """For y, v (k,). ``kind``: ``three-parameter`` (one step at .025), ``step`` with ``steps``, or a curve.

    ``weights`` fixes the weights of a step model (one for each interval, the first 1) instead of estimating them;
    ``common`` holds τ² at 0.
    """
    for option, value, allowed in (("type", kind, TYPES), ("alternative", alternative, ALTERNATIVES)):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    cuts = _cuts(kind, steps)
    k, count = len(y), len(cuts) if cuts.size else 2 if kind == "beta" else 1
    fixed = None if weights is None else _fixed(weights, cuts)
    wanted = 1 + (not common) + (count if fixed is None else 0)
    if k <= wanted:
        return NotEstimable(f"{wanted} parameters cannot be estimated from {k} {'study' if k == 1 else 'studies'}")
    p = one_sided_p(y, v, alternative)
    notes: list[Note] = []
    form: Steps | Curve
    if cuts.size:
        which = np.searchsorted(cuts, p, side="left").astype(np.int64)
        form = Steps(cuts, alternative, which, np.sqrt(v))
        seen = np.bincount(which, minlength=count + 1)
        names = [f"p from {a:g} to {b:g}" for a, b in zip(cuts, [*cuts[1:], 1.0], strict=True)]
        if fixed is None:
            if seen[0] == 0:
                return NotEstimable(
                    f"no study has p up to {cuts[0]:g} ({alternative}), and all weights are relative to such studies"
                )
            for name, own in zip(names, seen[1:], strict=True):
                if own == 0:
                    notes.append(
                        Note("empty-interval", "no study has such a p value: the weight runs to 0", about=name)
                    )
    else:
        if alternative == "two-sided":
            raise InputError(f"{kind} is for one direction", hint='type="step" can be two-sided')
        form = curve(kind, alternative, y, v)
        names = ["δ1", "δ2"] if kind == "beta" else ["δ"]
    work = _Work(y, v, form, kind, fixed, common, count)
    return _finish(work, names, cuts, notes, alternative, level)


def _cuts(kind: str, steps: Sequence[float]) -> FloatArray:
    if kind not in ("step", "three-parameter"):
        return np.empty(0)
    if kind == "three-parameter":
        return np.array([0.025])
    cuts = np.unique(np.asarray(list(steps), dtype=np.float64))
    cuts = cuts[cuts < 1.0]
    if cuts.size == 0 or cuts[0] <= 0:
        raise InputError(f"steps={list(steps)!r} are not p values between 0 and 1", hint="steps=(0.025, 0.5)")
    return np.asarray(cuts, dtype=np.float64)


def _fixed(weights: Sequence[float], cuts: FloatArray) -> FloatArray:
    found = np.asarray(list(weights), dtype=np.float64)
    if cuts.size == 0:
        raise InputError("weights can be given for steps only", hint='type="step"')
    if found.shape != (cuts.size + 1,) or not bool(np.all((found > 0) & np.isfinite(found))):
        raise InputError(
            f"weights has {found.size} entries for {cuts.size + 1} intervals", hint="one above 0 for each, the first 1"
        )
    return found


@dataclass(frozen=True, eq=False)
class _Work:
    """Parameters: μ, τ (either sign) unless common, and √δ (log δ for beta) unless fixed."""

    y: FloatArray
    v: FloatArray
    form: Steps | Curve
    kind: str
    fixed: FloatArray | None
    common: bool
    count: int

    @property
    def free(self) -> int:
        return 0 if self.fixed is not None else self.count

    def natural(self, theta: FloatArray) -> tuple[float, float, FloatArray]:
        """μ, τ², δ."""
        tau2 = 0.0 if self.common else float(theta[1] ** 2)
        rest = theta[1 if self.common else 2 :]
        return float(theta[0]), tau2, np.exp(rest) if self.kind == "beta" else rest * rest

    def value(self, mean: float, tau2: float, delta: FloatArray) -> float:
        variance = self.v + tau2
        if not bool(np.all(variance > 0)):
            return -np.inf
        rest = self.y - mean
        normal = -0.5 * float((rest * rest / variance + np.log(2.0 * np.pi * variance)).sum())
        if isinstance(self.form, Steps):
            delta = self.fixed if self.fixed is not None else np.concatenate([[1.0], delta])
        return normal + self.form.log_likelihood(mean, variance, delta)

    def at(self, theta: FloatArray) -> float:
        mean, tau2, delta = self.natural(theta)
        if delta.size and float(delta.max()) > _MOST:
            return -np.inf
        return self.value(mean, tau2, delta)

    def units(self) -> FloatArray:
        tau2 = 0.0 if self.common else estimate_tau2(self.y, self.v, "ML")
        error = 1.0 / math.sqrt(float((1.0 / (self.v + tau2)).sum()))
        # a typical variance that one enormous one does not move
        spread = max(1.0 / math.sqrt(float((1.0 / self.v).mean())), 0.3 * math.sqrt(tau2))
        return np.array([error, *([] if self.common else [spread]), *([0.5] * self.free)])

    def starts(self) -> list[FloatArray]:
        tau2 = 0.0 if self.common else estimate_tau2(self.y, self.v, "ML")
        w = 1.0 / (self.v + tau2)
        mean = float(w @ self.y) / float(w.sum())
        tau = math.sqrt(max(tau2, 0.05 / float((1.0 / self.v).mean())))
        begins: tuple[float, ...] = (1.0, 0.3, 3.0) if self.free else (1.0,)
        if self.kind not in ("step", "three-parameter", "beta"):
            begins = (0.01, 0.3, 3.0, 30.0)
        out = []
        for begin in begins:
            own = math.log(begin) if self.kind == "beta" else math.sqrt(begin)
            for t in (tau, 3.0 * tau) if not self.common else (0.0,):
                out.append(np.array([mean, *([] if self.common else [t]), *([own] * self.free)]))
        return out


def _finish(
    work: _Work, names: list[str], cuts: FloatArray, notes: list[Note], alternative: str, level: float
) -> SelectionModel | NotEstimable:
    found = [climb_to_top(work.at, start, work.units()) for start in work.starts()]
    found = [one for one in found if np.isfinite(one[1])]
    if not found:
        return NotEstimable("the likelihood cannot be computed for these estimates")
    best = max(one[1] for one in found)
    theta, top, converged = max(
        (one for one in found if one[1] > best - 1e-8 * (1.0 + abs(best))), key=lambda one: (one[2], one[1])
    )
    mean, tau2, delta = work.natural(theta)
    at_zero = not work.common and tau2 < _EDGE**2 / float((1.0 / work.v).mean())
    tau2 = 0.0 if at_zero else tau2
    low_edge = (delta < _EDGE) & (work.kind != "beta")
    delta = np.where(low_edge, 0.0, delta)
    runaway = bool(delta.size) and float(delta.max()) > 0.5 * _MOST
    if runaway:
        text = "the likelihood keeps rising as a weight grows: nothing bounds it from above"
        notes.append(Note("weight-unbounded", text))
        converged = False
    if bool(low_edge.any()) and not any(n.code == "empty-interval" for n in notes):
        notes.append(Note("weight-at-edge", "a weight is estimated at 0"))
    if at_zero:
        notes.append(Note("tau2-zero", "τ² is estimated at 0"))
    errors = _errors(work, mean, tau2, delta, at_zero, low_edge)
    z = normal_quantile((1.0 - level) / 2)
    none = NotEstimable("the likelihood has no curvature there to take a standard error from")
    se, tau2_se = errors[0], NotEstimable("τ² is held at 0") if work.common else errors[1]
    statistic: Any = none if isinstance(se, NotEstimable) else mean / se
    own = tuple(
        _weight(name, float(value), error, work.kind, z)
        for name, value, error in zip(names, delta, errors[2], strict=True)
    ) if work.fixed is None else ()  # fmt: skip
    plain = _Work(work.y, work.v, work.form, work.kind, None, work.common, 0)
    without, unselected = _without_selection(plain)
    if work.fixed is None and top < without - 1e-6 * (1.0 + abs(without)):
        converged = False
    if not converged and not runaway:
        notes.append(
            Note("not-converged", "the search for the highest likelihood did not end; do not use these numbers")
        )
    ratio: Any = max(2.0 * (top - without), 0.0) if work.fixed is None else NotEstimable("the weights were given")
    df = work.count if work.fixed is None else 0
    if len(work.y) < 10:
        text = f"{len(work.y)} studies can hardly tell selection from chance or from heterogeneity"
        notes.append(Note("few-studies", text))
    return SelectionModel(
        kind=work.kind,
        alternative=alternative,
        steps=tuple(cuts.tolist()),
        coefficient=mean,
        se=se,
        statistic=statistic,
        p=none if isinstance(statistic, NotEstimable) else 2.0 * normal_above(abs(statistic)),
        coefficient_low=none if isinstance(se, NotEstimable) else mean - z * se,
        coefficient_high=none if isinstance(se, NotEstimable) else mean + z * se,
        tau2=tau2,
        tau2_se=tau2_se,
        weights=own,
        given_weights=() if work.fixed is None else tuple(work.fixed.tolist()),
        lr=ratio,
        lr_df=df,
        lr_p=NotEstimable("the weights were given") if work.fixed is not None else chi2_above(float(ratio), df),
        log_likelihood=top,
        log_likelihood_unselected=without,
        coefficient_unselected=unselected,
        k=len(work.y),
        level=level,
        converged=converged,
        notes=tuple(notes),
    )


def _weight(name: str, value: float, error: float | NotEstimable, kind: str, z: float) -> Weight:
    """Tested against no selection: 1 for steps and beta, 0 for the other curves."""
    if isinstance(error, NotEstimable):
        return Weight(name, value, error, error, error, error, error)
    statistic = (value - (1.0 if kind in ("step", "three-parameter", "beta") else 0.0)) / error
    low, high = max(value - z * error, 0.0), value + z * error
    return Weight(name, value, error, statistic, 2.0 * normal_above(abs(statistic)), low, high)


def _errors(
    work: _Work, mean: float, tau2: float, delta: FloatArray, at_zero: bool, low_edge: npt.NDArray[np.bool_]
) -> tuple[float | NotEstimable, float | NotEstimable, list[float | NotEstimable]]:
    """Standard errors of μ, τ², δ; what lies on the edge is held there and has none."""
    has_tau = not work.common and not at_zero
    places = np.flatnonzero(~low_edge) if work.free else np.empty(0, dtype=np.int64)
    start = np.array([mean, *([tau2] if has_tau else []), *delta[places]])
    units = np.array([work.units()[0], *([max(0.1 * tau2, 1e-12)] if has_tau else []), *(0.1 * delta[places])])

    def value(at: FloatArray) -> float:
        own = delta.copy()
        own[places] = at[1 + has_tau :]
        return work.value(float(at[0]), float(at[1]) if has_tau else tau2, own)

    none = NotEstimable("at the edge of what it can be")
    out: list[float | NotEstimable] = [none] * work.free
    _, bend = gradient_and_hessian(value, start, units)
    spread = _inverse(-bend)
    if spread is None:
        none = NotEstimable("the likelihood is flat or not at a top there")
        return none, none, [none] * work.free
    error = np.sqrt(np.diag(spread)) * units
    for place, e in zip(places, error[1 + has_tau :], strict=True):
        out[int(place)] = float(e)
    return float(error[0]), float(error[1]) if has_tau else none, out


def _inverse(matrix: FloatArray) -> FloatArray | None:
    if not bool(np.all(np.isfinite(matrix))):
        return None
    roots = np.linalg.eigvalsh(matrix)
    if float(roots[0]) <= 1e-9 * float(np.abs(roots).max()):
        return None
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _without_selection(work: _Work) -> tuple[float, float]:
    """The highest log-likelihood with all weights 1, and its mean."""
    tau2 = 0.0 if work.common else estimate_tau2(work.y, work.v, "ML")
    variance = work.v + tau2
    mean = float((work.y / variance).sum()) / float((1.0 / variance).sum())
    rest = work.y - mean
    return -0.5 * float((rest * rest / variance + np.log(2.0 * np.pi * variance)).sum()), mean
