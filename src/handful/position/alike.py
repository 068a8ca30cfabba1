"""Groups that rest on the same counts and stand alike, so that they are told once."""

from __future__ import annotations

from handful.base.wording import human_list
from handful.position.group import GroupPlace
from handful.position.place import Place


def distinct(placed: Place) -> list[tuple[GroupPlace, str]]:
    """Bands (or groups) and everybody together; those with the same counts, line and clauses are named together.

    Everybody together is left out where it is one of the groups again.
    """
    made: list[tuple[GroupPlace, list[str]]] = []
    for group in placed.bands or placed.groups:
        same = next((m for m in made if _alike(m[0], group)), None)
        if same is None:
            made.append((group, [group.name]))
        else:
            same[1].append(group.name)
    overall = placed.overall
    if not any(m[0].rows == overall.rows for m in made):
        made.append((overall, [overall.name]))
    return [(group, human_list(names)) for group, names in made]


def _alike(one: GroupPlace, other: GroupPlace) -> bool:
    return (
        one.rows == other.rows
        and one.line == other.line
        and one.reason == other.reason
        and [c.met for c in one.because] == [c.met for c in other.because]
        and [c.found for c in one.because] == [c.found for c in other.because]
    )


__all__ = ["distinct"]
