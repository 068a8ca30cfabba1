"""What a conversion gives back, and how its numbers are checked: every bad one named at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.checked import Given, _broadcast, _complain, _raise
from handful.stats.effects.measures import MEASURES, Scale
from handful.stats.evidence import Estimates, estimates

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

#: ratios and others that are reported, but not made from counts here
_ALSO: dict[str, Scale] = {"GEN": "identity", "HR": "log"}


@dataclass(frozen=True, eq=False)
class Converted:
    """An estimate with its standard error on the model scale: floats, or read-only arrays of one shape.

    ``measure`` is the field's code (log for ratios: OR, RR, HR), ``method`` says from what it was made.
    """

    estimate: Any
    se: Any
    measure: str
    method: str
    notes: tuple[Note, ...] = ()

    @property
    def vi(self) -> Any:
        """Variance, the square of ``se``."""
        return self.se**2

    def estimates(self, labels: Iterable[object] | None = None) -> Estimates:
        """For ``hf.pool`` and ``hf.combine``: one row an estimate."""
        y, se = np.atleast_1d(self.estimate).reshape(-1), np.atleast_1d(self.se).reshape(-1)
        return estimates(y, se=se, labels=labels, measure=self.measure)

    def __str__(self) -> str:
        if np.ndim(self.estimate):
            return f"{np.size(self.estimate)} estimates ({self.measure}), {self.method}"
        notes = "".join(f"\nnote: {note}" for note in self.notes)
        return f"{self.estimate:.4g} (se {self.se:.4g}), {self.measure}, {self.method}{notes}"


_RULES: dict[str, tuple[Any, str]] = {
    "finite": (lambda x: np.zeros(x.shape, dtype=bool), "is not a finite number"),
    "positive": (lambda x: x <= 0, "is not above 0"),
    "not-negative": (lambda x: x < 0, "is below 0"),
    "size": (lambda x: (x < 1) | (x != np.floor(x)), "is not a whole number of people, at least 1"),
    "size-2": (lambda x: (x < 2) | (x != np.floor(x)), "is not a whole number of people, at least 2"),
    "p": (lambda x: (x <= 0) | (x > 1), "is no p value: above 0, at most 1"),
    "proportion": (lambda x: (x <= 0) | (x >= 1), "is not between 0 and 1"),
    "correlation": (lambda x: np.abs(x) > 1, "is no correlation: from -1 to 1"),
    "inside-one": (lambda x: np.abs(x) >= 1, "is not between -1 and 1"),
    "sign": (lambda x: np.abs(x) != 1, "is neither 1 nor -1"),
}


class Numbers:
    """Named arguments of a conversion, broadcast together, each with its rule; ``problem`` adds further ones."""

    def __init__(self, **named: tuple[Any, str]) -> None:
        values = {name: value for name, (value, _) in named.items()}
        self._named = values
        self._given, self._problems = _broadcast(values)
        self._names = list(values)
        self._bad = np.zeros(self._given.values[0].size, dtype=bool)
        for name, (_, rule) in named.items():
            column = self[name]
            infinite = ~np.isfinite(column)
            self._bad |= _complain(
                self._problems, self._given, name, column, infinite, "is not a finite number", values
            )
            test, words = _RULES[rule]
            broken = ~infinite & test(np.where(infinite, 1.0, column))
            self._bad |= _complain(self._problems, self._given, name, column, broken, words, values)

    def __getitem__(self, name: str) -> FloatArray:
        return self._given.values[self._names.index(name)]

    def problem(self, name: str, broken: Mask, words: str) -> None:
        """One more rule, for rows in which nothing was wrong so far."""
        column, broken = self[name], np.asarray(broken) & ~self._bad
        self._bad |= broken
        _complain(self._problems, self._given, name, column, broken, words, {name: column})

    def finish(self, accepted: str) -> Given:
        """The checked numbers, or one ``InputError`` with every bad value."""
        _raise(self._problems, accepted)
        return self._given


def scale_of(measure: str, scale: str | None) -> Scale:
    """The scale on which intervals of this measure are symmetric: given by name, or known from the code."""
    if scale in ("identity", "log", "logit", "atanh"):
        return scale  # type: ignore[return-value]
    if scale is not None:
        raise InputError(f"scale={scale!r} is not known", hint="accepted: identity, log, logit, atanh")
    found = _ALSO.get(measure) or (MEASURES[measure].scale if measure in MEASURES else None)
    if found is None or found == "other":
        raise InputError(
            f"measure={measure!r}: on which scale is its interval symmetric?",
            hint="say it: scale='identity', 'log' (ratios), 'logit' (proportions) or 'atanh' (correlations)",
        )
    return found


#: what a natural value must be to have a place on the model scale
NATURAL_RULE: dict[Scale, str] = {
    "identity": "finite",
    "log": "positive",
    "logit": "proportion",
    "atanh": "inside-one",
}


def to_model(x: FloatArray, scale: Scale) -> FloatArray:
    """Natural to model scale."""
    if scale == "log":
        return np.asarray(np.log(x))
    if scale == "logit":
        return np.asarray(np.log(x) - np.log1p(-x))
    if scale == "atanh":
        return np.asarray(np.arctanh(x))
    return x


def to_natural(y: FloatArray, scale: Scale) -> FloatArray:
    """Model to natural scale."""
    if scale == "log":
        return np.asarray(np.exp(y))
    if scale == "logit":
        return np.asarray(1.0 / (1.0 + np.exp(-y)))
    if scale == "atanh":
        return np.asarray(np.tanh(y))
    return y
