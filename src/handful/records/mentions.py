"""What a record names, and its digest: worked out once for each record, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handful.base.digest import digest
from handful.base.remembered import Remembered
from handful.records.patient_table import PatientTable
from handful.records.patients import PREFIXES
from handful.records.study import Study


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(data, list):
        for item in data:
            yield from _strings(item)


def _in_record(record: BaseModel) -> frozenset[str]:
    return frozenset(_strings(record.model_dump(mode="json", by_alias=True, exclude_defaults=True)))


def _in_table(table: PatientTable) -> frozenset[str]:
    """Treatments and sources of its rows, and what its columns are about; not the words that stand in the rows."""
    found = {str(value) for name in ("treatment", "source") for value in table.different(name) if value is not None}
    for prefix in PREFIXES:
        found |= {key.split("@")[0] for key in table.keys(prefix)}
    return frozenset(found)


names_in: Remembered[BaseModel, frozenset[str]] = Remembered(_in_record)
"""Every text and key of a record: the ids it refers to are among them, whatever field they stand in."""

names_in_rows: Remembered[PatientTable, frozenset[str]] = Remembered(_in_table)

digest_of: Remembered[BaseModel, str] = Remembered(lambda record: digest(record.model_dump(mode="json", by_alias=True)))
"""The digest of one record."""

digest_of_rows: Remembered[PatientTable, str] = Remembered(lambda table: table.digest())
"""The digest of a study's patient rows."""


@dataclass(frozen=True)
class StudiesBy:
    """Ids of the studies that have an arm or a patient row of a treatment, or an arm that reports an outcome."""

    treatment: Mapping[str, frozenset[str]]
    outcome: Mapping[str, frozenset[str]]


def studies_by(studies: Mapping[str, Study], tables: Mapping[str, PatientTable]) -> StudiesBy:
    """The index of all studies, in one pass."""
    treatment: dict[str, set[str]] = {}
    outcome: dict[str, set[str]] = {}
    for identifier, study in studies.items():
        for arm in study.arms:
            treatment.setdefault(arm.treatment, set()).add(identifier)
            for counted in arm.outcomes:
                outcome.setdefault(counted.outcome, set()).add(identifier)
    for identifier, table in tables.items():
        for value in table.different("treatment"):
            treatment.setdefault(value, set()).add(identifier)
    return StudiesBy(
        {key: frozenset(ids) for key, ids in treatment.items()}, {key: frozenset(ids) for key, ids in outcome.items()}
    )


__all__ = ["StudiesBy", "digest_of", "digest_of_rows", "names_in", "names_in_rows", "studies_by"]
