"""One mean with weights 1/(v + τ²) and what pooling says about it, as lists up to ``SMALL`` studies, else as arrays.

The same formulas twice: arrays cost the same for one study as for sixty, lists the same for each study. Sums are taken
of y less the common-effect mean, so that a far-off origin costs no digit, and what the largest weight leaves of 1 is
summed from the others instead of subtracted.
"""

from __future__ import annotations

import math
from operator import mul
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.estimates.one_small_fit import SMALL, centred_list

FloatArray: TypeAlias = npt.NDArray[np.float64]


class CommonMean(NamedTuple):
    """At τ² = 0: μ̂, Q around it, −dQ/dτ², tr P, and y − μ̂ with the variances in the form that the sums take."""

    mean: float
    q: float
    fall: float
    trace: float
    rest: list[float] | FloatArray
    variances: list[float] | FloatArray


class WeightedMean(NamedTuple):
    """At a τ²: μ̂ less the common-effect mean, Σw, Q, −dQ/dτ², the shares of Σw, Σ log w and tr PP."""

    shift: float
    total: float
    q: float
    fall: float
    shares: tuple[float, ...]
    log_weights: float
    trace_pp: float


def common_mean(y: FloatArray, v: FloatArray) -> CommonMean:
    """The sums at τ² = 0, k ≥ 1."""
    if len(y) > SMALL:
        weights = 1.0 / v
        middle = float(weights @ y) / float(weights.sum())
        away = y - middle
        terms = weights * away
        return CommonMean(middle, float(terms @ away), float(terms @ terms), trace_of_mean(weights), away, v)
    variances = v.tolist()
    rest, mean = centred_list(y.tolist(), variances)
    w = [1.0 / a for a in variances]
    r = list(map(mul, w, rest))
    return CommonMean(mean, sum(map(mul, r, rest)), sum(map(mul, r, r)), _trace_list(w), rest, variances)


def weighted_mean(common: CommonMean, tau2: float) -> WeightedMean:
    """The sums at ``tau2``."""
    if isinstance(common.rest, np.ndarray) or isinstance(common.variances, np.ndarray):
        return _of_arrays(np.asarray(common.rest), np.asarray(common.variances), tau2)
    w = [1.0 / (a + tau2) for a in common.variances]
    if min(w) == 0.0:
        raise OverflowError("a variance has no reciprocal in double precision")
    total = sum(w)
    shift = sum(map(mul, w, common.rest)) / total
    away = [a - shift for a in common.rest]
    r = list(map(mul, w, away))
    q, fall = sum(map(mul, r, away)), sum(map(mul, r, r))
    w2 = list(map(mul, w, w))
    s2 = sum(w2)
    share = s2 / total
    trace_pp = s2 - 2.0 * sum(map(mul, w, w2)) / total + share * share
    return WeightedMean(shift, total, q, fall, tuple([a / total for a in w]), sum(map(math.log, w)), trace_pp)


def _of_arrays(rest: FloatArray, v: FloatArray, tau2: float) -> WeightedMean:
    w = 1.0 / (v + tau2)
    total = float(w.sum())
    shift = float(w @ rest) / total
    away = rest - shift
    r = w * away
    w2 = w * w
    s2 = float(w2.sum())
    share = s2 / total
    trace_pp = s2 - 2.0 * float(w2 @ w) / total + share * share
    shares = tuple((w / total).tolist())
    log_weights = float(np.log(w).sum())
    return WeightedMean(shift, total, float(r @ away), float(r @ r), shares, log_weights, trace_pp)


def trace_of_mean(w: FloatArray) -> float:
    """tr P = Σ w (1 − w/Σw) for one mean."""
    place = int(w.argmax())
    largest, others = float(w[place]), np.delete(w, place)
    rest = float(others.sum())
    total = rest + largest
    return largest * rest / total + rest - float(others @ others) / total


def _trace_list(w: list[float]) -> float:
    """The same of a list."""
    largest = max(w)
    place = w.index(largest)
    others = w[:place] + w[place + 1 :]
    rest = sum(others)
    total = rest + largest
    return largest * rest / total + rest - float(sum(map(mul, others, others))) / total
