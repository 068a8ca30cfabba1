"""Three columns (estimates, variances, labels) made into rows of numbers with the place of their group."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


def columns_of(
    yi: Any, vi: Any, by: Any
) -> tuple[FloatArray, FloatArray, IntArray, npt.NDArray[Any], tuple[Note, ...]]:
    """Numbers, and each row's group as a whole number; incomplete rows left out, impossible ones an error."""
    y, v = _numbers("yi", yi), _numbers("vi", vi)
    groups = np.asarray(by)
    if groups.dtype.kind == "U" and isinstance(by, (list, tuple)):  # numpy makes "nan" of a nan among words
        groups = np.asarray(by, dtype=object)
    if not len(y) == len(v) == len(groups) or groups.ndim != 1:
        raise InputError(
            f"yi, vi and by have {len(y)}, {len(v)} and {len(groups)} rows", hint="one entry a study in each"
        )
    labels, codes = _coded(groups)
    if bool((np.isfinite(y) & np.isfinite(v) & (v > 0)).all()):  # as it should be
        return y, v, codes, labels, ()
    there = ~(np.isnan(y) | np.isnan(v))
    bad = there & ~((v > 0) & np.isfinite(v) & np.isfinite(y))
    if bad.any():
        places = np.flatnonzero(bad)
        shown = ", ".join(f"row {i + 1}: yi {y[i]:g}, vi {v[i]:g}" for i in places[:10])
        more = f" and {len(places) - 10} more" if len(places) > 10 else ""
        raise InputError(
            f"{len(places)} rows cannot be used: {shown}{more}", hint="finite estimates, variances above 0"
        )
    gone = int((~there).sum())
    note = Note("study-left-out", f"{gone} {'row' if gone == 1 else 'rows'} left out: yi or vi missing")
    return y[there], v[there], codes[there], labels, (note,)


def _numbers(name: str, values: Any) -> FloatArray:
    raw = np.asarray(values)
    if raw.ndim != 1:
        raise InputError(f"{name} has {raw.ndim} dimensions", hint="give one column of numbers")
    if raw.dtype.kind in "iuf":
        return raw.astype(np.float64)
    if raw.dtype.kind in "US":
        raw = np.asarray(list(values), dtype=object)
    out, wrong = np.full(len(raw), np.nan), []
    for i, item in enumerate(raw):
        try:
            if isinstance(item, (str, bytes, bool, np.bool_)):
                raise TypeError
            out[i] = np.nan if item is None else float(item)
        except TypeError:
            if type(item).__name__ not in ("NAType", "NaTType"):
                wrong.append(f"row {i + 1}: {item!r}")
    if wrong:
        raise InputError(f"{name} has {len(wrong)} entries that are no numbers: {', '.join(wrong[:10])}")
    return out


def _coded(groups: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], IntArray]:
    """Labels in the order of their first appearance, and each row's place among them."""
    if groups.size and groups.dtype.kind in "iu" and bool((groups[1:] >= groups[:-1]).all()):
        starts = np.concatenate([[0], np.flatnonzero(groups[1:] != groups[:-1]) + 1])  # sorted: nothing to look up
        return groups[starts], np.repeat(np.arange(len(starts)), np.diff(starts, append=len(groups)))
    nameless = _nameless(groups)
    if len(nameless):
        shown = ", ".join(f"row {i + 1}" for i in nameless[:10]) + (", ..." if len(nameless) > 10 else "")
        raise InputError(
            f"by has no group in {len(nameless)} rows: {shown}", hint="each row needs its group; leave the others out"
        )
    if groups.dtype.kind == "O":
        groups = np.array([str(g) for g in groups])
    found, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(found), dtype=np.int64)
    order = np.argsort(first, kind="stable")
    rank[order] = np.arange(len(found))
    return found[order], rank[inverse.reshape(-1)]


def _nameless(groups: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Rows whose group is missing: nan, NaT, None or pandas' NA."""
    if groups.dtype.kind == "f":
        return np.flatnonzero(np.isnan(groups))
    if groups.dtype.kind in "Mm":
        return np.flatnonzero(np.isnat(groups))
    if groups.dtype.kind != "O":
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(
        [g is None or type(g).__name__ in ("NAType", "NaTType") or (isinstance(g, float) and g != g) for g in groups]
    )
