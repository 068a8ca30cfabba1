"""One small set of estimates, one mean: the sums of ``ragged_kernels.py``, the search of ``tops.py``, in plain floats.

For a handful of studies a list of floats is several times cheaper than an array of them. The same formulas and the
same certificates; where one is not met (several tops, or nearly) the answer is None and the caller searches with
``tops.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import TypeAlias

#: a, b, c, d as in ``ragged_kernels.Pieces``
Four: TypeAlias = tuple[float, float, float, float]

#: τ², Q there, and how fast it falls
QPoint: TypeAlias = tuple[float, float, float]

#: up to here lists are cheaper than arrays
SMALL = 64


def centred_list(y: list[float], v: list[float]) -> tuple[list[float], float]:
    """y less its common-effect mean, and that mean; taken off twice, to the last digit of the differences."""
    w = [1.0 / a for a in v]
    total = sum(w)
    first = sum(map(mul, w, y)) / total
    rest = [b - first for b in y]
    second = sum(map(mul, w, rest)) / total
    return [b - second for b in rest], first + second


def four(y: list[float], v: list[float], tau2: float, restricted: bool) -> Four:
    """a = y'PPy, b = tr P (or Σ w), c = y'PPPy, d = tr PP (or Σ w²)."""
    w = [1.0 / (a + tau2) for a in v]
    s1 = sum(w)
    mean = sum(map(mul, w, y)) / s1
    r = list(map(mul, w, [b - mean for b in y]))
    rr = list(map(mul, r, r))
    wr = sum(map(mul, w, r))
    a, c = sum(rr), sum(map(mul, w, rr)) - wr * wr / s1
    w2 = list(map(mul, w, w))
    s2 = sum(w2)
    if not restricted:
        return a, s1, c, s2
    share = s2 / s1
    return a, s1 - share, c, s2 - 2.0 * sum(map(mul, w, w2)) / s1 + share * share


def q_and_fall(y: list[float], v: list[float], tau2: float) -> tuple[float, float]:
    """Q and −dQ/dτ²."""
    w = [1.0 / (a + tau2) for a in v]
    mean = sum(map(mul, w, y)) / sum(w)
    rest = [b - mean for b in y]
    r = list(map(mul, w, rest))
    return sum(map(mul, r, rest)), sum(map(mul, r, r))


def highest_small(y: list[float], v: list[float], restricted: bool) -> float | None:
    """The τ² of the highest (restricted) likelihood, y centred; None where no certificate says that it is."""
    squares = _squares(y)
    if squares == 0.0:
        return 0.0
    start = here = four(y, v, 0.0, restricted)
    if start[1] < 1e-4 / min(v):  # one study outweighs the rest: what they know is lost in the difference
        return None
    t, low, high = 0.0, 0.0, squares
    if start[0] > start[1]:
        for _ in range(60):
            a, b, c, d = here
            score = a - b
            if score > 0:
                low = t
            else:
                high = t
            slope = 2.0 * b * c - a * d
            step = score * a / slope if slope > 0 else score / d
            new = t + step
            if abs(step) <= 1e-7 * (t + b / d):
                t = min(max(new, low), high)
                break
            t = new if low < new < high else 0.5 * (low + high)
            here = four(y, v, t, restricted)
        else:
            return None
        if not _nothing_below(y, v, restricted, t, here, start):
            return None
    return t if _nothing_above(y, v, restricted, t, here, squares) else None


def _nothing_below(y: list[float], v: list[float], restricted: bool, t: float, right: Four, start: Four) -> bool:
    """No other top between 0 and t, in at most a few steps downwards."""
    for left_at in (0.0, 0.25 * t, 0.0, 0.0):
        left = start if left_at == 0.0 else four(y, v, left_at, restricted)
        bend = max(1.0 - (t - left_at) * right[2] / right[0], 0.0)
        positive = bend * bend * left[1] < right[0]
        falls = 2.0 * right[2] * left[1] >= left[3] * right[0]
        if left[0] > left[1] and (positive or falls):
            if left_at == 0.0:
                return True
            t, right = left_at, left
    return False


def _nothing_above(y: list[float], v: list[float], restricted: bool, t: float, left: Four, squares: float) -> bool:
    """No other top above t, in at most a few steps upwards."""
    for _ in range(8):
        if _negative_from(left, squares):
            return True
        width = left[1] / left[3]
        right = four(y, v, t + width, restricted)
        if right[0] > right[1]:
            return False
        if 2.0 * right[2] * left[1] < left[3] * right[0]:  # a/b may rise somewhere
            first = left[0] ** -0.5
            if not _above_line(left, first, (right[0] ** -0.5 - first) / width):
                return False
        t, left = t + width, right
    return False


def _squares(y: list[float]) -> float:
    mean = sum(y) / len(y)
    return sum([(a - mean) ** 2 for a in y])


def _negative_from(here: Four, squares: float) -> bool:
    """``tops._negative_for_good`` for one."""
    return _above_line(here, here[0] ** -0.5, squares**-0.5)


def _above_line(here: Four, first: float, slope: float) -> bool:
    """``tops._stays_above`` for one, without an end."""
    _, b, _, d = here
    rise = 2.0 * first * slope - d / (b * b)
    gap = max(first * first - 1.0 / b, 0.0)
    return rise >= 0 or rise * rise < 4.0 * slope * slope * gap


def solve_q_small(y: list[float], v: list[float], target: float, known: Sequence[QPoint] = ()) -> float:
    """The τ² ≥ 0 with Q(τ²) = target, 0 where Q(0) is not above it.

    1/Q is concave in τ², so a Newton step on it ends at or below the root from wherever it starts, and never overshoots
    again. τ² as a cubic in 1/Q through the last two points is nearer still, and taken where the two agree roughly.
    ``known`` are values of Q that are there already, the first at τ² = 0, τ² rising.
    """
    points = known or ((0.0, *q_and_fall(y, v, 0.0)),)
    if points[0][1] <= target:
        return 0.0
    before, here = points[0], points[-1]
    for _ in range(100):
        at, q, fall = here
        step = (q / target - 1.0) * q / fall
        left = abs(step)  # the error that stays is about its square, relative to τ²
        if before is not here and step != 0.0:
            cubic = _cubic(before, here, target) - at
            if 0.5 < cubic / step < 2.0:
                step, left = cubic, min(left, left * abs(at - before[0]) / max(at + cubic, 1e-300))
        new = max(at + step, 0.0)
        if left <= 1e-9 * new:
            return new
        before, here = here, (new, *q_and_fall(y, v, new))
    return here[0]


def _cubic(left: QPoint, right: QPoint, target: float) -> float:
    """τ² at 1/Q = 1/target by the cubic through two points and its slopes there."""
    (a, qa, fall_a), (b, qb, fall_b) = left, right
    width = 1.0 / qb - 1.0 / qa
    if width == 0.0:
        return b
    at = (1.0 / target - 1.0 / qa) / width
    rise_a, rise_b = width * qa * qa / fall_a, width * qb * qb / fall_b
    turn = 1.0 - at
    return a + at * at * (3.0 - 2.0 * at) * (b - a) + at * turn * (turn * rise_a - at * rise_b)
