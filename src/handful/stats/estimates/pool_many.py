"""Very many meta-analyses at once: sorted into blocks of one size, each block one array operation after another.

The formulas are those of ``inverse_variance.py`` and the search for τ² that of ``tops.py``, so a row of the result is
what ``hf.pool`` gives for that group, to the last few digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.estimates import fast_engine, tops
from handful.stats.estimates.between_study import ESTIMATORS
from handful.stats.estimates.labelled_rows import columns_of
from handful.stats.estimates.ragged_kernels import Problems, pooled

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

INTERVALS = ("hartung-knapp-safe", "hartung-knapp", "t", "wald")
PREDICTIONS = ("k-1", "k-2", "normal")

#: data sets and numbers in one block
_COLUMNS, _NUMBERS = 8192, 400_000
#: fewer data sets than this share a block with others of nearly their size
_FEW = 400

POOLED, ONE_STUDY, NO_STUDY, TOO_FAR = range(4)
REASONS = (
    "pooled",
    "one study: nothing is pooled; its own normal limits",
    "no study with an estimate and a variance",
    "the estimates or variances are too far apart for double precision",
)


@dataclass(frozen=True, eq=False)
class PooledMany:
    """One entry a meta-analysis, in the order in which their labels first appear; everything on the scale of ``yi``.

    ``status`` says what a row is (``reason(i)`` in words): where it is not 0, numbers that do not exist are NaN in the
    arrays and masked in ``to_dict`` and ``row``. Prediction limits need three studies. ``tau2`` is certified to be at
    the highest top of the likelihood under REML and ML; ``several_tops`` marks those that have more than one.
    """

    labels: npt.NDArray[Any]
    k: IntArray
    coefficient: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    statistic: FloatArray
    p: FloatArray
    tau2: FloatArray
    q: FloatArray
    q_p: FloatArray
    i2: FloatArray
    h2: FloatArray
    prediction_low: FloatArray
    prediction_high: FloatArray
    converged: Mask
    several_tops: Mask
    status: npt.NDArray[np.int8]
    model: str
    tau2_estimator: str
    interval_method: str
    level: float
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.k)

    def reason(self, i: int) -> str:
        """What row i is."""
        return REASONS[int(self.status[i])]

    def row(self, i: int) -> dict[str, Any]:
        """Row i as plain values; what does not exist is None."""
        out: dict[str, Any] = {"status": self.reason(i)}
        for name in self._columns():
            value = getattr(self, name)[i].item()
            out[name] = None if isinstance(value, float) and np.isnan(value) else value
        return out

    def to_dict(self) -> dict[str, Any]:
        """Columns as masked arrays: what does not exist is masked, not NaN."""
        return {name: _masked(getattr(self, name)) for name in self._columns()}

    def to_frame(self) -> Any:
        """A pandas DataFrame where pandas is installed, else the dict of columns."""
        columns = {name: getattr(self, name) for name in self._columns()}
        try:
            import pandas
        except ImportError:
            return self.to_dict()
        return pandas.DataFrame(columns)

    def _columns(self) -> list[str]:
        return [f.name for f in fields(self) if isinstance(getattr(self, f.name), np.ndarray)]

    def __str__(self) -> str:
        good = int((self.status == POOLED).sum())
        lines = [
            f"{len(self)} meta-analyses of {int(self.k.sum())} estimates: {self.model}, tau² {self.tau2_estimator}, "
            f"{100 * self.level:g} % {self.interval_method}",
            f"pooled {good}, converged {int((self.converged & (self.status == POOLED)).sum())}",
        ]
        for code in (ONE_STUDY, NO_STUDY, TOO_FAR):
            count = int((self.status == code).sum())
            if count:
                lines.append(f"{count}: {REASONS[code]}")
        return "\n".join(lines + [f"note: {note}" for note in self.notes])


def _masked(values: npt.NDArray[Any]) -> Any:
    return np.ma.masked_invalid(values) if values.dtype.kind == "f" else values


def pool_many(
    yi: Any,
    vi: Any,
    by: Any,
    *,
    model: str = "random-effects",
    tau2: str = "REML",
    interval: str = "hartung-knapp-safe",
    prediction: str = "k-1",
    level: float = 0.95,
    engine: str = "auto",
) -> PooledMany:
    """Pool each group of rows that share a label: 10⁵ meta-analyses take less than a second.

    ``yi``, ``vi`` (variances > 0) and ``by`` have one entry a study; rows of a group need not stand together.
    ``model``: ``random-effects`` or ``common-effect``; ``tau2``: REML, PM, DL, ML, EB, HE, HS, SJ; ``interval``:
    ``hartung-knapp-safe``, ``hartung-knapp``, ``t``, ``wald``; ``prediction``: ``k-1``, ``k-2``, ``normal``. The
    meaning of each is that of ``hf.pool`` on ``hf.estimates``, and so are the numbers. Rows without an estimate or a
    variance are left out and counted in ``notes``; a variance that is not above 0, or text, is an error that names the
    rows. Everything stays on the scale of ``yi``.

    ``engine``: ``numpy``; ``numba``, compiled code several times as fast (the extra ``fast``); ``auto`` takes numba
    where it is installed and there are millions of rows. Both agree to the last few digits.

    >>> y, v = [0.1, 0.9, 0.4, 0.2], [0.04, 0.05, 0.03, 0.1]
    >>> many = pool_many(y, v, ["a", "a", "a", "b"], tau2="DL", interval="wald")
    >>> round(float(many.coefficient[0]), 4), many.reason(1)
    (0.4555, 'one study: nothing is pooled; its own normal limits')
    """
    for option, value, allowed in (
        ("model", model, ("random-effects", "common-effect")),
        ("tau2", tau2, ESTIMATORS),
        ("interval", interval, INTERVALS),
        ("prediction", prediction, PREDICTIONS),
    ):
        if value not in allowed:
            raise UnknownChoice(option, value, allowed)
    if not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % intervals")
    y, v, codes, labels, notes = columns_of(yi, vi, by)
    if bool((codes[1:] < codes[:-1]).any()):
        order = np.argsort(codes, kind="stable")
        y, v = y[order], v[order]
    sizes = np.bincount(codes, minlength=len(labels)).astype(np.int64)
    work = _Work(len(labels), tau2 if model == "random-effects" else "", interval, prediction, level)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    left, kernels = sizes, fast_engine.compiled(engine, len(y))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        if kernels is not None:
            left = np.where(work.compiled(kernels, sizes, y, v, offsets), 0, sizes)
        for columns in _blocks(left):
            work.block(sizes[columns], columns, *_gathered(y, v, offsets, sizes, columns))
    estimator = tau2 if model == "random-effects" else "none"
    return work.result(labels, sizes, model, estimator, notes)


def _blocks(sizes: IntArray) -> Iterator[IntArray]:
    """Data sets of one size together, so many at a time that a block stays small; few of a size share a block with the
    next sizes, up to half as large again."""
    order = np.argsort(sizes, kind="stable")
    at = int(np.searchsorted(sizes[order], 1))
    while at < len(order):
        k = int(sizes[order[at]])
        end = int(np.searchsorted(sizes[order], k, side="right"))
        while k > 1 and end - at < _FEW and end < len(order) and int(sizes[order[end]]) <= max(1.5 * k, k + 2):
            end = int(np.searchsorted(sizes[order], sizes[order[end]], side="right"))
        many = max(1, min(_COLUMNS, _NUMBERS // int(sizes[order[end - 1]])))
        for start in range(at, end, many):
            yield order[start : min(start + many, end)]
        at = end


def _gathered(
    y: FloatArray, v: FloatArray, offsets: IntArray, sizes: IntArray, columns: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Columns of a block; where a data set is smaller than the block, studies of infinite variance fill it up."""
    own = sizes[columns]
    places = np.arange(int(own.max()))[:, None]
    rows = offsets[columns] + places
    block_y, block_v = y.take(rows, mode="clip"), v.take(rows, mode="clip")  # "clip" spares the check of each place
    if int(own.min()) < len(places):
        beyond = places >= own
        block_y[beyond], block_v[beyond] = 0.0, np.inf
    return block_y, block_v


def _t_quantiles(df: int | IntArray, probability: float) -> Any:
    """Of t; computed once for each number of degrees of freedom."""
    from scipy.special import stdtrit

    if np.ndim(df) == 0:
        return float(stdtrit(df, probability))
    found, places = np.unique(df, return_inverse=True)
    return stdtrit(found, probability)[places]


class _Work:
    """The arrays while they are filled."""

    def __init__(self, n: int, estimator: str, interval: str, prediction: str, level: float) -> None:
        self.estimator, self.interval, self.prediction, self.level = estimator, interval, prediction, level
        names = ("coefficient", "se", "low", "high", "statistic", "p", "tau2", "q", "q_p", "i2", "h2")
        self.out = {name: np.full(n, np.nan) for name in (*names, "prediction_low", "prediction_high")}
        self.converged, self.several = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.status = np.full(n, NO_STUDY, dtype=np.int8)

    def put(self, columns: IntArray, **values: FloatArray) -> None:
        for name, value in values.items():
            self.out[name][columns] = value

    def compiled(self, kernels: Any, sizes: IntArray, y: FloatArray, v: FloatArray, offsets: IntArray) -> Mask:
        """All at once by compiled code, and which of them are done."""
        tops = fast_engine.pool_each(
            kernels, y, v, offsets, sizes, self.out,
            method=self.estimator, interval=self.interval, prediction=self.prediction, level=self.level,
        )  # fmt: skip
        good = np.isfinite(self.out["coefficient"]) & np.isfinite(self.out["se"])
        good &= np.isfinite(self.out["tau2"]) | (sizes < 2)
        self.status[sizes > 0] = TOO_FAR
        self.status[good] = POOLED
        self.status[sizes == 1] = ONE_STUDY
        self.converged[:], self.several[:] = (tops > 0) & (good | (sizes == 1)), tops > 1
        return np.asarray(tops > 0)

    def block(self, sizes: IntArray, columns: IntArray, y: FloatArray, v: FloatArray) -> None:
        from scipy.special import chdtrc, ndtr, ndtri, stdtr

        k = int(sizes[0]) if int(sizes[0]) == int(sizes[-1]) else sizes  # one number is cheaper where it is one
        tail = 0.5 + self.level / 2
        z = float(ndtri(tail))
        if len(y) == 1:
            self.status[columns] = ONE_STUDY
            self.converged[columns] = True
            mean, se = y[0], np.sqrt(v[0])
            half = z * se
            self.put(columns, coefficient=mean, se=se, low=mean - half, high=mean + half)
            self.put(columns, statistic=mean / se, p=2.0 * ndtr(-np.abs(mean / se)))
            return
        w = 1.0 / v
        total = np.add.reduce(w, 0)
        room = w * y
        middle = np.add.reduce(room, 0) / total
        rest = y - middle
        if np.ndim(k):
            rest[w == 0.0] = 0.0  # the studies that fill up, and any whose weight is lost beside the others
        np.multiply(w, rest, out=room)
        shift = np.add.reduce(room, 0) / total
        rest -= shift
        if np.ndim(k):
            rest[w == 0.0] = 0.0
        middle += shift
        problems = Problems(rest, v)
        np.multiply(w, rest, out=room)
        q = np.einsum("ij,ij->j", room, rest)
        trace = total - np.einsum("ij,ij->j", w, w) / total
        t2, sure, several = self._tau2(problems, k, q, total, trace)
        mean, precision, q_at = pooled(problems, t2)
        plain = 1.0 / precision
        factor = q_at / (k - 1)
        used = {"hartung-knapp": factor, "hartung-knapp-safe": np.maximum(1.0, factor)}.get(self.interval, 1.0)
        variance = plain * used
        se = np.sqrt(variance)
        mean = mean + middle
        statistic = mean / se
        normal = self.interval == "wald"
        half = (z if normal else _t_quantiles(k - 1, tail)) * se
        p = 2.0 * (ndtr(-np.abs(statistic)) if normal else stdtr(k - 1, -np.abs(statistic)))
        typical = (k - 1) / trace
        random = bool(self.estimator)
        h2 = 1.0 + t2 / typical if random else q / (k - 1)
        i2 = t2 / (t2 + typical) if random else np.maximum(1.0 - (k - 1) / np.where(q > 0, q, np.inf), 0.0) * (q > 0)
        good = np.isfinite(mean) & np.isfinite(se) & np.isfinite(t2)
        self.status[columns] = np.where(good, POOLED, TOO_FAR)
        self.converged[columns], self.several[columns] = sure & good, several
        self.put(columns, coefficient=mean, se=se, low=mean - half, high=mean + half, statistic=statistic, p=p)
        self.put(columns, tau2=t2, q=q, q_p=chdtrc(k - 1, q), i2=100.0 * i2, h2=h2)
        if random and len(y) > 2:
            less = {"k-1": 1, "k-2": 2}.get(self.prediction)
            reach = (z if less is None else _t_quantiles(np.maximum(k - less, 1), tail)) * np.sqrt(t2 + variance)
            reach = np.where(np.asarray(k) > 2, reach, np.nan)
            self.put(columns, prediction_low=mean - reach, prediction_high=mean + reach)

    def _tau2(
        self, problems: Problems, k: int | IntArray, q: FloatArray, total: FloatArray, trace: FloatArray
    ) -> tuple[FloatArray, Mask, Mask]:
        method, n = self.estimator, len(q)
        yes, no = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
        if method in ("REML", "ML"):
            found = tops.highest(problems, method == "REML")
            return found.tau2, found.converged, found.several_tops
        if method in ("PM", "EB"):
            t2, done = tops.solve_q(problems, np.asarray(k - 1, dtype=np.float64))
            return t2, done, no
        if method in ("HE", "SJ"):
            y, v = problems.y, problems.v
            there = np.isfinite(v)
            around = np.where(there, y - np.add.reduce(y, 0) / k, 0.0)
            squares = np.einsum("ij,ij->j", around, around)
            if method == "HE":
                mean_v = np.add.reduce(np.where(there, v, 0.0), 0) / k
                return np.maximum(squares / (k - 1) - mean_v, 0.0), yes, no
            start = squares / k
            return np.where(start > 0, start * pooled(problems, start)[2] / (k - 1), 0.0), yes, no
        if method == "DL":
            return np.maximum((q - (k - 1)) / trace, 0.0), yes, no
        return (np.maximum((q - k) / total, 0.0) if method == "HS" else np.zeros(n)), yes, no

    def result(
        self, labels: npt.NDArray[Any], sizes: IntArray, model: str, estimator: str, notes: tuple[Note, ...]
    ) -> PooledMany:
        bad = self.status == TOO_FAR
        for values in self.out.values():
            values[bad] = np.nan
        arrays = (labels, sizes, self.converged, self.several, self.status, *self.out.values())
        for array in arrays:
            array.setflags(write=False)
        return PooledMany(
            labels=labels,
            k=sizes,
            converged=self.converged,
            several_tops=self.several,
            status=self.status,
            model=model,
            tau2_estimator=estimator,
            interval_method=self.interval,
            level=self.level,
            notes=notes,
            **self.out,
        )
