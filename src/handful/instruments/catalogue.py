"""The instruments that handful ships, one file each in ``catalogue/``, and those of a review laid over them."""

from __future__ import annotations

import functools
from collections import ChainMap
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from handful.base.typed import Id, Typed, Words
from handful.base.yaml_files import Document, read, validate
from handful.instruments.instrument import Instrument

M = TypeVar("M", bound=BaseModel)

FOLDER = Path(str(files("handful.instruments"))) / "catalogue"
GENERIC = ("score", "change", "percent-change", "category", "time-to-event")
"""Kinds without a scale of their own: a review's instrument may extend one."""


class CatalogueSource(Typed):
    """Where a fact of the catalogue was read."""

    id: Id
    cite: Words
    seen: Words
    where: Words | None = None


class CatalogueSources(Typed):
    """``catalogue/sources.yaml``."""

    sources: tuple[CatalogueSource, ...]


def _file(name: str, model: type[M]) -> M:
    document = read(FOLDER / name, f"catalogue/{name}")
    if not isinstance(document, Document):
        raise AssertionError(str(document))
    found = validate(document, model)
    if isinstance(found, list):
        raise AssertionError("\n".join(map(str, found)))
    return found


class Catalogue(Mapping[str, Instrument]):
    """The shipped instruments by id; a file is read when its instrument is first asked for."""

    def __init__(self) -> None:
        self._ids = tuple(sorted(p.stem for p in FOLDER.glob("*.yaml") if p.stem != "sources"))
        self._read: dict[str, Instrument] = {}

    def __getitem__(self, identifier: str) -> Instrument:
        if identifier not in self._read:
            if identifier not in self._ids:
                raise KeyError(identifier)
            self._read[identifier] = _file(f"{identifier}.yaml", Instrument)
        return self._read[identifier]

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


@functools.cache
def catalogue() -> Mapping[str, Instrument]:
    """The shipped instruments by id, in the order of their ids.

    >>> catalogue()["salt"].high
    100.0
    """
    return Catalogue()


@functools.cache
def catalogue_sources() -> Mapping[str, CatalogueSource]:
    """Where the facts of the catalogue were read, by id."""
    return {source.id: source for source in _file("sources.yaml", CatalogueSources).sources}


def laid_over(own: Mapping[str, Instrument]) -> Mapping[str, Instrument]:
    """The catalogue with a review's own instruments on top: the same id replaces, another id is added."""
    return ChainMap(dict(own), catalogue())  # type: ignore[arg-type]


def extended(data: object) -> object:
    """The data of an instrument file with what it does not say taken from the instrument it extends.

    An unknown ``extends`` is left for the check to tell.
    """
    if not isinstance(data, dict) or data.get("extends") not in catalogue():
        return data
    base = catalogue()[str(data["extends"])]
    return {**base.model_dump(mode="json", by_alias=True, exclude_unset=True), **data}


__all__ = ["GENERIC", "Catalogue", "CatalogueSource", "catalogue", "catalogue_sources", "extended", "laid_over"]
