"""A review folder's record files read into ``Records``; every problem collected, nothing raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from handful.base.files import OutsideFolder, inside
from handful.base.known_texts import KnownTexts
from handful.base.problems import Problem
from handful.base.yaml_files import Document, Place, parse, read, validate
from handful.records.claim import Claim, ClaimsFile
from handful.records.conflict import Conflict, ConflictsFile
from handful.records.overlap import OverlapsFile
from handful.records.patient_rows import read_patient_rows
from handful.records.patient_table import PatientTable
from handful.records.records import Records
from handful.records.source import Source
from handful.records.study import Study
from handful.records.treatment import OutcomeDefinition, OutcomesFile, Treatment, TreatmentsFile

M = TypeVar("M", bound=BaseModel)


class FolderReader:
    """Reads the files of one folder and keeps every problem met on the way."""

    def __init__(self, folder: Path, known: KnownTexts | None = None) -> None:
        self.folder = folder
        self.known = known
        self.problems: list[Problem] = []

    def files(self, pattern: str) -> Iterator[Path]:
        """Matching files in order of name; one that leads out of the folder is a problem."""
        for path in sorted(self.folder.glob(pattern)):
            name = path.relative_to(self.folder).as_posix()
            try:
                inside(self.folder, name)
            except OutsideFolder as error:
                self.problems.append(
                    Problem(name, 1, "path-leaves-folder", error.message, "replace the link by the file itself")
                )
                continue
            yield path

    def document(self, path: Path) -> Document | None:
        """The file as a document, or None with the problem noted."""
        found = read(path, path.relative_to(self.folder).as_posix(), self.known.parse if self.known else parse)
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        return found

    def checked(self, document: Document, model: type[M], place: Place = (), data: object = None) -> M | None:
        """A part of the document as ``model``, or None with the problems noted."""
        found = validate(document, model, place, data)
        if isinstance(found, list):
            self.problems.extend(found)
            return None
        return found

    def one_per_file(
        self, pattern: str, model: type[M], key: str = "id", filled: Callable[[Any], Any] | None = None
    ) -> dict[str, tuple[M, Document]]:
        """Files with one thing each; its id (or what stands under ``key``) must be the file's name.

        ``filled`` adds what a file leaves to another.
        """
        result: dict[str, tuple[M, Document]] = {}
        for path in self.files(pattern):
            document = self.document(path)
            if document is None:
                continue
            if filled is not None:
                document = replace(document, data=filled(document.data))
            thing = self.checked(document, model)
            if thing is None:
                continue
            identifier = str(getattr(thing, key, path.stem))
            if identifier in result:
                other = result[identifier][1]
                self.problems.append(
                    Problem(
                        document.file,
                        document.line((key,)),
                        "duplicate-id",
                        f"{key} `{identifier}` is also that of {other.file}:{other.line(('id',))}",
                        "give each its own id",
                    )
                )
                continue
            if identifier != path.stem:
                self.problems.append(
                    Problem(
                        document.file,
                        document.line((key,)),
                        "id-is-not-file-name",
                        f"{key} `{identifier}` stands in a file named {path.name}",
                        f"rename the file to {identifier}{path.suffix}, or the {key} to {path.stem}",
                    )
                )
            result[identifier] = (thing, document)
        return result

    def single(self, name: str, model: type[M]) -> tuple[M, Document] | None:
        """The one file of that name, when it is there and in order."""
        for path in self.files(name):
            document = self.document(path)
            thing = self.checked(document, model) if document else None
            if document is not None and thing is not None:
                return thing, document
        return None

    def unique(self, document: Document | None, key: str, identifiers: list[str]) -> None:
        """Notes ids that stand twice in a list."""
        if document is None:
            return
        seen: dict[str, int] = {}
        for index, identifier in enumerate(identifiers):
            line = document.line((key, index, "id"))
            if identifier in seen:
                self.problems.append(
                    Problem(
                        document.file,
                        line,
                        "duplicate-id",
                        f"id `{identifier}` stands in line {seen[identifier]} too",
                        "give each its own id",
                    )
                )
            seen.setdefault(identifier, line)


def read_records(reader: FolderReader) -> Records:
    """The records of the reader's folder. With problems, what could be read is there and the rest is missing."""
    studies = reader.one_per_file("studies/*.yaml", Study)
    sources = reader.one_per_file("sources/*.yaml", Source)
    treatments = reader.single("treatments.yaml", TreatmentsFile)
    outcomes = reader.single("outcomes.yaml", OutcomesFile)
    conflicts = reader.single("conflicts.yaml", ConflictsFile)
    claims = reader.single("claims.yaml", ClaimsFile)
    overlaps = reader.single("overlaps.yaml", OverlapsFile)
    documents = {identifier: document for identifier, (_, document) in studies.items()}
    documents |= {f"sources/{identifier}": document for identifier, (_, document) in sources.items()}
    for name, found in (
        ("treatments", treatments),
        ("outcomes", outcomes),
        ("conflicts", conflicts),
        ("claims", claims),
    ):
        if found is not None:
            documents[f"{name}.yaml"] = found[1]
            reader.unique(found[1], name, [item.id for item in getattr(found[0], name)])
    if overlaps is not None:
        documents["overlaps.yaml"] = overlaps[1]
    for study, document in studies.values():
        reader.unique(document, "arms", [arm.id for arm in study.arms])
    people = _people(reader)
    treatment_items: tuple[Treatment, ...] = treatments[0].treatments if treatments else ()
    outcome_items: tuple[OutcomeDefinition, ...] = outcomes[0].outcomes if outcomes else ()
    conflict_items: tuple[Conflict, ...] = conflicts[0].conflicts if conflicts else ()
    claim_items: tuple[Claim, ...] = claims[0].claims if claims else ()
    return Records(
        studies={identifier: study for identifier, (study, _) in studies.items()},
        sources={identifier: source for identifier, (source, _) in sources.items()},
        treatments={item.id: item for item in treatment_items},
        outcomes={item.id: item for item in outcome_items},
        conflicts=conflict_items,
        claims=claim_items,
        overlaps=overlaps[0].overlaps if overlaps else (),
        people=people,
        person_lines={study: table.lines for study, table in people.items()},
        documents=documents,
    )


def _people(reader: FolderReader) -> dict[str, PatientTable]:
    people: dict[str, PatientTable] = {}
    for path in reader.files("studies/*.patients.csv"):
        name = path.relative_to(reader.folder).as_posix()
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                table, problems = read_patient_rows(lines, name)
        except UnicodeDecodeError:
            message = f"is not UTF-8 text (byte {_first_wrong_byte(path)})"
            reader.problems.append(Problem(name, 1, "not-utf8", message, "save the file as UTF-8"))
            continue
        except OSError as error:
            reader.problems.append(
                Problem(name, 1, "unreadable-file", f"cannot be read: {error.strerror}", "check that the file exists")
            )
            continue
        people[path.name.removesuffix(".patients.csv")] = table
        reader.problems.extend(problems)
    return people


def _first_wrong_byte(path: Path) -> int:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0
