"""Which counts speak for which band of people: its own, or else the narrowest wider band that the records support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handful.counts.rows import CountRow
from handful.position.ladder import Band
from handful.records.people import NOT_KNOWN


@dataclass(frozen=True)
class BandRows:
    """The counts for a band. ``together`` names the bands they are of: more than one where none is of it alone."""

    rows: tuple[CountRow, ...]
    together: tuple[Band, ...]
    left: tuple[CountRow, ...] = ()
    """Counts that mix these people with others and are not used, as there are counts of them alone."""
    unknown: tuple[CountRow, ...] = ()
    """Counts of people whose band is not reported: they speak for no band."""

    @property
    def wider(self) -> bool:
        """Whether the counts are of more people than asked about."""
        return len(self.together) > 1


def rows_for(band: Band, bands: Sequence[Band], rows: Sequence[CountRow]) -> BandRows:
    """The counts of ``band`` among ``rows``.

    A count belongs to a band when all its people do. Where no count does, the smallest set of bands that some count
    with people of this band stays within is taken, and every count within that set.
    """
    attribute = next(iter(band.people))
    own = set(band.people[attribute])
    known = {row.place: values for row in rows if (values := _values(row, attribute)) is not None}
    unknown = tuple(row for row in rows if row.place not in known)
    mine = tuple(row for row in rows if known.get(row.place, set()) and known[row.place] <= own)
    mixed = tuple(row for row in rows if row.place in known and known[row.place] & own and row not in mine)
    if mine:
        return BandRows(mine, (band,), left=mixed, unknown=unknown)
    reaches = [tuple(b for b in bands if known[row.place] & set(b.people[attribute]) or b is band) for row in mixed]
    if not reaches:
        return BandRows((), (band,), unknown=unknown)
    together = min(reaches, key=lambda found: (len(found), [bands.index(b) for b in found]))
    wide = {value for b in together for value in b.people[attribute]}
    inside = tuple(row for row in rows if row.place in known and known[row.place] <= wide)
    if not inside:  # a value that no band names: nothing can be said of who they are
        return BandRows((), (band,), unknown=(*unknown, *mixed))
    return BandRows(inside, together, left=tuple(r for r in mixed if r not in inside), unknown=unknown)


def _values(row: CountRow, attribute: str) -> set[str] | None:
    values = set(row.people.get(attribute, ()))
    return None if not values or values & NOT_KNOWN else values
