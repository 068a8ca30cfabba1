"""Which studies are left out one at a time: each of up to 24; of more, those whose absence moves the answer most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from handful.question.plan import Plan
from handful.stats.bayes.average_without import average_rate_without
from handful.synthesis.sensitivity_models import ADDED, OWN, own_model, priors_of
from handful.synthesis.sensitivity_result import ArmCounted

EACH = 24
"""Up to so many studies each is left out under every other choice. Of more, so many a group are, as planned otherwise.

Every study's absence is computed to find them. With hundreds of studies a row for each would be a table of the square
of their number that says, nearly always, that one study among hundreds moves nothing.
"""


def movers(groups: Iterable[tuple[str, tuple[ArmCounted, ...]]], plan: Plan) -> tuple[str, ...]:
    """For each group its studies, or of more than ``EACH`` those without which its planned rate moves furthest."""
    found: set[str] = set()
    for _, arms in groups:
        counted = tuple(arm for arm in arms if not arm.case_report)
        studies = sorted({arm.study for arm in counted})
        if len(studies) > EACH:
            far = _moves(counted, studies, plan)
            studies = sorted(studies, key=lambda study, far=far: (-far[study], study))[:EACH]  # type: ignore[misc]
        found |= set(studies)
    return tuple(sorted(found))


def _moves(arms: tuple[ArmCounted, ...], studies: list[str], plan: Plan) -> Mapping[str, float]:
    """How far the group's rate moves without each study: added up, or pooled with the plan's prior."""
    arms = tuple(arm for arm in arms if arm.total > 0)
    x, n = np.array([a.events for a in arms]), np.array([a.total for a in arms])
    rows: dict[str, list[int]] = {study: [] for study in studies}
    for i, arm in enumerate(arms):
        rows[arm.study].append(i)
    without = [rows[study] for study in studies]
    if own_model(plan, len(arms), len(studies), len({a.outcome for a in arms})) != ADDED:
        mean, tau = priors_of(plan, OWN)
        many, covered = average_rate_without(x, n, [(), *without], mean_prior=mean, tau_prior=tau, level=plan.level)
        if covered[0]:  # a study that was most of the evidence leaves the grid: nothing moves the rate further
            gaps = np.where(covered[1:], np.abs(many.estimate[1:] - many.estimate[0]), np.inf)
            return dict(zip(studies, map(float, gaps), strict=True))
    events, people = float(x.sum()), float(n.sum())
    away = [abs(events / people - (events - x[r].sum()) / max(people - n[r].sum(), 1.0)) for r in without]
    return dict(zip(studies, map(float, away), strict=True))
