"""``sensitivity``: every other defensible answer to a question, and which choice moves the answer most."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, Protocol

from handful.base.digest import digest
from handful.base.errors import UnknownChoice
from handful.base.notes import Note
from handful.question.plan import Plan
from handful.question.question import Question
from handful.question.reach import within_reach
from handful.records.records import Records
from handful.stats.results import NotEstimable
from handful.synthesis.sensitivity_choices import NONE_OUT, Choices, group_name, in_group
from handful.synthesis.sensitivity_fits import Progress, fit_all
from handful.synthesis.sensitivity_grid import GroupGrid
from handful.synthesis.sensitivity_left_out import EACH
from handful.synthesis.sensitivity_models import ADDED, BAYES, own_model
from handful.synthesis.sensitivity_result import (
    OVERALL,
    ArmCounted,
    Dimension,
    GroupSensitivity,
    NotRun,
    Sensitivity,
)

MOST = 20_000
"""Combinations of choices that are run at most."""

INNER = ("model", "prior")

NOTHING_LEFT_OUT = Dimension("left-out", "which study is left out", ())

MANY_STUDIES = (
    f"more than {EACH} studies: in each group the {EACH} without which its rate moves furthest are left out, one at a "
    "time, with every other choice as planned"
)

KEPT = 32
_FOUND: dict[str, Sensitivity | NotEstimable] = {}
"""The last runs by the digest of all that went into them: a page, its table and the lock file ask for the same one."""


class OpenReview(Protocol):
    """What is asked of a review: its records, and its questions and ladders by id."""

    @property
    def records(self) -> Records: ...
    @property
    def questions(self) -> Mapping[str, Question]: ...
    @property
    def ladders(self) -> Mapping[str, Any]: ...


def sensitivity(
    review: OpenReview, question: Question | str, *, most: int = MOST, progress: Progress | None = None
) -> Sensitivity | NotEstimable:
    """Run every other defensible analysis of ``question`` (or its id) beside the plan's own, and say what moves it.

    Varied are the outcome definition (the question's other words, and each accepted definition alone where they mix),
    each value of a declared conflict (``bounds``: the people in dispute as non-responders and as responders, marked),
    the designs (a higher bar; single case reports added, labelled), the number of people a count is taken of, what
    becomes of people without a result, each study left out, the model and the prior of τ. ``plan.sensitivity`` of the
    question names fewer, or adds definitions, priors and a threshold. Identical inputs are one row, which says how many
    combinations it stands for.

    All choices are combined with all others while the product stays within ``most`` combinations; beyond that the
    dimensions that no longer fit are varied one at a time from the plan, and a note says so. Nothing is averaged over
    rows, and no p value is given to them together: they share their data.

    ``result.rows`` hold choices, counts, estimate and interval, the plan's own marked ``headline``;
    ``result.group(id)`` is one group, ``.moves`` how far each choice moves the estimate with the others held,
    ``.summary`` the one sentence, ``.to_frame()``, ``.to_dict()``, ``.to_csv()`` the table. ``NotEstimable`` when no
    choice counts anybody.

    References: Steegen et al. 2016 (10.1177/1745691616658637) and Simonsohn et al. 2020 (10.1038/s41562-020-0912-z)
    for running all of them and drawing them in one picture.

    >>> import handful as hf
    >>> review = hf.open_review("reviews/alopecia-areata")
    >>> every = hf.sensitivity(review, "dupilumab-totalis-universalis")
    >>> every.group("adults").summary
    """
    asked = _asked(review, question)
    threshold, where = _threshold(review, asked)
    records = within_reach(review.records, asked)
    key = digest(
        {
            "records": records.digest(),
            "question": asked.model_dump(mode="json", by_alias=True),
            "threshold": threshold,
            "most": most,
        }
    )
    if key not in _FOUND:
        if len(_FOUND) >= KEPT:
            _FOUND.pop(next(iter(_FOUND)))
        _FOUND[key] = _run(records, asked, most, (threshold, where), key, progress)
    return _FOUND[key]


def _run(
    records: Records,
    asked: Question,
    most: int,
    side: tuple[float | None, str],
    key: str,
    progress: Progress | None,
) -> Sensitivity | NotEstimable:
    threshold, where = side
    choices = Choices(records, asked)
    groups = (*asked.groups, OVERALL)
    dimensions, notes = _crossing(choices.dimensions, most)
    left_out = next((d for d in choices.dimensions if d.id == "left-out"), NOTHING_LEFT_OUT)
    ways = _ways(choices.dimensions)
    grids = {group: GroupGrid(group, asked.plan, dimensions) for group in groups}
    own = choices.arms({d.id: d.choices[0].id for d in dimensions if d.id not in INNER})
    planned = {group: _planned_way(in_group(own, group)[0], asked.plan, ways) for group in groups}
    for chosen in _combinations(dimensions):
        counted = choices.arms(chosen)
        one_of_many = chosen.get(left_out.id, NONE_OUT) != NONE_OUT and not left_out.crossed
        for group, grid in grids.items():
            grid.add(chosen, *in_group(counted, group), planned[group] if one_of_many else ways)
    fits = fit_all((w for grid in grids.values() for w in grid.wanted()), asked.plan, progress)
    made = []
    not_run: dict[tuple[str, str], int] = {(n.what, n.reason): n.combinations for n in choices.not_run}
    for group, grid in grids.items():
        rows, moves, nearest = grid.finish(in_group(own, group)[0], fits)
        made.append(GroupSensitivity(group, group_name(group), rows, moves, grid.combinations, threshold, nearest))
        for why, number in grid.left.items():
            not_run[why] = max(not_run.get(why, 0), number)
    if not any(group.rows for group in made):
        return NotEstimable("nobody is counted under any defensible choice")
    return Sensitivity(
        question=asked.id,
        title=asked.asks or asked.title,
        level=asked.plan.level,
        dimensions=dimensions,
        groups=tuple(made),
        not_run=tuple(NotRun(what, reason, number) for (what, reason), number in not_run.items()),
        threshold=threshold,
        threshold_from=where,
        digest=key,
        notes=notes,
    )


def _asked(review: OpenReview, question: Question | str) -> Question:
    if isinstance(question, Question):
        return question
    found = review.questions.get(question)
    if found is None:
        raise UnknownChoice("question", question, list(review.questions))
    return found


def _ways(dimensions: tuple[Dimension, ...]) -> list[tuple[str, str]]:
    """Model and prior together: only the Bayesian model has a prior."""
    models = next((d.choices for d in dimensions if d.id == "model"), ())
    priors = next((d.choices for d in dimensions if d.id == "prior"), ())
    names = [p.id for p in priors] or ["as-planned"]
    return [(m.id, p) for m in models for p in (names if m.id == BAYES else names[:1])] or [(ADDED, names[0])]


def _planned_way(arms: tuple[ArmCounted, ...], plan: Plan, ways: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The plan's own model and prior for a group, as the only way."""
    model = own_model(plan, len(arms), len({a.study for a in arms}), len({a.outcome for a in arms}))
    return [way for way in ways if way[0] == model][:1] or ways[:1]


def _crossing(dimensions: tuple[Dimension, ...], most: int) -> tuple[tuple[Dimension, ...], tuple[Note, ...]]:
    """Which dimensions are combined with all others: in their order, as long as the product stays within ``most``."""
    size = len(_ways(dimensions))
    made: list[Dimension] = []
    alone: list[str] = []
    notes: list[Note] = []
    for dimension in dimensions:
        if not dimension.crossed:
            made.append(dimension)
            notes.append(Note("studies-left-out-alone", MANY_STUDIES))
            continue
        crossed = dimension.id in INNER or size * len(dimension.choices) <= most
        if crossed and dimension.id not in INNER:
            size *= len(dimension.choices)
        if not crossed:
            alone.append(dimension.name)
        made.append(Dimension(dimension.id, dimension.name, dimension.choices, crossed))
    if alone:
        text = (
            f"all combinations would be more than {most}: {', '.join(alone)} are varied one at a time, "
            "with every other choice as planned"
        )
        notes.append(Note("not-all-combined", text))
    return tuple(made), tuple(notes)


def _combinations(dimensions: tuple[Dimension, ...]) -> list[dict[str, str]]:
    """Every combination of the choices outside model and prior, the plan's own first."""
    outer = [d for d in dimensions if d.id not in INNER]
    crossed = [[c.id for c in d.choices] if d.crossed else [d.choices[0].id] for d in outer]
    names = [d.id for d in outer]
    made = [dict(zip(names, values, strict=True)) for values in product(*crossed)]
    made += [made[0] | {d.id: choice.id} for d in outer if not d.crossed for choice in d.choices[1:]]
    return made


def _threshold(review: OpenReview, question: Question) -> tuple[float | None, str]:
    """The rate on whose sides the analyses are counted: the plan's, else the ladder's first that names one."""
    own = question.plan.sensitivity.threshold if question.plan.sensitivity else None
    if own is not None:
        return own, "the plan"
    ladder = review.ladders.get(question.ladder) if question.ladder else None
    for rung in getattr(ladder, "rungs", ()):
        if rung.rate_at_least is not None:
            return float(rung.rate_at_least), f"the ladder's {rung.line} line"
    return None, ""
