"""Times: no negative weeks, no span that ends before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from handful.base.problems import Problem
from handful.records.checks.finding import Finding, parts
from handful.records.records import Records
from handful.records.study import Study, When


def check_timing(records: Records, study: Study) -> Iterator[Finding]:
    """Time points and spans of outcomes, harms and scores."""
    for part, path in parts(study):
        if not isinstance(part, When):
            continue
        for name in ("weeks", "from_weeks", "to_weeks"):
            value = getattr(part, name)
            if value is not None and value < 0:
                place = records.place(study.id, (*path, name))
                message = f"{name} is {value:g}; times are weeks after the start of treatment"
                yield Finding(
                    Problem(place.file, place.line, "negative-weeks", message, "write 0 for the start of treatment")
                )
        if part.from_weeks is not None and part.to_weeks is not None and part.from_weeks > part.to_weeks:
            place = records.place(study.id, (*path, "from_weeks"))
            message = f"the span ends ({part.to_weeks:g} weeks) before it begins ({part.from_weeks:g} weeks)"
            hint = "exchange `from_weeks:` and `to_weeks:`"
            yield Finding(Problem(place.file, place.line, "span-reversed", message, hint))
