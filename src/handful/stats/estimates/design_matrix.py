"""Moderators as columns of numbers: one for a number, one for each level but the first of a factor, products for
interactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

INTERCEPT = "intercept"


@dataclass(frozen=True, eq=False)
class Column:
    """One moderator: numbers, or a factor's codes with its ``levels`` (the first is the reference). Missing is NaN."""

    name: str
    values: FloatArray
    levels: tuple[str, ...] | None = None

    def given(self) -> Mask:
        return ~np.isnan(self.values)

    def rows(self, keep: Mask) -> Column:
        return Column(self.name, self.values[keep], self.levels)


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a row of moderators becomes a row of the design: terms of one or more names, and what each name is."""

    terms: tuple[tuple[str, ...], ...]
    columns: Mapping[str, Column]
    intercept: bool

    def build(self, columns: Mapping[str, Column]) -> tuple[FloatArray, tuple[str, ...], tuple[int, ...]]:
        """The design of these columns, its names, and the term (1, 2, ...; 0 the intercept) of each column."""
        k = len(next(iter(columns.values())).values) if columns else 0
        parts: list[tuple[str, FloatArray, int]] = [(INTERCEPT, np.ones(k), 0)] if self.intercept else []
        whole = not self.intercept  # without an intercept the first factor has a column for every level
        for number, term in enumerate(self.terms, start=1):
            block: list[tuple[str, FloatArray]] = [("", np.ones(k))]
            for name in term:
                own, whole = _expanded(columns[name], whole)
                block = [(f"{a}:{b}" if a else b, x * z) for a, x in block for b, z in own]
            parts += [(name, values, number) for name, values in block]
        design = np.column_stack([values for _, values, _ in parts]) if parts else np.empty((k, 0))
        return design, tuple(name for name, _, _ in parts), tuple(number for _, _, number in parts)

    def new_rows(self, values: Mapping[str, Any]) -> FloatArray:
        """The design of new values, one row each; a single value stands for all rows."""
        needed = list(self.columns)
        unknown = sorted(set(values) - set(needed))
        lacking = [name for name in needed if name not in values]
        if unknown or lacking:
            what = [f"{', '.join(unknown)} not in the model"] if unknown else []
            what += [f"{', '.join(lacking)} missing"] if lacking else []
            raise InputError(f"predict: {'; '.join(what)}", hint=f"give a value for each of {', '.join(needed)}")
        lists = {n: [v] if isinstance(v, str) or not isinstance(v, Iterable) else list(v) for n, v in values.items()}
        rows = max((len(v) for v in lists.values()), default=1)
        if any(len(v) not in (1, rows) for v in lists.values()):
            raise InputError("predict: the columns differ in length", hint="one value, or one a row, for each")
        new = {name: _new_column(self.columns[name], lists[name] * (rows // len(lists[name]))) for name in needed}
        if not new:
            return np.ones((1, 1))
        return self.build(new)[0]


def _expanded(column: Column, whole: bool) -> tuple[list[tuple[str, FloatArray]], bool]:
    """The columns of one moderator; whether a factor may still take a column for every level."""
    if column.levels is None:
        return [(column.name, column.values)], whole
    first = 0 if whole else 1
    levels = list(enumerate(column.levels))[first:]
    return [(f"{column.name}[{level}]", (column.values == code).astype(np.float64)) for code, level in levels], False


def _new_column(known: Column, values: Sequence[Any]) -> Column:
    if known.levels is None:
        new = read_column(known.name, values, factor=False)
        if not bool(new.given().all()):
            raise InputError(f"predict: {known.name} has a missing value")
        return new
    codes = []
    for value in values:
        text = _level(value)
        if text not in known.levels:
            raise UnknownChoice(known.name, text, known.levels)
        codes.append(float(known.levels.index(text)))
    return Column(known.name, np.array(codes), known.levels)


def read_moderators(
    moderators: Any, data: Any, factors: Sequence[str], reference: Mapping[str, Any], *, intercept: bool
) -> Recipe:
    """The recipe for ``{"dose": column, ...}``, a data frame, one bare column, or for terms such as
    ``["dose", "dose:age"]`` with ``data``."""
    if isinstance(factors, str):
        factors = (factors,)
    if data is None:
        moderators = _as_columns(moderators)
    if moderators is None:
        return Recipe((), {}, True)
    terms: tuple[tuple[str, ...], ...]
    if isinstance(moderators, Mapping):
        found = {str(name): values for name, values in moderators.items()}
        terms = tuple((name,) for name in found)
        if data is not None:
            raise InputError("moderators holds the columns already", hint="with data= give their names")
    else:
        alone = isinstance(moderators, str) or not isinstance(moderators, Iterable)
        names = [moderators] if alone else list(moderators)
        if not all(isinstance(name, str) for name in names):
            raise InputError(
                "moderators is neither a column, a table of columns nor a list of names",
                hint='moderators={"dose": [...]}, a data frame, or moderators=["dose", "dose:age"] with data=',
            )
        if data is None:
            raise InputError(f"moderators names {', '.join(names)}, but there is no data=", hint="or give a dict")
        terms = tuple(tuple(part.strip() for part in name.split(":")) for name in names)
        found = {name: _from_data(data, name) for term in terms for name in term}
    if len(set(terms)) < len(terms):
        raise InputError("moderators names a term twice")
    for option, given in (("factors", factors), ("reference", reference)):
        for name in given:
            if name not in found:
                raise UnknownChoice(option, name, tuple(found))
    columns = {
        name: read_column(name, values, factor=name in factors, reference=reference.get(name))
        for name, values in found.items()
    }
    lengths = {name: len(column.values) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        seen = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"the moderators differ in length: {seen}", hint="one value a study in each")
    return Recipe(terms, columns, intercept)


def _as_columns(moderators: Any) -> Any:
    """A data frame (pandas, polars, pyarrow) as its columns; one bare column, as ``{"moderator": column}`` or under
    the name it has; anything else as it is."""
    if isinstance(moderators, (str, Mapping)) or moderators is None:
        return moderators
    names = getattr(moderators, "column_names", None)
    names = getattr(moderators, "columns", None) if names is None else names
    if names is not None and not callable(names):
        return {str(name): moderators[name] for name in names}
    if getattr(moderators, "ndim", 1) != 1 or not isinstance(moderators, Iterable):
        return moderators
    name = getattr(moderators, "name", None)
    name = "moderator" if name is None or callable(name) else str(name)
    if isinstance(moderators, (list, tuple)):
        numbers = any(isinstance(v, (int, float, np.number)) for v in moderators)
        return {name: moderators} if numbers else moderators
    return {name: moderators}


def _from_data(data: Any, name: str) -> Any:
    columns = data.keys() if isinstance(data, Mapping) else getattr(data, "column_names", None) or data.columns
    names = [str(n) for n in columns]
    if name not in names:
        raise UnknownChoice("moderator", name, names)
    return data[name]


def _level(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def read_column(name: str, values: Any, *, factor: bool, reference: Any = None) -> Column:
    """A column of numbers, or of words: then a factor, its levels sorted (a categorical keeps its own order)."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InputError(f"{name}={values!r} is not a column", hint="one value a study")
    items = values.to_pylist() if hasattr(values, "to_pylist") else list(values)
    gone = np.array([_missing(item) for item in items], dtype=bool)
    words = [i for i, item in enumerate(items) if isinstance(item, (str, bytes)) and not gone[i]]
    if not factor and not words:
        try:
            numbers = np.array([np.nan if gone[i] else float(item) for i, item in enumerate(items)], dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"{name} holds entries that are neither numbers nor words") from None
        if bool(np.isinf(numbers).any()):
            raise InputError(f"{name} is infinite at row {int(np.isinf(numbers).argmax()) + 1}")
        if reference is not None:
            raise InputError(f"{name} is a number and has no reference level", hint=f"factors=[{name!r}] makes it one")
        return Column(name, numbers)
    if not factor:
        _refuse_numbers_as_text(name, items, gone, words)
    texts = ["" if gone[i] else _level(item) for i, item in enumerate(items)]
    levels = _levels(values, items, texts, gone)
    if reference is not None:
        if _level(reference) not in levels:
            raise UnknownChoice(f"reference for {name}", reference, levels)
        levels = [_level(reference), *(level for level in levels if level != _level(reference))]
    codes = np.array([np.nan if gone[i] else float(levels.index(text)) for i, text in enumerate(texts)])
    return Column(name, codes, tuple(levels))


def _refuse_numbers_as_text(name: str, items: list[Any], gone: Mask, words: list[int]) -> None:
    hint = f"if it is a factor, say so: factors=[{name!r}]"
    if len(words) < len(items) - int(gone.sum()):
        shown = ", ".join(f"row {i + 1}: {items[i]!r}" for i in words[:10])
        raise InputError(f"{name} mixes numbers with text: {shown}", hint=hint)
    try:
        [float(items[i]) for i in words]
    except ValueError:
        return
    raise InputError(f"{name} holds numbers written as text, first {items[words[0]]!r}", hint=f"convert it; or {hint}")


def _levels(values: Any, items: list[Any], texts: list[str], gone: Mask) -> list[str]:
    there = {text for text, missing in zip(texts, gone, strict=True) if not missing}
    own = getattr(getattr(values, "cat", None), "categories", None)
    if own is not None:
        return [_level(level) for level in own if _level(level) in there]
    plain = [item for item, missing in zip(items, gone, strict=True) if not missing]
    if plain and not any(isinstance(item, (str, bytes)) for item in plain):
        return list(dict.fromkeys(_level(item) for item in sorted(plain)))
    return sorted(there)


def complete_rows(recipe: Recipe, labels: Sequence[str]) -> tuple[Mask, tuple[Note, ...]]:
    """Which studies have all moderators, and a note for each that has not."""
    keep, notes = np.ones(len(labels), dtype=bool), []
    for i, label in enumerate(labels):
        gone = [name for name, column in recipe.columns.items() if np.isnan(column.values[i])]
        if gone:
            keep[i] = False
            text = f"left out: {' and '.join(gone)} missing"
            notes.append(Note("study-left-out", text, about=label))
    return keep, tuple(notes)


def determined(design: FloatArray, names: Sequence[str]) -> str:
    """In words, the first column that the ones before it determine; empty where there is none."""
    scaled = design / np.maximum(np.sqrt((design * design).sum(axis=0)), 1e-300)
    for j in range(scaled.shape[1]):
        if j == 0:
            if not bool(np.any(design[:, 0])):
                return f"{names[0]} is 0 in every study"
            continue
        before = scaled[:, :j]
        solution, *_ = np.linalg.lstsq(before, scaled[:, j], rcond=None)
        if float(np.linalg.norm(scaled[:, j] - before @ solution)) < 1e-9:
            by = [names[i] for i in range(j) if abs(solution[i]) > 1e-9]
            if not by:
                return f"{names[j]} is 0 in every study"
            return (
                f"{names[j]} is the same in every study"
                if by == [INTERCEPT]
                else f"{names[j]} is determined by {', '.join(by)}"
            )
    return ""
