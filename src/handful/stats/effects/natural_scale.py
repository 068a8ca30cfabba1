"""From the scale a model works on to the one people read: exp for log ratios, and so on."""

from __future__ import annotations

import math
from collections.abc import Callable

from handful.base.errors import UnknownChoice

#: ratios that are only ever published, not computed from counts here
_PUBLISHED_RATIOS = {"HR": "hazard ratio", "GR": "ratio of geometric means", "ROR": "ratio of odds ratios"}


def natural_scale(measure: str) -> Callable[[float], float]:
    """The way back for a measure's code; GEN (nothing was said) and differences stay as they are.

    >>> round(natural_scale("HR")(-0.693147), 3), natural_scale("MD")(-2.0)
    (0.5, -2.0)
    """
    if measure == "GEN":
        return float
    if measure in _PUBLISHED_RATIOS:
        return _exp
    from handful.stats.effects.measures import MEASURES

    if measure not in MEASURES:
        raise UnknownChoice("measure", measure, ("GEN", *_PUBLISHED_RATIOS, *MEASURES))
    found = MEASURES[measure]
    if found.scale == "identity" or found.scale == "other":
        return float
    return _exp if found.scale == "log" else lambda y: float(found.natural(y))


def _exp(y: float) -> float:
    """exp, infinite beyond what a float can hold."""
    return math.exp(y) if y < 709.0 else math.inf
