"""A problem of the records together with the numbers it is about, and the walk over a study's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handful.base.problems import Problem
from handful.base.provenance import Reported
from handful.records.records import Records
from handful.records.study import Arm, Counted, Denominators, Harm, Outcome, Study

Path = tuple[str | int, ...]
"""A place in a file, as keys and positions."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and the paths of the reported numbers in its study that it is about."""

    problem: Problem
    numbers: tuple[Path, ...] = ()


def find(
    records: Records, study: Study, path: Path, code: str, message: str, hint: str, *numbers: Path, at: str = "value"
) -> Finding:
    """A finding at ``path`` of the study's file; it is about the number there and ``numbers``."""
    place = records.place(study.id, (*path, at))
    return Finding(Problem(place.file, place.line, code, message, hint), (path, *numbers))


@dataclass(frozen=True, slots=True)
class People:
    """A number of people: which kind, how many, and where it stands."""

    kind: str
    value: int
    path: Path


@dataclass(frozen=True, slots=True)
class Count:
    """An outcome or harm in its arm, the number counted (responders or events) and the people behind it."""

    arm: Arm
    path: Path
    item: Counted
    key: str
    number: Reported[int] | None
    people: tuple[People, ...]

    @property
    def number_path(self) -> Path:
        """Where the count itself stands."""
        return (*self.path, self.key)


def people(n: Denominators | None, path: Path) -> tuple[People, ...]:
    """The numbers of people of one ``n:``."""
    if n is None:
        return ()
    found = []
    for kind in n.kinds():
        reported = n.get(kind)
        if reported is not None:
            found.append(People(kind, reported.value, (*path, kind)))
    return tuple(found)


def counts(study: Study) -> Iterator[Count]:
    """Every outcome and harm of the study. The people are the count's own, or else those of the arm."""
    for a, arm in enumerate(study.arms):
        of_arm = people(arm.n, ("arms", a, "n"))
        for key, items, number in (("outcomes", arm.outcomes, "responders"), ("harms", arm.harms, "events")):
            for i, item in enumerate(items):
                path: Path = ("arms", a, key, i)
                own = people(item.n, (*path, "n"))
                reported = item.responders if isinstance(item, Outcome) else None
                reported = item.events if isinstance(item, Harm) else reported
                yield Count(arm, path, item, number, reported, own or of_arm)


def reported_numbers(model: BaseModel, path: Path = ()) -> Iterator[tuple[Path, Reported[Any]]]:
    """Every reported number of a model with its path in the file."""
    for value, here in parts(model, path):
        if isinstance(value, Reported):
            yield here, value


def parts(model: BaseModel, path: Path = ()) -> Iterator[tuple[BaseModel, Path]]:
    """The model and every model inside it, with their paths."""
    yield model, path
    for name, info in type(model).model_fields.items():
        yield from _parts(getattr(model, name), (*path, info.alias or name))


def _parts(value: Any, path: Path) -> Iterator[tuple[BaseModel, Path]]:
    if isinstance(value, BaseModel):
        yield from parts(value, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _parts(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _parts(item, (*path, str(key)))
