"""Evidence as arrays, named by the kind one has. Frozen; no study, only labels.

Every constructor takes array-likes (lists, numpy, pandas, polars and pyarrow columns), checks them all and reports
every bad row at once in one ``InputError``. A study of nobody (``n = 0`` with no events) is accepted here and left
out, with a note, by the analysis: it is not a mistake, it just says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.columns import ArrayLike, Columns, FloatArray, IntArray, frozen, whole


@dataclass(frozen=True, eq=False)
class OneArm:
    """``events[i]`` of ``totals[i]`` people in study i; a proportion is what they have in common."""

    events: IntArray
    totals: IntArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class OneArmRates:
    """``events[i]`` in ``time[i]`` units of person-time in study i; a rate is what they have in common."""

    events: IntArray
    time: FloatArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TwoArms:
    """``events1[i]`` of ``totals1[i]`` against ``events2[i]`` of ``totals2[i]`` in study i."""

    events1: IntArray
    totals1: IntArray
    events2: IntArray
    totals2: IntArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TwoArmRates:
    """``events1[i]`` in ``time1[i]`` against ``events2[i]`` in ``time2[i]`` person-time in study i."""

    events1: IntArray
    time1: FloatArray
    events2: IntArray
    time2: FloatArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TwoMeans:
    """Size, mean and standard deviation of a measurement in the two groups of study i."""

    n1: IntArray
    mean1: FloatArray
    sd1: FloatArray
    n2: IntArray
    mean2: FloatArray
    sd2: FloatArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class OneMean:
    """Size, mean and standard deviation of a measurement in the one group of study i."""

    n: IntArray
    mean: FloatArray
    sd: FloatArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Estimates:
    """A published estimate ``yi[i]`` with its sampling variance ``vi[i]``, both on the model scale.

    ``measure`` is the field's code (OR, RR, SMD, ...; GEN where none was said) and decides how results are taken back
    to the natural scale. ``rows`` are the places of these estimates among the ``given`` rows they were read from: a
    column of moderators may have a value for each of either. ``notes`` say what was left out.
    """

    yi: FloatArray
    vi: FloatArray
    labels: tuple[str, ...]
    measure: str = "GEN"
    rows: IntArray | None = None
    given: int | None = None
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


Evidence: TypeAlias = OneArm | OneArmRates | TwoArms | TwoArmRates | TwoMeans | OneMean | Estimates


def one_arm(events: ArrayLike, totals: ArrayLike, labels: Iterable[object] | None = None) -> OneArm:
    """Events and people of single groups, one row a study.

    >>> len(one_arm([1, 0], [4, 4], labels=["adults", "children"]))
    2
    """
    table = Columns("one_arm", labels, events=events, totals=totals)
    x, n = table.counts("events"), table.counts("totals")
    table.not_more("events", "totals", "people")
    table.finish()
    return OneArm(whole(x), whole(n), table.labels)


def one_arm_rates(events: ArrayLike, time: ArrayLike, labels: Iterable[object] | None = None) -> OneArmRates:
    """Events and person-time of single groups, one row a study; the unit of time is the caller's.

    >>> one_arm_rates([2, 0], [31.5, 12.0]).time.sum().item()
    43.5
    """
    table = Columns("one_arm_rates", labels, events=events, time=time)
    x, t = table.counts("events"), table.not_negative("time")
    table.flag((t == 0) & (x > 0), lambda i: f"{x[i]:g} events in no person-time")
    table.finish()
    return OneArmRates(whole(x), frozen(t), table.labels)


def two_arms(
    events1: ArrayLike,
    totals1: ArrayLike,
    events2: ArrayLike,
    totals2: ArrayLike,
    labels: Iterable[object] | None = None,
) -> TwoArms:
    """Events and people of two groups, one row a study."""
    table = Columns("two_arms", labels, events1=events1, totals1=totals1, events2=events2, totals2=totals2)
    a, b, c, d = (table.counts(name) for name in ("events1", "totals1", "events2", "totals2"))
    table.not_more("events1", "totals1", "people")
    table.not_more("events2", "totals2", "people")
    table.finish()
    return TwoArms(whole(a), whole(b), whole(c), whole(d), table.labels)


def two_arm_rates(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    labels: Iterable[object] | None = None,
) -> TwoArmRates:
    """Events and person-time of two groups, one row a study."""
    table = Columns("two_arm_rates", labels, events1=events1, time1=time1, events2=events2, time2=time2)
    x1, t1 = table.counts("events1"), table.not_negative("time1")
    x2, t2 = table.counts("events2"), table.not_negative("time2")
    for x, t in ((x1, t1), (x2, t2)):
        table.flag((t == 0) & (x > 0), lambda i, x=x: f"{x[i]:g} events in no person-time")
    table.finish()
    return TwoArmRates(whole(x1), frozen(t1), whole(x2), frozen(t2), table.labels)


def two_means(
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    labels: Iterable[object] | None = None,
) -> TwoMeans:
    """Sizes, means and standard deviations of two groups, one row a study."""
    table = Columns("two_means", labels, n1=n1, mean1=mean1, sd1=sd1, n2=n2, mean2=mean2, sd2=sd2)
    a, b, c = table.counts("n1"), table.numbers("mean1"), table.not_negative("sd1")
    d, e, f = table.counts("n2"), table.numbers("mean2"), table.not_negative("sd2")
    table.finish()
    return TwoMeans(whole(a), frozen(b), frozen(c), whole(d), frozen(e), frozen(f), table.labels)


def one_mean(n: ArrayLike, mean: ArrayLike, sd: ArrayLike, labels: Iterable[object] | None = None) -> OneMean:
    """Sizes, means and standard deviations of single groups, one row a study."""
    table = Columns("one_mean", labels, n=n, mean=mean, sd=sd)
    a, b, c = table.counts("n"), table.numbers("mean"), table.not_negative("sd")
    table.finish()
    return OneMean(whole(a), frozen(b), frozen(c), table.labels)


def estimates(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    *,
    se: ArrayLike | None = None,
    labels: Iterable[object] | None = None,
    measure: str = "GEN",
) -> Estimates:
    """Published estimates with their variances, or with ``se=`` their standard errors, on the model scale.

    Ratios come as logarithms: ``measure="OR"`` (RR, HR, IRR, ...) says so, and pooled results are then taken back.
    A variance of zero is refused: no estimate is known exactly, and a study that claims it would decide everything.
    A row without an estimate or without a variance is left out, and said so in ``notes``; text where a number is
    wanted is an error.

    >>> est = estimates([0.1, None, 0.4], [0.04, 0.05, 0.03])
    >>> len(est), est.notes[0].about
    (2, 'study 2')
    """
    if (vi is None) == (se is None):
        raise InputError("estimates needs either vi= (variances) or se= (standard errors), not both")
    name = "vi" if se is None else "se"
    table = Columns("estimates", labels, **{"yi": yi, name: vi if se is None else se})
    kept, notes = table.without_missing()
    y, spread = table.numbers("yi", kept), table.numbers(name, kept)
    variance = spread if se is None else spread * np.abs(spread)
    table.flag(kept & (spread <= 0), lambda i: f"{name} is {spread[i]:g}; it must be above 0")
    table.flag(kept & (spread > 0) & (variance == 0), lambda i: f"{name} is {spread[i]:g}, too small to be squared")
    table.finish("give each row a number, or leave it empty: then it is left out, with a note")
    rows = np.flatnonzero(kept).astype(np.int64)
    rows.setflags(write=False)
    names = tuple(table.labels[i] for i in rows)
    return Estimates(frozen(y[kept]), frozen(variance[kept]), names, str(measure), rows, len(y), notes)
