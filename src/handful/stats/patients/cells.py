"""Rows of patients, grouped by study; rows that say the same are counted once.

Within one study the patients with equal covariates differ in nothing that a model can see: so many of them with so many
events is all that the likelihood asks for. Such cells are exact, not an approximation, and a million rows with a few
yes-or-no covariates become a few hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

#: rows that one step works on: its temporary arrays stay in the cache
BLOCK = 16_384
_LEVELS = 256  # a column with more different values is not a grouping one
_CELLS = 4_000_000  # so many places are counted by marking, more by sorting
_SAMPLE = 4_096


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """``y`` events of ``n`` patients (or in ``n`` units of time) with the covariates ``x``, shape (p, cells), from
    ``rows`` rows; those of study i start at ``starts[i]`` and end before ``starts[i + 1]``."""

    y: FloatArray
    n: FloatArray
    x: FloatArray
    starts: IntArray
    rows: FloatArray

    @property
    def studies(self) -> int:
        return len(self.starts) - 1

    @property
    def size(self) -> int:
        return len(self.y)

    @property
    def study(self) -> IntArray:
        """The study of each cell."""
        return np.repeat(np.arange(self.studies), np.diff(self.starts))

    def blocks(self) -> list[tuple[slice, slice]]:
        """Runs of whole studies with their cells, each about ``BLOCK`` cells long."""
        out, first = [], 0
        while first < self.studies:
            last = int(np.searchsorted(self.starts, self.starts[first] + BLOCK, side="right")) - 1
            last = min(max(last, first + 1), self.studies)
            out.append((slice(first, last), slice(int(self.starts[first]), int(self.starts[last]))))
            first = last
        return out


def codes_of(labels: object) -> tuple[IntArray, list[str]]:
    """A number from 0 for each label, and the labels' own words in order."""
    raw = np.asarray(labels)
    if raw.dtype.kind == "O":
        names: dict[object, int] = {}
        codes = np.fromiter((names.setdefault(item, len(names)) for item in raw.tolist()), np.int64, len(raw))
        order = sorted(names, key=lambda item: (str(type(item)), item))
        place = np.empty(len(names), dtype=np.int64)
        place[[names[item] for item in order]] = np.arange(len(names))
        return place[codes], [str(item) for item in order]
    if raw.dtype.kind in "iu" and raw.size and int(raw.min()) >= 0 and int(raw.max()) < _CELLS:
        found = np.flatnonzero(np.bincount(raw.astype(np.int64)))
        place = np.zeros(int(raw.max()) + 1, dtype=np.int64)
        place[found] = np.arange(found.size)
        return place[raw], [str(item) for item in found]
    found, codes = np.unique(raw, return_inverse=True)
    return codes.reshape(-1).astype(np.int64), [str(item) for item in found]


def cells_of(study: IntArray, y: FloatArray, n: FloatArray | None, x: FloatArray, *, compress: bool = True) -> Cells:
    """``study`` from 0 without gaps, ``y`` (rows,), ``n`` times (None: each row is one patient), ``x`` (p, rows)."""
    k = int(study.max()) + 1
    if compress:
        found = _grouped(study, x, k)
        if found is not None:
            key, count = found
            return _counted(key, count, study, y, n, x, k)
    if bool(np.all(study[1:] >= study[:-1])):
        order: IntArray | slice = slice(None)
    else:
        order = np.argsort(study, kind="stable").astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(study, minlength=k))]).astype(np.int64)
    ones = np.ones(len(y))
    return Cells(y[order], ones if n is None else n[order], np.ascontiguousarray(x[:, order]), starts, ones)


def _grouped(study: IntArray, x: FloatArray, k: int) -> tuple[IntArray, int] | None:
    """One number a row, equal for rows of a study that say the same, and how many such numbers there may be."""
    key, count = study.astype(np.int64, copy=True), k
    for column in x:
        levels = np.unique(column[:: max(1, column.size // _SAMPLE)])
        if levels.size > _LEVELS:
            return None
        place = _places(levels, column)
        if not np.array_equal(levels[place], column):
            levels, place = np.unique(column, return_inverse=True)
            if levels.size > _LEVELS:
                return None
        count *= levels.size
        if count > 2**62:
            return None
        key *= levels.size
        key += place
    return key, count


def _places(levels: FloatArray, column: FloatArray) -> IntArray:
    """The level of each value, where it is one."""
    if levels.size == 1:
        return np.zeros(column.size, dtype=np.int64)
    if levels.size == 2:
        return np.asarray(column > levels[0], dtype=np.int64)
    return np.asarray(np.minimum(np.searchsorted(levels, column), levels.size - 1), dtype=np.int64)


def _counted(
    key: IntArray, count: int, study: IntArray, y: FloatArray, n: FloatArray | None, x: FloatArray, k: int
) -> Cells:
    if count > _CELLS:
        found, key = np.unique(key, return_inverse=True)
        key, count = key.reshape(-1).astype(np.int64), found.size
    rows = np.bincount(key, minlength=count)
    there = np.flatnonzero(rows)
    some = np.zeros(count, dtype=np.int64)
    some[key] = np.arange(key.size)  # a row of each cell: they are all alike
    some = some[there]
    events = np.bincount(key, weights=y, minlength=count)[there].astype(np.float64)
    people = rows[there].astype(np.float64)
    size = people if n is None else np.bincount(key, weights=n, minlength=count)[there].astype(np.float64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(study[some], minlength=k))]).astype(np.int64)
    return Cells(events, size, np.ascontiguousarray(x[:, some]), starts, people)
