"""What the numerics accept: whole counts, times, levels and choices, all checked before any arithmetic.

Array-likes are anything numpy reads (lists, numpy, pandas, polars and pyarrow columns). Every bad value is reported
at once, with its position, what was seen and what would be accepted. Nothing here guesses: ``4.0`` is a count,
``4.5``, ``"4"``, ``True``,
``None`` and NaN are not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from handful.base.errors import InputError, UnknownChoice
from handful.stats.results import Side

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float64]
    Mask: TypeAlias = npt.NDArray[np.bool_]

#: so many bad values are shown one by one; the positions of the rest follow as ranges
_SHOWN = 50


@dataclass(frozen=True)
class Given:
    """Checked numbers, broadcast to one ``shape`` and laid out flat; ``scalar`` says that single numbers came in."""

    values: tuple[Array, ...]
    shape: tuple[int, ...]
    scalar: bool

    def back(self, flat: Array) -> Any:
        """``flat`` in the caller's form: a Python float, or a read-only array of ``shape``."""
        if self.scalar:
            return float(flat[0])
        shaped = np.array(flat, dtype=np.float64).reshape(self.shape)
        shaped.setflags(write=False)
        return shaped

    def positions(self, mask: Mask) -> str:
        """Where ``mask`` holds, in words: "position 3", "positions 0, 4-9"; index tuples for more than one
        dimension."""
        return positions(np.flatnonzero(mask), self.shape)


def choice(option: str, given: object, allowed: tuple[str, ...]) -> str:
    """``given`` if it is one of ``allowed``; else :class:`UnknownChoice`, which names the accepted values."""
    if not isinstance(given, str) or given not in allowed:
        raise UnknownChoice(option, given, allowed)
    return given


def one_number(
    name: str,
    given: Any,
    accepted: str,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    least: float = -math.inf,
    most: float = math.inf,
    whole: bool = False,
) -> float:
    """``given`` as a float if it is one finite number in the range; else :class:`InputError` with what is accepted."""
    usable = isinstance(given, (int, float, np.integer, np.floating)) and not isinstance(given, (bool, np.bool_))
    if not usable:
        raise InputError(f"{name}={given!r} ({type(given).__name__}) is not one number", hint=f"accepted: {accepted}")
    number = _as_float(given)
    inside = math.isfinite(number) and above < number < below and least <= number <= most
    if not inside or (whole and number != math.floor(number)):
        raise InputError(f"{name}={given!r}", hint=f"accepted: {accepted}")
    return number


def finite_numbers(name: str, given: Any) -> Array:
    """``given`` as an array of numbers without NaN; infinities may stand for the ends of a line."""
    problems: list[_Problem] = []
    found = _read(name, given, problems)
    if not problems and np.isnan(found).any():
        problems.append(("", f"{name} holds NaN"))
    _raise(problems, "a number, or an array of numbers")
    return found


def level_and_side(level: object, side: object) -> tuple[float, Side, float]:
    """The level as a float, the side, and alpha: the probability left beyond *each* limit that is computed.

    Two-sided intervals leave (1 - level)/2 on each side; one-sided bounds leave 1 - level on theirs.
    """
    number = _one_level(level)
    picked = choice("side", side, ("two", "upper", "lower"))
    tail = (1 - number) / 2 if picked == "two" else 1 - number
    return number, picked, tail  # type: ignore[return-value]


def _one_level(level: object) -> float:
    if isinstance(level, bool) or not isinstance(level, (int, float, np.integer, np.floating)):
        raise InputError(
            f"level={level!r} is not a number", hint="a confidence level between 0 and 1, for example 0.95"
        )
    number = float(level)
    if not 0 < number < 1:
        raise InputError(f"level={level!r} is outside the open range 0 to 1", hint="for 95 % write level=0.95, not 95")
    return number


def events_and_totals(**named: Any) -> Given:
    """Events and totals, in pairs: ``events_and_totals(x=..., n=...)`` or ``(x1=..., n1=..., x2=..., n2=...)``.

    Each must be a whole number >= 0, and each first of a pair at most its second. Raises :class:`InputError` that
    names every bad position.
    """
    given, problems = _broadcast(named)
    names = list(named)
    bad = np.zeros(len(given.values[0]), dtype=bool)
    for name, flat in zip(names, given.values, strict=True):
        bad |= _complain(problems, given, name, flat, ~np.isfinite(flat), "is not a number", named)
        bad |= _complain(problems, given, name, flat, flat < 0, "is negative", named)
        with np.errstate(invalid="ignore"):
            broken = np.isfinite(flat) & (flat != np.floor(flat))
        bad |= _complain(problems, given, name, flat, broken, "is not a whole number", named)
    for events, totals in zip(names[::2], names[1::2], strict=True):
        x, n = given.values[names.index(events)], given.values[names.index(totals)]
        for index in np.flatnonzero((x > n) & ~bad):
            problems.append(
                (
                    _where(given, int(index)),
                    f"{events} = {x[index]:g} of {totals} = {n[index]:g}: more events than people",
                )
            )
    _raise(
        problems,
        "whole numbers with 0 <= "
        + ", 0 <= ".join(f"{a} <= {b}" for a, b in zip(names[::2], names[1::2], strict=True)),
    )
    return given


def events_and_times(**named: Any) -> Given:
    """Events and person-times in pairs: whole events >= 0, finite times >= 0, and no events in no time."""
    given, problems = _broadcast(named)
    names = list(named)
    for position, (name, flat) in enumerate(zip(names, given.values, strict=True)):
        unusable = ~np.isfinite(flat)
        _complain(problems, given, name, flat, unusable, "is not a finite number", named)
        _complain(problems, given, name, flat, ~unusable & (flat < 0), "is negative", named)
        if position % 2 == 0:
            broken = ~unusable & (flat >= 0)
            broken[broken] = flat[broken] != np.floor(flat[broken])
            _complain(problems, given, name, flat, broken, "is not a whole number", named)
    for events, times in zip(names[::2], names[1::2], strict=True):
        x, t = given.values[names.index(events)], given.values[names.index(times)]
        for index in np.flatnonzero((t == 0) & (x > 0)):
            problems.append(
                (_where(given, int(index)), f"{events} = {x[index]:g} in {times} = 0: events need time to happen in")
            )
    _raise(problems, "whole numbers of events >= 0 and person-times >= 0 in one unit")
    return given


def positions(indices: npt.NDArray[np.intp], shape: tuple[int, ...]) -> str:
    """Indices in words, runs written as ranges."""
    if len(shape) > 1:
        shown = ", ".join(str(tuple(int(i) for i in np.unravel_index(k, shape))) for k in indices[:_SHOWN])
        more = f" and {len(indices) - _SHOWN} more" if len(indices) > _SHOWN else ""
        return f"position{'s' if len(indices) > 1 else ''} {shown}{more}"
    runs: list[str] = []
    for run in np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1):
        if len(runs) == 4 * _SHOWN:
            runs.append(f"and further ones, {len(indices)} in all")
            break
        runs.append(str(int(run[0])) if len(run) == 1 else f"{int(run[0])}-{int(run[-1])}")
    return f"position{'s' if len(indices) > 1 else ''} {', '.join(runs)}"


def distinct(*columns: Array) -> tuple[tuple[Array, ...], npt.NDArray[np.intp]]:
    """The different rows of some columns of whole numbers, and for each old row the place of its equal."""
    if columns[0].size == 1:
        return columns, np.zeros(1, dtype=np.intp)
    radix = 1.0
    key = np.zeros(columns[0].size)
    for column in columns:
        radix *= float(column.max(initial=0.0)) + 1
        key = key * (float(column.max(initial=0.0)) + 1) + column
    if radix > 2**53:  # too large for one key
        _, first, back = np.unique(np.stack(columns), axis=1, return_index=True, return_inverse=True)
        return tuple(column[first] for column in columns), back.reshape(-1)
    if radix <= 4e6:  # few enough to mark instead of sorting
        place = np.full(int(radix), -1, dtype=np.intp)
        index = key.astype(np.intp)
        place[index] = np.arange(index.size)
        first = place[place >= 0]
        place[place >= 0] = np.arange(first.size)
        return tuple(column[first] for column in columns), place[index]
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    return tuple(column[first] for column in columns), back.reshape(-1)


def in_blocks(function: Callable[..., tuple[Array, ...]], *columns: Array, rows: int = 8192) -> tuple[Array, ...]:
    """``function`` of the columns, some thousand rows at a time, so that its temporary arrays stay in the cache."""
    size = columns[0].size
    if size <= rows:
        return function(*columns)
    parts = [function(*(c[start : start + rows] for c in columns)) for start in range(0, size, rows)]
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


# --- how the checks are made ------------------------------------------------------------------------------------------

_Problem: TypeAlias = tuple[str, str]


def _broadcast(named: Mapping[str, Any]) -> tuple[Given, list[_Problem]]:
    """All arguments as flat float arrays of one shape; what could not be read is NaN and already a problem."""
    problems: list[_Problem] = []
    arrays = {name: _read(name, value, problems) for name, value in named.items()}
    shapes = {name: array.shape for name, array in arrays.items()}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        seen = ", ".join(f"{name} {list(s)}" for name, s in shapes.items() if s)
        raise InputError(
            f"the arrays do not fit together: shapes {seen}", hint="give arrays of one length, or single numbers"
        ) from None
    flat = tuple(np.broadcast_to(array, shape).reshape(-1) for array in arrays.values())
    return Given(flat, shape, shape == () and all(not s for s in shapes.values())), problems


def _read(name: str, value: Any, problems: list[_Problem]) -> Array:
    if value is None or isinstance(value, (str, bytes, bool, np.bool_, Mapping, set)):
        problems.append((name, f"{name} = {value!r} ({type(value).__name__}) is not a number"))
        return np.array(np.nan)
    if isinstance(value, (int, np.integer)):
        return np.array(_as_float(value))
    raw = np.asarray(value)
    if raw.dtype.kind in "iuf":
        return raw.astype(np.float64)
    if raw.dtype.kind == "b":
        problems.append((name, f"{name} holds True/False, not counts"))
        return np.full(raw.shape, np.nan)
    # strings, objects, dates: look at each one
    elements = np.asarray(value, dtype=object) if raw.dtype.kind != "O" else raw
    out = np.empty(elements.shape)
    for index in np.ndindex(elements.shape):
        item = elements[index]
        usable = isinstance(item, (int, float, np.integer, np.floating)) and not isinstance(item, (bool, np.bool_))
        out[index] = _as_float(item) if usable else np.nan
        if not usable:
            where = f"{name}[{', '.join(map(str, index))}]" if index else name
            problems.append((where, f"{name} = {item!r} ({type(item).__name__}) is not a number"))
    return out


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _where(given: Given, index: int) -> str:
    if given.scalar:
        return ""
    place = tuple(int(i) for i in np.unravel_index(index, given.shape))
    return f"position {place[0] if len(place) == 1 else place}"


def _complain(
    problems: list[_Problem], given: Given, name: str, flat: Array, bad: Mask, what: str, named: Mapping[str, Any]
) -> Mask:
    """Add one problem per bad value, unless reading the argument has already said so."""
    already = {where for where, _ in problems}
    for index in np.flatnonzero(bad):
        place = _where(given, int(index))
        if name in already or (any(w.startswith(f"{name}[") for w in already) and np.isnan(flat[index])):
            continue
        problems.append((place, f"{name} = {flat[index]:g} {what}"))
        if np.ndim(named[name]) == 0:  # one number for all rows: say it once
            break
    return bad


def _order(problem: _Problem) -> tuple[int, ...]:
    return tuple(
        int(number) for number in re.findall(r"\d+", problem[0].partition("[")[2] or problem[0].partition(" ")[2])
    )


def _raise(problems: list[_Problem], accepted: str) -> None:
    if not problems:
        return
    problems = sorted(problems, key=_order)
    lines = [f"{where}: {text}" if where.startswith("position") or "[" in where else text for where, text in problems]
    body = lines[0] if len(lines) == 1 else f"{len(lines)} values cannot be used:\n  " + "\n  ".join(lines[:_SHOWN])
    if len(lines) > _SHOWN:
        body += "\n  and at " + ", ".join(where.removeprefix("position ") for where, _ in problems[_SHOWN:])
    raise InputError(body, hint=f"accepted: {accepted}")
