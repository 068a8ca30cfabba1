"""Who the people of an arm are: attributes and their values, free to name, and the rules that ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from handful.base.typed import Map, Words


def _values(value: Any) -> Any:
    """One value or a list of values, as a tuple; 'not reported' stays a value of its own."""
    if isinstance(value, str):
        return (value,)
    return value


Values: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(_values)]
People: TypeAlias = Map[str, Values]
"""For a record: attribute → the values found in the arm (several mean that the arm is mixed)."""

EVERY = frozenset({"with", "failed"})
"""Attributes of which every asked value must hold; of the others each found value must be among the asked ones."""

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
        else:
            other = [value for value in found if value not in asked]
            if len(other) == len(found):
                return Match(False, f"{attribute}: {spoken_values(found, named)}")
            if other:
                return Match(False, f"{attribute} is mixed: {spoken_values(found, named)}")
    return Match(True)


def spoken_values(values: Iterable[str], names: Mapping[str, str] = MappingProxyType({})) -> str:
    """The values as a reader would say them."""
    return ", ".join(names.get(value, value.replace("-", " ")) for value in values)
