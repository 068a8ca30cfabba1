"""Columns of patients as a one-stage model takes them: outcome, study, covariates, with what is missing left out.

A column of words is a factor, whose first level in order is the one compared with. Everything is checked before
anything is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.columns import FloatArray, IntArray, Problems, as_floats
from handful.stats.patients.cells import codes_of

Mask: TypeAlias = npt.NDArray[np.bool_]

_SHOWN = 20
_MOST_LEVELS = 50


@dataclass(frozen=True, eq=False)
class Patients:
    """``study`` from 0, ``y``, ``time`` (None: each row is one patient), covariates by name, the treatment."""

    study: IntArray
    studies: tuple[str, ...]
    y: FloatArray
    time: FloatArray | None
    covariates: dict[str, FloatArray]
    treatment: FloatArray | None
    notes: tuple[Note, ...]

    @property
    def k(self) -> int:
        return len(self.studies)


def read_patients(
    outcome: Any, study: Any, covariates: Any, treatment: Any, time: Any, data: Any, *, counts: bool
) -> Patients:
    """Every problem of every column in one ``InputError``; rows with a missing value are left out with one note."""
    problems: Problems = []
    names: dict[str, Any] = {"outcome": outcome, "study": study}
    if treatment is not None:
        names["treatment"] = treatment
    if time is not None:
        names["time"] = time
    given = {name: _from(data, name, value) for name, value in names.items()}
    columns = {name: as_floats("one_stage", name, v, problems) for name, v in given.items() if name != "study"}
    rows = len(columns["outcome"])
    extra, factors = _covariates(data, covariates, problems)
    where, who = _labels(given["study"])
    lengths = {name: len(c) for name, c in (columns | extra).items()} | {"study": len(where)}
    if len(set(lengths.values())) > 1:
        seen = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"one_stage: the columns differ in length: {seen}", hint="give one value a patient in each")
    if rows == 0:
        raise InputError("one_stage: there are no rows", hint="give one row a patient")
    _outcome(columns["outcome"], counts, problems)
    if "time" in columns:
        _flag(problems, columns["time"] <= 0, lambda i: f"time is {columns['time'][i]:g}; it must be above 0")
    for name, column in (columns | extra).items():
        if not np.isfinite(column.sum()):
            _flag(problems, np.isinf(column), lambda i, name=name: f"{name} is infinite")
    if problems:
        _raise(problems)
    kept, notes = _without_missing(columns | extra, where)
    if kept is None:
        return Patients(
            study=where,
            studies=tuple(who),
            y=columns["outcome"],
            time=columns.get("time"),
            covariates=_dummies(extra, factors),
            treatment=columns.get("treatment"),
            notes=notes,
        )
    where = where[kept]
    found, place = np.unique(where, return_inverse=True)
    return Patients(
        study=place.reshape(-1).astype(np.int64),
        studies=tuple(who[int(i)] for i in found),
        y=columns["outcome"][kept],
        time=columns["time"][kept] if "time" in columns else None,
        covariates=_dummies({name: column[kept] for name, column in extra.items()}, factors),
        treatment=columns["treatment"][kept] if "treatment" in columns else None,
        notes=notes,
    )


def _dummies(extra: dict[str, FloatArray], factors: dict[str, list[str]]) -> dict[str, FloatArray]:
    """Columns as they are, and a factor as a 0-or-1 column for each level after its first."""
    out: dict[str, FloatArray] = {}
    for name, column in extra.items():
        if name not in factors:
            out[name] = column
            continue
        for code in np.unique(column)[1:]:
            out[f"{name}[{factors[name][int(code)]}]"] = (column == code).astype(np.float64)
    return out


def _from(data: Any, name: str, value: Any) -> Any:
    """A column by its name in ``data``, or the column itself."""
    if isinstance(value, str):
        if data is None:
            raise InputError(
                f"one_stage: {name}={value!r} is a name, but there is no data=", hint="give data=, a frame"
            )
        try:
            return data[value]
        except Exception:
            raise InputError(f"one_stage: data has no column {value!r}", hint=f"there are: {_names(data)}") from None
    return value


def _names(data: Any) -> str:
    names = getattr(data, "column_names", None)  # pyarrow's columns are the values
    found = list(names) if names is not None else list(getattr(data, "columns", data))
    return ", ".join(str(name) for name in found[:_SHOWN])


def _covariates(data: Any, given: Any, problems: Problems) -> tuple[dict[str, FloatArray], dict[str, list[str]]]:
    if given is None:
        return {}, {}
    if isinstance(given, str):
        given = [given]
    if isinstance(given, (list, tuple)) and all(isinstance(name, str) for name in given):
        named = {name: _from(data, "covariates", name) for name in given}
    elif isinstance(given, Mapping):
        named = {str(name): _from(data, str(name), column) for name, column in given.items()}
    elif hasattr(given, "columns") or hasattr(given, "column_names"):
        names = getattr(given, "column_names", None) or list(given.columns)
        named = {str(name): given[name] for name in names}
    else:
        raise InputError(
            f"one_stage: covariates={type(given).__name__} cannot be used",
            hint='a dict of columns, a data frame, or names of columns with data=, as ["age", "sex"]',
        )
    columns, factors = {}, {}
    for name, column in named.items():
        words = _words(column)
        if words is None:
            columns[name] = as_floats("one_stage", name, column, problems)
            continue
        levels = sorted({w for w in words if w is not None})
        if len(levels) > _MOST_LEVELS:
            problems.append((0, f"{name} has {len(levels)} different words, too many for a factor"))
        place = {word: float(i) for i, word in enumerate(levels)}
        columns[name] = np.array([np.nan if w is None else place[w] for w in words])
        factors[name] = levels
    return columns, factors


def _words(column: Any) -> list[str | None] | None:
    """The column as words where it holds words only (and missing values); else None."""
    raw = np.asarray(column) if hasattr(column, "__array__") else np.asarray(list(column), dtype=object)
    if raw.dtype.kind in "iufbcmM":
        return None
    items = raw.tolist()
    there = [v for v in items if isinstance(v, str)]
    others = [v for v in items if not isinstance(v, str) and not _missing(v)]
    if not there or others:
        return None
    return [v if isinstance(v, str) else None for v in items]


def _missing(value: Any) -> bool:
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )


def _labels(study: Any) -> tuple[IntArray, list[str]]:
    """Codes of the studies, −1 where none is named."""
    raw = np.asarray(study) if hasattr(study, "__array__") else np.asarray(list(study), dtype=object)
    if raw.dtype.kind == "f":
        gone = np.isnan(raw)
    elif raw.dtype.kind == "O":
        gone = np.array([_missing(v) for v in raw.tolist()], dtype=bool)
    else:
        return codes_of(raw)
    codes = np.full(len(raw), -1, dtype=np.int64)
    found, words = codes_of(raw[~gone]) if not gone.all() else (np.zeros(0, dtype=np.int64), [])
    codes[~gone] = found
    return codes, words


def _outcome(y: FloatArray, counts: bool, problems: Problems) -> None:
    with np.errstate(invalid="ignore"):
        bad = np.isfinite(y) & ((y < 0) | (y != np.floor(y)) if counts else (y != 0) & (y != 1))
    what = "a whole number of events" if counts else "0 or 1 (1: the event)"
    _flag(problems, bad, lambda i: f"outcome is {y[i]:g}; it must be {what}")


def _flag(problems: Problems, bad: Mask, say: Any) -> None:
    found = np.flatnonzero(bad)
    problems += [(int(i), say(int(i))) for i in found[:_SHOWN]]
    if found.size > _SHOWN:
        problems.append((int(found[_SHOWN]), f"and {found.size - _SHOWN} more rows like it"))


def _raise(problems: Problems) -> None:
    lines = [f"row {i + 1}: {text}" for i, text in sorted(problems, key=lambda p: p[0])[: 2 * _SHOWN]]
    more = f"\n  and {len(problems) - 2 * _SHOWN} more" if len(problems) > 2 * _SHOWN else ""
    raise InputError(
        f"one_stage: {len(problems)} values cannot be used\n  " + "\n  ".join(lines) + more,
        hint="leave a value empty where it is not known: that row is then left out, with a note",
    )


def _without_missing(columns: dict[str, FloatArray], where: IntArray) -> tuple[Mask | None, tuple[Note, ...]]:
    """Which rows have all their values (None: every one), and how many have not, in words."""
    gone = {name: np.isnan(column) for name, column in columns.items() if np.isnan(column.sum())}
    if int(where.min()) < 0:
        gone["study"] = where < 0
    if not gone:
        return None, ()
    dropped = np.logical_or.reduce(list(gone.values()))
    each = ", ".join(f"{name} for {int(mask.sum())}" for name, mask in gone.items())
    text = f"{int(dropped.sum())} of {len(dropped)} rows left out for a missing value: {each}"
    return ~dropped, (Note("rows-left-out", text),)
