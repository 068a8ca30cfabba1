"""All records of a review, with look-up by id and the line of every number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel

from handful.base.digest import digest
from handful.base.yaml_files import Document
from handful.instruments.catalogue import laid_over
from handful.instruments.instrument import Instrument
from handful.records.claim import Claim
from handful.records.conflict import Conflict
from handful.records.mentions import StudiesBy, digest_of, digest_of_rows, names_in, names_in_rows, studies_by
from handful.records.overlap import Overlap
from handful.records.patient_table import PatientTable
from handful.records.patients import Person
from handful.records.source import Source
from handful.records.study import Study
from handful.records.treatment import OutcomeDefinition, Treatment


@dataclass(frozen=True)
class Place:
    """A file and a line in it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Records:
    """What was reported: studies, people, sources, treatments, outcomes, conflicts and claims, each by id."""

    studies: Mapping[str, Study]
    sources: Mapping[str, Source]
    treatments: Mapping[str, Treatment]
    outcomes: Mapping[str, OutcomeDefinition]
    conflicts: tuple[Conflict, ...] = ()
    claims: tuple[Claim, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    people: Mapping[str, Sequence[Person]] = field(default_factory=dict)
    person_lines: Mapping[str, Sequence[int]] = field(default_factory=dict, repr=False)
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """Names for readers of the attributes' values, as the review declares them."""
    instruments: Mapping[str, Instrument] = field(default_factory=lambda: laid_over({}), repr=False)
    """The scales: those of the catalogue, and those of the review laid over them."""

    rules: Mapping[str, OutcomeDefinition] = field(default_factory=dict, repr=False)
    """Outcomes that questions define as rules over patient rows; no paper reports them under these names."""

    def rows(self, study: str) -> PatientTable | None:
        """The patient rows of a study by column, where there are any."""
        people = self.people.get(study)
        if people is None or isinstance(people, PatientTable):
            return people
        return PatientTable.of(people, f"studies/{study}.patients.csv", self.person_lines.get(study, ()))

    def place(self, study: str, path: Iterable[str | int]) -> Place:
        """Where in the study's file the thing at ``path`` stands."""
        document = self.documents.get(study)
        return Place(document.file, document.line(path)) if document else Place(f"studies/{study}.yaml", 1)

    def definition(self, outcome: str) -> OutcomeDefinition:
        """The outcome's catalogue entry, or one that says it is not defined."""
        known = self.outcomes.get(outcome) or self.rules.get(outcome)
        if known is not None:
            return known
        return OutcomeDefinition(id=outcome, name=outcome.replace("-", " "), definition="not defined in the records")

    def treatment_name(self, treatment: str) -> str:
        """The treatment's name for readers."""
        known = self.treatments.get(treatment)
        return known.name if known else treatment.replace("-", " ")

    def conflicts_about(self, study: str, arm: str | None = None) -> tuple[Conflict, ...]:
        """Declared conflicts that touch the study (and the arm, where the conflict names one)."""
        return tuple(
            c
            for c in self.conflicts
            if (c.about.study == study or study in c.studies) and (arm is None or c.about.arm in (None, arm))
        )

    def conflict_place(self, conflict: Conflict) -> Place:
        """Where a declared conflict stands."""
        document = self.documents.get("conflicts.yaml")
        listed = document.data.get("conflicts", []) if document and isinstance(document.data, dict) else []
        found = (i for i, item in enumerate(listed) if isinstance(item, dict) and item.get("id") == conflict.id)
        line = document.line(("conflicts", next(found, 0))) if document else 1
        return Place("conflicts.yaml", line)

    def digest(self) -> str:
        """One hash over every record; the order of files does not matter."""
        return self._digest

    @cached_property
    def by(self) -> StudiesBy:
        """Studies by treatment and by outcome."""
        return studies_by(self.studies, self._tables)

    def studies_on(self, treatment: str) -> tuple[Study, ...]:
        """The studies with an arm or a patient row of the treatment, in the order of the records."""
        found = self.by.treatment.get(treatment, frozenset())
        return tuple(self.studies[identifier] for identifier in sorted(found, key=self._place_of.__getitem__))

    @cached_property
    def _place_of(self) -> Mapping[str, int]:
        return {identifier: place for place, identifier in enumerate(self.studies)}

    def studies_naming(self, source: str) -> frozenset[str]:
        """Ids of the studies that name a source of that id, in whatever field or row."""
        return self._naming.get(source, frozenset())

    @cached_property
    def _naming(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for identifier, study in self.studies.items():
            for name in names_in(study) & self.sources.keys():
                found.setdefault(name, set()).add(identifier)
        for identifier, table in self._tables.items():
            for name in names_in_rows(table) & self.sources.keys():
                found.setdefault(name, set()).add(identifier)
        return {name: frozenset(ids) for name, ids in found.items()}

    @cached_property
    def _tables(self) -> Mapping[str, PatientTable]:
        return {k: table for k in self.people if k in self.studies and (table := self.rows(k)) is not None}

    @cached_property
    def _digest(self) -> str:
        """Made once: every question asks for it. The digest of a record is made once for all records that hold it."""
        maps: tuple[Mapping[str, BaseModel], ...] = (self.studies, self.sources, self.treatments, self.outcomes)
        return digest(
            {
                **dict(zip(("studies", "sources", "treatments", "outcomes"), map(_digests, maps), strict=True)),
                "conflicts": _digests({c.id: c for c in self.conflicts}),
                "claims": _digests({c.id: c for c in self.claims}),
                "overlaps": [digest_of(o) for o in self.overlaps],
                "people": {k: digest_of_rows(table) for k, table in self._tables.items()},
            }
        )


def _digests(records: Mapping[str, BaseModel]) -> dict[str, str]:
    return {key: digest_of(record) for key, record in records.items()}
