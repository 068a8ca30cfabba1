"""How sure one would be of a group's answer if its counts were these: the grading run on exactly these counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from handful.certainty.certainty import GradedRow
from handful.certainty.grade import grade
from handful.counts.rows import CountRow, GroupCount, Total, Traced
from handful.position.ladder import About
from handful.position.place import GroupCertainty
from handful.position.rate import Pair, Rate, rate_of
from handful.question.plan import Plan
from handful.records.judgement import Judgement
from handful.records.records import Records
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Interval, NotEstimable
from handful.synthesis.synthesis import GroupAnswer, RowAnswer, Synthesis


def certainty_of(answer: Synthesis, judgements: Mapping[str, Judgement]) -> GroupCertainty:
    """The graded level of a group, for the counts it has and for any it might have.

    A further count is graded as one of the same kind as the last: same design, same definition. Judgements that name
    one of the question's groups hold for a band with exactly that group's counts.
    """

    found: dict[object, GradedRow] = {}

    def of(_group: str, rows: Sequence[CountRow], counts: Sequence[Pair], about: About) -> str | None:
        if not rows:
            return None
        key = (tuple(row.place for row in rows), tuple(counts))
        if key not in found:
            group = _same_group(answer, rows)
            made = _answer(answer, group, _with_counts(tuple(rows), counts), counts)
            found[key] = grade(made, judgements).row("main", group)
        return (found[key].rate if about == "rate" else found[key].certainty).level

    return of


def _same_group(answer: Synthesis, rows: Sequence[CountRow]) -> str:
    """The question's own group with exactly these rows; else a name that no judgement knows."""
    here = {row.place for row in rows}
    for group in (*answer.main.groups, answer.main.overall):
        if {row.place for row in group.count.rows} == here:
            return group.id
    return "band"


def _with_counts(rows: tuple[CountRow, ...], counts: Sequence[Pair]) -> tuple[CountRow, ...]:
    """The rows with these counts; a count beyond them stands in a copy of the last row as a study of its own."""
    made = []
    for index, (events, total) in enumerate(counts):
        row = rows[min(index, len(rows) - 1)]
        assert row.events is not None
        assert row.total is not None
        changed = replace(
            row,
            events=Traced(events, row.events.origin),
            total=Total(total, row.total.origin, row.total.kind, row.total.kind_words),
        )
        made.append(
            changed if index < len(rows) else replace(changed, study=further(row.study), study_short="a further study")
        )
    return tuple(made)


def further(study: str) -> str:
    """What a further study of the kind of that one is called."""
    return f"further-{study}"


def _with_further(records: Records, rows: tuple[CountRow, ...]) -> Records:
    """The records with the further study among them, so that its design and its arms are known."""
    studies = dict(records.studies)
    for study in list(records.studies.values()):
        if any(row.study == further(study.id) for row in rows):
            studies[further(study.id)] = study.model_copy(update={"id": further(study.id)})
    return replace(records, studies=studies)


def _interval(events: int, total: int, plan: Plan) -> Interval | NotEstimable:
    return _limits(events, total, plan.interval, plan.level)


@lru_cache(maxsize=4096)
def _limits(events: int, total: int, method: str, level: float) -> Interval | NotEstimable:
    return proportion(events, total, method=method, level=level)


def _answer(answer: Synthesis, group: str, rows: tuple[CountRow, ...], counts: Sequence[Pair]) -> Synthesis:
    """The answer as if the group's counts were these, with nothing else in it."""
    plan = answer.plan
    counted = GroupCount(group, group, rows)
    found = _interval(counted.events, counted.total, plan)
    none = NotEstimable("not asked")
    counts_of = replace(answer.counts, records=_with_further(answer.counts.records, rows))
    one = GroupAnswer(
        count=counted,
        rows=tuple(RowAnswer(row, _interval(x, n, plan)) for row, (x, n) in zip(rows, counts, strict=True)),
        interval=found,
        likelihood=none,
        posterior=none,
    )
    if one.pooled_headline and plan.thresholds is not None:  # else nothing is read from the pooled rate
        rate = rate_of(counts, plan)
        if isinstance(rate, Rate) and rate.fit is not None:
            one = replace(one, posterior=rate.fit)
    groups = () if group == "overall" else (one,)
    overall = one if group == "overall" else replace(one, count=replace(counted, id="overall"))
    return replace(
        answer,
        counts=counts_of,
        main=replace(answer.main, groups=groups, overall=overall, comparisons=()),
        also=(),
        harms=(),
    )
