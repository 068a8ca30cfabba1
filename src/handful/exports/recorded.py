"""What was recorded, as tables: every number with the place it was read in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from handful.base.provenance import Reported
from handful.exports.table import TEXT, WHOLE, Row, Table, table_of
from handful.records.patients import Person
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS, Study, When


def recorded(records: Records) -> tuple[Table, ...]:
    """Sources, treatments, outcomes, studies, arms, counts, all numbers, people, conflicts and overlaps."""
    return (
        _sources(records),
        _treatments(records),
        _outcomes(records),
        _studies(records),
        _arms(records),
        _counts(records),
        _numbers(records),
        _people(records),
        _conflicts(records),
        _overlaps(records),
    )


def _sources(records: Records) -> Table:
    return table_of(
        "sources",
        "One row a source that numbers or statements were read in.",
        [
            ("id", TEXT, ""),
            ("kind", TEXT, ""),
            ("title", TEXT, ""),
            ("authors", TEXT, ""),
            ("year", "any", "a year, or not reported"),
            ("journal", TEXT, ""),
            ("doi", TEXT, ""),
            ("pmid", TEXT, ""),
            ("registration", TEXT, ""),
            ("seen", TEXT, "how much of it was seen"),
            ("seen_detail", TEXT, ""),
            ("read", TEXT, "once or twice"),
            ("notices", TEXT, "corrections and retractions"),
            ("note", TEXT, ""),
        ],
        (
            (
                s.id,
                s.kind,
                s.title,
                s.all_authors or s.authors,
                s.year,
                s.journal,
                s.doi,
                s.pmid,
                s.registration,
                s.seen.level,
                s.seen.detail,
                s.seen.read,
                tuple(f"{n.kind} ({n.on})" for n in s.notices),
                s.note,
            )
            for _, s in sorted(records.sources.items())
        ),
        key=("id",),
    )


def _treatments(records: Records) -> Table:
    return table_of(
        "treatments",
        "One row a treatment.",
        [("id", TEXT, ""), ("name", TEXT, ""), ("kind", TEXT, ""), ("class", TEXT, ""), ("parts", TEXT, "")],
        ((t.id, t.name, t.kind, t.treatment_class, t.parts) for _, t in sorted(records.treatments.items())),
        key=("id",),
    )


def _outcomes(records: Records) -> Table:
    return table_of(
        "outcomes",
        "One row an outcome, under the name and definition of the papers that report it.",
        [("id", TEXT, ""), ("name", TEXT, ""), ("definition", TEXT, ""), ("kind", TEXT, "benefit, harm or course")],
        ((o.id, o.name, o.definition, o.kind) for _, o in sorted(records.outcomes.items())),
        key=("id",),
    )


_KINDS = [(kind.replace("-", "_"), WHOLE, words) for kind, words in DENOMINATOR_WORDS.items()]


def _n(study_or_arm: Any) -> Row:
    n = study_or_arm
    return tuple(
        (found.value if (found := n.get(kind)) is not None else None) if n else None for kind in DENOMINATOR_WORDS
    )


def _studies(records: Records) -> Table:
    return table_of(
        "studies",
        "One row a study, with the numbers of people of the whole study.",
        [
            ("id", TEXT, ""),
            ("source", TEXT, "the source it is published in"),
            ("title", TEXT, ""),
            ("design", TEXT, ""),
            ("status", TEXT, ""),
            ("registration", TEXT, ""),
            ("setting", TEXT, ""),
            ("contains", TEXT, "studies whose people it counts again"),
            *_KINDS,
        ],
        (
            (s.id, s.source, s.title, s.design, s.status, s.registration, s.setting, s.contains, *_n(s.n))
            for _, s in sorted(records.studies.items())
        ),
        key=("id",),
        refers=(("source", "sources", "id"),),
    )


def _arms(records: Records) -> Table:
    return table_of(
        "arms",
        "One row a group of people treated alike, with its numbers of people.",
        [
            ("study", TEXT, ""),
            ("arm", TEXT, ""),
            ("name", TEXT, ""),
            ("treatment", TEXT, ""),
            ("dose", TEXT, ""),
            ("people", TEXT, "their traits"),
            ("part_of", TEXT, "the arm whose people these are a part of"),
            *_KINDS,
        ],
        (
            (
                s.id,
                a.id,
                a.name,
                a.treatment,
                a.dose,
                tuple(f"{k}: {' or '.join(v)}" for k, v in a.people.items()),
                a.part_of,
                *_n(a.n),
            )
            for _, s in sorted(records.studies.items())
            for a in s.arms
        ),
        key=("study", "arm"),
        refers=(("study", "studies", "id"), ("treatment", "treatments", "id")),
    )


def _counts(records: Records) -> Table:
    def rows() -> Iterator[Row]:
        for _, study in sorted(records.studies.items()):
            for i, arm in enumerate(study.arms):
                for kind, counted_all in (("outcomes", arm.outcomes), ("harms", arm.harms)):
                    for j, counted in enumerate(counted_all):
                        found = getattr(counted, "responders" if kind == "outcomes" else "events")
                        place = records.place(study.id, ("arms", i, kind, j))
                        yield (
                            study.id,
                            arm.id,
                            "outcome" if kind == "outcomes" else "harm",
                            counted.outcome,
                            records.definition(counted.outcome).name,
                            _when(counted.time),
                            found.value if found else None,
                            *_n(counted.n or arm.n),
                            counted.percent.value if counted.percent else None,
                            counted.modelled,
                            *_origin(records, study, found or counted.percent),
                            place.file,
                            place.line,
                        )

    return table_of(
        "counts",
        "One row a count of people with an outcome or a harm in an arm, with every number of people it may be of.",
        [
            ("study", TEXT, ""),
            ("arm", TEXT, ""),
            ("kind", TEXT, "outcome or harm"),
            ("outcome", TEXT, ""),
            ("outcome_name", TEXT, ""),
            ("time", TEXT, ""),
            ("events", WHOLE, "people who met it"),
            *_KINDS,
            ("percent", "any", "the percentage as printed"),
            ("modelled", "boolean", "the percentage is an estimate of a model"),
            *_ORIGIN,
            ("file", TEXT, ""),
            ("line", WHOLE, ""),
        ],
        rows(),
        refers=(("study", "studies", "id"), ("source", "sources", "id")),
    )


_ORIGIN = [
    ("how", TEXT, "read, derived or back-calculated"),
    ("source", TEXT, "where it was read"),
    ("seen", TEXT, "how much of that source was seen"),
    ("at", TEXT, "the place in the source"),
    ("quote", TEXT, "words of the source"),
    ("derived", TEXT, "the arithmetic, in words"),
    ("derived_from", TEXT, "sources of the numbers it was derived from"),
    ("back_calculated", TEXT, "the percentage printed, and of how many"),
    ("known_fault", TEXT, "a fault of the source, declared"),
    ("note", TEXT, ""),
]


def _origin(records: Records, study: Study, number: Reported[Any] | None) -> Row:
    if number is None:
        return (None,) * len(_ORIGIN)
    name = number.source or study.source
    source = records.sources.get(name)
    back = number.back_calculated
    return (
        number.how,
        name,
        source.seen.level if source else None,
        number.at,
        number.quote,
        number.derived,
        number.from_,
        f"{back.percent} % of {back.of}" if back else None,
        number.known.because if number.known else None,
        number.note,
    )


def _numbers(records: Records) -> Table:
    def rows() -> Iterator[Row]:
        for _, study in sorted(records.studies.items()):
            for path, number in reported(study):
                place = records.place(study.id, path)
                arm = study.arms[int(path[1])].id if path[0] == "arms" else None
                where = ".".join(str(p) for p in path)
                yield (study.id, arm, where, number.value, *_origin(records, study, number), place.file, place.line)

    return table_of(
        "numbers",
        "One row a number of a study, of whatever kind, with the place it was read in.",
        [
            ("study", TEXT, ""),
            ("arm", TEXT, ""),
            ("field", TEXT, "where it stands in the study's file"),
            ("value", "any", ""),
            *_ORIGIN,
            ("file", TEXT, ""),
            ("line", WHOLE, ""),
        ],
        rows(),
        key=("study", "field"),
        refers=(("study", "studies", "id"), ("source", "sources", "id")),
    )


def reported(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Reported[Any]]]:
    """Every number inside a record that says where it was read, with the keys that lead to it in its file."""
    if isinstance(value, Reported):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from reported(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from reported(item, (*path, key))
    elif isinstance(value, tuple | list):
        for i, item in enumerate(value):
            yield from reported(item, (*path, i))


def _when(time: When | str) -> str:
    return time.words if isinstance(time, When) else time


_PERSON = tuple(
    (field.alias or name, name)
    for name, field in Person.model_fields.items()
    if name not in ("outcomes", "scores", "dates")
)


def _people(records: Records) -> Table:
    many: dict[tuple[str, str], None] = {}
    for study in sorted(records.people):
        table = records.rows(study)
        if table is None:
            continue
        for kind, attribute in (("outcome:", "outcomes"), ("score:", "scores"), ("date:", "dates")):
            many |= dict.fromkeys((kind + key, attribute) for key in table.keys(kind))
    columns = sorted(many)

    def rows() -> Iterator[Row]:
        for study in sorted(records.people):
            for person in records.people[study]:
                more = (getattr(person, attribute).get(name.partition(":")[2]) for name, attribute in columns)
                yield (study, *(getattr(person, name) for _, name in _PERSON), *more)

    return table_of(
        "people",
        "One row a person of a case report or of printed patient rows.",
        [
            ("study", TEXT, ""),
            *((name, "any" if name in ("age_years", "weeks") else TEXT, "") for name, _ in _PERSON),
            *((name, "any", "") for name, _ in columns),
        ],
        rows(),
        key=("study", "person"),
        refers=(("study", "studies", "id"),),
    )


def _conflicts(records: Records) -> Table:
    return table_of(
        "conflicts",
        "One row a value of a declared conflict between sources: all are kept, and one is used.",
        [
            ("conflict", TEXT, ""),
            ("title", TEXT, ""),
            ("study", TEXT, ""),
            ("arm", TEXT, ""),
            ("what", TEXT, ""),
            ("value", "any", ""),
            ("source", TEXT, ""),
            ("at", TEXT, ""),
            ("quote", TEXT, ""),
            ("used", "any", "the value that is used"),
            ("because", TEXT, ""),
            ("consequence", TEXT, ""),
        ],
        (
            (
                c.id,
                c.title,
                c.about.study,
                c.about.arm,
                c.about.what or c.about.topic,
                v.value,
                v.source,
                v.at,
                v.quote,
                c.used,
                c.because,
                c.consequence,
            )
            for c in records.conflicts
            for v in c.values
        ),
        refers=(("source", "sources", "id"),),
    )


def _overlaps(records: Records) -> Table:
    return table_of(
        "overlaps",
        "One row a decision about studies that may share people.",
        [
            ("studies", TEXT, ""),
            ("people", TEXT, "same, different, part-of or unclear"),
            ("used", TEXT, ""),
            ("because", TEXT, ""),
        ],
        ((o.studies, o.people, o.used, o.because) for o in records.overlaps),
    )


__all__ = ["recorded", "reported"]
