"""Sources that were corrected or withdrawn: told beside the report, not held against the review."""

from __future__ import annotations

from collections.abc import Iterator

from handful.base.problems import Problem
from handful.records.checks.finding import reported_numbers
from handful.records.records import Records


def check_sources(records: Records) -> Iterator[Problem]:
    """Numbers that stand on a retracted source: a note each, at the number."""
    retracted = {
        source.id for source in records.sources.values() if any(n.kind == "retraction" for n in source.notices)
    }
    if not retracted:
        return
    for study in records.studies.values():
        for path, reported in reported_numbers(study):
            read_in = {reported.source or study.source, *reported.from_}
            for source in sorted(read_in & retracted):
                place = records.place(study.id, (*path, "value"))
                yield Problem(
                    place.file,
                    place.line,
                    "retracted-source-used",
                    f"this number was read in `{source}`, which was retracted",
                    "the page says so; leave the study out of the question, or keep it and say why",
                )
