"""The kinds of files a review is made of: which model reads which file. Schemas and the reference are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from handful.certainty.judged import CertaintyFile
from handful.instruments.instrument import Instrument
from handful.position.ladder import Ladder
from handful.question.question import Question
from handful.records.claim import ClaimsFile
from handful.records.conflict import ConflictsFile
from handful.records.correction import CorrectionsFile
from handful.records.judgement import Judgement
from handful.records.overlap import OverlapsFile
from handful.records.patients import Person
from handful.records.review_file import GuidanceFile, ReviewFile
from handful.records.source import Source
from handful.records.study import Study
from handful.records.treatment import OutcomesFile, TreatmentsFile
from handful.records.version import Version


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file: its name for people, the files it is, the model that reads it, and what it is for."""

    name: str
    pattern: str
    model: type[BaseModel]
    holds: str

    @property
    def schema_file(self) -> str:
        """'study.schema.json'."""
        return f"{self.name}.schema.json"


FILE_TYPES: tuple[FileType, ...] = (
    FileType("review", "review.yaml", ReviewFile, "what the review is, and who answers for it"),
    FileType("treatments", "treatments.yaml", TreatmentsFile, "treatments: class, mechanism, approvals"),
    FileType("outcomes", "outcomes.yaml", OutcomesFile, "outcomes under the name and definition of their papers"),
    FileType("source", "sources/*.yaml", Source, "a paper or page, and how much of it was seen"),
    FileType("study", "studies/*.yaml", Study, "a study: design, arms, counts; every number with its place"),
    FileType("patients", "studies/*.patients.csv", Person, "patient rows, one line a person"),
    FileType("conflicts", "conflicts.yaml", ConflictsFile, "sources that disagree; what is used, and why"),
    FileType("overlaps", "overlaps.yaml", OverlapsFile, "studies that may share people; what was decided, and why"),
    FileType("claims", "claims.yaml", ClaimsFile, "what guidelines and articles say, apart from counts"),
    FileType("corrections", "corrections.yaml", CorrectionsFile, "what readers found wrong, and what became of it"),
    FileType("judgement", "judgements/*.yaml", Judgement, "risk of bias of a study, with reasons and names"),
    FileType(
        "certainty", "certainty/*.yaml", CertaintyFile, "what must be judged of an answer, with reasons and names"
    ),
    FileType("instrument", "instruments/*.yaml", Instrument, "a rating scale: range, direction, thresholds"),
    FileType("ladder", "ladders/*.yaml", Ladder, "the alternatives of a population and what each line asks for"),
    FileType("question", "questions/*.yaml", Question, "what is asked, and the plan fixed before the answer"),
    FileType("version", "versions/*.yaml", Version, "what a version answered; written by `handful release`"),
    FileType("guidance", "guidance/*.md", GuidanceFile, "self-care advice; this is its front matter"),
)


def file_type(name: str) -> FileType | None:
    """The kind of that name."""
    return next((kind for kind in FILE_TYPES if kind.name == name), None)


def file_type_of(path: str) -> FileType | None:
    """The kind of the file at ``path``, given from the review's folder."""
    from fnmatch import fnmatchcase

    depth = path.count("/")
    for kind in FILE_TYPES:
        if depth == kind.pattern.count("/") and fnmatchcase(path, kind.pattern):
            return kind
    return None
