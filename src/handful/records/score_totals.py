"""Totals of instruments computed from their parts, where the rows give all parts and no total."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from handful.instruments.instrument import Instrument
from handful.records.patient_table import Column, PatientTable, by_row
from handful.records.score_columns import ScoreColumn, score_columns


def with_totals(table: PatientTable, instruments: Mapping[str, Instrument]) -> PatientTable:
    """The table with a column for every total that all its parts give; a total that is there is left as it is.

    A person without one of the parts has no total.
    """
    parts: dict[tuple[str, float], dict[str, ScoreColumn]] = {}
    for column in score_columns(table.keys("score:")):
        if column.part is not None:
            parts.setdefault((column.instrument, column.weeks), {})[column.part] = column
    added: dict[str, Column] = {}
    for (identifier, weeks), found in parts.items():
        instrument = instruments.get(identifier)
        wanted = [c.id for c in instrument.components if c.id] if instrument else []
        time = "baseline" if next(iter(found.values())).baseline else f"{weeks:g}"
        name = f"score:{identifier}@{time}"
        if instrument is None or not wanted or set(wanted) - set(found) or name in table.columns:
            continue
        added[name] = _total(name, instrument, wanted, [table.columns[found[part].name] for part in wanted])
    if not added:
        return table
    return PatientTable(table.file, {**table.columns, **added}, table.lines, table.units)


def _total(name: str, instrument: Instrument, wanted: list[str], columns: list[Column]) -> Column:
    values: list[Any] = []
    place: dict[Any, int] = {}
    codes = array("i")
    weights = [component.weight for component in instrument.components if component.id in wanted]
    for row in by_row(columns):
        parts = [column.values[code] for column, code in zip(columns, row, strict=True)]
        known = all(isinstance(part, int | float) for part in parts)
        made = sum(w * p for w, p in zip(weights, parts, strict=True)) if known else 0.0
        value: Any = float(f"{made:.10g}") if known else "not reported"
        code = place.setdefault(value, len(values))
        if code == len(values):
            values.append(value)
        codes.append(code)
    return Column(name, values, codes)


__all__ = ["with_totals"]
