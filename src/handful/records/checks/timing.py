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


def check_rows_timing(records: Records) -> Iterator[Finding]:
    """Weeks and ages of patient rows."""
    for study, people in records.people.items():
        file = f"studies/{study}.patients.csv"
        for person, line in zip(people, records.person_lines.get(study, ()), strict=False):
            if isinstance(person.weeks, float | int) and person.weeks < 0:
                message = f"column `weeks` is {person.weeks:g}; times are weeks after the start of treatment"
                hint = "write 0 for the start of treatment"
                yield Finding(Problem(file, line, "negative-weeks", message, hint))
            if isinstance(person.age_years, float | int) and not 0 <= person.age_years <= 130:
                message = f"column `age_years` is {person.age_years:g}"
                yield Finding(Problem(file, line, "impossible-age", message, "an age in years lies between 0 and 130"))
