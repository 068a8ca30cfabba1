"""References: every id that a record names is declared somewhere, and no arm is a part of itself."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from handful.base.problems import Problem, did_you_mean
from handful.base.provenance import Earlier, Reported, ReportedText
from handful.records.amendments import Correction, Erratum, ExpressionOfConcern, Retraction
from handful.records.checks.finding import Path, parts
from handful.records.checks.names import Names
from handful.records.claim import Claim
from handful.records.comparison import Comparison
from handful.records.overlap import Overlap
from handful.records.patient_rows import repeated
from handful.records.patient_table import PatientTable
from handful.records.people import ATTRIBUTES, NOT_KNOWN, as_values
from handful.records.records import Records
from handful.records.score_columns import score_column
from handful.records.source import Source
from handful.records.study import Arm, Counted, Score, Study
from handful.records.treatment import Approval, OutcomeDefinition, Treatment


def check_identity(records: Records, names: Names) -> Iterator[Problem]:
    """Every reference of studies, patient rows, sources, treatments, outcomes and claims."""
    for study in records.studies.values():
        yield from _references(records, names, study.id, study)
        yield from _arms(records, study)
    yield from _rows(records, names)
    for source in records.sources.values():
        yield from _references(records, names, f"sources/{source.id}", source)
    for name, items in (
        ("treatments", records.treatments.values()),
        ("outcomes", records.outcomes.values()),
        ("claims", records.claims),
        ("overlaps", records.overlaps),
    ):
        for index, item in enumerate(items):
            yield from _references(records, names, f"{name}.yaml", item, (name, index))


def _references(records: Records, names: Names, key: str, model: BaseModel, start: Path = ()) -> Iterator[Problem]:
    """All references inside one thing, at the line where each stands."""
    document = records.documents.get(key)
    file = document.file if document else key
    for part, path in parts(model, start):
        for kind, field, identifiers, what in _named(part):
            for index, identifier in enumerate(identifiers):
                line = document.line((*path, field, index)) if document else 1
                yield from names.unknown(kind, identifier, file, line, what)
        if isinstance(part, Arm | Approval):
            line = document.line((*path, "people")) if document else 1
            yield from names.unknown_people(part.people, file, line)


def _named(part: BaseModel) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Which ids a thing names: their kind, the key they stand under, the ids, and words for the message."""
    if isinstance(part, Study):
        yield "source", "source", (part.source,), "source"
        yield "source", "also_reported_in", part.also_reported_in, "source"
        yield "study", "contains", part.contains, "study"
    elif isinstance(part, Arm):
        yield "treatment", "treatment", (part.treatment,), "treatment"
    elif isinstance(part, Comparison):
        yield "outcome", "outcome", (part.outcome,) if part.outcome else (), "outcome"
    elif isinstance(part, Counted):
        yield "outcome", "outcome", (part.outcome,), "outcome"
    elif isinstance(part, Score):
        yield "instrument", "instrument", (part.instrument,), "instrument"
    elif isinstance(part, Reported):
        yield "source", "source", (part.source,) if part.source else (), "source"
        yield "source", "from", part.from_, "source"
    elif isinstance(part, Earlier | Erratum | Correction | ExpressionOfConcern | Retraction):
        yield "source", "source", (part.source,) if part.source else (), "source"
    elif isinstance(part, ReportedText | Approval):
        yield "source", "source", (part.source,), "source"
    elif isinstance(part, Source):
        yield "source", "summary_of", (part.summary_of,) if part.summary_of else (), "source"
    elif isinstance(part, Treatment):
        yield "treatment", "parts", part.parts, "treatment"
    elif isinstance(part, OutcomeDefinition):
        yield "instrument", "instrument", (part.instrument,) if part.instrument else (), "instrument"
        yield "source", "source", (part.source,) if part.source else (), "source"
    elif isinstance(part, Overlap):
        yield "study", "studies", part.studies, "study"
    elif isinstance(part, Claim):
        yield "source", "source", (part.source,), "source"
        yield "treatment", "treatments", part.treatments, "treatment"


def _arms(records: Records, study: Study) -> Iterator[Problem]:
    """``part_of`` names another arm of the study, and following it ends somewhere; comparisons name arms it has."""
    above = {arm.id: arm.part_of for arm in study.arms}
    for index, comparison in enumerate(study.comparisons):
        for position, named in enumerate(comparison.between):
            if named not in above:
                place = records.place(study.id, ("comparisons", index, "between", position))
                message = f"comparisons: between `{named}` is not an arm of this study"
                yield Problem(place.file, place.line, "unknown-arm", message, did_you_mean(named, above))
    for index, arm in enumerate(study.arms):
        if arm.part_of is None:
            continue
        place = records.place(study.id, ("arms", index, "part_of"))
        if arm.part_of not in above:
            others = [a for a in above if a != arm.id]
            yield Problem(
                place.file,
                place.line,
                "unknown-arm",
                f"arm `{arm.id}`: part_of `{arm.part_of}` is not an arm of this study",
                did_you_mean(arm.part_of, others),
            )
            continue
        seen = [arm.id]
        following: str | None = arm.part_of
        while following is not None and following not in seen:
            seen.append(following)
            following = above.get(following)
        if following == arm.id:
            yield Problem(
                place.file,
                place.line,
                "part-of-itself",
                f"arm `{arm.id}` is a part of itself: {' → '.join([*seen, arm.id])}",
                "`part_of:` names the larger arm; take it away from one of them",
            )


def _rows(records: Records, names: Names) -> Iterator[Problem]:
    for study in records.people:
        rows = records.rows(study)
        if rows is None:
            continue
        if names.studies is not None and study not in names.studies:
            yield Problem(
                rows.file,
                1,
                "rows-without-study",
                f"there is no study `{study}` that these people belong to",
                f"{did_you_mean(study, names.studies)}\nor add studies/{study}.yaml",
            )
        for kind in ("treatment", "source"):
            yield from _unknown(rows, kind, functools.partial(_unknown_id, names, kind, rows.file))
        for attribute in ATTRIBUTES:
            yield from _unknown(rows, attribute, functools.partial(_unknown_value, names, attribute, rows.file))
        yield from _columns(rows, names)


def _unknown_id(names: Names, kind: str, file: str, value: Any) -> list[Problem]:
    return names.unknown(kind, value, file, 1, kind)


def _unknown_value(names: Names, attribute: str, file: str, value: Any) -> list[Problem]:
    values = as_values(value)
    return names.unknown_people({attribute: values}, file, 1) if set(values) - NOT_KNOWN else []


def _unknown(rows: PatientTable, column: str, wrong: Callable[[Any], list[Problem]]) -> Iterator[Problem]:
    """Values that nothing declares, at every row that has one; each different value is looked up once."""
    found: dict[Any, list[Problem]] = {}
    lines: dict[Any, list[int]] = {}
    for value in rows.different(column):
        problems = wrong(value)
        if problems:
            found[value] = problems
    for line, value in rows.lines_with(column, lambda value: value in found):
        lines.setdefault(value, []).append(line)
    for value, problems in found.items():
        for problem in problems:
            yield from repeated(rows.file, lines.get(value, [1]), problem.code, problem.message, problem.hint)


def _columns(rows: PatientTable, names: Names) -> Iterator[Problem]:
    """Outcomes, instruments and dates that columns name."""
    for outcome in rows.keys("outcome:"):
        yield from names.unknown("outcome", outcome, rows.file, 1, "column outcome:")
    for key in rows.keys("score:"):
        column = score_column(key)
        if column is None:
            yield Problem(
                rows.file,
                1,
                "score-column",
                f"column `score:{key}` does not say what and when",
                "write score:<instrument>@baseline or score:<instrument>@<weeks>",
            )
        else:
            yield from names.unknown("instrument", column.instrument, rows.file, 1, "column score:")
    for key in rows.keys("date:"):
        if key not in ("born", "baseline", "last-seen") and not re.fullmatch(r"\d+(\.\d+)?", key):
            message = f"column `date:{key}` names no day of a person"
            hint = "write date:born, date:baseline, date:<weeks> or date:last-seen"
            yield Problem(rows.file, 1, "date-column", message, hint)


__all__ = ["check_identity"]
