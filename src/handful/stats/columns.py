"""Columns on their way to being evidence: of one length, numbers where numbers are wanted, every problem kept.

What a caller hands in (lists, numpy, pandas, polars and pyarrow columns) is read here once; a bad row is a problem, and
all of them are raised together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
ArrayLike: TypeAlias = Any
Problems: TypeAlias = list[tuple[int, str]]

_NO_PLACE = "a missing count has no place here: leave the study out, or say what is known about it"
MISSING = ("NAType", "NaTType")  # what data frames put where nothing is
_LARGEST_COUNT = 2**53  # the largest whole number below which every one is a float


class Columns:
    """Columns of one length on their way to being checked; every problem is kept until ``finish``."""

    def __init__(self, verb: str, labels: Iterable[object] | None, **columns: ArrayLike) -> None:
        self.verb = verb
        self.problems: Problems = []
        self.columns = {name: as_floats(verb, name, value, self.problems) for name, value in columns.items()}
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            seen = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise InputError(f"{verb}: the columns differ in length: {seen}", hint="give one value a study in each")
        k = next(iter(lengths.values()))
        self.labels = tuple(f"study {i + 1}" for i in range(k)) if labels is None else tuple(str(v) for v in labels)
        if len(self.labels) != k:
            raise InputError(f"{verb}: {len(self.labels)} labels for {k} studies", hint="give one label a study")

    def flag(self, bad: npt.NDArray[np.bool_], say: Any) -> None:
        """Keep one problem for each row where ``bad`` holds, in the words ``say(row)``."""
        self.problems += [(int(i), say(int(i))) for i in np.flatnonzero(bad)]

    def without_missing(self) -> tuple[npt.NDArray[np.bool_], tuple[Note, ...]]:
        """Which rows have all their values, and a note for each that has not. Text is not missing, it is a problem."""
        told = {(i, text.partition(" ")[0]) for i, text in self.problems}
        kept, notes = np.ones(len(self.labels), dtype=bool), []
        for i, label in enumerate(self.labels):
            gone = [name for name, column in self.columns.items() if np.isnan(column[i]) and (i, name) not in told]
            if gone:
                kept[i] = False
                notes.append(Note("study-left-out", f"left out: {' and '.join(gone)} missing", about=label))
        return kept, tuple(notes)

    def numbers(self, name: str, kept: npt.NDArray[np.bool_] | None = None) -> FloatArray:
        """The column, each row (of those kept) a finite number."""
        column = self.columns[name]
        told = {i for i, text in self.problems if text.startswith(f"{name} is")}
        missing = ~np.isfinite(column)
        if kept is not None:
            missing &= kept
        missing[list(told)] = False
        self.flag(missing, lambda i: f"{name} is missing" if np.isnan(column[i]) else f"{name} is infinite")
        return column

    def not_negative(self, name: str) -> FloatArray:
        column = self.numbers(name)
        self.flag(column < 0, lambda i: f"{name} is {column[i]:g}, below 0")
        return column

    def counts(self, name: str) -> FloatArray:
        column = self.not_negative(name)
        with np.errstate(invalid="ignore"):
            fraction = np.isfinite(column) & (column >= 0) & (column != np.floor(column))
        self.flag(fraction, lambda i: f"{name} is {column[i]:g}; people are counted in whole numbers")
        self.flag(np.isfinite(column) & (column > _LARGEST_COUNT), lambda i: f"{name} is {column[i]:g}, too large")
        return column

    def not_more(self, events: str, totals: str, of_what: str) -> None:
        x, n = self.columns[events], self.columns[totals]
        self.flag(x > n, lambda i: f"{x[i]:g} {events} among {n[i]:g} {of_what}")

    def finish(self, hint: str = _NO_PLACE) -> None:
        """Raise one error that lists every bad row, or return."""
        if not self.problems:
            return
        ordered = sorted(self.problems, key=lambda p: p[0])
        lines = [f"row {i + 1} ({self.labels[i]}): {text}" for i, text in ordered]
        rows = len({i for i, _ in ordered})
        raise InputError(
            f"{self.verb}: {rows} row{'s' * (rows != 1)} cannot be used\n  " + "\n  ".join(lines),
            hint=hint,
        )


def as_floats(verb: str, name: str, value: ArrayLike, problems: Problems) -> FloatArray:
    """One column as floats, NaN where nothing is; what is neither a number nor missing is added to ``problems``."""
    if isinstance(value, np.ma.MaskedArray):  # what is masked is missing
        value = value.tolist()
    raw = np.asarray(value) if hasattr(value, "__array__") else np.asarray(list(_row(name, value)), dtype=object)
    if raw.ndim == 0:
        raw = raw.reshape(1)
    if raw.ndim != 1:
        raise InputError(f"{verb}: {name} has {raw.ndim} dimensions", hint="give one column of values")
    if raw.dtype.kind in "iufb":
        return raw.astype(np.float64)
    out = np.full(len(raw), np.nan)
    for i, item in enumerate(raw):
        if item is None or type(item).__name__ in MISSING:
            continue
        if isinstance(item, (str, bytes)):
            shown = repr(str(item)) if isinstance(item, str) else repr(item)
            problems.append((i, f"{name} is {shown}, not a number"))
            continue
        try:
            out[i] = float(item)
        except (TypeError, ValueError):
            problems.append((i, f"{name} is {item!r} ({type(item).__name__}), not a number"))
    return out


def _row(name: str, value: ArrayLike) -> Sequence[object]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        if isinstance(value, (int, float)):
            return [value]
        raise InputError(f"{name}={value!r} is not a column of numbers", hint="give a list, an array or a column")
    return list(value)


def frozen(values: FloatArray) -> FloatArray:
    out = np.array(values, dtype=np.float64)
    out.setflags(write=False)
    return out


def whole(values: FloatArray) -> IntArray:
    out = np.array(values).astype(np.int64)
    out.setflags(write=False)
    return out
