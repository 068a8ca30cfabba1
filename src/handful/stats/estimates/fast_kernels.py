"""Meta-analyses pooled one after another in compiled code: the formulas of ``pool_many.py``, the search of ``tops.py``.

Needs numba, the extra ``fast``; only ``fast_engine.py`` imports this file, and only when its code is to run. Studies
lie one meta-analysis behind the other, ``offsets`` says where each begins (nothing is padded, nothing is allocated
inside the loop, but for the rare thorough search). What does not end here is marked and left to ``tops.py``. The
interpreter lock is released, so calls may run in threads.

``reassoc`` and ``contract`` let the compiler add in another order, four numbers at a time; infinities and NaN keep
their meaning. Division by zero gives infinity, as in numpy.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
#: a, b, c, d as in ``ragged_kernels.Pieces``
Four: TypeAlias = tuple[float, float, float, float]
Function = TypeVar("Function", bound=Callable[..., Any])

#: of ``method``; every other name has its own number below
COMMON, DL, HE, HS, SJ, ML, REML, PM = range(8)
#: of ``factor``
PLAIN, KNAPP, SAFE = range(3)

_ROUNDS = 100
_SHORT = 1e-7
#: of the thorough search: steps, how often one is halved, and when numpy is to search again
_STEPS, _DEEPEST, _MOST = 48, 44, 5000
#: degrees of freedom up to which sums of so many terms are cheaper than the incomplete beta and gamma functions
_FEW = 100
_HOW = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract"}}


def _part(function: Function) -> Function:
    """Compiled into whatever calls it."""
    return cast(Function, numba.njit(**_HOW)(function))


def _kernel(function: Function) -> Function:
    """Compiled at its first call and kept on disk beside this file, or where numba is told to; compiled again in every
    process where no such folder can be written or what lies there cannot be read."""
    plain = numba.njit(**_HOW)(function)
    try:
        kept = numba.njit(cache=True, **_HOW)(function)
    except RuntimeError:  # no folder for it
        return cast(Function, plain)
    usable = [kept]

    def call(*arguments: Any) -> Any:
        if usable:
            try:
                return usable[0](*arguments)
            except (OSError, EOFError, ImportError, AttributeError, pickle.UnpicklingError):
                usable.clear()
        return plain(*arguments)

    return cast(Function, call)


@_part
def _traces(s1: float, s2: float, s3: float, k: int) -> tuple[float, float]:
    """tr P and tr PP, the second kept between b²/(k - 1) and b² as in ``ragged_kernels.py``."""
    share = s2 / s1
    b = s1 - share
    return b, min(max(s2 - 2.0 * s3 / s1 + share * share, b * b / (k - 1)), b * b)


@_part
def _pieces(y: FloatArray, v: FloatArray, w: FloatArray, k: int, tau2: float, restricted: bool) -> Four:
    """``ragged_kernels.pieces`` of one; ``w`` is room for the weights."""
    s1 = mean = 0.0
    for i in range(k):
        w[i] = 1.0 / (v[i] + tau2)
        s1 += w[i]
        mean += w[i] * y[i]
    mean /= s1
    a = wr = c = s2 = s3 = 0.0
    for i in range(k):
        r = w[i] * (y[i] - mean)
        square = w[i] * w[i]
        a += r * r
        wr += w[i] * r
        c += w[i] * r * r
        s2 += square
        s3 += square * w[i]
    c -= wr * wr / s1
    if not restricted:
        return a, s1, c, s2
    b, d = _traces(s1, s2, s3, k)
    return a, b, c, d


@_part
def _stays_above(here: Four, first: float, slope: float, width: float) -> bool:
    line = here[3] / (here[1] * here[1])
    gap = max(first * first - 1.0 / here[1], 0.0)
    rise = 2.0 * first * slope - line
    if rise >= 0 or rise * rise < 4.0 * slope * slope * gap:
        return True
    if width == np.inf or not -rise / (2.0 * slope * slope) >= width:
        return False
    return gap + rise * width + (slope * width) ** 2 > 0


@_part
def _negative_for_good(here: Four, squares: float) -> bool:
    return _stays_above(here, 1.0 / np.sqrt(here[0]), 1.0 / np.sqrt(squares), np.inf)


@_part
def _negative(left: Four, right: Four, width: float) -> bool:
    first = 1.0 / np.sqrt(left[0])
    return _stays_above(left, first, (1.0 / np.sqrt(right[0]) - first) / width, width)


@_part
def _positive(left: Four, right: Four, width: float) -> bool:
    bend = max(1.0 - width * right[2] / right[0], 0.0)
    return bend * bend * left[1] < right[0] or right[0] > left[1]


@_part
def _falls_between(left: Four, right: Four) -> bool:
    return 2.0 * right[2] * left[1] >= left[3] * right[0]


@_part
def _rises_between(left: Four, right: Four) -> bool:
    return 2.0 * left[2] * right[1] <= right[3] * left[0]


@_part
def _climb(
    y: FloatArray, v: FloatArray, w: FloatArray, k: int, here: Four, low: float, high: float, restricted: bool
) -> tuple[float, Four, bool]:
    """``tops._climb`` of one."""
    t = low
    if not here[0] > here[1]:
        return t, here, True
    for _ in range(_ROUNDS):
        a, b, c, d = here
        score = a - b
        if score > 0:
            low = t
        else:
            high = t
        slope = 2.0 * b * c - a * d
        step = score * a / slope if slope > 0 else score / d
        new = t + step
        short = abs(step) <= _SHORT * (t + b / d)
        if new <= low or new >= high:
            new = min(max(new, low), high) if short else 0.5 * (low + high)
        if short or score == 0.0 or high - low <= 4e-16 * high:
            return new, here, True
        t = new
        here = _pieces(y, v, w, k, t, restricted)
    return t, here, False


@_part
def _highest(
    y: FloatArray, v: FloatArray, w: FloatArray, k: int, start: Four, squares: float, restricted: bool
) -> tuple[float, int]:
    """``tops.highest`` of one, and the number of tops, 0 where that is not certain; ``start`` are the pieces at 0."""
    if not squares > 0:
        return 0.0, 1 if squares == 0 else 0
    top, ends, ended = _climb(y, v, w, k, start, 0.0, squares, restricted)
    if ended:
        passed = top == 0.0 or _positive(start, ends, top) or _falls_between(start, ends)
        if passed and _negative_for_good(ends, squares):
            return top, 1
        if _walked(y, v, w, k, start, top, ends, squares, passed, restricted):
            return top, 1
    return _thorough(y, v, w, k, start, squares, restricted)


@_part
def _log_likelihood(y: FloatArray, v: FloatArray, w: FloatArray, k: int, tau2: float, restricted: bool) -> float:
    """``ragged_kernels.log_likelihoods`` of one."""
    _, total, q = _at(y, v, w, k, tau2)
    value = -q
    for i in range(k):
        value += np.log(w[i])
    return 0.5 * (value - np.log(total)) if restricted else 0.5 * value


@_part
def _thorough(
    y: FloatArray, v: FloatArray, w: FloatArray, k: int, start: Four, squares: float, restricted: bool
) -> tuple[float, int]:
    """``tops._thorough`` of one, left to right: an interval that is not certified is halved, its right half put off."""
    least = np.inf
    for i in range(k):
        least = min(least, v[i])
    first, last = min(1e-3 * least, 1e-3 * squares), 1.0001 * squares
    best, count = 0.0, 0
    if not start[0] > start[1]:
        count = 1
    ends = np.empty(_DEEPEST + 1)  # right ends put off; this is seldom reached, so it may allocate
    kept = np.empty((_DEEPEST + 1, 4))
    t, here, evaluations = 0.0, start, 0
    for step in range(_STEPS):
        ends[0] = first * (last / first) ** (step / (_STEPS - 1))
        kept[0] = _pieces(y, v, w, k, ends[0], restricted)
        waiting = 1
        while waiting > 0:
            right = ends[waiting - 1]
            there = (kept[waiting - 1, 0], kept[waiting - 1, 1], kept[waiting - 1, 2], kept[waiting - 1, 3])
            width = right - t
            up, down = here[0] > here[1], there[0] <= there[1]
            closed = _falls_between(here, there) or _rises_between(here, there) or width <= 1e-13 * right
            closed = closed or (up and not down and _positive(here, there, width))
            closed = closed or (not up and down and _negative(here, there, width))
            if not closed and waiting <= _DEEPEST:
                evaluations += 1
                if evaluations > _MOST:
                    return best, 0
                ends[waiting] = 0.5 * (t + right)
                kept[waiting] = _pieces(y, v, w, k, ends[waiting], restricted)
                waiting += 1
                continue
            if up and down:
                found, _, ended = _climb(y, v, w, k, here, t, right, restricted)
                if not ended:
                    return found, 0
                if count == 0 or _log_likelihood(y, v, w, k, found, restricted) > _log_likelihood(
                    y, v, w, k, best, restricted
                ):
                    best = found
                count += 1
            t, here = right, there
            waiting -= 1
    return best, count


@_part
def _walked(
    y: FloatArray, v: FloatArray, w: FloatArray, k: int, start: Four, top: float, at_top: Four, squares: float,
    passed: bool, restricted: bool,
) -> bool:  # fmt: skip
    """``tops._walked`` of one."""
    t, here, reach = 0.0, start, 1.0
    if passed:
        t, here = top, at_top
    for _ in range(60):
        below = here[0] <= here[1] or t == top
        if passed and below and (_negative_for_good(here, squares) or t >= squares):
            return True
        if not reach > 0.02:
            return False
        new = t + reach * here[1] / here[3]
        to_top = not passed and new >= 0.999 * top
        if to_top:
            new, there = top, at_top
        else:
            there = _pieces(y, v, w, k, new, restricted)
        width = new - t
        down = to_top or there[0] <= there[1]
        same = below == down
        good = _falls_between(here, there) and (to_top or same)
        good = good or (not below and (to_top or not down) and _positive(here, there, width))
        good = good or (below and down and not to_top and _negative(here, there, width))
        good = good or (not to_top and same and _rises_between(here, there))
        if good:
            t, here = new, there
            passed = passed or to_top
            reach = min(2.0 * reach, 8.0)
        else:
            reach *= 0.35
    return False


@_part
def _solved(y: FloatArray, v: FloatArray, k: int, goal: float) -> tuple[float, bool]:
    """``tops.solve_q`` of one, y centred: Newton on 1/Q from 0."""
    tau2 = 0.0
    for _ in range(_ROUNDS):
        s1 = mean = 0.0
        for i in range(k):
            w = 1.0 / (v[i] + tau2)
            s1 += w
            mean += w * y[i]
        mean /= s1
        q = fall = 0.0
        for i in range(k):
            w = 1.0 / (v[i] + tau2)
            e = y[i] - mean
            q += w * e * e
            fall += w * w * e * e
        if tau2 == 0.0 and not q > goal:
            return 0.0, True
        step = (q / goal - 1.0) * q / fall
        tau2 += step
        if abs(step) <= 1e-9 * tau2:
            return max(tau2, 0.0), True
    return max(tau2, 0.0), False


@_part
def _at(y: FloatArray, v: FloatArray, w: FloatArray, k: int, tau2: float) -> tuple[float, float, float]:
    """``ragged_kernels.pooled`` of one."""
    total = mean = 0.0
    for i in range(k):
        w[i] = 1.0 / (v[i] + tau2)
        total += w[i]
        mean += w[i] * y[i]
    mean /= total
    q = 0.0
    for i in range(k):
        e = y[i] - mean
        q += w[i] * e * e
    return mean, total, q


@_part
def _fitted(
    y: FloatArray, v: FloatArray, w: FloatArray, k: int, method: int
) -> tuple[float, float, float, float, float, float, int]:
    """One of two studies or more: mean, Σw and Q at τ², then τ², Q and tr P at 0, and the number of tops (0: unknown).

    Leaves ``y`` as differences from the common-effect mean, taken off twice: to the last digit of the differences.
    """
    total = middle = plain = 0.0
    for i in range(k):
        w[i] = 1.0 / v[i]
        total += w[i]
        middle += w[i] * y[i]
        plain += y[i]
    middle /= total
    plain /= k
    spread = mean_v = shift = 0.0
    for i in range(k):
        if method in (HE, SJ):
            spread += (y[i] - plain) ** 2
            mean_v += v[i]
        y[i] -= middle
        shift += w[i] * y[i]
    shift /= total
    q = a = wr = c = s2 = s3 = squares = 0.0
    for i in range(k):
        e = y[i] - shift
        y[i] = e
        r = w[i] * e
        square = w[i] * w[i]
        q += r * e
        a += r * r
        wr += w[i] * r
        c += w[i] * r * r
        s2 += square
        s3 += square * w[i]
        squares += e * e
    middle += shift
    trace, trace2 = _traces(total, s2, s3, k)
    tau2, tops = 0.0, 1
    if method in (REML, ML):
        c -= wr * wr / total
        start = (a, total, c, s2)
        if method == REML:
            start = (a, trace, c, trace2)
        tau2, tops = _highest(y, v, w, k, start, squares, method == REML)
    elif method == PM:
        tau2, ended = _solved(y, v, k, k - 1.0)
        tops = 1 if ended else 0
    elif method == DL:
        tau2 = max((q - (k - 1)) / trace, 0.0)
    elif method == HS:
        tau2 = max((q - k) / total, 0.0)
    elif method == HE:
        tau2 = max(spread / (k - 1) - mean_v / k, 0.0)
    elif method == SJ and spread > 0:
        tau2 = spread / k * _at(y, v, w, k, spread / k)[2] / (k - 1)
    mean, precision, q_at = _at(y, v, w, k, tau2)
    return mean + middle, precision, q_at, tau2, q, trace, tops


@_part
def _scaled(variance: float, scale: float, factor: int) -> float:
    if factor == KNAPP:
        return variance * scale
    return variance * max(scale, 1.0) if factor == SAFE else variance


@_part
def _t_probability(t: float, df: int) -> float:
    """Two-sided, by the finite sums for whole degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4); NaN where
    the difference from 1 would cost more than two digits."""
    if df > _FEW:
        return np.nan
    cosine2, sine = df / (df + t * t), abs(t) / math.sqrt(df + t * t)
    term = total = 1.0
    if df % 2 == 0:
        for i in range(1, df // 2):
            term *= cosine2 * (2.0 * i - 1.0) / (2.0 * i)
            total += term
        inside = sine * total
    else:
        for i in range(1, (df - 1) // 2):
            term *= cosine2 * (2.0 * i) / (2.0 * i + 1.0)
            total += term
        part = sine * math.sqrt(cosine2) * total if df > 1 else 0.0
        inside = 2.0 / math.pi * (math.atan(abs(t) / math.sqrt(df)) + part)
    return 1.0 - inside if inside < 0.99 else np.nan


@_part
def _chi2_probability(q: float, df: int) -> float:
    """Above q, by the finite sums of positive terms (26.4.4 and 26.4.5 there); NaN where they could leave the range."""
    half = 0.5 * q
    if df > _FEW or not half < 300.0:
        return np.nan
    total = 0.0
    if df % 2 == 0:
        term = 1.0
        for i in range(df // 2):
            total += term
            term *= half / (i + 1.0)
        return total * math.exp(-half)
    term = 2.0 * math.sqrt(half / math.pi)
    for i in range(df // 2):
        total += term
        term *= half / (i + 1.5)
    return math.erfc(math.sqrt(half)) + total * math.exp(-half)


@_kernel
def pool_each(
    y: FloatArray, v: FloatArray, offsets: IntArray, room: FloatArray, method: int, factor: int, z: float,
    reaches: FloatArray, ahead: FloatArray, out: tuple[FloatArray, ...], tops: IntArray, normal: bool,
) -> None:  # fmt: skip
    """Fill ``out``: coefficient, se, low, high, statistic, τ², Q, I² in %, H², limits of prediction, p of the mean and
    of Q; and ``tops``, the number of tops, 0 where τ² is not certain. A p that is left out is one for scipy.

    ``room`` has three rows as long as the largest meta-analysis. ``reaches`` and ``ahead`` are quantiles by number of
    studies, for the limits and the prediction; ``z`` is that of one study alone.
    """
    coefficient, se, low, high, statistic, tau2s, qs, i2, h2, ahead_low, ahead_high, p, q_p = out
    rest, variances, w = room[0], room[1], room[2]
    for j in range(len(tops)):
        begin = offsets[j]
        k = offsets[j + 1] - begin
        if k == 0:
            continue
        if k == 1:
            error = np.sqrt(v[begin])
            coefficient[j], se[j], statistic[j] = y[begin], error, y[begin] / error
            low[j], high[j] = y[begin] - z * error, y[begin] + z * error
            p[j], tops[j] = math.erfc(abs(statistic[j]) / math.sqrt(2.0)), 1
            continue
        for i in range(k):
            rest[i] = y[begin + i]
            variances[i] = v[begin + i]
        mean, precision, q_at, tau2, q, trace, found = _fitted(rest, variances, w, k, method)
        variance = _scaled(1.0 / precision, q_at / (k - 1), factor)
        error = np.sqrt(variance)
        coefficient[j], se[j], statistic[j], tau2s[j], qs[j] = mean, error, mean / error, tau2, q
        low[j], high[j] = mean - reaches[k] * error, mean + reaches[k] * error
        tops[j] = found
        p[j] = math.erfc(abs(statistic[j]) / math.sqrt(2.0)) if normal else _t_probability(statistic[j], k - 1)
        q_p[j] = _chi2_probability(q, k - 1)
        if method == COMMON:
            h2[j] = q / (k - 1)
            i2[j] = 100.0 * max(1.0 - (k - 1) / q, 0.0) if q > 0 else 0.0
            continue
        typical = (k - 1) / trace
        h2[j], i2[j] = 1.0 + tau2 / typical, 100.0 * (tau2 / (tau2 + typical))
        if k > 2:
            reach = ahead[k] * np.sqrt(tau2 + variance)
            ahead_low[j], ahead_high[j] = mean - reach, mean + reach


@_kernel
def sign_each(
    y: FloatArray, v: FloatArray, signs: FloatArray, room: FloatArray, method: int, factor: int, out: FloatArray,
    tops: IntArray,
) -> None:  # fmt: skip
    """|mean/se| for each column of signs, shape (k, n)."""
    k = len(y)
    rest, w = room[0], room[1]
    for j in range(len(out)):
        for i in range(k):
            rest[i] = signs[i, j] * y[i]
        mean, precision, q_at, _, _, _, found = _fitted(rest, v, w, k, method)
        out[j] = abs(mean) / np.sqrt(_scaled(1.0 / precision, q_at / (k - 1), factor))
        tops[j] = found
