"""Sources that were corrected or withdrawn: told beside the report, not held against the review."""

from __future__ import annotations

from collections.abc import Iterator

from handful.base.problems import Problem
from handful.records.checks.finding import Finding, Path, find, reported_numbers
from handful.records.checks.known_faults import same_value
from handful.records.records import Records
from handful.records.study import Study

REPLACING = {"erratum": ("erratum", "correction"), "correction": ("erratum", "correction")}
"""What `was: {by: …}` asks of the notices of the source it was read in."""


def check_replaced(records: Records, study: Study) -> Iterator[Finding]:
    """Numbers that replaced others: the old one is another number, and the source carries the notice."""
    for path, reported in reported_numbers(study):
        for index, earlier in enumerate(reported.was):
            where: Path = (*path, "was", index)
            if same_value(earlier.value, reported.value):
                message = f"was {reported.value} before, and is {reported.value} now"
                hint = "`was:` holds the number that stood here before; take it away if nothing changed"
                yield find(records, study, where, "replaced-by-itself", message, hint)
            wanted = REPLACING.get(earlier.by, ())
            source = records.sources.get(reported.source or study.source)
            if wanted and source is not None and not any(n.kind in wanted for n in source.notices):
                message = f"{earlier.by}: it replaced {_shown(earlier.value)}, but `{source.id}` carries no such notice"
                hint = f"add it under `notices:` in sources/{source.id}.yaml: {{kind: {earlier.by}, on: …, note: …}}"
                yield find(records, study, where, "replaced-without-notice", message, hint)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


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
