"""A review folder opened: its records, questions, judgements and results. Each stage reads the files it owns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from handful.base.by_id import ById
from handful.base.digest import digest
from handful.base.errors import HandfulError
from handful.base.known_texts import KnownTexts
from handful.base.problems import Problem, Report, ReviewProblems, report
from handful.base.yaml_files import Document, parse
from handful.certainty.judged import CertaintyFile
from handful.certainty.judgements import Judgements
from handful.instruments.catalogue import extended, laid_over
from handful.instruments.instrument import Instrument
from handful.position.ladder import Ladder
from handful.question.question import Question
from handful.records.correction import CorrectionsFile, ReaderCorrection
from handful.records.judgement import Judgement
from handful.records.mentions import digest_of, digest_of_rows
from handful.records.read import FolderReader, read_records
from handful.records.records import Records
from handful.records.review_file import GuidanceFile, ReviewFile
from handful.records.score_totals import with_totals
from handful.records.version import Version, version_key

if TYPE_CHECKING:
    from handful.position.place import Place
    from handful.synthesis.synthesis import Synthesis


@dataclass(frozen=True)
class Guidance:
    """A guidance page: its front matter and its text."""

    about: GuidanceFile
    text: str
    file: str
    first_line: int
    document: Document


@dataclass(frozen=True)
class Review:
    """An open review: plain values read from its folder; nothing is kept anywhere else."""

    folder: Path
    about: ReviewFile
    records: Records
    questions: Mapping[str, Question]
    prose: Mapping[str, str] = field(default_factory=dict, repr=False)
    judgements: Judgements = field(default_factory=Judgements, repr=False)
    ladders: Mapping[str, Ladder] = field(default_factory=dict, repr=False)
    instruments: Mapping[str, Instrument] = field(default_factory=dict, repr=False)
    own_instruments: tuple[str, ...] = ()
    """The instruments that stand in the review's own folder; the others are the catalogue's."""
    guidance: Mapping[str, Guidance] = field(default_factory=dict, repr=False)
    corrections: tuple[ReaderCorrection, ...] = field(default=(), repr=False)
    versions: tuple[Version, ...] = field(default=(), repr=False)
    """Every released version, the first one first."""
    version_notes: Mapping[str, str] = field(default_factory=dict, repr=False)
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)

    def beside(self, answer: Synthesis, placed: Place | None = None) -> dict[str, Any]:
        """What later stages say of an answer, by name; kept with its results, so that stale ones are found.

        ``placed``: the place in therapy, when it was computed already.
        """
        from handful.certainty.grade import grade
        from handful.position.as_data import place_as_data
        from handful.position.placing import place
        from handful.stats.results import NotEstimable
        from handful.synthesis.sensitivity import sensitivity
        from handful.words.reader_names import with_reader_names
        from handful.words.stored import stored_sentences

        every = sensitivity(self, answer.question)
        sure = grade(answer, self.judgements)
        said: dict[str, Any] = {
            "certainty": sure.to_dict(),
            "sentences": stored_sentences(with_reader_names(self.instruments, answer), sure),
            "every_analysis": {"not_estimable": every.reason} if isinstance(every, NotEstimable) else every.short(),
        }
        found = placed or place(self, answer.question, answer=answer)
        return said if isinstance(found, NotEstimable) else said | {"place": place_as_data(found)}

    def part_for(self, identifier: str) -> Review:
        """The review with only what the answer to one question is made from; the answer from it is the same.

        One question, the records in its reach (with a ladder: those of the alternatives too), their judgements, the
        ladder it names; nothing else that an answer reads. Two reviews whose parts have one ``part_digest`` have one
        answer.
        """
        return self._part(identifier, {identifier}, catalogues=False)

    def page_part_for(self, identifier: str, others: Collection[str] = ()) -> Review:
        """The review with only what the pages of one question may be made from, so that nothing else can move them.

        Beside what the answer is made from: every treatment, outcome, claim, conflict and decision on shared people,
        what the question's own text names, and ``others``, questions that the page links to.
        """
        named = re.findall(r"[A-Za-z0-9_.-]+", self.prose.get(identifier, ""))
        words = {form for word in named for form in (word, word.strip("._-"), word.strip("._-").replace("_", "-"))}
        quoting = {s for word in words if word in self.records.sources for s in self.records.studies_naming(word)}
        shown = {identifier, *others, *(words & set(self.questions))}
        part = self._part(identifier, shown, catalogues=True, also=words | quoting)
        records = part.records
        kept = {*records.studies, *(f"sources/{source}" for source in records.sources)}
        beside = {f"questions/{q}" for q in shown} | {f"ladders/{ladder}" for ladder in part.ladders}
        beside |= {f"judgements/{j}" for j in part.judgements} | {f"certainty/{q}" for q in part.judgements.certainty}
        first = sorted(self.guidance)[:1]  # every page leads to it; of its text it shows nothing
        own = frozenset(self.own_instruments)
        return replace(
            part,
            records=replace(
                records,
                rules={r.outcome: r.definition(self.instruments) for q in part.questions.values() for r in q.rules},
                documents={k: d for k, d in records.documents.items() if k in kept or k.endswith(".yaml")},
            ),
            prose={k: text for k, text in self.prose.items() if k == identifier},
            guidance={k: replace(self.guidance[k], text="") for k in first},
            version_notes={},
            documents={
                k: d
                for k, d in self.documents.items()
                if k in beside or k.endswith(".yaml") or k.removeprefix("instruments/") in own
            },
        )

    def _part(self, identifier: str, shown: Collection[str], *, catalogues: bool, also: Collection[str] = ()) -> Review:
        from handful.question.reach import NEUTRAL, within_reach

        asked = self.questions[identifier]
        ladder = self.ladders.get(asked.ladder) if asked.ladder else None
        neutral = [t.id for t in self.records.treatments.values() if t.kind in NEUTRAL] if ladder else []
        beside = [*ladder.alternatives, *neutral] if ladder else []
        told = [c.source for c in ladder.contraindications] if ladder else []
        every = catalogues or ladder is not None
        records = within_reach(self.records, asked, beside=beside, also=[*also, *told], catalogues=every)
        judged = self.judgements
        return replace(
            self,
            records=records,
            questions={k: q for k, q in self.questions.items() if k in shown},
            ladders={} if ladder is None else {ladder.id: ladder},
            judgements=Judgements(
                {k: j for k, j in judged.risk_of_bias.items() if j.study in records.studies},
                {k: c for k, c in judged.certainty.items() if k == identifier},
            ),
        )

    def page_digest(self) -> str:
        """One digest over the texts that this review, or this part of one, was read from: lines count as well."""
        files = {d.file: d.digest for d in (*self.records.documents.values(), *self.documents.values())}
        tables = {k: t for k in self.records.people if (t := self.records.rows(k)) is not None}
        return digest(
            {
                "files": files,
                "questions": list(self.questions),
                "rows": {k: [digest_of_rows(t), digest(t.lines.tobytes()), t.units] for k, t in tables.items()},
                "prose": {k: digest(text.encode("utf-8", "surrogatepass")) for k, text in self.prose.items()},
                "guidance": list(self.guidance),
                "versions": [digest_of(version) for version in self.versions],
            }
        )

    def part_digest(self) -> str:
        """One digest over everything that an answer is made from: records, questions, ladders, judgements, names."""

        def each(typed: Mapping[str, BaseModel]) -> dict[str, str]:
            return {key: digest_of(model) for key, model in typed.items()}

        return digest(
            {
                "records": self.records.digest(),
                "attributes": {k: dict(names) for k, names in self.records.attributes.items()},
                "instruments": each(self.instruments),
                "questions": each(self.questions),
                "ladders": each(self.ladders),
                "risk_of_bias": each(self.judgements.risk_of_bias),
                "certainty": each(self.judgements.certainty),
            }
        )

    def question(self, identifier: str) -> Question:
        """The question of that id.

        Raises:
            HandfulError: when there is none, with the nearest id.
        """
        found = self.questions.get(identifier)
        if found is None:
            from handful.base.problems import did_you_mean

            raise HandfulError(f"there is no question `{identifier}`", hint=did_you_mean(identifier, self.questions))
        return found


def read_review(folder: str | Path, known: KnownTexts | None = None) -> tuple[Review | None, Report]:
    """Everything that can be read of a review folder, and every problem met; never raises for what stands in files.

    ``known``: texts that were parsed before; they are not parsed again.
    """
    root = Path(folder)
    if not root.is_dir():
        problem = Problem(str(folder), 1, "no-such-folder", "is not a folder", "name the folder that holds review.yaml")
        return None, report([problem])
    reader = FolderReader(root, known)
    about = reader.single("review.yaml", ReviewFile)
    if not (root / "review.yaml").exists():
        reader.problems.append(
            Problem(
                "review.yaml", 1, "missing-file", "is missing", "`handful new review DIR` makes a folder to start from"
            )
        )
    records = read_records(reader)
    questions = reader.one_per_file("questions/*.yaml", Question)
    judgements = reader.one_per_file("judgements/*.yaml", Judgement)
    certainty = reader.one_per_file("certainty/*.yaml", CertaintyFile, key="question")
    ladders = reader.one_per_file("ladders/*.yaml", Ladder)
    tables = {study: table for study in records.people if (table := records.rows(study)) is not None}
    own = reader.one_per_file("instruments/*.yaml", Instrument, filled=extended)
    versions = reader.one_per_file("versions/*.yaml", Version, key="version")
    version_notes = {path.name.removesuffix(".md"): _text(reader, path) for path in reader.files("versions/*.md")}
    corrections = reader.single("corrections.yaml", CorrectionsFile)
    if corrections is not None:
        reader.unique(corrections[1], "corrections", [c.id for c in corrections[0].corrections])
    prose = {path.stem: _text(reader, path) for path in reader.files("questions/*.md")}
    guidance = {g.about.id: g for path in reader.files("guidance/*.md") if (g := _guidance(reader, path)) is not None}
    documents = {f"questions/{k}": d for k, (_, d) in questions.items()}
    documents |= {f"judgements/{k}": d for k, (_, d) in judgements.items()}
    documents |= {f"certainty/{k}": d for k, (_, d) in certainty.items()}
    documents |= {f"ladders/{k}": d for k, (_, d) in ladders.items()}
    documents |= {f"instruments/{k}": d for k, (_, d) in own.items()}
    instruments = laid_over({k: x for k, (x, _) in own.items()})
    if corrections is not None:
        documents["corrections.yaml"] = corrections[1]
    if about is not None:
        documents["review.yaml"] = about[1]
    found = report(reader.problems)
    if about is None:
        return None, found
    review = Review(
        folder=root,
        about=about[0],
        records=replace(
            records,
            attributes=about[0].attributes,
            instruments=instruments,
            people={study: with_totals(table, instruments) for study, table in tables.items()},
            rules={rule.outcome: rule.definition(instruments) for q, _ in questions.values() for rule in q.rules},
        ),
        questions=ById("question", {k: q for k, (q, _) in questions.items()}),
        prose=prose,
        judgements=Judgements({k: j for k, (j, _) in judgements.items()}, {k: c for k, (c, _) in certainty.items()}),
        ladders=ById("ladder", {k: x for k, (x, _) in ladders.items()}),
        instruments=instruments,
        own_instruments=tuple(own),
        guidance=guidance,
        corrections=corrections[0].corrections if corrections else (),
        versions=tuple(sorted((v for v, _ in versions.values()), key=lambda v: version_key(v.version))),
        version_notes=version_notes,
        documents=documents,
    )
    return review, found


def open_review(folder: str | Path) -> Review:
    """The review in ``folder``, when every file of it can be read.

    Raises:
        ReviewProblems: with every problem of every file, its line and its remedy.
    """
    review, found = read_review(folder)
    if review is None or not found.ok:
        raise ReviewProblems(found)
    return review


def _text(reader: FolderReader, path: Path) -> str:
    name = path.relative_to(reader.folder).as_posix()
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        reader.problems.append(
            Problem(name, 1, "not-utf8", f"is not UTF-8 text (byte {error.start})", "save the file as UTF-8")
        )
        return ""
    except OSError as error:
        reader.problems.append(
            Problem(name, 1, "unreadable-file", f"cannot be read: {error.strerror}", "check that the file exists")
        )
        return ""


def _guidance(reader: FolderReader, path: Path) -> Guidance | None:
    """Front matter between two lines of ``---``, then Markdown."""
    name = path.relative_to(reader.folder).as_posix()
    text = _text(reader, path)
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        reader.problems.append(
            Problem(name, 1, "no-front-matter", "has no front matter", "begin with `---`, the tips as YAML, and `---`")
        )
        return None
    # A leading newline keeps the line numbers of the front matter those of the file.
    document = parse("\n" + parts[1], name)
    if isinstance(document, Problem):
        reader.problems.append(document)
        return None
    about = reader.checked(document, GuidanceFile)
    if about is None:
        return None
    body = parts[2].lstrip()
    first_line = text[: len(text) - len(body)].count("\n") + 1
    return Guidance(about, parts[2].strip() + "\n", name, first_line, document)


__all__ = ["Guidance", "Review", "open_review", "read_review"]
