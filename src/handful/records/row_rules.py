"""Rules over people, asked of patient rows: which rows meet them, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from handful.records.patient_table import PatientTable
from handful.records.people import Names, as_values, is_numeric, matches
from handful.records.study import Arm, Study

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class RowMatch:
    """For every row the number of its reason in ``reasons``, or -1 where the rule is met."""

    why: np.ndarray
    reasons: tuple[tuple[str, bool], ...]
    """Why not, and whether it could not be told."""

    @property
    def yes(self) -> np.ndarray:
        """Which rows meet the rule."""
        return self.why < 0


def rows_matching(
    table: PatientTable, rule: Mapping[str, tuple[str, ...]], names: Names = MappingProxyType({})
) -> RowMatch:
    """Which rows meet a rule over people; each different value of a column is asked once.

    The meaning is that of ``matches`` for one person: of several reasons the first attribute of the rule gives it.
    """
    import numpy as np

    why = np.full(len(table), -1, dtype=np.int32)
    reasons: dict[tuple[str, bool], int] = {}
    for attribute, asked in reversed(list(rule.items())):
        name = f"score:{attribute}" if "@" in attribute else attribute
        column = table.columns.get(name)
        if column is None:
            default = as_values(table.value(name, 0)) if not is_numeric(attribute) else ("not reported",)
            match = matches({attribute: default}, {attribute: asked}, names)
            if not match.yes:
                why[:] = reasons.setdefault((match.because, match.unknown), len(reasons))
            continue
        answers = np.full(len(column.values), -1, dtype=np.int32)
        for code, value in enumerate(column.values):
            match = matches({attribute: as_values(value)}, {attribute: asked}, names)
            if not match.yes:
                answers[code] = reasons.setdefault((match.because, match.unknown), len(reasons))
        found = answers[np.frombuffer(column.codes, dtype=np.int32)] if len(table) else why
        why = np.where(found >= 0, found, why)
    return RowMatch(why, tuple(reasons))


def rows_of_arm(study: Study, arm: Arm, table: PatientTable) -> np.ndarray:
    """Which rows are people of the arm: those that name it, or, where no arm is named, those on its treatment.

    Two whole arms on one treatment cannot be told apart without the column `arm`; then no row is.
    """
    import numpy as np

    alike = [a for a in study.arms if a.treatment == arm.treatment and a.part_of is None]
    by_treatment = len(alike) == 1
    treatment = table.columns["treatment"]
    on_it = np.array([v == arm.treatment for v in treatment.values])[np.frombuffer(treatment.codes, dtype=np.int32)]
    column = table.columns.get("arm")
    if column is None:
        return on_it if by_treatment else np.zeros(len(table), dtype=bool)
    codes = np.frombuffer(column.codes, dtype=np.int32)
    named = np.array([v == arm.id for v in column.values])[codes]
    nothing = np.array([v == "not reported" for v in column.values])[codes]
    return named | (nothing & on_it) if by_treatment else named


__all__ = ["RowMatch", "rows_matching", "rows_of_arm"]
