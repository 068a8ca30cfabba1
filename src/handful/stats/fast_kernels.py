"""Meta-analyses pooled one after another in compiled code: the formulas of ``pool_many.py``, the search of ``tops.py``.

Needs numba, the extra ``fast``; only ``fast_engine.py`` imports this file, and only when its code is to run. Studies
lie one meta-analysis behind the other, ``offsets`` says where each begins (nothing is padded, nothing is allocated
inside the loop). What cannot be certified here to be the highest top is marked and left to ``tops.py``. The interpreter
lock is released, so calls may run in threads.

``reassoc`` and ``contract`` let the compiler add in another order, four numbers at a time; infinities and NaN keep
their meaning. Division by zero gives infinity, as in numpy.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
#: a, b, c, d as in ``ragged_kernels.Pieces``
Four: TypeAlias = tuple[float, float, float, float]
Function = TypeVar("Function", bound=Callable[..., Any])

#: of ``method``; every other name has its own number below
COMMON, DL, HE, HS, SJ, ML, REML, PM = range(8)
#: of ``factor``
PLAIN, KNAPP, SAFE = range(3)

_ROUNDS = 100
_SHORT = 1e-7
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
    share = s2 / s1
    return a, s1 - share, c, s2 - 2.0 * s3 / s1 + share * share


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
def _highest(
    y: FloatArray, v: FloatArray, w: FloatArray, k: int, start: Four, squares: float, restricted: bool
) -> tuple[float, bool]:
    """``tops.highest`` of one, and whether it is certain; ``start`` are the pieces at 0."""
    if not squares > 0:
        return 0.0, squares == 0
    top, ends, ended = 0.0, start, not start[0] > start[1]
    low, high, t, here = 0.0, squares, 0.0, start
    for _ in range(_ROUNDS):
        if ended:
            break
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
            top, ends, ended = new, here, True
        else:
            t = new
            here = _pieces(y, v, w, k, t, restricted)
    if not ended:
        return t, False
    passed = top == 0.0 or _positive(start, ends, top) or _falls_between(start, ends)
    if passed and _negative_for_good(ends, squares):
        return top, True
    return top, _walked(y, v, w, k, start, top, ends, squares, passed, restricted)


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
) -> tuple[float, float, float, float, float, float, float, bool]:
    """One of two studies or more: mean, Σw and Q at τ², then τ², Q and tr P at 0, and whether τ² is certain.

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
    share = s2 / total
    trace = total - share
    tau2, sure = 0.0, True
    if method in (REML, ML):
        c -= wr * wr / total
        start = (a, total, c, s2)
        if method == REML:
            start = (a, trace, c, s2 - 2.0 * s3 / total + share * share)
        tau2, sure = _highest(y, v, w, k, start, squares, method == REML)
    elif method == PM:
        tau2, sure = _solved(y, v, k, k - 1.0)
    elif method == DL:
        tau2 = max((q - (k - 1)) / trace, 0.0)
    elif method == HS:
        tau2 = max((q - k) / total, 0.0)
    elif method == HE:
        tau2 = max(spread / (k - 1) - mean_v / k, 0.0)
    elif method == SJ and spread > 0:
        tau2 = spread / k * _at(y, v, w, k, spread / k)[2] / (k - 1)
    mean, precision, q_at = _at(y, v, w, k, tau2)
    return mean + middle, precision, q_at, tau2, q, trace, middle, sure


@_part
def _scaled(variance: float, scale: float, factor: int) -> float:
    if factor == KNAPP:
        return variance * scale
    return variance * max(scale, 1.0) if factor == SAFE else variance


@_kernel
def pool_each(
    y: FloatArray, v: FloatArray, offsets: IntArray, room: FloatArray, method: int, factor: int, z: float,
    reaches: FloatArray, ahead: FloatArray, out: tuple[FloatArray, ...], sure: Mask,
) -> None:  # fmt: skip
    """Fill ``out``: coefficient, se, low, high, statistic, τ², Q, I² in %, H², limits of prediction.

    ``room`` has three rows as long as the largest meta-analysis. ``reaches`` and ``ahead`` are quantiles by number of
    studies, for the limits and the prediction; ``z`` is that of one study alone.
    """
    coefficient, se, low, high, statistic, tau2s, qs, i2, h2, ahead_low, ahead_high = out
    rest, variances, w = room[0], room[1], room[2]
    for j in range(len(sure)):
        begin = offsets[j]
        k = offsets[j + 1] - begin
        if k == 0:
            continue
        if k == 1:
            error = np.sqrt(v[begin])
            coefficient[j], se[j], statistic[j] = y[begin], error, y[begin] / error
            low[j], high[j] = y[begin] - z * error, y[begin] + z * error
            sure[j] = True
            continue
        for i in range(k):
            rest[i] = y[begin + i]
            variances[i] = v[begin + i]
        mean, precision, q_at, tau2, q, trace, _, certain = _fitted(rest, variances, w, k, method)
        variance = _scaled(1.0 / precision, q_at / (k - 1), factor)
        error = np.sqrt(variance)
        coefficient[j], se[j], statistic[j], tau2s[j], qs[j] = mean, error, mean / error, tau2, q
        low[j], high[j] = mean - reaches[k] * error, mean + reaches[k] * error
        sure[j] = certain
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
    sure: Mask,
) -> None:  # fmt: skip
    """|mean/se| for each column of signs, shape (k, n)."""
    k = len(y)
    rest, w = room[0], room[1]
    for j in range(len(out)):
        for i in range(k):
            rest[i] = signs[i, j] * y[i]
        mean, precision, q_at, _, _, _, _, certain = _fitted(rest, v, w, k, method)
        out[j] = abs(mean) / np.sqrt(_scaled(1.0 / precision, q_at / (k - 1), factor))
        sure[j] = certain
