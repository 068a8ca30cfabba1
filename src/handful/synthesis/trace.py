"""From every number, sums included, back to its line, its source and the words that were read there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handful.base.errors import HandfulError
from handful.base.problems import did_you_mean
from handful.base.wording import count, plural
from handful.counts.rows import CaseCounts, CaseRow, CountRow, Origin
from handful.question.people_counted import UNKNOWN, YES, PeopleCounted
from handful.synthesis.synthesis import GroupAnswer, SetAnswer, Synthesis


@dataclass(frozen=True)
class Trace:
    """A number in words, where it came from, and the numbers it was made of."""

    what: str
    value: str
    how: str = ""
    origin: Origin | None = None
    parts: tuple[Trace, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The tree as indented lines."""
        pad = "  " * depth
        yield f"{pad}{self.what}: {self.value}" + (f"  ({self.how})" if self.how else "")
        if self.origin is not None:
            yield from (f"{pad}    {line}" for line in _origin_lines(self.origin))
        for part in self.parts:
            yield from part.lines(depth + 1)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain data."""
        body: dict[str, Any] = {"what": self.what, "value": self.value}
        if self.how:
            body["how"] = self.how
        if self.origin is not None:
            o = self.origin
            body["origin"] = {
                "file": o.place.file,
                "line": o.place.line,
                "source": o.source,
                "title": o.source_title,
                "seen": o.seen_words,
                "how": o.how,
                "at": o.at,
                "quote": o.quote,
                "derived": o.derived,
                "from": list(o.from_sources),
                "percent": o.percent,
                "percent_of": o.percent_of,
                "note": o.note,
            }
        if self.parts:
            body["parts"] = [part.to_dict() for part in self.parts]
        return body


def trace(
    answer: Synthesis, study: str | None = None, *, group: str | None = None, outcome: str | None = None
) -> Trace:
    """The numbers of an answer and where each was read.

    ``study``, ``group`` (``overall`` is the sum) and ``outcome`` (an outcome's id, another word's id, or ``cases``,
    ``harms``, ``alternatives``) narrow it down.

    Raises:
        HandfulError: when nothing of that name is in the answer, with the nearest that is.
    """
    _known(answer, study, group, outcome)
    parts: list[Trace] = []
    for index, answered in enumerate(answer.sets):
        if outcome is None or outcome in _names(answered, answer, main=index == 0):
            parts.extend(_set_parts(answered, study, group))
    cases = answer.counts.cases
    if cases is not None and group is None and outcome in (None, "cases", "case-reports"):
        part = _cases(cases, study)
        if part is not None:
            parts.append(part)
    if group is None:
        for name, rows in (("harms", answer.harms), ("alternatives", answer.alternatives)):
            chosen = [r.row for r in rows if study in (None, r.row.study) and outcome in (None, name, r.row.outcome)]
            if chosen and (outcome is not None or study is not None):
                parts.append(Trace(name, plural(len(chosen), "count"), parts=tuple(_row(row) for row in chosen)))
    return Trace(answer.question.title, plural(len(parts), "number"), parts=tuple(parts))


def _names(answered: SetAnswer, answer: Synthesis, *, main: bool) -> set[str]:
    asked = answer.question.outcome if main else next(o for o in answer.question.also if o.id == answered.id)
    names = {answered.id, asked.name, *(a.outcome for a in asked.accepts)}
    return names | {"main"} if main else names


def _known(answer: Synthesis, study: str | None, group: str | None, outcome: str | None) -> None:
    studies = {row.study for s in answer.sets for row in (*s.overall.count.rows, *s.overall.count.not_countable)}
    studies |= {r.row.study for r in (*answer.harms, *answer.alternatives)}
    studies |= {row.study for row in answer.counts.cases.rows} if answer.counts.cases else set()
    groups = {*answer.question.groups, "overall"}
    outcomes = {"cases", "case-reports", "harms", "alternatives"}
    for index, answered in enumerate(answer.sets):
        outcomes |= _names(answered, answer, main=index == 0)
    outcomes |= {r.row.outcome for r in (*answer.harms, *answer.alternatives)}
    for kind, given, known in (("study", study, studies), ("group", group, groups), ("outcome", outcome, outcomes)):
        if given is not None and given not in known:
            raise HandfulError(f"there is no {kind} `{given}` in this answer", hint=did_you_mean(given, known))


def _set_parts(answered: SetAnswer, study: str | None, group: str | None) -> Iterator[Trace]:
    for answer in (*answered.groups, answered.overall):
        if group is not None and group != answer.id:
            continue
        rows = [row for row in (*answer.count.rows, *answer.count.not_countable) if study in (None, row.study)]
        if study is not None and not rows:
            continue
        yield _group(answered, answer, rows, whole=study is None)


def _group(answered: SetAnswer, answer: GroupAnswer, rows: list[CountRow], *, whole: bool) -> Trace:
    what = f"{answer.count.name}, {answered.name}"
    if not answer.count.rows:
        return Trace(what, "nobody counted", parts=tuple(_row(row) for row in rows))
    value = count(answer.count.events, answer.count.total)
    how = ""
    if len(answer.count.rows) > 1:
        sums = [(r.events.value, r.total.value) for r in answer.count.rows if r.events and r.total]
        events, totals = zip(*sums, strict=True)
        how = f"added up: {' + '.join(map(str, events))} of {' + '.join(map(str, totals))}"
        how += "" if whole else "; only the named study is shown"
    return Trace(what, value, how, parts=tuple(_row(row) for row in rows))


def _row(row: CountRow) -> Trace:
    parts = []
    if row.events is not None:
        parts.append(Trace("people with the outcome", str(row.events.value), origin=row.events.origin))
    if row.counted_from is not None:
        parts.append(_people_of(row.counted_from))
    if row.percent is not None:
        parts.append(
            Trace(
                "percentage as printed",
                f"{row.percent.text} %",
                "modelled" if row.percent.modelled else "",
                row.percent.origin,
            )
        )
    if row.total is not None:
        parts.append(Trace("people", str(row.total.value), row.total.kind_words, row.total.origin))
    if row.events is not None and row.total is not None:
        value = count(row.events.value, row.total.value)
    elif row.events is not None:
        value = f"{row.events.value}, number of people not reported"
    else:
        value = f"{row.percent.text} % as printed" if row.percent else "not counted"
    own = [c for c in row.conflicts if c.about.study == row.study and c.about.arm == row.arm]
    for conflict in own:
        values = "; ".join(f"{_plain(v.value)} in {v.source}" for v in conflict.values)
        how = f"{values}; used: {_plain(conflict.used)}, because {conflict.because}"
        parts.append(Trace("conflict", conflict.title, how))
    others = [c.title for c in row.conflicts if c not in own]
    if others:
        parts.append(Trace("also disputed about this study", "; ".join(others)))
    return Trace(
        f"{row.study_short}, {row.arm_name}, “{row.outcome_name}”",
        value,
        row.time if row.time_reported else "time not reported",
        parts=tuple(parts),
    )


MOST_LINES = 60
"""Lines of patient rows are named one by one up to here."""


def _people_of(people: PeopleCounted) -> Trace:
    """The rows of the people with the outcome, and of those without a result."""

    def told(verdict: int) -> str:
        lines = [people.table.lines[i] for i in people.rows[people.verdicts == verdict].tolist()]
        more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        return f"lines {', '.join(map(str, lines[:MOST_LINES]))}{more}" if lines else "none"

    unknown = f"; without a result: {told(UNKNOWN)}" if people.without else ""
    return Trace("rows with the outcome", f"{told(YES)} of {people.table.file}{unknown}")


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _cases(cases: CaseCounts, study: str | None) -> Trace | None:
    rows = [row for row in cases.rows if study in (None, row.study)]
    if not rows:
        return None
    value = f"{cases.count} listed, {cases.improved} with {cases.name}"
    stated = f"; {cases.stated_improved} of the {cases.stated_count} with {cases.stated} stated" if cases.stated else ""
    return Trace("single case reports, listed apart", value + stated, parts=tuple(_case(row) for row in rows))


def _case(row: CaseRow) -> Trace:
    return Trace(f"{row.study_short}, person {row.person}", f"{row.outcome}: {row.response}", origin=row.origin)


def _origin_lines(origin: Origin) -> Iterator[str]:
    where = f" — {origin.at}" if origin.at else ""
    yield f"{origin.place}  ←  {origin.source_short} [{origin.source}]{where} ({origin.seen_words})"
    if origin.quote:
        yield f"“{origin.quote}”"
    if origin.derived:
        yield f"derived: {origin.derived} (from {', '.join(origin.from_sources)})"
    if origin.percent is not None:
        yield f"back-calculated from {origin.percent} % of {origin.percent_of}"
    if origin.known_fault:
        yield f"known fault of the source: {origin.known_fault}"
    if origin.note:
        yield f"note: {origin.note}"
