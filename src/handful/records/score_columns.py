"""Names of score columns: ``score:salt@baseline``, ``score:salt.top@12``, ``score:weight[kg]@8``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNIT = re.compile(r"^(?P<before>score:[^\[\]@]+)\[(?P<unit>[^\[\]]+)\](?P<after>@.*)$")
_KEY = re.compile(r"^(?P<instrument>[a-z0-9]+(-[a-z0-9]+)*)(\.(?P<part>[a-z0-9-]+))?@(?P<time>baseline|-?\d+(\.\d+)?)$")

BASELINE = 0.0


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """What a score column holds: the instrument (or a part of it) and when, in weeks; the start is week 0."""

    key: str
    instrument: str
    part: str | None
    weeks: float
    baseline: bool

    @property
    def name(self) -> str:
        """'score:salt@12'."""
        return f"score:{self.key}"


def score_column(key: str) -> ScoreColumn | None:
    """The column of that key ('salt@baseline', 'salt.top@12'), or None where it says no time.

    >>> score_column("salt.top@12").part
    'top'
    """
    match = _KEY.match(key)
    if match is None:
        return None
    start = match["time"] == "baseline"
    return ScoreColumn(key, match["instrument"], match["part"], BASELINE if start else float(match["time"]), start)


def score_columns(keys: Iterable[str]) -> tuple[ScoreColumn, ...]:
    """Those of the keys that say their time."""
    return tuple(column for column in map(score_column, keys) if column is not None)


def without_unit(header: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """The names of columns without their units, and the unit of each score key that has one."""
    names, units = [], {}
    for name in header:
        match = _UNIT.match(name)
        if match is not None:
            name = match["before"] + match["after"]
            units[name.removeprefix("score:")] = match["unit"].strip()
        names.append(name)
    return names, units


__all__ = ["ScoreColumn", "score_column", "score_columns", "without_unit"]
