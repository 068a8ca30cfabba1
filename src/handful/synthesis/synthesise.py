"""Counts + plan → Synthesis: exact intervals, groups side by side, pooled rates where there is something to pool."""

from __future__ import annotations

from itertools import combinations

from handful.base.digest import digest
from handful.base.errors import InputError
from handful.base.notes import Note
from handful.counts.rows import CountRow, Counts, CountSet, GroupCount
from handful.question.plan import Plan
from handful.question.reach import within_reach
from handful.stats.evidence import one_arm
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Fit, Interval, NotEstimable
from handful.stats.two_groups.two_by_two import TwoGroups, two_groups
from handful.synthesis.missing_people import adjusted_interval, pool_adjusted, with_nobody_missing
from handful.synthesis.plan_priors import plan_priors
from handful.synthesis.pool import pool
from handful.synthesis.posteriors import NO_RATE, group_posteriors, planned_borrowing
from handful.synthesis.synthesis import FEWEST_FOR_A_HEADLINE, Comparison, GroupAnswer, RowAnswer, SetAnswer, Synthesis


def synthesise(counts: Counts, plan: Plan | None = None) -> Synthesis:
    """The answer to the question of ``counts`` under ``plan`` (the question's own when none is given)."""
    chosen = plan or counts.question.plan
    main = _answer_set(counts.main, chosen)
    return Synthesis(
        question=counts.question,
        plan=chosen,
        counts=counts,
        main=main,
        also=tuple(_answer_set(other, chosen, pooled=False) for other in counts.also),
        alternatives=tuple(row_answer(row, chosen) for row in counts.alternatives),
        harms=tuple(row_answer(row, chosen) for row in counts.harms),
        courses=tuple(row_answer(row, chosen) for row in counts.courses),
        notes=_notes(counts, main),
        digest=input_digest(counts, chosen),
        posteriors=group_posteriors(main, chosen),
        borrowing=planned_borrowing(main, chosen),
    )


def input_digest(counts: Counts, plan: Plan) -> str:
    """One hash of what an answer is computed from: the records in reach of the question, the question and the plan."""
    return digest(
        {
            "records": within_reach(counts.records, counts.question).digest(),
            "question": counts.question.model_dump(mode="json", by_alias=True),
            "plan": plan.model_dump(mode="json", by_alias=True),
        }
    )


def _answer_set(counted: CountSet, plan: Plan, *, pooled: bool = True) -> SetAnswer:
    groups = tuple(_group(group, plan, pooled=pooled) for group in counted.groups)
    filled = [group.count for group in groups if group.count.total > 0]
    return SetAnswer(
        id=counted.id,
        name=counted.name,
        groups=groups,
        overall=_group(counted.overall, plan, pooled=pooled),
        comparisons=tuple(_compare(a, b, plan) for a, b in combinations(filled, 2)),
    )


def _group(group: GroupCount, plan: Plan, *, pooled: bool) -> GroupAnswer:
    likelihood, posterior = _pool(group, plan) if pooled else (NOT_ASKED, NOT_ASKED)
    return GroupAnswer(
        count=group,
        rows=tuple(row_answer(row, plan) for row in (*group.rows, *group.not_countable)),
        interval=_group_interval(group, plan) if group.rows else NotEstimable("nobody was counted"),
        likelihood=likelihood,
        posterior=posterior,
    )


NOT_ASKED = NotEstimable("other outcome words are listed, not pooled")


def _interval(events: int, total: int, plan: Plan) -> Interval | NotEstimable:
    return proportion(events, total, method=plan.interval, level=plan.level)


def row_answer(row: CountRow, plan: Plan) -> RowAnswer:
    """The row's own interval, or why it has none."""
    if row.design in NO_RATE:
        return RowAnswer(row, NotEstimable(NO_RATE[row.design]))
    if row.events is None:
        return RowAnswer(row, NotEstimable("only a percentage was printed; the count behind it is not known"))
    if row.total is None:
        return RowAnswer(row, NotEstimable("the number of people was not reported"))
    if row.adjusted is not None:
        return RowAnswer(row, adjusted_interval((row.adjusted,), plan))
    return RowAnswer(row, _interval(row.events.value, row.total.value, plan))


def _group_interval(group: GroupCount, plan: Plan) -> Interval | NotEstimable:
    """Of the counts added up; with the missing counted in by an odds ratio where the plan says so."""
    if not any(row.adjusted for row in group.rows):
        return _interval(group.events, group.total, plan)
    return adjusted_interval(tuple(made for row in group.rows if (made := with_nobody_missing(row)) is not None), plan)


def _compare(first: GroupCount, second: GroupCount, plan: Plan) -> Comparison:
    table = two_groups(first.events, first.total, second.events, second.total)
    return Comparison(
        first=first.id,
        second=second.id,
        difference=table.risk_difference(method=plan.difference, level=plan.level),
        p_value=_p_value(table, plan.test),
        test=plan.test,
        greater=table.probability_greater(prior=plan.greater),
        greater_prior=plan.greater,
        difference_p=table.p_value(test="score"),
    )


def _p_value(table: TwoGroups, test: str) -> float | NotEstimable:
    """Of the plan's test; of more people than an exact test can go through there is none, and the answer says so."""
    try:
        found: float | NotEstimable = table.p_value(test=test)
    except InputError as error:
        return NotEstimable(f"no p of the {test} test: {error.message}")
    return found


def _pool(group: GroupCount, plan: Plan) -> tuple[Fit | NotEstimable, Fit | NotEstimable]:
    """The pooled rate by likelihood and as a posterior; both need two studies."""
    if len(group.rows) < 2:
        none = NotEstimable("one study: nothing to pool" if group.rows else "no study: nothing to pool")
        return none, none
    if any(row.adjusted for row in group.rows):
        return pool_adjusted(group, plan, plan_priors(plan))
    evidence = one_arm(
        [row.events.value for row in group.rows if row.events],
        [row.total.value for row in group.rows if row.total],
        labels=[f"{row.study_short}, {row.arm_name}" for row in group.rows],
    )
    model = plan.model if plan.model in ("beta-binomial", "common-effect") else "binomial-normal"
    likelihood = pool(evidence, model=model, level=plan.level)
    posterior = pool(evidence, model="bayes", level=plan.level, priors=plan_priors(plan))
    return likelihood, posterior


def _notes(counts: Counts, main: SetAnswer) -> tuple[Note, ...]:
    """Caveats of the whole answer."""
    notes = []
    overall = main.overall.count
    if overall.rows and not {row.design for row in overall.rows} & {"randomised", "non-randomised"}:
        text = "No study had a comparison group, so what would have happened without treatment is not known."
        notes.append(Note("no-comparison-group", text))
    if main.overall.mixes_definitions:
        names = ", ".join(f"“{counts.records.definition(d).name}”" for d in overall.definitions)
        notes.append(Note("mixed-definitions", f"The sum mixes definitions: {names}."))
    if any(not row.time_reported for row in overall.rows):
        notes.append(Note("time-not-reported", "For some counts the time of assessment was not reported."))
    if 0 < len(overall.studies) < FEWEST_FOR_A_HEADLINE:
        text = "Fewer than three studies: they are listed and added up; no pooled rate is stated."
        notes.append(Note("few-studies", text))
    notes.extend(
        Note("missing-assumed", row.unaccounted.words, f"{row.study_short}, {row.arm_name}")
        for row in overall.rows
        if row.unaccounted is not None and row.unaccounted.rule != "as-reported"
    )
    missing = "not added: the count or the number of people is not known"
    notes.extend(Note("not-countable", missing, f"{row.study_short}, {row.arm_name}") for row in overall.not_countable)
    return tuple(notes)
