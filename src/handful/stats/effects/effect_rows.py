"""Each kind of evidence as rows for an effect: its numbers, which rows say nothing, what a row is called in a note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.stats.effects.effect_correlations import correlation_effects
from handful.stats.effects.effect_means import mean_effects
from handful.stats.effects.effect_one_group import one_mean_effects
from handful.stats.effects.effect_prepost import pre_post_effects
from handful.stats.effects.effect_rates import rate_effects
from handful.stats.effects.effect_two_by_two import empty_cell, same_in_both, two_by_two_effects
from handful.stats.effects.measures import Measure
from handful.stats.evidence import OneArm, OneArmRates, OneMean, TwoArmRates, TwoArms, TwoMeans
from handful.stats.evidence_paired import Correlations, PrePost
from handful.stats.one_group.transforms import added, transform_proportions, transform_rates

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_TRANSFORM_VARIANCE = {"LS": "own", "UB": "unbiased", "AV": "average"}


@dataclass(frozen=True)
class Asked:
    """What was asked for, already checked."""

    measure: Measure
    vtype: str
    correct: bool
    add: float
    to: str
    drop00: bool
    standardiser: str


@dataclass(frozen=True, eq=False)
class Rows:
    """``columns`` of numbers; ``nobody``: rows without people or time; ``same``: no event (or no non-event) in both
    groups; ``empty``: rows with an empty cell; ``people``: how many in each row, if people are counted;
    ``kernel(columns, extra, asked)``: y and v; ``say(columns, row)``: a row in words; ``cells``: what ``add`` goes to.
    """

    columns: tuple[FloatArray, ...]
    nobody: Mask
    kernel: Callable[[tuple[FloatArray, ...], FloatArray, Asked], tuple[FloatArray, FloatArray]]
    say: Callable[[tuple[FloatArray, ...], int], str]
    people: FloatArray | None
    same: Mask | None = None
    empty: Mask | None = None
    cells: str = ""

    def effects(self, asked: Asked, dropped: Mask) -> tuple[FloatArray, FloatArray, Mask]:
        """y and v of all rows (NaN where there is none), and which rows had something added."""
        use = ~(self.nobody | dropped)
        y, v = np.full(use.size, np.nan), np.full(use.size, np.nan)
        changed = np.zeros(use.size, dtype=bool)
        if not use.any():
            return y, v, changed
        every = bool(use.all())
        columns = self.columns if every else tuple(column[use] for column in self.columns)
        extra = np.zeros(int(use.sum()))
        if self.empty is not None and asked.add > 0:
            extra = added(self.empty[use], asked.add, asked.to)
        y[use], v[use] = self.kernel(columns, extra, asked)
        changed[use] = extra > 0
        return y, v, changed


def rows_of(evidence: Any) -> Rows:
    """The rows of one kind of evidence."""
    return _ROWS[type(evidence)](evidence)


def _floats(*columns: npt.NDArray[Any]) -> tuple[FloatArray, ...]:
    return tuple(column.astype(np.float64, copy=False) for column in columns)


def _one_arm(given: OneArm) -> Rows:
    x, n = _floats(given.events, given.totals)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        x, n = columns
        variance = _TRANSFORM_VARIANCE[asked.vtype]
        return transform_proportions(x + extra, n + 2 * extra, asked.measure.code, variance=variance)

    return Rows(
        (x, n),
        n == 0,
        kernel,
        lambda c, i: f"{c[0][i]:g} of {c[1][i]:g}",
        n,
        empty=(x == 0) | (x == n),
        cells="events and non-events",
    )


def _one_arm_rates(given: OneArmRates) -> Rows:
    x, t = _floats(given.events, given.time)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        x, t = columns
        return transform_rates(x + extra, t, asked.measure.code)

    return Rows(
        (x, t), t == 0, kernel, lambda c, i: f"{c[0][i]:g} in {c[1][i]:g}", None, empty=x == 0, cells="the events"
    )


def _two_arms(given: TwoArms) -> Rows:
    a, n1, c, n2 = _floats(given.events1, given.totals1, given.events2, given.totals2)
    cells = (a, n1 - a, c, n2 - c)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        a, b, c, d = (column + extra for column in columns)
        return two_by_two_effects(a, b, c, d, asked.measure.code, asked.vtype)

    def say(columns: tuple[FloatArray, ...], i: int) -> str:
        a, b, c, d = (float(column[i]) for column in columns)
        return f"{a:g} of {a + b:g} against {c:g} of {c + d:g}"

    return Rows(
        cells,
        (n1 == 0) | (n2 == 0),
        kernel,
        say,
        n1 + n2,
        same=same_in_both(*cells),
        empty=empty_cell(*cells),
        cells="each of the four cells",
    )


def _two_arm_rates(given: TwoArmRates) -> Rows:
    x1, t1, x2, t2 = _floats(given.events1, given.time1, given.events2, given.time2)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        x1, t1, x2, t2 = columns
        return rate_effects(x1 + extra, t1, x2 + extra, t2, asked.measure.code)

    return Rows(
        (x1, t1, x2, t2),
        (t1 == 0) | (t2 == 0),
        kernel,
        lambda c, i: f"{c[0][i]:g} in {c[1][i]:g} against {c[2][i]:g} in {c[3][i]:g}",
        None,
        same=(x1 == 0) & (x2 == 0),
        empty=(x1 == 0) | (x2 == 0),
        cells="the events of both groups",
    )


def _two_means(given: TwoMeans) -> Rows:
    columns = _floats(given.n1, given.mean1, given.sd1, given.n2, given.mean2, given.sd2)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        n1, m1, s1, n2, m2, s2 = columns
        return mean_effects(n1, m1, s1, n2, m2, s2, asked.measure.code, asked.vtype, asked.correct)

    def say(c: tuple[FloatArray, ...], i: int) -> str:
        one = f"mean {c[1][i]:g}, sd {c[2][i]:g} of {c[0][i]:g}"
        return f"{one} against mean {c[4][i]:g}, sd {c[5][i]:g} of {c[3][i]:g}"

    n1, n2 = columns[0], columns[3]
    return Rows(columns, (n1 == 0) | (n2 == 0), kernel, say, n1 + n2)


def _one_mean(given: OneMean) -> Rows:
    columns = _floats(given.n, given.mean, given.sd)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        n, mean, sd = columns
        return one_mean_effects(n, mean, sd, asked.measure.code, asked.correct)

    def say(c: tuple[FloatArray, ...], i: int) -> str:
        return f"mean {c[1][i]:g}, sd {c[2][i]:g} of {c[0][i]:g}"

    return Rows(columns, columns[0] == 0, kernel, say, columns[0])


def _correlations(given: Correlations) -> Rows:
    columns = _floats(given.r, given.n)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        r, n = columns
        return correlation_effects(r, n, asked.measure.code, asked.vtype)

    return Rows(columns, columns[1] == 0, kernel, lambda c, i: f"r {c[0][i]:g} of {c[1][i]:g} pairs", columns[1])


def _pre_post(given: PrePost) -> Rows:
    columns = _floats(given.n, given.mean1, given.sd1, given.mean2, given.sd2, given.r)

    def kernel(columns: tuple[FloatArray, ...], extra: FloatArray, asked: Asked) -> tuple[FloatArray, FloatArray]:
        n, m1, s1, m2, s2, r = columns
        return pre_post_effects(n, m1, s1, m2, s2, r, asked.measure.code, asked.correct, asked.standardiser)

    def say(c: tuple[FloatArray, ...], i: int) -> str:
        first, second = f"mean {c[1][i]:g}, sd {c[2][i]:g}", f"mean {c[3][i]:g}, sd {c[4][i]:g}"
        return f"{first} and {second}, r {c[5][i]:g}, of {c[0][i]:g}"

    return Rows(columns, columns[0] == 0, kernel, say, columns[0])


_ROWS: dict[type, Callable[[Any], Rows]] = {
    OneArm: _one_arm,
    OneArmRates: _one_arm_rates,
    TwoArms: _two_arms,
    TwoArmRates: _two_arm_rates,
    TwoMeans: _two_means,
    OneMean: _one_mean,
    Correlations: _correlations,
    PrePost: _pre_post,
}

KINDS = tuple(kind.__name__ for kind in _ROWS)
