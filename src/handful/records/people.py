"""Who the people of an arm are: attributes and their values, free to name, and the rules that ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from handful.base.typed import Map, Words


def _values(value: Any) -> Any:
    """One value or a list of values, as a tuple; 'not reported' stays a value; a band is one in words."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict) and value and not set(value) - {"from", "below"}:
        return (band_words(value),)
    return value


def band_words(value: Mapping[str, Any]) -> str:
    """``{from: 18, below: 65}`` in words: 'from 18 to below 65'."""
    limits = {key: value.get(key) for key in ("from", "below")}
    for key, limit in limits.items():
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float)):
            raise PydanticCustomError(
                "band", "{key}: must be a number, found {found}", {"key": key, "found": repr(limit)}
            )
    low, high = limits["from"], limits["below"]
    if low is None:
        return f"below {high:g}"
    return f"from {low:g}" + (f" to below {high:g}" if high is not None else "")


_BAND = re.compile(r"(?:from (?P<low>-?[\d.]+)(?: to )?)?(?:below (?P<high>-?[\d.]+))?")


def in_band(found: float, band: str) -> bool:
    """Whether a number lies in 'from 18 to below 65'; a plain number is itself alone."""
    match = _BAND.fullmatch(band)
    if match is None or not match.group():
        return band == f"{found:g}"
    low, high = match["low"], match["high"]
    return (low is None or found >= float(low)) and (high is None or found < float(high))


Values: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(_values)]
People: TypeAlias = Map[str, Values]
"""For a record: attribute → the values found in the arm (several mean that the arm is mixed)."""

EVERY = frozenset({"with", "failed"})
"""Attributes of which every asked value must hold; of the others each found value must be among the asked ones."""

ATTRIBUTES = ("age", "sex", "extent", "with", "failed")
"""The named attributes that every patient row has."""

NUMERIC = frozenset({"age_years"})
"""Attributes that are numbers; rules ask for bands of them. So are scores: ``salt@baseline``."""

NOT_KNOWN = frozenset({"not reported", "not recorded"})


@dataclass(frozen=True, slots=True)
class Match:
    """Whether people meet a rule; ``because`` says why not, ``unknown`` that it could not be told."""

    yes: bool
    because: str = ""
    unknown: bool = False


Names: TypeAlias = Mapping[str, Mapping[str, str]]
"""For every attribute, the names of its values for readers."""


def matches(
    people: Mapping[str, tuple[str, ...]], rule: Mapping[str, tuple[str, ...]], names: Names = MappingProxyType({})
) -> Match:
    """Do all people of an arm meet the rule?

    ``with`` and ``failed`` must hold every asked value; any other attribute must have been reported and hold only asked
    values, so that an arm which mixes adults and children belongs to neither.
    """
    for attribute, asked in rule.items():
        found = people.get(attribute, ("not reported",))
        named = names.get(attribute, {})
        if not found or set(found) & NOT_KNOWN:
            return Match(False, f"{attribute} not reported", unknown=True)
        if attribute in EVERY:
            lacking = [value for value in asked if value not in found]
            if lacking:
                return Match(False, f"{attribute}: {spoken_values(found, named)}, not {spoken_values(lacking, named)}")
        elif is_numeric(attribute):
            if not all(any(in_band(float(value), band) for band in asked) for value in found):
                return Match(False, f"{attribute.replace('_', ' ')}: {', '.join(found)}")
        else:
            other = [value for value in found if value not in asked]
            if len(other) == len(found):
                return Match(False, f"{attribute}: {spoken_values(found, named)}")
            if other:
                return Match(False, f"{attribute} is mixed: {spoken_values(found, named)}")
    return Match(True)


def is_numeric(attribute: str) -> bool:
    """Whether an attribute is a number: an age in years, or a score at a time ('salt@baseline')."""
    return attribute in NUMERIC or "@" in attribute


def as_values(value: Any) -> tuple[str, ...]:
    """The value of a cell as the values of an attribute."""
    if value is None:
        return ("not reported",)
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else (f"{value:g}",)


def spoken_values(values: Iterable[str], names: Mapping[str, str] = MappingProxyType({})) -> str:
    """The values as a reader would say them."""
    return ", ".join(names.get(value, value.replace("-", " ")) for value in values)
